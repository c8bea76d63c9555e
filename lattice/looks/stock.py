"""A film stock: three 12-point curves, and its spectra where the maker published them."""

from __future__ import annotations

from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from lattice.looks.base import Aim, CurveField, Label, Record
from lattice.looks.film_stage import FilmStage
from lattice.types import shortened

# The grid of every spectrum of a stock: 380 to 780 nm in steps of 5 nm.
WAVELENGTHS_NM = np.arange(380.0, 781.0, 5.0)
Density = Annotated[float, Field(ge=-60, le=20)]
Spectrum = Annotated[tuple[Density, ...], Field(min_length=WAVELENGTHS_NM.size, max_length=WAVELENGTHS_NM.size)]
MID_GRAY_LUX_SECONDS = 8.1  # at EI 1; divided by the EI
LONGEST = 60  # characters of a name in a repr


class Curves(Record):
    """The characteristic curves of the three layers: status A density for a print, status M for a negative."""

    red: CurveField
    green: CurveField
    blue: CurveField


class Dyes(Record):
    """Spectral density of one unit of each dye, 81 values at 380 to 780 nm."""

    cyan: Spectrum
    magenta: Spectrum
    yellow: Spectrum


class Sensitivities(Record):
    """log10 spectral sensitivity of each layer, 81 values at 380 to 780 nm."""

    red: Spectrum
    green: Spectrum
    blue: Spectrum


class Stock(Record):
    """One film stock.

    Without `dye_density` (and, for a print, `log_sensitivity`) a profile that uses the stock takes
    the density-only path.
    """

    name: Label = Field(description="What the maker calls it")
    kind: Literal["negative", "print"]
    sources: dict[str, str] = Field(description="Where each group of numbers comes from")
    curves: Curves
    exposure_index: float | None = Field(None, ge=0.1, le=1e5, description="Negative: rated speed (EI)")
    mid_gray_log_exposure: float | None = Field(
        None,
        ge=-10,
        le=10,
        description="Negative: log10 lux-seconds of a normally exposed mid gray; log10(8.1 / EI) unless given",
    )
    lad: Aim | None = Field(None, description="Print: LAD aim, status A densities r, g, b")
    dye_density: Dyes | None = None
    minimum_density: Spectrum | None = Field(None, description="Negative: spectral density of the base plus fog")
    log_sensitivity: Sensitivities | None = None
    film_stage: FilmStage | None = Field(
        None, description="Negative: scene ACEScg to layer exposures, fitted to log_sensitivity (make fit-film-stage)"
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for layer, curve in self.curves:
            if curve.density[0] == curve.density[-1]:
                raise ValueError(f"curves.{layer}: expected density that rises, got {curve.density[0]:g} throughout")
        if self.kind == "print" and self.lad is None:
            raise ValueError("lad: a print needs its aim densities r, g, b")
        if self.kind == "negative" and self.exposure_index is None and self.mid_gray_log_exposure is None:
            raise ValueError("exposure_index: a negative needs it, or mid_gray_log_exposure")
        if self.kind == "negative" and self.dye_density and not self.minimum_density:
            raise ValueError("minimum_density: a negative with dye_density needs it")
        if self.kind == "print" and self.film_stage is not None:
            raise ValueError("film_stage: a print has none; the scene exposes the negative")
        return self

    def __repr__(self) -> str:
        path = "spectral" if self.spectral else "density-only"
        return f"Stock({shortened(self.name, LONGEST)}, {self.kind}, {path})"

    __str__ = __repr__

    @property
    def spectral(self) -> bool:
        """True if the spectral chain can use this stock."""
        return self.dye_density is not None and (self.kind == "negative" or self.log_sensitivity is not None)

    @property
    def mid_gray(self) -> float:
        """log10 lux-seconds of mid gray on a normally exposed negative.

        Source: H = 0.65 * 12.5 / EI lux-seconds, the meter constant of ISO 2720 for a mid-tone.
        """
        if self.mid_gray_log_exposure is not None:
            return self.mid_gray_log_exposure
        return float(np.log10(MID_GRAY_LUX_SECONDS / (self.exposure_index or 1)))
