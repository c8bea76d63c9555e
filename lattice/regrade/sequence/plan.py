"""Plan a sequence: the output of each source, settled before the first frame is graded."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lattice.files.images import oiio
from lattice.files.images.formats import format_of, suffixes
from lattice.files.storage import sequence
from lattice.regrade.frame.plan import plan_frame, same_file
from lattice.regrade.frame.session import Session
from lattice.regrade.frame.still import LEFT_OUT
from lattice.regrade.options import Job, Options
from lattice.regrade.sequence import ledger
from lattice.regrade.sequence.missing import fill_gaps, frames_asked
from lattice.sdev.engines import Engine, no_gpu_reason
from lattice.types import LatticeError
from lattice.version import __version__

if TYPE_CHECKING:
    from lattice.sdev import SDev


@dataclass(frozen=True)
class Plan:
    """The plan of a sequence, made before the first frame is graded.

    lines: for people, the channel plan of the first frame that can be graded, after the reason for the first refusal
        before it. refused: True if a frame before that one was refused. ledger: its path; None for a plain file.
    notes: a line for each result that differs from what the options ask.
    """

    session: Session
    jobs: tuple[Job, ...]
    lines: tuple[str, ...]
    refused: bool
    ledger: Path | None
    notes: tuple[str, ...] = ()

    @property
    def device(self) -> dict[str, str]:
        """The SDev's name and hash and our version, for each ledger line."""
        return {"sdev": self.session.sdev.name, "sdev_sha256": self.session.sdev.sha256, "version": __version__}

    @property
    def options(self) -> Options:
        """The options of the session."""
        return self.session.options


def plan(
    sdev: SDev,
    source: str | os.PathLike[str],
    target: str | os.PathLike[str] | None = None,
    frames: str | None = None,
    options: Options | None = None,
) -> Plan:
    """Plan the output of each source file and the grade of its channels; nothing is written.

    source, target: plain paths or patterns with one frame field (`####`, `%04d`, `@`); a target of None is the
    source itself, for grading in place. frames: `1-24`, `1-100x5`, `1,5,10-20`; None takes all on disk.
    Raises LatticeError if the source matches nothing; the target cannot name a file for each frame, has an unknown
    suffix, is in no existing folder, or is one of the sources (allowed with `options.in_place` for an EXR's own
    source); the input primaries are unknown; or OpenImageIO is needed and not installed.
    """
    options = options or Options()
    found = sequence.find(source, frames_asked(source, frames, options.missing))
    paths = tuple(f.path for f in found) if target is None else sequence.targets(target, found)
    jobs = tuple(Job(f.frame, f.path, path) for f, path in zip(found, paths, strict=True))
    jobs, gaps = fill_gaps(jobs, source, options.missing)
    _check_targets(jobs, options)
    engine, notes = engine_here(options)
    session = Session(sdev, replace(options, engine=engine))
    if options.input is not None:
        session.sdev_for(options.input)
    lines, refused, told = _lines(jobs, session)
    changed = tuple(line for line in lines if line in told or line.startswith(LEFT_OUT))
    return Plan(
        session,
        jobs,
        lines,
        refused,
        sequence.beside(source if target is None else target, ledger.SUFFIX),
        notes + gaps + changed,
    )


def engine_here(options: Options) -> tuple[Engine, tuple[str, ...]]:
    """Return the engine to use and its notes: without a GPU, "auto" replaces "cuda", and a note says so.

    Raises LatticeError if CUDA is installed but fails.
    """
    if options.engine == "cuda" and (why := no_gpu_reason()) is not None:
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
            raise LatticeError(
                f"{job.target}: expected an output apart from the inputs, got the input "
                f"{clash.source}" + ("" if options.in_place else "; --in-place allows it")
            )
        if format_of(job.source) or format_of(job.target):
            oiio.library()
        if (kind := format_of(job.target)) is not None and clash is not None:
            raise LatticeError(
                f"{job.target}: expected an EXR to grade in place, got a {kind.name}, which has no "
                "room to say what it was made from; another name would do"
            )
        folder = os.path.dirname(target)
        if not os.path.isdir(folder):
            raise LatticeError(f"{job.target}: expected an existing folder, got none at {folder}")


def _lines(jobs: tuple[Job, ...], session: Session) -> tuple[tuple[str, ...], bool, tuple[str, ...]]:
    """Return the plan's lines, whether a frame was refused, and the notes of the frame that the lines are of."""
    lines: list[str] = []
    for job in jobs:
        try:
            planned = plan_frame(job, session)
            return (*lines, f"{job.source}:", *planned.lines()), bool(lines), planned.notes
        except LatticeError as error:
            if not lines:
                lines.append(f"refused: {error}")
    return tuple(lines), bool(lines), ()
