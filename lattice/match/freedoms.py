"""The register of what a match may change: how each group of a look's numbers is read, changed and held.

A new one is one record here; `lattice match --free`, the report and the tests read the register.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from lattice.choices import MOST_POINTS
from lattice.errors import LatticeError, did_you_mean
from lattice.looks import Profile
from lattice.types import Array, Curve

START = "premier"  # the look that a match begins with
LAYERS = ("red", "green", "blue")
POINTS = 12
# Of the prior on curves: the rises between two points are multiplied by exp(s), where s is like at near points and in
# all layers. One standard deviation, over how many points s stays alike, what each point has of its own, and the share
# that all layers have in common. Found by trial on perturbed looks.
CURVE_SPREAD, CURVE_LENGTH, POINT_SPREAD, SHARED = 0.15, 3.0, 0.05, 0.5
LEAST_RISE = 1e-4  # density from one point to the next, so that a flat toe can rise
DENSEST = 5.5  # of a curve's last point, unless the start's is denser; inside what a curve may hold


@dataclass(frozen=True)
class Freedom:
    """A group of numbers that a match may change.

    labels: of each number. unit: for people. low, high: bounds. spread: how far each usually is from the start, one
    standard deviation of the prior. digits: decimals that a match's profile holds of what it writes. read: profile to
    the numbers. write: the start and the numbers to changed fields. chains: where it applies. is_scene: it acts before
    the print.
    """

    name: str
    labels: tuple[str, ...]
    unit: str
    low: float
    high: float
    spread: float
    digits: int
    read: Callable[[Profile], Sequence[float]]
    write: Callable[[Profile, Array], Mapping[str, Any]]
    chains: tuple[str, ...] = ("film-out", "camera", "scan")
    is_scene: bool = False


def _one(name: str, field: str, unit: str, low: float, high: float, spread: float, digits: int = 4) -> Freedom:
    return Freedom(
        *(name, (field,), unit, low, high, spread, digits),
        lambda profile: [getattr(profile, field)],
        lambda profile, numbers: {field: float(numbers[0])},
    )


def _matrix(profile: Profile) -> list[float]:
    return [profile.film_matrix[row][column] for row in range(3) for column in range(3) if row != column]


def _with_matrix(profile: Profile, numbers: Array) -> dict[str, Any]:
    """Replace what is beside the diagonal; rows keep their sums."""
    matrix = np.array(profile.film_matrix)
    change = np.zeros((3, 3))
    beside = ~np.eye(3, dtype=bool)
    change[beside] = numbers - matrix[beside]
    return {"film_matrix": tuple(map(tuple, matrix + change - np.diag(change.sum(axis=1))))}


def _with_lights(profile: Profile, numbers: Array) -> dict[str, Any]:
    return {"printer_lights": tuple(numbers.tolist())}


@cache
def mixing() -> Array:
    """Return the matrix (36, 36) from independent numbers to the curves' exponents, which the prior makes alike."""
    apart = np.arange(POINTS)[:, None] - np.arange(POINTS)
    along = CURVE_SPREAD**2 * np.exp(-0.5 * (apart / CURVE_LENGTH) ** 2)
    layers = SHARED * np.ones((3, 3)) + (1 - SHARED) * np.eye(3)
    found = np.linalg.cholesky(np.kron(layers, along) + POINT_SPREAD**2 * np.eye(3 * POINTS))
    return np.asarray(found, np.float64)


def densest(curve: Curve) -> float:
    """Return the highest density that a match may give a curve of the start."""
    return max(DENSEST, float(curve.density[-1]))


def _with_curves(profile: Profile, numbers: Array) -> dict[str, Any]:
    """Multiply the rises of the print's curves; D-min, the first point, scales too."""
    exponents, curves = (mixing() @ numbers).reshape(3, POINTS), profile.print.curves
    changed = {}
    for layer, exponent in zip(LAYERS, exponents, strict=True):
        curve = getattr(curves, layer)
        rises = np.diff(curve.density, prepend=0.0)
        grown = np.where(
            rises < LEAST_RISE, rises + LEAST_RISE * np.maximum(np.expm1(exponent), 0), rises * np.exp(exponent)
        )
        density = np.minimum(np.cumsum(grown), densest(curve))
        changed[layer] = Curve(curve.log_exposure, density)
    return {"print": profile.print.replace(curves=curves.replace(**changed))}


