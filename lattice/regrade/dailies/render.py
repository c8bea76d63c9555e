"""Render dailies: grade a sequence by the rules of a regrade, and write it as one movie."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing

import numpy as np
from numpy.typing import NDArray

from lattice.files.frame import FrameHeader
from lattice.files.movie import file as movie
from lattice.files.movie import yuv
from lattice.files.storage import leftovers
from lattice.regrade.dailies.plan import Reel, check_same, geometry_of, labels_of
from lattice.regrade.frame.grade import grade_associated, read_planned
from lattice.regrade.frame.memory import picture_bytes
from lattice.regrade.frame.plan import FramePlan, plan_frame
from lattice.regrade.frame.window import crop_to_display
from lattice.regrade.options import Job
from lattice.regrade.report import Counts, FrameReport
from lattice.regrade.sequence.in_hand import FramesInHand
from lattice.types import Pixels

Planes = tuple[Pixels, ...]


class _Stopped(Exception):
    """A stop was requested."""


def make(
    reel: Reel, on_report: Callable[[FrameReport], object] | None = None, stop: Callable[[], bool] = lambda: False
) -> bool:
    """Write the movie; return True if it was written, False if it was stopped.

    on_report: called in this thread as each frame is compressed, in order. stop: called between frames; once it returns
    True the movie is dropped, and the target is as it was. `options.workers` frames at a time are read and graded while
    one is compressed; no more are in memory.
    Raises LatticeError, with nothing changed at the target, if a frame cannot be read or the movie cannot be written.
    """
    leftovers.remove_leftovers([reel.target])
    with closing(_pictures(reel, on_report or (lambda report: None), stop)) as pictures:
        try:
            movie.write(reel.target, reel.movie, pictures)
        except _Stopped:
            return False
    return True


def _pictures(reel: Reel, on_report: Callable[[FrameReport], object], stop: Callable[[], bool]) -> Generator[Planes]:
    """Yield every frame's planes, in order; the next frames are graded meanwhile."""
    workers = reel.session.options.workers
    pool = ThreadPoolExecutor(workers, thread_name_prefix="dailies")

    def oldest(held: list[Future[tuple[Planes, FrameReport]]]) -> list[Future[tuple[Planes, FrameReport]]]:
        if stop():
            raise _Stopped
        return held[:1]

    frames = FramesInHand(
        reel.jobs, lambda job: pool.submit(_picture, job, reel), lambda: workers, oldest, lambda: False
    )
    try:
        for _, _, future in frames:
            planes, report = future.result()
            frames.fill()
            yield planes
            on_report(report)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _picture(job: Job, reel: Reel) -> tuple[Planes, FrameReport]:
    """Read a frame, grade it, burn in its texts; return the codec's planes and the report."""
    start, cpu = time.perf_counter(), time.thread_time()
    width, height, _ = reel.geometry
    counts = Counts()
    assumed: Mapping[str, str] = {}
    frame = None if job.stand_in == "black" else plan_frame(job, reel.session, is_shown=True)
    needed = picture_bytes((0, 0, width - 1, height - 1)) if frame is None else frame.bytes_needed
    with reel.session.budget.holding(needed):
        if frame is None:
            picture = np.zeros((3, height, width), np.float32)
        else:
            picture, counts = _graded(frame, reel)
            assumed = frame.assumed
        if reel.strip is not None:
            reel.strip.burn(picture, *labels_of(job, reel.items, reel.name))
        planes = yuv.planes(picture, reel.movie.layout, reel.movie.matrix)
        del picture
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
        time.thread_time() - cpu,
        job.source.stat().st_size,
        assumed=assumed,
    )


def _graded(frame: FramePlan, reel: Reel) -> tuple[NDArray[np.float32], Counts]:
    job = frame.job
    got = geometry_of(frame.headers[0], job.source)
    check_same(got, job.source, reel.geometry, reel.jobs[0].source)  # the file may have changed since the plan
    parts = read_planned(frame, reel.session)
    number, layer = frame.shown(reel.session.options.views, reel.session.options.layers)
    graded, counts = grade_associated(frame, parts, number, (layer,), reel.session)
    return shown([graded[name] for name in layer.names], parts[number].header), counts


def shown(channels: list[Pixels], header: FrameHeader) -> NDArray[np.float32]:
    """Return the display window's pixels, (3, H, W) float32 in [0, 1]; 0 outside the data window and for NaN.

    channels: red, green, blue, (h, w) each, of the data window.
    """
    picture = crop_to_display(channels, header).astype(np.float32, copy=False)
    np.nan_to_num(picture, copy=False, nan=0.0)
    return np.clip(picture, 0, 1, out=picture)
