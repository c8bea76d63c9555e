"""Tag a movie with the primaries and curve of its display, by the code points of ITU-T H.273."""

from __future__ import annotations

from lattice.color.displays import H273
from lattice.color.primaries import named
from lattice.files.movie.file import UNSPECIFIED

# 2.6 has the code of ST 428-1, whose peak is 52.37/48 of the white: a player that applies this peak, too, shows that
# much more light.
TRANSFERS: dict[str | float, int] = dict((*H273.items(), (2.6, 17)))


def tags(name: str, xy: tuple[float, ...] | None, gamma: str | float | None) -> tuple[int, int, tuple[str, ...]]:
    """Return the codes of a display's primaries and curve, and a note for each one without a code (UNSPECIFIED).

    name: of the look, for the notes. xy: of red, green, blue and white; None if unknown. gamma: a power, "sRGB", or of
    HDR with the nits of white, "PQ@203"; None if unknown.
    """
    curve = gamma.partition("@")[0] if isinstance(gamma, str) else gamma
    notes = []
    found = named(xy) if xy else None
    code = found.h273 if found else None
    if code is None:
        told = "are none that a movie can name" if xy else "are not known (--gives NAME says them of a LUT file)"
        notes.append(f"{name}: its display's primaries {told}: left unspecified")
    if curve not in TRANSFERS:
        of = "" if gamma is None else f" of {gamma:g}" if isinstance(gamma, float) else f" of {gamma}"
        notes.append(f"{name}: its display's gamma{of} is none that a movie can name: left unspecified")
    return code or UNSPECIFIED, TRANSFERS.get(curve or "", UNSPECIFIED), tuple(notes)
