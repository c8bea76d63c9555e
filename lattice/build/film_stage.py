"""The film-exposure stage: scene light to what the three layers of a film receive.

    s = mixing r
    y = log2 of s, held from FLOOR to the largest half
    in each round:  y = matrix y; the last two numbers through a curve each
    h = layers y                            log2 film-layer exposure

The first number carries exposure and the other two are differences of logarithms, which exposure does not change: any
curve may bend them, and twice the light is still twice the exposure. Every curve rises through 0, so that gray stays
gray and no color folds onto another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lattice.build.curves import through_curves
from lattice.looks.film_stage import SLOPES_AT
from lattice.looks.film_stage import FilmStage as Numbers
from lattice.types import HALF_MAX, Array

FLOOR = 2.0**-13  # what is darker, or negative, counts as this: 10.5 stops under mid gray
REACH, ENTRIES = SLOPES_AT[-1], 513  # a curve's table covers -REACH to REACH, evenly, and is flat beyond
STEP = 2 * REACH / (ENTRIES - 1)
ENTRIES_AT = np.linspace(-REACH, REACH, ENTRIES)


@dataclass(frozen=True)
class Round:
    """matrix: (3, 3). curves: (2, n), of the second and the third number, evenly from -reach to reach stops; flat
    beyond."""

    matrix: Array
    curves: Array
    reach: float = REACH


@dataclass(frozen=True)
class FilmStage:
    """mixing, layers: (3, 3). rounds: none if the mixed light is what the layers receive."""

    mixing: Array
    rounds: tuple[Round, ...]
    layers: Array


def curve(slopes: Array) -> Array:
    """Return the 513 entries of the curve with these slopes at SLOPES_AT, log-linear between them; 0 at 0."""
    slope = np.exp(np.interp(ENTRIES_AT, SLOPES_AT, np.log(slopes)))
    risen = np.concatenate([[0.0], np.cumsum((slope[1:] + slope[:-1]) / 2)]) * STEP
    return risen - risen[ENTRIES // 2]


def make_film_stage(numbers: Numbers) -> FilmStage:
    """Return the stage of a stock's `film_stage` numbers."""
    rounds = tuple(
        Round(np.array(each.matrix), np.stack([curve(np.array(slopes)) for slopes in each.slopes]))
        for each in (numbers.first, numbers.second)
    )
    return FilmStage(np.array(numbers.mixing), rounds, np.array(numbers.layers))


def log_exposures(stage: FilmStage, rgb: Array) -> Array:
    """Return log2 film-layer exposures (..., 3) of scene light (..., 3), 0.18 = mid gray in both. NaN stays NaN."""
    y = np.log2(np.clip(rgb @ stage.mixing.T, FLOOR, HALF_MAX))
    for each in stage.rounds:
        y = y @ each.matrix.T
        stops = np.linspace(-each.reach, each.reach, each.curves.shape[1])
        y[..., 1:] = through_curves(y[..., 1:], stops[:, None], each.curves.T)
    return np.asarray(y @ stage.layers.T)


def exposures(stage: FilmStage, rgb: Array) -> Array:
    """Return film-layer exposures (..., 3) of scene light (..., 3), 0.18 = mid gray in both. NaN stays NaN."""
    return np.exp2(log_exposures(stage, rgb)) if stage.rounds else np.asarray(rgb @ stage.mixing.T)
