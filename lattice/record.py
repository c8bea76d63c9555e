"""What the records of `types.py` have in common: read-only arrays within limits, equality by content, pickling."""

from __future__ import annotations

from dataclasses import fields
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from lattice.errors import LatticeError

Pixels = NDArray[Any]  # float16, float32 or code values; each docstring states which
# Limits of an SDev's numbers, far beyond any image's need, so that float32 arithmetic never overflows.
LARGEST_ENTRY = 1e9  # of a 3x3 matrix or a node
POWERS = (1 / 16, 16.0)  # exponents and gammas


def shortened(text: str, most: int) -> str:
    """Return the text in quotes, with its middle left out if that takes more than `most` characters."""
    quoted = repr(text)
    return (
        quoted if len(quoted) <= most else f"{quoted[: most // 2 - 1]}\N{HORIZONTAL ELLIPSIS}{quoted[-(most // 2) :]}"
    )


def frozen(
    values: ArrayLike, dtype: DTypeLike, shape: tuple[int | None, ...], what: str, largest: float | None = None
) -> Pixels:
    """Return a read-only C-ordered copy of `values`. None in `shape` matches any length. what: name in the message.

    Raises LatticeError if the shape differs, or a value is not finite or its magnitude exceeds `largest`.
    """
    array = np.array(values, dtype=dtype, order="C")
    fits = array.ndim == len(shape) and all(
        want is None or want == got for want, got in zip(shape, array.shape, strict=True)
    )
    if not fits:
        raise LatticeError(f"{what}: expected shape {shape}, got {array.shape}")
    if not np.isfinite(array).all():
        raise LatticeError(f"{what}: expected finite numbers, got NaN or infinity")
    if largest is not None and array.size and np.abs(array).max() > largest:
        raise LatticeError(f"{what}: expected numbers up to {largest:g}, got {np.abs(array).max():g}")
    array.flags.writeable = False
    return array


class Shippable:
    """Base of records that compare by content: equal if the type and all fields are equal.

    Pickling and copying rebuild the record from its fields, so a copy is checked again and its arrays are read-only.
    """

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._content() == other._content()

    def __hash__(self) -> int:
        return hash(self._content())

    def _content(self) -> tuple[object, ...]:
        values = (getattr(self, part.name) for part in fields(self))  # type: ignore[arg-type]  # all are dataclasses
        return tuple(value.tobytes() if isinstance(value, np.ndarray) else value for value in values)

    def __reduce__(self) -> tuple[object, ...]:
        values = (getattr(self, part.name) for part in fields(self))  # type: ignore[arg-type]  # all are dataclasses
        return type(self), tuple(dict(value) if isinstance(value, MappingProxyType) else value for value in values)
