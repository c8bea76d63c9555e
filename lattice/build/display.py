"""The display stage, from XYZ on the screen to the monitor: white adaptation, primaries, gamma."""

from __future__ import annotations

import numpy as np

from lattice.build.chain import Chain
from lattice.color import displays, primaries
from lattice.color.displays import shown_on
from lattice.color.primaries import rgb_to_xyz
from lattice.looks.display import DisplaySpec
from lattice.looks.profile import Profile
from lattice.types import Array, Display

NODE_EXPONENT = 3.0  # nodes hold cube roots of XYZ relative to the print base
USUAL = DisplaySpec()  # the display that every look is built for, and shown on others from


def adaptation(profile: Profile, chain: Chain) -> Array:
    """Matrix (3, 3) from XYZ on the screen under the profile's white to XYZ under the white that the monitor shows."""
    display = profile.display
    return displays.adapted(display.primaries, display.white) @ _to_usual(chain)


def _to_usual(chain: Chain) -> Array:
    return primaries.adaptation(chain.white / chain.white[1], primaries.white(USUAL.primaries))


def make_display(profile: Profile, chain: Chain) -> Display:
    """Return the stage after the lattice, for nodes that hold `(XYZ / XYZ of the base) ** (1 / 3)`.

    That of the usual display, shown on the profile's: so a look is the same on a display however it gets there.
    """
    to_rgb, relative = np.linalg.inv(rgb_to_xyz(USUAL.primaries)), np.diag(chain.base / chain.base[1])
    usual = Display(NODE_EXPONENT, to_rgb @ _to_usual(chain) @ relative, USUAL.gamma)
    return shown_on(usual, (USUAL.primaries, None), profile.display.shown)


def encode_nodes(xyz: Array, chain: Chain) -> Array:
    """Encode XYZ on the screen (..., 3) as nodes store it: cube root, 1 at the print's base."""
    return np.cbrt(xyz * chain.base[1] / chain.base)
