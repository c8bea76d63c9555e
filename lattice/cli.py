"""The command line: one thin function for each sub-command.

Exit codes: 0 all done, 1 some work failed (the rest is done), 2 wrong use or input, 130 stopped by Ctrl-C, 143 by
SIGTERM (what was in hand is done whole, and the same command does the rest).
"""

from __future__ import annotations

import io
import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from lattice import __version__
from lattice.errors import LatticeError

app = typer.Typer(name="lattice", help="Makes a monitor show what a projected film print would show.",
                  no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
SDevName = Annotated[str, typer.Option("--sdev", "-s", help="A shipped look's name, a profile .toml or a .clf")]
DONE, FAILED, WRONG_USE, SIGNALLED = 0, 1, 2, 128  # to which a signal's number is added


def main() -> None:
    """Run the command line; a LatticeError becomes one line on stderr and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a file's name may be no text
    try:
        app()
    except LatticeError as error:
        print(f"lattice: {error}", file=sys.stderr)
        sys.exit(WRONG_USE)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"lattice {__version__}")
        raise typer.Exit


@app.callback()
def _root(version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True,
                                                help="Print the version and stop.")] = False) -> None:
    pass


@app.command("list")
def list_looks() -> None:
    """List the shipped looks and film stocks."""
    from lattice.records import load_profile, profile_names, stock_names
    from lattice.records.store import load_stock

    print("looks")
    for name in profile_names():
        print(f"  {name:24} {load_profile(name).description}")
    print("stocks")
    for name in stock_names():
        stock = load_stock(name)
        print(f"  {name:24} {stock.kind:9} {stock.name}" + ("" if stock.spectral else " (density-only)"))


@app.command()
def info(name: Annotated[Optional[str], typer.Argument(help="A look's name, a profile .toml or a .clf")] = None,
         engines: Annotated[bool, typer.Option("--engines", help="Say which engines run here, and why")] = False,
         ) -> None:
    """Say what an SDev is made of, or which engines run here."""
    if (name is None) != engines:
        raise LatticeError("expected either an SDev or --engines")
    if engines:
        from lattice.sdev.engines import engine_facts

        print("\n".join(engine_facts()))
    if name is not None:
        _print_sdev(name)


def _print_sdev(name: str) -> None:
    from lattice.sdev import load

    sdev = load(name)
    if not name.lower().endswith(".clf"):
        from lattice.build.chain import infrared_density
        from lattice.records import load_profile

        profile = load_profile(name)
        for field, value in profile.model_dump(mode="json").items():
            print(f"{field:18} {value['name'] if field in ('negative', 'print') else value}")
        if profile.print_silver:
            print(f"{'infrared density':18} {infrared_density(profile):.2f} at the print's D-max (estimate)")
    print(f"{'lattice':18} {sdev.lattice.size}^3 {sdev.lattice.interpolation}\n{'sha256':18} {sdev.sha256}")
    for fact, text in sorted(sdev.provenance.items()):
        print(f"{'from ' + fact:18} {text}")


@app.command()
def build(name: Annotated[str, typer.Argument(help="A look's name or a profile .toml")],
          output: Annotated[Path, typer.Option("--output", "-o", help="The .clf to write")],
          size: Annotated[Optional[int], typer.Option(help="Nodes along each side, odd")] = None,
          interpolation: Annotated[Optional[str], typer.Option(help="trilinear or tetrahedral")] = None,
          sampled: Annotated[bool, typer.Option("--sampled", help="Sample the nodes instead of fitting them")] = False,
          ) -> None:
    """Build a look into a CLF that opens here and in any OpenColorIO 2 host."""
    from lattice.build.device import build_device
    from lattice.records import load_profile
    from lattice.sdev import SDev

    asked = {"size": size, "interpolation": interpolation}
    profile = load_profile(name).revised(**{field: value for field, value in asked.items() if value is not None})
    SDev.from_device(build_device(profile, sampled)).save(output)
    print(output)


@app.command()
def check(name: Annotated[str, typer.Argument(help="A look's name or a profile .toml")],
          as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object")] = False) -> None:
    """Measure a lattice against its exact chain, beside the usual sampled 33^3 table."""
    from lattice.records import load_profile
    from lattice.sdev.check import check as measure

    report = measure(load_profile(name))
    if as_json:
        print(json.dumps(report.as_dict()))
    else:
        print(f"{report.name}: CIEDE2000 against the exact chain, colors that were not fitted (mean / p99 / max)")
        ours = f"{report.size}^3 fitted, {report.interpolation}"
        for title, differences in ((ours, report.lattice), ("33^3 sampled, tetrahedral, log shaper", report.usual)):
            figures = "   ".join(f"{kind} {d.mean:.3f} / {d.p99:.3f} / {d.max:.3f}" for kind, d in differences.items())
            print(f"  {title:38} {figures}")
        print(f"  monotone gray {report.monotone_gray}, finite {report.finite}, smooth {report.smooth}")
    if not report.good:
        raise typer.Exit(FAILED)


@app.command()
def plot(name: Annotated[str, typer.Argument(help="A look's name or a profile .toml")],
         output: Annotated[Path, typer.Option("--output", "-o", help="The .png to write")]) -> None:
    """Draw a look: its 12-point curves, gray ramp, lattice slices, gamut and a color chart."""
    from lattice.records import load_profile
    from lattice.sdev.plot import plot as draw

    draw(load_profile(name), output)
    print(output)


@app.command()
def schema(folder: Annotated[Path, typer.Argument(help="Where to write the two JSON Schemas")]) -> None:
    """Write the JSON Schemas of profiles and stocks, for editors."""
    from lattice.files import atomic
    from lattice.records import schemas

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LatticeError(f"{folder}: cannot be made: {error.strerror}") from None
    for name, text in schemas().items():
        atomic.replace(folder / name, [text.encode()], verify=lambda _: None)
        print(folder / name)


InputOption = Annotated[str, typer.Option("--input", help="Primaries of the pixels: auto takes each file's "
                                          "chromaticities (Rec.709 where it has none), or a name such as ACEScg")]
LayersOption = Annotated[Optional[list[str]], typer.Option("--layers", help="An AOV layer to grade besides the "
                                                           "beauty; may be repeated")]
ViewsOption = Annotated[Optional[list[str]], typer.Option("--views", help="A view to grade, such as left; may be "
                                                          "repeated; all by default")]
PremultOption = Annotated[str, typer.Option(help="auto divides by alpha before the grade; off does not")]
TransparentOption = Annotated[str, typer.Option(help="Color where alpha is 0: grade, keep or zero")]
NonfiniteOption = Annotated[str, typer.Option(help="NaN and infinities: keep, error or zero")]
ForceOption = Annotated[bool, typer.Option("--force", help="Grade what is stamped as graded, and again what is done")]
EngineOption = Annotated[str, typer.Option(help="What pixels run on: auto, native, numpy, or cuda, a GPU")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print a JSON object a frame, and one of totals at the end")]
InPlaceOption = Annotated[bool, typer.Option("--in-place", help="Allow an output to be its own input; the old file "
                                             "stays beside it as .orig")]


@app.command()
def apply(source: Annotated[str, typer.Argument(metavar="IN", help="An EXR")],
          target: Annotated[str, typer.Argument(metavar="OUT", help="The EXR to write")], sdev: SDevName,
          primaries: InputOption = "auto", layers: LayersOption = None, premult: PremultOption = "auto",
          transparent: TransparentOption = "grade", nonfinite: NonfiniteOption = "keep",
          force: ForceOption = False, in_place: InPlaceOption = False, engine: EngineOption = "auto",
          as_json: JsonOption = False, views: ViewsOption = None) -> None:
    """Grade one EXR, unless that is done already."""
    _regrade(source, target, sdev, None, False, primaries, layers, premult, transparent, nonfinite, force,
             in_place, 1, engine, as_json, views)


@app.command()
def regrade(source: Annotated[str, typer.Argument(metavar="IN", help="Such as in.####.exr; %04d, @ and $F4 work too")],
            target: Annotated[str, typer.Argument(metavar="OUT", help="Such as out.####.exr")], sdev: SDevName,
            frames: Annotated[Optional[str], typer.Option(help="Such as 1-24, 1-100x5 or 1,5,10-20; all on disk "
                                                          "by default")] = None,
            dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done, with the channels of the "
                                                "first frame that can be graded; write nothing")] = False,
            primaries: InputOption = "auto", layers: LayersOption = None, premult: PremultOption = "auto",
            transparent: TransparentOption = "grade", nonfinite: NonfiniteOption = "keep",
            force: ForceOption = False, in_place: InPlaceOption = False, engine: EngineOption = "auto",
            as_json: JsonOption = False, views: ViewsOption = None,
            missing: Annotated[str, typer.Option(help="A frame that is not on disk: error, skip, hold (the one before "
                                                 "it) or black")] = "error",
            threads: Annotated[int, typer.Option(help="Frames at a time; 0 takes one for each core")] = 0) -> None:
    """Grade a sequence of EXRs. A frame that fails fails alone; run again, the command does only what is not done."""
    _regrade(source, target, sdev, frames, dry_run, primaries, layers, premult, transparent, nonfinite, force,
             in_place, threads, engine, as_json, views, missing)


def _regrade(source: str, target: str, sdev: str, frames: str | None, dry_run: bool, primaries: str,
             layers: list[str] | None, premult: Any, transparent: Any, nonfinite: Any, force: bool,
             in_place: bool, threads: int, engine: Any, as_json: bool, views: list[str] | None,
             missing: Any = "error") -> None:
    from lattice.regrade import Options, plan
    from lattice.regrade.progress import say
    from lattice.regrade.stopping import told_by_signals
    from lattice.sdev import load

    if dry_run and as_json:
        raise LatticeError("expected either --dry-run or --json")
    options = Options(None if primaries == "auto" else primaries, tuple(layers or ()), tuple(views or ()), premult,
                      transparent, nonfinite, force, in_place, missing, threads, engine)
    settled = plan(load(sdev), source, target, frames, options)
    for note in settled.notes:
        say(f"lattice: {note}", is_error=True)
    if dry_run:
        code = _show_plan(settled)
    else:
        with told_by_signals() as stop:
            code = _run(settled, as_json, stop)
    if code:
        raise typer.Exit(code)


def _show_plan(settled: Any) -> int:
    print("\n".join(settled.lines))
    there = [os.path.lexists(job.source) for job in settled.jobs]
    for job, found in zip(settled.jobs, there, strict=True):
        note = job.stand_in if found else "missing"
        print(f"{job.source} -> {job.target}" + (f"  ({note})" if note else ""))
    return FAILED if settled.refused or not all(there) else DONE


def _run(settled: Any, as_json: bool, stop: Any) -> int:
    """Regrade, tell of each frame and of all; the exit code."""
    from lattice.regrade import regrade as run
    from lattice.regrade.ledger import Totals
    from lattice.regrade.progress import libraries_silenced, reporter, say

    start, planned, trouble = time.perf_counter(), len(settled.jobs), None
    reports: list[Any] = []
    if planned > 1 and not as_json:
        first = settled.jobs[0]
        say(f"{planned} frames, first {first.source} -> {first.target}")
    with libraries_silenced(), reporter(planned, as_json) as show:
        def told(report: Any) -> None:
            reports.append(report)
            show(report)

        try:
            run(settled, told, stop)
        except LatticeError as error:  # of the ledger; the frames are done
            trouble = error
    totals = Totals.of(reports, planned, time.perf_counter() - start)
    if as_json:
        say(json.dumps({"totals": asdict(totals)}))
    elif planned > 1:
        say(totals.line())
    if trouble is not None:
        say(f"lattice: {trouble}", is_error=True)
    if stop() and len(reports) < planned:
        say(f"lattice: stopped with {planned - len(reports)} of {planned} frames to do; the same command does them",
            is_error=True)
        return int(SIGNALLED + stop.signal)
    return FAILED if totals.failed or trouble is not None else DONE


if __name__ == "__main__":
    main()
