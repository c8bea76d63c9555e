"""The display stage, from XYZ on the screen to the monitor: white adaptation, primaries, gamma."""

from __future__ import annotations

import numpy as np

from lattice.build.chain import Chain
from lattice.color import primaries
from lattice.color.primaries import rgb_to_xyz
from lattice.looks.profile import Profile
from lattice.types import Array, Display

NODE_EXPONENT = 3.0  # nodes hold cube roots of XYZ relative to the print base


def adaptation(profile: Profile, chain: Chain) -> Array:
    """CAT02 matrix (3, 3) from the profile's white on the screen to the display's white."""
    return primaries.adaptation(chain.white / chain.white[1], rgb_to_xyz(profile.display.primaries).sum(axis=1))


def make_display(profile: Profile, chain: Chain) -> Display:
    """Return the stage after the lattice, for nodes that hold `(XYZ / XYZ of the base) ** (1 / 3)`."""
    to_rgb = np.linalg.inv(rgb_to_xyz(profile.display.primaries))
    relative = np.diag(chain.base / chain.base[1])
    return Display(NODE_EXPONENT, to_rgb @ adaptation(profile, chain) @ relative, profile.display.gamma)


def encode_nodes(xyz: Array, chain: Chain) -> Array:
    """Encode XYZ on the screen (..., 3) as nodes store it: cube root, 1 at the print's base."""
    return np.cbrt(xyz * chain.base[1] / chain.base)
