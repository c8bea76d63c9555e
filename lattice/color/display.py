"""The encoding of a display's code values, as files name it: interop ID, code points of H.273, a title.

Sources: ASWF Color Interop Forum, "Color Space Encodings for Displays" 1.0.0; ITU-T H.273 (07/2024).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lattice.color.gamuts import Chromaticities, Primaries
from lattice.color.interop import DISPLAYS
from lattice.color.primaries import named

Gamma = float | Literal["sRGB"]
CURVES: dict[Gamma, str] = {"sRGB": "srgb", 1.0: "lin", 2.2: "g22", 2.4: "g24", 2.6: "g26"}  # words of interop IDs
# Code point of each gamma. 2.4 has the code of BT.709's curve, which BT.1886 displays with 2.4.
H273: dict[Gamma, int] = {"sRGB": 13, 1.0: 8, 2.2: 4, 2.4: 1, 2.8: 5}
RGB_MATRIX, FULL_RANGE = 0, 1


@dataclass(frozen=True)
class Encoding:
    """Code values of a display. xy: x, y of its red, green, blue and white. gamma: as in `types.Display`."""

    xy: Chromaticities
    gamma: Gamma

    @property
    def primaries(self) -> Primaries | None:
        """The record of the primaries; None if the register has none."""
        return named(self.xy)

    @property
    def interop_id(self) -> str | None:
        """The forum's ID; None if it has none."""
        scene = self.primaries.interop_id if self.primaries and self.primaries.is_display else None
        name = f"{CURVES.get(self.gamma)}_{scene.split('_')[1]}_display" if scene else None
        return name if name in DISPLAYS else None

    @property
    def cicp(self) -> tuple[int, int, int, int] | None:
        """H.273's codes of primaries, transfer, matrix and range; None if primaries or transfer have none."""
        primaries = self.primaries.h273 if self.primaries else None
        if primaries is None or self.gamma not in H273:
            return None
        return primaries, H273[self.gamma], RGB_MATRIX, FULL_RANGE

    @property
    def title(self) -> str:
        """Text for people: "Display P3, sRGB curve"."""
        curve = "sRGB curve" if self.gamma == "sRGB" else f"gamma {self.gamma:g}"
        return f"{self.primaries.name if self.primaries else 'RGB'}, {curve}"
