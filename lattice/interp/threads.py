"""Process an image in bands of rows, on threads that all images share."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from functools import cache
from math import ceil
from pathlib import Path

from lattice.cpu_time import counted

BAND = 1 << 15  # pixels per band at least: with fewer, starting a thread costs more than it gains
BANDS_A_THREAD = 4  # so that a delayed thread leaves its bands to the others


def cores() -> int:
    """Return how many cores this process may use: those that it is bound to, and no more than its control group has
    time of."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(bound, _quota() or bound)


@cache
def _quota(root: Path = Path("/sys/fs/cgroup"), told: Path = Path("/proc/self/cgroup")) -> int | None:
    """Return the cores' worth of time that this process's control group and its parents allow, rounded up; None: any.
    It is read once.

    Source: Linux, Documentation/admin-guide/cgroup-v2.rst, cpu.max; scheduler/sched-bwc.rst, cpu.cfs_quota_us.
    """
    found: list[float] = []
    with suppress(OSError):
        for line in told.read_text().splitlines():
            number, _, rest = line.partition(":")
            controllers, _, path = rest.partition(":")
            if number == "0" or "cpu" in controllers.split(","):
                inside = Path(path.lstrip("/"))
                top = root / "cpu" if controllers else root
                found += [share for group in (inside, *inside.parents) for share in _share_of(top / group)]
    return max(1, ceil(min(found))) if found else None


def _share_of(group: Path) -> list[float]:
    """Return the cores' worth of time of one control group, of either version of Linux's; nothing for any."""
    with suppress(OSError, ValueError):
        quota, period = (group / "cpu.max").read_text().split()
        return [int(quota) / int(period)]
    with suppress(OSError, ValueError):
        quota, period = ((group / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
        return [int(quota) / int(period)] if int(quota) > 0 else []
    return []


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="lattice")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)  # a forked child has no threads of its parent


def in_bands(work: Callable[[slice], None], height: int, width: int, threads: int) -> None:
    """Call `work` with slices of rows, in this thread and others, so that each row of an image is processed once.

    height, width: of the image, pixels. threads: most threads at a time, this one included; fewer if the system starts
    no more; their CPU seconds count to this one's, as `cpu_seconds` has them. Returns, or raises an interrupt or the
    exception of `work`, only when all other threads have stopped.
    """
    bands = max(1, min(threads * BANDS_A_THREAD if threads > 1 else 1, height, height * width // BAND))
    left = deque(slice(height * i // bands, height * (i + 1) // bands) for i in range(bands))
    others: list[Future[None]] = []
    with counted() as helpers:
        try:
            with suppress(RuntimeError):  # no thread starts: the interpreter exits, or the system has no more
                for _ in range(min(threads, bands) - 1):
                    others.append(_pool().submit(helpers.counting(_take), left, work))
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
