"""Plan one shot of a movie: its frames, how they are graded or that they are, and what their headers tell."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lattice.channels import plan as channels
from lattice.color.displays import find, output_facts
from lattice.errors import printable
from lattice.files import source
from lattice.files.exr import luma_chroma
from lattice.files.frame import FINEST_ASPECT, STAND_IN, FrameHeader, stamps_in
from lattice.files.storage import sequence
from lattice.regrade.dailies import look as looks
from lattice.regrade.dailies.clock import Told
from lattice.regrade.dailies.fit import Geometry
from lattice.regrade.dailies.look import Look
from lattice.regrade.frame.grade import told
from lattice.regrade.frame.memory import bytes_needed
from lattice.regrade.frame.plan import FramePlan, plan_frame, size_of
from lattice.regrade.frame.request import SHORT
from lattice.regrade.frame.session import Session, as_asked
from lattice.regrade.options import Job, Options
from lattice.regrade.sequence.missing import fill_gaps, frames_asked
from lattice.types import LatticeError

if TYPE_CHECKING:
    from lattice.sdev import AnySDev

# Fields of Options that decide a graded pixel.
GRADES = ("input", "exposure", "display", "printer_lights", "grade", "premult", "transparent", "nonfinite", "gray")


@dataclass(frozen=True)
class Shot:
    """A sequence of a movie.

    source: as it was asked for. name: of its files, before the frame's number. jobs: one for each frame, in order; the
    target of each is the movie. session: grades them; None: they are graded already and shown as they are.
    geometry: shared by all frames. channels: of the first frame, those that are shown. look: of all frames.
    told: of each frame, what its header tells of time. bytes_needed: the most that reading a frame takes.
    notes: a line for each surprise.
    """

    source: str
    name: str
    jobs: tuple[Job, ...]
    session: Session | None
    geometry: Geometry
    channels: tuple[str, str, str]
    look: Look
    told: tuple[Told, ...]
    bytes_needed: int
    notes: tuple[str, ...]

    @property
    def frames(self) -> str:
        """The frames as a range, such as 1001-1100; empty for a plain file."""
        return range_of(self.jobs)

    def plan(self, job: Job, options: Options) -> FramePlan:
        """Return the plan of one frame. Raises LatticeError if it is refused, or differs in geometry from the first."""
        frame = _planned(job, self.session, options)
        check_same(geometry_of(frame.headers[0], job.source), job.source, self.geometry, self.jobs[0].source)
        return frame


def plan_shot(
    sdev: AnySDev | None, where: str | os.PathLike[str], target: Path, frames: str | None, options: Options
) -> Shot:
    """Plan a shot from the header of every frame.

    where, frames: as for a regrade; a sequence on twos or fives has a job for every frame, each file as often.
    sdev: None if the frames are graded, which are shown as they are, unless `options.force`. options: `engine` must run
    here.
    Raises LatticeError if a frame is missing (unless `options.missing` allows it), would be refused by a regrade, or
    differs in size from the first; if some frames are graded and some are not, or with another look than `sdev`.
    """
    text = os.fspath(where)
    jobs, notes = _jobs(text, target, frames, options)
    headers = {job.source: source.read_headers(job.source, options.decoding)[0] for job in jobs}
    sdev = None if sdev is None else as_asked(sdev, options)
    is_graded = not options.force and _are_graded(text, jobs, headers, sdev)
    jobs = tuple(_marked(job, headers[job.source]) for job in jobs) if is_graded else jobs
    if not is_graded and sdev is None:
        why = "--force grades frames again" if options.force else f"{jobs[0].source} is not graded"
        raise LatticeError(f"{why}: --sdev LOOK says with what")
    session = None if is_graded or sdev is None else Session(sdev, options)
    if session is None:
        _check_display(text, headers[jobs[0].source], options)
    own = {job.source: replace(job, stand_in="") for job in jobs}  # what stands in says nothing of the shot
    plans = (_planned(job, session, options) for job in own.values())
    first = next(plans)
    geometry = geometry_of(first.headers[0], first.job.source)
    most = first.bytes_needed
    for plan in plans:
        check_same(geometry_of(plan.headers[0], plan.job.source), plan.job.source, geometry, first.job.source)
        most = max(most, plan.bytes_needed)
    return Shot(
        text,
        printable(getattr(sequence.beside(where, ""), "name", Path(text).stem)),
        jobs,
        session,
        geometry,
        first.shown(options.views, options.layers)[1].names,
        looks.of_graded(headers[next((job for job in jobs if not job.stand_in), jobs[0]).source])
        if session is None
        else looks.of_sdev(session.sdev, told(first, session, source_sha256="")),
        tuple(_told(job, headers[job.source]) for job in jobs),
        most,
        (*notes, *(_unused(text, options) if session is None else ())),
    )


def _check_display(where: str, header: FrameHeader, options: Options) -> None:
    """Raise LatticeError if graded frames, which are shown as they are, are of another display than is asked for."""
    theirs = stamps_in(header).get("output")
    if options.display is not None and theirs != output_facts(find(options.display).shown)["output"]:
        raise LatticeError(
            f"{where}: the frames are graded for {theirs or 'a display that they do not name'}, not for "
            f"{options.display}: leave --display out, or grade them again with --force and --sdev"
        )


def _unused(where: str, options: Options) -> tuple[str, ...]:
    """Return a note of the options that grade, which do nothing where the frames are graded."""
    given = {each.name: getattr(options, each.name) for each in fields(Options) if each.name in GRADES}
    default = Options()
    words = [f"--{name.replace('_', '-')} {value}" for name, value in given.items() if value != getattr(default, name)]
    does = "does" if len(words) == 1 else "do"
    note = f"{where}: its frames are graded and shown as they are: {' and '.join(words)} {does} nothing"
    return (note,) if words else ()


def _jobs(where: str, target: Path, frames: str | None, options: Options) -> tuple[tuple[Job, ...], tuple[str, ...]]:
    """Return the jobs, with stand-ins for gaps, which no one sees in a movie, and notes. A sequence on twos or fives
    has no gaps: each frame is shown as often."""
    every, steady = (
        tuple(Job(frame.frame, frame.path, target) for frame in sequence.find(where, frames_asked(where, frames, gaps)))
        for gaps in ("hold", "error")
    )
    jobs, notes = _settled(where, steady, options)
    if len(every) == len(steady):
        return jobs, notes
    first, step = steady[0].frame or 0, (steady[1].frame or 0) - (steady[0].frame or 0)
    shown = {job.frame: job for job in jobs}
    due = ((job, shown.get(first + ((job.frame or 0) - first) // step * step)) for job in every)
    on_steps = tuple(
        each if each.frame == job.frame else replace(each, frame=job.frame, stand_in=each.stand_in or "hold")
        for job, each in due
        if each is not None
    )
    return on_steps, (*notes, f"{where} has files every {step} frames: each is shown as often")


def _settled(where: str, found: tuple[Job, ...], options: Options) -> tuple[tuple[Job, ...], tuple[str, ...]]:
    missing = [job.frame or 0 for job in found if not os.path.lexists(job.source)]
    if missing and options.missing == "error":
        raise LatticeError(
            f"{where}: expected all of {len(found)} frames on disk, got none for "
            f"{sequence.frame_range(missing)}; add --missing skip, hold or black"
        )
    jobs, gaps = fill_gaps(found, where, options.missing)
    if not jobs:
        raise LatticeError(f"{where}: expected a frame on disk among those asked for, got none")
    return jobs, tuple(f"{where}: {gap}" for gap in gaps)


def _are_graded(where: str, jobs: tuple[Job, ...], headers: Mapping[Path, FrameHeader], sdev: AnySDev | None) -> bool:
    """Return whether the frames are graded. Raises LatticeError if some are and some are not, or by several looks."""
    graded = tuple(job for job in jobs if headers[job.source].graded_by is not None)
    if not graded:
        return False
    if len(graded) < len(jobs):
        plain = _are(tuple(job for job in jobs if headers[job.source].graded_by is None))
        raise LatticeError(
            f"{where}: {_are(graded)} graded, {plain} not; --frames {range_of(graded)} takes the graded ones, --force "
            "with --sdev grades all"
        )
    first = headers[jobs[0].source]
    if first.exr is None:
        raise LatticeError(
            f"{jobs[0].source}: expected an EXR to show as it is, got {first.format_name} graded with "
            f"{first.graded_by}; regrade to .exr, or name the ungraded frames and --sdev"
        )
    label = _one_look(where, jobs, headers).label
    if sdev is not None and stamps_in(headers[jobs[0].source]).get("sha256") != sdev.sha256:
        raise LatticeError(
            f"{where}: the frames were graded with {label}, not with {sdev.name} {sdev.sha256[:SHORT]}; without --sdev "
            "they are shown as they are, --force grades them again"
        )
    return True


def _one_look(where: str, jobs: tuple[Job, ...], headers: Mapping[Path, FrameHeader]) -> Look:
    """Return the look of graded frames. Raises LatticeError if they have several, or were graded by several options."""
    found: dict[tuple[str, ...], tuple[Look, list[Job]]] = {}
    for job in jobs:
        look = looks.of_graded(headers[job.source])
        found.setdefault(look.grade, (look, []))[1].append(job)
    (first, those), *others = found.values()
    said = [f"{first.label} ({range_of(tuple(those))})"]
    for look, those in others:
        how = "" if look.label != first.label else f" but {looks.differences(look, first)}"
        said.append(f"{look.label}{how} ({range_of(tuple(those))})")
    if others:
        raise LatticeError(f"{where}: a shot has one look, but its frames were graded with {', '.join(said)}")
    return first


def _planned(job: Job, session: Session | None, options: Options) -> FramePlan:
    return plan_graded(job, options) if session is None else plan_frame(job, session)


def plan_graded(job: Job, options: Options) -> FramePlan:
    """Plan a graded EXR that is shown as it is; no pixel is decoded.

    Raises LatticeError if it cannot be read, is not graded, or if the view or layer of the options was not graded.
    """
    where = str(job.source)
    stored = tuple(source.read_headers(job.source))
    stamped = stamps_in(stored[0])
    if not stamped:
        raise LatticeError(f"{where}: expected a graded frame, got one without stamps")
    headers = tuple(map(luma_chroma.rgb_header, stored))
    plans = channels.plan_parts(headers, options.layers, options.views, where, may_change_codec=True)
    plan = FramePlan(
        job,
        "grade",
        bytes_needed(stored, headers, plans, None, size_of(job.source), options),
        headers,
        plans,
        stamps=stamped,
    )
    names = plan.shown(options.views, options.layers)[1].names
    if not set(names) <= set(re.split("[;:,]", stamped.get("layers", ""))):
        raise LatticeError(
            f"{where}: {' '.join(names)} were not graded in it, but {stamped.get('layers', 'others')} were"
        )
    return plan


def geometry_of(header: FrameHeader, source: Path) -> Geometry:
    """Return the display window's size and pixel aspect. Raises LatticeError if that aspect is no number above 0."""
    left, top, right, bottom = header.display
    if not 1 / FINEST_ASPECT < header.pixel_aspect < FINEST_ASPECT:
        raise LatticeError(f"{source}: pixelAspectRatio: expected a number above 0, got {header.pixel_aspect:g}")
    return right - left + 1, bottom - top + 1, header.pixel_aspect


