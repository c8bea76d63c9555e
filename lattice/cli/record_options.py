"""Options of the command line made from the fields of a record: its help, choices and defaults, each said once."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from typing import Annotated, Any, Optional, get_args, get_type_hints

import typer

from lattice.cli.app import choices
from lattice.regrade.options import Options

FLAGS = {"force": "--force/--resume", "in_place": "--in-place"}
PARAMETERS = {"input": "primaries"}  # a name that would hide Python's own
HINTS = get_type_hints(Options)


def choices_of(name: str) -> tuple[str, ...]:
    """The words that an option takes; empty where it takes any."""
    words = get_args(HINTS[name])
    return words if words and isinstance(words[0], str) else ()


def _parameter(name: str, flag: str, default: object, text: str) -> inspect.Parameter:
    """The option as Typer reads it. Choices are shown and completed here, and checked by the record."""
    words, kind = choices_of(name), HINTS[name]
    shown = choices(*words) if words else {}
    if name == "input":
        kind, default, shown = str, "auto", {"autocompletion": _input_names}
    elif words or name == "memory":
        kind = str if words else Optional[str]
    elif default == ():
        kind, default = Optional[list[str]], None
    annotation = Annotated[kind, typer.Option(flag, help=text, **shown)]  # type: ignore[valid-type]  # made here
    return inspect.Parameter(PARAMETERS.get(name, name), inspect.Parameter.KEYWORD_ONLY, default=default,
                             annotation=annotation)


def _input_names() -> list[str]:
    from lattice.color.primaries import PRIMARIES

    return ["auto", *PRIMARIES]


Function = Callable[..., object]


def with_options(*left_out: str, force_flag: str = FLAGS["force"], **texts: str) -> Callable[[Function], Function]:
    """Give a sub-command an option for each field of Options, which it gets checked as its argument `options`.

    left_out: fields without an option here. force_flag: the flag of `force`. texts: help instead of the record's.
    """
    taken = [each for each in fields(Options) if each.name not in left_out]
    flags = {**FLAGS, "force": force_flag}
    parameters = [_parameter(each.name, flags.get(each.name, f"--{each.name}"), each.default,
                             texts.get(each.name, each.metadata["help"])) for each in taken]

    def decorated(command: Function) -> Function:
        @wraps(command)
        def run(**told: Any) -> object:
            asked = {each.name: told.pop(PARAMETERS.get(each.name, each.name)) for each in taken}
            return command(**told, options=options_of(**asked))

        hints = get_type_hints(command, include_extras=True)
        own = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[each.name])
               for each in inspect.signature(command).parameters.values() if each.name != "options"]
        every = [*own, *parameters]
        run.__signature__ = inspect.Signature(every)  # type: ignore[attr-defined]
        run.__annotations__ = {each.name: each.annotation for each in every}
        return run

    return decorated


def options_of(**asked: Any) -> Options:
    """The options of a regrade, asked for in the command line's words. Raises LatticeError where one is none."""
    if asked.get("input") == "auto":
        asked["input"] = None
    if asked.get("memory") is not None:
        from lattice.regrade.process.memory_budget import parse_size

        asked["memory"] = parse_size(asked["memory"])
    return Options(**asked | {name: tuple(asked[name] or ()) for name in ("layers", "views") if name in asked})
