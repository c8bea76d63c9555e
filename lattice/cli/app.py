"""Shared by all sub-commands: the app, the exit codes, and the options of more than one command."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import copy
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer
from typer.core import TyperCommand, TyperGroup

from lattice.errors import LatticeError, did_you_mean, printable

if TYPE_CHECKING:
    from lattice.sdev import AnySDev

# Of Typer itself, or of the package click for older ones.
ClickException: type[Exception] = typer.BadParameter.__mro__[2]
WAIT = 0.5  # seconds before a spinner shows
DONE, FAILED, WRONG_USE, SIGNALLED = 0, 1, 2, 128  # SIGNALLED: the signal's number is added
WHOLE = re.compile(r"[-+]?\d{1,9}", re.ASCII)
LONGEST = 40  # characters of a value in a message
COMMANDS = {  # the module of each, in the order of --help
    "build": "build",
    "calibrate": "calibrate",
    "convert": "convert",
    "dailies": "dailies",
    "apply": "frames",
    "regrade": "frames",
    "invert": "invert",
    "list": "looks",
    "info": "looks",
    "check": "looks",
    "plot": "looks",
    "schema": "looks",
    "match": "match",
    "ocio": "ocio",
    "shader": "shader",
    "status": "shows",
    "ledger": "shows",
    "inputs": "spaces",
    "displays": "spaces",
    "luts": "spaces",
    "sheet": "stills",
    "watch": "stills",
    "view": "view",
    "farm": "farm",
    "stock": "stock",
}


class _Plain:
    """What Typer makes of the words of a parameter, without importing pydantic for what is text or has a parser."""

    def __init__(self, convert: Callable[[Any], Any] | None) -> None:
        self._convert = convert

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return the value of a parameter. Raises what its parser raises, or Typer."""
        is_many = param.multiple or param.nargs == -1
        if value is None:
            return () if is_many else None
        if self._convert is None:
            param._runtime_param = None
            return param.get_runtime_param().coerce(value, param=param, ctx=ctx)
        return list(map(self._convert, value)) if is_many else self._convert(value)


def _read_plainly(parameters: list[Any]) -> list[Any]:
    """Return the parameters; those of a Typer that would read them by pydantic are read by _Plain."""
    for parameter in parameters:
        kind: Any = getattr(parameter, "type_descriptor", None)
        if hasattr(parameter, "_runtime_param") and hasattr(kind, "parameter_info"):
            is_text = kind.annotation in (str, list[str])
            parameter._runtime_param = _Plain(kind.parameter_info.parser or (str if is_text else None))
    return parameters


