"""Dailies: a sequence graded and written as one movie, by the rules of a regrade."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lattice.channels.layers import Triple
from lattice.files.exr import luma_chroma as luma
from lattice.files.exr.header import Header
from lattice.files.images import file as images
from lattice.files.movie import file as movie
from lattice.files.movie import yuv
from lattice.files.storage import atomic, sequence
from lattice.regrade.dailies import burnin
from lattice.regrade.dailies.h273 import tags
from lattice.regrade.frame import still as stills
from lattice.regrade.frame.grade import grade_part, intend, same_file
from lattice.regrade.frame.session import Grader
from lattice.regrade.frame.window import alphas, placed
from lattice.regrade.options import Job, Options
from lattice.regrade.report import Counts, FrameReport
from lattice.regrade.sequence.missing import frames_asked, settle
from lattice.regrade.sequence.run import engine_here
from lattice.types import LatticeError

if TYPE_CHECKING:
    from lattice.sdev import SDev

Planes = tuple[NDArray[Any], ...]
Geometry = tuple[int, int, float]  # width and height of the display window, a pixel's width over its height
FINEST_ASPECT = 1000  # denominator: 1.0666667 is 16/15
STANDS_IN = {"": "", "hold": " held", "black": " missing"}  # after the frame's number


class _Stopped(Exception):
    """The run was told to stop."""


@dataclass(frozen=True)
class Reel:
    """All that is settled before the first frame.

    jobs: one a frame, in the movie's order; the target of each is the movie. geometry: of every frame. channels: of
    the first that are graded. items, name, strip: what is burnt in, and how. notes: what will not go as one may
    expect, a line each.
    """

    grader: Grader
    options: Options
    jobs: tuple[Job, ...]
    target: Path
    movie: movie.Movie
    geometry: Geometry
    channels: tuple[str, str, str]
    items: tuple[str, ...]
    name: str
    strip: burnin.Strip | None
    notes: tuple[str, ...]


def plan(sdev: SDev, source: str | os.PathLike[str], target: str | os.PathLike[str], frames: str | None = None,
         codec: str = "prores", fps: str = "24", burn_in: str = "", options: Options | None = None) -> Reel:
    """Settle what becomes of each frame, by a look at the header of every one; nothing is written.

    source, frames: as for a regrade, but that a gap between the first frame and the last is a missing frame, too.
    target: ends in .mov, or .mp4 for H.264. codec: a key of `movie.CODECS`. fps: as `movie.parse_rate` takes it.
    burn_in: as `burnin.parse` takes it. options: of a regrade; of `views` one at most, the file's own first by default.
    Raises LatticeError where PyAV is not here, a frame is missing (`options.missing` says what to do instead), would be
    refused by a regrade, or has another size than the first.
    """
    options, target, rate = options or Options(), Path(target), movie.parse_rate(fps)
    items = burnin.parse(burn_in)
    movie.check(target, codec)
    if len(options.views) > 1 or options.layers:
        raise LatticeError(f"views: expected one, got {', '.join(options.views + options.layers)}")
    jobs, gaps = _jobs(source, target, frames, options)
    engine, no_gpu = engine_here(options)
    grader = Grader(sdev, engine)
    geometry, channels = _survey(jobs, grader, options)
    primaries, transfer, untagged = tags(sdev)
    width, height, aspect = geometry
    try:
        made = movie.Movie(codec, (width, height), len(jobs), rate, Fraction(aspect).limit_denominator(FINEST_ASPECT),
                           primaries, transfer, f"lattice {sdev.name} {sdev.sha256}")
    except LatticeError as error:
        raise LatticeError(f"{jobs[0].source}: displayWindow: {error}") from None
    name = getattr(sequence.beside(source, ""), "name", Path(source).stem)
    padded = () if made.coded_size == made.size else (
        f"{width} x {height} becomes {made.coded_size[0]} x {made.coded_size[1]}: {movie.CODECS[codec].title} takes "
        "even sizes, so the last column or row comes twice",)
    labels = [_labels(job, items, name) for job in jobs] if items else []
    strip = burnin.Strip.fitting(max(labels, key=lambda pair: len(pair[1])), *geometry) if labels else None
    return Reel(grader, options, jobs, target, made, geometry, channels, items, name, strip,
                (*no_gpu, *gaps, *untagged, *padded))


def make(reel: Reel, on_report: Callable[[FrameReport], object] | None = None,
         stop: Callable[[], bool] = lambda: False) -> bool:
    """Write the movie; whether it was written.

    on_report: called in this thread as each frame is compressed, in order. stop: asked between frames; once it says
    yes all is dropped, and what stood at the target still does. `options.workers` frames at a time are read and
    graded, while one is compressed; no more are in memory.
    Raises LatticeError, with nothing changed at the target, where a frame cannot be read or the movie be written.
    """
    atomic.remove_leftovers([reel.target])
    with closing(_pictures(reel, on_report or (lambda report: None), stop)) as pictures:
        try:
            movie.write(reel.target, reel.movie, pictures)
        except _Stopped:
            return False
    return True


def _jobs(source: str | os.PathLike[str], target: Path, frames: str | None,
          options: Options) -> tuple[tuple[Job, ...], tuple[str, ...]]:
    asked = frames_asked(source, frames, "hold")  # gaps too, whatever is done about them: a movie's jump tells nobody
    found = tuple(Job(frame.frame, frame.path, target) for frame in sequence.find(source, asked))
    missing = [job.frame or 0 for job in found if not os.path.lexists(job.source)]
    if missing and options.missing == "error":
        raise LatticeError(f"{os.fspath(source)}: expected all of {len(found)} frames on disk, got none for "
                           f"{sequence.frame_range(missing)}; missing skip, hold or black goes on without")
    jobs, gaps = settle(found, source, options.missing)
    if not jobs:
        raise LatticeError(f"{os.fspath(source)}: expected a frame on disk among those asked for, got none")
    if any(same_file(job.source, target) for job in jobs):
        raise LatticeError(f"{target}: expected an output apart from the inputs, got an input")
    folder = Path(os.path.realpath(target)).parent
    if not folder.is_dir():
        raise LatticeError(f"{target}: expected an existing folder, got none at {folder}")
    return jobs, gaps


def _survey(jobs: tuple[Job, ...], grader: Grader, options: Options) -> tuple[Geometry, tuple[str, str, str]]:
    """The geometry that all frames share, and the first one's color channels, by a look at every header."""
    sources = list(dict.fromkeys(job.source for job in jobs))
    looks = (_look(source, grader, options) for source in sources)
    wanted, channels = next(looks)
    for source, (got, _) in zip(sources[1:], looks, strict=True):
        _check_same(got, source, wanted, sources[0])
    return wanted, channels


