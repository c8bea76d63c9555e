"""What an EXR's attributes and channels say of the shot: views, time code, frame rate, gray."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from lattice.files.frame import FASTEST, SLOWEST, Channel

if TYPE_CHECKING:
    from lattice.files.exr.header import Attribute

TIME_CODE_BYTES = 8
RATES = ("framesPerSecond", "FramesPerSecond")
RATIONAL = struct.Struct("<iI")  # numerator, denominator
# Components of what is not gray: X is of CIE X, Y, Z.
COLORED = {"R", "G", "B", "r", "g", "b", "red", "green", "blue", "RY", "BY", "X"}


def views(attributes: Mapping[str, Attribute]) -> tuple[str, ...]:
    """Return the view names of `multiView`, the default view first; empty if absent or of another type."""
    attribute = attributes.get("multiView")
    return () if attribute is None or attribute.kind != "stringvector" else tuple(_strings(attribute.data))


def _strings(data: bytes) -> Iterator[str]:
    position = 0
    while position + 4 <= len(data):
        (length,) = struct.unpack_from("<i", data, position)
        if length < 0:
            break
        yield data[position + 4 : position + 4 + length].decode("utf-8", "surrogateescape")
        position += 4 + length


def time_code(attributes: Mapping[str, Attribute]) -> int | None:
    """Return SMPTE binary coded decimal, hours in the highest byte; None if absent or malformed."""
    time = attributes.get("timeCode")
    if time is None or time.kind != "timecode" or len(time.data) != TIME_CODE_BYTES:
        return None
    return int.from_bytes(time.data[:4], "little")


def frame_rate(attributes: Mapping[str, Attribute]) -> Fraction | None:
    """Return `framesPerSecond`, also as OpenImageIO spells it; None if absent, malformed, or not from 0.01 to 1000."""
    rate = next((attributes[name] for name in RATES if name in attributes), None)
    if rate is None or rate.kind != "rational" or len(rate.data) != RATIONAL.size:
        return None
    above, below = RATIONAL.unpack(rate.data)
    return Fraction(above, below) if below and SLOWEST <= Fraction(above, below) <= FASTEST else None


def is_gray(channels: Iterable[Channel]) -> bool:
    """True if luminance, Y at every pixel, is the only color."""
    by_name = {channel.name: channel for channel in channels}
    luma = by_name.get("Y")
    if luma is None or luma.dtype == "uint32" or luma.sampling != (1, 1):
        return False
    return not {name.rpartition(".")[2] for name in by_name} & COLORED
