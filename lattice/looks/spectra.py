"""Spectra that were measured at any wavelengths, resampled on the grid of a stock.

The rule: straight lines between the samples. Beyond them a dye's density fades as exp(-(dx / 60 nm) ** 2), a log
sensitivity goes on along the slope of its last five samples, falling by 0.02 per nm at least, and the density of the
base is flat.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from lattice.looks.base import refuse_no_numbers

# The grid of every spectrum of a stock: 380 to 780 nm in steps of 5 nm.
WAVELENGTHS_NM = np.arange(380.0, 781.0, 5.0)
FADE_NM = 60.0
END_SAMPLES = 5
LEAST_FALL, INSENSITIVE = 0.02, -12.0  # log10 per nm, and the log sensitivity that nothing falls below
LEAST_NM, MOST_NM, MOST_SAMPLES = 200.0, 1200.0, 4096
LEAST_VALUE, MOST_VALUE = -60.0, 20.0
Beyond = Literal["fade", "slope", "flat"]


def resampled(value: object, beyond: Beyond) -> object:
    """Return the 81 values of a table `{ wavelength_nm = [...], values = [...] }`; anything else comes back as it is.

    Raises ValueError if the two are not as long, or the wavelengths do not rise from 200 to 1200 nm.
    """
    if not isinstance(value, dict):
        return value
    if set(value) != {"wavelength_nm", "values"}:
        raise ValueError("expected 81 numbers, or a table with wavelength_nm and values")
    for name, numbers in value.items():
        refuse_no_numbers(numbers, f"{name}: ")
    try:
        x, y = (np.array(value[name], dtype=np.float64) for name in ("wavelength_nm", "values"))
    except (TypeError, ValueError):
        raise ValueError("wavelength_nm and values: expected numbers") from None
    if x.ndim != 1 or x.shape != y.shape or not 2 <= x.size <= MOST_SAMPLES:
        raise ValueError(f"wavelength_nm and values: expected as many, 2 or more, got {x.size} and {y.size}")
    if not (np.isfinite(y).all() and y.min() >= LEAST_VALUE and y.max() <= MOST_VALUE):
        raise ValueError(f"values: expected finite numbers from {LEAST_VALUE:g} to {MOST_VALUE:g}")
    if not (np.diff(x) > 0).all() or not LEAST_NM <= x[0] < x[-1] <= MOST_NM:
        raise ValueError(f"wavelength_nm: expected wavelengths that rise, {LEAST_NM:g} to {MOST_NM:g} nm")
    inside = np.interp(WAVELENGTHS_NM, x, y)
    outside = np.maximum(x[0] - WAVELENGTHS_NM, 0) + np.maximum(WAVELENGTHS_NM - x[-1], 0)  # nm from the samples
    if beyond == "fade":
        inside *= np.exp(-((outside / FADE_NM) ** 2))
    if beyond == "slope":
        k = min(END_SAMPLES, x.size) - 1
        rise, fall = (y[k] - y[0]) / (x[k] - x[0]), (y[-1 - k] - y[-1]) / (x[-1] - x[-1 - k])
        fall = np.where(x[0] > WAVELENGTHS_NM, rise, fall)
        inside = np.maximum(inside - outside * np.maximum(fall, LEAST_FALL), INSENSITIVE)
    return tuple(inside.tolist())
