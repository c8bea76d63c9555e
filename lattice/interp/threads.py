"""Process an image in bands of rows, on threads that all images share."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from functools import cache

BAND = 1 << 15  # pixels per band at least: with fewer, starting a thread costs more than it gains
BANDS_A_THREAD = 4  # so that a delayed thread leaves its bands to the others


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="lattice")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)  # a forked child has no threads of its parent


def in_bands(work: Callable[[slice], None], height: int, width: int, threads: int) -> None:
    """Call `work` with slices of rows, in this thread and others, so that each row of an image is processed once.

    height, width: of the image, pixels. threads: most threads at a time, this one included; fewer if the system starts
    no more. Returns, or raises an interrupt or the exception of `work`, only when all other threads have stopped.
    """
    bands = max(1, min(threads * BANDS_A_THREAD if threads > 1 else 1, height, height * width // BAND))
    left = deque(slice(height * i // bands, height * (i + 1) // bands) for i in range(bands))
    others: list[Future[None]] = []
    try:
        with suppress(RuntimeError):  # no thread starts: the interpreter exits, or the system has no more
            for _ in range(min(threads, bands) - 1):
                others.append(_pool().submit(_take, left, work))
        _take(left, work)
    finally:
        left.clear()  # after an exception the others take no more bands
        started = [other for other in others if not other.cancel()]
        _wait(started)
    for other in started:
        other.result()


def _take(left: deque[slice], work: Callable[[slice], None]) -> None:
    while left:
        try:
            rows = left.popleft()
        except IndexError:  # another thread took the last band
            return
        work(rows)


def _wait(others: list[Future[None]]) -> None:
    try:
        wait(others)
    except BaseException:  # an interrupt: the others still write into the image
        _wait(others)
        raise
