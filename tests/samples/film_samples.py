"""Colors through the film chain, and how they are measured."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from lattice.build import make_chain, simulate
from lattice.looks import Profile
from lattice.types import MID_GRAY

CHART = "ColorChecker 2005"  # the chart of the published figures; its 18 chromatic patches come first
CHROMATIC = 18
FINE_STOPS = np.linspace(-9, 8, 1701)
LOG10_STOP = np.log10(2)


def luminance(profile: Profile, stops: Any) -> Any:
    """Light on the screen relative to the print's base, of grays."""
    return make_chain(profile).project(grays(stops))[..., 1]


def grays(stops: Any) -> Any:
    return MID_GRAY * 2.0 ** np.asarray(stops, float)[..., None] * np.ones(3)


def lab(xyz: Any) -> Any:
    import colour

    return colour.XYZ_to_Lab(xyz, colour.CCS_ILLUMINANTS["CIE 1931 2 Degree Standard Observer"]["D65"])


def lightness_chroma(profile: Profile, rgb: Any) -> tuple[Any, Any]:
    values = lab(simulate(profile, rgb))
    return values[..., 0], np.hypot(values[..., 1], values[..., 2])


@cache
def chart() -> Any:
    """Scene-linear Rec.709 of the chromatic patches, (18, 3); colors outside the primaries are held at 0."""
    import colour

    patches = colour.CCS_COLOURCHECKERS[CHART]
    xyz = colour.xyY_to_XYZ(np.array(list(patches.data.values())))
    return np.maximum(colour.XYZ_to_RGB(xyz, "ITU-R BT.709", illuminant=patches.illuminant), 0)[:CHROMATIC]


def slopes(profile: Profile) -> tuple[float, float]:
    """Of visual density over log10 exposure: at mid gray, and the largest."""
    density = -np.log10(luminance(profile, FINE_STOPS))
    slope = -np.gradient(density, FINE_STOPS * LOG10_STOP)
    return float(slope[np.abs(FINE_STOPS).argmin()]), float(slope.max())
