"""What all records share: frozen, no unknown fields, and one clear line when something is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, ValidationError, WithJsonSchema
from pydantic_core import ErrorDetails

from lattice.errors import did_you_mean
from lattice.types import Curve, LatticeError

if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass
else:
    ModelMetaclass = type(BaseModel)  # without the private name

TYPES = frozenset({"float", "int", "str", "bool", "tuple"})  # what pydantic calls the branches of a union


def _place(detail: ErrorDetails) -> str:
    """The field's path, without the parts that only name a branch of a union (`literal[...]`, `constrained-float`)."""
    names = [str(part) for part in detail["loc"]]
    unknown = [names.pop()] if detail["type"] == "extra_forbidden" else []
    return ".".join([n for n in names if n not in TYPES and "[" not in n and "-" not in n] + unknown)


def _reason(detail: ErrorDetails) -> str:
    if detail["type"] == "extra_forbidden":
        return "no such field"
    if detail["type"] == "missing":
        return "expected a value, got none"
    message = detail["msg"].removeprefix("Value error, ").replace("Input should be", "expected", 1)
    return message if detail["type"] == "value_error" else message[0].lower() + message[1:]


def faults(error: ValidationError, fields: Iterable[str] = ()) -> str:
    """Every complaint in one line, `field.path: reason, got value`, apart by semicolons.

    Of a union, what each branch expected. fields: the names that a misspelt one may have meant.
    """
    by_place: dict[str, list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False):
        by_place.setdefault(_place(detail), []).append(detail)
    return "; ".join(_fault(where, same, fields) for where, same in by_place.items())


def _fault(where: str, same: list[ErrorDetails], fields: Iterable[str]) -> str:
    reason = ", or ".join(dict.fromkeys(_reason(detail) for detail in same))
    if same[0]["type"] == "extra_forbidden":
        reason += did_you_mean(where.rpartition(".")[2], fields)
    elif same[0]["type"] not in ("value_error", "missing"):
        reason += f", got {repr(same[0]['input'])[:60]}"
    return " ".join((f"{where}: {reason}" if where else reason).split())


class _OneLine(ModelMetaclass):
    """Makes a record's constructor raise LatticeError; a nested record's complaint keeps its full path."""

    def __call__(cls, *positional: Any, **values: Any) -> Any:
        try:
            return super().__call__(*positional, **values)
        except ValidationError as error:
            raise LatticeError(faults(error, field_names(cls))) from None


def field_names(record: Any) -> list[str]:
    """The names of a record's fields and of the records within it."""
    names = list(record.model_fields)
    for field in record.model_fields.values():
        inner = field.annotation
        names += field_names(inner) if isinstance(inner, type) and issubclass(inner, BaseModel) else []
    return names


class Record(BaseModel, metaclass=_OneLine):
    """Base of the records. Constructing one with wrong values raises LatticeError, not pydantic's error."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, validate_default=True,
                              allow_inf_nan=False)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and isinstance(other, Record) and self.model_dump() == other.model_dump()

    def __hash__(self) -> int:
        return hash(self.model_dump_json())


def _curve(value: object) -> Curve:
    if isinstance(value, Curve):
        return value
    if not isinstance(value, dict) or set(value) != {"log_exposure", "density"}:
        raise ValueError("expected a table with log_exposure and density, 12 numbers each")
    try:
        return Curve(*(np.array(value[name], dtype=np.float64) for name in ("log_exposure", "density")))
    except (TypeError, ValueError) as error:
        raise ValueError(str(error)) from None


_POINTS = {"type": "array", "items": {"type": "number"}, "minItems": 12, "maxItems": 12}
CurveField = Annotated[
    Curve,
    BeforeValidator(_curve),
    PlainSerializer(lambda c: {"log_exposure": c.log_exposure.tolist(), "density": c.density.tolist()}),
    WithJsonSchema({"type": "object", "required": ["log_exposure", "density"], "additionalProperties": False,
                    "properties": {"log_exposure": _POINTS, "density": _POINTS}}),
]
_Density = Annotated[float, Field(ge=0, le=6)]
Aim = tuple[_Density, _Density, _Density]
_Entry = Annotated[float, Field(ge=-10, le=10)]
_Row = tuple[_Entry, _Entry, _Entry]
Matrix3 = tuple[_Row, _Row, _Row]
Label = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]*$")]  # text that stays on its line
