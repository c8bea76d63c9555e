"""The white that measured colors are seen over, and CIELAB over that of a display.

A white is what the file says, what is asked, or the display's own; where the grays are at another one, it is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lattice.build.seen import cie_lab, relative_of_lab
from lattice.color.gamuts import WHITES
from lattice.color.primaries import adaptation, rgb_to_xyz
from lattice.errors import LatticeError, did_you_mean
from lattice.files.measured.measured import Measured
from lattice.inspect import spectra
from lattice.looks.display import DisplaySpec
from lattice.match.reference import are_gray
from lattice.types import MID_GRAY, Array

# x, y. Source: CIE 015:2018, table 3; the names of files, beside those of displays.
ILLUMINANTS = {
    **{"A": (0.44758, 0.40745), "C": (0.31006, 0.31616), "E": (1 / 3, 1 / 3)},
    **{"D50": (0.34567, 0.35851), "D75": (0.29903, 0.31488)},
    **WHITES,
}
LUMENS_PER_WATT = 683.0  # Source: SI Brochure, 9th edition, 2.3.1
SHORTEST_NM, LONGEST_NM, WIDEST_NM = 400.0, 700.0, 10.0  # that spectra reach and that their steps are
BRIGHTEST = 1.05  # Y over white: more is no color over that white
# Stops of the brightest gray about mid gray, and the Y over white that a film look shows it with at least. Shipped
# looks: 0.11, 0.51 and 0.71.
STOPS, LEAST_Y = (0.0, 2.0, 3.0), (0.05, 0.4, 0.55)
# u'v' of the brightest gray about the display's white: TINT is more than shipped looks have (0.004), FARTHEST than
# looks whose printer lights are off (0.02). Those are not NEARER times as near to D50 as to D65.
TINT, FARTHEST, NEARER = 0.01, 0.03, 0.8
USUAL = ("D50", "D65")  # whites of files that do not say theirs
FARTHEST_WHITE = 0.1  # u'v' of a screen's white from the nearest illuminant: from D50 to D75, 0.03
DARKEST = 0.01  # Y of the brightest gray, over any white
MOST_OVER, MOST_AB, MOST_L = 3.0, 300.0, 105.0  # X, Y, Z over white, a* and b*, L* that no screen has
HUGE = 30.0  # chroma of the brightest gray that no look has
LEAST_RISE, FALL, RISING = 5.0, 5.0, 4.0  # L* from the darkest to the brightest gray, where light rises so many times
TYPED = "--white NAME of the patch that is the screen's white, or its X,Y,Z"


@dataclass(frozen=True)
class White:
    """A white. xyz: (3,), in the file's units if is_screen, else with Y = 1. name: for people. is_screen: it is the
    screen's, which the eye is adapted to. rows: (n,) bool, the patches that are it."""

    name: str
    xyz: Array
    is_screen: bool
    rows: NDArray[np.bool_]


def lab_of(
    measured: Measured, light: Array, display: DisplaySpec, asked: str | None
) -> tuple[Array, NDArray[np.bool_], str]:
    """Return CIELAB (n, 3) over a display's white, which patches are colors (n,), and what was assumed, for people.

    light: (n, 3), of the scene. asked: the name of a patch, which is the screen's white and no color then; "X,Y,Z" in
    the file's units; or an illuminant that the colors are over; None: what the file says, or the display's white.
    Raises LatticeError, with file and what to type, for a white that is not known and colors that contradict it.
    """
    file, own = measured.path, rgb_to_xyz(display.primaries).sum(axis=1)
    if not measured.values.any():
        raise LatticeError(f"{file}: expected measured colors of light, got black, 0, on all rows")
    white = _white(measured, asked)
    colors = np.ones(len(measured), bool) if white is None else ~white.rows
    order = np.flatnonzero(colors & are_gray(light))
    if not len(order):
        raise LatticeError(f"{file}: expected grays among the colors, got none: exposure and contrast hang on them")
    grays = order[np.argsort(light[order].mean(axis=1), kind="stable")]
    stops = float(np.log2(light[grays[-1]].mean() / MID_GRAY))
    if measured.kind == "Lab":
        relative, eye, told = _of_lab(measured, grays, own, white)
    else:
        relative, eye, told = _of_xyz(measured, grays, stops, own, white)
    if relative.max() > MOST_OVER:
        at = measured.places[int(relative.max(axis=1).argmax())]
        raise LatticeError(f"{file}: {at}: expected a color that a screen shows, got {relative.max():.3g} whites")
    lab = cie_lab(relative @ adaptation(eye, own).T / own)
    _check_grays(lab[grays], light[grays], file)
    return lab, colors, told


