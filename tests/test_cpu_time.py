"""The CPU seconds of work that several threads do: all of it, once, and none of others' work."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

import pytest

from lattice.cpu_time import cpu_seconds
from lattice.files.exr.shares import side_by_side
from lattice.interp.threads import BAND, in_bands

SPENT = 0.05  # CPU seconds of a piece of work
PIECES = 8
ROWS = range(PIECES)
LOOSE = 0.02  # a piece: what starting threads and looking at the clock takes


def spend(_: object = None) -> None:
    end = time.thread_time() + SPENT
    while time.thread_time() < end:
        pass


def spent(work: Callable[[], object]) -> float:
    start = cpu_seconds()
    work()
    return cpu_seconds() - start


WAYS: dict[str, Callable[[Callable[[object], None], int], object]] = {
    "bands": lambda work, threads: in_bands(lambda rows: list(map(work, ROWS[rows])), PIECES, BAND, threads),
    "side by side": lambda work, threads: side_by_side(work, range(PIECES), threads),
}


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("way", WAYS)
def test_what_others_do_counts_once(way: str, threads: int) -> None:
    took = spent(partial(WAYS[way], spend, threads))
    assert PIECES * SPENT <= took < PIECES * (SPENT + LOOSE)


@pytest.mark.parametrize("way", WAYS)
def test_what_helpers_have_done_for_them_counts(way: str) -> None:
    took = spent(lambda: side_by_side(lambda _: WAYS[way](spend, 2), range(2), 2))
    assert 2 * PIECES * SPENT <= took < 2 * PIECES * (SPENT + LOOSE)


@pytest.mark.parametrize("way", WAYS)
def test_work_that_fails_counts(way: str) -> None:
    def fail(_: object) -> None:
        spend()
        raise ZeroDivisionError

    start = cpu_seconds()
    with pytest.raises(ZeroDivisionError):
        WAYS[way](fail, 3)
    assert SPENT <= cpu_seconds() - start < PIECES * (SPENT + LOOSE)


@pytest.mark.parametrize("way", WAYS)
def test_threads_beside_it_do_not_count(way: str) -> None:
    beside = threading.Thread(target=WAYS[way], args=(spend, 2))
    beside.start()
    assert spent(beside.join) < SPENT
