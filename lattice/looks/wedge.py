"""Wedges: measured points of a film curve, as many as there are, reduced to the 12 points that a curve has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from lattice.types import DENSEST, FARTHEST, FEWEST_READINGS, MOST_READINGS, Array, Curve, LatticeError

POINTS = 12
NOISE = 0.05  # density that a measured wedge may fall by
# Pull toward the start, of gaps and of rises, against points that chase the noise: two near ones make a step that no
# reading is on. Found by trial on shipped stocks.
GAP_HOLD, RISE_HOLD = 0.02, 0.003
EVEN = 5  # points that a fit begins with at even places, so that no long toe is without one
TRIALS = 60  # evaluations of the fit's slopes


@dataclass(frozen=True)
class Reduced:
    """What became of a wedge: the number of points measured, and the root mean square that the curve misses them by."""

    measured: int
    rms: float

    def __str__(self) -> str:
        return f"{self.measured} measured points as {POINTS}, rms {self.rms:.4f}"


@lru_cache(maxsize=64)  # a fit takes half a second, and a look is often read again
def reduce_wedge(log_exposure: tuple[float, ...], density: tuple[float, ...]) -> Curve:
    """Return the 12-point curve of measured points (n,), 3 to 4096 of them.

    More than 12: least squares on density, ends of the exposure kept. Fewer: points of the PCHIP curve through them are
    put into the widest gaps. Density that falls by noise, 0.05 at most, is made level first.
    Raises LatticeError naming the first point that breaks a rule.
    """
    x, d = np.asarray(log_exposure, np.float64), np.asarray(density, np.float64)
    _check(x, d)
    level = (np.maximum.accumulate(d) + np.minimum.accumulate(d[::-1])[::-1]) / 2
    level = np.maximum(level, 0)
    return Curve(*(_widened(x, level) if x.size < POINTS else _fitted(x, d, level)))


def miss(curve: Curve, log_exposure: Array, density: Array) -> float:
    """Return the root mean square of the density that a curve misses the measured points by."""
    return float(np.sqrt(np.mean((_pchip(curve.log_exposure, curve.density, log_exposure) - density) ** 2)))


def _pchip(x: Array, d: Array, at: Array) -> Array:
    from scipy.interpolate import PchipInterpolator

    return np.asarray(PchipInterpolator(x, d)(at))


def _check(x: Array, d: Array) -> None:
    if x.ndim != 1 or x.shape != d.shape or not FEWEST_READINGS <= x.size <= MOST_READINGS:
        raise LatticeError(
            f"log_exposure and density: expected as many numbers, {FEWEST_READINGS} to {MOST_READINGS}, got {x.size} "
            f"and {d.size}"
        )
    if not (np.isfinite(x).all() and np.isfinite(d).all()):
        raise LatticeError("log_exposure and density: expected finite numbers, got NaN or infinity")
    if np.abs(x).max() > FARTHEST or d.min() < -NOISE or d.max() > DENSEST:
        raise LatticeError(
            f"expected log_exposure from -{FARTHEST:g} to {FARTHEST:g} and density from 0 to {DENSEST:g}, got "
            f"{x.min():g} to {x.max():g} and {d.min():g} to {d.max():g}"
        )
    for i in range(1, x.size):
        if x[i] <= x[i - 1]:
            raise LatticeError(f"log_exposure does not rise at point {i + 1} ({x[i - 1]:g} -> {x[i]:g})")
        if d[i] < d[:i].max() - NOISE:
            raise LatticeError(f"density falls at point {i + 1} ({d[:i].max():g} -> {d[i]:g})")


def _widened(x: Array, d: Array) -> tuple[Array, Array]:
    points = x
    while points.size < POINTS:
        widest = int(np.diff(points).argmax())
        points = np.insert(points, widest + 1, points[widest : widest + 2].mean())
    return points, _pchip(x, d, points)


def _fitted(x: Array, d: Array, level: Array) -> tuple[Array, Array]:
    """Fit 12 points, from even ones and where the curve through them misses most: least squares on places and rises."""
    from scipy.optimize import least_squares

    chosen = np.linspace(0, x.size - 1, EVEN).round().astype(int).tolist()
    while len(chosen) < POINTS:
        missed = np.abs(_pchip(x[sorted(chosen)], level[sorted(chosen)], x) - level)
        missed[chosen] = -1
        chosen.append(int(missed.argmax()))
    chosen.sort()
    span = x[-1] - x[0]
    start = np.concatenate([np.log(np.diff(x[chosen]) / span), level[chosen[:1]], np.sqrt(np.diff(level[chosen]))])

    def points(unknowns: Array) -> tuple[Array, Array]:
        gaps = np.exp(unknowns[: POINTS - 1])
        places = x[0] + span * np.concatenate([[0.0], np.cumsum(gaps) / gaps.sum()])
        rises = np.concatenate([[abs(unknowns[POINTS - 1])], unknowns[POINTS:] ** 2])
        return places, np.cumsum(rises)

    hold = np.where(np.arange(start.size) < POINTS - 1, GAP_HOLD, RISE_HOLD)

    def error(unknowns: Array) -> Array:
        return np.concatenate([_pchip(*points(unknowns), x) - d, hold * (unknowns - start)])

    return points(least_squares(error, start, max_nfev=TRIALS).x)
