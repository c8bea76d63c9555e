"""What an image file that is no EXR says of itself, and the code values in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from lattice.types import LatticeError, Pixels

FINEST_ASPECT = 1000  # denominator of a pixel aspect that is written
FLOAT32_MOST = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class ImageSpec:
    """size: width, height in pixels. channels: 3, or 4 with alpha. bits: of a code value; 32 for floats.

    transfer: what its own words or its format's custom make of the code values; None where only a person can know.
    why: what it said of them then. straight: color is not multiplied by alpha. aspect: a pixel's width over its height.
    timecode: SMPTE binary coded decimal, hours in the highest byte. chromaticities: x, y of red, green, blue, white.
    note: the text that may hold a stamp of ours. has_profile: it holds an ICC profile.
    """

    size: tuple[int, int]
    channels: int
    bits: int
    transfer: str | None
    why: str = ""
    is_float: bool = False
    straight: bool = False
    aspect: float = 1.0
    timecode: int | None = None
    chromaticities: tuple[float, ...] | None = None
    note: str = ""
    has_profile: bool = False


@dataclass(frozen=True)
class EncodedImage:
    """A picture to write. pixels: (H, W, 3 or 4) of the type and range that its format holds. The rest: ImageSpec."""

    pixels: Pixels
    note: str = ""
    straight: bool = False
    aspect: float = 1.0
    timecode: int | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width, height."""
        return self.pixels.shape[1], self.pixels.shape[0]


def check_shape(size: tuple[int, int], channels: int, where: str) -> None:
    """Raise LatticeError unless there are pixels, with 3 or 4 channels."""
    if min(size) < 1:
        raise LatticeError(f"{where}: size: expected 1x1 or more, got {size[0]}x{size[1]}")
    if channels not in (3, 4):
        raise LatticeError(f"{where}: channels: expected R, G, B or R, G, B, A, got {channels}")


def expect(where: str, field: str, wanted: Mapping[int, str] | Mapping[str, str], got: object) -> None:
    """Raise LatticeError unless a field holds one of the `wanted` values, each with its name."""
    if got not in wanted:
        names = " or ".join(f"{key} ({name})" if name else str(key) for key, name in wanted.items())
        raise LatticeError(f"{where}: {field}: expected {names}, got {got}")


def check_range(where: str, field: str, numbers: Iterable[float]) -> None:
    """Raise LatticeError unless each number is finite as float32."""
    for number in numbers:
        if not abs(number) <= FLOAT32_MOST:
            raise LatticeError(f"{where}: {field}: expected numbers up to {FLOAT32_MOST:.4g}, got {number:g}")


def text_of(data: bytes) -> str:
    """The text in a field that zeros fill up; 0xFF, too, says that there is none."""
    return data.split(b"\0")[0].rstrip(b"\xff").decode("utf-8", "replace")


def aspect_of(across: float, down: float) -> float:
    """A pixel's width over its height; 1 where a file says none."""
    return across / down if np.isfinite([across, down]).all() and across > 0 and down > 0 else 1.0
