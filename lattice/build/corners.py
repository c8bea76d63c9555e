"""The corners of a lattice's cells: numbers and weights that interpolate, and how the weights change."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lattice.types import Array, Interpolation

# The corners of a cell in the order of their node numbers: 1 on the far side along r, g, b.
FAR = np.array([[c >> 2 & 1, c >> 1 & 1, c & 1] for c in range(8)])


def corners(u: Array, size: int, interpolation: Interpolation) -> tuple[NDArray[np.int64], Array]:
    """Return the node indices (n, k) and weights (n, k) that interpolate at u (n, 3), as `from_0_to_1` has it.

    k = 8 trilinear, 4 tetrahedral.
    """
    cell, inside = _place(u, size)
    stride = np.array([size * size, size, 1])
    if interpolation == "trilinear":
        red, green, blue = ((1 - share, share) for share in np.ascontiguousarray(inside.T))
        weights = np.stack([red[r] * green[g] * blue[b] for r, g, b in FAR])
        return (cell @ stride)[:, None] + FAR @ stride, weights.T
    order = np.argsort(-inside, axis=1, kind="stable")
    falling = np.take_along_axis(inside, order, axis=1)
    steps = np.cumsum(stride[order], axis=1)
    numbers = (cell @ stride)[:, None] + np.concatenate([np.zeros((len(u), 1), np.int64), steps], axis=1)
    ends = np.concatenate([np.ones((len(u), 1)), falling, np.zeros((len(u), 1))], axis=1)
    return numbers, ends[:, :-1] - ends[:, 1:]


def corner_slopes(u: Array, size: int, interpolation: Interpolation) -> Array:
    """Return the derivatives of the weights of `corners` by u: (n, k, 3)."""
    inside = _place(u, size)[1]
    if interpolation == "trilinear":
        red, green, blue = ((1 - share, share) for share in np.ascontiguousarray(inside.T))
        others = np.stack(
            [
                [green[g] * blue[b] if r else -green[g] * blue[b] for r, g, b in FAR],
                [red[r] * blue[b] if g else -red[r] * blue[b] for r, g, b in FAR],
                [red[r] * green[g] if b else -red[r] * green[g] for r, g, b in FAR],
            ]
        )
        return others.transpose(2, 1, 0) * (size - 1)
    order = np.argsort(-inside, axis=1, kind="stable")
    slopes, rows = np.zeros((len(u), 4, 3)), np.arange(len(u))
    for k in range(3):
        slopes[rows, k, order[:, k]] -= 1
        slopes[rows, k + 1, order[:, k]] += 1
    return slopes * (size - 1)


def from_0_to_1(u: Array) -> Array:
    """Return u of any shape, held to [0, 1]; NaN becomes 0."""
    held = np.clip(u, 0, 1)
    np.copyto(held, 0, where=np.isnan(held))
    return held


def _place(u: Array, size: int) -> tuple[NDArray[np.int64], Array]:
    position = from_0_to_1(u) * (size - 1)
    cell = np.minimum(position.astype(np.int64), size - 2)
    return cell, position - cell
