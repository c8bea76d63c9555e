"""The picture of a target: patches on mid gray, a number under each, marks in the corners to find it by."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from lattice.errors import LatticeError
from lattice.types import MID_GRAY, Array

LEAST_SIDES, MOST_SIDE, MOST_PIXELS = (640, 360), 16384, 2**25
MARGIN, INSET = 0.1, 0.03  # of the shorter side: around the patches, and around the border, which a gate may crop
PATCH = (0.86, 0.74)  # of a cell that a patch takes, across and down; its number is below
MARK, LINE = 0.035, 0.002  # of the shorter side: a corner's mark, and lines, around patches too: one may be mid gray
WHITE, BLACK, INK = 1.0, 0.0, 0.02  # light of the marks, and of lines and numbers
WINDOW = 0.5  # of each side, of a patch alone: a quarter of the picture
# Digits of 3 by 5 points: the bits of each row, from the top.
DIGIT_ROWS = ("75557", "26227", "71747", "71717", "55711", "74717", "74757", "71111", "75757", "75717")
GLYPH, SPACE = (3, 5), 5  # points of a digit, and above and below it
Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Sheet:
    """A picture of patches. light: (H, W, 3) float64. boxes: of each patch, x0, y0, x1, y1, the last two outside."""

    light: Array
    boxes: tuple[Box, ...]


def size_of(text: str) -> tuple[int, int]:
    """Return width and height of such as "1920x1080". Raises LatticeError for other text and other sizes."""
    found = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text, re.ASCII)
    width, height = map(int, found.groups()) if found else (0, 0)
    least, other = LEAST_SIDES
    if not (least <= width <= MOST_SIDE and other <= height <= MOST_SIDE and width * height <= MOST_PIXELS):
        raise LatticeError(
            f"--size: expected such as 1920x1080, from {least}x{other} and of at most {MOST_PIXELS:,} pixels, got "
            f"{text!r:.40}"
        )
    return width, height


def sheet(light: Array, columns: int, size: tuple[int, int]) -> Sheet:
    """Return one picture of all patches (n, 3), so many in a row, each over its number."""
    width, height = size
    short = min(size)
    picture = _surround(size)
    margin = round(MARGIN * short)
    rows = -(-len(light) // columns)
    across, down = (width - 2 * margin) // columns, (height - 2 * margin) // rows
    left, top = (width - across * columns) // 2, (height - down * rows) // 2
    point = max(1, round((1 - PATCH[1]) * down) // (GLYPH[1] + SPACE))
    wide, tall = round(PATCH[0] * across), min(round(PATCH[1] * down), down - (GLYPH[1] + SPACE) * point)
    boxes: list[Box] = []
    for k, color in enumerate(light):
        x0, y0 = left + across * (k % columns) + (across - wide) // 2, top + down * (k // columns)
        picture[y0 : y0 + tall, x0 : x0 + wide] = color
        _write(picture, str(k + 1), x0, y0 + tall + 2 * point, point)
        boxes.append((x0, y0, x0 + wide, y0 + tall))
        _outline(picture, boxes[-1], _line(short))
    _mark(picture, short)
    return Sheet(picture, tuple(boxes))


def window(color: Array, size: tuple[int, int]) -> Sheet:
    """Return a picture of one patch (3,) in the middle, over a quarter of it."""
    picture = _surround(size)
    wide, tall = (round(WINDOW * side) for side in size)
    x0, y0 = (size[0] - wide) // 2, (size[1] - tall) // 2
    picture[y0 : y0 + tall, x0 : x0 + wide] = color
    return Sheet(picture, ((x0, y0, x0 + wide, y0 + tall),))


def _surround(size: tuple[int, int]) -> Array:
    return np.full((size[1], size[0], 3), MID_GRAY)


def _mark(picture: Array, short: int) -> None:
    """Draw the border, and marks in its corners: white at the top left and bottom right, else black."""
    height, width = picture.shape[:2]
    inset, side = round(INSET * short), round(MARK * short)
    right, bottom = width - inset, height - inset
    _outline(picture, (inset, inset, right, bottom), _line(short))
    for x, y, light in (
        (inset, inset, WHITE),
        (right - side, inset, BLACK),
        (inset, bottom - side, BLACK),
        (right - side, bottom - side, WHITE),
    ):
        picture[y : y + side, x : x + side] = light


def _line(short: int) -> int:
    return max(1, round(LINE * short))


def _outline(picture: Array, box: Box, line: int) -> None:
    """Draw a line outside a box."""
    x0, y0, x1, y1 = box
    for y, x in (
        (slice(y0 - line, y0), slice(x0 - line, x1 + line)),
        (slice(y1, y1 + line), slice(x0 - line, x1 + line)),
        (slice(y0, y1), slice(x0 - line, x0)),
        (slice(y0, y1), slice(x1, x1 + line)),
    ):
        picture[y, x] = INK


def _write(picture: Array, number: str, x: int, y: int, point: int) -> None:
    """Write a number with its top left corner at x, y."""
    for place, digit in enumerate(map(int, number)):
        bits = np.array([[int(row) >> bit & 1 for bit in (2, 1, 0)] for row in DIGIT_ROWS[digit]], bool)
        shape = np.kron(bits, np.ones((point, point), bool))
        left = x + place * (GLYPH[0] + 1) * point
        picture[y : y + shape.shape[0], left : left + shape.shape[1]][shape] = INK
