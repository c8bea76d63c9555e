"""Missing frames, asked for but not on disk: left to fail, left out, or replaced by another frame."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from operator import itemgetter
from pathlib import Path

from lattice.files.storage import sequence
from lattice.regrade.options import Job, Missing
from lattice.types import LatticeError

DONE_TO = {"error": "fail", "skip": "are skipped", "hold": "are held from the frame before", "black": "are black"}


def frames_asked(source: str | os.PathLike[str], frames: str | None, missing: Missing) -> str | None:
    """Return `frames`, or those that the pattern names; if neither, the range from the first frame on disk to the last.

    source: a pattern or path as for `sequence.find`; a plain file has no frames: None. A sequence on twos or fives has
    no gaps: the range takes the largest step that meets every frame on disk, but where `missing` is "hold" or "black",
    which fill up to every frame. Raises LatticeError as `sequence.find` does, and if the range is too long.
    """
    frames = sequence.range_in(source, frames)
    if frames is not None:
        return frames
    numbers = [each.frame for each in sequence.find(source) if each.frame is not None]
    if not numbers:
        return None
    try:
        meant = sequence.spanned(numbers, 1 if missing in ("hold", "black") else None)
    except LatticeError as error:
        raise LatticeError(f"{os.fspath(source)}: {error}") from None
    return f"{meant[0]}-{meant[-1]}x{meant.step}"


def fill_gaps(
    jobs: tuple[Job, ...], source: str | os.PathLike[str], missing: Missing, is_named: bool = True
) -> tuple[tuple[Job, ...], tuple[str, ...]]:
    """Return the jobs to run, with stand-ins for missing frames, and a note on these (none if no frame is missing).

    missing: "error" returns the jobs as they are, to fail alone; gaps get a note, frames that were named (is_named) may
    come later. A stand-in is the nearest earlier frame on disk,
    asked for or not; before the first, the first. Raises LatticeError if `source` has no frame on disk to stand in.
    """
    gaps = {job: None for job in jobs if not os.path.lexists(job.source)}
    if not gaps or (missing == "error" and is_named):
        return jobs, ()
    if missing == "error":
        settled = jobs
    elif missing == "skip":
        settled = tuple(job for job in jobs if job not in gaps)
    else:
        there = [(f.frame, f.path) for f in sequence.find(source) if f.frame is not None]
        settled = tuple(
            replace(job, source=_nearest(job.frame or 0, there), stand_in=missing) if job in gaps else job
            for job in jobs
        )
    frames = sequence.frame_range([job.frame or 0 for job in gaps])
    more = "; --missing skip, hold or black settles them" if missing == "error" else ""
    return settled, (f"missing frames {DONE_TO[missing]}: {frames}{more}",)


def _nearest(frame: int, there: Sequence[tuple[int, Path]]) -> Path:
    """Return the file that stands in for `frame`. there: frames on disk, in rising order."""
    return there[max(0, bisect_left(there, frame, key=itemgetter(0)) - 1)][1]
