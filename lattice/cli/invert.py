"""The sub-command `invert`: from pictures for a display back to scene light."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional, get_args

import typer

from lattice.choices import Interpolation
from lattice.cli.app import FAILED, Command, Overwrite, SDevName, app, choices, load_sdev, working
from lattice.cli.frames import FramesOption
from lattice.cli.record_options import Gives, Takes
from lattice.errors import LatticeError, printable

if TYPE_CHECKING:
    from lattice.regrade.frame.inverse import Asked

MASK = "found"


@app.command(cls=Command)
def invert(
    source: Annotated[
        str, typer.Argument(metavar="IN", help="An EXR or TIFF of display codes, a DPX or Cineon, or in.####.exr")
    ],
    target: Annotated[
        str, typer.Argument(metavar="OUT", help="The .exr of scene light to write, or such as out.####.exr")
    ],
    sdev: SDevName,
    takes: Takes = None,
    gives: Gives = None,
    frames: FramesOption = None,
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
    memory: Annotated[
        Optional[str], typer.Option("--memory", help="The most memory, such as 4G; a frame that needs more is refused")
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Find the scene light that a look shows as pictures' codes: exact, and the nearest where there is none."""
    from lattice.files.storage import sequence
    from lattice.regrade.frame.inverse import Asked, check_target
    from lattice.regrade.process.memory_budget import Budget, frames_memory
    from lattice.sdev import SDev

    if no_mask and mask != MASK:
        raise LatticeError("--no-mask writes no mask: leave out --no-mask or --mask")
    if not mask or not mask.isprintable() or "." in mask or " " in mask:
        raise LatticeError(f"mask: expected the name of a channel without a dot or a space, got {mask!r:.60}")
    budget = Budget(None if memory is None else frames_memory(memory))
    found = sequence.find(sequence.plain_pattern(source), sequence.range_in(source, frames))
    paths = [(frame.path, path) for frame, path in zip(found, sequence.targets(target, found), strict=True)]
    for path, made in paths:
        check_target(path, made, overwrite)
    look = load_sdev(sdev, None, takes, gives)
    if not isinstance(look, SDev):
        raise LatticeError(
            f"{sdev}: expected a look, or one 3D LUT, got a LUT of more: "
            f"lattice convert {sdev} fitted.clf --fit makes a look of it, and says how near it is"
        )
    look = look if display is None else look.with_display(display)
    asked = Asked(look, primaries, None if no_mask else mask, interpolation, budget)  # type: ignore[arg-type]  # checked
    if not _invert(asked, paths, overwrite):
        raise typer.Exit(FAILED)


def _invert(asked: Asked, paths: list[tuple[Path, Path]], overwrite: bool) -> bool:
    """Invert frames, print a line for each, and once each reason to doubt. True if none failed.

    Raises LatticeError if there is one frame and it fails; of several a frame that fails fails alone.
    """
    from lattice.regrade.frame.inverse import invert_frame
    from lattice.regrade.sequence.progress import say

    doubted: dict[str, list[Path]] = {}
    failed = 0
    for path, made in paths:
        try:
            with working(f"inverting {printable(path.name)}"):
                done = invert_frame(asked, path, made, overwrite)
        except LatticeError as error:
            if len(paths) == 1:
                raise
            say(f"failed {error}")
            failed += 1
            continue
        say(f"{made}: {100 * done.found:.2f} % of the pixels have an inverse; it holds {done.holds}")
        for line in done.doubts:
            doubted.setdefault(line, []).append(path)
    for line, where in doubted.items():
        more = f" and {len(where) - 1} more frames" if len(where) > 1 else ""
        say(f"lattice: {where[0]}{more}: {line}", is_error=True)
    return not failed
