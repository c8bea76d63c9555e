"""Distance functions: points (3, N) float32 in, signed distance (N,) float32 out; negative inside.

Source: Quilez, "Distance functions" and "Smooth minimum", iquilezles.org/articles.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]  # float32 throughout; the shapes are in the docstrings
Triple = tuple[float, float, float]


def column(triple: Triple) -> Array:
    """Three numbers as (3, 1) float32, ready to broadcast over (3, N)."""
    return np.array(triple, np.float32)[:, None]


def dot(a: Array, b: Array) -> Array:
    """Dot product of (3, N) or (3, 1) with (3, N), as (N,)."""
    return np.einsum("ij,ij->j", a, b)


def length(p: Array) -> Array:
    """Length of each column of (3, N), as (N,)."""
    return np.sqrt(dot(p, p))


def unit(p: Array) -> Array:
    """Each column of (3, N) scaled to length 1."""
    return p / np.maximum(length(p), 1e-9)


def mirrored(p: Array) -> Array:
    """Both halves folded onto x >= 0: one eye, ear or shoulder serves for two."""
    folded = p.copy()
    np.abs(p[0], out=folded[0])
    return folded


def smoothstep(low: float, high: float, x: Array) -> Array:
    """0 below `low`, 1 above `high`, a cubic between; `low > high` falls instead of rising."""
    u = np.clip((x - low) / (high - low), 0, 1)
    return u * u * (3 - 2 * u)


def ball(p: Array, center: Triple, radius: float) -> Array:
    """A sphere."""
    return length(p - column(center)) - radius


def ellipsoid(p: Array, center: Triple, radii: Triple) -> Array:
    """An estimate that is exact on the surface and safe to march with shortened steps."""
    inverse = 1 / column(radii)
    q = (p - column(center)) * inverse
    scaled = length(q)
    return scaled * (scaled - 1) / np.maximum(length(q * inverse), 1e-6)


def limb(p: Array, start: Triple, end: Triple, radius: float, end_radius: float) -> Array:
    """A capsule whose radius runs evenly from one end to the other."""
    axis = column(end) - column(start)
    q = p - column(start)
    along = np.clip(dot(axis, q) / dot(axis, axis), 0, 1)
    return length(q - axis * along) - (radius + (end_radius - radius) * along)


def ring(p: Array, center: Triple, radius: float, tube: float) -> Array:
    """A torus in the xy plane."""
    q = p - column(center)
    return np.hypot(np.hypot(q[0], q[1]) - radius, q[2]) - tube


def collar(p: Array, center: Triple, radius: float, tube: float) -> Array:
    """A torus in the xz plane."""
    q = p - column(center)
    return np.hypot(np.hypot(q[0], q[2]) - radius, q[1]) - tube


def slab(p: Array, half: Triple, rounding: float) -> Array:
    """A box around the origin with rounded edges."""
    q = np.abs(p) - column(half) + rounding
    return length(np.maximum(q, 0)) + np.minimum(q.max(axis=0), 0) - rounding


def cylinder(p: Array, center: Triple, radius: float, half_height: float, rounding: float) -> Array:
    """An upright cylinder with rounded rims."""
    q = p - column(center)
    across, along = np.hypot(q[0], q[2]) - radius + rounding, np.abs(q[1]) - half_height + rounding
    outside = np.hypot(np.maximum(across, 0), np.maximum(along, 0))
    return outside + np.minimum(np.maximum(across, along), 0) - rounding


def blend(a: Array, b: Array, width: float) -> Array:
    """Union of two shapes with a fillet of about `width`."""
    overlap = np.maximum(width - np.abs(a - b), 0)
    return np.minimum(a, b) - overlap * overlap * (0.25 / width)


def carve(a: Array, b: Array, width: float) -> Array:
    """`a` with `b` taken away, the edge rounded by about `width`."""
    return -blend(-a, b, width)
