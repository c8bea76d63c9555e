"""Where a look is cut in two: the printing density of its negative, which a scanner sees and the print is exposed by.

Printing density is -log10 of the share of the printer's light that reaches a layer of the print, over clear film. In a
film-out each channel has that of a neutral of its own exposure. Elsewhere every density takes the dyes of all layers:
an exact integral over the spectrum has no inverse that a LUT holds, so `rounds` stand in for it, which have one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from lattice.build.chain import LOG10_STOP, Chain
from lattice.build.film import Film
from lattice.build.shaper import make_shaper
from lattice.looks.profile import Profile
from lattice.types import Array

SIGNS = (-1.0, 1.0)  # of the bends of the two rounds; found by trial
LEAST_BEND, MOST_BEND, START_BEND = 0.1, 2.0, 0.5  # float32 loses digits in a curve that is bent less
START_SPREAD, LARGEST_ENTRY = 0.15, 6.0
STEPS = 80  # of a fit
ANYWHERE, NEAR_GRAY, NEAR, GRAY_WEIGHT = 500, 300, 0.06, 3.0  # colors of a fit; shares of dye around gray
SEED = 0
LEAST_SLOPE = 3e-5  # of layers by stops: float32 then still tells exposures apart


@dataclass(frozen=True)
class Round:
    """x = matrix x, then (1 - exp(-bend x)) / bend of each channel. matrix: (3, 3). bend: (3,), not near 0."""

    matrix: Array
    bend: Array


@dataclass(frozen=True)
class Densities:
    """What becomes of layer exposures in printing density.

    stops: (n,) log2 of exposure over mid gray, rising. layers: (n, 3) of each layer at these, strictly rising: its
    printing density where no density takes another layer, else the share of its dye, 0 to 1.
    rounds, last: shares of dye to printing densities; none, and the identity, where layers are densities.
    """

    stops: Array
    layers: Array
    rounds: tuple[Round, ...]
    last: Array

    def seen(self, layers: Array) -> Array:
        """Convert layers (..., 3) to printing densities (..., 3)."""
        for each in self.rounds:
            layers = -np.expm1(-each.bend * (layers @ each.matrix.T)) / each.bend
        return np.asarray(layers @ self.last.T)

    @property
    def of_grays(self) -> Array:
        """Printing densities (n, 3) of grays at `stops`."""
        return self.seen(self.layers)


def densities(profile: Profile, chain: Chain) -> Densities:
    """Return what a chain's negative has of printing density, on the stops of the look's shaper."""
    stops, negative = make_shaper(profile, chain).stops, chain.negative
    gray = np.repeat(chain.mid_gray + LOG10_STOP * stops[:, None], 3, axis=1)
    if chain.is_recorded:
        return Densities(stops, _rising(stops, printing_density(negative, negative.develop(gray))), (), np.eye(3))
    clear, full = negative.amounts[[0, -1]]
    return Densities(stops, _rising(stops, (negative.develop(gray) - clear) / (full - clear)), *_fitted(negative))


def printing_density(negative: Film, amounts: Array) -> Array:
    """Return the exact printing density over clear film (..., 3) of dye amounts (..., 3)."""
    clear = np.log10(negative.transmit(negative.amounts[:1]))[0]
    return np.asarray(clear - np.log10(negative.transmit(amounts)))


def _rising(stops: Array, layers: Array) -> Array:
    """Return layers that rise also where film does not, by very little, so that each exposure has its own."""
    rise = np.maximum(np.diff(layers, axis=0), LEAST_SLOPE * np.diff(stops)[:, None])
    return np.asarray(layers[0] + np.concatenate([np.zeros((1, 3)), np.cumsum(rise, axis=0)]))


def _fitted(negative: Film) -> tuple[tuple[Round, ...], Array]:
    """Return the rounds, and the last matrix, that are nearest to the exact printing densities of a negative."""
    random = np.random.default_rng(SEED)
    gray = random.uniform(0, 1, (NEAR_GRAY, 1)) + random.normal(0, NEAR, (NEAR_GRAY, 3))
    shares = np.concatenate([random.uniform(0, 1, (ANYWHERE, 3)), np.clip(gray, 0, 1)])
    clear, full = negative.amounts[[0, -1]]
    wanted = printing_density(negative, clear + shares * (full - clear))
    weight = np.repeat([1.0, GRAY_WEIGHT], [ANYWHERE, NEAR_GRAY])[:, None]
    start, low, high = [], [], []
    for sign in SIGNS:
        start += [*(np.eye(3) + START_SPREAD * random.normal(size=(3, 3))).ravel(), *[sign * START_BEND] * 3]
        low += [*[-LARGEST_ENTRY] * 9, *[LEAST_BEND if sign > 0 else -MOST_BEND] * 3]
        high += [*[LARGEST_ENTRY] * 9, *[MOST_BEND if sign > 0 else -LEAST_BEND] * 3]
    start += [*np.linalg.lstsq(shares, wanted, rcond=None)[0].T.ravel()]
    bounds = ([*low, *[-LARGEST_ENTRY] * 9], [*high, *[LARGEST_ENTRY] * 9])

    def off(numbers: Array) -> Array:
        rounds, last = _unpacked(numbers)
        return np.asarray(((Densities(shares, shares, rounds, last).of_grays - wanted) * weight).ravel())

    def slopes(numbers: Array) -> Array:
        return np.asarray((_slopes(shares, *_unpacked(numbers)) * weight[:, :, None]).reshape(wanted.size, -1))

    return _unpacked(least_squares(off, start, slopes, bounds, max_nfev=STEPS).x)


def _unpacked(numbers: Array) -> tuple[tuple[Round, ...], Array]:
    rows = numbers.reshape(-1, 3)
    rounds = tuple(Round(rows[4 * k : 4 * k + 3], rows[4 * k + 3]) for k in range(len(SIGNS)))
    return rounds, rows[-3:]


def _slopes(shares: Array, rounds: tuple[Round, ...], last: Array) -> Array:
    """Return the derivatives (n, 3, numbers) of printing densities by the numbers of a fit."""
    x, found = shares, np.zeros((len(shares), 3, 12 * len(rounds) + 9))
    for number, each in enumerate(rounds):
        y = x @ each.matrix.T
        found = each.matrix @ found
        for k in range(3):
            found[:, k, 12 * number + 3 * k :][:, :3] += x
        decayed = np.exp(-each.bend * y)
        x = (1 - decayed) / each.bend
        found *= decayed[:, :, None]
        for k in range(3):
            found[:, k, 12 * number + 9 + k] += (y[:, k] * decayed[:, k] - x[:, k]) / each.bend[k]
    found = last @ found
    for k in range(3):
        found[:, k, 12 * len(rounds) + 3 * k :][:, :3] += x
    return found
