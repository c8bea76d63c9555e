"""Plan a sequence: the output of each source, settled before the first frame is graded."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from lattice.errors import one_line
from lattice.files.images import oiio
from lattice.files.images.formats import format_of, suffixes
from lattice.files.storage import sequence
from lattice.regrade.frame.plan import check_display, plan_frame, same_file
from lattice.regrade.frame.session import Session
from lattice.regrade.frame.still import LEFT_OUT
from lattice.regrade.options import Job, Options
from lattice.regrade.sequence import ledger
from lattice.regrade.sequence.missing import fill_gaps, frames_asked
from lattice.regrade.sequence.occupied import check_free
from lattice.sdev.engines import Engine, no_gpu_reason
from lattice.types import LatticeError
from lattice.version import __version__

if TYPE_CHECKING:
    from lattice.sdev import AnySDev

REFUSED = "refused: "  # begins a plan's line on a frame that cannot be graded
RUN_DIGITS = 12  # hex, of 2**48 runs


@dataclass(frozen=True)
class Plan:
    """The plan of a sequence, made before the first frame is graded.

    source, target: the patterns or paths, as given. name: of the shot, if there are several.
    run: a number that no other run has, for the ledger.
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
    source: str = ""
    target: str = ""
    name: str = ""
    run: str = field(default_factory=lambda: uuid4().hex[:RUN_DIGITS])

    @property
    def device(self) -> dict[str, str]:
        """The run, the SDev's name and hash and our version, for each ledger line."""
        sdev = self.session.sdev
        return {"run": self.run, "sdev": sdev.name, "sdev_sha256": sdev.sha256, "version": __version__}

    @property
    def options(self) -> Options:
        """The options of the session."""
        return self.session.options


def plan(
    sdev: AnySDev,
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
    session, notes = session_for(sdev, options or Options())
    return plan_in(session, source, target, frames, notes)


def session_for(sdev: AnySDev, options: Options) -> tuple[Session, tuple[str, ...]]:
    """Return a session with the engine that runs here, and its notes. Raises LatticeError for unknown primaries."""
    engine, notes = engine_here(options)
    session = Session(sdev, replace(options, engine=engine))
    if options.input is not None:
        session.sdev_for(options.input)
    if "output" not in sdev.provenance:
        notes += (f"{session.sdev.name}: its display is not known, so outputs name none: --gives NAME says it",)
    return session, notes


def plan_in(
    session: Session,
    source: str | os.PathLike[str],
    target: str | os.PathLike[str] | None = None,
    frames: str | None = None,
    notes: tuple[str, ...] = (),
) -> Plan:
    """Plan as `plan` does, in a session that several plans may share. notes: those of the session."""
    options = session.options
    found = sequence.find(source, frames_asked(source, frames, options.missing))
    paths = tuple(f.path for f in found) if target is None else sequence.targets(target, found)
    jobs = tuple(Job(f.frame, f.path, path) for f, path in zip(found, paths, strict=True))
    jobs, gaps = fill_gaps(jobs, source, options.missing, sequence.range_in(source, frames) is not None)
    _check_targets(jobs, options)
    for job in jobs[:1]:
        check_display(job.target, session)
    _check_apart(jobs, sequence.files_of(source), options)
    out = source if target is None else target
    book = sequence.beside(out, ledger.SUFFIX)
    lines, refused, told = _lines(jobs, session)
    try:
        jobs, beside = check_free(jobs, session, os.fspath(source), os.fspath(out), book)
    except LatticeError:
        if lines and lines[-1].startswith(REFUSED):  # no frame can be graded, which matters more
            raise LatticeError(lines[0].removeprefix(REFUSED)) from None
        raise
    changed = tuple(line for line in lines if line in told or line.startswith(LEFT_OUT))
    return Plan(session, jobs, lines, refused, book, notes + gaps + beside + changed, os.fspath(source), os.fspath(out))


def engine_here(options: Options) -> tuple[Engine, tuple[str, ...]]:
    """Return the engine to use and its notes: without a GPU, "auto" replaces "cuda", and a note says so.

    Raises LatticeError if CUDA is installed but fails.
    """
    if options.engine == "cuda" and (why := no_gpu_reason()) is not None:
        return "auto", (f"no GPU ({why}): the CPU does the work",)
    return options.engine, ()


def check_asked(plan: Plan) -> None:
    """Raise LatticeError if all frames that were asked for lie outside of those on disk: a slip in their numbers."""
    asked = [job.frame for job in plan.jobs if job.frame is not None]
    if asked and not any(os.path.lexists(job.source) for job in plan.jobs):
        there = [each.frame or 0 for each in sequence.find(sequence.plain_pattern(plan.source))]
        if not any(there[0] <= frame <= there[-1] for frame in asked):
            on_disk, asked_for = sequence.frame_range(there), sequence.frame_range(asked)
            raise LatticeError(f"{plan.source}: expected frames of {on_disk}, got {asked_for}")


def _check_targets(jobs: tuple[Job, ...], options: Options) -> None:
    for job in jobs:
        kind = format_of(job.target)
        if job.target.suffix.lower() not in suffixes():
            raise LatticeError(f"{job.target}: expected an output name ending in {', '.join(suffixes())}")
        if format_of(job.source) or kind:
            oiio.library()
        if kind is not None and options.in_place and same_file(job.source, job.target):
            raise LatticeError(
                f"{job.target}: expected an EXR to grade in place, got a {kind.name}, which has no "
                "room to say what it was made from; another name would do"
            )
        folder = os.path.dirname(os.path.realpath(job.target))
        if not os.path.isdir(folder) and not options.mkdir:
            raise LatticeError(f"{job.target}: expected an existing folder, got none at {folder}; --mkdir makes it")


def _check_apart(jobs: tuple[Job, ...], inputs: Iterable[Path], options: Options) -> None:
    """Raise LatticeError if an output is an input: by name or link, and also one of a frame that is not asked for."""
    owners = {identity(path): path for path in inputs} | {identity(job.source): job.source for job in jobs}
    for job in jobs:
        clash = owners.get(identity(job.target))
        is_own = clash is not None and same_file(job.source, job.target)
        if clash is not None and not (options.in_place and is_own):
            raise LatticeError(
                f"{job.target}: expected an output apart from the inputs, got the input {clash}"
                + ("; --in-place allows it" if is_own and not options.in_place else "")
            )


def identity(path: Path) -> object:
    """Return what tells a file from others: its disk and number, or its name where it is absent."""
    try:
        found = os.stat(path)
    except OSError:
        return os.path.realpath(path)
    return found.st_dev, found.st_ino


def _lines(jobs: tuple[Job, ...], session: Session) -> tuple[tuple[str, ...], bool, tuple[str, ...]]:
    """Return the plan's lines, whether a frame was refused, and the notes of the frame that the lines are of."""
    refusals: list[str] = []
    for job in jobs:
        try:
            planned = plan_frame(job, session)
            return (*refusals[:1], f"{job.source}:", *planned.lines()), bool(refusals), planned.notes
        except LatticeError as error:
            refusals.append(f"{REFUSED}{error}")
        except Exception as error:  # one file must not stop the others; `regrade_frame` reports it
            refusals.append(f"{REFUSED}{job.source}: {type(error).__name__}: {one_line(error)}")
    return tuple(refusals[:1]), bool(refusals), ()
