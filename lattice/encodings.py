"""The curves of displays: display-linear light, 1 = white, to code values and back. Any shape, float32 or float64;
sRGB any float.

PQ and HLG are containers of HDR: white is shown at a stated peak, in nits (cd/m2).
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from lattice.record import Pixels as Pixels

Gamma = float | Literal["sRGB", "PQ", "HLG"]  # the curve of a display; a number is a power
# sRGB: exponent and offset of IEC 61966-2-1. Slope and end of the linear toe are those that join without a kink, as in
# CLF's monCurve (SMPTE ST 2136-1), so that every host agrees; the standard rounds them.
SRGB_EXPONENT, SRGB_OFFSET = 2.4, 0.055
_TOE_CODE = SRGB_OFFSET / (SRGB_EXPONENT - 1)
SRGB_TOE = ((_TOE_CODE + SRGB_OFFSET) / (1 + SRGB_OFFSET)) ** SRGB_EXPONENT
SRGB_SLOPE = _TOE_CODE / SRGB_TOE
# PQ: code = ((C1 + C2 y) / (1 + C3 y)) ** M2, y = (nits / 10,000) ** M1, C1 = 1 + C3 - C2. Source: SMPTE ST 2084, 5.
PQ_M1, PQ_M2, PQ_C2, PQ_C3 = 2610 / 16384, 2523 / 32, 2413 / 128, 2392 / 128
PQ_BEND = PQ_C2 - PQ_C3
PQ_NITS = 10_000.0  # of code 1
# HLG. Source: ITU-R BT.2100-2, tables 5 and 4: a display of 1,000 nits, its system gamma, luminance of its primaries.
HLG_A = 0.17883277
HLG_B, HLG_C = 1 - 4 * HLG_A, 0.5 - HLG_A * np.log(4 * HLG_A)
HLG_JOINT = 1 / 12  # scene light of code 1/2
HLG_NITS, HLG_GAMMA = 1000.0, 1.2
HLG_LUMINANCE = (0.2627, 0.6780, 0.0593)
DARKEST = 2.0**-60  # light below it is black to the powers of PQ and HLG


def encode_srgb(linear: Pixels) -> Pixels:
    """Encode linear light as sRGB code values. All values below the toe's end are linear."""
    x = np.maximum(linear, SRGB_TOE)
    curve = (1 + SRGB_OFFSET) * np.power(x, 1 / SRGB_EXPONENT, dtype=x.dtype) - SRGB_OFFSET
    return np.where(linear <= SRGB_TOE, SRGB_SLOPE * linear, curve).astype(x.dtype, copy=False)


def decode_srgb(codes: Pixels) -> Pixels:
    """Decode sRGB code values to linear light: the inverse of `encode_srgb`."""
    v = np.maximum(codes, _TOE_CODE)
    curve = np.power((v + SRGB_OFFSET) / (1 + SRGB_OFFSET), SRGB_EXPONENT, dtype=v.dtype)
    return np.where(codes <= _TOE_CODE, codes / SRGB_SLOPE, curve).astype(v.dtype, copy=False)


def encode_pq(light: Pixels, peak: float) -> Pixels:
    """Encode light in [0, 1], 1 = `peak` nits, as PQ code values."""
    kind = light.dtype.type
    y = kind(pq_gain(peak)) * np.power(np.maximum(light, kind(DARKEST)), PQ_M1, dtype=light.dtype)
    bend = kind(PQ_BEND) * (y - 1) / (kind(PQ_C3) * y + 1)
    return np.exp(kind(PQ_M2) * np.log1p(bend))


def decode_pq(codes: Pixels, peak: float) -> Pixels:
    """Decode PQ code values to light, 1 = `peak` nits: the inverse of `encode_pq`."""
    kind = codes.dtype.type
    root = np.power(codes, 1 / PQ_M2, dtype=codes.dtype)
    y = np.maximum(root - kind(1 + PQ_C3 - PQ_C2), 0) / (kind(PQ_C2) - kind(PQ_C3) * root)
    return np.power(y, 1 / PQ_M1, dtype=codes.dtype) * kind(PQ_NITS / peak)


def pq_gain(peak: float) -> float:
    """Return what a power of light in PQ, 1 = `peak` nits, is multiplied by."""
    return float((peak / PQ_NITS) ** PQ_M1)


def encode_hlg(light: Pixels, peak: float, axis: int = -1) -> Pixels:
    """Encode light of Rec.2020 in [0, 1], 1 = `peak` nits on a display of 1,000, as HLG code values in [0, 1].

    axis: of r, g, b, which the display's system gamma mixes.
    """
    kind = light.dtype.type
    luminance = _luminance(light, axis)
    gain = np.power(np.maximum(luminance, kind(DARKEST)), 1 / HLG_GAMMA - 1, dtype=light.dtype)
    scene = np.minimum(kind(hlg_gain(peak)) * np.expand_dims(gain, axis) * light, 1)
    curve = kind(HLG_A) * np.log(np.maximum(12 * scene - kind(HLG_B), kind(DARKEST))) + kind(HLG_C)
    return np.minimum(np.where(scene > HLG_JOINT, curve, np.sqrt(3 * scene)), 1).astype(light.dtype, copy=False)


def decode_hlg(codes: Pixels, peak: float, axis: int = -1) -> Pixels:
    """Decode HLG code values to light, 1 = `peak` nits: the inverse of `encode_hlg`."""
    kind = codes.dtype.type
    curve = (np.exp((codes - kind(HLG_C)) / kind(HLG_A)) + kind(HLG_B)) / 12
    scene = np.where(codes > 0.5, curve, codes * codes / 3).astype(codes.dtype, copy=False) / kind(hlg_gain(peak))
    luminance = _luminance(scene, axis)
    gain = np.power(np.maximum(luminance, kind(DARKEST)), HLG_GAMMA - 1, dtype=codes.dtype)
    return scene * np.expand_dims(gain, axis)


def _luminance(light: Pixels, axis: int) -> Pixels:
    """Sum r, g, b of Rec.2020 in this order, so that the bits do not depend on the shape."""
    r, g, b = (light.dtype.type(share) * light.take(k, axis) for k, share in enumerate(HLG_LUMINANCE))
    return np.asarray(r + g + b)


def hlg_gain(peak: float) -> float:
    """Return the scene light of HLG, 1 = the brightest, that a display of 1,000 nits shows at `peak` nits."""
    return float((peak / HLG_NITS) ** (1 / HLG_GAMMA))
