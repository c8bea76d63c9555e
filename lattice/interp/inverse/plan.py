"""What a search for the places of lattice values is prepared with, once for each lattice."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from lattice.interp import reference
from lattice.interp.reference import BLOCK
from lattice.types import Interpolation, Pixels

Floats = NDArray[np.float64]
GRID = 48  # of starts along a side of the values' range
SAMPLES = 64  # of the lattice along a side, about, that the starts are taken from
SLACK = 1e-6  # of a cell: a place this far outside counts as inside, for values are rounded
MARGIN = 2e-6  # of the values' range, which boxes are searched with; more than SLACK of any cell
NEAR = 1e-7  # of the values' range: the surface holds a value this near to it
FAR = 1000  # times the values' range, or times 1: what is farther away counts as this far
CHILDREN = np.array([(r, g, b) for r in range(2) for g in range(2) for b in range(2)], np.int32)


@dataclass(frozen=True, eq=False)
class Plan:
    """nodes: (n, n, n, 3) float32, contiguous. boxes: a level each, finest first, (k, k, k, 6) float32: lowest and
    highest value of every cell, then of every 2x2x2; empty ones, past the cells, are (inf, -inf).
    starts: (GRID, GRID, GRID, 3) float32, a place for the values around it, counted in cells. is_reached: (GRID, GRID,
    GRID), False where no cell has such values. origin, scale: (3,) float64, of that grid. margin, near: in units of the
    values.
    """

    nodes: NDArray[np.float32]
    is_tetrahedral: bool
    boxes: tuple[NDArray[np.float32], ...]
    starts: NDArray[np.float32]
    is_reached: NDArray[np.bool_]
    origin: Floats
    scale: Floats
    margin: float
    near: float

    def held(self, values: Floats) -> Floats:
        """Return finite values (3, m), of which none is so far away that float64 does not tell what is nearest."""
        far = FAR * max(self.near / NEAR, 1.0)
        low, high = self.boxes[-1][0, 0, 0, :3, None] - far, self.boxes[-1][0, 0, 0, 3:, None] + far
        return np.clip(np.where(np.isnan(values), 0, values), low, high)

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
    boxes = _boxes(nodes)
    starts = _starts(nodes, interpolation, low, scale)
    is_reached = _reached(boxes[0], low, scale, margin)
    return Plan(nodes, interpolation == "tetrahedral", boxes, starts, is_reached, low, scale, margin, NEAR * span)


def _boxes(nodes: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
    cells = len(nodes) - 1
    padded = 1 << (cells - 1).bit_length()
    level: NDArray[np.float32] = np.empty((padded, padded, padded, 6), np.float32)
    level[..., :3], level[..., 3:] = np.inf, -np.inf
    for half, end in ((slice(0, 3), np.minimum), (slice(3, 6), np.maximum)):
        corners = (nodes[r : r + cells, g : g + cells, b : b + cells] for r, g, b in CHILDREN)
        level[:cells, :cells, :cells, half] = reduce(end, corners)
    levels = [level]
    while len(level) > 1:
        eight = level.reshape(len(level) // 2, 2, len(level) // 2, 2, len(level) // 2, 2, 6)
        level = np.concatenate([eight[..., :3].min(axis=(1, 3, 5)), eight[..., 3:].max(axis=(1, 3, 5))], axis=-1)
        levels.append(level)
    return tuple(levels)


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


def _reached(cells: NDArray[np.float32], origin: Floats, scale: Floats, wider: float) -> NDArray[np.bool_]:
    """Return which parts of the values' range some cell's box, wider by this at its ends, reaches."""
    real = cells[np.isfinite(cells[..., 0])]
    first = np.clip((real[:, :3] - wider - origin) * scale, 0, GRID - 1).astype(np.int64)
    last = np.clip((real[:, 3:] + wider - origin) * scale, 0, GRID - 1).astype(np.int64) + 1
    changes = np.zeros((GRID + 1, GRID + 1, GRID + 1), np.int64)
    for child in CHILDREN:  # the corners of a box, whose running sums are 1 inside
        corner = np.where(child == 0, first, last)
        np.add.at(changes, tuple(corner.T), (-1) ** int(child.sum()))
    for axis in range(3):
        changes = changes.cumsum(axis=axis)
    return np.ascontiguousarray(changes[:GRID, :GRID, :GRID] > 0)
