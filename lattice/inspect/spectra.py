"""Spectra of the world in front of a camera: surfaces, lamps, gels, LEDs, lasers, discharge tubes, at 1 nm.

Measured ones come from colour-science; the others are made up here. A row is a spectrum, 380 to 780 nm.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np

from lattice.build.instruments import colour_science
from lattice.types import Array

NANOMETERS = np.arange(380.0, 781.0)
TUNGSTEN_KELVIN = 3200.0
SKIN_CHART, SKIN_CES = (0, 1), (14, 17)  # dark and light skin of the chart; CES 15 and 18 of TM-30
SKIN_BLENDS = (0.33, 0.67)
SET_LAMPS = ("D65", "FL2", "FL11", "HP3", "LED-B2", "LED-B4", "LED-RGB1", "LED-V1", "FL8", "HP5")
ILLUMINANTS = ("FL", "HP", "LED", "A", "D5", "D6", "C")  # how the names of the CIE illuminants that are lamps start
LED_PEAKS, LED_WIDTHS = range(450, 661, 10), (20.0, 30.0)  # nm
LASER_WIDTH = 2.0
LASER_LINES = (405, 445, 450, 473, 488, 505, 515, 520, 532, 545, 561, 577, 589, 594, 607, 633, 638, 650, 660)
# Relative strength of the visible lines, nm. Source: NIST Atomic Spectra Database, rounded.
NEON_LINES = {
    585.2: 1.0, 588.2: 0.4, 594.5: 0.5, 597.6: 0.2, 603.0: 0.3, 607.4: 0.5, 609.6: 0.6, 614.3: 1.0, 616.4: 0.4,
    621.7: 0.4, 626.6: 0.6, 630.5: 0.3, 633.4: 0.7, 638.3: 0.9, 640.2: 2.0, 650.7: 1.0, 653.3: 0.4, 659.9: 0.6,
    667.8: 0.5, 671.7: 0.3, 692.9: 0.4, 703.2: 0.8,
}  # fmt: skip
MERCURY_LINES = {404.7: 0.6, 435.8: 1.8, 546.1: 1.1, 577.0: 0.25, 579.1: 0.25}  # of an argon-mercury sign
LEAST_PASSED = 0.01  # by a gel where it absorbs; 1 where it passes
EDGES, EDGE_WIDTHS = range(430, 661, 20), (5.0, 15.0)  # nm; a logistic edge passes 12 to 88 % within 4 widths
BANDS, BAND_WIDTHS = range(440, 661, 20), (40.0, 80.0, 120.0)


def _resampled(spectrum: Any) -> Array:
    return np.interp(NANOMETERS, np.asarray(spectrum.wavelengths, float), np.asarray(spectrum.values, float))


def _rows(spectra: Any) -> Array:
    """Resample colour-science's table of spectra, one a column, to one a row."""
    x, columns = np.asarray(spectra.wavelengths, float), np.asarray(spectra.values, float).T
    return np.array([np.interp(NANOMETERS, x, column) for column in columns])


@cache
def observer() -> Array:
    """Return the CIE 1931 2 degree color-matching functions x, y, z: (401, 3)."""
    colour = colour_science()
    shape = colour.SpectralShape(NANOMETERS[0], NANOMETERS[-1], 1)
    return np.asarray(colour.MSDS_CMFS["CIE 1931 2 Degree Standard Observer"].copy().align(shape).values, np.float64)


@cache
def balance_lights() -> tuple[Array, Array]:
    """Return the two lights that films are balanced to, tungsten (a black body) and daylight (D55): (401,) each."""
    colour = colour_science()
    shape = colour.SpectralShape(NANOMETERS[0], NANOMETERS[-1], 1)
    tungsten = np.asarray(colour.sd_blackbody(TUNGSTEN_KELVIN, shape).values)
    return tungsten, _resampled(colour.SDS_ILLUMINANTS["D55"])


@cache
def chart(name: str = "BabelColor Average") -> Array:
    """Return the reflectances of a color chart's 24 patches: (24, 401)."""
    return np.array([_resampled(each) for each in colour_science().SDS_COLOURCHECKERS[name].values()])


@cache
def evaluation_samples() -> Array:
    """Return the reflectances of the 99 color evaluation samples: (99, 401). Source: CIE 224:2017."""
    from colour.quality.cfi2017 import load_TCS_CIE2017

    colour = colour_science()
    return _rows(load_TCS_CIE2017(colour.SpectralShape(NANOMETERS[0], NANOMETERS[-1], 5)))


@cache
def reflectances() -> Array:
    """Return 313 reflectances: the chart, the 190 patches that ACES input transforms are made from, and the CES."""
    from colour.characterisation import read_training_data_rawtoaces_v1

    return np.vstack([chart(), _rows(read_training_data_rawtoaces_v1()), evaluation_samples()])


@cache
def skin() -> Array:
    """Return 16 reflectances of skin: four measured ones, and blends between every two of their logarithms."""
    measured = [*chart()[list(SKIN_CHART)], *evaluation_samples()[list(SKIN_CES)]]
    blends = [a ** (1 - t) * b**t for a, b in combinations(measured, 2) for t in SKIN_BLENDS]
    return np.array(measured + blends)


@cache
def lamps() -> dict[str, Array]:
    """Return 102 lamps by name: CIE illuminants and colour-science's light sources, each with Y = 1."""
    colour = colour_science()
    found = {name: _resampled(each) for name, each in colour.SDS_ILLUMINANTS.items() if _is_lamp(name)}
    found |= {name: _resampled(each) for name, each in colour.SDS_LIGHT_SOURCES.items() if name != "LPS"}
    return {name: power / (power @ observer()[:, 1]) for name, power in found.items()}


def _is_lamp(illuminant: str) -> bool:
    return illuminant.startswith(ILLUMINANTS) and "ISO" not in illuminant


@cache
def gels() -> Array:
    """Return the transmittances of 120 smooth filters: long-pass, short-pass, band-pass and notch."""

    def edge(at: float, width: float = EDGE_WIDTHS[0]) -> Array:
        return 1 / (1 + np.exp(-(NANOMETERS - at) / width))

    long = [edge(at, width) for width in EDGE_WIDTHS for at in EDGES]
    bands = [edge(at - wide / 2) * (1 - edge(at + wide / 2)) for wide in BAND_WIDTHS for at in BANDS]
    shares = np.array([*long, *(1 - each for each in long), *bands, *(1 - each for each in bands)])
    return LEAST_PASSED + (1 - LEAST_PASSED) * shares


def line(peak: float, width: float) -> Array:
    """Return a Gaussian of height 1, `width` nm wide at half of it: (401,)."""
    return np.exp(-4 * np.log(2) * ((NANOMETERS - peak) / width) ** 2)


@cache
def leds() -> Array:
    """Return 44 LEDs of 450 to 660 nm, the 22 narrow ones first."""
    return np.array([line(peak, width) for width in LED_WIDTHS for peak in LED_PEAKS])


def _tube(lines: Iterable[tuple[float, float]]) -> Array:
    return np.sum([strength * line(at, LASER_WIDTH) for at, strength in lines], axis=0)


@cache
def neon() -> Array:
    """Return a neon tube's light: (401,)."""
    return _tube(NEON_LINES.items())


@cache
def lasers() -> Array:
    """Return 22 lights of lines: 19 lasers, neon, argon-mercury, low-pressure sodium."""
    sodium = _resampled(colour_science().SDS_LIGHT_SOURCES["LPS"])
    return np.array([*(line(at, LASER_WIDTH) for at in LASER_LINES), neon(), _tube(MERCURY_LINES.items()), sodium])
