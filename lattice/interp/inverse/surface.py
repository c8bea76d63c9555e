"""The nearest place on a lattice's surface, for values that it has nowhere: the NumPy definition.

The distance is Euclidean in the units of the nodes: cube roots of CIE XYZ in a built look, in which equal distances
look about equal. The surface is the six faces: two triangles in each tetrahedral cell's, or a bilinear patch.
"""

from __future__ import annotations

import numpy as np

from lattice.interp.inverse.cell import CHILDREN, Floats
from lattice.interp.inverse.plan import MOST_SIDES, Plan
from lattice.interp.inverse.search import MOST_PAIRS, Ints, among_first

BENDS = 16  # rounds on a bilinear patch
TWISTED, TRIES = 0.04, 9  # square of a twist, in squares of edges, from which so many starts a side are tried


def nearest(plan: Plan, values: Floats) -> tuple[Floats, Floats]:
    """Return the places (3, m) on the surface nearest to values (3, m), and the distances (m,)."""
    pairs = _faces(plan, values)
    if pairs is None:
        half = values.shape[1] // 2
        parts = [nearest(plan, values[:, part]) for part in (slice(None, half), slice(half, None))]
        return np.concatenate([one[0] for one in parts], axis=1), np.concatenate([one[1] for one in parts])
    point, face, at = pairs
    corner, axes = _patches(plan, face, at)
    s, t, square = on_patch(corner, values[:, point], plan.is_tetrahedral)
    order = np.lexsort((np.arange(len(point)), square, point))
    _, first = np.unique(point[order], return_index=True)
    best = order[first]
    places = np.empty_like(values)
    beyond = (face % 2 * (plan.size - 1), at[0] + s, at[1] + t)
    for axis, place in zip(axes, beyond, strict=True):
        places[axis[best], np.arange(len(best))] = place[best]
    return places, np.sqrt(square[best])


def _faces(plan: Plan, values: Floats) -> tuple[Ints, Ints, Ints] | None:
    """Return pairs of a value (p,) and a cell's face that may be the nearest: its side (p,) and place there (2, p).

    None if they are too many. Of each level's boxes the MOST_SIDES that are nearest to a value count.
    """
    turned, count = plan.frame @ values, values.shape[1]
    point, face = (each.ravel() for each in np.indices((count, 6)))
    at = np.zeros((2, 6 * count), np.int64)
    for number, level in reversed(tuple(enumerate(plan.sides))):
        if level is not plan.sides[-1]:
            if 4 * len(point) > MOST_PAIRS and count > 1:
                return None
            point, face = np.repeat(point, 4), np.repeat(face, 4)
            at = (2 * at[:, :, None] + CHILDREN[:4, 1:].T[:, None, :]).reshape(2, -1)
        is_cell = (at <= (plan.size - 2) >> number).all(axis=0)
        point, face, at = point[is_cell], face[is_cell], at[:, is_cell]
        box, wanted = level[face, at[0], at[1]].T.astype(np.float64), turned[:, point]
        least = (np.maximum(np.maximum(box[:3] - wanted, wanted - box[3:]), 0) ** 2).sum(axis=0)
        most = (np.maximum(wanted - box[:3], box[3:] - wanted) ** 2).sum(axis=0)
        bound = np.full(count, np.inf)
        np.minimum.at(bound, point, most)
        near = np.flatnonzero(least <= bound[point])
        near = near[np.lexsort((near, least[near], point[near]))]
        near = near[among_first(point[near], MOST_SIDES)]
        point, face, at = point[near], face[near], at[:, near]
    return point, face, at


def _patches(plan: Plan, face: Ints, at: Ints) -> tuple[list[Floats], tuple[Ints, Ints, Ints]]:
    """Return the four nodes of cells' faces, (3, p) each; the axis that each is across, and the two it goes along."""
    axes = face // 2, np.where(face < 2, 1, 0), np.where(face < 4, 2, 1)
    strides = np.array([plan.size**2, plan.size, 1])
    across, one, other = (strides[axis] for axis in axes)
    number = face % 2 * (plan.size - 1) * across + at[0] * one + at[1] * other
    offsets = (0, one, other, one + other)
    return [plan.nodes.reshape(-1, 3)[number + offset].T.astype(np.float64) for offset in offsets], axes


