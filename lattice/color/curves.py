"""The curves of camera and working spaces: code values, 0 to 1, to scene-linear light and back, 0.18 = mid gray.

Any shape; computed in float64. A code value is that of a full-range file: 420 of S-Log3's 10 bits is 420 / 1023.
Makers round the lines of their toes; here a toe is the curve's tangent, as in OpenColorIO, so that both agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import e, log, log2, log10

import numpy as np
from numpy.typing import ArrayLike

from lattice.color.transfer import REC709_POWER, REC709_SHIFT, TRANSFERS, Floats, Transfer
from lattice.types import MID_GRAY

LARGEST = 1023  # of a 10-bit code
LIGHTS = (160, 200, 250, 320, 400, 500, 640, 800, 1000, 1280, 1600)  # exposure indexes of LogC3


@dataclass(frozen=True)
class LinearLog:
    """code = gain * log_base(slope * light + offset) + shift above `cut`, a line below it.

    toe: slope and offset of that line; None: the tangent at `cut`.
    """

    base: float
    gain: float
    shift: float
    slope: float
    offset: float
    cut: float
    toe: tuple[float, float] | None = None

    @property
    def line(self) -> tuple[float, float]:
        """Slope and offset of the toe."""
        if self.toe is not None:
            return self.toe
        inside = self.slope * self.cut + self.offset
        slope = self.gain * self.slope / (inside * log(self.base))
        return slope, self.gain * log(inside, self.base) + self.shift - slope * self.cut

    def encode(self, linear: ArrayLike) -> Floats:
        """Return code values."""
        x, (slope, offset) = np.asarray(linear, np.float64), self.line
        inside = self.slope * np.maximum(x, self.cut) + self.offset
        return np.where(x < self.cut, slope * x + offset, self.gain * np.log(inside) / log(self.base) + self.shift)

    def decode(self, codes: ArrayLike) -> Floats:
        """Return light."""
        v, (slope, offset) = np.asarray(codes, np.float64), self.line
        first = slope * self.cut + offset
        with np.errstate(over="ignore"):
            curve = (self.base ** ((np.maximum(v, first) - self.shift) / self.gain) - self.offset) / self.slope
        return np.where(v < first, (v - offset) / slope, curve)


def _logc3(exposure_index: int) -> LinearLog:
    """Return LogC3 of an exposure index from 160 to 1600; light is relative to 18 % gray.

    Source: ARRI, "ALEXA Log C Curve, Usage in VFX" (2017), which prints these numbers rounded; Academy,
    IDT.ARRI.Alexa-v3 (by ARRI), `logCInverseParametersForEI`, which computes them.
    """
    black, nominal, cut = 95 / LARGEST, 400, 1 / 9
    slope = 1 / (cut * log(10))
    offset = log10(cut) - slope * cut
    gain = (log2(exposure_index / nominal) * (0.89 - 1) / 3 + 1) * 0.256598
    shift, noise = 0.391007, 0.0
    for _ in range(3):
        noise = ((black - shift) / gain - offset) / slope
        shift = 0.391007 - log10(1 + noise) * gain
    return LinearLog(10, gain, shift, 1 / MID_GRAY, noise, (cut - noise) * MID_GRAY)


def _logc4() -> LinearLog:
    """Source: ARRI, "ARRI LogC4 Logarithmic Color Space, Specification" (2022)."""
    slope, span, black = (2**18 - 16) / 117.45, (LARGEST - 95) / LARGEST, 95 / LARGEST
    cut = (2 ** (14 * (-black / span) + 6) - 64) / slope
    return LinearLog(2, span / 14, black - 6 * span / 14, slope, 64, cut)


def _slog2() -> LinearLog:
    """Source: Sony, "S-Log2 Technical Paper" (2012): a signal of video range, here as codes of that range."""
    gain, shift, slope = 0.432699, 0.616596 + 0.03, 155 / 219 / 0.9
    toe = (876 * 5 * slope / LARGEST, (64 + 876 * 0.030001222851889303) / LARGEST)
    return LinearLog(10, 876 * gain / LARGEST, (64 + 876 * shift) / LARGEST, slope, 0.037584, 0, toe)


# Source: Academy, S-2016-001.
ACESCCT = LinearLog(2, 1 / 17.52, 9.72 / 17.52, 1, 0, 0.0078125, (10.5402377416545, 0.0729055341958355))
LINEAR_LOGS = {
    "LogC4": _logc4(),
    "S-Log2": _slog2(),
    # Source: Sony, "Technical Summary for S-Gamut3.Cine/S-Log3 and S-Gamut3/S-Log3".
    "S-Log3": LinearLog(
        *(10, 261.5 / LARGEST, 420 / LARGEST, 1 / 0.19, 0.01 / 0.19, 0.01125),
        ((171.2102946929 - 95) / 0.01125 / LARGEST, 95 / LARGEST),
    ),
    # Source: Panasonic, "V-Log/V-Gamut Reference Manual" (2014).
    "V-Log": LinearLog(10, 0.241514, 0.598206, 1, 0.00873, 0.01),
    # Source: RED, "White Paper on REDWideGamutRGB and Log3G10" (2017).
    "Log3G10": LinearLog(10, 0.224282, 0, 155.975327, 155.975327 * 0.01 + 1, -0.01),
    # Source: Blackmagic Design, "DaVinci Resolve 17: Wide Gamut Intermediate" (2020).
    "DaVinci Intermediate": LinearLog(2, 0.07329248, 7 * 0.07329248, 1, 0.0075, 0.00262409, (10.44426855, 0.0)),
    # Source: Blackmagic Design, "Generation 5 Color Science" (2021).
    "BMD Film Gen 5": LinearLog(e, 0.08692876065491224, 0.5300133392291939, 1, 0.005494072432257808, 0.005),
    # Source: Fujifilm, "F-Log2 Data Sheet" 1.0 (2022).
    "F-Log2": LinearLog(10, 0.245281, 0.384316, 5.555556, 0.064829, 0.000889, (8.799461, 0.092864)),
    # Source: DJI, "White Paper on D-Log and D-Gamut" (2017): line and curve of its numbers miss each other at 0.0078,
    # so they are joined where OpenColorIO joins them.
    "D-Log": LinearLog(10, 1 / 3.89616, 2.27752 / 3.89616, 0.9892, 0.0108, 0.00758078675),
}


def _from_acescc(codes: ArrayLike) -> Floats:
    v = np.asarray(codes, np.float64)
    with np.errstate(over="ignore"):
        light = 2 ** (v * 17.52 - 9.72)
    return np.where(v < (9.72 - 15) / 17.52, 2 * (light - 2.0**-16), light)


def _to_acescc(linear: ArrayLike) -> Floats:
    x = np.maximum(linear, 0.0)
    return (np.log2(np.where(x < 2.0**-15, 2.0**-16 + x / 2, x)) + 9.72) / 17.52


def _from_canon_log_2(codes: ArrayLike) -> Floats:
    v = np.asarray(codes, np.float64) - 0.092864125
    with np.errstate(over="ignore"):
        return 0.9 * np.sign(v) * (10 ** (np.abs(v) / 0.24136077) - 1) / 87.099375


def _to_canon_log_2(linear: ArrayLike) -> Floats:
    x = np.asarray(linear, np.float64) / 0.9
    return 0.24136077 * np.sign(x) * np.log10(1 + 87.099375 * np.abs(x)) + 0.092864125


def _from_canon_log_3(codes: ArrayLike) -> Floats:
    v = np.asarray(codes, np.float64)
    with np.errstate(over="ignore"):
        below = -(10 ** ((0.12783901 - v) / 0.36726845) - 1) / 14.98325
        above = (10 ** ((v - 0.12240537) / 0.36726845) - 1) / 14.98325
    line = (v - 0.12512219) / 1.9754798
    return 0.9 * np.where(v < 0.097465473, below, np.where(v <= 0.15277891, line, above))


def _to_canon_log_3(linear: ArrayLike) -> Floats:
    x = np.asarray(linear, np.float64) / 0.9
    curve = 0.36726845 * np.log10(1 + 14.98325 * np.abs(x))
    line = 1.9754798 * x + 0.12512219
    return np.where(x < -0.014, 0.12783901 - curve, np.where(x <= 0.014, line, 0.12240537 + curve))


APPLE_BLACK = -0.05641088


def _from_apple_log(codes: ArrayLike) -> Floats:
    v = np.asarray(codes, np.float64)
    with np.errstate(over="ignore"):
        curve = 2 ** ((v - 0.69336945) / 0.08550479) - 0.00964052
    toe = np.sqrt(np.maximum(v, 0) / 47.28711236) + APPLE_BLACK
    return np.where(v < 47.28711236 * (0.01 - APPLE_BLACK) ** 2, toe, curve)


def _to_apple_log(linear: ArrayLike) -> Floats:
    x = np.maximum(linear, APPLE_BLACK)
    curve = 0.08550479 * np.log2(np.maximum(x, 0.01) + 0.00964052) + 0.69336945
    return np.where(x < 0.01, 47.28711236 * (x - APPLE_BLACK) ** 2, curve)


def _from_n_log(codes: ArrayLike) -> Floats:
    v = np.asarray(codes, np.float64)
    with np.errstate(over="ignore"):
        return np.where(v < 452 / 1023, (v / (650 / 1023)) ** 3 - 0.0075, np.exp((v - 619 / 1023) / (150 / 1023)))


def _to_n_log(linear: ArrayLike) -> Floats:
    x = np.asarray(linear, np.float64)
    curve = 150 / 1023 * np.log(np.maximum(x, 0.328)) + 619 / 1023
    return np.where(x < 0.328, 650 / 1023 * np.cbrt(x + 0.0075), curve)


def _power(gamma: float) -> Transfer:
    """Return a pure power; light below 0 is its own code. Source: OpenColorIO's studio config, "Gamma 2.2 Encoded
    Rec.709"."""

    def decode(codes: ArrayLike) -> Floats:
        v = np.asarray(codes, np.float64)
        with np.errstate(over="ignore"):
            return np.where(v < 0, v, np.maximum(v, 0) ** gamma)

    def encode(linear: ArrayLike) -> Floats:
        x = np.asarray(linear, np.float64)
        return np.where(x < 0, x, np.maximum(x, 0) ** (1 / gamma))

    return Transfer(f"gamma {gamma:g}", decode, encode)


