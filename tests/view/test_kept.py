"""Frames in memory: never more than the limit; the next ones are read ahead; one that fails harms no other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line
from exr_samples import SAID, save, smooth

from lattice.interp.mean import halved
from lattice.regrade.options import Options
from lattice.types import LatticeError
from lattice.view import kept, looking
from lattice.view.frames import read_headers
from lattice.view.kept import Frames, Want
from lattice.view.shots import find_shot

SHAPE = (64, 100)
ONE = 3 * SHAPE[0] * SHAPE[1] * 2  # bytes of a picture
PLENTY = 100 * ONE + 2**26
COUNT = 12
WAIT = 10.0  # seconds for what takes milliseconds

Make = Callable[..., Frames]


def save_frame(path: Path, seed: int) -> None:
    save(path, {name: smooth(SHAPE, seed=seed + k) for k, name in enumerate("RGB")}, SAID)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for k in range(COUNT):
        save_frame(tmp_path / f"a.{1001 + k}.exr", k)
    return tmp_path


@pytest.fixture
def make(folder: Path) -> Iterator[Make]:
    made: list[Frames] = []

    def frames(memory: int = PLENTY, *patterns: str) -> Frames:
        shots = [
            find_shot(str(folder / each), lambda p: read_headers(p, Options())) for each in patterns or ["a.#.exr"]
        ]
        made.append(Frames(shots, memory, Options()))
        return made[-1]

    yield frames
    assert all(each.close(WAIT) for each in made)


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of each frame that is read from its file, in order."""
    read: list[int] = []
    load = kept.load

    def counted(reading: Any) -> Any:
        read.append(int(reading.path.suffixes[0][1:]))
        return load(reading)

    monkeypatch.setattr(kept, "load", counted)
    return read


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT
    while not is_so():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def test_the_frames_after_it_are_read_ahead_around_the_end(make: Make, loads: list[int]) -> None:
    frames = make()
    frames.get(Want(0, 10))
    until(lambda: len(loads) == 2)
    frames.get(Want(0, 11))
    until(lambda: frames.ranges() == {"0": [[0, COUNT - 1]]})
    assert sorted(loads[:2]) == [1011, 1012]
    assert sorted(loads[2:]) == list(range(1001, 1011))
    for index in range(COUNT):
        frames.get(Want(0, index))
    assert len(loads) == COUNT


def test_they_are_read_in_the_direction_of_play(make: Make, loads: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_AHEAD", 3)
    frames = make()
    frames.get(Want(0, 8))
    until(lambda: frames.ranges() == {"0": [[8, 9]]})
    frames.get(Want(0, 7))
    until(lambda: frames.ranges() == {"0": [[4, 9]]})
    frames.get(Want(0, 0))
    until(lambda: frames.ranges() == {"0": [[0, 9]]})  # 7 back is 5 on, around the end


@pytest.mark.parametrize("held", [3, 5, 9])
def test_no_more_than_the_memory_is_held(held: int, make: Make) -> None:
    memory = kept.plan_reading(make().shots[0].paths[0], "", "", Options()).bytes_needed + held * ONE
    frames, most = make(memory), 0
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(frames.get, Want(0, index % COUNT, "", "", 1 + index % 2)) for index in range(5 * COUNT)]
        while not all(each.done() for each in asked):
            most = max(most, frames.held())
    assert all(each.result().picture.planes.shape[0] == 3 for each in asked)
    assert 0 < most <= memory
    assert sum(last - first + 1 for first, last in frames.ranges().get("0", [])) <= memory // (ONE // 4)


def test_a_frame_larger_than_the_memory_is_refused_with_the_size_that_would_do(make: Make) -> None:
    one_line(
        lambda: make(2**20).get(Want(0, 0)), "a.1001.exr", "expected a frame that fits in", "--memory", "would take"
    )


def test_proxies_are_means_of_the_frame_in_memory(make: Make, loads: list[int]) -> None:
    frames = make()
    planes = frames.get(Want(0, 3)).picture.planes
    half, fourth = (frames.get(Want(0, 3, "", "", scale)).picture for scale in (2, 4))
    assert (half.scale, fourth.scale) == (2, 4)
    assert np.array_equal(half.planes, halved(planes))
    assert np.array_equal(fourth.planes, halved(half.planes))
    assert loads.count(1004) == 1
    assert half.data == (0, 0, 99, 63)
    tiny = frames.get(Want(0, 3, "", "", 1024)).picture.planes
    assert tiny.shape == (3, 1, 1)


