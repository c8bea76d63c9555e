"""Spectral truth: what a negative's layers receive of real light, beside what a stage makes of its scene RGB.

A layer receives the light times its sensitivity; a pixel holds only three numbers. How near a `scene ACEScg ->
film-layer exposure` stage comes is measured as CIEDE2000 on the display, through the exact chain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from lattice.build import adaptation, make_chain
from lattice.build.instruments import colour_science
from lattice.build.seen import cie_lab
from lattice.color import primaries
from lattice.color.primaries import rgb_to_xyz
from lattice.inspect import spectra
from lattice.looks import Profile, Stock
from lattice.looks.spectra import WAVELENGTHS_NM
from lattice.types import MID_GRAY, Array, LatticeError

Stage = Callable[[Array], Array]  # ACEScg pixels (..., 3) to film-layer exposures (..., 3), 0.18 = mid gray in both
DIM, EVEN, SKIN_STOPS = (-2, 0, 2), (0,), (-1, 0, 1)  # stops at which the groups are exposed
LAMP_STOPS, MIXED_STOPS, EMITTER_STOPS = (-2, 0, 2, 4), (-2, 0, 2, 4, 6), (-2, 0, 2, 4, 6, 8, 10)
WHITE_SHARES = (0.02, 0.1, 0.4)  # of the balance light beside an LED
CES_STEP = 3  # every third color evaluation sample is seen under other lamps


@dataclass(frozen=True)
class Samples:
    """pixels: (n, 3) ACEScg, camera balanced to the light. film: (n, 3) layer exposures, the truth. 0.18 = mid gray."""

    pixels: Array
    film: Array

    def at(self, stops: tuple[float, ...]) -> Samples:
        """Return the samples exposed at each of these stops."""
        gains = 2.0 ** np.array(stops, float)[:, None, None]
        return Samples((gains * self.pixels).reshape(-1, 3), (gains * self.film).reshape(-1, 3))

    def leveled(self) -> Samples:
        """Return each sample exposed so that its strongest layer receives 0.18."""
        gain = MID_GRAY / self.film.max(axis=1, keepdims=True)
        return Samples(self.pixels * gain, self.film * gain)


def join(parts: list[Samples]) -> Samples:
    """Return samples one after another."""
    return Samples(np.vstack([each.pixels for each in parts]), np.vstack([each.film for each in parts]))


@dataclass(frozen=True)
class Scene:
    """A negative and the light that the camera is balanced to.

    sensitivity: (3, 401) of the layers, the filter on the lens included. light: (401,), balanced: a white in it gives
    equal exposures and equal R, G, B.
    """

    sensitivity: Array
    light: Array

    def sample(self, power: Array, balance: Array | None = None) -> Samples:
        """Return pixels and layer exposures of light spectra (n, 401), camera and film balanced to `balance`.

        balance: (401,); None is the scene's light.
        """
        balance = self.light if balance is None else balance
        pixels = power @ camera(balance).T
        return Samples(pixels, power @ self.sensitivity.T / (balance @ self.sensitivity.T))


def camera(light: Array) -> Array:
    """Return what makes ACEScg of light spectra, (3, 401), in a camera balanced to `light` (401,)."""
    observer = spectra.observer().T / (light @ spectra.observer()[:, 1])
    adapted = primaries.adaptation(observer @ light, primaries.white("ACEScg"))
    return np.linalg.inv(rgb_to_xyz("ACEScg")) @ adapted @ observer


def sensitivity(stock: Stock) -> Array:
    """Return a negative's layer sensitivities at 1 nm, log-linear between those at 5 nm: (3, 401).

    Raises LatticeError if the stock has none.
    """
    if stock.log_sensitivity is None:
        raise LatticeError(f"{stock.name}: has no log_sensitivity; a stage is measured on a negative with spectra")
    rows = dict(stock.log_sensitivity).values()
    return np.array([10.0 ** np.interp(spectra.NANOMETERS, WAVELENGTHS_NM, row) for row in rows])


def scenes(stock: Stock) -> tuple[Scene, Scene]:
    """Return the negative under the light that it is balanced to, and under the other one through an ideal filter.

    Tungsten exposes the blue layer of a daylight film less than its red one. Raises LatticeError as `sensitivity`.
    """
    layers = sensitivity(stock)
    tungsten, daylight = spectra.balance_lights()
    red, _, blue = layers @ tungsten
    own, other = (tungsten, daylight) if blue > red else (daylight, tungsten)
    return Scene(layers, own), Scene(layers * own / other, other)


def seen(stock: Stock) -> tuple[Scene, Scene]:
    """Return `scenes`; for a negative without spectra, the channels of ACEScg count as its layers."""
    if stock.log_sensitivity is not None:
        return scenes(stock)
    tungsten, daylight = spectra.balance_lights()
    return Scene(camera(tungsten), tungsten), Scene(camera(daylight), daylight)


def emitter_groups(scene: Scene) -> dict[str, Samples]:
    """Return the samples of each group of lights that are no white, by the group's name."""
    light = scene.light
    narrow = spectra.leds()[: len(spectra.LED_PEAKS)]
    white = light @ scene.sensitivity.T
    strongest = (narrow @ scene.sensitivity.T / white).max(axis=1, keepdims=True)
    mixed = np.vstack([narrow / strongest + share * light for share in WHITE_SHARES])
    return {
        "LEDs + white": scene.sample(mixed).leveled().at(MIXED_STOPS),
        "LEDs": scene.sample(spectra.leds()).leveled().at(EMITTER_STOPS),
        "lasers": scene.sample(spectra.lasers()).leveled().at(EMITTER_STOPS),
    }


