"""The base of all records: frozen, no unknown fields, one clear line of error."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Annotated, Any, Self, get_args

import numpy as np
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from lattice.looks.faults import COLORS, RecordError, fault_lines
from lattice.looks.wedge import POINTS, reduce_wedge
from lattice.types import FEWEST_READINGS, MOST_READINGS, Array, Curve, LatticeError

if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass
else:
    ModelMetaclass = type(BaseModel)  # without the private name


def _takes_numbers(annotation: Any) -> bool:
    """True if a field holds numbers, alone, in tuples, or beside other choices."""
    return annotation in (float, int) or any(map(_takes_numbers, get_args(annotation)))


QUOTED = re.compile(r"\s*[-+]?[\d._]+([eE][-+]?\d+)?\s*")  # a number in quotes
NO_NUMBERS = (bool, np.bool_, bytes, set, frozenset)  # pydantic would take them for numbers, or for a row of them


def odd(size: int) -> int:
    """Return the nodes along a side of a lattice. Raises ValueError unless they are odd."""
    if size % 2 == 0:
        raise ValueError(f"expected an odd number so that the center is gray, got {size}")
    return size


def refuse_no_numbers(value: object, where: str = "") -> None:
    """Raise ValueError for true, false, numbers in quotes and rows without an order, at any depth of lists.

    where: the place in the lists around the value, for the message.
    """
    if isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim):
        for k, each in enumerate(value):
            name = COLORS[k] if len(value) == len(COLORS) else f"number {k + 1}"
            refuse_no_numbers(each, f"{where}{name}: ")
    elif isinstance(value, NO_NUMBERS) or (isinstance(value, str) and QUOTED.fullmatch(value)):
        raise ValueError(f"{where}expected a number, got {value!r}")


class _OneLine(ModelMetaclass):
    """Metaclass that makes a record's constructor raise LatticeError; a nested record's fault keeps its full path."""

    def __call__(cls, *positional: Any, **values: Any) -> Any:
        if positional:
            raise LatticeError(f"{cls.__name__}: expected fields by name, such as name=..., got {positional[0]!r:.60}")
        try:
            return super().__call__(**values)
        except ValidationError as error:
            raise RecordError(*fault_lines(error, cls)) from None  # type: ignore[arg-type]  # a class of its own


class Record(BaseModel, metaclass=_OneLine):
    """Base of the records. Constructing one with wrong values raises LatticeError, not pydantic's error."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, validate_default=True, allow_inf_nan=False
    )

    @field_validator("*", mode="before")
    @classmethod
    def _is_a_number(cls, value: object, info: ValidationInfo) -> object:
        """Refuse `true` and `"0.35"` where a number belongs, in lists too; pydantic would take them for 1 and 0.35."""
        if _takes_numbers(cls.model_fields[str(info.field_name)].annotation):
            refuse_no_numbers(value)
        return value

    def __setattr__(self, name: str, value: object) -> None:
        if not name.startswith("_"):
            raise LatticeError(f"{name}: a {type(self).__name__} does not change; replace({name}=...) makes another")
        super().__setattr__(name, value)

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some fields changed, validated again. Raises LatticeError with the field's name."""
        return type(self)(**{**{name: getattr(self, name) for name in type(self).model_fields}, **changes})

    def __replace__(self, **changes: Any) -> Self:  # for copy.replace
        return self.replace(**changes)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and isinstance(other, Record) and self.model_dump() == other.model_dump()

    def __hash__(self) -> int:
        values = json.loads(self.model_dump_json(), parse_float=lambda text: float(text) + 0.0)  # -0.0 equals 0.0
        return hash(json.dumps(values, sort_keys=True))


def _points(value: dict[str, object]) -> tuple[Array, Array]:
    """Return exposures and densities of a curve's table, the 12 of the fit if it has another number."""
    x, d = (np.array(value[name], dtype=np.float64) for name in ("log_exposure", "density"))
    if x.ndim != 1 or d.ndim != 1:
        raise ValueError("log_exposure and density: expected lists of numbers, [a, b, ...]")
    if x.shape == d.shape == (POINTS,):
        return x, d
    curve = reduce_wedge(tuple(x.tolist()), tuple(d.tolist()))
    return curve.log_exposure, curve.density


def _curve(value: object) -> Curve:
    if isinstance(value, Curve):
        return value
    if not isinstance(value, dict) or set(value) != {"log_exposure", "density"}:
        raise ValueError("expected a table with log_exposure and density, 12 numbers each, or a wedge's 3 to 4096")
    for name, points in value.items():
        refuse_no_numbers(points, f"{name}: ")
    try:
        return Curve(*_points(value))
    except (TypeError, ValueError) as error:
        raise ValueError(str(error)) from None


_POINTS = {"type": "array", "items": {"type": "number"}, "minItems": FEWEST_READINGS, "maxItems": MOST_READINGS}
CurveField = Annotated[
    Curve,
    BeforeValidator(_curve),
    PlainSerializer(lambda c: {"log_exposure": c.log_exposure.tolist(), "density": c.density.tolist()}),
    WithJsonSchema(
        {
            "type": "object",
            "required": ["log_exposure", "density"],
            "additionalProperties": False,
            "properties": {"log_exposure": _POINTS, "density": _POINTS},
        }
    ),
]
_Density = Annotated[float, Field(ge=0, le=6)]
Aim = tuple[_Density, _Density, _Density]
_Entry = Annotated[float, Field(ge=-10, le=10)]
_Row = tuple[_Entry, _Entry, _Entry]
Matrix3 = tuple[_Row, _Row, _Row]
Label = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]*$")]  # no control characters: it stays on one line
