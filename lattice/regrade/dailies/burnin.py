"""Burn text into a picture of display code values: small, at the bottom, each text on its own dark plate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lattice.files.movie.file import INSTALL
from lattice.types import LatticeError

ITEMS = ("frame", "name")
LINES = 32  # of text that fill the picture's height
SMALLEST = 12  # pixels a line; smaller text cannot be read
INK, SHADE = 0.85, 0.3  # code value of the text; factor on the picture under its plate


def parse(text: str) -> tuple[str, ...]:
    """Return the items of a list such as `frame,name`; empty for empty text.

    Raises LatticeError if an item is not in ITEMS, or Pillow, which draws them, is not installed.
    """
    items = tuple(item.strip() for item in text.split(",") if item.strip())
    for item in items:
        if item not in ITEMS:
            raise LatticeError(f"burn-in: expected {' or '.join(ITEMS)}, got {item!r}")
    if items:
        try:
            import PIL  # noqa: F401
        except ImportError:
            raise LatticeError(f"burn-in: expected the package pillow, got none: {INSTALL}") from None
    return items


@cache
def _font(size: int) -> Any:
    """Return Pillow's own font, Aileron: all its digits are equally wide. It has ASCII; other letters become boxes."""
    from PIL import ImageFont

    return ImageFont.load_default(size)


@dataclass(frozen=True)
class Strip:
    """The size of a movie's texts. size: pixels a line. aspect: a pixel's width over its height."""

    size: int
    aspect: float

    @classmethod
    def fitting(cls, texts: tuple[str, str], width: int, height: int, aspect: float) -> Strip:
        """Return the strip for a picture and its longest texts, left and right: smaller text if these would meet.

        width, height: of the picture in pixels. aspect: a pixel's width over its height.
        A name that does not fit at SMALLEST is cut off by the picture's edge, or covered by the text on the right.
        """
        wanted = max(SMALLEST, height // LINES)
        font = _font(wanted)
        needed = (sum(font.getlength(text) for text in texts) + 4 * wanted) / aspect  # 4: margins, plates and a gap
        return cls(max(SMALLEST, int(wanted * min(1.0, width / needed))), aspect)

    def burn(self, picture: NDArray[np.float32], left: str, right: str) -> None:
        """Draw both texts into a picture (3, H, W) of code values, in place; an empty text draws no plate."""
        margin = self.size // 2
        for text, is_right in ((left, False), (right, True)):
            if text:
                ink = _ink(text, self.size, self.aspect)
                height, width = ink.shape
                bottom, start = picture.shape[1] - margin, int(margin / self.aspect)
                if is_right:
                    start = max(0, picture.shape[2] - start - width)
                top = max(0, bottom - height)
                under = picture[:, top : top + height, start : start + width]
                ink = ink[: under.shape[1], : under.shape[2]]
                under *= SHADE * (1 - ink)
                under += INK * ink


def _ink(text: str, size: int, aspect: float) -> NDArray[np.float32]:
    """Return the letters' coverage of the plate's pixels, (H, W) in [0, 1]; narrower if pixels are wide."""
    from PIL import Image, ImageDraw

    font, pad = _font(size), size // 4
    ascent, descent = font.getmetrics()
    plate = Image.new("L", (int(font.getlength(text)) + 1 + 2 * pad, ascent + descent + 2 * pad))
    ImageDraw.Draw(plate).text((pad, pad), text, 255, font)
    if aspect != 1:
        plate = plate.resize((max(1, round(plate.width / aspect)), plate.height), Image.Resampling.LANCZOS)
    return np.asarray(plate, np.float32) / np.float32(255)
