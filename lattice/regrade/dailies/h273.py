"""What a movie says of the display that it is meant for, by the code points of ITU-T H.273."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lattice.color.primaries import named
from lattice.files.movie.file import UNSPECIFIED
from lattice.regrade.frame.header import display_chromaticities

if TYPE_CHECKING:
    from lattice.sdev import SDev

# The display's gamma: sRGB's curve, powers, and 2.4 by the curve of BT.709, which BT.1886 shows with it. The one of
# 2.6 is ST 428-1's, whose peak is 52.37/48 of the white: a player that goes by that, too, shows as much more light.
TRANSFERS: dict[str | float, int] = {"sRGB": 13, 1.0: 8, 2.2: 4, 2.4: 1, 2.6: 17, 2.8: 5}


def tags(sdev: SDev) -> tuple[int, int, tuple[str, ...]]:
    """The codes of the display's primaries and of its curve, and a note on each that has none and stays unspecified.

    Raises LatticeError where the device's output chromaticities are not 8 numbers.
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
