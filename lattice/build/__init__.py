"""Profile to SDev: film science in float64, no disk but the shipped data."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lattice.build.chain import Chain, make_chain
from lattice.build.display import adaptation, make_display
from lattice.looks.profile import Profile

__all__ = ["Chain", "adaptation", "film_exposure", "make_chain", "make_display", "render", "simulate"]


def film_exposure(profile: Profile, rgb: ArrayLike) -> NDArray[np.float64]:
    """Scene-linear `profile.input` RGB (..., 3), 0.18 = mid gray, to film-layer exposure (..., 3)."""
    return np.asarray(rgb, np.float64) @ np.array(profile.film_matrix).T


def simulate(profile: Profile, rgb: ArrayLike) -> NDArray[np.float64]:
    """The exact chain without a lattice.

    profile: a Profile. rgb: (..., 3), scene-linear, 0.18 = mid gray; film exposure below 1e-6 is held there,
        NaN stays NaN.
    Returns XYZ (..., 3) float64 relative to the display white: adapted to its color by CAT02, Y = 1 at clear
        print film.
    Raises LatticeError when the profile's curves or aim cannot be reached.
    """
    chain = make_chain(profile)
    return chain.project(film_exposure(profile, rgb)) @ adaptation(profile, chain).T


def render(profile: Profile, rgb: ArrayLike) -> NDArray[np.float64]:
    """The exact chain to display code values in [0, 1], (..., 3) float64: `simulate` and the display stage."""
    chain = make_chain(profile)
    display = make_display(profile, chain)
    xyz = chain.project(film_exposure(profile, rgb)) * chain.base[1] / chain.base
    return display.encode(xyz @ display.matrix.T)
