"""What a match aims at: colors of a scene, and how each of them is to look."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from lattice.build.chain import Chain
from lattice.build.display import make_display
from lattice.build.seen import cie_lab, relative_of_lab
from lattice.color.primaries import rgb_to_xyz
from lattice.encodings import decode_srgb
from lattice.errors import LatticeError
from lattice.looks import Profile
from lattice.looks.display import HDR, DisplaySpec
from lattice.types import MID_GRAY, Array

FEWEST, MOST_FITTED = 12, 3000  # colors: below it a look is guessed, above it a fit only takes longer
SDR = ": a match is made on an SDR display, such as rec1886"
TOO_FEW = ": they do not say what a look is"
GRAY = 1.1  # the largest channel of a gray over its smallest
DARK_STOPS, SATURATED = -4.0, 0.25  # darker than this about mid gray; the least channel of the largest
SKIN_RED, SKIN_GREEN = (1.15, 2.2), (1.15, 1.75)  # r over g, g over b: of skin in daylight, in any camera's primaries
NOISE = 0.5  # CIEDE2000: what a good instrument repeats, and 8 bits hold


@dataclass(frozen=True)
class Wedge:
    """A step wedge of the print stock: status A densities.

    log_exposure: (n,) rising. density: (n, 3) r, g, b. noise: density that one reading scatters by. is_relative: only
    differences of log_exposure are known; a match finds where each layer is.
    """

    log_exposure: Array
    density: Array
    noise: float = 0.01
    is_relative: bool = False


@dataclass(frozen=True)
class Reference:
    """Colors of a scene and how they are to look.

    light: (n, 3) float64, scene-linear of `primaries`, 0.18 = mid gray. lab: (n, 3) float64, CIELAB over the white of
    `display`. groups: (n,) text, such as "skin". noise: (n,) CIEDE2000 that a color scatters by, one standard
    deviation. is_clipped: the colors were codes of the display, which hold no light outside it. names: (n,) of the
    patches, or none. wedge: of the print stock, or None. about: the file, for people. notes: what was left out or
    assumed of it. gray: the largest channel of a gray over its smallest.
    Raises LatticeError for other shapes, numbers that are not finite, fewer than 12 colors and no grays among them.
    """

    light: Array
    lab: Array
    primaries: str
    display: DisplaySpec
    groups: tuple[str, ...]
    noise: Array
    is_clipped: bool = True
    names: tuple[str, ...] = ()
    wedge: Wedge | None = None
    about: str = ""
    notes: tuple[str, ...] = ()
    gray: float = GRAY

    def __post_init__(self) -> None:
        count = len(self.light)
        if self.light.shape != (count, 3) or self.lab.shape != (count, 3) or self.noise.shape != (count,):
            raise LatticeError(f"reference: expected as many colors as looks, got {self.light.shape}, {self.lab.shape}")
        if not (np.isfinite(self.light).all() and np.isfinite(self.lab).all()):
            raise LatticeError("reference: expected finite numbers, got NaN or infinity")
        if count < FEWEST:
            raise LatticeError(f"reference: expected {FEWEST} colors or more, got {count}{TOO_FEW}")
        if not self.grays.any():
            raise LatticeError(
                "reference: expected grays among the colors, got none: exposure and contrast hang on them"
            )
        if self.display.gamma in HDR:
            raise LatticeError(f"display: expected one without {self.display.gamma}{SDR}")

    @property
    def grays(self) -> NDArray[np.bool_]:
        """Which colors are gray scene light: (n,) bool."""
        return are_gray(self.light, self.gray)

    def some(self, rows: Array) -> Reference:
        """Return the reference of some of its colors, by index or mask."""
        at = np.arange(len(self.light))[rows]
        names = tuple(self.names[k] for k in at) if self.names else ()
        groups = tuple(self.groups[k] for k in at)
        colors = {"light": self.light[at], "lab": self.lab[at], "noise": self.noise[at]}
        return replace(self, **colors, groups=groups, names=names)


def are_gray(light: Array, gray: float = GRAY) -> NDArray[np.bool_]:
    """Return which colors (n, 3) of scene light are gray: (n,) bool. gray: the largest channel over the smallest."""
    least, most = light.min(axis=1), light.max(axis=1)
    return np.asarray((least > 0) & (most <= gray * least), bool)


def group_of(light: Array, gray: float = GRAY) -> tuple[str, ...]:
    """Return the group of each color (n, 3) of scene light: of "gray", "dark", "skin", "saturated" and "natural" the
    first that it is.

    gray: by `are_gray`. dark: the mean of the channels is below DARK_STOPS about mid gray. skin: red over green and
    green over blue as SKIN_RED and SKIN_GREEN say. saturated: the smallest channel is at most SATURATED of the largest.
    natural: all others.
    """
    least, most = light.min(axis=1), light.max(axis=1)
    r, g, b = light.T
    is_skin = (b > 0) & (r >= SKIN_RED[0] * g) & (r <= SKIN_RED[1] * g)
    is_skin &= (g >= SKIN_GREEN[0] * b) & (g <= SKIN_GREEN[1] * b)
    rules = {
        "gray": are_gray(light, gray),
        "dark": light.mean(axis=1) < MID_GRAY * 2**DARK_STOPS,
        "skin": is_skin,
        "saturated": least <= SATURATED * most,
    }
    return tuple(str(name) for name in np.select(list(rules.values()), list(rules), "natural"))


@dataclass(frozen=True)
class Aim:
    """What a match is fitted to and measured by.

    fitted: what the film model is fitted to. tested: other colors, which measure the match, or the same. dense: what a
    residual is fitted to, which has more numbers than a film model.
    """

    fitted: Reference
    tested: Reference
    dense: Reference

    @classmethod
    def of(cls, fitted: Reference, tested: Reference | None = None, dense: Reference | None = None) -> Self:
        """Return an aim; the fitted colors are the others, too, unless given."""
        return cls(fitted, tested or fitted, dense or fitted)

    def with_wedge(self, wedge: Wedge, notes: tuple[str, ...] = ()) -> Self:
        """Return the aim with the densities of a step wedge of the print stock. notes: what was assumed of it."""
        fitted = replace(self.fitted, wedge=wedge, notes=(*self.fitted.notes, *notes))
        return replace(self, fitted=fitted, tested=self.tested if self.is_tested else fitted)

    @property
    def is_tested(self) -> bool:
        """True if other colors than the fitted ones measure the match."""
        return self.tested is not self.fitted


def seen(profile: Profile, chain: Chain, film: Array, display: DisplaySpec, is_clipped: bool) -> Array:
    """Return how a look shows film-layer exposures (..., 3) on a display: CIELAB (..., 3) over its white."""
    stage = make_display(profile.replace(display=display), chain)
    linear = (chain.project(film) * chain.base[1] / chain.base) @ stage.matrix.T
    return lab_of_light(np.clip(linear, 0, 1) if is_clipped else linear, display)


def lab_of_light(linear: Array, display: DisplaySpec) -> Array:
    """Return CIELAB (..., 3), over the display's white, of its linear light (..., 3)."""
    to_xyz = rgb_to_xyz(display.primaries)
    return cie_lab(linear @ to_xyz.T / to_xyz.sum(axis=1))


def lab_of_codes(codes: Array, display: DisplaySpec) -> Array:
    """Return CIELAB (..., 3), over the display's white, of its codes (..., 3), held to [0, 1]."""
    held = np.clip(codes, 0, 1)
    return lab_of_light(decode_srgb(held) if display.gamma == "sRGB" else held ** float(display.gamma), display)


def linear_of_lab(lab: Array, display: DisplaySpec) -> Array:
    """Return the linear light (..., 3) of a display of CIELAB (..., 3) over its white."""
    to_xyz = rgb_to_xyz(display.primaries)
    return np.asarray((relative_of_lab(lab) * to_xyz.sum(axis=1)) @ np.linalg.inv(to_xyz).T)
