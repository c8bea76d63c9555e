"""Outputs that exist before a run: refused together before the first frame, unless they are this run's own."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from lattice.files.storage import sequence
from lattice.regrade.frame.done import is_done
from lattice.regrade.frame.existing import FOREIGN, Obstacle, obstacle
from lattice.regrade.frame.plan import plan_frame, same_file
from lattice.regrade.frame.session import Session
from lattice.regrade.options import Job
from lattice.regrade.sequence import history
from lattice.types import LatticeError


def check_free(jobs: Sequence[Job], session: Session, out: str, ledger: Path | None) -> None:
    """Raise LatticeError, with the frames and what to type, if an output must not be replaced unasked.

    out: the pattern or path of the outputs, for the message. ledger: it says whether a file whose header cannot be read
    was made by this program. Headers are read, no pixel.
    """

    @cache
    def made() -> frozenset[str]:
        return frozenset(history.read(ledger).frames)

    found: dict[Obstacle, list[Job]] = {}
    for job in jobs:
        if os.path.lexists(job.target) and not same_file(job.source, job.target):
            what = obstacle(job.target, session.request, session.options, lambda name: name in made())
            if what is not None and not (what != FOREIGN and not found and _is_done(job, session)):
                found.setdefault(what, []).append(job)
    if found:
        raise LatticeError(f"{out}: " + "; ".join(_said(what, here) for what, here in found.items()))


def _is_done(job: Job, session: Session) -> bool:
    """True if a frame of other options is what these would make: `--layers rgba` of a file with no other color."""
    try:
        return is_done(job, dict(plan_frame(job, session).stamps), session)
    except Exception:  # `regrade_frame` reports it; the other frames go on
        return False


def _said(what: Obstacle, jobs: Sequence[Job]) -> str:
    frames = [job.frame for job in jobs if job.frame is not None]
    kind = "files" if what == FOREIGN else "frames"
    if not frames:
        return f"was {what.what}; {what.flag} replaces it"
    many = (
        f"{len(frames)} {kind} ({sequence.frame_range(frames)}) were" if len(frames) > 1 else f"frame {frames[0]} was"
    )
    return f"{many} {what.what}; {what.flag} replaces " + ("them" if len(frames) > 1 else "it")
