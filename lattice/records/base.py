"""What all records share: frozen, no unknown fields, and one clear line when something is wrong."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, ValidationError, WithJsonSchema
from pydantic_core import ErrorDetails

from lattice.types import Curve, LatticeError

TYPES = frozenset({"float", "int", "str", "bool", "tuple"})  # what pydantic calls the branches of a union


def _place(location: tuple[int | str, ...]) -> str:
    """The field's path; parts that only name a branch of a union (`literal[...]`, `constrained-float`) are left out."""
    names = (str(part) for part in location if isinstance(part, int) or part.isidentifier())
    return ".".join(name for name in names if name not in TYPES)


def _reason(detail: ErrorDetails) -> str:
    if detail["type"] == "extra_forbidden":
        return "no such field"
    if detail["type"] == "missing" and isinstance(detail["loc"][-1], int):
        return "expected another number, got none"
    if detail["type"] in ("value_error", "missing"):
        return detail["msg"].removeprefix("Value error, ")
    return f"{detail['msg'][0].lower()}{detail['msg'][1:]}, got {str(detail['input'])[:60]!r}"


def first_error(error: ValidationError) -> str:
    """The first complaint as one line, `field.path: reason, got value`; of a union, the last branch's."""
    details = error.errors(include_url=False)
    where = _place(details[0]["loc"])
    same = [detail for detail in details if _place(detail["loc"]) == where]
    reason = " ".join(_reason(same[-1]).split())
    return f"{where}: {reason}" if where else reason


class Record(BaseModel):
    """Base of the records. Constructing one with wrong values raises LatticeError, not pydantic's error."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, validate_default=True,
                              allow_inf_nan=False)

    def __init__(self, /, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise LatticeError(first_error(error)) from None


def _curve(value: Any) -> Curve:
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
Triple = tuple[float, float, float]
Matrix3 = tuple[Triple, Triple, Triple]