_MIXED = tuple(f"{row} from {other}" for row in LAYERS for other in LAYERS if other != row)
_POINTS = tuple(f"{layer} {point}" for layer in LAYERS for point in range(1, POINTS + 1))
_SEEN = ("camera", "scan")  # chains in which layers see one another
FREEDOMS: Mapping[str, Freedom] = {
    each.name: each
    for each in (
        Freedom("lights", LAYERS, "points", 0, MOST_POINTS, 3.0, 2, lambda look: look.printer_lights, _with_lights),
        replace(_one("exposure", "exposure", "stops", -4.0, 4.0, 1.0, 3), is_scene=True),
        replace(_one("interimage", "interimage", "", 0.0, 0.5, 0.15), is_scene=True, chains=_SEEN),
        _one("silver", "print_silver", "", 0.0, 1.0, 0.3),
        _one("flash", "print_flash", "", 0.0, 0.5, 0.05),
        _one("flare", "flare", "", 0.0, 0.1, 0.01, 5),
        Freedom("matrix", _MIXED, "", -2.0, 2.0, 0.1, 4, _matrix, _with_matrix, _SEEN, True),
        Freedom("curves", _POINTS, "", -8.0, 8.0, 1.0, 4, lambda look: [0.0] * 3 * POINTS, _with_curves),
    )
}
# Without exposure, which looks as equal lights do; matrix is of looks that have one.
USUAL = ("lights", "silver", "flash", "flare", "curves", "interimage")


def rounded(each: Freedom, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return changed fields with as many decimals as a match's profile holds; a matrix's rows still sum to 1."""
    return {field: _rounded(value, each.digits) for field, value in changes.items()}


def _rounded(value: Any, digits: int) -> Any:
    if isinstance(value, float):
        return round(value, digits)
    if isinstance(value, tuple):
        return tuple(_rounded(each, digits) for each in value)
    held = {layer: getattr(value.curves, layer) for layer in LAYERS}
    curves = {layer: Curve(curve.log_exposure, np.round(curve.density, digits)) for layer, curve in held.items()}
    return value.replace(curves=value.curves.replace(**curves))


def freedoms(profile: Profile, names: Sequence[str] | None = None) -> list[Freedom]:
    """Return the groups by name, in the register's order; None: the usual ones that the profile's chain takes.

    Raises LatticeError for a name that is unknown, or that the chain or the look does not take.
    """
    if names is None:
        asked = [name for name in USUAL if profile.chain in FREEDOMS[name].chains]
        return [FREEDOMS[name] for name in FREEDOMS if name in asked and _fault(profile, name) is None]
    for name in names:
        if name not in FREEDOMS:
            raise LatticeError(f"free: expected {', '.join(FREEDOMS)}, got {name!r:.40}{did_you_mean(name, FREEDOMS)}")
        if (fault := _fault(profile, name)) is not None:
            raise LatticeError(f"free: {fault}")
    if not names:
        raise LatticeError(f"free: expected one or more of {', '.join(FREEDOMS)}, got none")
    return [each for each in FREEDOMS.values() if each.name in names]


def _fault(profile: Profile, name: str) -> str | None:
    """Why a look does not take a freedom; None if it does."""
    if profile.chain not in FREEDOMS[name].chains:
        return f'{name}: in a film-out no layer sees another; a look whose chain is "camera" or "scan" takes it'
    if name == "matrix" and profile.has_film_stage:
        return "matrix: the negative's film_stage is in its place; start from a look with a film_matrix, such as a scan"
    if name == "silver" and profile.print_infrared is not None:
        return "silver: print_infrared says it already"
    return None
