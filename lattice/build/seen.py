"""How different two colors look: CIEDE2000 of lattice values, and its slopes where the difference is small."""

from __future__ import annotations

import numpy as np

from lattice.build.instruments import colour_science
from lattice.build.residual import OPPONENT
from lattice.types import Array, Display

LEAST_CHROMA = 1e-300  # a gray has less
KNEE = 6 / 29  # of CIELAB's curve, a straight line below it
LAB = OPPONENT  # of the bent X, Y, Z


def cie_lab(relative: Array) -> Array:
    """Convert XYZ (..., 3) divided by that of the white to L*, a*, b*. Source: CIE 15:2018, 8.2.1."""
    bent = np.where(relative > KNEE**3, np.cbrt(np.maximum(relative, 0)), relative / (3 * KNEE**2) + 4 / 29)
    return bent @ LAB.T - [16, 0, 0]


def relative_of_lab(lab: Array) -> Array:
    """Convert L*, a*, b* (..., 3) to XYZ divided by that of the white: the inverse of `cie_lab`. Source: CIE 15:2018,
    annex D."""
    bent = np.add(lab, [16, 0, 0]) @ np.linalg.inv(LAB).T
    return np.asarray(np.where(bent > KNEE, bent**3, 3 * KNEE**2 * (bent - 4 / 29)))


def color_difference(display: Display, to_xyz: Array, nodes: Array, wanted: Array) -> Array:
    """Return CIEDE2000 (n,) between two sets of node values (n, 3), as the display shows them.

    to_xyz: (3, 3), the display's linear RGB to XYZ.
    """

    def lab(values: Array) -> Array:
        shown = np.clip(np.maximum(values, 0) ** display.exponent @ display.matrix.T, 0, 1)
        return cie_lab(shown @ to_xyz.T / to_xyz.sum(axis=1))

    return np.asarray(colour_science().difference.delta_E_CIE2000(lab(nodes), lab(wanted)))


def lab_slopes(lab: Array) -> Array:
    """Return matrices (n, 3, 3) from a small change of CIELAB (n, 3) to its weighed lightness, chroma and hue."""
    lightness, a, b = lab.T
    seventh = (a * a + b * b) ** 3.5
    gain = 1.5 - 0.5 * np.sqrt(seventh / (seventh + 25.0**7))  # of a*, so that grays differ as much as they look
    chroma = np.hypot(gain * a, b)
    inverse = 1 / np.maximum(chroma, LEAST_CHROMA)
    cosine, sine = np.where(chroma > LEAST_CHROMA, gain * a * inverse, 1), b * inverse  # of the hue; a gray's is 0
    slopes, above = np.zeros((len(lab), 3, 3)), (lightness - 50) ** 2
    slopes[:, 0, 0] = 1 / (1 + 0.015 * above / np.sqrt(20 + above))
    slopes[:, 1, 1:] = np.stack([gain * cosine, sine], axis=-1) / (1 + 0.045 * chroma)[:, None]
    slopes[:, 2, 1:] = np.stack([-gain * sine, cosine], axis=-1) / (1 + 0.015 * chroma)[:, None]
    return slopes