def _of_xyz(
    measured: Measured, grays: NDArray[np.intp], stops: float, own: Array, white: White | None
) -> tuple[Array, Array, str]:
    """Return XYZ over white (n, 3), the white that the eye is adapted to, and what was assumed."""
    file, xyz = measured.path, measured.values if measured.kind == "XYZ" else _of_spectra(measured)
    if xyz.min() < -0.02 * xyz.max():
        at = int(xyz.min(axis=1).argmin())
        got = ", ".join(f"{value:g}" for value in xyz[at])
        raise LatticeError(f"{file}: {measured.places[at]}: expected X, Y, Z of 0 or more, got {got}: L, a, b?")
    brightest = float(xyz[:, 1].max())
    if white is not None and white.is_screen:
        relative, eye = xyz / white.xyz[1], white.xyz / white.xyz[1]
        if relative[:, 1].max() > BRIGHTEST:
            raise LatticeError(
                f"{file}: expected colors up to the Y of white, {white.xyz[1]:g} ({white.name}), got {brightest:g}"
            )
        return relative, eye, f"XYZ over {white.name}"
    scale = 1.0 if brightest <= BRIGHTEST else 100.0
    least = DARKEST if white is not None else float(np.interp(stops, STOPS, LEAST_Y))
    if not least * scale <= xyz[grays[-1], 1] or brightest > BRIGHTEST * scale:
        raise LatticeError(
            f"{file}: expected Y over a white of {scale:g}, got up to {brightest:g}, cd/m2?: type {TYPED}, or --white "
            f"{_nearest(own)} if it is 100"
        )
    relative = xyz / scale
    told = f"XYZ over the display's white at Y {scale:g} (cd/m2: --white X,Y,Z of the screen's white)"
    if white is None:
        _check_white(relative[grays[-1]], own, dict.fromkeys(USUAL, relative[grays[-1]]), file, False)
        return relative, own, told
    eye = min((white.xyz, own), key=lambda each: _apart(relative[grays[-1]], each))
    return relative, eye, f"{told}, {white.name}"


def _of_lab(measured: Measured, grays: NDArray[np.intp], own: Array, white: White | None) -> tuple[Array, Array, str]:
    """As `_of_xyz`, of CIELAB over the white that is named, or the display's."""
    lab, file = measured.values, measured.path
    brightest = lab[grays[-1]]
    is_lightness = brightest[0] >= LEAST_RISE and lab[:, 0].min() >= -LEAST_RISE and lab[:, 0].max() <= MOST_L
    if not is_lightness or np.hypot(*brightest[1:]) > HUGE or np.abs(lab).max() > MOST_AB:
        got = ", ".join(f"{value:g}" for value in brightest)
        raise LatticeError(
            f"{file}: {measured.places[int(grays[-1])]}: expected L of 0 to 100 and a gray near a, b of 0, got {got}: "
            "X, Y, Z?"
        )
    ratio = relative_of_lab(lab)
    gray = ratio[grays[-1]]
    if white is None:
        _check_white(gray * own, own, {name: gray * _xyz(name) for name in USUAL}, file, True)
        return ratio * own, own, "CIELAB over the display's white (--white D50 if it was computed over D50)"
    if white.rows.any():
        over = _xyz(measured.illuminant) if measured.illuminant in ILLUMINANTS else own
        screen = np.asarray((ratio[white.rows] * over).mean(axis=0))
        return ratio * over / screen[1], screen / screen[1], f"CIELAB, the screen's white {white.name}"
    over = white.xyz / white.xyz[1]
    eye = min((over, own), key=lambda each: _apart(gray * over, each))
    return ratio * over, eye, f"CIELAB over {white.name}"


def _white(measured: Measured, asked: str | None) -> White | None:
    """Return the white that is asked for, or that the file says; None for neither."""
    nobody = np.zeros(len(measured), bool)
    if asked is None and measured.white is not None:
        return _screen("the white that the file says", measured.white, nobody, measured.path)
    name = measured.illuminant if asked is None else asked.strip()
    if name is None:
        return None
    rows = np.array([asked is not None and each == name for each in measured.names])
    if rows.any():
        values = measured.values[rows] if measured.kind != "spectral" else _of_spectra(measured)[rows]
        white = values.mean(axis=0)
        if measured.kind != "Lab" and white[1] <= 0:
            raise LatticeError(f"{measured.path}: white: expected a patch with Y above 0, got {white[1]:g} of {name}")
        if measured.kind == "Lab":
            return White(f"the patch {name}", white, True, rows)
        return _screen(f"the patch {name}", white, rows, measured.path)
    if name.upper() in ILLUMINANTS:
        return White(name.upper(), _xyz(name.upper()), False, nobody)
    try:
        numbers = np.array([float(word) for word in name.split(",")])
    except ValueError:
        numbers = np.zeros(0)
    if numbers.shape == (3,) and np.isfinite(numbers).all() and numbers.min() > 0:
        return _screen(f"white {name}", numbers, nobody, measured.path)
    raise LatticeError(
        f"{measured.path}: white: expected a patch's name, X,Y,Z above 0, or one of {', '.join(ILLUMINANTS)}, "
        f"got {name!r:.60}{did_you_mean(name, [*filter(None, measured.names), *ILLUMINANTS])}"
    )


