"""What a frame costs on this machine, and what it costs as a task of Dask's: measured for `make farm-model`."""

from __future__ import annotations

import pickle
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psutil
import regrade
from farm_crowd import crowd_costs
from farm_idle import idle_costs, workers_cpu
from farm_records import Frame, Idle, Tasks
from farm_wakes import waiting_cost

import lattice
from lattice.files.exr.parse import HEADER_GUESS
from lattice.files.storage.buffers import Buffers
from lattice.interp.threads import cores
from lattice.regrade import plan
from lattice.regrade.farm.dask import regrade_on
from lattice.regrade.farm.workers import Cluster
from lattice.regrade.frame.grade import regrade_frame
from lattice.regrade.process.malloc import retain_freed_memory
from lattice.regrade.report import FrameReport
from lattice.types import LatticeError

TINY = (36, 64)  # rows, columns: of frames that cost little but their task
FIRST = 50  # frames of tiny ones that are not counted: workers load what they need
WARM = 1  # frames of each process that are not counted: it loads what it needs


def write_frames(folder: Path, count: int, frame: tuple[int, int], codec: str, different: int = 8) -> None:
    """Frames of a plate, s.0001.exr and on, in a new folder; those after the first few are links to these."""
    folder.mkdir()
    regrade.write_frames(folder, min(count, different), frame, codec)
    for number in range(different + 1, count + 1):
        (folder / f"s.{number:04d}.exr").symlink_to(f"s.{(number - 1) % different + 1:04d}.exr")


def planned(folder: Path, count: int, again: bool = False) -> Any:
    """A regrade of a folder's frames into its folder `out`, which is emptied unless it is done again."""
    out = folder / "out"
    out.mkdir(exist_ok=True)
    for path in () if again else out.iterdir():
        path.unlink()
    sdev = lattice.load(regrade.LOOK)
    return plan(sdev, folder / "s.####.exr", out / "s.####.exr", f"1-{count}")


def graded(report: FrameReport, status: str = "ok") -> None:
    """Raise LatticeError unless a frame ended so."""
    if report.status != status:
        raise LatticeError(f"{report.target}: expected a frame that is {status}, got {report.status} {report.why}")


class Watched:
    """A disk slot that notes the thread's CPU seconds when it is taken and given back. frames: that were graded."""

    def __init__(self) -> None:
        self.frames = 0
        self._times: list[float] = []

    @contextmanager
    def slot(self) -> Iterator[None]:
        self._times.append(time.thread_time())
        yield
        self._times.append(time.thread_time())

    def frame(self, job: Any, session: Any) -> Frame:
        """Grade a frame, and return what it took."""
        self._times = [time.thread_time()]
        report = regrade_frame(job, session)
        graded(report)
        self.frames += 1
        begin, read, was_read, write, was_written, end = (*self._times, time.thread_time())
        header = min(HEADER_GUESS, report.bytes_read)
        return Frame(
            header,
            report.bytes_read - header,
            report.bytes_written,
            was_read - read,
            (read - begin) + (write - was_read) + (end - was_written),
            was_written - write,
        )


@lru_cache(maxsize=1)
def _ready(packed: bytes) -> tuple[Watched, Any, Any]:
    """What a process grades with, as a worker of a farm has it: its slot, its session, the jobs of a packed plan."""
    retain_freed_memory()
    watched, asked = Watched(), pickle.loads(packed)
    session = asked.session.with_disk_slots(watched.slot)
    session.room = Buffers()
    return watched, session, asked.jobs


def _took(packed: bytes, number: int) -> Frame | None:
    """What a frame takes in this process; None of its first ones, for which it loads what it needs."""
    watched, session, jobs = _ready(packed)
    frame = watched.frame(jobs[number], session)
    return None if watched.frames <= WARM else frame


