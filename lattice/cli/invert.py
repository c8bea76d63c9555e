"""The sub-command `invert`: from a picture for a display back to scene light."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional, get_args

import typer

from lattice.choices import Interpolation
from lattice.cli.app import Command, Overwrite, SDevName, app, choices, load_sdev, working
from lattice.cli.record_options import Gives, Takes
from lattice.errors import LatticeError, printable

MASK = "found"


@app.command(cls=Command)
def invert(
    source: Annotated[Path, typer.Argument(metavar="IN", help="An EXR or TIFF of display codes, a DPX or Cineon")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="The .exr of scene light to write")],
    sdev: SDevName,
    takes: Takes = None,
    gives: Gives = None,
    display: Annotated[
        Optional[str], typer.Option("--display", help="The display of the codes; the look's own by default")
    ] = None,
    primaries: Annotated[
        Optional[str], typer.Option("--input", help="What light to write; the look's own input by default")
    ] = None,
    interpolation: Annotated[
        Optional[str],
        typer.Option(
            help="How the codes were made; as the look is fitted by default", **choices(*get_args(Interpolation))
        ),
    ] = None,
    mask: Annotated[str, typer.Option("--mask", help="The channel that is 1 where a color has an inverse")] = MASK,
    no_mask: Annotated[bool, typer.Option("--no-mask", help="Write no such channel")] = False,
    overwrite: Overwrite = False,
) -> None:
    """Find the scene light that a look shows as a picture's codes: exact, and the nearest where there is none."""
    from lattice.regrade.frame.inverse import Asked, check_target, invert_frame
    from lattice.sdev import SDev

    if no_mask and mask != MASK:
        raise LatticeError("--no-mask writes no mask: leave out --no-mask or --mask")
    if not mask or not mask.isprintable() or "." in mask or " " in mask:
        raise LatticeError(f"mask: expected the name of a channel without a dot or a space, got {mask!r:.60}")
    check_target(source, target, overwrite)
    look = load_sdev(sdev, None, takes, gives)
    if not isinstance(look, SDev):
        raise LatticeError(
            f"{sdev}: expected a look, got a LUT file of other stages than an SDev's; it is not inverted"
        )
    look = look if display is None else look.with_display(display)
    look = look if primaries is None else look.with_input(primaries)
    with working(f"inverting {printable(source.name)}"):
        asked = Asked(look, None if no_mask else mask, interpolation)  # type: ignore[arg-type]  # SDev.inverse checks it
        found = invert_frame(asked, source, target, overwrite)
    print(printable(f"{target}: {100 * found:.2f} % of the pixels have an inverse"))
