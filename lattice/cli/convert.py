"""The sub-command convert: a LUT file of any format into one of another."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated, Optional

import typer

from lattice.cli.app import NUMBER, Command, Overwrite, app, working
from lattice.cli.record_options import Gives, Takes
from lattice.errors import LatticeError, printable

MOST = 1e6  # of a domain's ends


@app.command(cls=Command)
def convert(
    source: Annotated[
        Path, typer.Argument(help="The LUT file to read: .clf, .ctf, .cube, .csp, .spi1d, .3dl, ...; of CDLs, x.ccc@id")
    ],
    target: Annotated[Path, typer.Argument(help="The LUT file to write; a .clf is an SDev where that is exact")],
    takes: Takes = None,
    gives: Gives = None,
    taken: Annotated[
        Optional[str],
        typer.Option(
            "--input", metavar="NAME", help="What the new file takes, where an SDev becomes a LUT: LogC3/Rec.709"
        ),
    ] = None,
    size: Annotated[Optional[int], typer.Option(help="Nodes along each side of a new lattice", **NUMBER)] = None,
    fit: Annotated[bool, typer.Option("--fit", help="Fit one SDev to all stages, and say how near it is")] = False,
    domain: Annotated[
        Optional[str],
        typer.Option(metavar="LOW,HIGH", help="The numbers that a resampled LUT takes, where the file tells none"),
    ] = None,
    name: Annotated[Optional[str], typer.Option(help="The title of the new file; the old one's by default")] = None,
    overwrite: Overwrite = False,
) -> None:
    """Convert a LUT file: exactly where the new format holds it, else resampled, with the loss told. With --takes the
    new file takes linear light."""
    from lattice.export.convert import convert as converted

    with working(f"converting {printable(source)}"):
        lines = converted(source, target, takes, gives, taken, size, fit, _ends(domain), overwrite, name)
    for line in lines:
        print(printable(line))


def _ends(text: str | None) -> tuple[float, float] | None:
    """Return the numbers of --domain. Raises LatticeError unless they are two that rise."""
    if text is None:
        return None
    with suppress(ValueError):
        low, high = map(float, text.split(","))
        if -MOST < low < high < MOST:
            return low, high
    raise LatticeError(f"--domain: expected two numbers that rise, such as -0.1,1.5, got {text!r:.40}")
