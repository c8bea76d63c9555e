"""The display of a profile: a name of the register, or primaries and a curve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from lattice.color.displays import DISPLAYS, HLG_PRIMARIES, Shown, find
from lattice.color.primaries import PRIMARIES, WHITES
from lattice.looks.base import Record
from lattice.types import HLG_NITS, MOST_NITS, PQ_NITS, USUAL_PEAK, Gamma, LatticeError

HDR = tuple(MOST_NITS)
if TYPE_CHECKING:
    DisplayName = str
    WhiteName = str
else:  # the names in PRIMARIES and WHITES
    DisplayName = Literal[tuple(name for name, each in PRIMARIES.items() if each.is_display)]
    WhiteName = Literal[tuple(WHITES)]


def _usual_gamma(primaries: object) -> Gamma:
    """Return the gamma of the register's first display of these primaries, which is why sRGB stands before Rec.1886."""
    return next((each.shown.gamma for each in DISPLAYS.values() if each.shown.primaries == primaries), "sRGB")


def merged_display(base: object, change: Mapping[str, object]) -> dict[str, object]:
    """Return the display table of a file that extends one with `base`, a name or a table.

    Other primaries bring their own gamma, and another gamma its own peak. Raises LatticeError for an unknown name.
    """
    inherited: Mapping[str, object] = asdict(find(base).shown) if isinstance(base, str) else {}
    inherited = base if isinstance(base, Mapping) else inherited
    dropped = {"gamma", "peak"} if "primaries" in change else {"peak"} if "gamma" in change else set()
    return {key: value for key, value in inherited.items() if value is not None and key not in dropped} | {**change}


class DisplaySpec(Record):
    """The monitor: its primaries, and the gamma of its code values; by default that of the register's first display of
    these primaries."""

    primaries: DisplayName = "Rec.709"
    gamma: Annotated[float, Field(ge=1, le=3)] | Literal["sRGB", "PQ", "HLG"] = "sRGB"
    peak: float | None = Field(
        None,
        ge=1,
        le=PQ_NITS,
        description=f"Nits of white where gamma is PQ or HLG, which reaches {HLG_NITS:g}; {USUAL_PEAK:g} unless given",
    )
    white: WhiteName | None = Field(
        None, description="The color that the picture's white is shown in; the monitor's own unless given"
    )

    @model_validator(mode="before")
    @classmethod
    def _whole(cls, value: object) -> object:
        if isinstance(value, str):
            try:
                return asdict(find(value).shown)
            except LatticeError as error:
                raise ValueError(str(error).removeprefix("display: ")) from None
        if not isinstance(value, dict):
            return value
        gamma = value.get("gamma", _usual_gamma(value.get("primaries", "Rec.709")))
        peak = USUAL_PEAK if gamma in HDR else None
        return {**value, "gamma": gamma} | ({} if peak is None or value.get("peak") is not None else {"peak": peak})

    @model_validator(mode="after")
    def _is_a_container(self) -> Self:
        if self.peak is not None and self.gamma not in HDR:
            raise ValueError(f'peak: only gamma = "PQ" and "HLG" have one, not {self.gamma}')
        if self.peak is not None and self.peak > MOST_NITS[self.gamma]:
            raise ValueError(f"peak: expected 1 to {MOST_NITS[self.gamma]:g} nits in {self.gamma}, got {self.peak:g}")
        if self.gamma == "HLG" and self.primaries != HLG_PRIMARIES:
            raise ValueError(f"primaries: HLG goes with {HLG_PRIMARIES}, got {self.primaries}")
        return self

    @model_serializer(mode="wrap")
    def _with_its_gamma(self, dumped: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Keep a gamma that is the field's default, but not the usual one of other primaries."""
        values: dict[str, object] = dumped(self)
        return values | ({"gamma": self.gamma} if "primaries" in values else {})

    @property
    def shown(self) -> Shown:
        """The same, for SDevs."""
        return Shown(self.primaries, self.gamma, self.peak, self.white)
