"""The sub-commands on film stocks: `lattice stock from-wedge`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from lattice.cli.app import Command, Group, Overwrite, any_number, app, choices, working
from lattice.errors import printable

stock = typer.Typer(
    cls=Group, help="Make a film stock of what was measured.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(stock, name="stock")

DENSITY: dict[str, Any] = {"parser": any_number, "metavar": "DENSITY"}


@stock.command("from-wedge", cls=Command)
def from_wedge(
    wedge: Annotated[
        Path, typer.Argument(help="A table of densities: log_exposure, step or wedge_density; red, green, blue")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The stock's .toml to write")],
    extends: Annotated[str, typer.Option(help="The stock to start from, a shipped name or a .toml")],
    step_density: Annotated[
        Optional[float], typer.Option(help="Log exposure from a step to the next; 0.15 by default", **DENSITY)
    ] = None,
    status: Annotated[
        Optional[str], typer.Option(help="What the densitometer reads, if the table does not say", **choices("A", "M"))
    ] = None,
    name: Annotated[Optional[str], typer.Option(help="The stock's name; the start's and the file's by default")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object")] = False,
    overwrite: Overwrite = False,
) -> None:
    """Make a stock whose curves are those of a step wedge: lattice stock from-wedge wedge.csv -o mine.toml --extends
    kodak_2383."""
    from lattice.match.wedge import stock_from_wedge

    with working(f"fitting {printable(wedge)}"):
        made = stock_from_wedge(
            wedge, output, extends, step_density=step_density, status=status, name=name, overwrite=overwrite
        )
    print(json.dumps(made.as_dict()) if as_json else "\n".join(map(printable, f"{output}: {made}".split("\n"))))
