"""Describe all faults of a record's values in one line, and suggest names for misspelt ones."""

from __future__ import annotations

import re
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from lattice.errors import did_you_mean, nearest

TYPES = frozenset({"float", "int", "str", "bool", "tuple"})  # pydantic's names for the branches of a union

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
    "model_type": "expected a table, {{ field = value }}",
    "greater_than_equal": "expected {ge:g} or more",
    "less_than_equal": "expected {le:g} or less",
}


def faults(error: ValidationError, record: type[BaseModel]) -> str:
    """Return every fault as `field.path: reason, got value`, separated by semicolons.

    For a union, the reason lists what each branch expected. record: the type that was validated; misspelt fields and
    choices get the nearest name.
    """
    by_place: dict[str, list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False):
        by_place.setdefault(_place(detail), []).append(detail)
    return "; ".join(_fault(where, same, record) for where, same in by_place.items())


def _place(detail: ErrorDetails) -> str:
    """Return the field's path, without the parts that only name a branch of a union (`literal[...]`,
    `constrained-float`)."""
    names = [str(part) for part in detail["loc"]]
    unknown = [names.pop()] if detail["type"] == "extra_forbidden" else []
    return ".".join([n for n in names if n not in TYPES and "[" not in n and "-" not in n] + unknown)


def _fault(where: str, same: list[ErrorDetails], record: type[BaseModel]) -> str:
    reason = ", or ".join(dict.fromkeys(_reason(detail) for detail in same))
    kind, got = same[0]["type"], same[0]["input"]
    if kind == "extra_forbidden":
        reason += _field_meant(where, record)
    elif kind not in ("value_error", "missing"):
        choices = re.findall("'([^']*)'", " ".join(detail.get("ctx", {}).get("expected", "") for detail in same))
        reason += f", got {repr(got)[:60]}" + did_you_mean(got, choices)
    return " ".join((f"{where}: {reason}" if where else reason).split())


def _reason(detail: ErrorDetails) -> str:
    if detail["type"] in REASONS:
        return REASONS[detail["type"]].format(**detail.get("ctx", {}))
    message = detail["msg"].removeprefix("Value error, ").replace("Input should be", "expected", 1)
    return message if detail["type"] == "value_error" else message[0].lower() + message[1:]


def _field_meant(where: str, record: type[BaseModel]) -> str:
    """Return `; did you mean 'flare'?` from the fields of the same record, else from any, as `'display.gamma'`."""
    *parents, word = where.split(".")
    paths = _paths(record)
    before = "".join(f"{name}." for name in parents)
    beside = [path.removeprefix(before) for path in paths if path.startswith(before)]
    names = [name for name in beside if "." not in name] + (["extends"] if not parents else [])
    by_last = {path.rpartition(".")[2]: path for path in reversed(paths)}
    meant = nearest(word, names) or by_last.get(nearest(word, by_last) or "")
    return f"; did you mean {meant!r}?" if meant else ""


def _paths(record: type[BaseModel]) -> list[str]:
    """Return the dotted paths of the fields of a record and of the records in it."""
    found = list(record.model_fields)
    for name, field in record.model_fields.items():
        for inner in (field.annotation, *get_args(field.annotation)):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                found += [f"{name}.{path}" for path in _paths(inner)]
    return found
