"""Convert code values of image files to scene-linear light and back. Any shape; computed in float64.

A code value is normalized to 0 to 1 for any bit depth: 685 of a 10-bit file is 685 / 1023. Nuke reads deeper log files
the same way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lattice.types import decode_srgb, encode_srgb

Floats = NDArray[np.float64]
# Printing density of a negative in 10-bit codes. Source: Kodak, "Conversion of 10-bit Log Film Data To 8-bit Linear or
# Video Data for The Cineon Digital Film System" (1995): 0.002 of density a code, gamma 0.6, white 685, black 95.
LARGEST, WHITE, BLACK, STEP, GAMMA = 1023, 685, 95, 0.002, 0.6
CODES_A_DECADE = GAMMA / STEP
OFFSET = 10.0 ** ((BLACK - WHITE) / CODES_A_DECADE)
# Source: ITU-R BT.709-6, item 1.2.
REC709_TOE, REC709_SLOPE, REC709_SHIFT, REC709_POWER = 0.018, 4.5, 0.099, 0.45


@dataclass(frozen=True)
class Transfer:
    """title: for people. decode: code values to linear light, 1 = diffuse white; defined for every number. encode: the
    inverse, for light of 0 and above."""

    title: str
    decode: Callable[[ArrayLike], Floats]
    encode: Callable[[ArrayLike], Floats]


def _from_cineon(codes: ArrayLike) -> Floats:
    """Decode Cineon: black 95 is 0, white 685 is 1, codes below black are negative."""
    exponent = (np.asarray(codes, np.float64) * LARGEST - WHITE) / CODES_A_DECADE
    return (10.0**exponent - OFFSET) / (1 - OFFSET)


def _to_cineon(linear: ArrayLike) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):  # light below what code 0 holds is NaN
        density = np.log10(np.asarray(linear, np.float64) * (1 - OFFSET) + OFFSET)
    return (density * CODES_A_DECADE + WHITE) / LARGEST


def _from_srgb(codes: ArrayLike) -> Floats:
    return decode_srgb(np.asarray(codes, np.float64))


def _to_srgb(linear: ArrayLike) -> Floats:
    return encode_srgb(np.asarray(linear, np.float64))


def _from_rec709(codes: ArrayLike) -> Floats:
    """Decode by the inverse of the camera's curve, not by a monitor's curve."""
    x = np.asarray(codes, np.float64)
    toe = REC709_TOE * REC709_SLOPE
    curve = ((np.maximum(x, toe) + REC709_SHIFT) / (1 + REC709_SHIFT)) ** (1 / REC709_POWER)
    return np.where(x < toe, x / REC709_SLOPE, curve)


def _to_rec709(linear: ArrayLike) -> Floats:
    x = np.asarray(linear, np.float64)
    curve = (1 + REC709_SHIFT) * np.maximum(x, REC709_TOE) ** REC709_POWER - REC709_SHIFT
    return np.where(x < REC709_TOE, x * REC709_SLOPE, curve)


def _as_it_is(values: ArrayLike) -> Floats:
    return np.asarray(values, np.float64)


TRANSFERS = {
    "linear": Transfer("linear light", _as_it_is, _as_it_is),
    "cineon": Transfer("Cineon printing density", _from_cineon, _to_cineon),
    "srgb": Transfer("sRGB codes", _from_srgb, _to_srgb),
    "rec709": Transfer("Rec.709 codes", _from_rec709, _to_rec709),
}