def _look(source: Path, grader: Grader, options: Options) -> tuple[Geometry, tuple[str, str, str]]:
    headers = tuple(map(luma.rgb_header, images.read_headers(source, options.transfer)))
    _, triple, _ = _view(headers, source, grader, options)
    return _geometry(headers[0], source), triple.names


def _geometry(header: Header, source: Path) -> Geometry:
    left, top, right, bottom = header.display
    if not 1 / FINEST_ASPECT < header.pixel_aspect < FINEST_ASPECT:
        raise LatticeError(f"{source}: pixelAspectRatio: expected a number above 0, got {header.pixel_aspect:g}")
    return right - left + 1, bottom - top + 1, header.pixel_aspect


def _check_same(got: Geometry, source: Path, wanted: Geometry, first: Path) -> None:
    if got != wanted:
        shown = [f"{width} x {height} pixels of aspect {aspect:g}" for width, height, aspect in (wanted, got)]
        raise LatticeError(f"{source}: displayWindow: expected {shown[0]} as in {first}, got {shown[1]}")


def _view(headers: tuple[Header, ...], source: Path, grader: Grader,
          options: Options) -> tuple[int, Triple, str | tuple[float, ...]]:
    """The part that holds the color to show, that color, and its primaries.

    Of what a regrade grades it is the color of the view that the file names first, the bare one before Blender's.
    """
    plans, pixels = intend(headers, source, grader, options)
    found = [(part, triple) for part, plan in enumerate(plans) for triple in plan.triples]
    wanted = (*options.views, *headers[0].views, found[0][1].view)[0]
    part, triple = min(found, key=lambda each: (each[1].view != wanted, bool(each[1].layer)))
    return part, triple, pixels


