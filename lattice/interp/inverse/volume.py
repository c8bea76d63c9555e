"""Which cells of a lattice have volume: the others hold no value that they have alone, by NumPy.

A cell is flat where a LUT is clipped, gray, banded or constant. Along its flat direction it gives one value, so the
value is again on a cell with volume at an end of that direction, or on the lattice's surface.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lattice.interp.inverse.cell import CHILDREN, ORDERS, Floats, cross, dot, tangent

Bools = NDArray[np.bool_]
TOGETHER = 1 << 15  # cells at a time
NOISE = 2.0**-40  # of the largest corner: float64 computes a thickness of exactly flat nodes no worse
MIDDLES = np.stack(np.meshgrid(*[[0.0, 0.5, 1.0]] * 3)).reshape(3, -1).T  # of a quadratic in r, g, b: all of it


def cells_with_volume(nodes: NDArray[np.float32], is_tetrahedral: bool) -> Bools:
    """Return which cells (n-1, n-1, n-1) of nodes (n, n, n, 3) are thicker somewhere than float32 tells apart."""
    cells, found = len(nodes) - 1, []
    corners = np.stack([nodes[r : r + cells, g : g + cells, b : b + cells].reshape(-1, 3) for r, g, b in CHILDREN])
    for first in range(0, cells**3, TOGETHER):
        part = corners[:, first : first + TOGETHER].astype(np.float64)
        found.append(_have_volume(np.ascontiguousarray(part.transpose(0, 2, 1)), is_tetrahedral))
    return np.concatenate(found).reshape(cells, cells, cells)


def _have_volume(corners: Floats, is_tetrahedral: bool) -> Bools:
    """Return which cells of corners (8, 3, m) have volume."""
    found, noise = np.zeros(corners.shape[2], np.bool_), NOISE * np.abs(corners).max(axis=(0, 1))
    left = np.flatnonzero(~_are_even(corners))
    for order in ORDERS:
        one, two = 4 >> order[0], (4 >> order[0]) + (4 >> order[1])
        seen = corners[:, :, left]
        thick = _is_thick(seen[one] - seen[0], seen[two] - seen[one], seen[7] - seen[two], noise[left])
        found[left] = thick
        left = left[~thick]
    if not is_tetrahedral:
        left = left[~_are_planar(corners[:, :, left], noise[left])]
    for point in () if is_tetrahedral else MIDDLES:
        _, slopes = tangent(corners[:, :, left], point[:, None])
        thick = _is_thick(*slopes, noise[left])
        found[left] = thick
        left = left[~thick]
    return found


def _are_even(corners: Floats) -> Bools:
    """Return which cells have a channel of one value, or an axis that changes nothing."""
    even = (corners == corners[0]).all(axis=0).any(axis=0)
    along = corners.reshape(2, 2, 2, 3, -1)
    for axis in range(3):
        near, far = np.moveaxis(along, axis, 0)
        even |= (near == far).all(axis=(0, 1, 2))
    return np.asarray(even)


def _are_planar(corners: Floats, noise: Floats) -> Bools:
    """Return which cells have all corners in a plane through the longest and the widest two of their edges."""
    edges = corners[1:] - corners[0]
    row = np.arange(edges.shape[2])
    longest = edges[(edges**2).sum(axis=1).argmax(axis=0), :, row].T
    normals = np.stack([cross(longest, edge) for edge in edges])
    widest = normals[(normals**2).sum(axis=1).argmax(axis=0), :, row].T
    past = np.max([dot(widest, edge) ** 2 for edge in edges], axis=0)
    return np.asarray(past <= noise**2 * dot(widest, widest))


def _is_thick(a: Floats, b: Floats, c: Floats, noise: Floats) -> Bools:
    """Return which parallelepipeds of edges (3, m) are thicker than noise (m,) between all of their faces."""
    faces = [cross(b, c), cross(c, a), cross(a, b)]
    largest = np.max([dot(face, face) for face in faces], axis=0)
    return np.asarray(dot(a, faces[0]) ** 2 > noise**2 * largest)
