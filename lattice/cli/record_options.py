"""Make command-line options from the fields of a record, so that help, choices and defaults are stated once."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from typing import Annotated, Any, Optional, get_args, get_type_hints

import typer

from lattice.choices import CompressionName
from lattice.cli.app import NUMBER, STOPS, choices
from lattice.regrade.options import OF_THE_LOOK, Options

FLAGS = {"force": "--force/--resume"}
PARAMETERS = {"input": "primaries"}  # avoids a name of Python's own
HINTS = get_type_hints(Options)
HELP = {each.name: str(each.metadata["help"]) for each in fields(Options)}


def _display_names() -> list[str]:
    """Return names for the shell, which takes a space as the word's end."""
    from lattice.color.displays import DISPLAYS

    return [name.replace(" ", "-") for name in DISPLAYS]


DISPLAY: dict[str, Any] = {"metavar": "NAME", "autocompletion": _display_names}

_OF_A_LUT = "of a LUT file that does not say it, or says it wrong"
Takes = Annotated[
    Optional[str],
    typer.Option(
        "--takes",
        metavar="NAME",
        autocompletion=lambda: _input_names()[1:],
        help=f"What is taken, {_OF_A_LUT}, as --input names it: LogC3, or LogC3/Rec.709",
    ),
]
Gives = Annotated[
    Optional[str],
    typer.Option("--gives", help=f"The display that the codes are for, {_OF_A_LUT}, such as rec1886", **DISPLAY),
]


def flag_of(name: str) -> str:
    """Return the flag of a field of Options."""
    return FLAGS.get(name, f"--{name.replace('_', '-')}")


def choices_of(name: str) -> tuple[str, ...]:
    """Return the words that option `name` accepts; empty if it accepts any value."""
    words = get_args(HINTS[name])
    return words if words and isinstance(words[0], str) else ()


def _parameter(name: str, flag: str, default: object, text: str) -> inspect.Parameter:
    """Return the option as Typer reads it. Typer shows and completes the choices; the record checks them."""
    words, kind = choices_of(name), HINTS[name]
    shown = choices(*words) if words else {}
    if name == "input":
        kind, default, shown = str, "auto", {"autocompletion": _input_names}
    elif name == "display":
        kind, shown = Optional[str], DISPLAY
    elif name == "printer_lights":
        kind, shown = Optional[str], {"metavar": "R,G,B"}
    elif name == "grade":
        kind, shown = Optional[str], {"metavar": "CDL"}
    elif name == "compression":
        shown = {"metavar": "NAME[:LEVEL]", "autocompletion": lambda: list(get_args(CompressionName))}
    elif words or name == "memory":
        kind = str if words else Optional[str]
    elif kind is int:
        shown = NUMBER
    elif kind is float:
        shown = STOPS
    elif default == ():
        kind, default = Optional[list[str]], None
    annotation = Annotated[kind, typer.Option(flag, help=text, **shown)]  # type: ignore[valid-type]  # made here
    return inspect.Parameter(
        PARAMETERS.get(name, name), inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
    )


def _input_names() -> list[str]:
    """Return names for the shell, which takes a space as the word's end."""
    from lattice.color.inputs import INPUTS

    return ["auto", *(name.replace(" ", "-") for name in INPUTS)]


Function = Callable[..., object]


def with_options(*left_out: str, force_flag: str = FLAGS["force"], **texts: str) -> Callable[[Function], Function]:
    """Decorate a sub-command with an option for each field of Options; it receives them, checked, as `options`.

    left_out: fields without an option here. force_flag: the flag of `force`. texts: help that replaces the record's.
    """
    taken = [each for each in fields(Options) if each.name not in left_out]
    flags = {"force": force_flag}
    parameters = [
        _parameter(
            each.name, flags.get(each.name, flag_of(each.name)), each.default, texts.get(each.name, HELP[each.name])
        )
        for each in taken
    ]

    def decorated(command: Function) -> Function:
        @wraps(command)
        def run(**told: Any) -> object:
            asked = {each.name: told.pop(PARAMETERS.get(each.name, each.name)) for each in taken}
            return command(**told, options=options_of(**asked))

        hints = get_type_hints(command, include_extras=True)
        own = [
            each.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[each.name])
            for each in inspect.signature(command).parameters.values()
            if each.name != "options"
        ]
        every = [*own, *parameters]
        run.__signature__ = inspect.Signature(every)  # type: ignore[attr-defined]
        run.__annotations__ = {each.name: each.annotation for each in every}
        return run

    return decorated


def options_of(**asked: Any) -> Options:
    """Return the Options for values from the command line. Raises LatticeError if a value is not allowed."""
    asked |= {name: None for name in OF_THE_LOOK if asked.get(name) == "auto"}
    if asked.get("memory") is not None:
        from lattice.regrade.process.memory_budget import frames_memory

        asked["memory"] = frames_memory(asked["memory"])
    return Options(**asked | {name: tuple(asked[name] or ()) for name in ("layers", "views") if name in asked})
