"""Where a lattice has a value: the NumPy definition. Values and places are planes (3, m) of float64.

A place is counted in cells, 0 to n - 1. First Newton's steps from cell to cell: the affine map of a tetrahedron, or
the tangent of a trilinear cell, says where the value would be, and the search goes on there. What does not settle, or
is nowhere, is looked for in the cells whose values reach it, in the order of the cells, as many as MOST_CELLS.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lattice.interp.inverse.cell import CHILDREN, ORDERS, Floats, solve, tangent, trilinear_at
from lattice.interp.inverse.plan import MOST_CELLS, SLACK, Plan

ROUNDS = 12  # of steps from cell to cell
STEP = 1e-7  # of a cell: Newton's steps square, so after one this short the place is exact
STRAY = 0.5  # of a cell, that Newton's steps within one may leave it by
DEPTH = 3  # of halving a trilinear cell whose middle leads nowhere
MOST_STEPPED = 1024  # trilinear cells that a value is looked for in by steps
MOST_PARTS = 256  # of their halves, of one size, that are looked in
MOST_PAIRS = 1 << 21  # of values and boxes at a time
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


def _nodes(plan: Plan, number: Ints) -> Floats:
    return plan.nodes.reshape(-1, 3)[number].T.astype(np.float64)


def _number(plan: Plan, cell: Ints) -> Ints:
    return np.asarray((cell[0] * plan.size + cell[1]) * plan.size + cell[2])


def _strides(plan: Plan) -> Ints:
    return np.array([plan.size**2, plan.size, 1])


def in_tetrahedron(plan: Plan, cell: Ints, order: Ints, values: Floats) -> tuple[Floats, Bools]:
    """Return where in cells (3, m) values would be by the tetrahedra whose paths take the axes in `order` (3, m), and
    which of the values are in them."""
    number = _number(plan, cell)
    corners = [_nodes(plan, number)]
    for step in _strides(plan)[order]:
        number = number + step
        corners.append(_nodes(plan, number))
    first, second, third = (after - before for before, after in pairwise(corners))
    x = solve(first, second, third, values - corners[0])
    inside = (x[0] <= 1 + SLACK) & (x[1] <= x[0] + SLACK) & (x[2] <= x[1] + SLACK) & (x[2] >= -SLACK)
    held = np.empty_like(x)
    held[0] = np.clip(x[0], 0, 1)
    held[1] = np.clip(x[1], 0, held[0])
    held[2] = np.clip(x[2], 0, held[1])
    share = np.empty_like(x)
    np.put_along_axis(share, order, np.where(inside, held, x), axis=0)
    return share, inside


def cell_corners(plan: Plan, cell: Ints) -> Floats:
    """Return the nodes (8, 3, m) of cells (3, m), in the order of CHILDREN."""
    number = _number(plan, cell)
    return np.stack([_nodes(plan, number + offset) for offset in CHILDREN @ _strides(plan)])


def newton(corners: Floats, share: Floats, values: Floats) -> tuple[Floats, Bools]:
    """Return where one step from shares (3, m) of trilinear cells leads, and which of these places are exact."""
    value, slopes = tangent(corners, share)
    step = solve(*slopes, values - value)
    place = share + step
    inside = np.asarray(((np.abs(step) < STEP) & (place >= -SLACK) & (place <= 1 + SLACK)).all(axis=0))
    return np.where(inside, np.clip(place, 0, 1), place), inside


def walk(plan: Plan, values: Floats, places: Floats) -> Bools:
    """Search from places (3, m), in place. Returns which values are found; the others' places are where it ended."""
    found = np.zeros(values.shape[1], np.bool_)
    left, last = np.arange(values.shape[1]), np.full(values.shape[1], -1)
    for _ in range(ROUNDS):
        if not left.size:
            break
        place, wanted = places[:, left], values[:, left]
        cell = np.minimum(place.astype(np.int64), plan.size - 2)
        if plan.is_tetrahedral:
            order = np.argsort(cell - place, axis=0, kind="stable")
            share, inside = in_tetrahedron(plan, cell, order, wanted)
            here = _number(plan, cell) * 9 + order[0] * 3 + order[1]
            goes_on = ~inside & (here != last[left])
            last[left] = here
        else:
            share, inside = newton(cell_corners(plan, cell), place - cell, wanted)
            goes_on = ~inside
        led = np.clip(cell + share, 0, plan.size - 1)
        goes_on &= np.isfinite(led).all(axis=0) & (led != place).any(axis=0)
        moved = inside | goes_on
        places[:, left[moved]] = led[:, moved]
        found[left[inside]] = True
        left = left[goes_on]
    return found


