"""The exact chain, in float64 and without a lattice: scene light to the light of a projected print."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq

from lattice.build import instruments
from lattice.build.curves import through_curves
from lattice.build.film import Film, Spectra, minimum_densities, solve_dyes
from lattice.build.residual import Correction, correction
from lattice.looks.profile import Profile
from lattice.looks.spectra import WAVELENGTHS_NM
from lattice.looks.stock import Stock
from lattice.types import MID_GRAY, Array, LatticeError

SETTLING = 20  # rounds that find a base density; about 5 are enough
LOG10_STOP = np.log10(2.0)
POINT = 0.025  # log10 exposure of one printer light
EVEN_LIGHTS = 25.0
DARKEST = 1e-6  # lower film exposures count as this one: 0 has no logarithm
PUSH_GAIN = 0.12  # estimate: one stop of push raises the negative's contrast by about this share
FARTHEST_TRIM, AIM_TOLERANCE = 2.0, 1e-12  # log10 exposure
BALANCE_STEPS = 609  # 32 a stop, so that mid gray is one of them
GRAY18 = 0.18  # Y of mid gray under aim = "gray18"
# Stops from the gray that prints to LAD to mid gray, if aim = "cineon". Source: Kodak Cineon, where LAD is code 445 and
# 0.18 code 470; a code is 0.002 printing density, the negative's gamma 0.6.
CINEON_STOPS = (470 - 445) * 0.002 / 0.6 / LOG10_STOP
# Wavelengths of the three curves' D-mins, blue to red.
DMIN_NM = (450.0, 540.0, 650.0)


def _lines(rgb: Array) -> Array:
    """Straight lines through three densities at 450, 540, 650 nm, flat beyond: (81,)."""
    return np.interp(WAVELENGTHS_NM, DMIN_NM, rgb[::-1])


def _spectral_film(stock: Stock, weights: Array) -> Film:
    dyes = np.array(list(dict(stock.dye_density or ()).values()))
    reader = instruments.status("A" if stock.kind == "print" else "M")
    wanted = minimum_densities(stock.curves)
    base = np.array(stock.minimum_density or np.zeros(WAVELENGTHS_NM.size))
    for _ in range(SETTLING):  # shift until the densitometer reads the curves' D-min
        base = base + _lines(wanted + np.log10(reader @ 10.0**-base))
    try:
        return Film.from_curves(stock.curves, reader, base, dyes, weights)
    except LatticeError as error:
        raise LatticeError(f"{stock.kind}.{error}") from None


def _spectral_films(profile: Profile) -> tuple[Film, Film, Array]:
    sensitivity = 10.0 ** np.array(list(dict(profile.print.log_sensitivity or ()).values()))
    printing = instruments.printer_light() * sensitivity
    light = instruments.projection_light(profile.projection)
    viewing = (instruments.observer() * light[:, None]).T
    negative = _spectral_film(profile.negative, printing / printing.sum(axis=1, keepdims=True))
    return negative, _spectral_film(profile.print, viewing), viewing[1]


def _band_films(profile: Profile) -> tuple[Film, Film, Array]:
    """Three bands instead of a spectrum: the density-only path, relative to the print's base."""
    matrices, eye = profile.density_only, np.eye(3)
    light = np.array(matrices.light)
    negative = Film.from_curves(profile.negative.curves, eye, np.zeros(3), eye, eye)
    negative = replace(negative, dyes=np.array(matrices.printing).T)
    dmin = minimum_densities(profile.print.curves)
    dyes = np.array(matrices.dyes).T
    print_ = Film.from_curves(profile.print.curves, eye, dmin, dyes, light * 10.0**dmin)
    return negative, print_, light[1] / light[1].sum()


