"""Describe all faults of a record's values in one line, and suggest names for misspelt ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from lattice.errors import LatticeError, did_you_mean, nearest

Keys = tuple[str, ...]  # the path of a field
Where = Callable[[Keys], str]  # returns what to write before a fault, such as `line 3: `
MOST, LONGEST = 20, 1000  # faults in a message, and letters of one
TYPES = frozenset({"float", "int", "str", "bool", "tuple"})  # pydantic's names for the branches of a union
COLORED = frozenset({"printer_lights", "lad", "film_matrix", "contrast"})  # fields of three numbers or rows
COLORS = ("red", "green", "blue")

NUMBER, WHOLE = "expected a number", "expected a whole number"
REASONS = {  # by pydantic's error type
    "extra_forbidden": "no such field",
    "missing": "expected a value, got none",
    "float_type": NUMBER,
    "float_parsing": NUMBER,
    "finite_number": "expected a finite number",
    "int_type": WHOLE,
    "int_parsing": WHOLE,
    "int_from_float": WHOLE,
    "string_type": "expected text in quotes",
    "string_pattern_mismatch": "expected text on one line",
    "tuple_type": "expected a list, [a, b, c]",
    "too_short": "expected {min_length} numbers, got {actual_length}",
    "too_long": "expected {max_length} numbers, got {actual_length}",
    "greater_than_equal": "expected {ge:g} or more",
    "less_than_equal": "expected {le:g} or less",
}
SAID = frozenset({"value_error", "missing", "too_short", "too_long"})  # the reason says what came
RENAMED = {  # fields of earlier versions, and what to type
    "exposure_stops": "is negative_stops now, a denser negative printed back; exposure = 1 makes the picture a stop "
    "brighter"
}
ABOVE = "above the first [table] of the file"


class RecordError(LatticeError):
    """A LatticeError of all faults of a record's values. args: a line each, `field.path: reason, got value`."""

    def __str__(self) -> str:
        return "; ".join(map(str, self.args))


def faults(error: ValidationError, record: type[BaseModel], where: Where | None = None) -> str:
    """Return the lines of `fault_lines`, separated by semicolons."""
    return "; ".join(fault_lines(error, record, where))


def fault_lines(error: ValidationError, record: type[BaseModel], where: Where | None = None) -> list[str]:
    """Return the faults as `field.path: reason, got value`; after MOST, how many more.

    For a union, the reason lists what each branch expected. record: the type that was validated; misspelt fields and
    choices get the nearest name. where: tells where a field of a file is; None if the values come from Python.
    """
    details = error.errors(include_url=False)
    if where is not None and (wrappers := [detail for detail in details if _is_wrapper(detail, record)]):
        details = wrappers  # what stands in them is missing elsewhere
    by_place: dict[tuple[str | int, ...], list[ErrorDetails]] = {}
    for detail in details:
        by_place.setdefault(_place(detail), []).append(detail)
    said = [_fault(place, same, record, where)[:LONGEST] for place, same in islice(by_place.items(), MOST)]
    more = len(by_place) - len(said)
    return said + ([f"and {more:,} more"] if more else [])


def _is_wrapper(detail: ErrorDetails, record: type[BaseModel]) -> bool:
    """True for a table of another name around the fields of a look, such as [profile]."""
    names, value = {*record.model_fields, "extends"}, detail["input"]
    return detail["type"] == "extra_forbidden" and isinstance(value, dict) and bool(names & value.keys())


def _place(detail: ErrorDetails) -> tuple[str | int, ...]:
    """Return the field's path, without the parts that only name a branch of a union (`literal[...]`,
    `constrained-float`)."""
    names = list(detail["loc"])
    unknown = [names.pop()] if detail["type"] == "extra_forbidden" else []
    return (*(n for n in names if isinstance(n, int) or (n not in TYPES and "[" not in n and "-" not in n)), *unknown)


