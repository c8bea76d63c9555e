"""What frames are graded with, for a movie: by the stamps of graded frames, or by those that they would get."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lattice.color.displays import Encoding
from lattice.errors import printable
from lattice.files.exr.file import CHECKSUM
from lattice.files.frame import LOOK, STAMP, STAND_IN, FrameHeader, stamps_in
from lattice.files.storage.read import json_object
from lattice.regrade.dailies.h273 import tags
from lattice.regrade.frame.header import SOURCE, display_chromaticities
from lattice.regrade.frame.request import SHORT
from lattice.types import MOST_NITS

if TYPE_CHECKING:
    from lattice.sdev import AnySDev

UNKNOWN = "unknown"  # of a stamp whose SDev does not say
# Stamps that decide a pixel, with the words of the last that do so in every frame; and those of one frame alone.
DECIDES = ("version", "name", "sha256", "input", "output", "interpolation", "options")
WORDS = ("premult", "transparent", "nonfinite")
OF_A_FRAME = (SOURCE, STAND_IN, CHECKSUM.removeprefix(STAMP))
STOCKS = ("negative", "print")  # of an SDev's provenance


@dataclass(frozen=True)
class Look:
    """A look as a movie tells of it.

    name, sha256: of the SDev. primaries, transfer: of its display, by ITU-T H.273. display: in numbers, x and y of red,
    green, blue and white to four decimals, and the gamma, with the nits of HDR; None where unknown. facts: all that is
    known of the grade, by the names of the stamps. notes: a line for each tag that is left unspecified.
    """

    name: str
    sha256: str
    primaries: int
    transfer: int
    display: tuple[tuple[float, ...] | None, str | float | None]
    facts: Mapping[str, str]
    notes: tuple[str, ...]

    @classmethod
    def of(cls, facts: Mapping[str, str], sha256: str, xy: tuple[float, ...] | None, gamma: str | float | None) -> Look:
        """Return the look that these facts name, of this display."""
        name = facts.get("name", UNKNOWN)
        primaries, transfer, notes = tags(name, xy, gamma)
        display = None if xy is None else tuple(round(each, 4) for each in xy), gamma
        return cls(name, sha256, primaries, transfer, display, facts, notes)

    @property
    def white(self) -> NDArray[np.float32]:
        """Code values (3, 1, 1) of white on the display: 1 where that is not known."""
        xy, gamma = self.display
        curve, _, nits = str(gamma).partition("@")
        if xy is None or gamma is None:
            return np.ones((3, 1, 1), np.float32)
        encoding = Encoding(xy, curve, float(nits)) if curve in MOST_NITS else Encoding(xy, gamma)  # type: ignore[arg-type]
        return encoding.white.astype(np.float32)[:, None, None]

    @property
    def output(self) -> str:
        """The display for people."""
        return printable(self.facts.get("output", "one that it does not name"))

    @property
    def label(self) -> str:
        """The name and the start of the digest, for people."""
        return printable(f"{self.name} {self.sha256[:SHORT]}".strip())

    @property
    def grade(self) -> tuple[str, ...]:
        """What decides the pixels, to compare frames by."""
        *stamps, options = self._stamps
        return (*stamps, " ".join(word for word in options.split() if word.partition("=")[0] in WORDS))

    @property
    def _stamps(self) -> list[str]:
        return [self.facts.get(each, UNKNOWN) for each in DECIDES]

    @property
    def description(self) -> str:
        """The grade in a line for people, with the stocks where they are known."""
        version, name, sha256, start, end, method, options = self._stamps
        made_of = json_object(self.facts.get(LOOK))
        stocks = [(each, made_of.get(each, self.facts.get(each))) for each in STOCKS]
        told = [
            f"{each} {value.get('name', '') if isinstance(value, dict) else value}" for each, value in stocks if value
        ]
        grade = f"lattice {version}, look {name}, sha256 {sha256}, {start} -> {end}, {method}, {options}"
        return printable(", ".join([grade, *told]))


def of_sdev(sdev: AnySDev, facts: Mapping[str, str]) -> Look:
    """Return the look of frames that this SDev grades. facts: what a graded frame of theirs would say.

    Raises LatticeError if the SDev's output chromaticities are not 8 finite numbers.
    """
    stocks = {end: sdev.provenance[end] for end in STOCKS if sdev.provenance.get(end) and LOOK not in facts}
    display = sdev.shown
    gamma = f"{display.gamma}@{display.peak:g}" if display.is_hdr else display.gamma
    return Look.of({**facts, **stocks}, sdev.sha256, display_chromaticities(sdev), gamma)


def of_graded(header: FrameHeader) -> Look:
    """Return the look of a graded EXR: its stamps, and the `chromaticities` that a regrade gives it.

    Raises LatticeError if these chromaticities are malformed.
    """
    facts = {name: text for name, text in stamps_in(header).items() if name not in OF_A_FRAME}
    return Look.of(facts, facts.get("sha256", ""), header.chromaticities, _gamma(facts.get("output", UNKNOWN)))


def differences(one: Look, other: Look) -> str:
    """Return how two grades of one look differ, as `input ACEScg, not Rec.709`."""
    each = zip(DECIDES, one.grade, other.grade, strict=True)
    return "; ".join(f"{name} {its}, not {others}" for name, its, others in each if its != others)


def _gamma(output: str) -> str | float | None:
    """Return the gamma that ends the name of an output, such as `Rec.709 sRGB`, `P3-DCI 2.6` or `Rec.2020 PQ@203`; None
    if none does."""
    word = output.rpartition(" ")[2]
    try:
        return word if word.partition("@")[0] in ("sRGB", *MOST_NITS) else float(word)
    except ValueError:
        return None
