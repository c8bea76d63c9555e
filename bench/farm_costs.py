"""What a frame costs on this machine, and what it costs as a task of Dask's: measured for `make farm-model`."""

from __future__ import annotations

import asyncio
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import regrade
from farm_simulation import Frame, Tasks

import lattice
from lattice.files.exr.parse import HEADER_GUESS
from lattice.interp.threads import cores
from lattice.regrade import plan
from lattice.regrade.farm.dask import regrade_on
from lattice.regrade.farm.workers import Cluster
from lattice.regrade.frame.grade import regrade_frame
from lattice.regrade.report import FrameReport
from lattice.types import LatticeError

TINY = (36, 64)  # rows, columns: of frames that cost little but their task
FIRST = 50  # frames of tiny ones that are not counted: workers load what they need
RUNS = 2  # that take turns: other work on the machine only adds to CPU time
WAITING = 1000  # frames that wait for a slot, where the cost of each is measured
HELD = 8  # slots then


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


class _Watched:
    """A disk slot that notes the thread's CPU seconds when it is taken and given back."""

    def __init__(self) -> None:
        self._held = threading.local()

    @contextmanager
    def slot(self) -> Iterator[None]:
        self._held.times.append(time.thread_time())
        yield
        self._held.times.append(time.thread_time())

    def frame(self, job: Any, session: Any) -> Frame:
        """Grade a frame, and return what it took."""
        self._held.times = [time.thread_time()]
        report = regrade_frame(job, session)
        graded(report)
        begin, read, was_read, write, was_written, end = (*self._held.times, time.thread_time())
        return Frame(
            min(HEADER_GUESS, report.bytes_read),
            report.bytes_read,
            report.bytes_written,
            was_read - read,
            (read - begin) + (write - was_read) + (end - was_written),
            was_written - write,
        )


def frame_costs(folder: Path, count: int) -> list[Frame]:
    """What each frame of a folder takes, while as many are graded at a time as there are cores; pixels are checked."""
    watched, asked = _Watched(), planned(folder, count)
    session = asked.session.with_disk_slots(watched.slot)
    with ThreadPoolExecutor(cores()) as pool:
        found = list(pool.map(lambda job: watched.frame(job, session), asked.jobs))
    regrade.check("ZIP", regrade.OURS, folder)
    return found[cores() :]


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
            used = [each.cpu_times() for each in psutil.Process().children(recursive=True)]
            workers = sum(each.user + each.system for each in used)
            spent = psutil.cpu_times()
            machine = sum(spent) - spent.idle - spent.iowait - spent.guest - spent.guest_nice  # guests are users, too
            self._marks[self._ended] = Mark(time.perf_counter(), time.process_time(), workers, self._frames, machine)

    def between(self, first: int, last: int) -> Mark:
        """What the frames after one took, to another."""
        return self._marks[last] - self._marks[first]

    def each(self, first: int, last: int) -> Mark:
        """The same, of each frame."""
        return self.between(first, last) / (last - first)


def task_costs(folder: Path, count: int, workers: int) -> Tasks:
    """What a frame costs as a task, by many tiny ones, with and without slots; of two runs of each the lesser."""
    write_frames(folder, count, TINY, "ZIP")
    found: dict[int | None, list[Mark]] = {None: [], workers: []}
    for _ in range(RUNS):
        for slots, each in found.items():
            watch = Watch(FIRST, count)
            regrade_on(Cluster(workers=workers, io_slots=slots), planned(folder, count), watch.told)
            each.append(watch.each(FIRST, count))
    head, slotted = (min(mark.head for mark in each) for each in found.values())
    worker = min(mark.workers - mark.frames for mark in found[None])
    return Tasks(head, worker, max(0.0, (slotted - head) / 2), waiting_cost())


def waiting_cost() -> float:
    """CPU seconds that Dask's scheduler takes for each that waits, where a slot is given back."""
    return max(0.0, (_lease_cost(WAITING) - _lease_cost(0)) / WAITING)


def _lease_cost(waiting: int) -> float:
    """CPU seconds of a lease of Dask's own semaphore, while so many wait for one; without any network."""
    from distributed import Scheduler

    async def measured() -> float:
        async with Scheduler(host="127.0.0.1", port=0, dashboard=False, dashboard_address="127.0.0.1:0") as scheduler:
            semaphores, name = scheduler.extensions["semaphores"], uuid4().hex
            semaphores.create(name, HELD, None)
            left = iter(range(2 * WAITING))

            async def hold() -> None:
                for number in left:
                    await semaphores.acquire(name=name, lease_id=str(number))
                    await asyncio.sleep(0)
                    semaphores.release(name=name, lease_id=str(number))

            start = time.process_time()
            await asyncio.gather(*(hold() for _ in range(HELD + waiting)))
            return (time.process_time() - start) / (2 * WAITING)

    return asyncio.run(measured())
