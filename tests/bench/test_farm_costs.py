"""What `make farm-model` measures: bytes that a slow server moves, wakes of who waits for a slot, frames, marks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import farm_crowd
import farm_throttle
import farm_wakes
import pytest
from exr_samples import SAID, save, smooth
from farm_costs import Watch, Watched, frame_costs, planned, write_frames
from farm_records import Crowd, Idle, Tasks, beats
from farm_simulation import Clock, Hands, Head, Shared, Slots

from lattice.files.exr import file as exr
from lattice.files.exr.parse import HEADER_GUESS
from lattice.files.storage import atomic
from lattice.files.storage.buffers import Buffers
from lattice.interp.threads import cores
from lattice.regrade.report import FrameReport
from lattice.types import LatticeError

BENCH = Path(__file__).parents[2] / "bench"
LARGE, SMALL = (160, 240), (24, 32)  # rows, columns: above the bytes that a header is looked for in, and below


@pytest.mark.parametrize("shape", [LARGE, SMALL])
@pytest.mark.parametrize("codec", ["ZIP", "none"])
def test_the_slow_server_moves_the_bytes_that_the_model_expects(
    codec: str, shape: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, book = tmp_path / "s.0001.exr", tmp_path / "book"
    save(source, {name: smooth(shape, seed=k) for k, name in enumerate("RGB")}, SAID, codec=codec)
    farm_throttle.empty(book)
    monkeypatch.setenv(farm_throttle.SERVER, f"1e12:{book}")
    for module, name in ((exr, "read_bytes"), (exr, "read_into"), (atomic, "replace")):
        monkeypatch.setattr(module, name, getattr(module, name))  # which puts it back
    watched, asked = Watched(), planned(tmp_path, 1)
    session = asked.session.with_disk_slots(watched.slot)
    session.room = Buffers()
    farm_throttle.dask_setup(None)
    frame = watched.frame(asked.jobs[0], session)
    size, written = source.stat().st_size, (tmp_path / "out" / source.name).stat().st_size
    assert (size > HEADER_GUESS) == (shape == LARGE)
    assert (frame.header, frame.written) == (min(size, HEADER_GUESS), written)
    assert farm_throttle.moved(book) == frame.bytes == size + written


@pytest.mark.parametrize(
    ("waiting", "given", "together", "wakes"), [(1, 10, 1, 10), (20, 10, 1, 200), (20, 20, 5, 80), (100, 8, 8, 100)]
)
def test_a_slot_given_back_wakes_all_that_wait_once_a_pass(waiting: int, given: int, together: int, wakes: int) -> None:
    assert farm_wakes.wakes(waiting, given, together) == wakes
    assert simulated_wakes(waiting, given, together) == pytest.approx(wakes)


def simulated_wakes(waiting: int, given: int, together: int) -> float:
    """The same in the model: a second of the head for each wake, nothing else takes any."""
    clock = Clock()
    head = Head(Shared(clock, 1, 1))
    slots, held = Slots(head, together, Tasks(0, 0, 0, 0, waiting=1)), []
    for _ in range(waiting + together):
        slots.take(lambda: held.append(1))
    for _ in range(given // together):
        clock.run()
        assert len(held) == together
        held.clear()
        for _ in range(together):
            slots.give(lambda: None)
        for _ in range(together):
            slots.take(lambda: held.append(1))
    clock.run()
    return head.worked


def test_a_wake_costs_something() -> None:
    assert 0 < farm_wakes.waiting_cost() < 1e-3


def test_what_a_crowd_costs_is_measured() -> None:
    crowd = farm_crowd.crowd_costs()
    assert 0 < crowd.collect < 1e-3
    assert 0 < crowd.room < 1e-3


@pytest.mark.parametrize(("apart", "worked"), [(0, 4 * 1 + 4 * (0.25 + 4 * 0.5)), (100, 4 * (4 * 1 + 0.25 + 4 * 0.5))])
def test_frames_that_end_together_are_collected_at_once(apart: float, worked: float) -> None:
    clock, resumed = Clock(), []
    head = Head(Shared(clock, 1, 1))
    hands = Hands(head, 4, Tasks(0.25, 0, 0, 0, 0, crowd=Crowd(collect=1, room=0.5)))
    head.take(1, lambda: None)
    for number in range(4):
        clock.at(apart * number, lambda: hands.take(lambda: resumed.append(clock.now)))
    clock.run()
    assert (len(resumed), head.worked) == (4, pytest.approx(1 + worked))


def test_heartbeats_cost_the_head_and_being_there_costs_a_worker() -> None:
    idle = Idle(worker=0.02, head=0.03, beat=0.002)
    assert beats(8) == 16
    assert beats(3000) < 200  # Dask lets them beat more slowly where they are many
    assert idle.of_head(8) == pytest.approx(0.03 + 0.002 * 16)
    assert idle.of_all(8) == pytest.approx(0.062 + 0.16)


def report(status: str, cpu: float = 0.25) -> FrameReport:
    return FrameReport(1, Path("a"), Path("b"), status, cpu_seconds=cpu)  # type: ignore[arg-type]


def test_a_watch_takes_marks_between_frames_and_refuses_another_status() -> None:
    watch = Watch(1, 3)
    for _ in range(3):
        watch.told(report("ok"))
    assert watch.between(1, 3).frames == pytest.approx(0.5)
    assert watch.each(1, 3).frames == pytest.approx(0.25)
    mark = watch.between(1, 3)
    assert mark.wall > 0
    assert min(mark.head, mark.machine, mark.others) >= 0
    without = mark.without(Idle(0.5, 0.25, 0), 4)
    assert without.workers == pytest.approx(mark.workers - 4 * 0.5 * mark.wall)
    assert without.head == pytest.approx(mark.head - 0.25 * mark.wall)
    with pytest.raises(LatticeError, match="expected a frame that is ok, got failed"):
        watch.told(report("failed"))


@pytest.mark.slow
def test_frames_are_measured_by_processes_but_for_their_first(tmp_path: Path) -> None:
    folder, count = tmp_path / "plate", 3 * cores()
    write_frames(folder, count, LARGE, "ZIP", different=2)
    frames = frame_costs(folder, count)
    assert cores() <= len(frames) < count
    sizes = {path.stat().st_size + (folder / "out" / path.name).stat().st_size for path in folder.glob("s.*.exr")}
    assert {frame.bytes for frame in frames} <= sizes
    assert all(min(frame.reading, frame.grading, frame.verifying) > 0 for frame in frames)


@pytest.mark.slow
def test_the_small_model_runs_to_its_end() -> None:
    kept = [path.read_bytes() for path in BENCH.glob("RESULTS-FARM.md")]
    done = subprocess.run(
        [sys.executable, str(BENCH / "farm_model.py"), "--small"], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    for title in ("# How many workers", "## What a frame takes", "## The simulation beside real runs", "## Farms"):
        assert title in done.stdout
    checked = done.stdout.partition("## The simulation beside real runs")[2].partition("## Farms")[0]
    assert [line.split("|")[1].strip().split()[-1] for line in checked.splitlines() if "%" in line] == [
        "unlimited",
        *["MB/s"] * 4,
        "unlimited",
    ]
    assert kept == [path.read_bytes() for path in BENCH.glob("RESULTS-FARM.md")]
