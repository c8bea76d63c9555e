"""One film: exposure to dye amounts, and dye amounts to transmitted light.

A film is seen in bands: the 81 wavelengths of its spectra, or three bands (red, green, blue) on the
density-only path. The mathematics is the same, so there is one class.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from scipy.interpolate import PchipInterpolator

from lattice.build.curves import through_curves
from lattice.looks.stock import Curves
from lattice.types import Array, Curve, LatticeError

LN10 = np.log(10.0)
Spectra = Callable[[Array, Array, Array, Array], Array]  # dye amounts, base, dyes, weights: light
SCALE_STEPS = 513  # exposures at which the neutral scale is solved
FLASH_DECADES, FLASH_STEPS = 3.0, 96  # below the scale, where a flashed film is tabulated too
BLOCK = 2048  # colors at a time, so that their spectra stay in the cache
MOST_SINGLE = 8.0  # density of a band, up or down, whose light is summed in single precision: 2e-6 of it are lost
KEPT_SCALES = 16  # of the last films
NEWTON_STEPS, NEWTON_RESIDUAL = 60, 1e-9  # density


def density(curve: Curve, log_exposure: Array) -> Array:
    """Return the density of a 12-point curve at log10 exposures of any shape: PCHIP through the points, flat beyond."""
    x = np.clip(log_exposure, curve.log_exposure[0], curve.log_exposure[-1])
    return PchipInterpolator(curve.log_exposure, curve.density)(x)


def minimum_densities(curves: Curves) -> Array:
    """Return the D-min of the three curves, r, g, b: (3,)."""
    return np.array([curves.red.density[0], curves.green.density[0], curves.blue.density[0]])


def solve_dyes(reader: Array, base: Array, dyes: Array, densities: Array) -> Array:
    """Solve for the dye amounts (n, 3) that a densitometer reads as `densities` (n, 3), by Newton's method.

    reader: (3, bands) responsivities, rows summing to 1; base: (bands,); dyes: (3, bands).
    Raises LatticeError if it does not converge within 1e-9 density.
    """
    amounts = np.zeros_like(densities)
    for _ in range(NEWTON_STEPS):
        passed = np.exp(-LN10 * (base + amounts @ dyes))
        read = passed @ reader.T
        error = -np.log10(read) - densities
        if np.abs(error).max() < NEWTON_RESIDUAL:
            return amounts
        slope = np.stack([(passed * dye) @ reader.T for dye in dyes], axis=-1) / read[..., None]
        try:
            amounts = amounts - np.linalg.solve(slope, error[..., None])[..., 0]
        except np.linalg.LinAlgError:
            break
    raise LatticeError(
        "curves: expected densities that amounts of the three dyes can give, got some that none give; "
        "check the curves against dye_density"
    )


def densest(amounts: Array, base: Array, dyes: Array) -> Array:
    """Return densities (bands,) that none of dye amounts (n, 3) exceeds, up or down; NaN if an amount is NaN."""
    most = max(amounts.max(initial=0), -amounts.min(initial=0))  # of all dyes: a column each takes four times as long
    return np.asarray(most * np.abs(dyes).sum(axis=0) + np.abs(base))


@dataclass(frozen=True)
class Film:
    """A developed film.

    log_exposure: (n,) rising and amounts: (n, 3), the neutral scale: dye amounts, never falling.
    base: (bands,) D-min; dyes: (3, bands) density of a unit of each dye, retained silver included;
    weights: (3, bands) of the transmitted light. spectra: sums light over the bands, as `kernels.spectra` does, in
        single precision, where no band has more density than 8; None sums all in double.
    """

    log_exposure: Array
    amounts: Array
    base: Array
    dyes: Array
    weights: Array
    spectra: Spectra | None = None

    @classmethod
    def from_curves(cls, curves: Curves, reader: Array, base: Array, dyes: Array, weights: Array) -> Film:
        """Solve the neutral scale of three characteristic curves read by `reader` (3, bands)."""
        layers = (curves.red, curves.green, curves.blue)
        x, amounts = _neutral_scale(*layers, reader.tobytes(), base.tobytes(), dyes.tobytes())
        return cls(x, amounts, base, dyes, weights)

    def develop(self, log_exposure: Array) -> Array:
        """Return the dye amounts (..., 3) of layer exposures, log10 lux-seconds; flat beyond the scale.

        log_exposure: (..., 3), or (..., 1) of all layers alike.
        """
        return through_curves(log_exposure, self.log_exposure[:, None], self.amounts)

    def exposure_for(self, amounts: Array) -> Array:
        """The inverse of `develop`: log10 lux-seconds (..., 3) that give these dye amounts."""
        return through_curves(amounts, self.amounts, self.log_exposure[:, None])

    def transmit(self, amounts: Array) -> Array:
        """Return the light that dye amounts (..., 3) transmit, times the weights: (..., 3)."""
        flat = amounts.reshape(-1, 3)
        if self.spectra is not None and (densest(flat, self.base, self.dyes) <= MOST_SINGLE).all():
            return self.spectra(flat, self.base, self.dyes, self.weights).reshape(amounts.shape)
        passed = np.empty_like(flat)
        block = np.empty((min(BLOCK, len(flat)), self.base.size))  # used again: new memory costs more than arithmetic
        for start in range(0, len(flat), BLOCK):
            part = flat[start : start + BLOCK]
            spectra = np.matmul(part, self.dyes, out=block[: len(part)])
            spectra += self.base
            spectra *= -LN10
            np.matmul(np.exp(spectra, out=spectra), self.weights.T, out=passed[start : start + BLOCK])
        return passed.reshape(amounts.shape)

    def with_silver(self, silver: float, visual: Array) -> Film:
        """Return the film with silver left in: `silver` density per unit visual dye density, neutral.

        visual: (bands,) weights summing to 1. Each layer's developed silver is proportional to its dye,
        so silver is only denser dyes. Source: an estimate, see `Profile.silver_density`.
        """
        return replace(self, dyes=self.dyes + silver * (self.dyes @ visual)[:, None])

    def with_contrast(self, contrast: Array, about: Array) -> Film:
        """Return the film with the contrast of its curves multiplied by `contrast` (3,), D-min and D-max kept.

        about: (3,) log10 exposure at which each curve turns.
        """
        if (contrast == 1).all():
            return self
        x = np.unique(about + (self.log_exposure[:, None] - about) / contrast)
        return replace(self, log_exposure=x, amounts=self.develop(about + contrast * (x[:, None] - about)))

    def flashed(self, share: float, about: Array) -> Film:
        """Return the film flashed: an even light has exposed it beside the picture.

        share: the light's exposure over that of log10 exposure `about` (3,), layer by layer.
        """
        if share == 0:
            return self
        toe = self.log_exposure[0] + np.linspace(-FLASH_DECADES, 0, FLASH_STEPS, endpoint=False)
        x = np.concatenate([toe, self.log_exposure])
        return replace(self, log_exposure=x, amounts=self.develop(np.log10(10.0 ** x[:, None] + share * 10.0**about)))


@lru_cache(KEPT_SCALES)
def _neutral_scale(
    red: Curve, green: Curve, blue: Curve, reader: bytes, base: bytes, dyes: bytes
) -> tuple[Array, Array]:
    """Return log exposures (n,) and dye amounts (n, 3) of a film's neutral scale, read-only.

    The last ones are kept by all that they depend on: an edit of one film, or of what follows it, solves no other.
    """
    layers, bands = (red, green, blue), np.frombuffer(base).size
    x = np.linspace(min(c.log_exposure[0] for c in layers), max(c.log_exposure[-1] for c in layers), SCALE_STEPS)
    densities = np.stack([density(curve, x) for curve in layers], axis=-1)
    measuring, absorbing = (np.frombuffer(each).reshape(3, bands) for each in (reader, dyes))
    amounts = np.maximum.accumulate(solve_dyes(measuring, np.frombuffer(base), absorbing, densities), axis=0)
    for each in (x, amounts):
        each.flags.writeable = False
    return x, amounts
