"""The sub-command `dailies`: shots as one movie."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Optional, get_args

import typer

from lattice.choices import CodecName
from lattice.cli.app import FAILED, SIGNALLED, Command, OptionalSDevName, app, choices, load_sdev
from lattice.cli.record_options import Gives, Takes, with_options
from lattice.errors import LatticeError
from lattice.regrade.options import Options
from lattice.regrade.report import Totals, table
from lattice.regrade.sequence.signals import stop_on_signals

if TYPE_CHECKING:
    from lattice.regrade.dailies.reel import Reel
    from lattice.regrade.report import FrameReport
    from lattice.regrade.sequence.signals import Stop
    from lattice.sdev import AnySDev

TimeCodeOption = Annotated[
    Optional[str], typer.Option(help="Of the first frame, HH:MM:SS:FF, drop-frame HH:MM:SS;FF; as it says by default")
]


@app.command(cls=Command)
@with_options(
    "views",
    "deep",
    "mips",
    "lossy",
    "compression",
    "tiles",
    "verify",
    "cores",
    "in_place",
    "replace",
    layers="The AOV layer to show instead of the beauty",
    force_flag="--force",
    force="Grade frames that are stamped as graded, too",
    missing="A frame that is not on disk: fail with an error and write nothing, skip it, hold the frame "
    "before it, or show black",
    overwrite="Replace the movie that is there",
    memory="The most memory of the program (100 MiB), of the pictures in hand and of the codec, such as 4G; by default "
    "three quarters of what is free",
)
def dailies(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="IN... OUT",
            help="Shots such as in.####.exr (%04d, @ and $F4 work too), one after the other, and the movie to write: "
            ".mov, or .mp4 for h264 and h265",
        ),
    ],
    options: Options,
    sdev: OptionalSDevName = None,
    takes: Takes = None,
    gives: Gives = None,
    codec: Annotated[
        str, typer.Option(help="How the movie is compressed", **choices(*get_args(CodecName)))
    ] = "prores422hq",
    size: Annotated[
        Optional[str], typer.Option(help="Such as 1920x1080: pictures are fitted into it, black beside them")
    ] = None,
    burn_in: Annotated[
        str, typer.Option(help="What is written into the pictures: some of frame,name,timecode,look,date")
    ] = "",
    slate: Annotated[
        str,
        typer.Option(
            help="A second in front of each shot: some of shot,look,date,frames,timecode,rate,show=TITLE,NAME=TEXT"
        ),
    ] = "",
    fps: Annotated[
        Optional[str], typer.Option(help="Frames a second: 24, 23.976, 24000/1001; as the frames say by default")
    ] = None,
    timecode: TimeCodeOption = None,
    frames: Annotated[
        Optional[list[str]],
        typer.Option(
            help="Such as 1-24, 1-100x5 or 1,5,10-20, once for each IN; from the first on disk to the last by default"
        ),
    ] = None,
    view: Annotated[
        Optional[str], typer.Option(help="The view to show, such as left; the file's first by default")
    ] = None,
) -> None:
    """Make a movie of shots: graded by --sdev, or as graded EXRs are; whole and verified, or not at all."""
    from lattice.regrade.dailies.plan import Asked, plan
    from lattice.regrade.sequence.progress import say

    if len(paths) < 2:
        raise LatticeError(f"OUT is missing: lattice dailies {paths[0]} OUT.mov")
    options = replace(options, views=() if view is None else (view,))
    asked = Asked(codec, fps, timecode, size, burn_in, slate)
    look = _look(sdev, takes, gives, options)
    reel = plan(look, paths[:-1], paths[-1], asked, options, frames or ())
    for note in reel.notes:
        say(f"lattice: {note}", is_error=True)
    with stop_on_signals() as stop:
        code = _run(reel, stop)
    if code:
        raise typer.Exit(code)


def _look(sdev: str | None, takes: str | None, gives: str | None, options: Options) -> AnySDev | None:
    if sdev is not None:
        return load_sdev(sdev, options.points, takes, gives)
    if takes is not None or gives is not None:
        raise LatticeError("--takes and --gives are of a LUT file: add --sdev FILE")
    return None


def _run(reel: Reel, stop: Stop) -> int:
    """Make the movie, print each frame's report and the totals; return the exit code."""
    from lattice.regrade.dailies.render import make
    from lattice.regrade.frame.input import assumptions
    from lattice.regrade.sequence.progress import libraries_silenced, line, reporter, say

    start, planned = time.perf_counter(), len(reel.jobs)
    say(reel.line)
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
    say(*table([replace(totals, bytes_written=reel.target.stat().st_size).columns()]).splitlines())
    for note in assumptions(reports):
        say(f"lattice: {note}", is_error=True)
    return 0
