"""The correction of the colors that a print shows, by a look's residual."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import map_coordinates

from lattice.looks.residual import SPANS, Residual
from lattice.types import Array

# Cube roots of XYZ over the print's base to lightness, red-green and yellow-blue. Source: CIE 15:2018, 8.2.1, without
# its offset and linear toe.
OPPONENT = np.array([[0.0, 116, 0], [500, -500, 0], [0, 200, -200]])
BACK = np.linalg.inv(OPPONENT)


def opponent(nodes: Array) -> Array:
    """Convert cube roots of XYZ over the print's base (..., 3) to lightness, red-green and yellow-blue (..., 3)."""
    return np.asarray(nodes @ OPPONENT.T)


def place(color: Array) -> Array:
    """Return where colors (..., 3), as `opponent` gives them, are in the residual's lattice: [0, 1] (..., 3), NaN 0."""
    low, high = np.array(SPANS).T
    return np.asarray(np.nan_to_num(np.clip((color - low) / (high - low), 0, 1)))


@dataclass(frozen=True)
class Correction:
    """offsets: (size, size, size, 3), the residual's times its amount. base: (3,) XYZ of clear print film."""

    offsets: Array
    base: Array

    def __call__(self, xyz: Array) -> Array:
        """Correct XYZ (..., 3), Y = 1 at the print's base: trilinear, flat beyond the lattice, never below 0."""
        relative = self.base / self.base[1]
        color = opponent(np.cbrt(xyz / relative))
        at = place(color).reshape(-1, 3).T * (len(self.offsets) - 1)
        moved = [map_coordinates(self.offsets[..., k], at, order=1, mode="nearest") for k in range(3)]
        held = np.maximum((color + np.stack(moved, axis=-1).reshape(color.shape)) @ BACK.T, 0)
        return np.asarray(held**3 * relative)


def correction(residual: Residual | None, base: Array) -> Correction | None:
    """Return what a look's residual does on a print of this base; None if it does nothing."""
    if residual is None or not residual.amount:
        return None
    return Correction(residual.amount * residual.nodes, base)
