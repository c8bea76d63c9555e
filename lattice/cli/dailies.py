"""The sub-command `dailies`: grade a sequence into a movie."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Optional, get_args

import typer

from lattice.choices import CodecName
from lattice.cli.app import FAILED, SIGNALLED, Command, SDevName, app, choices
from lattice.cli.record_options import with_options
from lattice.errors import LatticeError
from lattice.regrade.options import Options
from lattice.regrade.report import Totals
from lattice.regrade.sequence.signals import stop_on_signals

if TYPE_CHECKING:
    from lattice.regrade.dailies.plan import Reel
    from lattice.regrade.report import FrameReport
    from lattice.regrade.sequence.signals import Stop


@app.command(cls=Command)
@with_options(
    "views",
    "deep",
    "mips",
    "lossy",
    "compression",
    "tiles",
    "in_place",
    "memory",
    layers="The AOV layer to show instead of the beauty",
    force_flag="--force",
    force="Grade frames that are stamped as graded, too",
    missing="A frame that is not on disk: fail with an error and write nothing, skip it, hold the frame "
    "before it, or show black",
)
def dailies(
    source: Annotated[str, typer.Argument(metavar="IN", help="Such as in.####.exr; %04d, @ and $F4 work too")],
    target: Annotated[str, typer.Argument(metavar="OUT", help="The movie to write: .mov, or .mp4 for h264")],
    sdev: SDevName,
    options: Options,
    codec: Annotated[str, typer.Option(help="How the movie is compressed", **choices(*get_args(CodecName)))] = "prores",
    burn_in: Annotated[
        str, typer.Option(help="What is written into the picture: frame, name, or frame,name; nothing by default")
    ] = "",
    fps: Annotated[str, typer.Option(help="Frames a second: 24, 23.976, 24000/1001")] = "24",
    frames: Annotated[
        Optional[str],
        typer.Option(help="Such as 1-24, 1-100x5 or 1,5,10-20; from the first on disk to the last by default"),
    ] = None,
    view: Annotated[
        Optional[str], typer.Option(help="The view to show, such as left; the file's first by default")
    ] = None,
) -> None:
    """Grade a sequence of EXRs into a movie: whole and verified, or not at all."""
    from lattice.regrade.dailies.plan import plan
    from lattice.regrade.sequence.progress import say
    from lattice.sdev import load

    options = replace(options, views=() if view is None else (view,))
    reel = plan(load(sdev), source, target, frames, codec, fps, burn_in, options)
    for note in reel.notes:
        say(f"lattice: {note}", is_error=True)
    with stop_on_signals() as stop:
        code = _run(reel, stop)
    if code:
        raise typer.Exit(code)


def _run(reel: Reel, stop: Stop) -> int:
    """Make the movie, print each frame's report and the totals; return the exit code."""
    from lattice.files.movie.file import CODECS
    from lattice.regrade.dailies.render import make
    from lattice.regrade.frame.input import assumptions
    from lattice.regrade.sequence.progress import libraries_silenced, line, reporter, say

    start, planned = time.perf_counter(), len(reel.jobs)
    width, height = reel.movie.size
    say(
        f"{planned} frames of {width} x {height}, {' '.join(reel.channels)}, first {reel.jobs[0].source} -> "
        f"{reel.target}, {CODECS[reel.movie.codec].title}"
    )
    reports: list[FrameReport] = []
    with (
        libraries_silenced(),
        reporter(planned, doing="dailies", as_line=lambda report: line(report, report.source)) as show,
    ):

        def told(report: FrameReport) -> None:
            reports.append(report)
            show(report)

        try:
            made = make(reel, told, stop)
        except LatticeError as error:
            say(f"lattice: {error}; no movie was written", is_error=True)
            return FAILED
    if not made:
        say(f"lattice: stopped at {len(reports)} of {planned} frames; no movie was written", is_error=True)
        return int(SIGNALLED + (stop.signal or 0))
    totals = Totals.of(reports, planned, time.perf_counter() - start)
    say(replace(totals, bytes_written=reel.target.stat().st_size).table())
    for note in assumptions(reports):
        say(f"lattice: {note}", is_error=True)
    return 0
