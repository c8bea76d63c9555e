"""Outputs that exist before a run: refused together before the first frame, unless they are this run's own."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Literal

from lattice.files.frame import STAND_IN
from lattice.files.storage import sequence
from lattice.regrade.frame.done import is_done
from lattice.regrade.frame.existing import FOREIGN, Obstacle, difference, facts_in, obstacle
from lattice.regrade.frame.header import SOURCE
from lattice.regrade.frame.plan import plan_frame, same_file
from lattice.regrade.frame.request import Request
from lattice.regrade.frame.session import Session
from lattice.regrade.options import Job
from lattice.regrade.sequence import history
from lattice.regrade.sequence.ledger import WAYS_OUT
from lattice.types import LatticeError

MOST_OPENED = 8  # files of frames not asked for, for each request: every task of an array job opens as many


def check_free(
    jobs: Sequence[Job], session: Session, source: str, out: str, ledger: Path | None
) -> tuple[tuple[Job, ...], tuple[str, ...]]:
    """Return the jobs, and a note of frames that are not asked for and were graded with another look or other options.

    Raises LatticeError, with the frames and what to type, if an output must not be replaced unasked, or there are such
    frames and none may be replaced.

    source, out: the patterns or paths. ledger: it says whether a file whose header cannot be read was made by this
    program, and how frames not asked for were graded. Headers are read, no pixel.
    """
    torn: set[str] = set()

    @cache
    def past() -> history.History:
        try:
            return history.read(ledger)
        except LatticeError as error:
            raise LatticeError(f"{error}; {WAYS_OUT}") from None

    def made_here(name: str) -> bool:
        is_ours = name in past().made
        torn.update([name] if is_ours else [])
        return is_ours

    found: dict[Obstacle, list[Job]] = {}
    for job in jobs:
        if os.path.lexists(job.target) and not same_file(job.source, job.target):
            what = obstacle(job.target, session.request, session.options, made_here)
            if what is None:
                what = _other_stand_in(job, session)
            elif what != FOREIGN and not found and _is_done(job, session):
                continue
            if what is not None:
                found.setdefault(what, []).append(job)
    if found:
        raise LatticeError(f"{out}: " + "; ".join(_said(what, here) for what, here in found.items()))
    others = "" if ledger is None else _others(jobs, session, source, out, past)
    if others and not (session.options.replace or session.options.force):
        raise LatticeError(f"{out}: beside the frames asked for, {others}; --replace grades these all the same")
    notes = (f"beside the frames asked for, {others}; left as before",) if others else ()
    return tuple(replace(job, is_torn=job.target.name in torn) for job in jobs), notes


def _is_done(job: Job, session: Session) -> bool:
    """True if a frame of other options is what these would make: `--layers rgba` of a file with no other color."""
    try:
        return is_done(job, dict(plan_frame(job, session).stamps), session)
    except Exception:  # `regrade_frame` reports it; the other frames go on
        return False


def _other_stand_in(job: Job, session: Session) -> Obstacle | None:
    """Return the obstacle if a held frame would become black, or a black one held, or a frame of its own plate, which
    is gone, one of these."""
    if not job.stand_in or session.options.replace or session.options.force:
        return None
    other: Literal["hold", "black"] = "hold" if job.stand_in == "black" else "black"
    if _is_done(replace(job, stand_in=other), session):
        return Obstacle("--replace", f"graded with missing {other}, not {job.stand_in}")
    facts: Mapping[str, object] = {}
    with suppress(LatticeError):
        facts = facts_in(job.target)
    is_own = SOURCE in facts and STAND_IN not in facts and not _is_done(job, session)
    return Obstacle("--replace", "graded from a file that is missing now") if is_own else None


def _others(jobs: Sequence[Job], session: Session, source: str, out: str, past: Callable[[], history.History]) -> str:
    """Return what a message says of frames that are not asked for and were graded by another request, or nothing."""
    asked, there = {job.target.name for job in jobs}, []
    with suppress(LatticeError):  # no file of the pattern
        there = [(each.frame or 0, each.path) for each in sequence.find(out) if each.path.name not in asked]
    found: dict[Obstacle, list[int]] = {}
    for told, files in _by_request(there, session.request, past).items() if there else ():
        for frame, path in files[:: -(-len(files) // MOST_OPENED)]:
            what = _graded_otherwise(frame, path, source, session)
            if what is not None and told:  # one file proves what the ledger tells of all
                found.setdefault(what, []).extend(frame for frame, _ in files)
                break
            if what is not None:
                found.setdefault(what, []).append(frame)
    return "; ".join(_was(what, frames) for what, frames in found.items())


def _by_request(
    files: Sequence[tuple[int, Path]], request: Request, past: Callable[[], history.History]
) -> dict[str, list[tuple[int, Path]]]:
    """Return the files that another request made as the ledger tells, by its text; by "" those it does not know."""
    runs, lines = past().runs, past().frames

    @cache
    def other(run: str) -> str | None:
        """Return the text of a run's request, "" of no run; None if it is ours."""
        began = runs[run].began if run in runs else {}
        sha256, options = began.get("sdev_sha256"), began.get("options")
        if not began or not isinstance(options, dict):
            return ""
        return None if sha256 == request.sha256 and not request.differences(options) else f"{sha256} {options}"

    found: dict[str, list[tuple[int, Path]]] = {}
    for frame, path in files:
        line = lines.get(path.name, {})
        told = other(str(line.get("run", "")) if line.get("status") == "ok" else "")
        if told is not None:
            found.setdefault(told, []).append((frame, path))
    return found


def _graded_otherwise(frame: int, path: Path, source: str, session: Session) -> Obstacle | None:
    """Return how a frame that is not asked for differs from this request's; None if it does not, or is no frame."""
    try:
        what = difference(path, session.request)
    except LatticeError:
        return None
    if what is None or what == FOREIGN:
        return None
    [(_, plate)] = sequence.paths(source, (frame,)) if sequence.is_pattern(source) else [(frame, Path(source))]
    return None if _is_done(Job(frame, plate, path), session) else what


def _said(what: Obstacle, jobs: Sequence[Job]) -> str:
    frames = [job.frame for job in jobs if job.frame is not None]
    return f"{_was(what, frames)}; {what.flag} replaces {'them' if len(frames) > 1 else 'it'}"


def _was(what: Obstacle, frames: Sequence[int]) -> str:
    kind = "files" if what == FOREIGN else "frames"
    if len(frames) > 1:
        return f"{len(frames)} {kind} ({sequence.frame_range(frames)}) were {what.what}"
    return f"frame {frames[0]} was {what.what}" if frames else f"was {what.what}"
