"""Text on a picture of codes, in Pillow's own font, Aileron. It has ASCII; other letters become boxes."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lattice.files.movie.file import INSTALL
from lattice.types import LatticeError
from lattice.view.looking import Color

CUT = "..."


def check_installed(what: str) -> None:
    """Raise LatticeError if Pillow, which draws `what`, is not installed."""
    try:
        import PIL  # noqa: F401
    except ImportError:
        raise LatticeError(f"{what}: the package pillow is not installed: {INSTALL}") from None


@cache
def _font(size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size)


def height_of(size: int) -> int:
    """Return the pixels of a line at `size`, from the tallest letter to the lowest."""
    return int(sum(_font(size).getmetrics()))


def width_of(text: str, size: int) -> int:
    """Return the pixels that a text takes."""
    return int(_font(size).getlength(text)) + 1


def cut(text: str, size: int, room: int) -> str:
    """Return a text that is at most `room` pixels wide: its end is left out, and dots say so."""
    if width_of(text, size) <= room:
        return text
    while text and width_of(text + CUT, size) > room:
        text = text[:-1]
    return text + CUT if text else ""


def write(canvas: NDArray[np.uint8], text: str, size: int, left: int, top: int, color: Color) -> None:
    """Write a text on a canvas (H, W, 3), in place; what is outside is cut off."""
    from PIL import Image, ImageDraw

    room = canvas[max(0, top) :, max(0, left) :]
    plate = Image.new("L", (min(width_of(text, size), room.shape[1]), min(height_of(size), room.shape[0])))
    ImageDraw.Draw(plate).text((0, 0), text, 255, _font(size))
    share = np.asarray(plate, np.float32)[..., None] / 255
    under = room[: share.shape[0], : share.shape[1]]
    under[...] = np.rint(under * (1 - share) + np.array(color, np.float32) * share)
