"""Sub-commands on frames: grade one file or a sequence."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Annotated, Any, Optional

import typer

from lattice.cli.app import DONE, FAILED, SIGNALLED, SDevName, app
from lattice.errors import LatticeError

InputOption = Annotated[str, typer.Option("--input", help="Primaries of the pixels: auto takes each file's "
                                          "chromaticities (Rec.709 where it has none), or a name such as ACEScg")]
TransferOption = Annotated[str, typer.Option(help="What the code values of DPX, Cineon, TIFF and HDR are taken as: "
                                             "auto (by what the file says), linear, cineon, srgb or rec709")]
LayersOption = Annotated[Optional[list[str]], typer.Option("--layers", help="An AOV layer to grade besides the "
                                                           "beauty; may be repeated")]
ViewsOption = Annotated[Optional[list[str]], typer.Option("--views", help="A view to grade, such as left; may be "
                                                          "repeated; all by default")]
PremultOption = Annotated[str, typer.Option(help="auto divides by alpha before the grade; off does not")]
TransparentOption = Annotated[str, typer.Option(help="Color where alpha is 0: grade, keep or zero")]
LossyOption = Annotated[str, typer.Option(help="A channel that passes and the codec would change: refuse, zips (all by "
                                          "ZIPS), or split (such channels in a part of their own)")]
DeepOption = Annotated[str, typer.Option(help="Deep files: refuse, or pass: copied byte for byte")]
MipsOption = Annotated[str, typer.Option(help="Mip- and rip-maps: refuse, drop the smaller levels, or rebuild them: "
                                         "each is graded")]
NonfiniteOption = Annotated[str, typer.Option(help="NaN and infinities: keep, error or zero")]
ForceOption = Annotated[bool, typer.Option("--force/--resume", help="Grade what is stamped as graded, and again what "
                                           "is done; or only what is not done")]
EngineOption = Annotated[str, typer.Option(help="What pixels run on: auto, native, numpy, or cuda, a GPU")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print a JSON object a frame, and one of totals at the end")]
InPlaceOption = Annotated[bool, typer.Option("--in-place", help="Allow an output to be its own input; the old file "
                                             "stays beside it as .orig")]


@app.command()
def apply(source: Annotated[str, typer.Argument(metavar="IN", help="An EXR, DPX, Cineon, TIFF or HDR")],
          target: Annotated[str, typer.Argument(metavar="OUT", help="The EXR, DPX, Cineon, TIFF, PNG or JPEG to "
                                                            "write")], sdev: SDevName,
          primaries: InputOption = "auto", transfer: TransferOption = "auto", layers: LayersOption = None,
          views: ViewsOption = None, premult: PremultOption = "auto", transparent: TransparentOption = "grade",
          nonfinite: NonfiniteOption = "keep", mips: MipsOption = "refuse", deep: DeepOption = "refuse",
          lossy: LossyOption = "refuse", force: ForceOption = False, in_place: InPlaceOption = False,
          engine: EngineOption = "auto", as_json: JsonOption = False) -> None:
    """Grade one image, unless that is done already."""
    _regrade(source, target, sdev, None, False, "json" if as_json else "lines", None, input=primaries,
             transfer=transfer, layers=layers, views=views, premult=premult, transparent=transparent,
             nonfinite=nonfinite, mips=mips, deep=deep, lossy=lossy, force=force, in_place=in_place, threads=1,
             engine=engine)


@app.command()
def regrade(source: Annotated[str, typer.Argument(metavar="IN", help="Such as in.####.exr; %04d, @ and $F4 work too")],
            target: Annotated[str, typer.Argument(metavar="OUT", help="Such as out.####.exr")], sdev: SDevName,
            frames: Annotated[Optional[str], typer.Option(help="Such as 1-24, 1-100x5 or 1,5,10-20; all on disk "
                                                          "by default")] = None,
            dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done, with the channels of the "
                                                "first frame that can be graded; write nothing")] = False,
            primaries: InputOption = "auto", transfer: TransferOption = "auto", layers: LayersOption = None,
            views: ViewsOption = None, premult: PremultOption = "auto", transparent: TransparentOption = "grade",
            nonfinite: NonfiniteOption = "keep", mips: MipsOption = "refuse", deep: DeepOption = "refuse",
            lossy: LossyOption = "refuse", force: ForceOption = False, in_place: InPlaceOption = False,
            missing: Annotated[str, typer.Option(help="A frame that is not on disk: error, skip, hold (the one before "
                                                 "it) or black")] = "error",
            engine: EngineOption = "auto", as_json: JsonOption = False,
            cluster: Annotated[Optional[str], typer.Option(help="Workers of a cluster: local, slurm, htcondor, lsf, "
                                                           "pbs")] = None,
            workers: Annotated[Optional[int], typer.Option(help="How many, with --cluster; 2 by default")] = None,
            io_slots: Annotated[Optional[int], typer.Option("--io-slots", help="Frames that all workers read or write "
                                                            "at a time")] = None,
            scheduler: Annotated[Optional[str], typer.Option(help="A Dask scheduler that runs, tcp://...")] = None,
            queue: Annotated[Optional[str], typer.Option(help="The queue or partition of the workers' jobs")] = None,
            walltime: Annotated[Optional[str], typer.Option(help="HH:MM:SS of the workers' jobs")] = None,
            progress: Annotated[str, typer.Option(help="How frames are told: lines, or openjd")] = "lines",
            memory: Annotated[Optional[str], typer.Option(help="Such as 4G: what the frames in hand may take together; "
                                                          "three quarters of what is free by default")] = None,
            threads: Annotated[int, typer.Option(help="Frames at a time; 0 takes one for each core")] = 0) -> None:
    """Grade a sequence of images. A frame that fails fails alone; run again, the command does only what is not done."""
    given = {"kind": cluster, "workers": workers, "io_slots": io_slots, "scheduler": scheduler, "queue": queue,
             "walltime": walltime}
    _regrade(source, target, sdev, frames, dry_run, "json" if as_json else progress, _asked_of_cluster(given, threads),
             input=primaries, transfer=transfer, layers=layers, views=views,
             premult=premult, transparent=transparent, nonfinite=nonfinite, mips=mips, deep=deep, lossy=lossy,
             force=force, in_place=in_place, missing=missing, memory=memory, threads=threads, engine=engine)


def _regrade(source: str, target: str, sdev: str, frames: str | None, dry_run: bool, progress: Any,
             cluster: dict[str, Any] | None, **asked: Any) -> None:
    from lattice.regrade import plan
    from lattice.regrade.sequence.progress import say
    from lattice.regrade.sequence.signals import told_by_signals
    from lattice.sdev import load

    if dry_run and progress == "json":
        raise LatticeError("expected either --dry-run or --json")
    settled = plan(load(sdev), source, target, frames, options_of(**asked))
    for note in settled.notes:
        say(f"lattice: {note}", is_error=True)
    work = _work(cluster)
    if dry_run:
        code = _show_plan(settled)
    else:
        with told_by_signals() as stop:
            code = _run(settled, progress, stop, work, cluster is not None)
    if code:
        raise typer.Exit(code)


def options_of(**asked: Any) -> Any:
    """The options of a regrade, asked for in the command line's words."""
    from lattice.regrade import Options
    from lattice.regrade.process.memory_budget import parse_size

    asked["input"] = None if asked["input"] == "auto" else asked["input"]
    if asked.get("memory") is not None:
        asked["memory"] = parse_size(asked["memory"])
    return Options(**asked | {name: tuple(asked[name] or ()) for name in ("layers", "views")})


