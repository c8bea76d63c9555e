"""The lights and instruments of film: densitometers, the printer's lamp, projection light, the standard observer."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import numpy as np

from lattice.looks.spectra import WAVELENGTHS_NM
from lattice.looks.toml_text import read_toml
from lattice.looks.where import shipped
from lattice.types import Array

RADIATION = 1.4388e7  # nm K, in Planck's law. Source: c2 of CIE 15:2004


@cache
def colour_science() -> Any:
    """Import colour-science on first use (half a second), without its side effects on the process.

    It warns of an absent plotting library, and makes NumPy print as in 2017.
    """
    with warnings.catch_warnings(), np.printoptions():
        warnings.simplefilter("ignore")
        import colour
    return colour


@cache
def _data() -> dict[str, Any]:
    return read_toml(shipped() / "densitometry.toml")


def _at_grid(wavelength_nm: list[float], values: list[float]) -> Array:
    """Resample on the 5 nm grid: linear between the samples, and along the end slopes beyond them."""
    x, v = np.array(wavelength_nm, float), np.array(values, float)
    inside = np.interp(WAVELENGTHS_NM, x, v)
    below = v[0] + (v[1] - v[0]) / (x[1] - x[0]) * (WAVELENGTHS_NM - x[0])
    above = v[-1] + (v[-1] - v[-2]) / (x[-1] - x[-2]) * (WAVELENGTHS_NM - x[-1])
    return np.where(x[0] > WAVELENGTHS_NM, below, np.where(x[-1] < WAVELENGTHS_NM, above, inside))


@cache
def status(letter: str) -> Array:
    """Return status A or M responsivities r, g, b, each summing to 1: (3, 81). Source: ISO 5-3."""
    channels = _data()[f"status_{letter}"]
    log_product = [
        _at_grid(c["wavelength_nm"], c["log_product"]) for c in (channels["red"], channels["green"], channels["blue"])
    ]
    product = 10.0 ** np.array(log_product)
    return product / product.sum(axis=1, keepdims=True)


@cache
def printer_light() -> Array:
    """Return the relative power of a printer's lamp, (81,). Source: SMPTE ST 2065-2."""
    lamp = _data()["printer_light"]
    return np.interp(WAVELENGTHS_NM, lamp["wavelength_nm"], lamp["power"])


@cache
def observer() -> Array:
    """Return the CIE 1931 2 degree color-matching functions x, y, z: (81, 3)."""
    return np.array([_data()["observer"][each] for each in "xyz"], np.float64).T


@cache
def projection_light(light: float | str) -> Array:
    """Return the projection light's power, scaled so that the open gate has Y = 1, (81,).

    light: kelvin of a black body, "xenon", or the name of a CIE illuminant such as "D55".
    """
    if light == "xenon":
        lamp = _data()["xenon"]
        power = np.interp(WAVELENGTHS_NM, lamp["wavelength_nm"], lamp["power"])
    elif light == "E":
        power = np.ones(WAVELENGTHS_NM.size)
    elif isinstance(light, str):
        power = np.array(_data()["illuminants"][light], np.float64)
    else:
        power = WAVELENGTHS_NM**-5.0 / np.expm1(RADIATION / (WAVELENGTHS_NM * light))
    return power / (power @ observer()[:, 1])
