"""Plan dailies: the frames, the movie and its geometry, before the first frame is graded."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from lattice.files.frame import FINEST_ASPECT, FrameHeader
from lattice.files.movie import codecs
from lattice.files.movie import file as movie
from lattice.files.storage import sequence
from lattice.regrade.dailies import burnin
from lattice.regrade.dailies.h273 import tags
from lattice.regrade.frame.plan import plan_frame, same_file
from lattice.regrade.frame.session import Session
from lattice.regrade.options import Job, Options
from lattice.regrade.sequence.missing import fill_gaps, frames_asked
from lattice.regrade.sequence.plan import engine_here
from lattice.types import LatticeError

if TYPE_CHECKING:
    from lattice.sdev import SDev

Geometry = tuple[int, int, float]  # width and height of the display window, a pixel's width over its height
STANDS_IN = {"": "", "hold": " held", "black": " missing"}  # after the frame's number


@dataclass(frozen=True)
class Reel:
    """The plan of a movie, made before the first frame is graded.

    jobs: one for each frame, in the movie's order; the target of each is the movie. geometry: shared by all frames.
    channels: of the first frame, those that are graded. items, name, strip: the burn-in. notes: a line for each
    surprise.
    """

    session: Session
    jobs: tuple[Job, ...]
    target: Path
    movie: movie.Movie
    geometry: Geometry
    channels: tuple[str, str, str]
    items: tuple[str, ...]
    name: str
    strip: burnin.Strip | None
    notes: tuple[str, ...]


def plan(
    sdev: SDev,
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    frames: str | None = None,
    codec: str = codecs.DEFAULT,
    fps: str = "24",
    burn_in: str = "",
    options: Options | None = None,
) -> Reel:
    """Plan a movie from the header of every frame; nothing is written.

    source, frames: as for a regrade, except that every gap between the first and the last frame is a missing frame.
    target: ends in .mov, or .mp4 for H.264. codec: as `codecs.named` takes it. fps: as `movie.parse_rate` takes it.
    burn_in: as `burnin.parse` takes it. options: of a regrade; `views` names at most one, by default the file's first.
    Raises LatticeError if PyAV is not installed, or a frame is missing (unless `options.missing` allows it), would be
    refused by a regrade, or differs in size from the first.
    """
    options, target = options or Options(), Path(target)
    rate, items, codec = movie.parse_rate(fps), burnin.parse(burn_in), codecs.named(codec)
    movie.check(target, codec)
    if len(options.views) > 1 or options.layers:
        raise LatticeError(f"views: expected one, got {', '.join(options.views + options.layers)}")
    jobs, gaps = _jobs(source, target, frames, options)
    engine, no_gpu = engine_here(options)
    session = Session(sdev, replace(options, engine=engine, deep="refuse"))  # a movie shows no copy
    geometry, channels = _survey(jobs, session)
    made, notes = _movie(sdev, codec, rate, geometry, jobs)
    name = getattr(sequence.beside(source, ""), "name", Path(source).stem)
    labels = [labels_of(job, items, name) for job in jobs] if items else []
    strip = burnin.Strip.fitting(max(labels, key=lambda pair: len(pair[1])), *geometry) if labels else None
    return Reel(session, jobs, target, made, geometry, channels, items, name, strip, (*no_gpu, *gaps, *notes))


def _movie(
    sdev: SDev, codec: str, rate: Fraction, geometry: Geometry, jobs: tuple[Job, ...]
) -> tuple[movie.Movie, tuple[str, ...]]:
    """The movie and its notes: colors that it cannot be tagged with, a row or column that pads it."""
    primaries, transfer, untagged = tags(sdev)
    width, height, aspect = geometry
    try:
        made = movie.Movie(
            codec,
            (width, height),
            len(jobs),
            rate,
            Fraction(aspect).limit_denominator(FINEST_ASPECT),
            primaries,
            transfer,
            f"lattice {sdev.name} {sdev.sha256}",
        )
    except LatticeError as error:
        raise LatticeError(f"{jobs[0].source}: displayWindow: {error}") from None
    padded = (
        ()
        if made.coded_size == made.size
        else (
            f"{width} x {height} becomes {made.coded_size[0]} x {made.coded_size[1]}: {codecs.CODECS[codec].title} "
            "takes even sizes, so the last column or row comes twice",
        )
    )
    return made, (*untagged, *padded)


def _jobs(
    source: str | os.PathLike[str], target: Path, frames: str | None, options: Options
) -> tuple[tuple[Job, ...], tuple[str, ...]]:
    asked = frames_asked(source, frames, "hold")  # gaps too: a jump in a movie is not seen
    found = tuple(Job(frame.frame, frame.path, target) for frame in sequence.find(source, asked))
    missing = [job.frame or 0 for job in found if not os.path.lexists(job.source)]
    if missing and options.missing == "error":
        raise LatticeError(
            f"{os.fspath(source)}: expected all of {len(found)} frames on disk, got none for "
            f"{sequence.frame_range(missing)}; add --missing skip, hold or black"
        )
    jobs, gaps = fill_gaps(found, source, options.missing)
    if not jobs:
        raise LatticeError(f"{os.fspath(source)}: expected a frame on disk among those asked for, got none")
    if any(same_file(job.source, target) for job in jobs):
        raise LatticeError(f"{target}: expected an output apart from the inputs, got an input")
    folder = Path(os.path.realpath(target)).parent
    if not folder.is_dir():
        raise LatticeError(f"{target}: expected an existing folder, got none at {folder}")
    return jobs, gaps


def _survey(jobs: tuple[Job, ...], session: Session) -> tuple[Geometry, tuple[str, str, str]]:
    """Read every header: the geometry that all frames share, and the first frame's color channels."""
    first, others = jobs[0], {job.source: job for job in jobs if job.source != jobs[0].source}
    wanted, channels = _look(first, session)
    for source, job in others.items():
        check_same(_look(job, session)[0], source, wanted, first.source)
    return wanted, channels


def _look(job: Job, session: Session) -> tuple[Geometry, tuple[str, str, str]]:
    frame = plan_frame(job, session)
    return geometry_of(frame.headers[0], job.source), frame.shown(session.options.views)[1].names


def geometry_of(header: FrameHeader, source: Path) -> Geometry:
    left, top, right, bottom = header.display
    if not 1 / FINEST_ASPECT < header.pixel_aspect < FINEST_ASPECT:
        raise LatticeError(f"{source}: pixelAspectRatio: expected a number above 0, got {header.pixel_aspect:g}")
    return right - left + 1, bottom - top + 1, header.pixel_aspect


def check_same(got: Geometry, source: Path, wanted: Geometry, first: Path) -> None:
    if got != wanted:
        shown = [f"{width} x {height} pixels of aspect {aspect:g}" for width, height, aspect in (wanted, got)]
        raise LatticeError(f"{source}: displayWindow: expected {shown[0]} as in {first}, got {shown[1]}")


def labels_of(job: Job, items: tuple[str, ...], name: str) -> tuple[str, str]:
    """The texts burnt into a frame at the left and at the right."""
    number = "" if job.frame is None else f"{job.frame:04d}"
    return name if "name" in items else "", number + STANDS_IN[job.stand_in] if "frame" in items else ""
