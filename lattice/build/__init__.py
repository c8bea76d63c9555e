"""Profile to SDev: film science in float64. Reads no files but the shipped data."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lattice.build.chain import Chain, make_chain
from lattice.build.display import adaptation, make_display
from lattice.looks.profile import Profile

__all__ = ["Chain", "adaptation", "film_exposure", "make_chain", "make_display", "render", "simulate"]


def film_exposure(profile: Profile, rgb: ArrayLike) -> NDArray[np.float64]:
    """Convert scene-linear `profile.input` RGB (..., 3), 0.18 = mid gray, to film-layer exposure (..., 3) float64."""
    return np.asarray(rgb, np.float64) @ profile.scene_matrix.T


def simulate(profile: Profile, rgb: ArrayLike) -> NDArray[np.float64]:
    """Run the exact chain, without a lattice.

    profile: a Profile. rgb: (..., 3), scene-linear, 0.18 = mid gray; film exposure below 1e-6 counts as 1e-6,
        NaN stays NaN.
    Returns XYZ (..., 3) float64 relative to the display white: adapted to that white by CAT02, Y = 1 at clear
        print film.
    Raises LatticeError if the profile's curves or aim cannot be reached.
    """
    chain = make_chain(profile)
    return chain.project(film_exposure(profile, rgb)) @ adaptation(profile, chain).T


def render(profile: Profile, rgb: ArrayLike) -> NDArray[np.float64]:
    """Run `simulate` and the display stage: display code values (..., 3) float64 in [0, 1]. Errors as in `simulate`."""
    chain = make_chain(profile)
    display = make_display(profile, chain)
    xyz = chain.project(film_exposure(profile, rgb)) * chain.base[1] / chain.base
    return display.encode(xyz @ display.matrix.T)
