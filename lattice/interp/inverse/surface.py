"""The nearest place on a lattice's surface, for values that it has nowhere: the NumPy definition.

The distance is Euclidean in the units of the nodes: cube roots of CIE XYZ in a built look, in which equal distances
look about equal. The surface is the six faces: two triangles in each tetrahedral cell's, or a bilinear patch.
"""

from __future__ import annotations

import numpy as np

from lattice.interp.inverse.plan import CHILDREN, Floats, Plan
from lattice.interp.inverse.search import MOST_PAIRS, Ints

BENDS = 16  # rounds on a bilinear patch
TWISTED, TRIES = 0.04, 9  # square of a twist, in squares of edges, from which so many starts a side are tried


def nearest(plan: Plan, values: Floats) -> tuple[Floats, Floats]:
    """Return the places (3, m) on the surface nearest to values (3, m), and the distances (m,)."""
    pairs = _faces(plan, values)
    if pairs is None:
        half = values.shape[1] // 2
        parts = [nearest(plan, values[:, part]) for part in (slice(None, half), slice(half, None))]
        return np.concatenate([one[0] for one in parts], axis=1), np.concatenate([one[1] for one in parts])
    point, cell, axis, side = pairs
    corner, along = _patches(plan, cell, axis, side)
    s, t, square = on_patch(corner, values[:, point], plan.is_tetrahedral)
    order = np.lexsort((np.arange(len(point)), square, point))
    _, first = np.unique(point[order], return_index=True)
    best = order[first]
    places = cell[:, best].astype(np.float64)
    rows = np.arange(len(best))
    for where, share in ((axis, side.astype(np.float64)), (along[0], s), (along[1], t)):
        places[where[best], rows] += share[best]
    return places, np.sqrt(square[best])


def _faces(plan: Plan, values: Floats) -> tuple[Ints, Ints, Ints, Ints] | None:
    """Return values and the faces that may be the nearest: value (p,), cell (3, p), axis (p,) and side (p,) of each.

    None if they are too many.
    """
    count = values.shape[1]
    point, at = np.arange(count), np.zeros((3, count), np.int64)
    for number, level in reversed(tuple(enumerate(plan.boxes))):
        if level is not plan.boxes[-1]:
            if 8 * len(point) > MOST_PAIRS and count > 1:
                return None
            point = np.repeat(point, 8)
            at = (2 * at[:, :, None] + CHILDREN.T[:, None, :]).reshape(3, -1)
        last = (plan.size - 2) >> number
        on_surface = (at <= last).all(axis=0) & ((at == 0) | (at == last)).any(axis=0)
        point, at = point[on_surface], at[:, on_surface]
        box, wanted = level[tuple(at)].T.astype(np.float64), values[:, point]
        least = (np.maximum(np.maximum(box[:3] - wanted, wanted - box[3:]), 0) ** 2).sum(axis=0)
        most = (np.maximum(wanted - box[:3], box[3:] - wanted) ** 2).sum(axis=0)
        bound = np.full(count, np.inf)
        np.minimum.at(bound, point, most)
        near = least <= bound[point]
        point, at = point[near], at[:, near]
    axis, side, pair = (
        part.ravel() for part in np.meshgrid(np.arange(3), np.arange(2), np.arange(len(point)), indexing="ij")
    )
    is_outer = at[axis, pair] == np.where(side == 0, 0, plan.size - 2)
    return point[pair[is_outer]], at[:, pair[is_outer]], axis[is_outer], side[is_outer]


def _patches(plan: Plan, cell: Ints, axis: Ints, side: Ints) -> tuple[list[Floats], tuple[Ints, Ints]]:
    """Return the four nodes of faces, (3, p) each, and the two axes that each goes along."""
    strides = np.array([plan.size**2, plan.size, 1])
    along = (np.where(axis == 0, 1, 0), np.where(axis == 2, 1, 2))
    number = (cell * strides[:, None]).sum(axis=0) + side * strides[axis]
    offsets = (0, strides[along[0]], strides[along[1]], strides[along[0]] + strides[along[1]])
    return [plan.nodes.reshape(-1, 3)[number + offset].T.astype(np.float64) for offset in offsets], along


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