class Command(TyperCommand):
    """A command that refuses an option given twice; Typer would use the last one without a message."""

    def get_params(self, ctx: Any) -> list[Any]:
        return _read_plainly(super().get_params(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not ctx.resilient_parsing and "--help" not in args:  # resilient_parsing: shell completion
            _, _, order = self.make_parser(ctx).parse_args(args=list(args))
            for option in order:
                if option.param_type_name == "option" and not option.multiple and order.count(option) > 1:
                    flags = " or ".join([option.opts[0], *option.secondary_opts])
                    raise LatticeError(
                        f"{flags} was given {order.count(option)} times, and only one can count: give it once"
                    )
        return super().parse_args(ctx, args)


class Group(TyperGroup):
    """A group that answers an unknown command with the known ones, and lists them in one order."""

    def get_params(self, ctx: Any) -> list[Any]:
        return _read_plainly(super().get_params(ctx))

    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(self.commands, key=[*COMMANDS, *self.commands].index)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[0] not in self.commands and not ctx.resilient_parsing:
            names = self.list_commands(ctx)
            raise LatticeError(
                f"no command {args[0]!r}{did_you_mean(args[0], names) or ';'} {ctx.command_path} has {', '.join(names)}"
            )
        return super().resolve_command(ctx, args)


app = typer.Typer(
    name="lattice",
    cls=Group,
    help="Makes a monitor show what a projected film print would show.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def load_commands(name: str = "") -> None:
    """Import the module of a sub-command, which registers it with `app`; for any other word, such as --help, all."""
    for module in dict.fromkeys([COMMANDS[name]] if name in COMMANDS else COMMANDS.values()):
        import_module(f"lattice.cli.{module}")


def outline() -> typer.Typer:
    """Return `app` for its --help, with commands that take nothing: to read the options of all takes a twentieth of a
    second."""
    named = copy(app)
    named.registered_commands = [copy(command) for command in app.registered_commands]
    for command in named.registered_commands:
        command.callback = _told_alone(command.callback)
    return named


def _told_alone(command: Callable[..., Any] | None) -> Callable[[], None]:
    """Return a function that has a command's name and text."""

    def told() -> None:
        pass

    told.__name__, told.__doc__ = getattr(command, "__name__", ""), command.__doc__
    return told


def choices(*words: str) -> dict[str, Any]:
    """Return arguments of `typer.Option`: help shows the words, and the shell completes them."""
    return {"metavar": f"<{'|'.join(words)}>", "autocompletion": lambda: list(words)}


def whole_number(text: str | int) -> int:
    """Return the number of an option. Raises BadParameter, to which Typer adds the option's name, for other text."""
    if isinstance(text, str) and not WHOLE.fullmatch(text):
        raise typer.BadParameter(f"expected a whole number, got {text[:LONGEST]!r}")
    return int(text)


def any_number(text: str | float) -> float:
    """Return the number of an option. Raises BadParameter, to which Typer adds the option's name, for other text."""
    try:
        return float(text)
    except ValueError:
        raise typer.BadParameter(f"expected a number, got {text!r:.{LONGEST}}") from None


NUMBER: dict[str, Any] = {"parser": whole_number, "metavar": "N"}
STOPS: dict[str, Any] = {"parser": any_number, "metavar": "STOPS"}


def usage_line(error: Any) -> str:
    """Return one line for what Typer refuses: what is wrong, and the command whose help says more."""
    context, kind, message = getattr(error, "ctx", None), type(error).__name__, error.message.strip().rstrip(".")
    if kind == "MissingParameter":
        text = f"{_named(error.param)} is missing"
    elif kind == "NoSuchOption":
        text = f"no option {error.option_name}" + did_you_mean(error.option_name, error.possibilities or ())
    elif message.startswith("Got unexpected extra"):
        text = f"{message[0].lower()}{message[1:]}; a pattern needs quotes, as in 'in.####.exr'"
    elif getattr(error, "param", None) is not None:
        text = f"{_named(error.param)}: {message}"
    else:
        text = message[:1].lower() + message[1:]
    see = f"see {context.command_path} --help" if context else ""
    return f"{text} {see.capitalize()}" if text.endswith("?") else f"{text}; {see}" if see else text


def _named(parameter: Any) -> str:
    flags = [flag for flag in parameter.opts if flag.startswith("-")]
    return "/".join(flags) or parameter.metavar or parameter.name.upper()


@contextmanager
def working(on: str) -> Iterator[Callable[[str], None]]:
    """Show a spinner on a terminal's standard error while the block takes longer than WAIT; nothing elsewhere.

    Yields a function that takes how far the work is.
    """
    told = [on]
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda text: None
        return
    ended = threading.Event()
    thread = threading.Thread(target=_spin, args=(told, ended), daemon=True)
    with suppress(RuntimeError):  # no more threads: no spinner
        thread.start()
    try:
        yield lambda text: told.__setitem__(0, f"{on}, {text}")
    finally:
        ended.set()
        if thread.ident is not None:
            thread.join()


def _spin(told: list[str], ended: threading.Event) -> None:
    if ended.wait(WAIT):
        return
    from rich.console import Console

    console = Console(stderr=True)
    with console.status(f"{told[0]} ...", spinner="line") as status:
        while not ended.wait(WAIT):
            status.update(f"{told[0]} ...")


def load_sdev(
    name: str, printer_lights: tuple[float, ...] | None = None, takes: str | None = None, gives: str | None = None
) -> AnySDev:
    """Load the SDev of `--sdev`, printed with these lights, with a spinner while it is built.

    takes, gives: of `--takes` and `--gives`."""
    from lattice.sdev import load

    with working(f"building {printable(name)}"):
        sdev = load(name, takes, gives)
        if printer_lights is None:
            return sdev
        from lattice.sdev.relight import with_printer_lights

        return with_printer_lights(sdev, printer_lights)


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
        raise LatticeError(f"{name} is missing; see lattice regrade --help")
    return value


_SDEV = typer.Option(
    "--sdev", "-s", autocompletion=look_names, help="A shipped look's name, a profile .toml or a LUT file"
)
SDevName = Annotated[str, _SDEV]
OptionalSDevName = Annotated[Optional[str], _SDEV]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the file that is there")]
