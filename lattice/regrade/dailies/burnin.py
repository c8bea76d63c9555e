"""Burn text into a picture of display code values: small, at the edges, each text on its own dark plate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lattice.errors import did_you_mean
from lattice.regrade.dailies.text import SMALLEST, Code, check_installed, draw, ink, width_of
from lattice.types import LatticeError

LINES = 32  # of text that fill the picture's height
INK, SHADE = 0.85, 0.3  # code value of the text; factor on the picture under its plate
LEFT, MIDDLE, RIGHT = range(3)
ORDER = (RIGHT, LEFT, MIDDLE)  # the first ones keep their line
# Where each item is: at the bottom or not, and where in its line.
PLACES = {
    "frame": (True, RIGHT),
    "name": (True, LEFT),
    "timecode": (True, MIDDLE),
    "look": (False, LEFT),
    "date": (False, RIGHT),
}


def parse(text: str) -> tuple[str, ...]:
    """Return the items of a list such as `frame,name`; empty for empty text.

    Raises LatticeError if an item is not in PLACES, or Pillow, which draws them, is not installed.
    """
    items = tuple(item.strip() for item in text.split(",") if item.strip())
    for item in items:
        if item not in PLACES:
            raise LatticeError(f"burn-in: expected {' or '.join(PLACES)}, got {item!r}" + did_you_mean(item, PLACES))
    if items:
        check_installed("burn-in")
    return items


@dataclass(frozen=True)
class Strip:
    """The size and the lines of a movie's texts. size: pixels a line. aspect: a pixel's width over its height.
    lines: by item, how many lines from its edge of the picture; 0 for an item that is not in it."""

    size: int
    aspect: float
    lines: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def fitting(cls, labels: Sequence[Mapping[str, str]], width: int, height: int, aspect: float) -> Strip:
        """Return the strip for a picture and all its labels: smaller text if those of a line would meet, and where they
        meet at SMALLEST, too, one of them is in a line of its own.

        labels: of each frame, the texts by item. width, height: of the picture in pixels. aspect: of a pixel.
        A text that does not fit in a line of its own is cut off by the picture's edge.
        """
        wanted = max(SMALLEST, height // LINES)
        longest = {
            item: max((each.get(item, "") for each in labels), key=lambda text: width_of(text, wanted))
            for item in PLACES
        }
        most = 0.0
        for is_bottom in (True, False):
            widths = [0.0, 0.0, 0.0]
            for item, text in longest.items():
                if PLACES[item][0] == is_bottom and text:
                    widths[PLACES[item][1]] = width_of(text, wanted) + 2 * wanted  # its plate and a gap
            # A text in the middle needs the room of the wider side twice.
            sides = 2 * max(widths[LEFT], widths[RIGHT]) if widths[MIDDLE] else widths[LEFT] + widths[RIGHT]
            most = max(most, sides + widths[MIDDLE])
        size = max(SMALLEST, int(wanted * min(1.0, width * aspect / most))) if most else wanted
        return cls(
            size, aspect, _lines({item: width_of(text, size) for item, text in longest.items()}, size, width * aspect)
        )

    def burn(self, picture: NDArray[np.float32], labels: Mapping[str, str], white: Code = 1.0) -> None:
        """Draw texts, by item, into a picture (3, H, W) of code values, in place; an empty text draws no plate.

        white: code values of white, one or (3, 1, 1).
        """
        for item, text in labels.items():
            if not text:
                continue
            is_bottom, place = PLACES[item]
            letters = ink(text, self.size, self.aspect, self.size // 4)
            height, width = letters.shape
            room, edge = picture.shape[2] - width, int(self.size // 2 / self.aspect)
            left = (edge, room // 2, room - edge)[place]
            margin = self.size // 2 + self.lines.get(item, 0) * (height + self.size // 4)
            top = picture.shape[1] - margin - height if is_bottom else margin
            draw(picture, letters, max(0, top), max(0, left), INK * white, SHADE)


def _lines(widths: Mapping[str, float], size: int, room: float) -> dict[str, int]:
    """Return the line of each item, from its edge: the first where it meets no other. widths, room: square pixels."""
    lines: dict[str, int] = {}
    taken: dict[tuple[bool, int], list[tuple[float, float]]] = {}
    for item in sorted(
        (item for item, width in widths.items() if width), key=lambda item: ORDER.index(PLACES[item][1])
    ):
        is_bottom, place = PLACES[item]
        wide = widths[item] + size // 2  # its plate
        start = (size / 2, (room - wide) / 2, room - wide - size / 2)[place]
        line = 0
        while any(start < end and begin < start + wide for begin, end in taken.get((is_bottom, line), [])):
            line += 1
        taken.setdefault((is_bottom, line), []).append((start - size / 4, start + wide + size / 4))
        lines[item] = line
    return lines
