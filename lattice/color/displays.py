"""The register of displays: what a look may be shown on, how light gets there, how files name its code values.

A new display is one record here; `--display`, profiles, `lattice displays` and the tests read the register.
Sources: ASWF Color Interop Forum, "Color Space Encodings for Displays" 1.0.0; ITU-T H.273 (07/2024).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from lattice.color.gamuts import PRIMARIES, WHITES, Chromaticities, Primaries
from lattice.color.inputs import folded
from lattice.color.interop import DISPLAYS as INTEROP_DISPLAYS
from lattice.color.primaries import CONES, adaptation, chromaticities, named, rgb_to_xyz
from lattice.color.primaries import white as white_of
from lattice.errors import LatticeError, holding, nearest
from lattice.types import MOST_NITS, Array, Display, Gamma
from lattice.types import USUAL_PEAK as USUAL_PEAK

# Words of interop IDs.
CURVES: dict[Gamma, str] = {"sRGB": "srgb", 1.0: "lin", 2.2: "g22", 2.4: "g24", 2.6: "g26", "PQ": "pq", "HLG": "hlg"}
# Code point of each gamma. 2.4 has the code of BT.709's curve, which BT.1886 displays with 2.4.
H273: dict[Gamma, int] = {"sRGB": 13, 1.0: 8, 2.2: 4, 2.4: 1, 2.8: 5, "PQ": 16, "HLG": 18}
RGB_MATRIX, FULL_RANGE = 0, 1
ALL_BUT_1 = 1 - 1e-6  # a code that is 1 but for rounding
OUTPUT_WHITE = "output_white"  # of an SDev's facts
HLG_PRIMARIES = "Rec.2020"  # whose luminance HLG's system gamma takes
_ENDING = re.compile(r"(.*?[a-z])(\d{2,5})(?:nits?)?", re.ASCII)
_NITS = re.compile(r"(\d{1,5}(?:\.\d{1,3})?)\s?(?:nits?)?", re.ASCII)  # a name tells it apart


@dataclass(frozen=True)
class Shown:
    """What a picture is shown on. primaries: key of PRIMARIES. gamma: as in `types.Display`.

    peak: nits of white in PQ and HLG; None: the display's own white. white: key of WHITES, the color that the picture's
    white is shown in; None: the display's own.
    """

    primaries: str
    gamma: Gamma
    peak: float | None = None
    white: str | None = None


@dataclass(frozen=True)
class DisplaySpace:
    """A display by its name. aliases: other names."""

    name: str
    shown: Shown
    aliases: tuple[str, ...] = ()


def _display(name: str, primaries: str, gamma: Gamma, *aliases: str) -> DisplaySpace:
    return DisplaySpace(name, Shown(primaries, gamma, USUAL_PEAK if gamma in MOST_NITS else None), aliases)


DISPLAYS: Mapping[str, DisplaySpace] = {
    each.name: each
    for each in (
        _display("sRGB", "Rec.709", "sRGB", "sRGB - Display", "sRGB Rec.709"),
        _display("Rec.1886", "Rec.709", 2.4, "BT.1886", "Rec.709", "BT.709", "Rec.1886 Rec.709 - Display"),
        _display("gamma 2.2", "Rec.709", 2.2, "Gamma 2.2 Rec.709 - Display", "2.2"),
        _display("Rec.2020", "Rec.2020", 2.4, "BT.2020", "Rec.1886 Rec.2020 - Display"),
        _display("Display P3", "Display P3", "sRGB", "Display P3 - Display"),
        _display("P3-D65", "Display P3", 2.6, "P3-D65 2.6", "P3-D65 - Display", "Gamma 2.6 P3-D65"),
        _display("P3-DCI", "P3-DCI", 2.6, "P3-DCI 2.6", "P3-DCI - Display", "DCI-P3"),
        _display("DCDM", "CIE XYZ-D65", 2.6, "X'Y'Z'", "DCDM X'Y'Z'", "DCDM-D65"),
        _display("PQ", "Rec.2020", "PQ", "Rec.2100-PQ", "Rec.2100-PQ - Display", "ST2084", "HDR10"),
        _display("PQ P3-D65", "Display P3", "PQ", "ST2084-P3-D65 - Display", "P3-D65 PQ", "PQ P3"),
        _display("HLG", "Rec.2020", "HLG", "Rec.2100-HLG", "Rec.2100-HLG - Display"),
    )
}
NAMES = {folded(name): each.name for each in DISPLAYS.values() for name in (each.name, *each.aliases)}


def find(name: str) -> DisplaySpace:
    """Return the display that a name means, in any case and punctuation: `p3-d65`, `Rec.2100-PQ`, `pq@203`.

    A number after @ is the nits of white in PQ and HLG, and stays in the record's name; USUAL_PEAK without one.
    Raises LatticeError, with the nearest name, for an unknown one, and for nits that the display does not take.
    """
    text, _, nits = name.partition("@")
    known = NAMES.get(folded(text))
    if known is None:
        meant = _meant(folded(text))
        more = f" did you mean {meant!r}?" if meant else ""
        raise LatticeError(f"display: no display is named {name!r:.60};{more} lattice displays lists all")
    space = DISPLAYS[known]
    peak, most = space.shown.peak, MOST_NITS.get(space.shown.gamma)
    if peak is None or most is None:
        if nits:
            raise LatticeError(f"display: {space.name} is as bright as it is: leave out @{nits:.20}")
        return space
    peak = _nits(nits) if nits else peak
    if not 1 <= peak <= most:
        raise LatticeError(
            f"display: expected white at 1 to {most:g} nits, up to three decimals, such as {space.name}@203, got "
            f"{name!r:.60}"
        )
    return replace(space, name=f"{space.name}@{peak:g}", shown=replace(space.shown, peak=peak))


def _meant(text: str) -> str | None:
    """Return the name that a folded text begins or is part of, or is near to; one with nits where it ends in them."""
    found = _ENDING.fullmatch(text)
    if found and NAMES.get(found[1]) and DISPLAYS[NAMES[found[1]]].shown.peak is not None:
        return f"{NAMES[found[1]]}@{found[2]}"
    close = next(iter(holding(text, NAMES)), nearest(text, NAMES))
    return None if close is None else NAMES[close]


def _nits(text: str) -> float:
    found = _NITS.fullmatch(text.strip().casefold())
    return float(found[1]) if found else 0.0


def display_in(facts: Mapping[str, str]) -> tuple[str | Chromaticities, str | None] | None:
    """Return the primaries of the display that an SDev's facts tell, by their name where they have one, and the white
    that its look asks for; None if they tell no display.

    Raises LatticeError for anything but eight finite numbers.
    """
    text = facts.get("output_chromaticities")
    if not text:
        return None
    try:
        xy = chromaticities(text.split())
    except LatticeError:
        raise LatticeError(f"output_chromaticities: expected 8 numbers, got {text!r}") from None
    record = named(xy)
    return xy if record is None else record.name, facts.get(OUTPUT_WHITE)


def shown_white(primaries: str | Sequence[float], white: str | None) -> Array:
    """Return XYZ (3,), Y = 1, of the color that a display shows the picture's white in.

    primaries: a name or eight numbers. white: a key of WHITES; None: the display's own.
    """
    if white is None:
        return white_of(primaries)
    if white not in WHITES:
        raise LatticeError(f"{OUTPUT_WHITE}: expected {', '.join(WHITES)}, got {white!r:.40}")
    x, y = WHITES[white]
    return np.array([x, y, 1 - x - y]) / y


def adapted(primaries: str | Sequence[float], white: str | None) -> Array:
    """Return the matrix (3, 3) from XYZ, seen under D65, to the white that the display shows.

    By the convention of the display's record, as OpenColorIO does; a white that a look asks for by CAT02.
    """
    record = PRIMARIES.get(primaries) if isinstance(primaries, str) else None
    cones = CONES["CAT02" if record is None or white is not None else record.adaptation]
    return adaptation(shown_white("Rec.709", None), shown_white(primaries, white), cones)


def from_xyz(primaries: str | Sequence[float], white: str | None) -> Array:
    """Return the matrix (3, 3) from XYZ, Y = 1 at the picture's white and seen under D65, to the display's linear RGB.

    A white that is not the display's own is dimmed until its largest channel is that of the display's white.
    Raises LatticeError for unknown or impossible primaries.
    """
    record = PRIMARIES.get(primaries) if isinstance(primaries, str) else None
    to_rgb = np.linalg.inv(rgb_to_xyz(primaries)) * (1.0 if record is None else record.white_light)
    matrix = to_rgb @ adapted(primaries, white)
    if white is None:
        return matrix
    own = to_rgb @ shown_white(primaries, None)
    return matrix * own.max() / (to_rgb @ shown_white(primaries, white)).max()


def shown_on(display: Display, was: tuple[str | Sequence[float], str | None], now: Shown) -> Display:
    """Return the stage after the lattice for another display.

    display: the stage for a display of these primaries and this white, as in `from_xyz`. now: another one.
    Raises LatticeError as `from_xyz`, and for HLG of other primaries than Rec.2020's.
    """
    if now.gamma == "HLG" and now.primaries != HLG_PRIMARIES:
        raise LatticeError(f"display: HLG goes with {HLG_PRIMARIES}, whose luminance it takes, got {now.primaries}")
    matrix = display.matrix
    if was != (now.primaries, now.white):
        matrix = from_xyz(now.primaries, now.white) @ np.linalg.inv(from_xyz(*was)) @ matrix
    return Display(display.exponent, matrix, now.gamma, USUAL_PEAK if now.peak is None else now.peak)


@dataclass(frozen=True)
class Encoding:
    """Code values of a display. xy: x, y of its red, green, blue and white. gamma, peak: as in `types.Display`."""

    xy: Chromaticities
    gamma: Gamma
    peak: float = USUAL_PEAK

    @property
    def primaries(self) -> Primaries | None:
        """The record of the primaries; None if the register has none."""
        return named(self.xy)

    @property
    def interop_id(self) -> str | None:
        """The forum's ID; None if it has none."""
        scene = self.primaries.interop_id if self.primaries and self.primaries.is_display else None
        name = f"{CURVES.get(self.gamma)}_{scene.split('_')[1].removeprefix('cie')}_display" if scene else None
        return name if name in INTEROP_DISPLAYS else None

    @property
    def cicp(self) -> tuple[int, int, int, int] | None:
        """H.273's codes of primaries, transfer, matrix and range; None if primaries or transfer have none."""
        primaries = self.primaries.h273 if self.primaries else None
        if primaries is None or self.gamma not in H273:
            return None
        return primaries, H273[self.gamma], RGB_MATRIX, FULL_RANGE

    @property
    def white(self) -> Array:
        """Code values (3,) of a picture's white: 1 but in HDR, and in DCDM, which leave room above it."""
        record, light = self.primaries, np.ones(3)
        if record is not None and record.white_light != 1:
            light = from_xyz(record.name, None) @ shown_white(record.name, None)
        return Display(1.0, np.eye(3), self.gamma, self.peak).encode(light)

    @property
    def has_headroom(self) -> bool:
        """True if there are codes above a picture's white."""
        return bool(self.white.min() < ALL_BUT_1)

    @property
    def title(self) -> str:
        """Text for people: "Display P3, sRGB curve"."""
        curve = f"gamma {self.gamma:g}" if not isinstance(self.gamma, str) else f"{self.gamma} curve"
        white = f", white at {self.peak:g} nits" if self.gamma in MOST_NITS else ""
        return f"{self.primaries.name if self.primaries else 'RGB'}, {curve}{white}"


def table_of(shown: Shown) -> dict[str, object]:
    """Return a display as a profile's table has it."""
    return {name: value for name, value in asdict(shown).items() if value is not None}


def output_facts(shown: Shown) -> dict[str, str]:
    """Return what an SDev says of its display: its words, such as "P3-DCI 2.6" or "Rec.2020 PQ@203", its numbers, and
    the white that the look asks for."""
    nits = "" if shown.peak is None else f"@{shown.peak:g}"
    facts = {
        "output": f"{shown.primaries} {shown.gamma}{nits}",
        "output_chromaticities": " ".join(f"{v:.9g}" for v in chromaticities(shown.primaries)),
    }
    return facts | ({} if shown.white is None else {OUTPUT_WHITE: shown.white})
