"""The shaper: maps each film exposure to a lattice coordinate.

Its shape costs nothing at run time, so a better shape is free quality.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from lattice.build.chain import DARKEST, LOG10_STOP, Chain
from lattice.build.curves import through_curves
from lattice.build.film import density
from lattice.looks.profile import Profile
from lattice.types import HALF_CODES, MID_GRAY, Array, LatticeError, Table

STEPS = 1025  # samples of the shaper along its stops
LOWEST, HIGHEST = -9.0, 8.0  # stops around mid gray that a lattice covers at most; more for an underexposed negative
# The node spacing is even in a blend of the negative's density, the print's response and, the rest, log exposure; the
# response to grays is a root of their luminance on the screen. Found by trial on all looks: by density alone, mid-tones
# and shadows have too few nodes, and highlights, where the print is nearly clear, too many.
DENSITY_SHARE, RESPONSE_SHARE, RESPONSE_ROOT = 0.6, 0.35, 4.0
INFINITE_HALF = 0x7C00  # its bits; those of the positive finite halves are below. Source: IEEE 754 binary16
LEAST_RISE = 1e-7  # of u from one sample to the next, so that the shaper has an inverse


@dataclass(frozen=True)
class Shaper:
    """stops: (1025,) log2 of exposure over mid gray, rising; u: (1025, 3) lattice coordinate r, g, b, rising 0 to 1."""

    stops: Array
    u: Array

    def coordinate(self, film: Array) -> Array:
        """Convert film exposure (..., 3) to lattice coordinates in [0, 1]; clipped at the ends."""
        return self.at(stops_of(film))

    def at(self, stops: Array) -> Array:
        """Return the lattice coordinates (..., 3) of film exposures of `stops` (..., 3) above mid gray."""
        return through_curves(stops, self.stops[:, None], self.u)

    def exposure(self, u: Array) -> Array:
        """The inverse of `coordinate`: film exposure (..., 3)."""
        return MID_GRAY * 2.0 ** through_curves(u, self.u, self.stops[:, None])

    def moved(self, change: Array) -> Shaper:
        """Return the shaper with `change` (1025, 3) added to u, kept rising and from 0 to 1."""
        u = np.clip(self.u + change, 0, 1)
        u = np.maximum.accumulate(u, axis=0) + LEAST_RISE * np.arange(STEPS)[:, None]
        return replace(self, u=(u - u[0]) / (u[-1] - u[0]))

    def table(self) -> Table:
        """Return the table's 65,536 entries: negatives, -0 and NaN hold 0, +inf holds 1."""
        values = np.zeros((HALF_CODES, 3), np.float32)
        lit = slice(1, INFINITE_HALF)
        values[lit, 0] = np.interp(_positive_halves(), self.stops, self.u[:, 0])
        for k in (1, 2):
            same = np.array_equal(self.u[:, k], self.u[:, 0])  # as before a fit
            values[lit, k] = values[lit, 0] if same else np.interp(_positive_halves(), self.stops, self.u[:, k])
        values[INFINITE_HALF] = 1
        return Table(values)


def stops_of(film: Array) -> Array:
    """Return log2 of film exposures of any shape over mid gray."""
    return np.asarray(np.log2(np.maximum(film, DARKEST) / MID_GRAY))


@cache
def _positive_halves() -> Array:
    """Return the stops of all finite halves above 0, (31743,), rising; none is below the first of a shaper's u = 0."""
    codes = np.arange(1, INFINITE_HALF, dtype=np.uint16)
    stops = stops_of(codes.view(np.float16).astype(np.float64))
    stops.flags.writeable = False
    return stops


def make_shaper(profile: Profile, chain: Chain) -> Shaper:
    """Return a shaper with nodes even in a blend of negative density, print response and log exposure.

    Inside a cell the coordinate is even in the print's response.
    Raises LatticeError if the print shows no gray of these stops lighter than the darkest.
    """
    scale = chain.negative.log_exposure
    toe, shoulder = (scale[0] - chain.mid_gray) / LOG10_STOP, (scale[-1] - chain.mid_gray) / LOG10_STOP
    stops = np.linspace(max(toe, LOWEST), min(shoulder, HIGHEST + max(0, -profile.negative_stops)), STEPS)
    curves = profile.negative.curves
    layers = [density(c, chain.mid_gray + stops * LOG10_STOP) for c in (curves.red, curves.green, curves.blue)]
    share, shown = np.linspace(0, 1, STEPS), _print_response(chain, stops)
    if not shown[-1] > shown[0]:
        raise LatticeError(
            f"profile {profile.name}: expected a print that shows lighter grays lighter, got Y = "
            f"{shown[0] ** RESPONSE_ROOT:.2g} for all; check curves and density_only"
        )
    response = _from_0_to_1(shown)
    rest = 1 - DENSITY_SHARE - RESPONSE_SHARE
    blend = DENSITY_SHARE * _from_0_to_1(np.mean(layers, axis=0)) + RESPONSE_SHARE * response + rest * share
    knots = np.interp(np.arange(profile.size) / (profile.size - 1), blend, stops)
    u = _inside(knots, stops, response + LEAST_RISE * share)
    return Shaper(stops, np.repeat(u[:, None], 3, axis=1)).moved(np.zeros((STEPS, 3)))


def _from_0_to_1(rising: Array) -> Array:
    return (rising - rising[0]) / (rising[-1] - rising[0])


def _print_response(chain: Chain, stops: Array) -> Array:
    """Return the fourth root of the luminance of grays at `stops`, made never to fall."""
    gray = MID_GRAY * 2.0 ** stops[:, None] * np.ones(3)
    return np.maximum.accumulate(chain.project(gray)[:, 1] ** (1 / RESPONSE_ROOT))


def _inside(knots: Array, stops: Array, response: Array) -> Array:
    """Return the lattice coordinate that rises inside each cell as `response` does, and meets the knots."""
    at_knots = np.interp(knots, stops, response)
    cells = knots.size - 1
    cell = np.clip(np.searchsorted(knots, stops, side="right") - 1, 0, cells - 1)
    share = (response - at_knots[cell]) / (at_knots[cell + 1] - at_knots[cell])
    return (cell + np.clip(share, 0, 1)) / cells
