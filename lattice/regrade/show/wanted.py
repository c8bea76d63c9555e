"""The status of a shot of a table: its frames are those of its input, its look and options those of its row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from lattice.files.exr import file as exr
from lattice.files.storage import sequence
from lattice.regrade.frame.done import is_done
from lattice.regrade.frame.plan import plan_frame
from lattice.regrade.frame.request import Request
from lattice.regrade.frame.session import Session, as_asked
from lattice.regrade.options import Job
from lattice.regrade.sequence.missing import fill_gaps, frames_asked
from lattice.regrade.sequence.plan import session_for
from lattice.regrade.show.plan import Look, each_view
from lattice.regrade.show.status import Status, status_of
from lattice.regrade.show.table import Shot
from lattice.sdev import AnySDev, load
from lattice.types import LatticeError


def statuses_of(shots: Iterable[Shot], verify: bool = False) -> Iterator[Status]:
    """Yield the status of each shot, or of each of its views. verify: as for `status_of`."""
    looks: dict[Look, AnySDev] = {}
    for shot, refusal in each_view(shots):
        yield status_of_shot(shot, looks, verify, refusal)


def status_of_shot(
    shot: Shot, looks: dict[Look, AnySDev], verify: bool = False, refusal: LatticeError | None = None
) -> Status:
    """Return the status of a shot; if its look or its input cannot be read, a status with that fault.

    looks: SDevs by `Shot.look`, for shots to come. verify: as for `status_of`. refusal: why its views cannot be found.
    """
    try:
        if refusal is not None:
            raise refusal
        if shot.look not in looks:
            looks[shot.look] = load(*shot.look)
        sdev, jobs = looks[shot.look], {job.frame: job for job in _jobs(shot)}
        session = cache(lambda: session_for(sdev, shot.options)[0])  # made if a frame asks for it
        frames = None if None in jobs else [frame for frame in jobs if frame is not None]
        return status_of(
            shot.target,
            frames,
            Request.of(as_asked(sdev, shot.options), shot.options),
            verify,
            shot.name,
            {frame: job.source for frame, job in jobs.items()},
            lambda frame: _is_done(jobs[frame], session()),
        )
    except LatticeError as error:
        return Status(shot.name, shot.target, shot.sdev, {}, {}, (), str(error))


def _jobs(shot: Shot) -> tuple[Job, ...]:
    """Return a job for each frame that the shot's input has, or for its plain file."""
    found = sequence.find(shot.source, frames_asked(shot.source, shot.frames, shot.options.missing))
    targets = sequence.targets(shot.target, found)
    jobs = tuple(Job(each.frame, each.path, target) for each, target in zip(found, targets, strict=True))
    return fill_gaps(jobs, shot.source, shot.options.missing)[0]


def _is_done(job: Job, session: Session) -> bool:
    """True if an output of other options is what this session makes all the same; a deep copy says none."""
    try:
        plan = plan_frame(job, session)
        if plan.action == "copy":
            return exr.digest(job.target) == exr.digest(job.source)
        return plan.action == "nothing" or is_done(job, dict(plan.stamps), session)
    except LatticeError:
        return False
