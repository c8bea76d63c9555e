"""The sub-command `ocio`: an OpenColorIO config with SDevs."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from lattice.cli.app import NUMBER, Command, app, choices, look_names, working
from lattice.cli.record_options import Gives, Takes
from lattice.errors import LatticeError, printable

if TYPE_CHECKING:
    from lattice.hosts.config import Written

BASES = ("studio-config", "cg-config", "blender", "FILE.ocio")
USUAL_SIZE = 33


@app.command(cls=Command)
def ocio(
    target: Annotated[Path, typer.Argument(metavar="OUT", help="The config's folder, or a .ocioz archive, to write")],
    sdevs: Annotated[
        Optional[list[str]],
        typer.Option(
            "--sdev", "-s", autocompletion=look_names, help="A look's name, a .toml or a LUT file; may be repeated"
        ),
    ] = None,
    takes: Takes = None,
    gives: Gives = None,
    base: Annotated[
        Optional[str], typer.Option(help="The config that is extended; studio-config by default", **choices(*BASES))
    ] = None,
    blender: Annotated[
        Optional[Path], typer.Option(help="Blender's program or folder, for --base blender; found by default")
    ] = None,
    shots: Annotated[
        Optional[Path], typer.Option(help="A table of shots: each one's look, lights and exposure follow $SHOT")
    ] = None,
    v1: Annotated[bool, typer.Option("--v1", help="A config of its own for hosts of OpenColorIO 1")] = False,
    size: Annotated[
        Optional[int], typer.Option(help=f"Nodes along a side of the LUTs of --v1; {USUAL_SIZE} by default", **NUMBER)
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a config that lattice made")] = False,
) -> None:
    """Write an OpenColorIO config in which hosts find SDevs as views, looks and named transforms."""
    from lattice.hosts.chosen import LutsTold

    luts = LutsTold(takes, gives)
    if v1:
        if base is not None or blender is not None or shots is not None:
            raise LatticeError("--v1 writes a config of its own: leave --base, --blender and --shots out")
        from lattice.hosts.v1 import write_v1

        with working(f"writing {printable(target)}"):
            written = write_v1(target, sdevs or (), USUAL_SIZE if size is None else size, overwrite, luts)
    else:
        if size is not None:
            raise LatticeError("--size is of the LUTs of --v1: other configs hold the SDev itself; leave it out")
        from lattice.hosts.config import extend_config

        with working(f"writing {printable(target)}"):
            written = extend_config(target, sdevs or (), base or BASES[0], blender, shots, overwrite, luts)
    print("\n".join(printable(line) for line in _told(written)))


def _told(written: Written) -> list[str]:
    """Return what was written, and what to type now."""
    path = written.path.absolute()
    path = path if path.is_file() else path / "config.ocio"
    lines = [f"{written.path}: {written.base} with {', '.join(map(repr, written.views))}"]
    lines += [f"  note  {note}" for note in written.notes]
    lines.append(f"  export OCIO={shlex.quote(str(path))}")
    lines += [f"  view  {' or '.join(map(repr, written.views))}, with Look at None"]
    if written.looks and written.plain:
        lines.append(f"  or    view {written.plain!r} with look {' or '.join(map(repr, written.looks))}")
    if written.shots:
        lines.append(f"  shot  export SHOT={shlex.quote(written.shots[0])}")
    return [
        *lines,
        f"  files are {written.linear!r} unless they say else; docs/hosts.md has the settings of each host",
        f"  oiiotool takes files that do not say it as scene_linear: --ociodisplay:from={shlex.quote(written.linear)}",
    ]
