"""Colors at a lattice, as the kernels of a fit take them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lattice.build.corners import corners
from lattice.types import Array, Interpolation

NEIGHBORS = 27  # of a node, itself, the 14th, included: along r, g and b one back to one on, b the quickest
FORM = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))  # rows and columns of a symmetric (3, 3)'s six numbers


@dataclass(frozen=True)
class Placed:
    """u: (n, 3) in [0, 1], where the colors are. wanted: (n, 3) node values there. form: (n, 6), the squared CIEDE2000
    of a small change d of the node value is d' F d. size: nodes along a side. All float64."""

    u: Array
    wanted: Array
    form: Array
    size: int
    interpolation: Interpolation

    @cached_property
    def corners(self) -> tuple[NDArray[np.int64], Array]:
        """Return the numbers and weights (k, n) of the corners around each color, as `corners` does."""
        numbers, weights = corners(self.u, self.size, self.interpolation)
        return np.ascontiguousarray(numbers.T), np.ascontiguousarray(weights.T)
