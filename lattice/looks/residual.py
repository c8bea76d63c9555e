"""The residual of a look: a smooth, bounded correction of the colors that its print shows, beyond what film does.

A color's place is its lightness, red-green and yellow-blue, in the units of CIELAB without its linear toe: from the
cube roots of XYZ over the print's base. There the lattice says by how much the color moves, in the same units.
"""

from __future__ import annotations

from typing import Annotated, Any, Self

import numpy as np
from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, field_validator, model_validator

from lattice.looks.base import Record, odd, refuse_no_numbers
from lattice.types import Array

AXES = ("lightness", "red-green", "yellow-blue")
SPANS = ((0.0, 116.0), (-100.0, 100.0), (-120.0, 120.0))  # of the lattice on the axes; beyond, its faces count
FEWEST, MOST, USUAL = 3, 15, 13  # nodes a side
MOST_STEP = 0.5  # nodes' distances that the offsets of two neighbors differ by, so that no color folds onto another
LARGEST = 60.0  # offset
DIGITS = 2  # decimals that a fitted offset has


def steps(size: int) -> Array:
    """Return the distances (3,) of two nodes on the axes."""
    return np.asarray([(high - low) / (size - 1) for low, high in SPANS])


def _offsets(value: object) -> Array:
    if not isinstance(value, np.ndarray):
        refuse_no_numbers(value)
    try:
        found = np.array(value, np.float64).ravel()
    except (TypeError, ValueError, OverflowError):
        raise ValueError("expected rows of numbers, all of one length") from None
    if not np.isfinite(found).all():
        raise ValueError("expected finite numbers, got NaN or infinity")
    if np.abs(found).max(initial=0) > LARGEST:
        raise ValueError(f"expected numbers from -{LARGEST:g} to {LARGEST:g}, got {found[np.abs(found).argmax()]:g}")
    found.flags.writeable = False
    return found


def _rows(offsets: Array) -> list[list[float]]:
    """Return the offsets as they are written: a row for each line of nodes along yellow-blue."""
    side = round((offsets.size / len(AXES)) ** (1 / 3))
    return [list(map(float, row)) for row in offsets.reshape(side * side, -1)]


_ROW = {"type": "array", "items": {"type": "number"}}
Offsets = Annotated[
    Array, BeforeValidator(_offsets), PlainSerializer(_rows), WithJsonSchema({"type": "array", "items": _ROW})
]


class Residual(Record):
    """What is added to the colors that the print shows.

    offsets: read-only, (size * size * size * 3,) float64, the last axis lightness, red-green, yellow-blue, the others
    in this order too. Raises LatticeError naming the field.
    """

    amount: float = Field(1, ge=0, le=1, description="Share of the offsets that is added; 0 leaves the film alone")
    size: int = Field(USUAL, ge=FEWEST, le=MOST, description="Nodes along each side of its lattice, odd")
    offsets: Offsets = Field(
        description="By how much colors move in lightness, red-green and yellow-blue, as L*, a*, b*: a row for each "
        "lightness and red-green, in it three numbers for each yellow-blue"
    )

    _odd = field_validator("size")(odd)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        wanted = self.size**3 * len(AXES)
        if self.offsets.size != wanted:
            raise ValueError(
                f"offsets: expected {wanted:,} numbers, 3 for each of {self.size}^3 nodes, got {self.offsets.size:,}"
            )
        if (fault := fold(self.nodes, self.size)) is not None:
            raise ValueError(f"offsets: {fault}")
        return self

    @property
    def nodes(self) -> Array:
        """The offsets (size, size, size, 3) of the nodes, by lightness, red-green and yellow-blue."""
        return self.offsets.reshape((self.size,) * 3 + (len(AXES),))

    def __repr__(self) -> str:
        return f"Residual(amount {self.amount:g}, {self.size}^3 nodes, offsets up to {np.abs(self.offsets).max():.3g})"

    __str__ = __repr__


def apart(nodes: Array, size: int) -> list[Array]:
    """Return by how much the offsets (size, size, size, 3) of two neighbors differ, over the most that they may: along
    each axis an array that is shorter by 1 there."""
    return [np.abs(np.diff(nodes, axis=axis)) / (MOST_STEP * steps(size)) for axis in range(len(AXES))]


def fold(nodes: Array, size: int) -> str | None:
    """Return where the offsets (size, size, size, 3) of two neighbors differ by more than they may; None if nowhere."""
    for name, found in zip(AXES, apart(nodes, size), strict=True):
        at = np.unravel_index(found.argmax(), found.shape)
        if found[at] > 1:
            most = MOST_STEP * steps(size)[at[-1]]
            return (
                f"expected neighbors along {name} that differ by {most:.3g} or less in {AXES[at[-1]]}, so that no "
                f"color folds onto another, got {found[at] * most:.3g} at node {', '.join(str(k + 1) for k in at[:3])}"
            )
    return None


def written(rows: Any) -> str:
    """Return offsets, as they are serialized, as the text of a TOML array, a row a line."""
    lines = ",\n".join("  [" + ", ".join(f"{number:.10g}" for number in row) + "]" for row in rows)
    return f"[\n{lines},\n]"