# ITU-R BT.709-6, item 1.2, joined without a kink as in OpenColorIO; the standard rounds the slope and the joint.
_SHIFT, _POWER = REC709_SHIFT, 1 / REC709_POWER
REC709_JOINT = _SHIFT / (_POWER - 1)
REC709_LINE = REC709_JOINT / ((REC709_JOINT + _SHIFT) / (1 + _SHIFT)) ** _POWER


def _from_rec709(codes: ArrayLike) -> Floats:
    v = np.asarray(codes, np.float64)
    curve = ((np.maximum(v, REC709_JOINT) + _SHIFT) / (1 + _SHIFT)) ** _POWER
    return np.where(v < REC709_JOINT, v / REC709_LINE, curve)


def _to_rec709(linear: ArrayLike) -> Floats:
    x, joint = np.asarray(linear, np.float64), REC709_JOINT / REC709_LINE
    curve = (1 + _SHIFT) * np.maximum(x, joint) ** (1 / _POWER) - _SHIFT
    return np.where(x < joint, x * REC709_LINE, curve)


CURVES = {
    "sRGB": TRANSFERS["srgb"],
    "Rec.709": Transfer("Rec.709", _from_rec709, _to_rec709),
    "Cineon": TRANSFERS["cineon"],
    "REDLogFilm": TRANSFERS["cineon"],  # Source: RED, "REDLogFilm": Cineon's curve
    "ACEScc": Transfer("ACEScc", _from_acescc, _to_acescc),  # Source: Academy, S-2014-003
    "ACEScct": Transfer("ACEScct", ACESCCT.decode, ACESCCT.encode),
    # Source: Canon, "Canon Log Gamma Curves" (2018), of version 1.2; 0.9 is its light of a 90 % white.
    "Canon Log 2": Transfer("Canon Log 2", _from_canon_log_2, _to_canon_log_2),
    "Canon Log 3": Transfer("Canon Log 3", _from_canon_log_3, _to_canon_log_3),
    # Source: Apple, "Apple Log Profile White Paper" (2023).
    "Apple Log": Transfer("Apple Log", _from_apple_log, _to_apple_log),
    # Source: Nikon, "N-Log Specification Document" 1.0.0 (2018).
    "N-Log": Transfer("N-Log", _from_n_log, _to_n_log),
    **{name: Transfer(name, each.decode, each.encode) for name, each in LINEAR_LOGS.items()},
    **{
        f"LogC3 EI{index}": Transfer(f"LogC3 EI{index}", curve.decode, curve.encode)
        for index in LIGHTS
        for curve in (_logc3(index),)
    },
    **{f"gamma {gamma:g}": _power(gamma) for gamma in (1.8, 2.2, 2.4)},
    "AdobeRGB gamma": _power(563 / 256),  # Source: Adobe RGB (1998) Color Image Encoding, 2005-05, item 4.3.4.2
}
