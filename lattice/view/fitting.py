"""Fits of edited looks, in a process of their own: the newest of a page counts, and an older one is killed."""

from __future__ import annotations

import os
import pickle
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from threading import RLock, Thread
from typing import Any

from lattice.looks import Profile
from lattice.types import LatticeError, SDevData
from lattice.view.fit_server import NUMBER_BYTES

MOST_FITS = 2  # at once, of different pages; more wait
# One thread in each, since a fit is made with one, and a process without threads forks well.
SINGLE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
ENDED = "fit: the process that fits ended; the next change starts it again"
Found = SDevData | LatticeError | None


@dataclass(eq=False)
class _Fit:
    """One look that is fitted, or waits for it, and the pages that want it."""

    number: int
    key: str
    profile: Profile
    pages: set[str] = field(default_factory=set)
    result: Future[Found] = field(default_factory=Future)
    server: _Server | None = None  # that runs it


class Fitter:
    """Fits looks for several pages; threads may share it. The process starts at once and warms up meanwhile.

    Fitted looks are kept as those of `lattice.load` are, so that none is fitted twice.
    """

    def __init__(self, most: int = MOST_FITS) -> None:
        self._most = most
        self._lock = RLock()
        self._numbers = count()
        self._fits: dict[int, _Fit] = {}  # in the order of the requests
        self._closed = False
        self._server = _Server(self._finish, self._lose)

    def fit(self, profile: Profile, page: str) -> SDevData | None:
        """Return the fitted SDev of a profile; None if the page asked for another one meanwhile, or after `close`.

        page: any text by which a page is known. Requests for the same profile share one fit.
        Raises LatticeError if the profile cannot be built, or the process ends.
        """
        fit = self._asked(profile, page)
        found = None if fit is None else fit.result.result()
        if fit is None or page not in fit.pages or found is None:
            return None
        if isinstance(found, LatticeError):
            raise LatticeError(str(found))
        return found

    def start(self, profile: Profile, page: str) -> Future[SDevData | LatticeError | None]:
        """Start a fit and return at once: the SDev will be in the Future, or the LatticeError of why there is none, or
        None if no page wants it any more, as `fit` says. The Future cannot be cancelled: ask for another one."""
        fit = self._asked(profile, page)
        if fit is not None:
            return fit.result
        closed: Future[Found] = Future()
        closed.set_result(None)
        return closed

    def _asked(self, profile: Profile, page: str) -> _Fit | None:
        """Return the fit of a profile, started or waiting; None after `close`."""
        key = profile.model_dump_json()
        with self._lock:
            self._leave(page, key)
            if self._closed:
                return None
            fit = next((each for each in self._fits.values() if each.key == key), None)
            if fit is None:
                fit = _Fit(next(self._numbers), key, profile)
                self._fits[fit.number] = fit
            fit.pages.add(page)
            self._start()
            return fit

    def close(self) -> None:
        """End the process and whatever it fits; what waits for a fit gets None."""
        with self._lock:
            self._closed = True
            for number in list(self._fits):
                self._finish(number, None)
        self._server.end()

    def _leave(self, page: str, key: str) -> None:
        """Take a page from the fits that it no longer wants, and end those that nobody wants."""
        for fit in list(self._fits.values()):
            if fit.key != key:
                fit.pages.discard(page)
            if not fit.pages:
                if fit.server is not None:
                    fit.server.order(fit.number, None)
                self._finish(fit.number, None)

    def _start(self) -> None:
        """Order the fits that wait, as many as may run."""
        waiting = [fit for fit in self._fits.values() if fit.server is None]
        for fit in waiting[: max(0, self._most + len(waiting) - len(self._fits))]:
            if self._server.has_ended:
                self._server = _Server(self._finish, self._lose)
            fit.server = self._server
            fit.server.order(fit.number, fit.profile)

    def _finish(self, number: int, found: Found) -> None:
        with self._lock:
            if (fit := self._fits.pop(number, None)) is not None:
                fit.result.set_result(found)
            if not self._closed:
                self._start()

    def _lose(self, server: _Server) -> None:
        """Tell all that wait for a process that it has ended."""
        with self._lock:
            lost = [fit for fit in self._fits.values() if fit.server is server]
            for fit in lost:
                del self._fits[fit.number]
                fit.result.set_result(LatticeError(ENDED))
            if not self._closed:
                self._start()


class _Server:
    """The process that fits, and two threads that talk with it, so that nobody else waits for it."""

    def __init__(self, on_result: Callable[[int, Found], None], on_end: Callable[[_Server], None]) -> None:
        """on_result: called with the number of an order and its result. on_end: called with this, once it has ended."""
        self.has_ended = False
        self._on_result, self._on_end = on_result, on_end
        self._orders: SimpleQueue[Any] = SimpleQueue()
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = _started(theirs.fileno())
        self._connection = Connection(os.dup(self._socket.fileno()))
        self._threads = [Thread(target=each, name="lattice-fits", daemon=True) for each in (self._tell, self._hear)]
        for thread in self._threads:
            thread.start()

    def order(self, number: int, profile: Profile | None) -> None:
        """Start a fit under a number, or end it: None."""
        self._orders.put((number, profile))

    def end(self) -> None:
        """End the process and its forks at once, whatever they do: they are a group of processes of their own."""
        self.has_ended = True
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._orders.put(None)
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _tell(self) -> None:
        with suppress(OSError):
            for order in iter(self._orders.get, None):
                self._connection.send(order)

    def _hear(self) -> None:
        with suppress(EOFError, OSError):
            while True:
                data = self._connection.recv_bytes()
                self._on_result(int.from_bytes(data[:NUMBER_BYTES], "little"), pickle.loads(data[NUMBER_BYTES:]))
        self.end()
        self._on_end(self)
        self._threads[0].join()
        self._connection.close()
        self._socket.close()


def _started(descriptor: int) -> subprocess.Popen[bytes]:
    """Start the process with its end of the socket, in a session of its own, which no Ctrl-C reaches."""
    paths = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "lattice.view.fit_server", str(descriptor)],
        pass_fds=(descriptor,),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, **SINGLE, "PYTHONPATH": os.pathsep.join(path for path in paths if path)},
    )