def check_same(got: Geometry, source: Path, wanted: Geometry, first: Path) -> None:
    """Raise LatticeError if a frame's geometry is not the wanted one, that of the shot's first frame."""
    if got != wanted:
        shown = [f"{width} x {height} pixels of aspect {aspect:g}" for width, height, aspect in (wanted, got)]
        raise LatticeError(f"{source}: displayWindow: expected {shown[0]} as in {first}, got {shown[1]}")


def range_of(jobs: tuple[Job, ...]) -> str:
    """Return the jobs' frames as a range, such as 1001-1100; empty for a plain file."""
    return sequence.frame_range([job.frame for job in jobs if job.frame is not None])


def _are(jobs: tuple[Job, ...]) -> str:
    return f"frame {range_of(jobs)} is" if len(jobs) == 1 else f"frames {range_of(jobs)} are"


def _marked(job: Job, header: FrameHeader) -> Job:
    """Return the job of a graded frame, marked if another frame, or black, stands in for it."""
    said = stamps_in(header).get(STAND_IN)
    if said == "black":
        return replace(job, stand_in="black")
    return replace(job, stand_in="hold") if said == "hold" and not job.stand_in else job


def _told(job: Job, header: FrameHeader) -> Told:
    return Told(job.frame, None, None) if job.stand_in else Told(job.frame, header.rate, header.time_code)
