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

DONE_TO = {"skip": "skipped", "hold": "held from the frame before", "black": "black"}


def frames_asked(source: str | os.PathLike[str], frames: str | None, missing: Missing) -> str | None:
    """Return `frames`; if that is None and gaps are filled, the range from the first frame on disk to the last.

    source: a pattern or path as for `sequence.find`; a plain file has no frames: None. missing: "hold" and "black" fill
    gaps. Raises LatticeError as `sequence.find` does.
    """
    if frames is not None or missing not in ("hold", "black"):
        return frames
    found = sequence.find(source)
    return None if found[0].frame is None else f"{found[0].frame}-{found[-1].frame}"


def fill_gaps(
    jobs: tuple[Job, ...], source: str | os.PathLike[str], missing: Missing
) -> tuple[tuple[Job, ...], tuple[str, ...]]:
    """Return the jobs to run, with stand-ins for missing frames, and a note on these (none if no frame is missing).

    missing: "error" returns the jobs as they are. A stand-in is the nearest earlier frame on disk, asked for or not;
    before the first, the first. Raises LatticeError if `source` has no frame on disk to stand in.
    """
    gaps = {job: None for job in jobs if not os.path.lexists(job.source)}
    if missing == "error" or not gaps:
        return jobs, ()
    if missing == "skip":
        settled = tuple(job for job in jobs if job not in gaps)
    else:
        there = [(f.frame, f.path) for f in sequence.find(source) if f.frame is not None]
        settled = tuple(
            replace(job, source=_nearest(job.frame or 0, there), stand_in=missing) if job in gaps else job
            for job in jobs
        )
    return settled, (
        f"missing frames are {DONE_TO[missing]}: " + sequence.frame_range([job.frame or 0 for job in gaps]),
    )


def _nearest(frame: int, there: Sequence[tuple[int, Path]]) -> Path:
    """Return the file that stands in for `frame`. there: frames on disk, in rising order."""
    return there[max(0, bisect_left(there, frame, key=itemgetter(0)) - 1)][1]
