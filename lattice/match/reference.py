"""What a match aims at: colors of a scene, and how each of them is to look."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lattice.build.chain import Chain
from lattice.build.display import make_display
from lattice.build.seen import cie_lab
from lattice.color.primaries import rgb_to_xyz
from lattice.encodings import decode_srgb
from lattice.errors import LatticeError
from lattice.looks import Profile
from lattice.looks.display import HDR, DisplaySpec
from lattice.types import MID_GRAY, Array

FEWEST, MOST_FITTED = 12, 3000  # colors: below it a look is guessed, above it a fit only takes longer
GRAY = 1.1  # the largest channel of a gray over its smallest
DARK_STOPS, SATURATED = -4.0, 0.25  # darker than this about mid gray; the least channel of the largest
SKIN_RED, SKIN_GREEN = (1.15, 2.2), (1.15, 1.75)  # r over g, g over b: of skin in daylight, in any camera's primaries
NOISE = 0.5  # CIEDE2000: what a good instrument repeats, and 8 bits hold


@dataclass(frozen=True)
class Wedge:
    """A step wedge of the print stock: status A densities, or status M of a density-only one.

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
    patches, or none. wedge: of the print stock, or None. about: for people.
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
    about: str = field(default="")

    def __post_init__(self) -> None:
        count = len(self.light)
        if self.light.shape != (count, 3) or self.lab.shape != (count, 3) or self.noise.shape != (count,):
            raise LatticeError(f"reference: expected as many colors as looks, got {self.light.shape}, {self.lab.shape}")
        if not (np.isfinite(self.light).all() and np.isfinite(self.lab).all()):
            raise LatticeError("reference: expected finite numbers, got NaN or infinity")
        if count < FEWEST:
            raise LatticeError(
                f"reference: expected {FEWEST} colors or more, got {count}: they do not say what a look is"
            )
        if not self.grays.any():
            raise LatticeError(
                "reference: expected grays among the colors, got none: exposure and contrast hang on them"
            )
        if self.display.gamma in HDR:
            raise LatticeError(f"display: expected one without {self.display.gamma}: a match is made on an SDR display")

    @property
    def grays(self) -> NDArray[np.bool_]:
        """Which colors are gray scene light: (n,) bool."""
        return are_gray(self.light)

    def some(self, rows: Array) -> Reference:
        """Return the reference of some of its colors, by index or mask."""
        at = np.arange(len(self.light))[rows]
        names = tuple(self.names[k] for k in at) if self.names else ()
        return Reference(
            *(self.light[at], self.lab[at], self.primaries, self.display, tuple(self.groups[k] for k in at)),
            *(self.noise[at], self.is_clipped, names, self.wedge, self.about),
        )


def are_gray(light: Array) -> NDArray[np.bool_]:
    """Return which colors (n, 3) of scene light are gray, by GRAY: (n,) bool."""
    least, most = light.min(axis=1), light.max(axis=1)
    return np.asarray((least > 0) & (most <= GRAY * least), bool)


def group_of(light: Array) -> tuple[str, ...]:
    """Return the group of each color (n, 3) of scene light: of "gray", "dark", "skin", "saturated" and "natural" the
    first that it is.

    gray: by `are_gray`. dark: the channels' mean is below DARK_STOPS about mid
    gray. skin: red over green and green over blue as SKIN_RED and SKIN_GREEN say. saturated: the smallest channel is at
    most SATURATED of the largest. natural: all others.
    """
    least, most = light.min(axis=1), light.max(axis=1)
    r, g, b = light.T
    is_skin = (b > 0) & (r >= SKIN_RED[0] * g) & (r <= SKIN_RED[1] * g)
    is_skin &= (g >= SKIN_GREEN[0] * b) & (g <= SKIN_GREEN[1] * b)
    rules = {
        "gray": are_gray(light),
        "dark": light.mean(axis=1) < MID_GRAY * 2**DARK_STOPS,
        "skin": is_skin,
        "saturated": least <= SATURATED * most,
    }
    return tuple(str(name) for name in np.select(list(rules.values()), list(rules), "natural"))


def seen(profile: Profile, chain: Chain, film: Array, display: DisplaySpec, is_clipped: bool) -> Array:
    """Return how a look shows film-layer exposures (..., 3) on a display: CIELAB (..., 3) over its white."""
    stage = make_display(profile.replace(display=display), chain)
    linear = (chain.project(film) * chain.base[1] / chain.base) @ stage.matrix.T
    to_xyz = rgb_to_xyz(display.primaries)
    held = np.clip(linear, 0, 1) if is_clipped else linear
    return cie_lab(held @ to_xyz.T / to_xyz.sum(axis=1))


def lab_of_codes(codes: Array, display: DisplaySpec) -> Array:
    """Return CIELAB (..., 3), over the display's white, of its codes (..., 3), held to [0, 1]."""
    to_xyz, held = rgb_to_xyz(display.primaries), np.clip(codes, 0, 1)
    linear = decode_srgb(held) if display.gamma == "sRGB" else held ** float(display.gamma)
    return cie_lab(linear @ to_xyz.T / to_xyz.sum(axis=1))
