"""Render a movie: grade its shots by the rules of a regrade, or show them as they are, and write it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lattice.cpu_time import cpu_seconds
from lattice.files import source
from lattice.files.exr import luma_chroma
from lattice.files.frame import FrameHeader
from lattice.files.movie import file as movie
from lattice.files.movie import yuv
from lattice.files.storage import atomic, leftovers
from lattice.files.storage.buffers import fresh
from lattice.files.window import crop_to_display
from lattice.regrade.dailies import slate
from lattice.regrade.dailies.memory import picture_bytes
from lattice.regrade.dailies.reel import Picture, Reel
from lattice.regrade.dailies.shot import Shot
from lattice.regrade.frame.grade import grade_associated, read_planned
from lattice.regrade.frame.plan import size_of
from lattice.regrade.options import Job, Options
from lattice.regrade.report import Counts, FrameReport
from lattice.regrade.sequence.in_hand import FramesInHand
from lattice.types import LatticeError, Pixels

Planes = tuple[Pixels, ...]
Drawn = tuple[Planes, FrameReport | None]  # a picture's codes, and the report of its frame


class _Stopped(Exception):
    """A stop was requested."""


def make(
    reel: Reel, on_report: Callable[[FrameReport], object] | None = None, stop: Callable[[], bool] = lambda: False
) -> bool:
    """Write the movie; return True if it was written, False if it was stopped.

    on_report: called in this thread as each frame is compressed, in order. stop: called between frames; once it returns
    True the movie is dropped, and the target is as it was. `options.workers` frames at a time are read and graded while
    one is compressed, fewer if memory is short; no more are in memory.
    Raises LatticeError, with nothing changed at the target, if a frame cannot be read or the movie cannot be written.
    """
    if reel.options.mkdir:
        atomic.make_folder(Path(os.path.realpath(reel.target)).parent)
    leftovers.remove_leftovers([reel.target])
    _ = reel.strip  # measured once, before threads want it
    with closing(_pictures(reel, on_report or (lambda report: None), stop)) as pictures:
        try:
            movie.write(reel.target, reel.movie, pictures, is_new=not reel.options.overwrite)
        except _Stopped:
            return False
    return True


def _pictures(reel: Reel, on_report: Callable[[FrameReport], object], stop: Callable[[], bool]) -> Generator[Planes]:
    """Yield every picture's planes, in order; the next ones are graded meanwhile."""
    workers = reel.options.workers
    pool = ThreadPoolExecutor(workers, thread_name_prefix="dailies")

    def oldest(held: list[Future[Drawn]]) -> list[Future[Drawn]]:
        if stop():
            raise _Stopped
        return held[:1]

    frames = FramesInHand[Picture, Future[Drawn]](
        reel.pictures, lambda each: pool.submit(_picture, each, reel), lambda: workers, oldest, lambda: False
    )
    try:
        for _, each, future in frames:
            planes, report = future.result()
            for _ in range(each.times):
                yield planes
            if report is not None:
                on_report(report)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _picture(each: Picture, reel: Reel) -> Drawn:
    """Draw a picture; return the codec's planes, and the report unless it is a slate."""
    shot = reel.shots[each.shot]
    with reel.budget.holding(picture_bytes(shot, reel.movie)):
        if each.job is None:
            still = slate.drawn(reel.entries, reel.slate_texts(each.shot), reel.movie.size, reel.geometry[2])
            return yuv.planes(still * shot.look.white, reel.movie.layout, reel.movie.matrix), None
        return _frame(each, each.job, shot, reel)


def _frame(each: Picture, job: Job, shot: Shot, reel: Reel) -> Drawn:
    """Read a frame, grade it or not, fit it, burn in its texts; return the codec's planes and the report."""
    start, cpu = time.perf_counter(), cpu_seconds()
    width, height, _ = shot.geometry
    counts = Counts()
    assumed: Mapping[str, str] = {}
    if job.stand_in == "black":
        picture = np.zeros((3, height, width), np.float32)
    else:
        picture, counts, assumed = _seen(job, shot, reel.options)
    picture = reel.fit(shot).place(picture)
    if reel.strip is not None:
        reel.strip.burn(picture, reel.labels(each), shot.look.white)
    planes = yuv.planes(picture, reel.movie.layout, reel.movie.matrix)
    return planes, FrameReport(
        job.frame,
        job.source,
        job.target,
        "ok",
        "",
        counts.nan,
        counts.inf,
        counts.negative,
        counts.clipped,
        time.perf_counter() - start,
        cpu_seconds() - cpu,
        size_of(job.source),
        assumed=assumed,
    )


def _seen(job: Job, shot: Shot, options: Options) -> tuple[NDArray[np.float32], Counts, Mapping[str, str]]:
    """Return what the display shows of a frame, the counts of its grade, and what was assumed of its color.

    Nothing is counted or assumed of a frame that is graded already.
    """
    frame = shot.plan(job, options)  # again: the file may have changed since the movie was planned
    number, layer = frame.shown(options.views, options.layers)
    if shot.session is not None:
        parts = read_planned(frame, shot.session)
        channels, counts = grade_associated(frame, parts, number, (layer,), shot.session)
    else:
        parts = tuple(map(luma_chroma.to_rgb, source.read_parts(job.source, room=fresh)))
        if tuple(part.header for part in parts) != frame.headers:
            raise LatticeError(f"{job.source}: expected a finished file, got one that changed while it was read")
        channels, counts = dict(parts[number].channels), Counts()
    return shown([channels[name] for name in layer.names], parts[number].header), counts, frame.assumed


def shown(channels: list[Pixels], header: FrameHeader) -> NDArray[np.float32]:
    """Return the display window's pixels, (3, H, W) float32 in [0, 1]; 0 outside the data window and for NaN.

    channels: red, green, blue, (h, w) each, of the data window.
    """
    picture = crop_to_display(channels, header).astype(np.float32, copy=False)
    np.nan_to_num(picture, copy=False, nan=0.0)
    return np.clip(picture, 0, 1, out=picture)
