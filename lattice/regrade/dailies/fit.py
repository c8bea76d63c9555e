"""Fit a picture into a movie's size: scaled as a whole, with square pixels, black beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lattice.files.movie.file import MOST_SIDE
from lattice.types import LatticeError

Geometry = tuple[int, int, float]  # width and height in pixels, a pixel's width over its height


def parse_size(text: str) -> tuple[int, int]:
    """Return the width and height of `1920x1080`. Raises LatticeError for other text and for sizes out of range."""
    match = re.fullmatch(r"([0-9]{1,5})[xX]([0-9]{1,5})", text)
    size = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 0 < min(size) <= max(size) <= MOST_SIDE:
        raise LatticeError(f"size: expected WIDTHxHEIGHT such as 1920x1080, up to {MOST_SIDE} a side, got {text!r}")
    return size


@dataclass(frozen=True)
class Fit:
    """Where a picture is in a movie. size: (width, height) of the movie. inner: of the picture in it."""

    size: tuple[int, int]
    inner: tuple[int, int]

    @classmethod
    def of(cls, picture: Geometry, size: tuple[int, int]) -> Fit:
        """Return the largest fit of a whole picture, its sides rounded to pixels of the movie, which are square."""
        width, height = picture[0] * picture[2], picture[1]
        scale = min(size[0] / width, size[1] / height)
        inner = tuple(min(most, max(1, round(side * scale))) for most, side in zip(size, (width, height), strict=True))
        return cls(size, (inner[0], inner[1]))

    def place(self, picture: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the movie's picture, (3, height, width) of code values in [0, 1], black beside `picture`.

        picture: (3, H, W) of code values in [0, 1]. Scaled are code values, by Lanczos' filter of three lobes, whose
        width follows the scale; what overshoots is clipped. A side that fits is not scaled, not one bit of it.
        """
        scaled = _scaled(picture, self.inner)
        if self.inner == self.size:
            return scaled
        left, top = (self.size[0] - self.inner[0]) // 2, (self.size[1] - self.inner[1]) // 2
        placed = np.zeros((3, self.size[1], self.size[0]), np.float32)
        placed[:, top : top + self.inner[1], left : left + self.inner[0]] = scaled
        return placed


def _scaled(picture: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    if (picture.shape[2], picture.shape[1]) == size:
        return picture
    from PIL import Image

    planes = [np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.LANCZOS)) for plane in picture]
    return np.clip(np.stack(planes), 0, 1)