def _show_plan(settled: Any) -> int:
    print("\n".join(settled.lines))
    there = [os.path.lexists(job.source) for job in settled.jobs]
    for job, found in zip(settled.jobs, there, strict=True):
        note = job.stand_in if found else "missing"
        print(f"{job.source} -> {job.target}" + (f"  ({note})" if note else ""))
    return FAILED if settled.refused or not all(there) else DONE


def _asked_of_cluster(given: dict[str, Any], threads: int) -> dict[str, Any] | None:
    """What was asked of a cluster; None where none is to be used. Raises LatticeError where that makes no sense."""
    asked = {name: value for name, value in given.items() if value is not None}
    if not asked:
        return None
    if "kind" not in asked and "scheduler" not in asked:
        raise LatticeError(f"{next(iter(asked)).replace('_', '-')}: expected it with --cluster or --scheduler, got it "
                           "without")
    if "scheduler" in asked:
        more = [name for name in ("kind", "workers", "queue", "walltime") if name in asked]
        if not asked["scheduler"] or more:
            raise LatticeError("scheduler: expected an address, and workers that are its own, got "
                               + (f"{'cluster' if more[0] == 'kind' else more[0]} too" if more else "none"))
    if threads:
        raise LatticeError(f"threads: expected none with a cluster, whose workers do a frame at a time, got {threads}")
    return asked


def _work(cluster: dict[str, Any] | None) -> Callable[..., Any]:
    """What does a plan's frames: threads of this process, or a cluster's workers."""
    from lattice.regrade import regrade

    if cluster is None:
        return regrade
    from lattice.regrade.farm.dask import regrade_on
    from lattice.regrade.farm.workers import Cluster
    from lattice.regrade.sequence.progress import say

    settled = Cluster(**cluster)
    if settled.scheduler is None and settled.kind != "local":
        say(f"lattice: {settled.workers} workers are asked of {settled.kind}; frames begin when the first has come",
            is_error=True)
    return partial(regrade_on, settled, tell=lambda text: say(f"lattice: {text}", is_error=True))


def _run(settled: Any, progress: Any, stop: Any, work: Callable[..., Any], elsewhere: bool) -> int:
    """Regrade, tell of each frame and of all; the exit code. elsewhere: other processes do the frames."""
    from lattice.regrade.process.malloc import keep_pages
    from lattice.regrade.report import Totals
    from lattice.regrade.sequence.progress import libraries_silenced, reporter, say

    start, planned, trouble = time.perf_counter(), len(settled.jobs), None
    reports: list[Any] = []
    as_json = progress == "json"
    if planned > 1 and not as_json:
        first = settled.jobs[0]
        say(f"{planned} frames, first {first.source} -> {first.target}")
    keep_pages()
    with libraries_silenced(), reporter(planned, progress) as show:
        def told(report: Any) -> None:
            reports.append(report)
            show(report)

        try:
            work(settled, told, stop)
        except LatticeError as error:  # of the ledger or the cluster; frames that were told are done
            trouble = error
    totals = Totals.of(reports, planned, time.perf_counter() - start, elsewhere)
    if as_json:
        say(json.dumps({"totals": asdict(totals)}))
    elif planned > 1:
        say(totals.table())
    if trouble is not None:
        say(f"lattice: {trouble}", is_error=True)
    if stop() and len(reports) < planned:
        say(f"lattice: stopped with {planned - len(reports)} of {planned} frames to do; the same command does them",
            is_error=True)
        return int(SIGNALLED + stop.signal)
    return FAILED if totals.failed or trouble is not None else DONE
