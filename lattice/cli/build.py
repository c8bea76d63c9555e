"""The sub-command build: a look as an SDev's CLF, or as a LUT for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional, get_args

import typer

from lattice.choices import Interpolation
from lattice.cli.app import NUMBER, STOPS, Command, Overwrite, app, choices, working
from lattice.cli.record_options import DISPLAY, HELP, options_of
from lattice.errors import LatticeError, printable

if TYPE_CHECKING:
    from lattice.color.displays import Shown
    from lattice.export.recipe import Recipe
    from lattice.looks import Profile
    from lattice.regrade.options import Options

HOST_NAMES = ("nuke", "rv", "resolve", "premiere", "photoshop", "ffmpeg", "obs", "unreal", "blender", "ocio1")


@app.command(cls=Command)
def build(
    name: Annotated[str, typer.Argument(help="A look's name or a profile .toml")],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="The .clf to write, or .ctf, .cube, .csp, .spi3d, .3dl, .vf, ... (LUTs)"),
    ],
    host: Annotated[
        Optional[str], typer.Option("--for", help="The program that a LUT is for", **choices(*HOST_NAMES))
    ] = None,
    size: Annotated[
        Optional[int], typer.Option(help="Nodes along each side: of a .clf, odd; of a LUT, 2 to 129", **NUMBER)
    ] = None,
    interpolation: Annotated[
        Optional[str], typer.Option(help="How colors between nodes are found", **choices(*get_args(Interpolation)))
    ] = None,
    sampled: Annotated[bool, typer.Option("--sampled", help="Sample the nodes instead of fitting them")] = False,
    split: Annotated[bool, typer.Option("--split", help="Write the shaper of a .cube into a file of its own")] = False,
    taken: Annotated[
        Optional[str],
        typer.Option(
            "--input", help="What the file takes: linear light, as ACEScg, or in LUTs codes, as LogC3/Rec.709"
        ),
    ] = None,
    display: Annotated[Optional[str], typer.Option(help=HELP["display"], **DISPLAY)] = None,
    exposure: Annotated[float, typer.Option(help=HELP["exposure"], **STOPS)] = 0.0,
    printer_lights: Annotated[Optional[str], typer.Option(help=HELP["printer_lights"], metavar="R,G,B")] = None,
    overwrite: Overwrite = False,
) -> None:
    """Build a look into a CLF that opens here and in any OpenColorIO 2 host, or into a LUT for other programs."""
    from lattice.color.displays import find
    from lattice.export.recipe import check_suffix, choose, is_exact
    from lattice.looks import load_profile

    check_suffix(output, host)
    is_sdev = is_exact(output.suffix.lower())
    if not is_sdev and (sampled or interpolation is not None):
        raise LatticeError(
            f"{output}: its nodes are sampled, for tetrahedral interpolation: leave out "
            + ("--sampled" if sampled else "--interpolation")
        )
    if split and output.suffix.lower() != ".cube":
        raise LatticeError(f"{output}: --split is for a .cube")
    options = options_of(
        input=taken if is_sdev else None, display=display, exposure=exposure, printer_lights=printer_lights
    )
    asked = {"size": size if is_sdev else None, "interpolation": interpolation, "printer_lights": options.points}
    profile = load_profile(name).replace(**{field: value for field, value in asked.items() if value is not None})
    shown = profile.display.shown if options.display is None else find(options.display).shown
    if is_sdev:
        _write_sdev(profile, output, shown, options, sampled, overwrite)
    else:
        _write_lut(
            profile,
            output,
            shown,
            choose(output.suffix.lower(), host, taken, size, profile.input),
            options,
            split,
            overwrite,
        )


def _write_sdev(profile: Profile, output: Path, shown: Shown, options: Options, sampled: bool, overwrite: bool) -> None:
    from lattice.build.device import build_device
    from lattice.files import clf
    from lattice.sdev import SDev
    from lattice.sdev.load import load_built

    clf.check_new(output, overwrite)
    clf.check_fits(profile.name, shown.gamma)
    with working(f"building {printable(profile.name)}"):
        sdev = SDev.from_device(build_device(profile, sampled)) if sampled else load_built(profile)
    sdev = (sdev if options.display is None else sdev.with_display(shown)).with_exposure(options.exposure)
    sdev = sdev if options.input is None else sdev.with_input(options.input)
    sdev.save(output, overwrite)
    print(printable(f"{output}: takes linear {sdev.provenance['input']}, gives {sdev.provenance['output']}"))


def _write_lut(
    profile: Profile, output: Path, shown: Shown, recipe: Recipe, options: Options, split: bool, overwrite: bool
) -> None:
    from lattice.color.displays import table_of
    from lattice.export.bake import of_profile
    from lattice.export.looks import export
    from lattice.inspect.scenes import colors

    with working(f"sampling {printable(profile.name)}"):
        source = of_profile(profile.replace(display=table_of(shown)), options.exposure)
        lines = export(source, colors(profile), recipe, output, split, overwrite)
    for line in lines:
        print(printable(line))
