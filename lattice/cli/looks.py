"""The sub-commands on looks: list, info, build, check, plot, schema."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from lattice.cli.app import FAILED, Command, Overwrite, app, load_sdev, working
from lattice.cli.record_options import Gives, Takes
from lattice.errors import LatticeError, printable

if TYPE_CHECKING:
    from lattice.cli.facts import Facts
    from lattice.inspect.graded import Grade


@app.command("list", cls=Command)
def list_looks() -> None:
    """List the shipped looks and film stocks."""
    from lattice.looks import load_profile, profile_names, stock_names
    from lattice.looks.toml import load_stock

    print("looks")
    for name in profile_names():
        look = load_profile(name)
        print(printable(f"  {name:24} {look.chain:9} {look.description}"))
    print("stocks")
    for name in stock_names():
        stock = load_stock(name)
        print(f"  {name:24} {stock.kind:9} {stock.name}" + ("" if stock.spectral else " (density-only)"))


@app.command(cls=Command)
def info(
    name: Annotated[
        Optional[str],
        typer.Argument(help="A look's name, a profile .toml, a LUT file, or a graded EXR, image or movie"),
    ] = None,
    takes: Takes = None,
    gives: Gives = None,
    engines: Annotated[bool, typer.Option("--engines", help="Say which engines run here, and why")] = False,
) -> None:
    """Say what an SDev is made of, how a file was graded, or which engines run here."""
    if (name is None) != engines:
        raise LatticeError("name a look or a file, as in lattice info premier, or add --engines; not both")
    from lattice.cli.facts import kept, of_look, of_sdev

    if engines:
        from lattice.sdev.engines import engine_facts

        print("\n".join(engine_facts()))
    if name is not None and takes is gives is None and (facts := kept(name)):
        _print_facts(facts)
    elif name is not None:
        from lattice.files.images.formats import suffixes
        from lattice.files.movie import codecs
        from lattice.sdev.load import is_lut

        graded = (*suffixes(), *codecs.suffixes())
        if name.lower().endswith(graded):
            _print_graded(name, takes, gives)
        elif is_lut(name) or Path(name).suffix.lower() in ("", ".toml"):
            is_plain = takes is gives is None and not is_lut(name)
            _print_facts(of_look(name) if is_plain else of_sdev(load_sdev(name, None, takes, gives)))
        else:
            raise LatticeError(
                f"{name}: expected a look, .toml or a LUT file, of those that lattice luts lists, or a graded "
                f"{', '.join(graded)}"
            )


def _print_graded(name: str, takes: str | None, gives: str | None) -> None:
    """Print how a file was graded; of an image without a stamp that holds a LUT, the LUT."""
    from lattice.cli.facts import of_sdev
    from lattice.files.luts.register import BY_SUFFIX
    from lattice.inspect.graded import read_grades
    from lattice.sdev.load import load_lut

    is_told, may_hold = takes is not None or gives is not None, Path(name).suffix.lower() in BY_SUFFIX
    try:
        grades = read_grades(name)
    except LatticeError:
        if not may_hold:
            raise
        with nullcontext() if is_told else suppress(LatticeError):
            _print_facts(of_sdev(load_lut(name, takes, gives)))
            return
        raise
    if is_told:
        raise LatticeError(f"{name}: --takes and --gives are of a LUT file: leave them out")
    _print_grades(grades)


def _print_grades(grades: Sequence[Grade]) -> None:
    from lattice.cli.facts import of_fields

    for number, grade in enumerate(grades):
        print(end="\n" * (number > 0))
        _print_facts([*grade.facts.items(), *of_fields(grade.look)])


def _print_facts(facts: Facts) -> None:
    for name, text in facts:
        print(printable(f"{name:18} {text}"))


def _is_lut(name: str, takes: str | None, gives: str | None) -> bool:
    """True if a name is that of a LUT file, or of an image that holds one. Raises LatticeError if it is not, but is
    told what a LUT file takes or gives."""
    from lattice.files.luts.register import BY_SUFFIX, split

    if split(name)[0].suffix.lower() in BY_SUFFIX:
        return True
    if takes is not None or gives is not None:
        raise LatticeError(f"--takes and --gives are of a LUT file, got {name!r:.60}: leave them out")
    return False


@app.command(cls=Command)
def check(
    name: Annotated[str, typer.Argument(help="A look's name, a profile .toml or a LUT file")],
    truth: Annotated[
        bool, typer.Option("--truth", help="Measure a camera look against spectra of real light instead")
    ] = False,
    takes: Takes = None,
    gives: Gives = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object")] = False,
) -> None:
    """Hold a lattice to its exact chain: not worse than the usual sampled 33^3 table, no gradient that turns back.
    A LUT file is measured by itself: its domain, range, ramps, nodes, folds and gamut."""
    from lattice.inspect.foreign import measure as measure_file
    from lattice.inspect.foreign_report import FileReport
    from lattice.inspect.quality import check as measure
    from lattice.inspect.report import Report
    from lattice.inspect.truth_table import TruthTable, truth_table
    from lattice.looks import load_profile
    from lattice.sdev.load import LOADED, load_lut, look_name

    report: Report | FileReport | TruthTable
    if _is_lut(name, takes, gives):
        if truth:
            raise LatticeError(f"{name}: --truth measures a camera look, and a LUT file does not know its film")
        with working(f"measuring {printable(name)}"):
            report = measure_file(load_lut(name, takes, gives))
    else:
        profile = load_profile(look_name(name), LOADED)
        with working(f"measuring {printable(profile.name)}"):
            report = truth_table(profile) if truth else measure(profile)
    print(json.dumps(report.as_dict()) if as_json else report)
    if not isinstance(report, TruthTable) and not report.good:
        raise typer.Exit(FAILED)


@app.command(cls=Command)
def plot(
    name: Annotated[str, typer.Argument(help="A look's name, a profile .toml or a LUT file")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The .png to write")],
    takes: Takes = None,
    gives: Gives = None,
    overwrite: Overwrite = False,
) -> None:
    """Draw a look: its 12-point curves, gray ramp, lattice slices, gamut and a color chart. Of a LUT file its ramps,
    and the cube of codes, instead of the curves."""
    from lattice.inspect import foreign_sheet, sheet
    from lattice.looks import load_profile
    from lattice.sdev.load import LOADED, load_lut, look_name

    if _is_lut(name, takes, gives):
        with working(f"drawing {printable(name)}"):
            foreign_sheet.plot(load_lut(name, takes, gives), output, overwrite)
    else:
        profile = load_profile(look_name(name), LOADED)
        with working(f"drawing {printable(profile.name)}"):
            sheet.plot(profile, output, overwrite)
    print(printable(output))


@app.command(cls=Command)
def schema(
    folder: Annotated[Path, typer.Argument(help="Where to write the two JSON Schemas")], overwrite: Overwrite = False
) -> None:
    """Write the JSON Schemas of profiles and stocks, for editors."""
    from lattice.files.storage import atomic
    from lattice.looks import schemas

    atomic.make_folder(folder)
    texts = {folder / name: text.encode() for name, text in schemas().items()}
    new = [path for path, text in texts.items() if not atomic.holds(path, text, overwrite)]
    for path in new:
        atomic.replace(path, [texts[path]], verify=lambda _: None)
    for path in texts:
        print(printable(path))
