"""The command line: one thin function for each sub-command.

Exit codes: 0 all done, 1 some work failed (the rest is done), 2 wrong use or input, 130 stopped by Ctrl-C, 143 by
SIGTERM (frames in work are finished, and the same command does the rest).
"""

from __future__ import annotations

import io
import sys
from typing import Annotated

import typer

from lattice import __version__
from lattice.cli import dailies, farm, frames, looks, shows
from lattice.cli.app import WRONG_USE, app
from lattice.errors import LatticeError

__all__ = ["app", "dailies", "farm", "frames", "looks", "main", "shows"]


def main() -> None:
    """Run the command line; a LatticeError becomes one line on stderr and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a file's name may not be valid text
    try:
        app()
    except LatticeError as error:
        print(f"lattice: {error}", file=sys.stderr)
        sys.exit(WRONG_USE)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"lattice {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    pass
