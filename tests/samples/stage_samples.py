"""Film stages made up for tests: random matrices and curves, with every kind of step."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from basics import grid, make_device
from truths import SRGB

from lattice.types import FilmStage, SDevData, Step

FLOOR = 2.0**-13


def rising(rows: int, entries: int, seed: int) -> Any:
    """Random curves from 0 to 1, steep and flat by turns."""
    steps = np.random.default_rng(seed).uniform(0, 1, (rows, entries)) ** 4
    steps[:, 0] = 0
    total = np.cumsum(steps, axis=1)
    return np.minimum(total / total[:, -1:], 1)


def mixing(seed: int, scale: float, offset: float) -> Any:
    """A random 3x4 that keeps most of a range inside [0, 1]."""
    random = np.random.default_rng(seed)
    matrix = scale * (np.eye(3) + random.uniform(-0.3, 0.3, (3, 3)))
    return np.concatenate([matrix, np.full((3, 1), offset) + random.uniform(-0.05, 0.05, (3, 1))], axis=1)


def film_stage(count: int = 4) -> FilmStage:
    """A stage of one to four steps; with four there are two of curves, one that only holds, and the last."""
    first = Step(mixing(1, 1 / 30, 0.45), rising(2, 513, 1))
    others = (Step(mixing(2, 1, 0.02), rising(2, 33, 2)), Step(mixing(3, 1.3, -0.1)))
    last = Step(mixing(4, 1 / 30 if count == 1 else 1, 0.45 if count == 1 else 0.01), rising(3, 1025, 4))
    return FilmStage(FLOOR, (first, *others, last)[4 - count :] if count < 4 else (first, *others, last))


def smooth_stage() -> FilmStage:
    """A stage as films have: differences of logs through an S, then a shaper."""
    place = np.linspace(-9, 9, 513)
    bent = (6 * np.tanh(place / 6) / (12 * np.tanh(1.5)) + 0.5)[None].repeat(2, axis=0)
    apart = np.array([[1, 0, 0, 14], [-20 / 18, 20 / 18, 0, 10], [-20 / 18, 0, 20 / 18, 10]]) / [[30], [20], [20]]
    join = np.array([[1, 0, 0, 0], [1, 0.36, 0, -0.18], [1, 0, 0.36, -0.18]])
    shaper = np.linspace(0, 1, 1025) ** 1.2
    return FilmStage(FLOOR, (Step(apart, bent), Step(join), Step(np.eye(3, 4), np.stack([shaper] * 3))))


def lifting_stage() -> FilmStage:
    """A stage as film-outs have: differences of logs through equal curves that are straight lines from -3 stops on."""
    place = np.linspace(-9, 9, 513)
    lifted = np.where(place < -3, -3 + 2 * np.expm1((place + 3) / 2), place)
    smooth = smooth_stage()
    first = Step(smooth.steps[0].matrix, ((lifted + 9) / 18)[None].repeat(2, axis=0))
    return FilmStage(FLOOR, (first, *smooth.steps[1:]))


@cache
def staged_by_film(size: int = 5, count: int = 4, matrix: bool = True, method: str = "tetrahedral") -> SDevData:
    """A device with a film stage, random nodes and a display."""
    nodes = np.random.default_rng(size).uniform(0, 1, (size, size, size, 3))
    mix = np.array([[0.7, 0.4, -0.1], [0.1, 0.8, 0.1], [-0.3, 0.2, 1.1]]) if matrix else None
    return make_device(nodes, method, film_stage(count), SRGB, mix)


def showing(stage: FilmStage, method: str = "trilinear") -> SDevData:
    """A device that shows the lattice coordinates themselves: with 3 nodes an edge every operation on them is exact."""
    return make_device(grid(3), method, stage)