def test_a_frame_that_was_read_for_its_proxy_is_spare(make: Make, loads: list[int]) -> None:
    frames = make()
    frames.get(Want(0, 3, "", "", 2))
    frames.get(Want(0, 3))
    assert loads.count(1004) == 1


def test_one_that_cannot_be_read_is_a_line_and_the_others_go_on(make: Make, folder: Path, loads: list[int]) -> None:
    whole = (folder / "a.1005.exr").read_bytes()
    (folder / "a.1005.exr").write_bytes(whole[:-200])
    (folder / "a.1006.exr").unlink()
    frames = make()
    for index in (3, 6):
        frames.get(Want(0, index))
    one_line(lambda: frames.get(Want(0, 4)), "a.1005.exr", "cut short")
    one_line(lambda: frames.get(Want(0, 5)), "a.1006.exr: missing frame")
    until(lambda: frames.ranges() == {"0": [[0, 3], [6, COUNT - 1]]})
    tried = loads.count(1005)
    for index in (6, 7, 8, 9):
        frames.get(Want(0, index))
    time.sleep(0.1)
    assert loads.count(1005) == tried, "a frame that failed is not read ahead again"
    (folder / "a.1005.exr").write_bytes(whole)
    assert frames.get(Want(0, 4)).picture.planes.shape == (3, *SHAPE)


def test_a_file_that_changed_is_read_again(make: Make, folder: Path, loads: list[int]) -> None:
    frames = make()
    before = frames.get(Want(0, 2)).picture.planes
    save_frame(folder / "a.1003.exr", 99)
    after = frames.get(Want(0, 2)).picture.planes
    assert not np.array_equal(before, after)
    assert loads.count(1003) == 2
    (folder / "a.1003.exr").unlink()
    one_line(lambda: frames.get(Want(0, 2)), "missing frame")


def test_a_frame_is_read_once_however_many_ask(make: Make, loads: list[int]) -> None:
    frames, together = make(), threading.Barrier(8)

    def ask(_: int) -> Any:
        together.wait()
        return frames.get(Want(0, 5)).picture.planes

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(8)))
    assert loads.count(1006) == 1
    assert all(each is found[0] for each in found)


def test_two_shots_that_are_compared_are_read_ahead_together(make: Make, folder: Path) -> None:
    for k in range(COUNT):
        save_frame(folder / f"b.{1 + k}.exr", 50 + k)
    frames = make(PLENTY, "a.#.exr", "b.#.exr")
    for index in (0, 1):
        frames.get(Want(0, index))
        frames.get(Want(1, index))
    until(lambda: frames.ranges() == {"0": [[0, COUNT - 1]], "1": [[0, COUNT - 1]]})


@pytest.mark.parametrize(
    ("want", "says"),
    [
        (Want(1, 0), "shot"),
        (Want(0, COUNT), "frame"),
        (Want(0, 0, "", "", 3), "scale"),
        (Want(0, 0, "", "", 2048), "scale"),
    ],
)
def test_what_is_not_there_is_a_line(want: Want, says: str, make: Make) -> None:
    one_line(lambda: make().get(want), says, "expected")


def test_a_bug_in_a_library_is_a_line(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(reading: Any) -> Any:
        raise KeyError("channel")

    monkeypatch.setattr(kept, "load", broken)
    one_line(lambda: make().get(Want(0, 0)), "a.1001.exr: KeyError: 'channel'")
    monkeypatch.setattr(kept, "load", lambda reading: (_ for _ in ()).throw(MemoryError))
    one_line(lambda: make().get(Want(0, 0)), "out of memory")


@pytest.mark.parametrize(("room", "name"), [(kept, "plan_reading"), (kept, "load"), (looking, "halved")])
def test_a_bug_does_not_end_the_threads_that_read_ahead(
    room: Any, name: str, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise KeyError("channel")

    frames = make()
    monkeypatch.setattr(room, name, broken)
    for index in range(COUNT):
        one_line(lambda index=index: frames.get(Want(0, index, scale=2)), "KeyError: 'channel'")
    monkeypatch.undo()
    frames.get(Want(0, 0, scale=2))
    assert all(thread.is_alive() for thread in frames._readers)


def test_closing_ends_the_threads(make: Make) -> None:
    frames = make()
    frames.get(Want(0, 0))
    assert frames.close(WAIT)
    assert not [thread for thread in frames._readers if thread.is_alive()]
    with pytest.raises(LatticeError):
        frames.get(Want(0, 99))
