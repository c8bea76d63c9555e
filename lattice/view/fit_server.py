"""The process that fits: one that has imported everything, and a fork of it for each fit, which can be killed at once.

`python -m lattice.view.fit_server FD`: the file descriptor is a socket that `lattice.view.fitting` holds the other end
of. The process ends, and its forks with it, when that end closes, however the other process ends.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from multiprocessing.connection import Connection, Pipe, wait
from typing import NoReturn

from lattice.build.device import build_device
from lattice.errors import LatticeError, one_line
from lattice.looks import Profile, load_profile
from lattice.sdev import SDev
from lattice.sdev.load import load_built

NUMBER_BYTES = 8  # of a fit's number, before its result
LESS_URGENT = 5  # niceness: the hand that moves again comes first


class _Forks:
    """The fits that run, by number."""

    def __init__(self, orders: Connection) -> None:
        self.orders = orders
        self.running: dict[int, tuple[int, Connection]] = {}  # process and the pipe of its result

    def start(self, number: int, profile: Profile) -> None:
        ours, theirs = Pipe(duplex=False)
        if (process := os.fork()) == 0:
            self.orders.close()
            _fit(profile, theirs)
        theirs.close()
        self.running[number] = (process, ours)

    def end(self, number: int, kill: bool = True) -> str:
        """Wait for a fit's process, killed before unless it has ended, and return how it ended."""
        process, pipe = self.running.pop(number)
        if kill:
            os.kill(process, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        pipe.close()
        return f"signal {-code}" if code < 0 else f"code {code}"

    def obey(self) -> None:
        """Take one order: a profile to fit, or None in its place, which ends the fit. Raises EOFError at the end."""
        number, profile = self.orders.recv()
        if profile is not None:
            self.start(number, profile)
        elif number in self.running:
            self.end(number)

    def deliver(self, number: int) -> None:
        """Send a result on as it came, or why there is none."""
        try:
            result = self.running[number][1].recv_bytes()
            self.end(number, kill=False)
        except EOFError:
            ended = self.end(number, kill=False)
            result = pickle.dumps(LatticeError(f"the process that fitted the look ended with {ended}; try again"))
        self.orders.send_bytes(number.to_bytes(NUMBER_BYTES, "little") + result)


def _fit(profile: Profile, results: Connection) -> NoReturn:
    """Send a profile's SDev, or the LatticeError of why there is none, and end the process whatever happens."""
    try:
        results.send_bytes(pickle.dumps(_result(profile)))
    finally:
        os._exit(0)


def _result(profile: Profile) -> SDev | LatticeError:
    try:
        return load_built(profile)
    except LatticeError as error:
        return error
    except Exception as error:
        return LatticeError(f"{profile.name}: the fit failed: {one_line(error)}")


def serve(orders: Connection) -> None:
    """Fit what is ordered until the other end closes."""
    forks = _Forks(orders)
    try:
        while True:
            pipes = {pipe: number for number, (_, pipe) in forks.running.items()}
            ready = wait([orders, *pipes])
            if orders in ready:
                forks.obey()
            else:
                forks.deliver(next(pipes[each] for each in ready if isinstance(each, Connection)))
    except (EOFError, ConnectionError):
        for number in list(forks.running):
            forks.end(number)


if __name__ == "__main__":
    os.nice(LESS_URGENT)
    with Connection(int(sys.argv[1])) as connection:
        build_device(load_profile("vision").replace(size=3), sampled=True)  # imports, lights, instruments, stocks
        serve(connection)
        os._exit(0)  # at once
