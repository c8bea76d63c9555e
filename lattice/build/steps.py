"""The film stage, the coupling and the shaper as an SDev holds them: a table where that is enough, else steps."""

from __future__ import annotations

import numpy as np

from lattice.build import film_stage as film
from lattice.build.chain import DARKEST, LOG10_STOP, Chain
from lattice.build.shaper import Shaper
from lattice.types import HALF_MAX, MID_GRAY, Array, FilmStage, Step, Table

SPAN = np.log2([film.FLOOR, HALF_MAX])  # of the logarithms that the steps begin with


def to_lattice(stage: film.FilmStage, chain: Chain, shaper: Shaper) -> Table | FilmStage:
    """Return what turns the stage's mixed light to lattice coordinates: the coupling is outside of the lattice."""
    is_coupled = not np.array_equal(chain.coupling, np.eye(3))
    if not stage.rounds and not is_coupled:
        return shaper.table()
    steps, back = _rounds(stage)
    place = _scaling(shaper.stops[[0, -1]] * np.ones((3, 1)))  # stops around mid gray to [0, 1] of the shaper
    stops = _affine(np.eye(3), np.full(3, -np.log2(MID_GRAY))) @ _affine(stage.layers) @ back
    if is_coupled:
        ends = (chain.negative.log_exposure[[0, -1]] - chain.mid_gray) / LOG10_STOP
        held = _scaling(ends * np.ones((3, 1)))
        steps.append(Step((held @ stops)[:3]))
        stops = _affine(chain.coupling) @ np.linalg.inv(held)
    floor = film.FLOOR if stage.rounds else float(np.float16(DARKEST))
    return FilmStage(floor, (*steps, Step((place @ stops)[:3], shaper.u.T.astype(np.float32))))


def _rounds(stage: film.FilmStage) -> tuple[list[Step], Array]:
    """Return a step for each round, and the (4, 4) from the last one's values to the round's three numbers."""
    spans, steps, back = np.repeat(SPAN[None], 3, axis=0), [], np.eye(4)
    for each in stage.rounds:
        ends = each.matrix[0][:, None] * spans
        first = [ends.min(axis=1).sum(), ends.max(axis=1).sum()]
        if np.array_equal(each.matrix, np.rint(each.matrix)):  # a recorder's, which lifts no channel over the largest
            first = _widened(*SPAN)
        spans = np.array([first, *[[-each.reach, each.reach]] * 2])
        scaling = _scaling(spans)
        steps.append(Step((scaling @ _affine(each.matrix) @ back)[:3], each.curves.astype(np.float32)))
        first = np.linalg.inv(scaling)[0]  # the curves give stops; the first number is still in [0, 1]
        back = np.stack([first, *np.eye(4)[1:]])
        spans = np.stack([spans[0], *each.curves[:, [0, -1]]])
    return steps, back


def _widened(low: float, high: float) -> list[float]:
    """Return a span around this one; its length is a power of two, by which float32 divides exactly."""
    more = (2.0 ** np.ceil(np.log2(high - low)) - (high - low)) / 2
    return [low - more, high + more]


def _affine(matrix: Array, offset: Array | float = 0.0) -> Array:
    """Return the (4, 4) of a matrix (3, 3) and what is added after it."""
    whole = np.eye(4)
    whole[:3, :3], whole[:3, 3] = matrix, offset
    return whole


def _scaling(spans: Array) -> Array:
    """Return the (4, 4) that takes each of three spans (3, 2) to [0, 1]."""
    gain = 1 / (spans[:, 1] - spans[:, 0])
    return _affine(np.diag(gain), -gain * spans[:, 0])
