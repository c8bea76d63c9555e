"""The sub-command `shader`: a look as a shader of other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from lattice.cli.app import Command, Overwrite, app, choices, load_sdev, look_names
from lattice.cli.record_options import DISPLAY, HELP, Gives, Takes, options_of
from lattice.errors import printable

# Those of lattice.shaders, which is too heavy for --help; a test compares the two.
LANGUAGES = ("glsl330", "glsles300", "glsl450", "hlsl", "msl", "wgsl", "cuda", "dctl", "osl")


@app.command(cls=Command)
def shader(
    name: Annotated[
        str,
        typer.Argument(help="A look's name, a profile .toml or a LUT file", autocompletion=look_names, metavar="LOOK"),
    ],
    language: Annotated[str, typer.Option("--lang", help="The shading language", **choices(*LANGUAGES))],
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder to write into; it is made")],
    taken: Annotated[
        Optional[str],
        typer.Option("--input", help="Primaries of the linear light that the shader takes, such as ACEScg"),
    ] = None,
    display: Annotated[Optional[str], typer.Option(help=HELP["display"], **DISPLAY)] = None,
    takes: Takes = None,
    gives: Gives = None,
    overwrite: Overwrite = False,
) -> None:
    """Write a look as a shader for a viewer, an engine or a renderer: its text, and the data beside it."""
    from lattice.shaders import export

    options = options_of(input=taken, display=display)
    sdev = load_sdev(name, None, takes, gives)
    sdev = sdev if options.display is None else sdev.with_display(options.display)
    sdev = sdev if options.input is None else sdev.with_input(options.input)
    for path in export(sdev, language, output, overwrite):
        print(printable(path))
