"""What a search for the places of lattice values is prepared with, once for each lattice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from lattice.interp import reference
from lattice.interp.inverse.cell import CHILDREN, Floats
from lattice.interp.inverse.volume import cells_with_volume
from lattice.interp.reference import BLOCK
from lattice.types import Interpolation, Pixels

GRID = 48  # of starts along a side of the values' range
SAMPLES = 64  # of the lattice along a side, about, that the starts are taken from
SLACK = 1e-6  # of a cell: a place this far outside counts as inside, for values are rounded
MARGIN = 2e-6  # of the values' range, which boxes are searched with; more than SLACK of any cell
NEAR = 1e-7  # of the values' range: the surface holds a value this near to it
EMPTY = np.array([np.inf] * 3 + [-np.inf] * 3, np.float32)  # a box of nothing
FLAT = 0.05  # of the nodes' spreads along r, g and b: a smaller one, for which boxes are turned
FAR = 1000  # times the values' range, or times 1: what is farther away counts as this far
MOST_CELLS = 8192  # with volume, and boxes of one level around them, that a value is looked for in
MOST_SIDES = 256  # faces on the surface, and boxes of one level around them, that a value is looked for in


@dataclass(frozen=True, eq=False)
class Plan:
    """nodes: (n, n, n, 3) float32, contiguous.
    boxes: a level each, finest first, (k, k, k, 6) float32: lowest and highest value of every cell that has volume,
    then of every 2x2x2; those of other cells, and past them, are (inf, -inf).
    sides: a level each, finest first, (6, k, k, 6) float32: the same of all cells' faces on the surface, where r is 0,
    r is 1, g is 0 and so on.
    frame: (3, 3) float64, a rotation: boxes and sides are of `frame @ value`.
    ends: (2, 3) float64, lowest and highest value of all.
    starts: (GRID, GRID, GRID, 3) float32, a place for the values around it, counted in cells.
    is_reached: (GRID, GRID, GRID), False where no cell with volume has such values.
    origin, scale: (3,) float64, of that grid. margin, near: in units of the values.
    """

    nodes: NDArray[np.float32]
    is_tetrahedral: bool
    boxes: tuple[NDArray[np.float32], ...]
    sides: tuple[NDArray[np.float32], ...]
    frame: Floats
    ends: Floats
    starts: NDArray[np.float32]
    is_reached: NDArray[np.bool_]
    origin: Floats
    scale: Floats
    margin: float
    near: float

    def held(self, values: Floats) -> Floats:
        """Return finite values (3, m), of which none is so far away that float64 does not tell what is nearest."""
        far = FAR * max(self.near / NEAR, 1.0)
        low, high = self.ends[:, :, None]
        return np.clip(np.where(np.isnan(values), 0, values), low - far, high + far)

    @property
    def size(self) -> int:
        """Nodes along an edge."""
        return int(self.nodes.shape[0])


def make_plan(nodes: Pixels, interpolation: Interpolation) -> Plan:
    """Return the plan of nodes (n, n, n, 3), n at least 2."""
    nodes = np.ascontiguousarray(nodes, np.float32)
    low, high = (end(nodes, axis=(0, 1, 2)).astype(np.float64) for end in (np.min, np.max))
    span = max(float((high - low).max()), float(np.finfo(np.float32).tiny))
    margin = MARGIN * span
    scale = GRID / np.maximum(high - low, margin)
    is_tetrahedral = interpolation == "tetrahedral"
    frame, has_volume = _frame(nodes), cells_with_volume(nodes, is_tetrahedral)
    turned = nodes if np.array_equal(frame, np.eye(3)) else nodes @ frame.T
    boxes, sides = _boxes(turned, has_volume), _sides(turned)
    starts = _starts(nodes, interpolation, low, scale)
    is_reached = _reached(_cells_around(nodes)[has_volume], low, scale, margin)
    ends = np.stack([low, high])
    return Plan(nodes, is_tetrahedral, boxes, sides, frame, ends, starts, is_reached, low, scale, margin, NEAR * span)


def _frame(nodes: NDArray[np.float32]) -> Floats:
    """Return the rotation to the axes of the nodes' spread, if they are far thinner along one than along r, g and b;
    else none, for boxes along r, g and b fit what is clipped."""
    flat = nodes.reshape(-1, 3).astype(np.float64)
    flat -= flat.mean(axis=0)
    spread = flat.T @ flat
    spreads, axes = np.linalg.eigh(spread)
    return np.ascontiguousarray(axes.T) if spreads[0] < FLAT**2 * np.diag(spread).min() else np.eye(3)


def _cells_around(nodes: Floats | NDArray[np.float32]) -> NDArray[np.float32]:
    cells = len(nodes) - 1
    return _around([nodes[r : r + cells, g : g + cells, b : b + cells] for r, g, b in CHILDREN])


def _boxes(values: Floats | NDArray[np.float32], has_volume: NDArray[np.bool_]) -> tuple[NDArray[np.float32], ...]:
    level = _cells_around(values)
    level[~has_volume] = EMPTY
    levels = [_padded(level, (0, 1, 2))]
    while len(level := levels[-1]) > 1:
        eight = level.reshape(len(level) // 2, 2, len(level) // 2, 2, len(level) // 2, 2, 6)
        levels.append(np.concatenate([eight[..., :3].min(axis=(1, 3, 5)), eight[..., 3:].max(axis=(1, 3, 5))], axis=-1))
    return tuple(levels)


def _sides(values: Floats | NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
    cells = len(values) - 1
    faces = np.stack([np.take(values, end, axis=axis) for axis in range(3) for end in (0, cells)])
    corners = [faces[:, g : g + cells, b : b + cells] for _, g, b in CHILDREN[:4]]
    levels = [_padded(_around(corners), (1, 2))]
    while (edge := levels[-1].shape[1]) > 1:
        four = levels[-1].reshape(6, edge // 2, 2, edge // 2, 2, 6)
        levels.append(np.concatenate([four[..., :3].min(axis=(2, 4)), four[..., 3:].max(axis=(2, 4))], axis=-1))
    return tuple(levels)


def _around(corners: Sequence[Floats | NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return the boxes (..., 6) around corners (..., 3), of float64 rounded outward."""
    low, high = reduce(np.minimum, corners), reduce(np.maximum, corners)
    boxes = np.concatenate([low, high], axis=-1).astype(np.float32)
    if low.dtype != np.float32:
        boxes[..., :3] = np.nextafter(boxes[..., :3], -np.inf, dtype=np.float32)
        boxes[..., 3:] = np.nextafter(boxes[..., 3:], np.inf, dtype=np.float32)
    return boxes


