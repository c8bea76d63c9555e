"""The command line: one thin function for each sub-command.

Exit codes: 0 all done, 1 some work failed (the rest is done), 2 wrong use or input, 130 stopped by Ctrl-C, 143 by
SIGTERM (frames in work are finished, and the same command does the rest).
"""

from __future__ import annotations

import io
import sys
import warnings
from typing import Annotated

import typer

from lattice import __version__
from lattice.cli import dailies, farm, frames, looks
from lattice.cli.app import WRONG_USE, app
from lattice.errors import LatticeError, LatticeWarning

__all__ = ["app", "dailies", "farm", "frames", "looks", "main"]


def main() -> None:
    """Run the command line; a LatticeError becomes one line on stderr and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a file's name may not be valid text
    warnings.formatwarning = _as_note
    try:
        app()
    except LatticeError as error:
        print(f"lattice: {error}", file=sys.stderr)
        sys.exit(WRONG_USE)


def _as_note(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    if issubclass(category, LatticeWarning):
        return f"lattice: {message}\n"
    return f"{filename}:{lineno}: {category.__name__}: {message}\n"


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
