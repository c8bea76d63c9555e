"""A profile: what a lookdev artist writes to describe one film look."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, PrivateAttr, WithJsonSchema, field_validator, model_validator

from lattice.choices import MOST_POINTS
from lattice.color.inputs import encoded_as
from lattice.color.primaries import PRIMARIES
from lattice.files.storage.atomic import path_text
from lattice.looks import save
from lattice.looks import toml as store
from lattice.looks.base import Aim, Label, Matrix3, Record, odd
from lattice.looks.display import DisplaySpec as DisplaySpec
from lattice.looks.residual import Residual
from lattice.looks.stock import Stock
from lattice.types import shortened

if TYPE_CHECKING:
    from lattice import SDev

ROW_ROUNDING = 0.005  # tolerance of a film matrix's row sum: three entries written to two decimals
SHORT = 36  # characters of a name in a repr, quotes included
OPEN_GATE_KELVIN = 5400.0  # the usual setting of a xenon film projector
CHAINS = {
    "film-out": "a recorder writes them onto film, each channel for itself",
    "camera": "the light of the scene exposes the layers of the negative",
    "scan": "they were scanned from that negative",
}
IDENTITY: Matrix3 = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
StockField = Annotated[
    Stock,
    BeforeValidator(lambda value: store.resolve_stock(value)),
    WithJsonSchema(
        {
            "description": "A shipped stock's name, a stock .toml beside this file, or a table: over the inherited "
            "stock, or over the one that its `extends` names",
            "anyOf": [{"type": "string"}, {"type": "object"}],
        }
    ),
]
Light = Annotated[float, Field(ge=0, le=MOST_POINTS)]
Contrast = Annotated[float, Field(ge=0.5, le=2)]
Lamp = Literal["xenon", "A", "D50", "D55", "D60", "D65", "E"]
if TYPE_CHECKING:
    InputName = str
else:  # the names in PRIMARIES
    InputName = Literal[tuple(name for name, each in PRIMARIES.items() if each.neutral is None)]


class DensityOnly(Record):
    """The matrices that stand in for spectra on the density-only path.

    The defaults are fitted to the spectral chain of 5219 on 2383 (`make fit-density-only`).
    """

    printing: Matrix3 = Field(
        ((0.9941, 0.0693, 0.0006), (0.0782, 0.8844, 0.1055), (0.0127, 0.0097, 0.9369)),
        description="Q: negative status M density to printing density",
    )
    dyes: Matrix3 = Field(
        ((1, 0.0803, 0.0447), (0.1422, 1, 0.1385), (0.0777, 0.2329, 1)),
        description="B: dye amounts to status A density above base",
    )
    light: Matrix3 = Field(
        ((0.5042, 0.2502, 0.1961), (0.2887, 0.6026, 0.1087), (0.0145, 0.0415, 1.0331)),
        description="M3: what passes in the three bands to XYZ relative to the display white",
    )

    @field_validator("light")
    @classmethod
    def _has_a_white(cls, light: Matrix3) -> Matrix3:
        if any(sum(row) <= 0 for row in light):
            raise ValueError(
                "expected rows with sums above 0, the XYZ of white, got " + ", ".join(f"{sum(row):g}" for row in light)
            )
        return light


class Profile(Record):
    """One film look, from a negative's exposure to a display's code values.

    Every field has a default but the two stocks. Raises LatticeError naming the field.
    """

    name: Label = "untitled"
    description: Label = ""
    negative: StockField
    print: StockField
    chain: Literal["film-out", "camera", "scan"] = Field(
        "film-out",
        description="How pixels get onto film: " + "; ".join(f"{kind}, {what}" for kind, what in CHAINS.items()),
    )
    printer_lights: tuple[Light, Light, Light] = Field(
        (25, 25, 25),
        description="r, g, b points; 25 is the aim, 1 point = 0.025 log10 exposure, more light is a darker print",
    )
    exposure: float = Field(
        0, ge=-10, le=10, description="Gain of the scene before the film, in stops; more is brighter"
    )
    negative_stops: float = Field(
        0, ge=-4, le=4, description="How much denser the negative is exposed; the print is timed back to the aim"
    )
    push_stops: float = Field(0, ge=-2, le=3, description="Push development; gain per stop is an estimate")
    print_silver: float = Field(0, ge=0, le=1, description="Silver retained in the print, 1 = full bleach bypass")
    print_infrared: float | None = Field(
        None,
        ge=0,
        le=4,
        description="Silver retained in the print as a lab reads it: infrared density at D-max. Not with print_silver",
    )
    print_flash: float = Field(
        0, ge=0, le=0.5, description="Even light on the print beside the picture, as a share of mid gray's exposure"
    )
    contrast: tuple[Contrast, Contrast, Contrast] = Field(
        (1, 1, 1), description="r, g, b: multiplies the contrast of the print's curves about mid gray"
    )
    negative_silver: float = Field(0, ge=0, le=1, description="Silver retained in the negative")
    silver_density: float = Field(
        0.5,
        ge=0,
        le=2,
        description="rho: silver per visual dye density at full skip. An estimate: no measured data is public",
    )
    interimage: float = Field(
        0, ge=0, le=0.5, description="K: how much a layer holds back its neighbours; not in a film-out"
    )
    film_matrix: Matrix3 = Field(
        IDENTITY,
        description="E: input RGB to film-layer exposure in place of the negative's film_stage; rows sum to 1; not in "
        "a film-out",
    )
    aim: Literal["lad", "cineon", "gray18"] = Field(
        "lad",
        description="Mid gray prints to the LAD aim (theatre), 0.277 stop over it (LUTs for Cineon log), or to Y 0.18",
    )
    lad: Aim | None = Field(None, description="LAD aim densities; the print stock's own unless given")
    white: Literal["base", "lamp"] = Field(
        "base",
        description="Color of the display's white: clear print film, or the open gate; Y = 1 is clear film in both",
    )
    gray_balance: float = Field(0, ge=0, le=1, description="How far the print's gray scale is bent to neutral")
    projection: Annotated[float, Field(ge=1700, le=25000)] | Lamp = Field(
        OPEN_GATE_KELVIN, description="Projection light: kelvin of a black body, a CIE illuminant, or xenon"
    )
    flare: float = Field(0, ge=0, le=0.1, description="Stray light of the theatre as a share of white")
    input: InputName = Field(
        "Rec.709", description="Scene-linear primaries of the pixels; in a film-out those of the recorder"
    )
    display: DisplaySpec = Field(
        DisplaySpec(), description='What the look is shown on unless --display names another; a name, as "P3-DCI", too'
    )
    size: int = Field(13, ge=3, le=33, description="Nodes along each side of the lattice, odd")
    interpolation: Literal["trilinear", "tetrahedral"] = "trilinear"
    density_only: DensityOnly = DensityOnly()
    residual: Residual | None = Field(
        None, description="Correction of the colors that the print shows, where film cannot reach those of a reference"
    )

    _odd = field_validator("size")(odd)

    @field_validator("input", mode="before")
    @classmethod
    def _linear(cls, name: object) -> object:
        space = encoded_as(name)
        if space is not None:
            raise ValueError(
                f"expected primaries of linear light, such as {space.primaries!r}, got {name!r}, which is codes; "
                f"--input {name!r} says it of frames"
            )
        return name

    @field_validator("film_matrix")
    @classmethod
    def _keeps_gray(cls, matrix: Matrix3) -> Matrix3:
        for row, name in zip(matrix, ("red", "green", "blue"), strict=True):
            if abs(sum(row) - 1) > ROW_ROUNDING:
                raise ValueError(f"expected rows that sum to 1 so that gray stays gray, got {sum(row):g} for {name}")
        return matrix

    @model_validator(mode="after")
    def _kinds(self) -> Self:
        for field, stock in (("negative", self.negative), ("print", self.print)):
            if stock.kind != field:
                raise ValueError(f"{field}: expected a {field} stock, got the {stock.kind} {stock.name}")
        if self.print_infrared is not None and self.print_silver:
            raise ValueError(
                f"print_infrared: print_silver is {self.print_silver:g} too; print_silver = 0 leaves the silver to it"
            )
        if not self.spectral and self.projection != OPEN_GATE_KELVIN:
            raise ValueError(
                "projection: needs stocks with spectra; this profile takes the density-only path, whose "
                "light is density_only.light"
            )
        if self.spectral and self.density_only != DensityOnly():
            raise ValueError("density_only: has no effect here, both stocks have spectra")
        return self

    @model_validator(mode="after")
    def _chain_has_its_fields(self) -> Self:
        if self.chain == "film-out" and (self.interimage or self.film_matrix != IDENTITY):
            field = "interimage" if self.interimage else "film_matrix"
            raise ValueError(f'{field}: in a film-out no layer sees another; chain = "camera" or "scan" takes it')
        if self.has_film_stage and self.negative.film_stage is None:
            raise ValueError(
                f"chain: {self.negative.name} has no film_stage for a camera; give a film_matrix, or chain = "
                '"film-out" or "scan"'
            )
        return self

    @property
    def has_film_stage(self) -> bool:
        """True if the negative's film_stage says what its layers receive of scene light."""
        return self.chain == "camera" and self.film_matrix == IDENTITY

    @property
    def spectral(self) -> bool:
        """True if both stocks have spectra; otherwise the profile takes the density-only path."""
        return self.negative.spectral and self.print.spectral

    _parent: str | None = PrivateAttr(None)  # the shipped name, or the path of the .toml, that it was loaded from

    def __repr__(self) -> str:
        r, g, b = self.printer_lights
        negative, print_stock = (shortened(stock.name, SHORT) for stock in (self.negative, self.print))
        return (
            f"Profile({shortened(self.name, SHORT)}, {negative} on {print_stock}, lights {r:g} {g:g} {b:g}, "
            f"silver {self.print_silver:g}, {self.display.primaries} {self.display.gamma})"
        )

    __str__ = __repr__

    def _repr_html_(self) -> str:
        """Return HTML for a notebook: that of the look's SDev, which is built first if needed (seconds, once)."""
        return self.sdev()._repr_html_()

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some fields changed, validated again. Raises LatticeError with the field's name."""
        copy = super().replace(**changes)
        copy._parent = self._parent
        return copy

    def sdev(self) -> SDev:
        """Return the SDev of this profile, as `lattice.load(profile)`: built once, kept in the user's cache.

        Raises LatticeError if it cannot be built.
        """
        from lattice import load

        return load(self)

    def save(self, path: str | Path, overwrite: bool = False) -> None:
        """Write the profile as TOML: `extends` names its parent, the file that it was loaded or made from, and only the
        fields that differ follow. A profile without a parent is written in full.

        path: ends in .toml. If it is the parent's own file, the new file extends the parent's parent.
        overwrite: replace an existing file; one of the same bytes is left as it is.
        Raises LatticeError if the name is wrong or taken, or the file cannot be written; then nothing changes.
        """
        save.save_profile(self, Path(path_text(path)), overwrite)
