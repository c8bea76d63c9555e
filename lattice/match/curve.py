"""Curves fitted to a wedge: 12 points that rise, with a prior towards a start curve; a wedge's place on its exposures.

The exponents by which rises and gaps of the start are multiplied are normal numbers, alike at near points. How far
they may go is chosen by the evidence of the wedge itself (Laplace's approximation), so that a start of the same stock
is followed closely, and one of another stock loosely. Points beyond the wedge keep the start's densities.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.optimize import least_squares

from lattice.build.film import density
from lattice.looks.wedge import POINTS
from lattice.types import DENSEST, Array, Curve

# Of the prior, one standard deviation each: the exponents of rises and over how many points they stay alike, what each
# point has of its own, the exponents of gaps, the place in log exposure. Found by trial on all shipped stocks.
SPREAD, LENGTH, POINT_SPREAD, GAP_SPREAD, PLACE_SPREAD = 0.1, 3.0, 0.02, 0.07, 0.1
TIMES = (0.3, 1.0, 3.0)  # the spreads that are tried
HELD, BEYOND = 0.02, 0.1  # density that an unmeasured point is held by; log exposure from the wedge to such a point
LEAST_RISE = 1e-3  # density, so that a flat toe can rise
MIDDLE = POINTS // 2  # the point that a curve's place is told by
STEPS, SETTLED = 40, 1e-4  # of a fit: evaluations of slopes; relative gain of the sum of squares that ends it
COARSE = 0.02  # log exposure: steps of the search for a place
MOST_MOVES, FARTHEST_MOVE, SETTLED_MOVE = 12, 0.1, 1e-9  # of Gauss-Newton from there, in log exposure


def place(curve: Curve, log_exposure: Array, densities: Array) -> float:
    """Return how far, in log exposure, a wedge is above a curve where it fits best, by least squares on density.

    log_exposure, densities: (n,), of a scale with another zero.
    """
    low, high = log_exposure[0] - curve.log_exposure[-1], log_exposure[-1] - curve.log_exposure[0]
    shifts = np.arange(low, high + COARSE, COARSE)
    missed = ((density(curve, log_exposure - shifts[:, None]) - densities) ** 2).sum(axis=1)
    return settled_place(curve, log_exposure, densities, float(shifts[missed.argmin()]))


def settled_place(curve: Curve, log_exposure: Array, densities: Array, near: float) -> float:
    """Return the place of a wedge, as `place` does, that Gauss-Newton steps find from a near one."""
    reading = PchipInterpolator(curve.log_exposure, curve.density)
    rising, (first, last), found = reading.derivative(), curve.log_exposure[[0, -1]], near
    for _ in range(MOST_MOVES):
        at = log_exposure - found
        held = np.clip(at, first, last)
        slopes = np.where(at == held, rising(held), 0)
        steepness = float((slopes**2).sum())
        if steepness == 0:
            break
        move = float(np.clip(((reading(held) - densities) * slopes).sum() / steepness, -FARTHEST_MOVE, FARTHEST_MOVE))
        found += move
        if abs(move) < SETTLED_MOVE:
            break
    return found


@cache
def _mixing() -> Array:
    """Return the matrix (12, 12) from independent numbers to exponents of rises."""
    apart = np.arange(POINTS)[:, None] - np.arange(POINTS)
    found = np.linalg.cholesky(SPREAD**2 * np.exp(-0.5 * (apart / LENGTH) ** 2) + POINT_SPREAD**2 * np.eye(POINTS))
    return np.asarray(found)


def fit_curve(start: Curve, log_exposure: Array, densities: Array, noise: float) -> Curve:
    """Return the 12-point curve of a wedge, as like the start as the wedge lets it be.

    log_exposure, densities: (n,) rising, 3 or more. noise: density that one of them scatters by.
    """
    where = start.log_exposure + place(start, log_exposure, densities)
    best, found = -np.inf, start
    for times in TIMES:
        fit = _Fit(start, where, log_exposure, densities, noise, times)
        solved = least_squares(fit.residuals, np.zeros(2 * POINTS), max_nfev=STEPS, ftol=SETTLED)
        slopes = np.asarray(solved.jac)
        evidence = -solved.cost - np.linalg.slogdet(slopes.T @ slopes)[1] / 2
        if evidence > best:
            best, found = evidence, fit.curve(solved.x)
    return found


class _Fit:
    """A wedge and a start, 24 normal numbers to residuals: the place, exponents of 11 gaps and of 12 rises."""

    def __init__(self, start: Curve, where: Array, x: Array, d: Array, noise: float, times: float) -> None:
        self.start, self.where, self.x, self.d, self.noise, self.times = start, where, x, d, noise, times
        self.rises = np.maximum(np.diff(start.density, prepend=0.0), LEAST_RISE)

    def points(self, numbers: Array) -> tuple[Array, Array]:
        """Return log exposures and densities of the 12 points."""
        gaps = np.diff(self.where) * np.exp(self.times * GAP_SPREAD * numbers[1:POINTS])
        along = np.concatenate([[0.0], np.cumsum(gaps)])
        at = along - along[MIDDLE] + self.where[MIDDLE] + PLACE_SPREAD * numbers[0]
        return at, np.cumsum(self.rises * np.exp(self.times * (_mixing() @ numbers[POINTS:])))

    def residuals(self, numbers: Array) -> Array:
        """Return what is to be small: the wedge, points that it does not reach, and the numbers themselves."""
        at, rising = self.points(numbers)
        read = PchipInterpolator(at, rising)(np.clip(self.x, at[0], at[-1]))
        is_beyond = (at < self.x[0] - BEYOND) | (at > self.x[-1] + BEYOND)
        held = np.where(is_beyond, (rising - self.start.density) / HELD, 0)
        return np.concatenate([(read - self.d) / self.noise, held, numbers])

    def curve(self, numbers: Array) -> Curve:
        """Return the curve, inside what a curve may hold."""
        at, rising = self.points(numbers)
        return Curve(at, np.minimum(rising, DENSEST))
