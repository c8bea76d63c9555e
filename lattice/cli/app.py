"""Shared by all sub-commands: the app, the exit codes, and the options of more than one command."""

from __future__ import annotations

from typing import Annotated, Any, Optional

import typer
from typer.core import TyperCommand

from lattice.errors import LatticeError


class Command(TyperCommand):
    """A command that refuses an option given twice; Typer would use the last one without a message."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not ctx.resilient_parsing and "--help" not in args:  # resilient_parsing: shell completion
            _, _, order = self.make_parser(ctx).parse_args(args=list(args))
            for option in order:
                if option.param_type_name == "option" and not option.multiple and order.count(option) > 1:
                    flags = " or ".join([option.opts[0], *option.secondary_opts])
                    raise LatticeError(f"{flags}: expected it once, got it {order.count(option)} times")
        return super().parse_args(ctx, args)


app = typer.Typer(
    name="lattice",
    help="Makes a monitor show what a projected film print would show.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def choices(*words: str) -> dict[str, Any]:
    """Return arguments of `typer.Option`: help shows the words, and the shell completes them."""
    return {"metavar": f"<{'|'.join(words)}>", "autocompletion": lambda: list(words)}


def look_names() -> list[str]:
    """Return the names of the shipped looks, for completion; the shell completes files itself."""
    from lattice.looks import profile_names

    return profile_names()


def typed(context: typer.Context, name: str) -> bool:
    """True if a parameter was typed, not left to its default."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def needed(value: str | None, name: str) -> str:
    """Return a value that is there. Raises LatticeError naming what is to be typed."""
    if value is None:
        raise LatticeError(f"{name}: expected one, got none")
    return value


_SDEV = typer.Option("--sdev", "-s", autocompletion=look_names, help="A shipped look's name, a profile .toml or a .clf")
SDevName = Annotated[str, _SDEV]
OptionalSDevName = Annotated[Optional[str], _SDEV]
DONE, FAILED, WRONG_USE, SIGNALLED = 0, 1, 2, 128  # SIGNALLED: the signal's number is added
