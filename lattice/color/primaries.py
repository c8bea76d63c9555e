"""RGB primaries: RGB to XYZ, white adaptation, the matrix from one set to another. Their register is in `gamuts`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from lattice.color.gamuts import PRIMARIES as PRIMARIES
from lattice.color.gamuts import REC709 as REC709
from lattice.color.gamuts import WHITES as WHITES
from lattice.color.gamuts import Adaptation, Chromaticities
from lattice.color.gamuts import Primaries as Primaries
from lattice.errors import did_you_mean
from lattice.types import Array, LatticeError

CAT02 = np.array([[0.7328, 0.4296, -0.1624], [-0.7036, 1.6975, 0.0061], [0.0030, 0.0136, 0.9834]])  # CIE 159:2004
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])  # ICC.1, E.3
CONES: dict[Adaptation, Array] = {"CAT02": CAT02, "Bradford": BRADFORD}
SAME = 1e-4  # chromaticities closer than this are the same: files store them as float32, and rounded
FLATTEST = 1e-6  # twice the area of the smallest allowed triangle of primaries


def named(xy: Sequence[float]) -> Primaries | None:
    """Return the record of these eight numbers, within 1e-4; None if the register has none."""
    return _named(tuple(xy))


@lru_cache(maxsize=256)
def _named(xy: tuple[float, ...]) -> Primaries | None:
    return next((each for each in PRIMARIES.values() if np.allclose(xy, each.xy, rtol=0, atol=SAME)), None)


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


def convert(
    source: str | Sequence[float | str], target: str | Sequence[float | str], adaptation: Adaptation | None = None
) -> Array:
    """Return the matrix (3, 3) from linear RGB of `source` primaries to `target` ones; white stays white.

    adaptation: of another white; None: Bradford if that is the convention of either's record, else CAT02.
    Exactly the identity if both are the same within 1e-4. Raises LatticeError as `rgb_to_xyz`.
    """
    if is_same(source, target):
        return np.eye(3)
    cones = CONES[_convention(source, target) if adaptation is None else adaptation]
    to_xyz, target_to_xyz = _solved(source), _solved(target)
    gains = (cones @ white(target)) / (cones @ white(source))
    change = np.linalg.solve(cones, gains[:, None] * cones)
    return np.asarray(np.linalg.solve(target_to_xyz, change @ to_xyz), np.float64)


def _convention(*both: str | Sequence[float | str]) -> Adaptation:
    records = [PRIMARIES[each] for each in both if isinstance(each, str)]
    return "Bradford" if any(each.adaptation == "Bradford" for each in records) else "CAT02"


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
