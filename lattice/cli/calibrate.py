"""The sub-command `calibrate`: pictures to be shown or filmed and measured."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Optional

import typer

from lattice.cli.app import Command, Overwrite, app, choices, working
from lattice.errors import printable

KINDS = ("24", "140")


@app.command(cls=Command)
def calibrate(
    patches: Annotated[
        str,
        typer.Argument(
            help="24: a color chart; 140: the chart at three exposures, grays, saturated colors and skin",
            **choices(*KINDS),
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The .exr of linear light, .tif of 16-bit or .dpx of 10-bit codes")
    ],
    listed: Annotated[
        Optional[Path],
        typer.Option("--list", help="The .csv to fill with what is measured; beside the output by default"),
    ] = None,
    encoding: Annotated[
        Optional[str],
        typer.Option("--input", metavar="NAME", help="What the pixels are; Rec.709 light, or Cineon codes by default"),
    ] = None,
    size: Annotated[str, typer.Option(metavar="WxH", help="Width and height in pixels")] = "1920x1080",
    one_by_one: Annotated[
        bool, typer.Option("--one-by-one", help="A numbered picture a patch, for an instrument that reads one spot")
    ] = False,
    overwrite: Overwrite = False,
) -> None:
    """Write a target to film or show and measure, and a list to fill: lattice calibrate 24 -o target.exr"""
    from lattice.match.target_files import LIGHT, write_target

    with working(f"writing {printable(output)}"):
        made = write_target(
            *(patches, output), listed=listed, encoding=encoding, size=size, one_by_one=one_by_one, overwrite=overwrite
        )
    more = f" to {made.pictures[-1].name}" if len(made.pictures) > 1 else ""
    print(printable(f"{made.pictures[0]}{more}: {made.held}"))
    print(printable(f"{made.list}: write X, Y, Z of each patch, then, with the display that was measured:"))
    taken = [] if made.primaries == LIGHT else ["--input", made.primaries]
    words = ["lattice", "match", str(made.list), *taken, "--display", "rec1886", "-o", "mine.toml"]
    print(printable(shlex.join(words)))