@dataclass(frozen=True)
class Chain:
    """A profile, solved and ready to run: two films, the coupling of the layers, the timing.

    mid_gray: log10 lux-seconds of a mid gray on the negative. coupling: (3, 3), the interimage effect.
    negative, print: the developed films, their silver included. flare: share of white.
    timing: (3,) log10 exposure that brings mid gray to its aim; lights: (3,) that of printer lights other than 25.
    base: (3,) XYZ of clear print film on the screen. white: (3,) XYZ divided by the base's Y; its
        color becomes the display's white: the base's, or the open gate's.
    balance: bends the timed print exposures (..., 3) toward a neutral gray scale.
    is_recorded: True for a film-out, in which each channel has the print exposure of a neutral of its own exposure.
    correction: of the colors that the print shows, by the profile's residual; None without one.
    """

    mid_gray: float
    coupling: Array
    negative: Film
    print: Film
    timing: Array
    lights: Array
    base: Array
    white: Array
    flare: float
    balance: Callable[[Array], Array]
    is_recorded: bool = False
    correction: Correction | None = None

    def log_exposure(self, film: Array) -> Array:
        """Convert film-layer exposure (..., 3), 0.18 = mid gray, to log10 lux-seconds after the interimage effect.

        Clipped to the ends of the negative's curves before the effect: an undeveloped layer releases no inhibitor, and
        a layer at its D-max no more of it.
        """
        above_gray = np.log10(np.maximum(film, DARKEST) / MID_GRAY)
        scale = self.negative.log_exposure
        held = np.clip(above_gray, scale[0] - self.mid_gray, scale[-1] - self.mid_gray)
        return self.mid_gray + held @ self.coupling.T

    def coupled(self, film: Array) -> Array:
        """Convert film-layer exposure (..., 3) to that which without coupling would print the same, 0.18 = mid gray."""
        if np.array_equal(self.coupling, np.eye(3)):
            return film
        return np.asarray(MID_GRAY * 10.0 ** (self.log_exposure(film) - self.mid_gray))

    def uncoupled(self) -> Chain:
        """Return the chain after its coupling: what the lattice holds."""
        return replace(self, coupling=np.eye(3))

    def seen_by(self, spectra: Spectra) -> Chain:
        """Return the chain with its light summed by a kernel of a fit."""
        return replace(
            self, negative=replace(self.negative, spectra=spectra), print=replace(self.print, spectra=spectra)
        )

    def print_exposure(self, film: Array) -> Array:
        """Convert film-layer exposure (..., 3) to the print layers' timed log10 exposure (..., 3)."""
        exposure = self.log_exposure(film)
        is_gray = (exposure == exposure[..., :1]).all()  # then each channel's neutral is the color itself
        if is_gray or not self.is_recorded:
            return self._timed(self._through_negative(exposure))
        neutrals = [self._through_negative(exposure[..., k, None])[..., k] for k in range(3)]
        return self._timed(np.stack(neutrals, axis=-1))

    def _through_negative(self, log_exposure: Array) -> Array:
        return self.negative.transmit(self.negative.develop(log_exposure))

    def _timed(self, light: Array) -> Array:
        return self.balance(np.log10(light) + self.timing) + self.lights

    def project(self, film: Array) -> Array:
        """Convert film-layer exposure (..., 3) to XYZ (..., 3) on the screen, Y = 1 at the print's base, with flare."""
        return self.shown(self.print_exposure(film))

    def shown(self, print_exposure: Array) -> Array:
        """Convert the print layers' timed log10 exposure (..., 3) to XYZ (..., 3) on the screen, as `project` does."""
        light = self.print.transmit(self.print.develop(print_exposure))
        xyz = (light + self.flare * self.base) / (self.base[1] * (1 + self.flare))
        return xyz if self.correction is None else self.correction(xyz)


def _films(profile: Profile) -> tuple[Film, Film, Array]:
    """Negative, print, and the bands' weights in luminance."""
    try:
        return (_spectral_films if profile.spectral else _band_films)(profile)
    except LatticeError as error:
        raise LatticeError(f"profile {profile.name}: {error}") from None


def make_chain(profile: Profile) -> Chain:
    """Solve everything in a profile that does not depend on the image.

    Raises LatticeError if the dyes cannot reach the curves or the print its aim, or mid gray is off the negative's
    curves.
    """
    negative, print_, visual = _films(profile)
    visual = visual / visual.sum()
    negative = replace(negative, amounts=negative.amounts * (1 + PUSH_GAIN * profile.push_stops))
    negative = negative.with_silver(profile.negative_silver * profile.silver_density, visual)
    mid_gray = profile.negative.mid_gray + profile.negative_stops * LOG10_STOP
    low, high = negative.log_exposure[[0, -1]]
    if not low < mid_gray < high:
        raise LatticeError(
            f"profile {profile.name}: negative_stops: expected mid gray on the negative's curves, "
            f"{low:.2f} to {high:.2f} log10 lux-seconds, got {mid_gray:.2f}"
        )
    base = print_.transmit(np.zeros(3))
    white = base if profile.white == "base" else print_.weights.sum(axis=1)
    printed = mid_gray - LOG10_STOP * np.array([0.0, CINEON_STOPS])  # grays: at scene 0.18, at LAD under "cineon"
    middle, dimmer = np.log10(negative.transmit(negative.develop(np.repeat(printed[:, None], 3, axis=1))))
    aim = _aim(profile, print_, base, middle - dimmer)
    luminance = print_.transmit(print_.develop(aim))[1] / base[1]
    print_ = print_.with_contrast(np.array(profile.contrast), aim).flashed(profile.print_flash, aim)
    silvered = print_.with_silver(_print_silver(profile, print_, visual), visual)
    aim = _trimmed(profile, silvered, aim + np.log10(1 - profile.print_flash), luminance, base)
    lights = POINT * (np.array(profile.printer_lights) - EVEN_LIGHTS)
    timing = aim - middle
    coupling = np.eye(3) * (1 + 1.5 * profile.interimage) - 0.5 * profile.interimage
    chain = Chain(
        mid_gray,
        coupling,
        negative,
        silvered,
        timing,
        np.zeros(3),
        base,
        white / base[1],
        profile.flare,
        lambda y: y,
        profile.chain == "film-out",
    )
    balance = _gray_balance(chain, profile.gray_balance) if profile.gray_balance else chain.balance
    return replace(chain, lights=lights, balance=balance, correction=correction(profile.residual, base))


