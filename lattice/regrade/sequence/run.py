"""A sequence of frames: planned once, then regraded a few at a time. A frame that fails fails alone."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lattice.files.images import oiio as openimageio
from lattice.files.images.formats import format_of, suffixes
from lattice.files.storage import atomic, sequence
from lattice.regrade.frame import still as stills
from lattice.regrade.frame.grade import DEEP_SAID, LUMA_SAID, describe, regrade_frame, same_file
from lattice.regrade.frame.session import Grader
from lattice.regrade.options import Job, Options
from lattice.regrade.report import FrameReport
from lattice.regrade.sequence import ledger
from lattice.regrade.sequence.missing import frames_asked, settle
from lattice.sdev.engines import Engine, why_no_gpu
from lattice.types import LatticeError
from lattice.version import __version__

if TYPE_CHECKING:
    from lattice.sdev import SDev


@dataclass(frozen=True)
class Plan:
    """All that is settled before the first frame.

    lines: the channel plan of the first frame that can be graded, for people, and why the first was refused, if it
        was. refused: whether any frame up to that one was. ledger: where each frame's line
        goes; None for a plain file. notes: what will not go as the options ask, a line each.
    """

    grader: Grader
    options: Options
    jobs: tuple[Job, ...]
    lines: tuple[str, ...]
    refused: bool
    ledger: Path | None
    notes: tuple[str, ...] = ()

    @property
    def device(self) -> dict[str, str]:
        """What the ledger says of the device."""
        return {"sdev": self.grader.sdev.name, "sdev_sha256": self.grader.sdev.sha256, "version": __version__}


def plan(sdev: SDev, source: str | os.PathLike[str], target: str | os.PathLike[str] | None = None,
         frames: str | None = None, options: Options | None = None) -> Plan:
    """Settle which file becomes which, and what is done to its channels; nothing is written.

    source, target: plain paths or patterns with one frame field (`####`, `%04d`, `@`); a target of None is the
    source itself, for grading in place. frames: `1-24`, `1-100x5`, `1,5,10-20`; None takes all on disk.
    Raises LatticeError where the source matches nothing, the target cannot name a file for each frame, lies in no
    folder, or is one of the sources while `options.in_place` is off.
    """
    options = options or Options()
    found = sequence.find(source, frames_asked(source, frames, options.missing))
    paths = tuple(f.path for f in found) if target is None else sequence.targets(target, found)
    jobs = tuple(Job(f.frame, f.path, path) for f, path in zip(found, paths, strict=True))
    jobs, gaps = settle(jobs, source, options.missing)
    _check_targets(jobs, options)
    engine, notes = engine_here(options)
    grader = Grader(sdev, engine, options.memory)
    if options.input is not None:
        grader.taking(options.input)
    lines, refused = _lines(jobs, grader, options)
    changed = tuple(line for line in lines if line in (LUMA_SAID, DEEP_SAID) or line.startswith(stills.LEFT_OUT))
    return Plan(grader, options, jobs, lines, refused,
                sequence.beside(source if target is None else target, ledger.SUFFIX), notes + gaps + changed)


def regrade(plan: Plan, on_report: Callable[[FrameReport], object] | None = None,
            stop: Callable[[], bool] = lambda: False) -> tuple[FrameReport, ...]:
    """Regrade every frame of a plan that is not done already; the reports come back in the plan's order.

    on_report: called in this thread with each report as its frame ends, after its line stands in `plan.ledger`. stop:
    asked when a frame has ended; once it says yes, the frames in hand end whole, no other starts, and the reports so
    far come back. At most `options.workers` frames are in memory. An interrupt does the same, and is raised again.
    Raises LatticeError, when all is done, where the ledger could not be written.
    """
    atomic.remove_leftovers(job.target for job in plan.jobs)
    waiting, reports = deque(enumerate(plan.jobs)), dict[int, FrameReport]()
    in_hand: dict[Future[FrameReport], int] = {}
    book = ledger.Ledger(plan.ledger, plan.device)
    pool = ThreadPoolExecutor(plan.options.workers, thread_name_prefix="regrade")
    try:
        while True:
            if stop():
                waiting.clear()
            while waiting and len(in_hand) < plan.options.workers:
                number, job = waiting.popleft()
                in_hand[pool.submit(regrade_frame, job, plan.grader, plan.options)] = number
            if not in_hand:
                break
            for future in wait(in_hand, return_when=FIRST_COMPLETED).done:
                report = reports[in_hand[future]] = future.result()
                book.append(report)
                del in_hand[future]
                if on_report is not None:
                    on_report(report)
    finally:
        pool.shutdown(wait=True)
        for future in in_hand:  # after an interrupt, or a fault of on_report
            book.append(future.result())
    if book.trouble is not None:
        raise book.trouble
    return tuple(reports[number] for number in sorted(reports))


def engine_here(options: Options) -> tuple[Engine, tuple[str, ...]]:
    """The engine asked for, or the one that stands in where there is no GPU, and a note on that."""
    if options.engine == "cuda" and (why := why_no_gpu()) is not None:
        return "auto", (f"no GPU ({why}): the CPU does the work",)
    return options.engine, ()


def _check_targets(jobs: tuple[Job, ...], options: Options) -> None:
    sources = {os.path.realpath(job.source): job for job in jobs}
    for job in jobs:
        if job.target.suffix.lower() not in suffixes():
            raise LatticeError(f"{job.target}: expected an output name ending in {', '.join(suffixes())}")
        target = os.path.realpath(job.target)
        clash = sources.get(target)
        if clash is None and same_file(job.source, job.target):  # a hard link
            clash = job
        if clash is not None and not (options.in_place and clash is job):
            raise LatticeError(f"{job.target}: expected an output apart from the inputs, got the input "
                               f"{clash.source}" + ("" if options.in_place else "; grading in place must be asked for"))
        if format_of(job.source) or format_of(job.target):
            openimageio.library()
        if (kind := format_of(job.target)) is not None and clash is not None:
            raise LatticeError(f"{job.target}: expected an EXR to grade in place, got a {kind.name}, which has no "
                               "room to say what it was made from; another name would do")
        folder = os.path.dirname(target)
        if not os.path.isdir(folder):
            raise LatticeError(f"{job.target}: expected an existing folder, got none at {folder}")


def _lines(jobs: tuple[Job, ...], grader: Grader, options: Options) -> tuple[tuple[str, ...], bool]:
    lines: list[str] = []
    for job in jobs:
        try:
            return (*lines, f"{job.source}:", *describe(job, grader, options)), bool(lines)
        except LatticeError as error:
            if not lines:
                lines.append(f"refused: {error}")
    return tuple(lines), bool(lines)
