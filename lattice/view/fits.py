"""Fit lattices in a process of its own, which is killed when a newer look is to be fitted or nobody waits any more."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import NamedTuple

import numpy as np

from lattice.inspect.beside import Beside
from lattice.inspect.report import Difference
from lattice.inspect.scenes import colors
from lattice.looks import Profile
from lattice.sdev import SDev
from lattice.sdev.load import load_built
from lattice.types import LatticeError

ENDED = "the process that fits the lattice ended; the next change starts another"


class Fitted(NamedTuple):
    """A fitted SDev, and its CIEDE2000 to the exact chain on 30,000 natural colors."""

    sdev: SDev
    difference: Difference


class Fits:
    """One process that fits one profile at a time; it is started at once, so that its libraries are loaded."""

    def __init__(self) -> None:
        self._is_busy = False
        self._pipe, self._process = _started()

    def start(self, profile: Profile) -> None:
        """Fit a profile; a fit that is not done is given up."""
        if self._is_busy or self._process.poll() is not None:
            self.close()
            self._pipe, self._process = _started()
        with suppress(OSError):  # it ended just now; `found` says so
            self._pipe.send(profile)
        self._is_busy = True

    def found(self) -> Fitted | LatticeError | None:
        """Return the result of the last `start`, once; None if there is none yet. A profile that cannot be fitted gives
        its error."""
        if not self._is_busy or not self._pipe.poll():
            return None
        self._is_busy = False
        try:
            result: Fitted | LatticeError = self._pipe.recv()
        except (EOFError, OSError):
            return LatticeError(ENDED)
        return result

    def close(self) -> None:
        """End the process."""
        self._pipe.close()
        self._process.kill()
        self._process.wait()
        self._is_busy = False


def _started() -> tuple[Connection, subprocess.Popen[bytes]]:
    """Start the process in a session of its own, which a terminal's Ctrl-C does not reach, with our import path."""
    ours, theirs = Pipe()
    number = theirs.fileno()
    code = f"import sys; sys.path[:] = {sys.path!r}; from lattice.view.fits import answer; answer({number})"
    command = [sys.executable, "-P", "-c", code]
    process = subprocess.Popen(command, pass_fds=[number], start_new_session=True, stdin=subprocess.DEVNULL)
    theirs.close()
    return ours, process


def answer(number: int) -> None:
    """Answer each profile with its fit, until the other end is closed. number: the descriptor of this end."""
    pipe = Connection(number)
    with suppress(EOFError, OSError):
        while True:
            pipe.send(_fitted(pipe.recv()))


def _fitted(profile: Profile) -> Fitted | LatticeError:
    try:
        sdev = load_built(profile)
        beside, natural = Beside(profile, sdev), colors(profile)["natural"]
        found = beside.difference(beside.held(natural), beside.exact(natural))
    except LatticeError as error:
        return error
    return Fitted(sdev, Difference(float(found.mean()), float(np.percentile(found, 99)), float(found.max())))
