"""How different two colors look: CIEDE2000 of lattice values, and its slopes where the difference is small."""

from __future__ import annotations

import numpy as np

from lattice.build.display import NODE_EXPONENT
from lattice.build.instruments import colour_science
from lattice.build.residual import OPPONENT
from lattice.types import Array, Display

DARKEST_NODE = 1e-3  # what is darker has the slopes of this node value
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


def seen_slopes(nodes: Array, to_relative: Array) -> Array:
    """Return matrices (n, 3, 3): one times a small change of the node value is as long as the change's CIEDE2000.

    nodes: (n, 3). to_relative: (3, 3), the light of node values to XYZ over that of the white. Nothing is clipped to a
    display. Left out are the terms that depend on hue, T and R_T, which change no fit. Source: ISO/CIE 11664-6:2022.
    """
    values = np.maximum(nodes, DARKEST_NODE)
    xyz = np.maximum(values**NODE_EXPONENT @ to_relative.T, DARKEST_NODE**NODE_EXPONENT)
    is_dark, root = xyz < KNEE**3, np.cbrt(xyz)
    bent = np.where(is_dark, xyz / (3 * KNEE**2) + 4 / 29, root)
    slope = 1 / (3 * np.where(is_dark, KNEE, root) ** 2)
    to_xyz = to_relative * (NODE_EXPONENT * values ** (NODE_EXPONENT - 1))[:, None, :]
    return np.asarray(lab_slopes(bent @ LAB.T - [16, 0, 0]) @ LAB @ (slope[:, :, None] * to_xyz))


def lab_slopes(lab: Array) -> Array:
    """Return matrices (n, 3, 3) from a small change of CIELAB (n, 3) to its weighed lightness, chroma and hue."""
    lightness, a, b = lab.T
    seventh = np.hypot(a, b) ** 7
    gain = 1.5 - 0.5 * np.sqrt(seventh / (seventh + 25.0**7))  # of a*, so that grays differ as much as they look
    chroma, hue = np.hypot(gain * a, b), np.arctan2(b, gain * a)
    slopes, above = np.zeros((len(lab), 3, 3)), (lightness - 50) ** 2
    slopes[:, 0, 0] = 1 / (1 + 0.015 * above / np.sqrt(20 + above))
    slopes[:, 1, 1:] = np.stack([gain * np.cos(hue), np.sin(hue)], axis=-1) / (1 + 0.045 * chroma)[:, None]
    slopes[:, 2, 1:] = np.stack([-gain * np.sin(hue), np.cos(hue)], axis=-1) / (1 + 0.015 * chroma)[:, None]
    return slopes
