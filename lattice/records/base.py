"""What all records share: frozen, no unknown fields, and one clear line when something is wrong."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, ValidationError, WithJsonSchema

from lattice.types import Curve, LatticeError


def first_error(error: ValidationError) -> str:
    """The first complaint as `field.path: reason, got value`."""
    detail = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in detail["loc"] if not str(part).startswith("function-"))
    reason = detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "extra_forbidden":
        reason = "no such field"
    elif detail["type"] not in ("value_error", "missing"):
        reason = f"{reason[0].lower()}{reason[1:]}, got {str(detail['input'])[:60]}"
    return f"{where}: {reason}" if where else reason


class Record(BaseModel):
    """Base of the records. Constructing one with wrong values raises LatticeError, not pydantic's error."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, validate_default=True)

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
