"""From XYZ on the screen to the monitor: white adaptation, primaries, gamma."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from lattice.build.chain import Chain
from lattice.build.instruments import colour_science
from lattice.looks.profile import Profile
from lattice.types import Display

Array = NDArray[np.float64]
COLOUR_NAMES = {"Rec.709": "ITU-R BT.709", "Display P3": "Display P3", "P3-DCI": "DCI-P3", "Rec.2020": "ITU-R BT.2020"}
NODE_EXPONENT = 3.0  # nodes hold cube roots of XYZ relative to the print base


@cache
def chromaticities(name: str) -> Array:
    """xy of a display's red, green, blue and white: (4, 2), by colour-science."""
    space = colour_science().RGB_COLOURSPACES[COLOUR_NAMES[name]]
    return np.vstack([space.primaries, space.whitepoint])


@cache
def rgb_to_xyz(name: str) -> Array:
    """Matrix (3, 3) from a display's linear RGB to XYZ; its rows sum to the white, Y = 1."""
    xy = chromaticities(name)
    return np.asarray(colour_science().models.normalised_primary_matrix(xy[:3], xy[3]))


@cache
def _adaptation(white: tuple[float, ...], display: tuple[float, ...]) -> Array:
    adapt = colour_science().adaptation.matrix_chromatic_adaptation_VonKries
    return np.asarray(adapt(white, display, transform="CAT02"))


def adaptation(profile: Profile, chain: Chain) -> Array:
    """CAT02 matrix (3, 3) from the profile's white on the screen to the display's white."""
    white = chain.white / chain.white[1]
    return _adaptation(tuple(white), tuple(rgb_to_xyz(profile.display.primaries).sum(axis=1)))


def make_display(profile: Profile, chain: Chain) -> Display:
    """The stage after the lattice, for nodes that hold `(XYZ / XYZ of the base) ** (1 / 3)`."""
    to_rgb = np.linalg.inv(rgb_to_xyz(profile.display.primaries))
    relative = np.diag(chain.base / chain.base[1])
    return Display(NODE_EXPONENT, to_rgb @ adaptation(profile, chain) @ relative, profile.display.gamma)


def encode_nodes(xyz: Array, chain: Chain) -> Array:
    """XYZ on the screen (..., 3) as a node stores it: cube root, 1 at the print's base."""
    return np.cbrt(xyz * chain.base[1] / chain.base)