def infrared_density(profile: Profile) -> float:
    """Return what a lab's infrared densitometer would read at the print's D-max; only retained silver blocks infrared.

    An estimate, as `Profile.silver_density` is, unless the profile gives it.
    """
    print_, visual = _films(profile)[1:]
    visual = visual / visual.sum()
    return _print_silver(profile, print_, visual) * _deepest(print_, visual)


def _deepest(print_: Film, visual: Array) -> float:
    """Visual density of the print's dyes at D-max."""
    return float(print_.amounts[-1] @ print_.dyes @ visual)


def _print_silver(profile: Profile, print_: Film, visual: Array) -> float:
    """Silver left in the print, as density per unit visual dye density."""
    if profile.print_infrared is None:
        return profile.print_silver * profile.silver_density
    return profile.print_infrared / _deepest(print_, visual)


def _aim(profile: Profile, print_: Film, base: Array, above: Array) -> Array:
    """Print exposure (3,) of mid gray: that of the LAD densities, or from there to Y = 0.18 or to Cineon's mid gray.

    above: (3,) print exposure of mid gray over that of the gray that prints to LAD under "cineon".
    """
    reader = instruments.status("A") if profile.spectral else np.eye(3)
    lad = np.array([profile.lad or profile.print.lad])
    amounts = solve_dyes(reader, print_.base, print_.dyes, lad)[0]
    if (amounts < print_.amounts[0]).any() or (amounts > print_.amounts[-1]).any():
        raise LatticeError(
            f"profile {profile.name}: lad: expected densities between the print's D-min and D-max, "
            f"got {tuple(lad[0].tolist())}"
        )
    exposure = print_.exposure_for(amounts)
    if profile.aim == "gray18":
        return _trimmed(profile, print_, exposure, GRAY18, base)
    return exposure + above if profile.aim == "cineon" else exposure


def _trimmed(profile: Profile, film: Film, exposure: Array, luminance: float, base: Array) -> Array:
    """Print exposure (3,), trimmed equally until `film` shows it at this luminance of the base."""

    def miss(trim: float) -> float:
        return float(film.transmit(film.develop(exposure + trim))[1] / base[1] - luminance)

    if abs(miss(0.0)) < AIM_TOLERANCE:
        return exposure
    if not miss(-FARTHEST_TRIM) * miss(FARTHEST_TRIM) <= 0:
        raise LatticeError(
            f"profile {profile.name}: aim: expected a print that shows mid gray at Y = {luminance:.3f} "
            "of its base, got one that cannot"
        )
    return exposure + brentq(miss, -FARTHEST_TRIM, FARTHEST_TRIM, xtol=AIM_TOLERANCE)


def _gray_balance(chain: Chain, amount: float) -> Callable[[Array], Array]:
    """Bend each layer's print exposure so that the gray scale projects neutral at the same luminance.

    Solved at even printer lights; the profile's lights are added afterwards, so that a tint from them stays.
    """
    gray = MID_GRAY * 2.0 ** np.linspace(9, -10, BALANCE_STEPS)[:, None] * np.ones(3)
    exposure = np.maximum.accumulate(chain.print_exposure(gray), axis=0)  # less light, a clearer negative
    luminance = chain.print.transmit(chain.print.develop(exposure))[:, 1]
    reader = chain.print.weights / (chain.white * chain.base[1])[:, None]
    neutral = np.repeat(-np.log10(luminance / (chain.white[1] * chain.base[1]))[:, None], 3, axis=1)
    amounts = solve_dyes(reader, chain.print.base, chain.print.dyes, neutral)
    reach = np.clip(amounts, chain.print.amounts[0], chain.print.amounts[-1])
    bent = np.maximum.accumulate(chain.print.exposure_for(reach), axis=0)

    def balance(y: Array) -> Array:
        return y + amount * through_curves(y, exposure, bent - exposure)

    return balance
