"""What frames are graded with, for a movie: by the stamps of graded frames, or by those that they would get."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lattice.files.frame import FrameHeader, stamps_in
from lattice.regrade.dailies.h273 import tags
from lattice.regrade.frame.header import display_chromaticities
from lattice.regrade.frame.request import SHORT

if TYPE_CHECKING:
    from lattice.sdev import SDev

UNKNOWN = "unknown"  # of a stamp whose SDev does not say
STOCKS = ("negative", "print")  # of an SDev's provenance


@dataclass(frozen=True)
class Look:
    """A look as a movie tells of it.

    name, sha256: of the SDev. primaries, transfer: of its display, by ITU-T H.273. description: all that determines the
    grade, for the movie's comment. notes: a line for each tag that is left unspecified.
    """

    name: str
    sha256: str
    primaries: int
    transfer: int
    description: str
    notes: tuple[str, ...]

    @property
    def label(self) -> str:
        """The name and the start of the digest, for people."""
        return f"{self.name} {self.sha256[:SHORT]}".strip()


def of_sdev(sdev: SDev, stamps: Mapping[str, str]) -> Look:
    """Return the look of frames that this SDev grades. stamps: those that a graded frame of theirs would get.

    Raises LatticeError if the SDev's output chromaticities are not 8 finite numbers.
    """
    codes = tags(sdev.name, display_chromaticities(sdev), sdev.display.gamma)
    stocks = [f"{end} {sdev.provenance[end]}" for end in STOCKS if sdev.provenance.get(end)]
    return Look(sdev.name, sdev.sha256, codes[0], codes[1], ", ".join([_described(stamps), *stocks]), codes[2])


def of_graded(header: FrameHeader) -> Look:
    """Return the look of a graded EXR: its stamps, and the `chromaticities` that a regrade gives it.

    Raises LatticeError if these chromaticities are malformed.
    """
    stamps = stamps_in(header)
    name, output = stamps.get("name", UNKNOWN), stamps.get("output", UNKNOWN)
    codes = tags(name, header.chromaticities, _gamma(output))
    return Look(name, stamps.get("sha256", ""), codes[0], codes[1], _described(stamps), codes[2])


def _gamma(output: str) -> str | float | None:
    """Return the gamma that ends the name of an output, such as `Rec.709 sRGB` or `P3-DCI 2.6`; None if none does."""
    word = output.rpartition(" ")[2]
    try:
        return word if word == "sRGB" else float(word)
    except ValueError:
        return None


def _described(stamps: Mapping[str, str]) -> str:
    version, name, sha256, start, end, method, options = (
        stamps.get(each, UNKNOWN)
        for each in ("version", "name", "sha256", "input", "output", "interpolation", "options")
    )
    return f"lattice {version}, look {name}, sha256 {sha256}, {start} -> {end}, {method}, {options}"