def _shown(place: tuple[str | int, ...]) -> str:
    """Return a path for people: `printer_lights.green`, `print.dye_density.cyan, number 3`."""
    text = ""
    for k, part in enumerate(place):
        if isinstance(part, str):
            text += ("." if text else "") + part
        elif COLORED & set(place) and part < len(COLORS):
            text += "." + COLORS[part]
        else:
            text += f", {'row' if k + 1 < len(place) else 'number'} {part + 1}"
    return text


def _fault(place: tuple[str | int, ...], same: list[ErrorDetails], record: type[BaseModel], where: Where | None) -> str:
    first, got = same[0], same[0]["input"]
    reasons = [_reason(detail) for detail in same]
    reason = ", or ".join(
        text if k == 0 else text.removeprefix("expected ") for k, text in enumerate(dict.fromkeys(reasons))
    )
    keys = tuple(str(part) for part in place)
    if first["type"] == "extra_forbidden":
        reason = _no_field(keys, first, record, where is not None)
    elif first["type"] == "missing" and where is not None and keys in (("negative",), ("print",)):
        reason = f'expected a stock\'s name, or extends = "vision" {ABOVE}, got neither'
    elif first["type"] == "model_type":
        reason = f"expected a table, {{ {_fields(keys, record)} }}, got {repr(got)[:60]}"
    elif first["type"] not in SAID:
        choices = re.findall("'([^']*)'", " ".join(detail.get("ctx", {}).get("expected", "") for detail in same))
        reason += f", got {repr(got)[:60]}" + did_you_mean(got, choices)
    if not keys and (named := re.match(r"[a-z_.]+(?=: )", reason)):  # a check of the whole record says it itself
        keys = tuple(named[0].split("."))
    shown = _shown(place)
    return " ".join(((where(keys) if where else "") + (f"{shown}: {reason}" if shown else reason)).split())


def _reason(detail: ErrorDetails) -> str:
    if detail["type"] in REASONS:
        return REASONS[detail["type"]].format(**detail.get("ctx", {}))
    message = detail["msg"].removeprefix("Value error, ").replace("Input should be", "expected", 1)
    return message if detail["type"] == "value_error" else message[0].lower() + message[1:]


def _no_field(keys: Keys, detail: ErrorDetails, record: type[BaseModel], is_file: bool) -> str:
    """Return why a field does not exist, and what may have been meant: the fields of the same record come first."""
    *parents, word = keys
    if word in RENAMED:
        return RENAMED[word]
    if is_file and not parents and _is_wrapper(detail, record):
        return f"a look has no table [{word}]; its fields stand {ABOVE}, without that line"
    if is_file and parents and word in (*record.model_fields, "extends"):
        return f"no such field in [{parents[0]}]; {word} stands {ABOVE}"
    paths = _paths(record)
    before = "".join(f"{name}." for name in parents)
    beside = [path.removeprefix(before) for path in paths if path.startswith(before)]
    names = [name for name in beside if "." not in name] + (["extends"] if not parents else [])
    by_last = {path.rpartition(".")[2]: path for path in reversed(paths)}
    meant = nearest(word, names) or by_last.get(nearest(word, by_last) or "")
    return REASONS["extra_forbidden"] + (f"; did you mean {meant!r}?" if meant else "")


def _fields(keys: Keys, record: type[BaseModel]) -> str:
    before = "".join(f"{name}." for name in keys)
    names = [path.removeprefix(before) for path in _paths(record) if path.startswith(before)]
    return ", ".join(f"{name} = ..." for name in names if "." not in name) or "field = value"


def _paths(record: type[BaseModel]) -> list[str]:
    """Return the dotted paths of the fields of a record and of the records in it."""
    found = list(record.model_fields)
    for name, field in record.model_fields.items():
        for inner in (field.annotation, *get_args(field.annotation)):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                found += [f"{name}.{path}" for path in _paths(inner)]
    return found
