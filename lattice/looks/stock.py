"""A film stock: three 12-point curves, and its spectra where the maker published them."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import BeforeValidator, Field, ModelWrapValidatorHandler, PrivateAttr, WithJsonSchema, model_validator

from lattice.looks.base import Aim, CurveField, Label, Record
from lattice.looks.film_stage import FilmStage
from lattice.looks.spectra import LEAST_VALUE, MOST_VALUE, WAVELENGTHS_NM, resampled
from lattice.looks.wedge import POINTS, Reduced, miss
from lattice.types import shortened

Density = Annotated[float, Field(ge=LEAST_VALUE, le=MOST_VALUE)]
Spectrum = Annotated[tuple[Density, ...], Field(min_length=WAVELENGTHS_NM.size, max_length=WAVELENGTHS_NM.size)]
_MEASURED: dict[str, Any] = {
    "type": "object",
    "description": "Samples at any wavelengths, resampled at 380 to 780 nm every 5 nm",
    "required": ["wavelength_nm", "values"],
    "additionalProperties": False,
    "properties": {name: {"type": "array", "items": {"type": "number"}} for name in ("wavelength_nm", "values")},
}
_GRID = {"type": "array", "items": {"type": "number"}, "minItems": WAVELENGTHS_NM.size, "maxItems": WAVELENGTHS_NM.size}
_SCHEMA = WithJsonSchema({"anyOf": [_GRID, _MEASURED]})
DyeSpectrum = Annotated[Spectrum, BeforeValidator(partial(resampled, beyond="fade")), _SCHEMA]
BaseSpectrum = Annotated[Spectrum, BeforeValidator(partial(resampled, beyond="flat")), _SCHEMA]
LogSpectrum = Annotated[Spectrum, BeforeValidator(partial(resampled, beyond="slope")), _SCHEMA]
MID_GRAY_LUX_SECONDS = 8.1  # at EI 1; divided by the EI
LONGEST = 60  # characters of a name in a repr


class Curves(Record):
    """The characteristic curves of the three layers: status A density for a print, status M for a negative."""

    red: CurveField
    green: CurveField
    blue: CurveField

    _reduced: dict[str, Reduced] = PrivateAttr(default_factory=dict)

    @property
    def reduced(self) -> dict[str, Reduced]:
        """By layer, what became of a wedge of more or fewer than 12 measured points."""
        return dict(self._reduced)

    @model_validator(mode="wrap")
    @classmethod
    def _remember(cls, values: Any, make: ModelWrapValidatorHandler[Self]) -> Self:
        curves = make(values)
        for layer, wedge in values.items() if isinstance(values, dict) else ():
            if isinstance(wedge, dict) and (measured := len(wedge["density"])) != POINTS:
                rms = miss(getattr(curves, layer), wedge["log_exposure"], wedge["density"])
                curves._reduced[layer] = Reduced(measured, rms)
        return curves


class Dyes(Record):
    """Spectral density of one unit of each dye, 81 values at 380 to 780 nm, or a table of measured ones."""

    cyan: DyeSpectrum
    magenta: DyeSpectrum
    yellow: DyeSpectrum


class Sensitivities(Record):
    """log10 spectral sensitivity of each layer, 81 values at 380 to 780 nm, or a table of measured ones."""

    red: LogSpectrum
    green: LogSpectrum
    blue: LogSpectrum


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
    minimum_density: BaseSpectrum | None = Field(None, description="Negative: spectral density of the base plus fog")
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
