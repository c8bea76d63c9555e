"""The sub-commands `apply` and `regrade`: grade one image or a sequence."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional, get_args

import typer

from lattice.choices import ClusterKind, ProgressStyle
from lattice.cli.app import (
    DONE,
    FAILED,
    NUMBER,
    Command,
    OptionalSDevName,
    SDevName,
    app,
    choices,
    load_sdev,
    needed,
    typed,
)
from lattice.cli.record_options import PARAMETERS, Gives, Takes, with_options
from lattice.cli.running import run
from lattice.errors import LatticeError, printable
from lattice.regrade.options import Options
from lattice.regrade.process.algebra import start_no_threads
from lattice.regrade.sequence.signals import stop_on_signals

if TYPE_CHECKING:
    from lattice.regrade import Plan
    from lattice.regrade.sequence.shots import Shots
    from lattice.regrade.show.table import Shot

Asked = dict[str, Any]  # options of a cluster, by field name
Planned = tuple[list["Plan"], dict[str, str]]  # of the shots that can start; why others cannot, by their name
JsonOption = Annotated[bool, typer.Option("--json", help="Print a JSON object a frame, and one of totals at the end")]

Source = Annotated[
    Optional[str], typer.Argument(metavar="IN", help="Such as in.####.exr; %04d, @ and $F4 work too, and %V for views")
]
Target = Annotated[Optional[str], typer.Argument(metavar="OUT", help="Such as out.####.exr")]
ShotsOption = Annotated[
    Optional[Path], typer.Option("--shots", help="A table of shots, .toml or .csv, instead of IN, OUT and --sdev")
]
FramesOption = Annotated[
    Optional[str], typer.Option("--frames", help="Such as 1-24, 1-100x5 or 1,5,10-20; all on disk by default")
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help="Show what would be done, with the channels of the first frame that can be graded; write nothing",
    ),
]
ClusterName = Annotated[
    Optional[str],
    typer.Option("--cluster", help="Grade by the workers of a cluster", **choices(*get_args(ClusterKind))),
]
IOSlots = Annotated[
    Optional[int], typer.Option("--io-slots", help="Frames that all workers read or write at a time", **NUMBER)
]
Scheduler = Annotated[
    Optional[str],
    typer.Option("--scheduler", help="A Dask scheduler that runs, tls://HOST:PORT; Dask's settings name your keys"),
]
InsecureTCP = Annotated[
    bool,
    typer.Option(
        "--insecure-tcp",
        help="Connect the cluster without TLS: whoever reaches one of its ports runs code in your name",
    ),
]
Progress = Annotated[
    str, typer.Option("--progress", help="How progress is printed", **choices(*get_args(ProgressStyle)))
]


@app.command(cls=Command)
@with_options("missing", "memory", "threads")
def apply(
    source: Annotated[str, typer.Argument(metavar="IN", help="An EXR, DPX, Cineon, TIFF or HDR")],
    target: Annotated[str, typer.Argument(metavar="OUT", help="The EXR, DPX, Cineon, TIFF, PNG or JPEG to write")],
    sdev: SDevName,
    options: Options,
    takes: Takes = None,
    gives: Gives = None,
    as_json: JsonOption = False,
) -> None:
    """Grade one image, unless that is done already."""
    start_no_threads()
    from lattice.regrade.frame.ahead import Ahead
    from lattice.regrade.sequence.progress import libraries_silenced

    with libraries_silenced(), Ahead(source, options.cores) as ahead:
        from lattice.regrade import plan

        settled = plan(load_sdev(sdev, options.points, takes, gives), source, target, None, replace(options, threads=1))
        settled.session.ahead = ahead
        _regrade_shots([settled], {}, False, "json" if as_json else "lines", None)


@app.command(cls=Command)
@with_options()
def regrade(
    context: typer.Context,
    options: Options,
    source: Source = None,
    target: Target = None,
    sdev: OptionalSDevName = None,
    takes: Takes = None,
    gives: Gives = None,
    shots: ShotsOption = None,
    frames: FramesOption = None,
    dry_run: DryRun = False,
    as_json: JsonOption = False,
    cluster: ClusterName = None,
    workers: Annotated[Optional[int], typer.Option(help="How many, with --cluster; 2 by default", **NUMBER)] = None,
    io_slots: IOSlots = None,
    scheduler: Scheduler = None,
    insecure_tcp: InsecureTCP = False,
    queue: Annotated[Optional[str], typer.Option(help="The queue or partition of the workers' jobs")] = None,
    walltime: Annotated[Optional[str], typer.Option(help="HH:MM:SS of the workers' jobs")] = None,
    progress: Progress = "lines",
) -> None:
    """Grade a sequence of images. A frame that fails fails alone; run again, the command does only what is not done."""
    start_no_threads()
    from lattice.regrade.show.table import Shot

    given = {
        "kind": cluster,
        "workers": workers,
        "io_slots": io_slots,
        "scheduler": scheduler,
        "queue": queue,
        "walltime": walltime,
        "insecure_tcp": insecure_tcp or None,
    }
    asked = _asked_of_cluster(given)
    if asked is not None:
        _check_alone(options, "--")
    if shots is None:
        ends = needed(source, "IN, or --shots FILE"), needed(target, "OUT")
        plans, refused = _planned(Shot("", *ends, needed(sdev, "--sdev"), frames, options, takes, gives))
    else:
        table = _read_show(shots, context, options)
        if asked is not None:
            _check_alone(table[0].options, f"{shots}: ")
        plans, refused = _planned_show(table)
    _regrade_shots(plans, refused, dry_run, "json" if as_json else progress, asked)


def _planned(shot: Shot) -> Planned:
    """Plan one sequence, or one for each view. Raises LatticeError if the one cannot start."""
    from lattice.regrade import plan
    from lattice.regrade.sequence.plan import check_asked
    from lattice.regrade.show.plan import shots_of_views

    views = shots_of_views(shot)
    if views:
        return _planned_show(views)
    sdev = load_sdev(shot.sdev, shot.options.points, shot.takes, shot.gives)
    settled = plan(sdev, shot.source, shot.target, shot.frames, shot.options)
    check_asked(settled)
    return [settled], {}


def _planned_show(shots: Sequence[Shot]) -> Planned:
    """Return the plans of the shots that can start, and why the others cannot, by their name."""
    from lattice.regrade.show.plan import plan_show

    planned = plan_show(shots)
    plans = [each.plan for each in planned if each.plan is not None]
    return plans, {each.shot.name: each.why for each in planned if each.plan is None}


def _read_show(path: Path, context: typer.Context, options: Options) -> Sequence[Shot]:
    """Read a table of shots; options that were typed go before its own."""
    from lattice.regrade.show.table import read

    given = {name for name in context.params if typed(context, name)}
    for name in ("source", "target", "frames"):
        if name in given:
            raise LatticeError(f"{path}: expected in, out and frames in the table alone, got one typed, too")
    told = {
        each.name: getattr(options, each.name)
        for each in fields(Options)
        if PARAMETERS.get(each.name, each.name) in given
    }
    told |= {name: context.params[name] for name in ("sdev", "takes", "gives") if name in given}
    return read(path, told)


def _regrade_shots(
    plans: Sequence[Plan], refused: Mapping[str, str], dry_run: bool, progress: str, cluster: Asked | None
) -> None:
    """Regrade what is planned, or show it; exits with the code of the worst shot. refused: why others cannot start."""
    from lattice.regrade.sequence.progress import say

    if dry_run and progress == "json":
        raise LatticeError("--dry-run prints no JSON: leave out --dry-run or --json")
    for plan in plans:
        for note in plan.notes:
            say(f"lattice: {plan.name + ': ' if plan.name else ''}{note}", is_error=True)
    work = _work(cluster)
    if dry_run:
        code = max([_show_plan(plan) for plan in plans] + [_show_refused(name, why) for name, why in refused.items()])
    elif not plans:
        code = max(_show_refused(name, why) for name, why in refused.items())
    else:
        with stop_on_signals() as stop:
            code = run(plans, refused, progress, stop, work, cluster is not None)
    if code:
        raise typer.Exit(code)


def _show_refused(name: str, why: str) -> int:
    print(printable(f"failed {name}: {why}"))
    return FAILED


def _show_plan(settled: Plan) -> int:
    if settled.name:
        print(printable(f"shot {settled.name}, {settled.session.request.look}"))
    for line in settled.lines:
        print(printable(line))
    there = [os.path.lexists(job.source) for job in settled.jobs]
    for job, found in zip(settled.jobs, there, strict=True):
        note = "missing" if not found else job.stand_in or ("there already" if os.path.lexists(job.target) else "")
        print(printable(f"{job.source} -> {job.target}" + (f"  ({note})" if note else "")))
    return FAILED if settled.refused or not all(there) else DONE


def _asked_of_cluster(given: Asked) -> Asked | None:
    """Return the cluster options that were given, or None. Raises LatticeError if they contradict each other."""
    asked = {name: value for name, value in given.items() if value is not None}
    if not asked:
        return None
    if "kind" not in asked and "scheduler" not in asked:
        raise LatticeError(f"--{next(iter(asked)).replace('_', '-')} needs --cluster or --scheduler beside it")
    more = [name for name in ("kind", "workers", "queue", "walltime") if name in asked]
    if "scheduler" in asked and more:
        raise LatticeError(
            f"--scheduler joins workers that run already: leave out --{'cluster' if more[0] == 'kind' else more[0]}"
        )
    return asked


def _check_alone(options: Options, where: str) -> None:
    """Raise LatticeError if a run on a cluster asks for threads or cores. where: stands before the option's name."""
    for name, number in (("threads", options.threads), ("cores", options.cores)):
        if number:
            raise LatticeError(
                f"{where}{name} has no meaning with a cluster, each of whose workers grades a frame at a time: leave "
                f"it out; --workers {number} takes as many workers"
            )


def _work(cluster: Asked | None) -> Callable[..., Shots]:
    """Return the function that grades plans' frames: in threads of this process, or on a cluster's workers."""
    from lattice.regrade.sequence.run import regrade_shots

    if cluster is None:
        return regrade_shots
    from lattice.regrade.farm.dask import regrade_shots_on
    from lattice.regrade.farm.workers import Cluster

    return partial(regrade_shots_on, Cluster(**cluster))
