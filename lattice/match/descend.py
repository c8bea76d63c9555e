"""Levenberg-Marquardt within bounds: each step solves the damped least squares with the bounds themselves.

A search that only shortens or reflects steps at a bound, as scipy's do, creeps along it: many matches end at silver or
flare of 0.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lattice.types import Array

STEPS = 40  # slopes evaluated at most
SETTLED = 1e-5  # relative gain of the sum of squares that ends it: the digits of a profile do not move any more
SPENT = 1e-9  # relative gain that the slopes promise: a step is not worth trying below it
DAMPED, LEAST_DAMPED, MOST_DAMPED = 1e-3, 1e-8, 1e6  # of unknowns in spreads of their prior
GOOD, FAIR, POOR = 0.75, 0.25, 1e-3  # gain over the gain that the slopes promised
EASED, HALVED, DOUBLED, STIFFENED = 0.1, 0.5, 2.0, 4.0  # factors of the damping


def descend(
    residuals: Callable[[Array], Array],
    jacobian: Callable[[Array, Array], Array],
    start: Array,
    low: Array,
    high: Array,
    told: Callable[[], None],
    settled: float = SETTLED,
) -> tuple[Array, Array]:
    """Return the numbers (k,) of the least sum of squares near a start, and the slopes (n, k) there or a step before.

    residuals: numbers to (n,). jacobian: numbers and their residuals to (n, k). All numbers are in units in which they
    may usually change by 1. low, high: (k,) bounds. told: called after each evaluation of the slopes. settled: relative
    gain of the sum of squares that ends it.
    """
    numbers, here, damping = start, residuals(start), DAMPED
    for _ in range(STEPS):
        slopes = jacobian(numbers, here)
        told()
        square, (numbers, here, damping) = here @ here, _step(residuals, slopes, numbers, here, low, high, damping)
        if square - here @ here < settled * square:
            break
    return numbers, slopes


def _step(
    residuals: Callable[[Array], Array],
    slopes: Array,
    numbers: Array,
    here: Array,
    low: Array,
    high: Array,
    damping: float,
) -> tuple[Array, Array, float]:
    """Take one step that gains, damped more until it does; none if it no longer can."""
    q, r = np.linalg.qr(slopes)
    aim = -(q.T @ here)
    while damping < MOST_DAMPED:
        change = _bounded(r, aim, damping, low - numbers, high - numbers)
        there = residuals(np.clip(numbers + change, low, high))
        promised = aim @ aim - np.sum((aim - r @ change) ** 2)
        if promised <= SPENT * (here @ here):
            break
        share = (here @ here - there @ there) / promised
        if share > POOR:
            eased = EASED if share > GOOD else HALVED if share > FAIR else DOUBLED
            return np.clip(numbers + change, low, high), there, max(damping * eased, LEAST_DAMPED)
        damping = max(damping, DAMPED) * STIFFENED
    return numbers, here, damping


def _bounded(r: Array, aim: Array, damping: float, low: Array, high: Array) -> Array:
    """Return the change (k,) within bounds of the least |r change - aim|^2 + damping |change|^2."""
    from scipy.optimize import lsq_linear

    count = len(low)
    rows = np.vstack([r, np.sqrt(damping) * np.eye(count)])
    low, high = np.minimum(low, -1e-12), np.maximum(high, 1e-12)  # a number at its bound has room for rounding
    return np.asarray(lsq_linear(rows, np.concatenate([aim, np.zeros(count)]), (low, high), method="bvls").x)