def _padded(boxes: NDArray[np.float32], axes: tuple[int, ...]) -> NDArray[np.float32]:
    """Return boxes with empty ones after the last along axes, up to a power of 2."""
    edge = 1 << (boxes.shape[axes[0]] - 1).bit_length()
    padded = np.empty([edge if k in axes else count for k, count in enumerate(boxes.shape)], np.float32)
    padded[...] = EMPTY
    padded[tuple(slice(n) for n in boxes.shape)] = boxes
    return padded


def _starts(
    nodes: NDArray[np.float32], interpolation: Interpolation, origin: Floats, scale: Floats
) -> NDArray[np.float32]:
    """Return for each part of the values' range a place with such a value, or of a part beside it."""
    cells = len(nodes) - 1
    count = cells * max(1, round(SAMPLES / cells)) if cells <= SAMPLES else SAMPLES
    steps = (np.arange(count) + 0.5) / count
    planes = np.ascontiguousarray(nodes.reshape(-1, 3).T, np.float64)
    starts = np.full((GRID, GRID, GRID, 3), np.nan, np.float32)
    columns = max(1, BLOCK // count**2)
    for first in range(0, count, columns):
        u = np.stack(np.meshgrid(steps[first : first + columns], steps, steps, indexing="ij")).reshape(3, -1)
        values = reference.METHODS[interpolation](planes, u, len(nodes))
        part = np.clip((values - origin[:, None]) * scale[:, None], 0, GRID - 1).astype(np.int64)
        starts[tuple(part)] = (u * cells).T
    for axis in range(3):
        _fill(starts, axis)
    return starts


def _fill(starts: NDArray[np.float32], axis: int) -> None:
    """Fill NaN in place with the nearest place before or after it on an axis, where there is one."""
    line = np.moveaxis(starts, axis, 0)
    there, at = ~np.isnan(line[..., 0]), np.arange(GRID)[:, None, None]
    before = np.maximum.accumulate(np.where(there, at, -1), axis=0)
    after = np.minimum.accumulate(np.where(there, at, GRID)[::-1], axis=0)[::-1]
    takes_before = (before >= 0) & ((after == GRID) | (at - before <= after - at))
    taken = np.clip(np.where(takes_before, before, after), 0, GRID - 1)
    line[...] = np.take_along_axis(line, taken[..., None], axis=0)


def _reached(boxes: NDArray[np.float32], origin: Floats, scale: Floats, wider: float) -> NDArray[np.bool_]:
    """Return which parts of the values' range some box of (m, 6), wider by this at its ends, reaches."""
    first = np.clip((boxes[:, :3] - wider - origin) * scale, 0, GRID - 1).astype(np.int64)
    last = np.clip((boxes[:, 3:] + wider - origin) * scale, 0, GRID - 1).astype(np.int64) + 1
    changes = np.zeros((GRID + 1, GRID + 1, GRID + 1), np.int64)
    for child in CHILDREN:  # the corners of a box, whose running sums are 1 inside
        corner = np.where(child == 0, first, last)
        np.add.at(changes, tuple(corner.T), (-1) ** int(child.sum()))
    for axis in range(3):
        changes = changes.cumsum(axis=axis)
    return np.ascontiguousarray(changes[:GRID, :GRID, :GRID] > 0)
