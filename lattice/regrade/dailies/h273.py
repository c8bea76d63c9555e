"""Tag a movie with the primaries and curve of its display, by the code points of ITU-T H.273."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lattice.color.display import H273
from lattice.color.primaries import named
from lattice.files.movie.file import UNSPECIFIED
from lattice.regrade.frame.header import display_chromaticities

if TYPE_CHECKING:
    from lattice.sdev import SDev

# 2.6 has the code of ST 428-1, whose peak is 52.37/48 of the white: a player that applies this peak, too, shows that
# much more light.
TRANSFERS = {**H273, 2.6: 17}


def tags(sdev: SDev) -> tuple[int, int, tuple[str, ...]]:
    """Return the codes of the display's primaries and curve, and a note for each one without a code (UNSPECIFIED).

    Raises LatticeError if the SDev's output chromaticities are not 8 finite numbers.
    """
    notes = []
    xy = display_chromaticities(sdev)
    found = named(xy) if xy else None
    code = found.h273 if found else None
    if code is None:
        notes.append(f"{sdev.name}: its display's primaries are none that a movie can name: left unspecified")
    gamma = sdev.display.gamma
    if gamma not in TRANSFERS:
        notes.append(f"{sdev.name}: its display's gamma of {gamma:g} is none that a movie can name: left unspecified")
    return code or UNSPECIFIED, TRANSFERS.get(gamma, UNSPECIFIED), tuple(notes)