def groups(scene: Scene) -> dict[str, Samples]:
    """Return the samples of each group of film-like scenes, by the group's name."""
    light = scene.light
    luminance = light @ spectra.observer()[:, 1]
    small = np.vstack([spectra.chart(), spectra.evaluation_samples()[::CES_STEP]])
    under = [scene.sample(small * lamp, lamp) for lamp in map(spectra.lamps().__getitem__, spectra.SET_LAMPS)]
    lamps = np.array(list(spectra.lamps().values())) * luminance * MID_GRAY
    return {
        "reflectances": scene.sample(spectra.reflectances() * light).at(DIM),
        "skin": scene.sample(spectra.skin() * light).at(SKIN_STOPS),
        "reflectances, other lamps": join(under).at(EVEN),
        "gels": scene.sample(spectra.gels() * light).at(DIM),
        "lamps": scene.sample(lamps).at(LAMP_STOPS),
        **emitter_groups(scene),
    }


@cache
def both_lights(stock: Stock) -> dict[str, Samples]:
    """Return the samples of each group under both of the negative's lights. Raises LatticeError as `sensitivity`."""
    first, second = (groups(scene) for scene in scenes(stock))
    return {name: join([first[name], second[name]]) for name in first}


@dataclass(frozen=True)
class Difference:
    """CIEDE2000 of a group on the display: mean, 95th percentile, largest."""

    mean: float
    p95: float
    max: float

    def __str__(self) -> str:
        return f"{self.mean:.1f}/{self.p95:.1f}/{self.max:.0f}"


class Picture:
    """The exact chain of a profile, as seen: film exposures to CIELAB on the usual display."""

    def __init__(self, profile: Profile) -> None:
        profile = profile.replace(display={})
        self.chain = make_chain(profile)
        self.to_xyz = rgb_to_xyz(profile.display.primaries)
        self.adaptation = adaptation(profile, self.chain)

    def linear(self, film: Array) -> Array:
        """Return the display's linear RGB (..., 3) of film exposures (..., 3), not clipped."""
        xyz = self.chain.project(np.maximum(film, 0)) @ self.adaptation.T
        return xyz @ np.linalg.inv(self.to_xyz).T

    def lab(self, film: Array, clipped: bool = True) -> Array:
        """Return CIELAB (..., 3) relative to the display's white; clipped: as the display shows it."""
        linear = self.linear(film)
        xyz = (np.clip(linear, 0, 1) if clipped else linear) @ self.to_xyz.T
        return cie_lab(xyz / self.to_xyz.sum(axis=1))


def delta_e(one: Array, other: Array) -> Array:
    """Return CIEDE2000 of two arrays of CIELAB (..., 3)."""
    return np.asarray(colour_science().difference.delta_E_CIE2000(one, other))


def measure(profile: Profile, stage: Stage) -> dict[str, Difference]:
    """Measure how near a stage comes to the spectral truth of a profile's negative, for each group of light.

    Raises LatticeError if the profile cannot be built or its negative has no log_sensitivity.
    """
    picture = Picture(profile)
    found = {}
    for name, samples in both_lights(profile.negative).items():
        differences = delta_e(picture.lab(stage(samples.pixels)), picture.lab(samples.film))
        percentile = float(np.percentile(differences, 95))
        found[name] = Difference(float(differences.mean()), percentile, float(differences.max()))
    return found
