"""The mathematics of one cell, by NumPy. Vectors, values and places are planes (3, m) of float64."""

from __future__ import annotations

from itertools import permutations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
CHILDREN = np.array([(r, g, b) for r in range(2) for g in range(2) for b in range(2)], np.int32)
ORDERS = tuple(permutations(range(3)))  # of the axes along a tetrahedron's path


def solve(a: Floats, b: Floats, c: Floats, v: Floats) -> Floats:
    """Return x, y, z of a x + b y + c z = v, planes (3, m) all; infinite or NaN where there is no one answer."""
    bc, ca, ab = cross(b, c), cross(c, a), cross(a, b)
    whole = 1 / dot(a, bc)
    return np.stack([dot(v, bc) * whole, dot(v, ca) * whole, dot(v, ab) * whole])


def cross(a: Floats, b: Floats) -> Floats:
    return np.stack([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])


def dot(a: Floats, b: Floats) -> Floats:
    return np.asarray(a[0] * b[0] + a[1] * b[1] + a[2] * b[2])


def trilinear_at(corners: Floats, share: Floats) -> Floats:
    """Return the values (3, m) at shares (3, m) of cells of these corners."""
    return tangent(corners, share)[0]


def tangent(corners: Floats, share: Floats) -> tuple[Floats, tuple[Floats, Floats, Floats]]:
    """Return the values at shares of cells, and their slopes along r, g, b."""
    r, g, b = share
    along_b = [corners[k] + b * (corners[k + 1] - corners[k]) for k in (0, 2, 4, 6)]
    slope_b = [corners[k + 1] - corners[k] for k in (0, 2, 4, 6)]
    near, far = (along_b[k] + g * (along_b[k + 1] - along_b[k]) for k in (0, 2))
    near_b, far_b = (slope_b[k] + g * (slope_b[k + 1] - slope_b[k]) for k in (0, 2))
    near_g, far_g = along_b[1] - along_b[0], along_b[3] - along_b[2]
    return near + r * (far - near), (far - near, near_g + r * (far_g - near_g), near_b + r * (far_b - near_b))