def on_patch(corner: list[Floats], values: Floats, is_flat: bool) -> tuple[Floats, Floats, Floats]:
    """Return s, t and the square of the distance of the nearest point on patches. is_flat: of two triangles each."""
    one, other = (on_triangle(corner[0], corner[k], corner[3], values) for k in (1, 2))
    is_one = one[2] <= other[2]
    s = np.where(is_one, one[0] + one[1], other[1])
    t = np.where(is_one, one[1], other[0] + other[1])
    if is_flat:
        return s, t, np.where(is_one, one[2], other[2])
    return _bent(corner, values, s, t)


def _bent(corner: list[Floats], values: Floats, s: Floats, t: Floats) -> tuple[Floats, Floats, Floats]:
    """Go on from s, t, or where a patch is twisted from the nearest of many points, to the nearest point on bilinear
    patches: by Newton's steps, then along each axis alone; where they lead away, along the axes alone."""
    c, a, b = corner[0], corner[1] - corner[0], corner[2] - corner[0]
    twist = corner[3] - corner[1] - b

    def away_at(s: Floats, t: Floats) -> Floats:
        return np.asarray(((values - (c + s * a + t * (b + s * twist))) ** 2).sum(axis=0))

    best = (s, t, away_at(s, t))
    is_twisted = (twist**2).sum(axis=0) > TWISTED * np.maximum((a**2).sum(axis=0), (b**2).sum(axis=0))
    if is_twisted.any():
        for try_s in np.linspace(0, 1, TRIES):
            for try_t in np.linspace(0, 1, TRIES):
                start = (np.full_like(s, try_s), np.full_like(s, try_t))
                best = _nearer(best, (*start, np.where(is_twisted, away_at(*start), np.inf)))
    for _ in range(BENDS):
        s, t, _ = best
        along_s, along_t = a + t * twist, b + s * twist
        away = values - (c + s * a + t * along_t)
        ss, tt, st = (along_s**2).sum(axis=0), (along_t**2).sum(axis=0), (along_s * along_t - away * twist).sum(axis=0)
        vs, vt = (away * along_s).sum(axis=0), (away * along_t).sum(axis=0)
        whole = ss * tt - st * st
        whole = np.where(whole > 0, whole, np.inf)
        for led in (np.clip(t + (vt * ss - vs * st) / whole, 0, 1), t):
            s = _along(c + led * b, a + led * twist, values)
            t = _along(c + s * a, b + s * twist, values)
            best = _nearer(best, (s, t, away_at(s, t)))
    return best


def _nearer(one: tuple[Floats, Floats, Floats], other: tuple[Floats, Floats, Floats]) -> tuple[Floats, Floats, Floats]:
    """Return s, t and the square of the distance of the nearer of two points on each patch; the first of equals."""
    is_other = other[2] < one[2]
    s, t, square = (np.where(is_other, new, old) for new, old in zip(other, one, strict=True))
    return s, t, square


def on_triangle(a: Floats, b: Floats, c: Floats, v: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the weights of b and c, (p,) each, and the square of the distance of the nearest point on triangles."""
    zero, one = np.zeros(v.shape[1]), np.ones(v.shape[1])
    along = [_along(a, b - a, v), _along(a, c - a, v), _along(b, c - b, v)]
    ends = [(along[0], zero), (zero, along[1]), (one - along[2], along[2])]
    ab, ac, av = b - a, c - a, v - a
    bb, cc, bc = (ab**2).sum(axis=0), (ac**2).sum(axis=0), (ab * ac).sum(axis=0)
    vb, vc, whole = (av * ab).sum(axis=0), (av * ac).sum(axis=0), bb * cc - bc * bc
    whole = np.where(whole > 0, whole, np.inf)
    inner = ((vb * cc - vc * bc) / whole, (vc * bb - vb * bc) / whole)
    is_inner = (inner[0] > 0) & (inner[1] > 0) & (inner[0] + inner[1] < 1)
    every = np.array([*ends, (np.where(is_inner, inner[0], 0), np.where(is_inner, inner[1], 0))])
    squares = ((av - every[:, 0, None] * ab - every[:, 1, None] * ac) ** 2).sum(axis=1)
    best = squares.argmin(axis=0)
    s, t, square = (np.take_along_axis(each, best[None], axis=0)[0] for each in (every[:, 0], every[:, 1], squares))
    return s, t, square


def _along(a: Floats, edge: Floats, v: Floats) -> Floats:
    """Return the share of an edge from a at which it is nearest to v."""
    length = (edge**2).sum(axis=0)
    return np.asarray(np.clip(((v - a) * edge).sum(axis=0) / np.where(length > 0, length, np.inf), 0, 1))
