"""The sub-command match: a look from a LUT, from measured patches, or from a graded still."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from lattice.cli.app import Command, Overwrite, any_number, app, look_names, working
from lattice.cli.record_options import DISPLAY
from lattice.errors import LatticeError, printable

if TYPE_CHECKING:
    from lattice.looks import Profile
    from lattice.match.fitting import Match
    from lattice.match.reference import Aim

TOML, PNG = ".toml", ".png"
NEAREST, NAMED = "nearest", 4  # in place of a look's name; looks that are named
NUMBER: dict[str, Any] = {"parser": any_number, "metavar": "NUMBER"}


Source = Annotated[Optional[Path], typer.Option(help="An ungraded picture, with --target in place of a reference")]
Target = Annotated[Optional[Path], typer.Option(help="The same picture, graded, as codes of --display")]
Taken = Annotated[
    Optional[str],
    typer.Option("--input", metavar="NAME", help="What a LUT takes, the RGB of patches are, or --source holds"),
]
Shown = Annotated[Optional[str], typer.Option(help="The display of the codes, or that was measured", **DISPLAY)]
White = Annotated[
    Optional[str], typer.Option(help="Of patches, what is white: a patch's name, X,Y,Z, or D50, D65, ...")
]
Scale = Annotated[Optional[float], typer.Option(help="Of patches, the number of full RGB, such as 255", **NUMBER)]
WedgeFile = Annotated[
    Optional[Path], typer.Option("--wedge", help="A step wedge of the print stock beside it, densities as CSV")
]
StepDensity = Annotated[
    Optional[float], typer.Option(help="Of a wedge of numbered steps, log exposure from one to the next", **NUMBER)
]
Free = Annotated[
    Optional[str],
    typer.Option(metavar="NAMES", help="What may change, such as lights,exposure,silver; the usual by default"),
]


@app.command(cls=Command)
def match(
    output: Annotated[Path, typer.Option("--output", "-o", help="The profile .toml to write")],
    reference: Annotated[
        Optional[str],
        typer.Argument(help="A LUT file or a look, or measured patches: .csv, .ti3, CGATS or IT8 .txt, .cxf"),
    ] = None,
    start: Annotated[
        str,
        typer.Option(
            "--from", autocompletion=look_names, help="The look to begin with, which the new one extends, or: nearest"
        ),
    ] = "premier",
    source: Source = None,
    target: Target = None,
    taken: Taken = None,
    display: Shown = None,
    white: White = None,
    scale: Scale = None,
    wedge: WedgeFile = None,
    step_density: StepDensity = None,
    free: Free = None,
    residual: Annotated[
        bool, typer.Option("--residual", help="Put what the film model cannot hold into a residual lattice")
    ] = False,
    report: Annotated[Optional[Path], typer.Option(help="A .png to draw: curves, errors, worst colors")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all that is known of the match as JSON")] = False,
    overwrite: Overwrite = False,
) -> None:
    """Fit a look to a LUT that somebody loves, to patches measured off a screen, or to a graded still. docs/match.md
    walks through all."""
    from lattice.looks import load_profile
    from lattice.match.fitting import fit

    _check_targets(output, report, start, overwrite)
    first = load_profile("premier" if start == NEAREST else start)
    with working(f"fitting to {printable(reference or target)}") as told:
        wanted = _references(first, reference, source, target, taken, display, white, scale)
        if start == NEAREST:
            first = _nearest(wanted, told)
        wanted = _with_wedge(wanted, first, wedge, step_density)
        names = None if free is None else [name.strip() for name in free.split(",") if name.strip()]
        found = fit(wanted, first, names, residual, output.stem, lambda n, most: told(f"{n} of {most} slopes at most"))
        found.save(output, overwrite)
        if report is not None:
            from lattice.match.sheet import draw_sheet

            told("drawing")
            draw_sheet(found, report, overwrite)
    _print(found, output, report, as_json)


def _nearest(wanted: Aim, told: Callable[[str], None]) -> Profile:
    """Return the shipped look that is nearest, and print how near the first ones are."""
    from lattice.looks import load_profile
    from lattice.match.nearest import nearest

    found = list(nearest(wanted.fitted, told).items())
    near = ", ".join(f"{name} {off:.2f}" for name, off in found[:NAMED])
    print(f"nearest with its lights matched, CIEDE2000, median: {near}", file=sys.stderr)
    return load_profile(found[0][0])


def _references(start: Profile, reference: str | None, source: Path | None, target: Path | None, *asked: Any) -> Aim:
    """Open what is fitted. Raises LatticeError unless it is one thing."""
    if (source is None) != (target is None):
        raise LatticeError("--source and --target go together: the ungraded picture and the graded one")
    if (reference is None) == (source is None):
        raise LatticeError("name one reference: a LUT file or patches, or --source PLATE --target GRADED")
    taken, display, white, scale = asked
    if source is None or target is None:
        from lattice.match.sources import references

        return references(str(reference), start, taken, display, white, scale)
    from lattice.match.sources import graded_still

    if white is not None or scale is not None:
        raise LatticeError("--white and --scale are of measured patches: leave them out")
    return graded_still(source, target, start, taken, display)


def _with_wedge(wanted: Aim, start: Profile, wedge: Path | None, step: float | None) -> Aim:
    """Return what a match aims at, with the densities of a wedge on the start's print stock."""
    if wedge is None:
        if step is not None:
            raise LatticeError("--step-density is of a wedge: name it, --wedge FILE, or leave it out")
        return wanted
    from lattice.files.measured.wedge import read_wedge
    from lattice.match.wedge import wedge_of

    return wanted.with_wedge(*wedge_of(read_wedge(wedge, step), start.print))


def _check_targets(output: Path, report: Path | None, start: str, overwrite: bool) -> None:
    """Raise LatticeError for a name that cannot be written, before the work."""
    from lattice.files.images.png import PNG_MAGIC
    from lattice.files.storage import atomic

    atomic.check_new(output, TOML, overwrite, b"")
    for path in (output, *([] if report is None else [report])):
        if not path.parent.is_dir():
            raise LatticeError(f"{path}: expected an existing folder, got none at {path.parent}")
    if os.path.exists(start) and os.path.exists(output) and os.path.samefile(start, output):
        raise LatticeError(f"{output}: expected another file than the look to begin with: the new one extends it")
    if report is not None:
        atomic.check_new(report, PNG, overwrite, PNG_MAGIC)


def _print(found: Match, output: Path, report: Path | None, as_json: bool) -> None:
    from lattice.match import tell

    if as_json:
        held = {"held_at_the_start": found.held} if report is not None else {}
        print(json.dumps({"look": str(output), **tell.as_json(found), **held}, indent=2))
        return
    print(
        "\n".join(map(printable, [f"{output}: {line}" if k == 0 else line for k, line in enumerate(tell.lines(found))]))
    )
    if report is not None:
        print(printable(report))
