"""What tables and lattices are indexed by: every half float, and the coordinates of nodes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

HALF_CODES = 65536  # every bit pattern of a half float
HALF_MAX = 65504.0  # the largest finite half. Source: IEEE 754 binary16


def halves() -> NDArray[np.float16]:
    """Return every half float (65536,) in the order of its bits, infinities and NaN among them."""
    return np.arange(HALF_CODES, dtype=np.uint16).view(np.float16)


def held_halves() -> NDArray[np.float64]:
    """Return the number that each half float counts as in a table (65536,): infinities 65504 and -65504, NaN 0."""
    return np.clip(np.nan_to_num(halves().astype(np.float64), nan=0.0), -HALF_MAX, HALF_MAX)


def grid(axes: NDArray[Any]) -> NDArray[Any]:
    """Return the places of a lattice's nodes (n, n, n, 3), indexed [r, g, b], in the dtype of `axes`.

    axes: (n, 3), a column for each channel, or (n,) for all three.
    """
    columns = axes.T if axes.ndim == 2 else (axes, axes, axes)
    return np.stack(np.meshgrid(*columns, indexing="ij"), axis=-1)