def _labels(job: Job, items: tuple[str, ...], name: str) -> tuple[str, str]:
    """What is burnt into a frame at the left and at the right."""
    number = "" if job.frame is None else f"{job.frame:04d}"
    return name if "name" in items else "", number + STANDS_IN[job.stand_in] if "frame" in items else ""


def _pictures(reel: Reel, on_report: Callable[[FrameReport], object], stop: Callable[[], bool]) -> Generator[Planes]:
    """Every frame's planes, in order; those that come next are worked on meanwhile."""
    waiting, in_hand = deque(reel.jobs), deque[Future[tuple[Planes, FrameReport]]]()
    pool = ThreadPoolExecutor(reel.options.workers, thread_name_prefix="dailies")

    def fill() -> None:
        while waiting and len(in_hand) < reel.options.workers:
            in_hand.append(pool.submit(_picture, waiting.popleft(), reel))

    try:
        fill()
        while in_hand:
            if stop():
                raise _Stopped
            planes, report = in_hand.popleft().result()
            fill()
            yield planes
            on_report(report)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _picture(job: Job, reel: Reel) -> tuple[Planes, FrameReport]:
    """A frame read, graded, labelled, and taken apart for the codec."""
    start, cpu = time.perf_counter(), time.thread_time()
    width, height, _ = reel.geometry
    counts = Counts()
    if job.stand_in == "black":
        picture = np.zeros((3, height, width), np.float32)
    else:
        picture, counts = _graded(job, reel)
    if reel.strip is not None:
        reel.strip.burn(picture, *_labels(job, reel.items, reel.name))
    planes = yuv.planes(picture, reel.movie.layout, reel.movie.matrix)
    return planes, FrameReport(job.frame, job.source, job.target, "ok", "", counts.nan, counts.inf, counts.negative,
                               counts.clipped, time.perf_counter() - start, time.thread_time() - cpu,
                               job.source.stat().st_size)


def _graded(job: Job, reel: Reel) -> tuple[NDArray[np.float32], Counts]:
    parts = tuple(map(luma.to_rgb, images.read_parts(job.source, reel.options.transfer)))
    headers = tuple(part.header for part in parts)
    _check_same(_geometry(headers[0], job.source), job.source, reel.geometry, reel.jobs[0].source)  # written anew?
    number, triple, pixels = _view(headers, job.source, reel.grader, reel.options)
    alpha = alphas(parts, number, (triple,))
    graded, counts = grade_part(parts[number].channels, alpha, (triple,), job.source, reel.grader.taking(pixels),
                                stills.as_stored(headers[number], reel.options), reel.grader.engine)
    if stills.is_straight(headers[number]):
        graded = stills.premultiplied(graded, alpha)
    return shown([graded[name] for name in triple.names], headers[number]), counts


def shown(channels: list[NDArray[Any]], header: Header) -> NDArray[np.float32]:
    """What the display window shows, (3, H, W) in [0, 1]: black beside the data window and for NaN."""
    picture = placed(channels, header).astype(np.float32, copy=False)
    np.nan_to_num(picture, copy=False, nan=0.0)
    return np.clip(picture, 0, 1, out=picture)
