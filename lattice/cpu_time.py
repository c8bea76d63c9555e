"""CPU seconds of work that several threads do, in the thread that asked for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class _Account(threading.local):
    """CPU seconds that other threads worked for this one."""

    seconds = 0.0


_OTHERS = _Account()


def cpu_seconds() -> float:
    """Return the CPU seconds of this thread, and those of other threads whose work for it was `counted`; only the
    difference of two calls in one thread means anything."""
    return time.thread_time() + _OTHERS.seconds


class Helpers:
    """The threads that work for one that waits for them.

    `counting` returns a function for such a thread to call instead of `work`: what it takes counts.
    """

    def __init__(self) -> None:
        self.taken: list[float] = []  # CPU seconds of each call; lists take items of several threads

    def counting(self, work: Callable[P, T]) -> Callable[P, T]:
        """Return `work`, counted, also what others do for it, and if it raises."""

        def counted_work(*args: P.args, **named: P.kwargs) -> T:
            start = cpu_seconds()
            try:
                return work(*args, **named)
            finally:
                self.taken.append(cpu_seconds() - start)

        return counted_work


@contextmanager
def counted() -> Iterator[Helpers]:
    """Yield the helpers of this thread; when the block ends, and they must have ended by then, `cpu_seconds` has what
    they took."""
    helpers = Helpers()
    try:
        yield helpers
    finally:
        _OTHERS.seconds += sum(helpers.taken)
