"""RGB primaries: a register of named sets, RGB to XYZ, white adaptation, the matrix from one set to another.

A new display or input is one record here: profiles, `--input`, movie tags and the tests read the register.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from lattice.errors import did_you_mean
from lattice.types import Array, LatticeError

Chromaticities = tuple[float, ...]  # x, y of red, green, blue and white


@dataclass(frozen=True)
class Primaries:
    """A set of primaries.

    xy: x, y of red, green, blue and white. source: the document that defines them. colour_name: the name in
    colour-science. interop_id: the name that files have for scene-linear light of these primaries; None if there is
    none. h273: the ITU-T H.273 code point, for tags of movies and PNGs; None if H.273 has none. is_display: True if
    monitors have these. neutral: x, y of the color that is shown as white; None if that is the white of `xy`.
    Source: ASWF Color Interop Forum, "Color Space Encodings for Texture Assets and CG Rendering" 1.1.0 (ids).
    """

    name: str
    xy: Chromaticities
    source: str
    colour_name: str
    interop_id: str | None = None
    h273: int | None = None
    is_display: bool = False
    neutral: tuple[float, float] | None = None


_REGISTER = (
    Primaries(
        "Rec.709",
        (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290),
        "ITU-R BT.709-6",
        "ITU-R BT.709",
        "lin_rec709_scene",
        1,
        is_display=True,
    ),
    Primaries(
        "Display P3",
        (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3127, 0.3290),
        "SMPTE EG 432-1, with D65",
        "Display P3",
        "lin_p3d65_scene",
        12,
        is_display=True,
    ),
    Primaries(
        "P3-DCI",
        (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.314, 0.351),
        "SMPTE RP 431-2",
        "DCI-P3",
        h273=11,
        is_display=True,
    ),
    Primaries(
        "Rec.2020",
        (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290),
        "ITU-R BT.2020-2",
        "ITU-R BT.2020",
        "lin_rec2020_scene",
        9,
        is_display=True,
    ),
    Primaries(
        "ACEScg",
        (0.713, 0.293, 0.165, 0.830, 0.128, 0.044, 0.32168, 0.33767),
        "Academy S-2014-004",
        "ACEScg",
        "lin_ap1_scene",
    ),
    Primaries(
        "ACES2065-1",
        (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767),
        "SMPTE ST 2065-1",
        "ACES2065-1",
        "lin_ap0_scene",
    ),
    Primaries(
        "AdobeRGB",
        (0.64, 0.33, 0.21, 0.71, 0.15, 0.06, 0.3127, 0.3290),
        "Adobe RGB (1998) Color Image Encoding, 2005-05",
        "Adobe RGB (1998)",
        "lin_adobergb_scene",
    ),
    Primaries(  # the numbers are XYZ; an eye adapted to D65 looks at them
        "CIE XYZ-D65",
        (1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1 / 3, 1 / 3),
        "CIE 015:2018",
        "CIE XYZ-D65 - Scene-referred",
        "lin_ciexyzd65_scene",
        neutral=(0.3127, 0.3290),
    ),
)
PRIMARIES = {each.name: each for each in _REGISTER}
# x, y of the whites that a monitor can show a picture's white in. Sources: CIE 015:2018; D60 is ACES' white,
# SMPTE ST 2065-1; DCI is that of SMPTE RP 431-2.
WHITES = {"D55": (0.33242, 0.34743), "D60": (0.32168, 0.33767), "D65": (0.3127, 0.3290), "DCI": (0.314, 0.351)}
REC709 = PRIMARIES["Rec.709"]  # of an EXR without chromaticities. Source: OpenEXR, ImfStandardAttributes.h
CAT02 = np.array([[0.7328, 0.4296, -0.1624], [-0.7036, 1.6975, 0.0061], [0.0030, 0.0136, 0.9834]])  # CIE 159:2004
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])  # ICC.1, E.3
SAME = 1e-4  # chromaticities closer than this are the same: files store them as float32, and rounded
FLATTEST = 1e-6  # twice the area of the smallest allowed triangle of primaries


def named(xy: Sequence[float]) -> Primaries | None:
    """Return the record of these eight numbers, within 1e-4; None if the register has none."""
    return _named(tuple(xy))


@lru_cache(maxsize=256)
def _named(xy: tuple[float, ...]) -> Primaries | None:
    return next((each for each in _REGISTER if np.allclose(xy, each.xy, rtol=0, atol=SAME)), None)


def chromaticities(primaries: str | Sequence[float | str]) -> Chromaticities:
    """Return eight numbers, xy of r, g, b, white, for a name or eight numbers.

    Raises LatticeError for an unknown name, or anything but eight finite numbers.
    """
    if isinstance(primaries, str):
        if primaries not in PRIMARIES:
            raise LatticeError(
                f"input: expected one of {', '.join(PRIMARIES)}, got {primaries!r}" + did_you_mean(primaries, PRIMARIES)
            )
        return PRIMARIES[primaries].xy
    try:
        numbers = tuple(float(value) for value in primaries)
    except (TypeError, ValueError):
        numbers = ()
    if len(numbers) != 8 or not np.isfinite(numbers).all():
        raise LatticeError(f"chromaticities: expected 8 finite numbers, got {primaries!r}")
    return numbers


def white(primaries: str | Sequence[float | str]) -> Array:
    """Return XYZ (3,) of the white that the eye is adapted to, Y = 1: R, G, B = 1 but for CIE XYZ.

    Raises LatticeError for unknown primaries, or a white with y <= 0.
    """
    return _white(_neutral(primaries))


def _neutral(primaries: str | Sequence[float | str]) -> Sequence[float]:
    record = PRIMARIES.get(primaries) if isinstance(primaries, str) else None
    return chromaticities(primaries)[6:] if record is None or record.neutral is None else record.neutral


def _white(xy: Sequence[float]) -> Array:
    x, y = xy
    if y <= 0:
        raise LatticeError(f"chromaticities: expected a white with y above 0, got {y:g}")
    return np.array([x, y, 1 - x - y]) / y


def rgb_to_xyz(primaries: str | Sequence[float | str]) -> Array:
    """Return the matrix (3, 3) from linear RGB to XYZ; rows sum to XYZ of R, G, B = 1, and row 1 is the luminances.

    Raises LatticeError for unknown primaries, three on a line, or a white outside the triangle. Source: SMPTE RP 177.
    """
    xy = chromaticities(primaries)
    x, y = np.array(xy[:6]).reshape(3, 2).T
    columns = np.stack([x, y, 1 - x - y])
    if abs(np.linalg.det(columns)) < FLATTEST:
        raise LatticeError(f"chromaticities: expected three primaries that span a triangle, got {xy[:6]}")
    gains = np.linalg.inv(columns) @ _white(xy[6:])
    if gains.min() <= 0:
        raise LatticeError(f"chromaticities: expected a white inside the triangle of the primaries, got {xy[6:]}")
    return columns @ np.diag(gains)


def adaptation(source: Array, target: Array, cones: Array = CAT02) -> Array:
    """Return the full adaptation (3, 3) of XYZ from one white to another, both (3,) XYZ with Y = 1.

    cones: (3, 3), XYZ to cone responses, CAT02 or BRADFORD.
    """
    return np.linalg.inv(cones) @ np.diag((cones @ target) / (cones @ source)) @ cones


def convert(source: str | Sequence[float | str], target: str | Sequence[float | str]) -> Array:
    """Return the matrix (3, 3) from linear RGB of `source` primaries to `target` ones; CAT02 keeps white white.

    Exactly the identity if both are the same within 1e-4. Raises LatticeError as `rgb_to_xyz`.
    """
    if is_same(source, target):
        return np.eye(3)
    to_xyz, target_to_xyz = _solved(source), _solved(target)
    gains = (CAT02 @ white(target)) / (CAT02 @ white(source))
    change = np.linalg.solve(CAT02, gains[:, None] * CAT02)
    return np.asarray(np.linalg.solve(target_to_xyz, change @ to_xyz), np.float64)


def is_same(one: str | Sequence[float | str], other: str | Sequence[float | str]) -> bool:
    """True if all x, y of two sets of primaries, and of the whites that the eye is adapted to, differ by at most SAME.

    Raises LatticeError as `chromaticities`.
    """
    return agree(one, other, SAME) and np.allclose(_neutral(one), _neutral(other), rtol=0, atol=SAME)


def agree(one: str | Sequence[float | str], other: str | Sequence[float | str], within: float) -> bool:
    """True if all x, y of two sets of primaries differ by at most `within`. Raises LatticeError as `chromaticities`."""
    return np.allclose(chromaticities(one), chromaticities(other), rtol=0, atol=within)


def _solved(primaries: str | Sequence[float | str]) -> Array:
    """Compute `rgb_to_xyz` by other steps, which differ in the last bit: a digest of the matrices from `convert` marks
    graded frames, so their bits must not change."""
    rgb_to_xyz(primaries)  # raises for impossible primaries
    x, y = np.array(chromaticities(primaries)[:6]).reshape(3, 2).T
    columns = np.stack([x, y, 1 - (x + y)])
    return np.asarray(columns * np.linalg.solve(columns, _white(chromaticities(primaries)[6:])), np.float64)