def _screen(name: str, xyz: Array, rows: NDArray[np.bool_], file: str) -> White:
    """Return a screen's white. Raises LatticeError for a color that no screen has as white."""
    off = min(_apart(xyz, _xyz(each)) for each in ILLUMINANTS) if xyz.min() > 0 else np.inf
    if not off <= FARTHEST_WHITE:
        got = ", ".join(f"{value:g}" for value in xyz)
        raise LatticeError(f"{file}: white: expected X, Y, Z of a screen's white, got {got} ({name}): type {TYPED}")
    return White(name, xyz, True, rows)


def _of_spectra(measured: Measured) -> Array:
    """Return X, Y, Z in cd/m2 of radiance in W/(m2 sr nm) (n, k): linear between its bands, level beyond them."""
    nm = np.asarray(measured.wavelengths_nm)
    if nm[0] > SHORTEST_NM or nm[-1] < LONGEST_NM or np.diff(nm).max() > WIDEST_NM:
        raise LatticeError(
            f"{measured.path}: expected spectra of {SHORTEST_NM:g} to {LONGEST_NM:g} nm in steps up to {WIDEST_NM:g}, "
            f"got {nm[0]:g} to {nm[-1]:g} in steps up to {np.diff(nm).max():g}"
        )
    power = np.array([np.interp(spectra.NANOMETERS, nm, row) for row in measured.values])
    return np.asarray(LUMENS_PER_WATT * power @ spectra.observer())


def _xyz(illuminant: str) -> Array:
    x, y = ILLUMINANTS[illuminant]
    return np.array([x, y, 1 - x - y]) / y


def _uv(xyz: Array) -> Array:
    """Return u', v' of XYZ. Source: CIE 15:2018, 8.2.2.1."""
    return np.asarray(xyz[[0, 1]] * [4, 9] / (xyz @ [1, 15, 3]))


def _apart(xyz: Array, white: Array) -> float:
    """Return how far a color (3,) is from a white: u'v'."""
    return float(np.hypot(*(_uv(xyz) - _uv(white))))


def _nearest(white: Array) -> str:
    return min(ILLUMINANTS, key=lambda name: _apart(white, _xyz(name)))


def _check_white(gray: Array, own: Array, over: dict[str, Array], file: str, is_lab: bool) -> None:
    """Raise LatticeError if the brightest gray is not near the display's white, with the white that it is at.

    A look tints its brightest gray least: there is next to nothing on the film. gray: (3,) XYZ. over: the same if the
    numbers are over each of USUAL.
    """
    off = _apart(gray, own)
    if off <= TINT:
        return
    near = {name: _apart(xyz, own if is_lab else _xyz(name)) for name, xyz in over.items()}
    best = min(near, key=lambda name: near[name])
    if near[best] < min(NEARER * off, FARTHEST):
        how = "CIELAB over" if is_lab else "one at"
        raise LatticeError(
            f"{file}: expected a brightest gray near the display's white, got {how} {best}: type --white {best}, or "
            f"--white {_nearest(own)} if the look tints it so"
        )
    if off > FARTHEST:
        raise LatticeError(
            f"{file}: expected a brightest gray near the display's white, got one {off:.3f} u'v' off: type {TYPED}"
        )


def _check_grays(lab: Array, light: Array, file: str) -> None:
    """Raise LatticeError if grays, rising in light, do not rise."""
    lightness, level = lab[:, 0], light.mean(axis=1)
    fall = float((np.maximum.accumulate(lightness) - lightness).max())
    rise = float(lightness[-1] - lightness[0])
    if fall > FALL or (level[-1] >= RISING * level[0] and rise < LEAST_RISE):
        raise LatticeError(
            f"{file}: expected grays that are lighter where the scene is, got a rise of {rise:.0f} L* and a fall of "
            f"{fall:.0f}: are X, Y, Z or L, a, b other columns, or r, g, b codes of another --input?"
        )
