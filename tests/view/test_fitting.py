"""Fits of edited looks: the newest of a page counts, pages leave each other alone, and no process is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

import lattice
from lattice.build.device import build_device
from lattice.looks import Profile, load_profile
from lattice.sdev.load import LOOKS
from lattice.types import LatticeError, SDevData
from lattice.view.fitting import Fitter

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="processes are counted in /proc"),
]
WAIT = 60.0  # seconds, on a busy machine
numbers = count()


def look(**changes: object) -> Profile:
    """A small look that no test has fitted."""
    return load_profile("vision").replace(size=3, flare=next(numbers) * 1e-5, **changes)


def children(process: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def server(fitter: Fitter) -> int:
    return fitter._server._process.pid


def until(is_so: Callable[[], object]) -> None:
    end = time.monotonic() + WAIT
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.005)


def is_gone(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def kept() -> int:
    return len(list(LOOKS._folder().glob("*.looks")))


@pytest.fixture(scope="module", autouse=True)
def _empty_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No look of an earlier run is found."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("fits")))
        yield


@pytest.fixture(scope="module")
def shared(_empty_cache: None) -> Iterator[Fitter]:
    fitter = Fitter()
    yield fitter
    fitter.close()


@pytest.fixture
def fitter(shared: Fitter) -> Iterator[Fitter]:
    """The module's fitter; a test leaves nothing running in it."""
    yield shared
    until(lambda: not children(server(shared)))
    assert not shared._fits


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as pool:
        yield pool


def test_a_fit_has_the_bits_of_a_build_here_and_is_made_once(fitter: Fitter) -> None:
    profile, before = look(), kept()
    fitted = fitter.fit(profile, "a")
    assert isinstance(fitted, SDevData)
    assert fitted.sha256 == build_device(profile).sha256
    assert kept() == before + 1
    assert fitter.fit(profile, "b") == fitted
    assert lattice.load(profile) == fitted
    assert kept() == before + 1


def test_a_look_keeps_its_own_display(fitter: Fitter) -> None:
    profile = look(display="P3-DCI")
    assert fitter.fit(profile, "a") == lattice.load(profile)
    assert lattice.load(profile).display.gamma == 2.6


def test_a_newer_request_of_the_page_kills_the_older_fit(fitter: Fitter, pool: ThreadPoolExecutor) -> None:
    older = pool.submit(fitter.fit, look(), "a")
    until(lambda: children(server(fitter)))
    (process,) = children(server(fitter))
    newer = pool.submit(fitter.fit, look(), "a")
    assert older.result(WAIT) is None
    until(lambda: is_gone(process))
    assert newer.result(WAIT) is not None


def test_the_newest_of_many_is_all_that_a_page_gets(fitter: Fitter, pool: ThreadPoolExecutor) -> None:
    results: list[Future[SDevData | None]] = []
    for _ in range(10):
        results.append(pool.submit(fitter.fit, look(), "a"))
        time.sleep(0.01)
    found = [each.result(WAIT) is not None for each in results]
    assert found == [False] * 9 + [True]


def test_a_fit_that_is_started_is_in_a_future(fitter: Fitter) -> None:
    profile, begun = look(), time.monotonic()
    older, newer = fitter.start(look(), "a"), fitter.start(profile, "a")
    assert time.monotonic() - begun < WAIT / 100
    assert older.result(WAIT) is None
    assert newer.result(WAIT) == lattice.load(profile)
    assert isinstance(fitter.start(look(lad=(5.9, 5.9, 5.9)), "a").result(WAIT), LatticeError)


def test_pages_leave_each_other_alone_and_share_the_same_look(fitter: Fitter, pool: ThreadPoolExecutor) -> None:
    profile, before = look(), kept()
    first, other = pool.submit(fitter.fit, profile, "a"), pool.submit(fitter.fit, look(), "b")
    until(lambda: len(children(server(fitter))) == 2)
    same = pool.submit(fitter.fit, profile, "c")
    until(lambda: any("c" in fit.pages for fit in list(fitter._fits.values())))
    newest = pool.submit(fitter.fit, look(), "a")  # "c" still wants what "a" leaves
    assert first.result(WAIT) is None
    found = [each.result(WAIT) for each in (other, same, newest)]
    assert None not in found
    assert kept() == before + 3


def test_so_many_fits_run_at_once_and_no_more(pool: ThreadPoolExecutor) -> None:
    fitter, most = Fitter(most=1), 0
    try:
        results = [pool.submit(fitter.fit, look(), f"page {k}") for k in range(3)]
        while not all(each.done() for each in results):
            most = max(most, len(children(server(fitter))))
            time.sleep(0.005)
        assert None not in [each.result() for each in results]
        assert most == 1
    finally:
        fitter.close()


def test_a_look_that_cannot_be_built_says_so(fitter: Fitter) -> None:
    with pytest.raises(LatticeError, match=r"profile vision: lad: expected densities between .* got \(5\.9"):
        fitter.fit(look(lad=(5.9, 5.9, 5.9)), "a")


def test_a_killed_fit_is_told_and_the_next_one_works(fitter: Fitter, pool: ThreadPoolExecutor) -> None:
    killed = pool.submit(fitter.fit, look(), "a")
    until(lambda: children(server(fitter)))
    os.kill(children(server(fitter))[0], signal.SIGKILL)
    with pytest.raises(LatticeError, match="ended with signal 9; try again"):
        killed.result(WAIT)
    assert fitter.fit(look(), "a") is not None


def test_a_killed_process_is_told_and_started_again(fitter: Fitter, pool: ThreadPoolExecutor) -> None:
    lost, process = pool.submit(fitter.fit, look(), "a"), server(fitter)
    until(lambda: children(process))
    os.kill(process, signal.SIGKILL)
    with pytest.raises(LatticeError, match="the next change starts it again"):
        lost.result(WAIT)
    assert fitter.fit(look(), "a") is not None
    assert server(fitter) != process


def test_closing_ends_all_and_gives_none_to_what_waits(pool: ThreadPoolExecutor) -> None:
    fitter = Fitter(most=1)
    waiting = [pool.submit(fitter.fit, look(), page) for page in "abc"]
    until(lambda: children(server(fitter)))
    processes = [server(fitter), *children(server(fitter))]
    fitter.close()
    assert [each.result(WAIT) for each in waiting] == [None] * 3
    assert fitter.fit(look(), "a") is None
    for process in processes:
        until(lambda process=process: is_gone(process))
    assert fitter.start(look(), "a").result(0) is None
    fitter.close()  # again


def test_closing_waits_for_no_process() -> None:
    fitter = Fitter()
    process, begun = server(fitter), time.monotonic()
    os.kill(process, signal.SIGSTOP)  # it hears nothing, as while it imports
    fitter.close()
    assert time.monotonic() - begun < 2
    assert is_gone(process)


PARENT = """
import threading, time
from lattice.looks import load_profile
from lattice.view.fitting import Fitter
fitter = Fitter()
threading.Thread(target=fitter.fit, args=(load_profile("vision").replace(flare=0.0999), "a"), daemon=True).start()
print(fitter._server._process.pid, flush=True)
time.sleep(600)
"""


def test_nothing_is_left_when_the_parent_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        process = int(parent.stdout.readline())
        until(lambda: children(process))
        (fit,) = children(process)
        parent.kill()
    until(lambda: is_gone(process) and is_gone(fit))
