"""Text as coverage of pixels, in Pillow's own font, Aileron: its digits are equally wide. It has ASCII; other letters
become boxes."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lattice.files.movie.file import INSTALL
from lattice.types import LatticeError

Code = float | NDArray[np.float32]
SMALLEST = 12  # pixels a line; smaller text cannot be read


def check_installed(what: str) -> None:
    """Raise LatticeError if Pillow, which draws `what`, is not installed."""
    try:
        import PIL  # noqa: F401
    except ImportError:
        raise LatticeError(f"{what}: the package pillow is not installed: {INSTALL}") from None


@cache
def font(size: int) -> Any:
    """Return the font at `size` pixels a line."""
    from PIL import ImageFont

    return ImageFont.load_default(size)


def has_boxes(text: str) -> bool:
    """Return whether the font lacks a letter of the text, and draws a box for it."""
    return not text.isascii() and any(_ink_of(letter) == _ink_of("\uffff") for letter in set(text))


@cache
def _ink_of(letter: str) -> tuple[tuple[int, int], bytes]:
    mask = font(SMALLEST).getmask(letter)
    return mask.size, bytes(mask)


def height_of(size: int) -> int:
    """Return the pixels of a line, letters that go below it and all."""
    return int(sum(font(size).getmetrics()))


def ascent(size: int) -> int:
    """Return the pixels from a line's top to its letters' foot."""
    return int(font(size).getmetrics()[0])


def width_of(text: str, size: int) -> float:
    """Return the width of a text in square pixels."""
    return float(font(size).getlength(text))


def fitting(text: str, size: int, room: float) -> int:
    """Return the size of a text that is `room` square pixels wide at most: `size` or less, SMALLEST or more."""
    size = max(SMALLEST, size)
    return max(SMALLEST, int(size * min(1.0, room / max(1.0, width_of(text, size)))))


def ink(text: str, size: int, aspect: float, pad: int = 0) -> NDArray[np.float32]:
    """Return the letters' coverage of pixels, (H, W) in [0, 1], with `pad` empty pixels around.

    aspect: a pixel's width over its height: where pixels are wide, letters take fewer of them.
    """
    from PIL import Image, ImageDraw

    plate = Image.new("L", (int(width_of(text, size)) + 1 + 2 * pad, height_of(size) + 2 * pad))
    ImageDraw.Draw(plate).text((pad, pad), text, 255, font(size))
    if aspect != 1:
        plate = plate.resize((max(1, round(plate.width / aspect)), plate.height), Image.Resampling.LANCZOS)
    return np.asarray(plate, np.float32) / np.float32(255)


def draw(
    picture: NDArray[np.float32], letters: NDArray[np.float32], top: int, left: int, code: Code, shade: float = 1.0
) -> None:
    """Draw coverage into a picture (3, H, W) of code values, in place; what is outside is cut off.

    code: of the letters, one or (3, 1, 1). shade: factor on the picture under and around them.
    """
    above, before = max(0, -top), max(0, -left)
    letters = letters[above:, before:]
    under = picture[:, max(0, top) : max(0, top) + letters.shape[0], max(0, left) : max(0, left) + letters.shape[1]]
    letters = letters[: under.shape[1], : under.shape[2]]
    under *= shade * (1 - letters)
    under += np.asarray(code, np.float32) * letters
