"""A picture in bands over the threads that all pictures share."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from functools import cache

BAND = 1 << 15  # pixels, at least: below it, starting a thread costs more than it brings
BANDS_A_THREAD = 4  # so that a thread that was held up leaves the rest to the others


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="lattice")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)  # a child has none of its parent's threads


def in_bands(work: Callable[[slice], None], height: int, width: int, threads: int) -> None:
    """Call `work` on every row of a picture once, a slice of rows at a time, from this thread and others.

    threads: how many work at a time at most, this one included; fewer where the system gives no more. Returns, or
    raises what `work` raised or an interrupt, only when no other works any more.
    """
    bands = max(1, min(threads * BANDS_A_THREAD if threads > 1 else 1, height, height * width // BAND))
    left = deque(slice(height * i // bands, height * (i + 1) // bands) for i in range(bands))
    others: list[Future[None]] = []
    try:
        with suppress(RuntimeError):  # no thread to be had: the interpreter is ending, or the system is full
            for _ in range(min(threads, bands) - 1):
                others.append(_pool().submit(_take, left, work))
        _take(left, work)
    finally:
        left.clear()  # after an interrupt the others take no more
        started = [other for other in others if not other.cancel()]
        _wait(started)
    for other in started:
        other.result()


def _take(left: deque[slice], work: Callable[[slice], None]) -> None:
    while left:
        try:
            rows = left.popleft()
        except IndexError:  # another took the last one
            return
        work(rows)


def _wait(others: list[Future[None]]) -> None:
    try:
        wait(others)
    except BaseException:  # an interrupt: they still write into the picture
        _wait(others)
        raise
