"""`Measured`: what every reader of measured files makes of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lattice.types import Array

Kind = Literal["XYZ", "Lab", "spectral"]
KINDS: tuple[Kind, ...] = ("XYZ", "Lab", "spectral")  # of several in a file, the first is read


@dataclass(frozen=True)
class Measured:
    """Patches: what a scene had there, and what an instrument measured.

    path: of the file. names: (n,), "" for a patch without one. places: (n,), where each is in the file, for messages.
    rgb: (n, 3) float64, the scene's colors as written. full_scale: what the format calls the largest of them; None if
    it says nothing. values: (n, 3) of X, Y, Z or L*, a*, b*, or (n, k) radiance at wavelengths_nm (k,), rising; in
    the file's units. white: (3,) XYZ of the screen's white in the units of XYZ; illuminant: the name of the white that
    the colors are over; None where the file says neither. format: its name, for people.
    All numbers are finite.
    """

    path: str
    names: tuple[str, ...]
    places: tuple[str, ...]
    rgb: Array
    kind: Kind
    values: Array
    format: str
    full_scale: float | None = None
    wavelengths_nm: Array | None = None
    white: Array | None = None
    illuminant: str | None = None

    def __len__(self) -> int:
        return len(self.names)