def search(plan: Plan, values: Floats, places: Floats) -> Bools:
    """Look for values in the first cells that reach them; write the places found. Returns which values are found."""
    pairs = _candidates(plan, values)
    if pairs is None:
        half = values.shape[1] // 2
        parts = (slice(None, half), slice(half, None))
        return np.concatenate([search(plan, values[:, part], places[:, part]) for part in parts])
    found = np.zeros(values.shape[1], np.bool_)
    point, cell = pairs
    if plan.is_tetrahedral:
        place = np.empty((3, len(point)))
        inside = np.zeros(len(point), np.bool_)
        for axes in ORDERS:
            order = np.repeat(np.array(axes)[:, None], len(point), axis=1)
            share, is_here = in_tetrahedron(plan, cell, order, values[:, point])
            new = is_here & ~inside
            place[:, new] = share[:, new]
            inside |= is_here
    else:
        place, inside = _in_cells(plan, point, cell, values[:, point])
    first_of, first = np.unique(point[inside], return_index=True)
    places[:, first_of] = (cell + place)[:, inside][:, first]
    found[first_of] = True
    return found


def _candidates(plan: Plan, values: Floats) -> tuple[Ints, Ints] | None:
    """Return pairs of a value (p,) and a cell (3, p) whose box holds it, in order; None if they are too many.

    Of each level's boxes around a value the first MOST_CELLS count.
    """
    turned, point, at = plan.frame @ values, np.arange(values.shape[1]), np.zeros((3, values.shape[1]), np.int64)
    for level in reversed(plan.boxes):
        if level is not plan.boxes[-1]:
            if 8 * len(point) > MOST_PAIRS and values.shape[1] > 1:
                return None
            point = np.repeat(point, 8)
            at = (2 * at[:, :, None] + CHILDREN.T[:, None, :]).reshape(3, -1)
        box, wanted = level[tuple(at)].T, turned[:, point]
        held = ((wanted >= box[:3] - plan.margin) & (wanted <= box[3:] + plan.margin)).all(axis=0)
        point, at = point[held], at[:, held]
        first = among_first(point, MOST_CELLS)
        point, at = point[first], at[:, first]
    return point, at


def among_first(owner: Ints, most: int) -> Bools:
    """Return which of an owner's pairs are its first, so many at most. owner: (p,), never falling."""
    return np.asarray(np.arange(len(owner)) - np.searchsorted(owner, owner) < most)


def _in_cells(plan: Plan, point: Ints, cell: Ints, values: Floats) -> tuple[Floats, Bools]:
    """Search values in trilinear cells, one each: from the middle, then from the middles of what halving leaves.

    point: (p,), never falling, the same for cells of one value.
    """
    corners = cell_corners(plan, cell)
    share, may_be = _first_step(corners, values)
    inside, near = np.zeros(len(may_be), np.bool_), np.flatnonzero(may_be)
    near = near[among_first(point[near], MOST_STEPPED)]
    share[:, near], inside[near] = _settle(corners[:, :, near], share[:, near], values[:, near])
    left = near[~inside[near]]
    owner, low, edge = left, np.zeros((3, len(left))), 1.0
    for _ in range(DEPTH):
        edge /= 2
        owner, low = np.repeat(owner, 8), (low[:, :, None] + edge * CHILDREN.T[:, None, :]).reshape(3, -1)
        ends = np.stack([trilinear_at(corners[:, :, owner], low + edge * child[:, None]) for child in CHILDREN])
        wanted = values[:, owner]
        held = (wanted >= ends.min(axis=0) - plan.margin) & (wanted <= ends.max(axis=0) + plan.margin)
        owner, low = owner[held.all(axis=0)], low[:, held.all(axis=0)]
        are_first = among_first(point[owner], MOST_PARTS)
        owner, low = owner[are_first], low[:, are_first]
    again, is_here = _settle(corners[:, :, owner], low + edge / 2, values[:, owner])
    first_of, first = np.unique(owner[is_here], return_index=True)
    share[:, first_of], inside[first_of] = again[:, is_here][:, first], True
    return share, inside


def _first_step(corners: Floats, values: Floats) -> tuple[Floats, Bools]:
    """Return where Newton's first step from the middles of cells leads, and which cells may have the values.

    Seen by the slopes in its middle, a cell is nearly a cube, and its values are within the box of its corners.
    """
    middle = np.full(values.shape, 0.5)
    value, slopes = tangent(corners, middle)
    seen = np.stack([solve(*slopes, values - corner) for corner in corners])
    is_past = (seen.min(axis=0) > SLACK) | (seen.max(axis=0) < -SLACK)
    return _held(middle + solve(*slopes, values - value)), ~is_past.any(axis=0)


def _held(share: Floats) -> Floats:
    return np.clip(np.where(np.isnan(share), 0.5, share), -STRAY, 1 + STRAY)


def _settle(corners: Floats, share: Floats, values: Floats) -> tuple[Floats, Bools]:
    """Go on from shares (3, m) of cells by Newton's steps; return the places, and which of them are exact."""
    share, inside = np.array(share), np.zeros(values.shape[1], np.bool_)
    for _ in range(ROUNDS):
        left = np.flatnonzero(~inside)
        led, is_here = newton(corners[:, :, left], share[:, left], values[:, left])
        share[:, left] = np.where(is_here, led, _held(led))
        inside[left] = is_here
    return share, inside