def frame_costs(folder: Path, count: int) -> list[Frame]:
    """What each frame of a folder takes but the first of each process, while as many processes as there are cores grade
    one each; pixels are checked."""
    packed = pickle.dumps(planned(folder, count))
    with ProcessPoolExecutor(cores(), get_context("spawn")) as pool:
        found = list(pool.map(_took, repeat(packed), range(count)))
    regrade.check("ZIP", regrade.OURS, folder)
    frames = [frame for frame in found if frame is not None]
    if not frames:
        raise LatticeError(f"frames: expected more than {WARM} for each of {cores()} cores, got {count}")
    return frames


def mean(frames: Sequence[Frame]) -> Frame:
    """The mean of frames."""
    return Frame(*(statistics.fmean(getattr(frame, name) for frame in frames) for name in Frame.__annotations__))


@dataclass(frozen=True)
class Mark:
    """When a frame ended, and the CPU seconds till then: of this process, of its workers, of frames in these, and of
    all processes of the machine."""

    wall: float
    head: float
    workers: float
    frames: float
    machine: float

    @property
    def cpu(self) -> float:
        """CPU seconds of the run."""
        return self.head + self.workers

    @property
    def others(self) -> float:
        """Cores that other processes of the machine took meanwhile."""
        return max(0.0, self.machine - self.cpu) / self.wall

    def without(self, idle: Idle, workers: int) -> Mark:
        """The same without what the head and so many workers take by being there."""
        head, there = (part * self.wall for part in (idle.of_head(workers), idle.worker * workers))
        return replace(self, head=self.head - head, workers=self.workers - there)

    def __sub__(self, other: Mark) -> Mark:
        return Mark(*(getattr(self, name) - getattr(other, name) for name in Mark.__annotations__))

    def __truediv__(self, number: float) -> Mark:
        return Mark(*(getattr(self, name) / number for name in Mark.__annotations__))


class Watch:
    """Notes a mark where frames of a run end, by their numbers from 1; give its `told` to a regrade.

    status: that every frame should have.
    """

    def __init__(self, *numbers: int, status: str = "ok") -> None:
        self._numbers, self._status = set(numbers), status
        self._marks: dict[int, Mark] = {}
        self._ended, self._frames = 0, 0.0

    def told(self, report: FrameReport) -> None:
        """Take a frame's report. Raises LatticeError for one that has another status."""
        graded(report, self._status)
        self._ended += 1
        self._frames += report.cpu_seconds
        if self._ended in self._numbers:
            workers = workers_cpu()
            spent = psutil.cpu_times()
            machine = sum(spent) - spent.idle - spent.iowait - spent.guest - spent.guest_nice  # guests are users, too
            self._marks[self._ended] = Mark(time.perf_counter(), time.process_time(), workers, self._frames, machine)

    def between(self, first: int, last: int) -> Mark:
        """What the frames after one took, to another."""
        return self._marks[last] - self._marks[first]

    def each(self, first: int, last: int) -> Mark:
        """The same, of each frame."""
        return self.between(first, last) / (last - first)


def task_costs(folder: Path, count: int, workers: int, runs: int, seconds: float) -> Tasks:
    """What a frame costs as a task, by many tiny ones, with and without slots, of the runs of each the least; what
    workers cost that wait for so many seconds, and what each adds to the head's work."""
    idle = idle_costs(workers, seconds)
    write_frames(folder, count, TINY, "ZIP")
    found: dict[int | None, list[Mark]] = {None: [], workers: []}
    for _ in range(runs):
        for slots, each in found.items():
            watch = Watch(FIRST, count)
            regrade_on(Cluster(workers=workers, io_slots=slots), planned(folder, count), watch.told)
            each.append(watch.each(FIRST, count).without(idle, workers))
    (head, plain), (slotted, asking) = (
        (min(mark.head for mark in each), min(mark.workers for mark in each)) for each in found.values()
    )
    a_slot = (max(0.0, more - less) / 2 for more, less in ((slotted, head), (asking, plain)))  # a frame takes two
    worker = min(mark.workers - mark.frames for mark in found[None])
    crowd = crowd_costs()
    alone = max(0.0, head - workers * (crowd.collect + crowd.room))
    return Tasks(alone, worker, *a_slot, waiting_cost(), idle, crowd)
