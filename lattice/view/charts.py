"""What a look makes of a gray ramp and of a color chart, as the page shows it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from lattice.color.primaries import REC709, adaptation, convert, rgb_to_xyz, white
from lattice.looks import Profile
from lattice.sdev import SDev
from lattice.sdev.card import on_srgb
from lattice.types import MID_GRAY, Array, SDevData, decode_srgb

RAMP_STOPS = np.linspace(-7.0, 7.0, 57)  # around mid gray, a quarter of a stop apart
DECIMALS, XY_DECIMALS = 2, 4
DARKEST = 1e-4  # X + Y + Z; what is darker is given the white's chromaticity
# CIE xyY of the 24 patches of a ColorChecker, made after November 2014, under the illuminant below, row by row from
# dark skin to black. Source: X-Rite, as in colour-science 0.4.7; rounded to 1e-5.
CHECKER_WHITE = (0.34570, 0.35854)  # D50 of ICC
CHECKER = np.array(
    [
        *([0.43748, 0.37852, 0.09832], [0.42225, 0.37249, 0.33620], [0.27615, 0.29838, 0.17855]),
        *([0.37332, 0.45117, 0.13468], [0.30289, 0.28629, 0.22872], [0.28640, 0.38972, 0.41436]),
        *([0.52815, 0.40533, 0.31264], [0.23239, 0.21120, 0.10911], [0.50445, 0.32706, 0.18900]),
        *([0.33347, 0.25055, 0.06277], [0.39889, 0.50415, 0.43318], [0.49358, 0.44428, 0.42934]),
        *([0.20522, 0.16867, 0.05596], [0.32304, 0.51042, 0.22334], [0.56287, 0.33556, 0.12780]),
        *([0.46776, 0.47602, 0.59930], [0.42131, 0.26692, 0.18951], [0.20913, 0.30266, 0.18061]),
        *([0.34891, 0.36421, 0.88069], [0.34558, 0.35988, 0.58997], [0.34415, 0.35919, 0.36487]),
        *([0.34577, 0.35909, 0.19062], [0.34265, 0.35758, 0.08817], [0.34377, 0.35606, 0.03151]),
    ]
)


@lru_cache
def checker(primaries: str) -> Array:
    """Return the 24 patches (24, 3), read-only, in scene-linear RGB of these primaries; gray stays gray."""
    x, y, luminance = CHECKER.T
    xyz = np.stack([x / y, np.ones_like(x), (1 - x - y) / y], axis=-1) * luminance[:, None]
    lit = np.array([CHECKER_WHITE[0], CHECKER_WHITE[1], 1 - sum(CHECKER_WHITE)]) / CHECKER_WHITE[1]
    linear = xyz @ (np.linalg.inv(rgb_to_xyz(REC709.name)) @ adaptation(lit, white(REC709.name))).T
    patches = np.asarray(linear @ convert(REC709.name, primaries).T)
    patches.flags.writeable = False
    return patches


def charts(sdev: SDevData, profile: Profile) -> dict[str, Any]:
    """Return what the page draws beside the curves, before and after.

    ramp: sRGB codes, 0 to 255 with fractions, of 57 grays from -7 to +7 stops; stops: those. checker: the codes of the
    24 patches; chromaticity: CIE 1931 x, y of their light, as an sRGB monitor shows it. JSON types.
    sdev: of the profile, for its own input and display.
    """
    ramp = MID_GRAY * 2.0 ** RAMP_STOPS[:, None] * np.ones(3)
    scene = np.concatenate([ramp, checker(profile.input)]).astype(np.float32)
    look = sdev if isinstance(sdev, SDev) else SDev.from_device(sdev)
    codes = on_srgb(look, look.apply(scene))
    patches = codes[len(ramp) :]
    return {
        "ramp": np.round(255 * codes[: len(ramp)], DECIMALS).tolist(),
        "stops": RAMP_STOPS.tolist(),
        "checker": np.round(255 * patches, DECIMALS).tolist(),
        "chromaticity": np.round(_xy(patches), XY_DECIMALS).tolist(),
    }


def _xy(codes: Array) -> Array:
    """Return CIE x, y (n, 2) of sRGB codes (n, 3)."""
    to_xyz = rgb_to_xyz(REC709.name)
    xyz = decode_srgb(codes) @ to_xyz.T
    is_dark = xyz.sum(axis=1) < DARKEST
    xyz[is_dark] = to_xyz.sum(axis=1)
    return np.asarray(xyz[:, :2] / xyz.sum(axis=1, keepdims=True))
