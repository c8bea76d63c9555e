"""The header of an image file other than EXR, and the code values of an image to write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from lattice.files.frame import FINEST_ASPECT, Window
from lattice.types import LatticeError, Pixels

FLOAT32_MOST = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class ImageSpec:
    """size: width, height in pixels. channels: samples of a pixel as stored, color first. bits: per code value; 32 or
    16 for floats.

    is_gray: the color is one sample, which stands for R, G and B. alpha: position of the alpha among the samples; None
    without. What else is stored is left out.
    transfer: key of TRANSFERS, or ADX, from the header or the format's convention; None if unknown.
    why: the header value, for the error message. straight: color is not multiplied by alpha.
    aspect: pixel width divided by pixel height. timecode: SMPTE binary coded decimal, hours in the highest byte. rate:
    frames per second; None if the file does not say.
    chromaticities: x, y of red, green, blue, white. note: the description text, which may hold our stamp.
    has_profile: the file holds an ICC profile. tags: what it says of its color, the profile and H.273's codes, as bytes
    that are the same if they are. coding: "LogLuv" or "LogL", which hold light and take no other transfer.
    is_xyz: the color is CIE X, Y, Z over those of the white. place: the data window of a part of a larger picture, in
    `full`, its display window; None if the picture is whole and begins at (0, 0).
    notes: a line for each fact that a user may not expect. kept: a header of the same format to begin an output with,
    and user data.
    unpack: returns the code values, (H, W, read), from a whole file's bytes and its name for messages; None if
    OpenImageIO reads them. says_transfer: the file itself names the transfer, or its format does.
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
    rate: Fraction | None = None
    chromaticities: tuple[float, ...] | None = None
    note: str = ""
    has_profile: bool = False
    is_gray: bool = False
    alpha: int | None = None
    coding: str = ""
    is_xyz: bool = False
    place: Window | None = None
    full: Window | None = None
    notes: tuple[str, ...] = ()
    kept: bytes = field(default=b"", repr=False)
    unpack: Callable[[bytes, str], Pixels] | None = None
    says_transfer: bool = False
    tags: bytes = b""

    @property
    def window(self) -> Window:
        """The data window."""
        return self.place or (0, 0, self.size[0] - 1, self.size[1] - 1)

    @property
    def color(self) -> tuple[int, int, int]:
        """The samples that are red, green and blue."""
        return (0, 0, 0) if self.is_gray else (0, 1, 2)

    @property
    def read(self) -> int:
        """How many samples of a pixel are read, from the first."""
        return max(*self.color, self.alpha or 0) + 1

    @property
    def names(self) -> str:
        """The channels that are read: "RGB" or "RGBA"."""
        return "RGB" if self.alpha is None else "RGBA"


@dataclass(frozen=True)
class EncodedImage:
    """An image to write. pixels: (H, W, 3 or 4) in the dtype and range of its format.

    icc: the bytes of its ICC profile; empty for none. cicp: H.273's codes of its color; None for none. about: printable
    text that tells how it was graded. Other fields: as
    in ImageSpec.
    """

    pixels: Pixels
    note: str = ""
    straight: bool = False
    aspect: float = 1.0
    timecode: int | None = None
    rate: Fraction | None = None
    kept: bytes = field(default=b"", repr=False)
    icc: bytes = b""
    cicp: tuple[int, int, int, int] | None = None
    about: str = ""

    @property
    def tags(self) -> bytes:
        """What the file will say of its color, as in ImageSpec."""
        return color_tags(self.icc, self.cicp)

    @property
    def size(self) -> tuple[int, int]:
        """Width, height."""
        return self.pixels.shape[1], self.pixels.shape[0]


def color_tags(icc: bytes, cicp: Sequence[int] | None) -> bytes:
    """Return a profile and H.273's codes as bytes that are the same if they are; empty for neither."""
    return icc + bytes(cicp or ())


def check_shape(size: tuple[int, int], where: str) -> None:
    """Raise LatticeError unless the image has pixels."""
    if min(size) < 1:
        raise LatticeError(f"{where}: size: expected 1x1 or more, got {size[0]}x{size[1]}")


def expect(where: str, field: str, wanted: Mapping[int, str] | Mapping[str, str], got: object) -> None:
    """Raise LatticeError unless `got` is one of the `wanted` values, each with its name for the message."""
    if got not in wanted:
        names = " or ".join(f"{key} ({name})" if name else str(key) for key, name in wanted.items())
        raise LatticeError(f"{where}: {field}: expected {names}, got {got}")


def check_range(where: str, field: str, numbers: Iterable[float]) -> None:
    """Raise LatticeError unless each number is finite as float32."""
    for number in numbers:
        if not abs(number) <= FLOAT32_MOST:
            raise LatticeError(f"{where}: {field}: expected numbers up to {FLOAT32_MOST:.4g}, got {number:g}")


def text_of(data: bytes) -> str:
    """Return the text of a zero-padded field; a field of 0xFF is empty."""
    return data.split(b"\0")[0].rstrip(b"\xff").decode("utf-8", "replace")


def aspect_of(across: float, down: float) -> float:
    """Return across / down, a pixel's width over its height; 1 unless both are finite and above 0, and the ratio is one
    of pixels, up to FINEST_ASPECT either way."""
    if not (np.isfinite([across, down]).all() and across > 0 and down > 0):
        return 1.0
    return across / down if 1 / FINEST_ASPECT <= across / down <= FINEST_ASPECT else 1.0
