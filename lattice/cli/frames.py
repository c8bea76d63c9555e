"""The sub-commands `apply` and `regrade`: grade one image or a sequence."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Optional, get_args

import typer

from lattice.choices import ClusterKind, ProgressStyle
from lattice.cli.app import DONE, FAILED, SIGNALLED, Command, SDevName, app, choices
from lattice.cli.record_options import with_options
from lattice.errors import LatticeError
from lattice.regrade.options import Options
from lattice.regrade.process.malloc import retain_freed_memory
from lattice.regrade.report import Totals
from lattice.regrade.sequence.signals import stop_on_signals

if TYPE_CHECKING:
    from lattice.regrade import FrameReport, Plan
    from lattice.regrade.sequence.signals import Stop

Asked = dict[str, Any]  # options of a cluster, by field name
JsonOption = Annotated[bool, typer.Option("--json", help="Print a JSON object a frame, and one of totals at the end")]


@app.command(cls=Command)
@with_options("missing", "memory", "threads")
def apply(
    source: Annotated[str, typer.Argument(metavar="IN", help="An EXR, DPX, Cineon, TIFF or HDR")],
    target: Annotated[str, typer.Argument(metavar="OUT", help="The EXR, DPX, Cineon, TIFF, PNG or JPEG to write")],
    sdev: SDevName,
    options: Options,
    as_json: JsonOption = False,
) -> None:
    """Grade one image, unless that is done already."""
    _regrade(source, target, sdev, None, False, "json" if as_json else "lines", None, replace(options, threads=1))


@app.command(cls=Command)
@with_options()
def regrade(
    source: Annotated[str, typer.Argument(metavar="IN", help="Such as in.####.exr; %04d, @ and $F4 work too")],
    target: Annotated[str, typer.Argument(metavar="OUT", help="Such as out.####.exr")],
    sdev: SDevName,
    options: Options,
    frames: Annotated[
        Optional[str], typer.Option(help="Such as 1-24, 1-100x5 or 1,5,10-20; all on disk by default")
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Show what would be done, with the channels of the first frame that can be graded; write nothing",
        ),
    ] = False,
    as_json: JsonOption = False,
    cluster: Annotated[
        Optional[str], typer.Option(help="Grade by the workers of a cluster", **choices(*get_args(ClusterKind)))
    ] = None,
    workers: Annotated[Optional[int], typer.Option(help="How many, with --cluster; 2 by default")] = None,
    io_slots: Annotated[
        Optional[int], typer.Option("--io-slots", help="Frames that all workers read or write at a time")
    ] = None,
    scheduler: Annotated[Optional[str], typer.Option(help="A Dask scheduler that runs, tcp://...")] = None,
    queue: Annotated[Optional[str], typer.Option(help="The queue or partition of the workers' jobs")] = None,
    walltime: Annotated[Optional[str], typer.Option(help="HH:MM:SS of the workers' jobs")] = None,
    progress: Annotated[
        str, typer.Option(help="How progress is printed", **choices(*get_args(ProgressStyle)))
    ] = "lines",
) -> None:
    """Grade a sequence of images. A frame that fails fails alone; run again, the command does only what is not done."""
    given = {
        "kind": cluster,
        "workers": workers,
        "io_slots": io_slots,
        "scheduler": scheduler,
        "queue": queue,
        "walltime": walltime,
    }
    _regrade(
        source,
        target,
        sdev,
        frames,
        dry_run,
        "json" if as_json else progress,
        _asked_of_cluster(given, options.threads),
        options,
    )


def _regrade(
    source: str,
    target: str,
    sdev: str,
    frames: str | None,
    dry_run: bool,
    progress: str,
    cluster: Asked | None,
    options: Options,
) -> None:
    from lattice.regrade import plan
    from lattice.regrade.sequence.progress import say
    from lattice.sdev import load

    if dry_run and progress == "json":
        raise LatticeError("expected either --dry-run or --json")
    settled = plan(load(sdev), source, target, frames, options)
    for note in settled.notes:
        say(f"lattice: {note}", is_error=True)
    work = _work(cluster)
    if dry_run:
        code = _show_plan(settled)
    else:
        with stop_on_signals() as stop:
            code = _run(settled, progress, stop, work, cluster is not None)
    if code:
        raise typer.Exit(code)


def _show_plan(settled: Plan) -> int:
    print("\n".join(settled.lines))
    there = [os.path.lexists(job.source) for job in settled.jobs]
    for job, found in zip(settled.jobs, there, strict=True):
        note = job.stand_in if found else "missing"
        print(f"{job.source} -> {job.target}" + (f"  ({note})" if note else ""))
    return FAILED if settled.refused or not all(there) else DONE


def _asked_of_cluster(given: Asked, threads: int) -> Asked | None:
    """Return the cluster options that were given, or None. Raises LatticeError if they contradict each other."""
    asked = {name: value for name, value in given.items() if value is not None}
    if not asked:
        return None
    if "kind" not in asked and "scheduler" not in asked:
        raise LatticeError(
            f"--{next(iter(asked)).replace('_', '-')}: expected --cluster or --scheduler beside it, got neither"
        )
    if "scheduler" in asked:
        more = [name for name in ("kind", "workers", "queue", "walltime") if name in asked]
        if not asked["scheduler"] or more:
            raise LatticeError(
                "--scheduler: expected tcp://HOST:PORT, whose workers run already, got "
                + (f"--{'cluster' if more[0] == 'kind' else more[0]} too" if more else "none")
            )
    if threads:
        raise LatticeError(
            f"--threads: expected --workers with a cluster, each worker grades a frame at a time, got "
            f"--threads {threads}"
        )
    return asked


def _work(cluster: Asked | None) -> Callable[..., object]:
    """Return the function that grades a plan's frames: in threads of this process, or on a cluster's workers."""
    from lattice.regrade import regrade

    if cluster is None:
        return regrade
    from lattice.regrade.farm.dask import regrade_on
    from lattice.regrade.farm.workers import Cluster
    from lattice.regrade.sequence.progress import say

    settled = Cluster(**cluster)
    if settled.scheduler is None and settled.kind != "local":
        say(
            f"lattice: {settled.workers} workers are asked of {settled.kind}; frames begin when the first has come",
            is_error=True,
        )
    return partial(regrade_on, settled, tell=lambda text: say(f"lattice: {text}", is_error=True))


def _run(settled: Plan, progress: str, stop: Stop, work: Callable[..., object], elsewhere: bool) -> int:
    """Regrade, print each frame's report and the totals; return the exit code. elsewhere: True if on a cluster."""
    from lattice.regrade.frame.input import assumptions
    from lattice.regrade.sequence.progress import libraries_silenced, reporter, say

    start, planned, trouble = time.perf_counter(), len(settled.jobs), None
    reports: list[FrameReport] = []
    as_json = progress == "json"
    if planned > 1 and not as_json:
        first = settled.jobs[0]
        say(f"{planned} frames, first {first.source} -> {first.target}")
    retain_freed_memory()
    with libraries_silenced(), reporter(planned, progress) as show:

        def told(report: FrameReport) -> None:
            reports.append(report)
            show(report)

        try:
            work(settled, told, stop)
        except LatticeError as error:  # from the ledger or the cluster; reported frames are done
            trouble = error
    totals = Totals.of(reports, planned, time.perf_counter() - start, elsewhere)
    if as_json:
        say(json.dumps({"totals": asdict(totals)}))
    elif planned > 1:
        say(totals.table())
    for line in (*assumptions(reports), *([] if trouble is None else [trouble])):
        say(f"lattice: {line}", is_error=True)
    if stop() and len(reports) < planned:
        say(
            f"lattice: stopped with {planned - len(reports)} of {planned} frames to do; the same command does them",
            is_error=True,
        )
        return int(SIGNALLED + (stop.signal or 0))
    return FAILED if totals.failed or trouble is not None else DONE
