"""Code values of any input as linear light, for whoever has an array."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lattice.color.inputs import find
from lattice.errors import LatticeError
from lattice.types import Pixels

NO_CODES = "bcOSU"  # kinds of arrays that hold none


def to_linear(codes: ArrayLike, name: str) -> Pixels:
    """Decode code values to linear light of the input's own primaries, as `--input` does.

    codes: (..., 3 or 4) numbers, 0 to 1 = all codes; alpha is copied. name: of an input, in any spelling that `--input`
    takes. Returns float32 within a half's range. Raises LatticeError for an unknown name, and for integers above 1.
    """
    space = find(name)
    try:
        given = np.asarray(codes)
    except ValueError:  # rows of different lengths
        given = np.array(None)
    is_whole = given.dtype.kind in "iu" and given.size > 0 and given.max() > 1
    if is_whole or given.dtype.kind in NO_CODES:
        raise LatticeError(
            f"codes: expected numbers, 0 to 1 = all codes, got {given.dtype}; divide by the largest code"
        )
    if given.ndim == 0 or given.shape[-1] not in (3, 4):
        raise LatticeError(f"codes: expected (..., 3 or 4), got {given.shape}")
    pixels = given if given.dtype == np.float16 else given.astype(np.float64)
    return np.concatenate([space.light(pixels[..., :3]), given[..., 3:].astype(np.float32)], axis=-1)
