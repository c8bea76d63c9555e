"""RGB primaries: named ones, and the matrix from one set to another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lattice.types import LatticeError

Array = NDArray[np.float64]
# xy of red, green, blue, white. Sources: ITU-R BT.709-6, SMPTE EG 432-1 (Display P3's primaries with D65),
# SMPTE RP 431-2 (P3-DCI), ITU-R BT.2020-2, Academy S-2014-004 (ACEScg), SMPTE ST 2065-1.
NAMED: dict[str, tuple[float, ...]] = {
    "Rec.709": (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290),
    "Display P3": (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3127, 0.3290),
    "P3-DCI": (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.314, 0.351),
    "Rec.2020": (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290),
    "ACEScg": (0.713, 0.293, 0.165, 0.830, 0.128, 0.044, 0.32168, 0.33767),
    "ACES2065-1": (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767),
}
# Source: CIE 159:2004, CAT02.
CAT02 = np.array([[0.7328, 0.4296, -0.1624], [-0.7036, 1.6975, 0.0061], [0.0030, 0.0136, 0.9834]])
SAME = 1e-4  # chromaticities this near are the same ones: files store them as float32, and rounded


def chromaticities(primaries: str | Sequence[float | str]) -> tuple[float, ...]:
    """Eight numbers, xy of r, g, b, white, from a name or from eight numbers. Raises LatticeError."""
    if isinstance(primaries, str):
        if primaries not in NAMED:
            raise LatticeError(f"input: expected one of {', '.join(NAMED)}, got {primaries!r}")
        return NAMED[primaries]
    try:
        numbers = tuple(float(value) for value in primaries)
    except (TypeError, ValueError):
        numbers = ()
    if len(numbers) != 8 or not np.isfinite(numbers).all():
        raise LatticeError(f"chromaticities: expected 8 finite numbers, got {primaries!r}")
    return numbers


def _white(xy: tuple[float, ...]) -> Array:
    if xy[7] <= 0:
        raise LatticeError(f"chromaticities: expected a white with y above 0, got {xy[7]:g}")
    return np.array([xy[6], xy[7], 1 - xy[6] - xy[7]]) / xy[7]


def _to_xyz(xy: tuple[float, ...]) -> Array:
    """Linear RGB to XYZ, white at Y = 1. Source: SMPTE RP 177."""
    pairs = np.array(xy[:6]).reshape(3, 2)
    columns = np.column_stack([pairs, 1 - pairs.sum(axis=1)]).T
    if abs(np.linalg.det(columns)) < 1e-6:
        raise LatticeError(f"chromaticities: expected three primaries that span a triangle, got {xy[:6]}")
    gains = np.linalg.solve(columns, _white(xy))
    if gains.min() <= 0:
        raise LatticeError(f"chromaticities: expected a white inside the triangle of the primaries, got {xy[6:]}")
    return columns * gains


def convert(source: str | Sequence[float | str], target: str | Sequence[float | str]) -> Array:
    """Matrix (3, 3) from linear RGB of `source` primaries to `target` ones; white stays (1, 1, 1) by CAT02.

    The identity, exactly, where both are the same. Raises LatticeError for unknown or impossible primaries.
    """
    a, b = chromaticities(source), chromaticities(target)
    if np.allclose(a, b, rtol=0, atol=SAME):
        return np.eye(3)
    gain = (CAT02 @ _white(b)) / (CAT02 @ _white(a))
    adapt = np.linalg.solve(CAT02, gain[:, None] * CAT02)
    return np.asarray(np.linalg.solve(_to_xyz(b), adapt @ _to_xyz(a)), np.float64)
