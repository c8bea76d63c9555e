"""What all sub-commands share: the app, the exit codes, and the options that more than one takes."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(name="lattice", help="Makes a monitor show what a projected film print would show.",
                  no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
SDevName = Annotated[str, typer.Option("--sdev", "-s", help="A shipped look's name, a profile .toml or a .clf")]
DONE, FAILED, WRONG_USE, SIGNALLED = 0, 1, 2, 128  # to which a signal's number is added
