"""The display stage, from XYZ on the screen to the monitor: white adaptation, primaries, gamma."""

from __future__ import annotations

import numpy as np

from lattice.build.chain import Chain
from lattice.color import primaries
from lattice.color.primaries import WHITES, rgb_to_xyz
from lattice.looks.profile import Profile
from lattice.types import Array, Display

NODE_EXPONENT = 3.0  # nodes hold cube roots of XYZ relative to the print base


def shown_white(profile: Profile) -> Array:
    """XYZ (3,), Y = 1, of the color that the monitor shows the picture's white in."""
    display = profile.display
    if display.white is None:
        return rgb_to_xyz(display.primaries).sum(axis=1)
    return primaries.white([*primaries.chromaticities(display.primaries)[:6], *WHITES[display.white]])


def adaptation(profile: Profile, chain: Chain) -> Array:
    """CAT02 matrix (3, 3) from the profile's white on the screen to the white that the monitor shows."""
    return primaries.adaptation(chain.white / chain.white[1], shown_white(profile))


def make_display(profile: Profile, chain: Chain) -> Display:
    """Return the stage after the lattice, for nodes that hold `(XYZ / XYZ of the base) ** (1 / 3)`.

    A white that is not the monitor's own is dimmed until its largest channel is 1.
    """
    to_rgb = np.linalg.inv(rgb_to_xyz(profile.display.primaries))
    relative = np.diag(chain.base / chain.base[1])
    matrix = to_rgb @ adaptation(profile, chain) @ relative
    if profile.display.white is not None:
        matrix = matrix / (to_rgb @ shown_white(profile)).max()
    return Display(NODE_EXPONENT, matrix, profile.display.gamma)


def encode_nodes(xyz: Array, chain: Chain) -> Array:
    """Encode XYZ on the screen (..., 3) as nodes store it: cube root, 1 at the print's base."""
    return np.cbrt(xyz * chain.base[1] / chain.base)
