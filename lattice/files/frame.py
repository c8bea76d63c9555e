"""A frame in memory and the header of its file, for all formats: EXR and image files both give these types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, isfinite
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from lattice.types import Pixels

Window = tuple[int, int, int, int]  # first x, first y, last x, last y, inclusive
FINEST_ASPECT = 1000  # largest denominator of a pixel aspect as a ratio: 1.0666667 is 16/15
NTSC = Fraction(1000, 1001)  # times a whole rate. Source: SMPTE ST 170
NTSC_ROUNDED = 0.004  # a decimal rate this near to an NTSC rate means it: 23.98 is 24000/1001, 24.98 is not 25000/1001
SLOWEST, FASTEST = Fraction(1, 100), 1000  # frames per second
STAMP = "sdev:"  # prefix of the attributes that a regrade adds to an EXR
STAND_IN = "stand_in"  # the stamp of a missing frame that another, or black, stands in for: "hold" or "black"
INVERSE, HELD = "lattice:inverse", "lattice:holds"  # attributes of an inverse's EXR: whose it is, what its pixels are
LOOK = "look"  # the fact of an SDev, and the stamp, with its profile's fields as JSON


class Channel(NamedTuple):
    """One channel. dtype: "uint32", "float16" or "float32". linear: EXR's pLinear. sampling: pixels per sample in x and
    y."""

    name: str
    dtype: str
    linear: bool = False
    sampling: tuple[int, int] = (1, 1)


class Codec(Protocol):
    """How a file compresses its pixels. name: for messages."""

    @property
    def name(self) -> str: ...

    def changes(self, name: str, dtype: str) -> bool:
        """True if a channel may come back with other values."""

    def ruins(self, name: str, dtype: str) -> bool:
        """True if a channel is not expected to come back with the same values."""


class FrameHeader(Protocol):
    """The header of a file, or of one part of a multi-part file.

    part: part number in a multi-part file, from 0; None in a single-part file.
    """

    @property
    def part(self) -> int | None: ...

    @property
    def format_name(self) -> str:
        """ "EXR", or the name of an image format."""

    @property
    def window(self) -> Window:
        """The data window."""

    @property
    def display(self) -> Window:
        """The display window, which viewers show."""

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width) of the data window."""

    @property
    def pixel_aspect(self) -> float:
        """Pixel width divided by pixel height."""

    @property
    def channels(self) -> tuple[Channel, ...]: ...

    @property
    def images(self) -> Sequence[FrameHeader]:
        """One header per level of a mip- or rip-map; only this header if there is one level."""

    @property
    def views(self) -> tuple[str, ...]:
        """View names that channel names use, the default view first; empty if there is only one view."""

    @property
    def chromaticities(self) -> tuple[float, ...] | None:
        """x, y of red, green, blue, white; None if the file has none."""

    @property
    def codec(self) -> Codec: ...

    @property
    def deep(self) -> bool:
        """True if pixels hold a variable number of samples."""

    @property
    def straight(self) -> bool:
        """True if color is not multiplied by alpha."""

    @property
    def holds_floats(self) -> bool:
        """True if an image file holds floats, not integer code values; False for an EXR."""

    @property
    def transfer(self) -> str | None:
        """What decodes the code values: key of TRANSFERS, ADX or an input's name; None for an EXR."""

    @property
    def is_transfer_assumed(self) -> bool:
        """True if `transfer` is a convention: neither the user nor the file says it."""

    @property
    def stays_coded(self) -> bool:
        """True if an image's pixels, as read, are codes of the input `transfer` still; False for an EXR."""

    @property
    def has_profile(self) -> bool:
        """True if an image file holds an ICC profile, which is never used; False for an EXR."""

    @property
    def time_code(self) -> int | None:
        """SMPTE binary coded decimal, hours in the highest byte; None if the file has none."""

    @property
    def rate(self) -> Fraction | None:
        """Frames per second; None if the file does not say."""

    @property
    def kept(self) -> bytes:
        """The bytes that an output of the same image format keeps of the header; empty for an EXR."""

    @property
    def graded_by(self) -> str | None:
        """SDev name from a regrade's stamp, empty if the stamp has no name; None without a stamp."""

    @property
    def line(self) -> str:
        """Text for the user: the format and the transfer of its code values; empty for an EXR."""

    @property
    def is_gray(self) -> bool:
        """True if one channel of the file is red, green and blue."""

    @property
    def pixels_are(self) -> str:
        """What the pixels are whatever primaries a user names, such as CIE X, Y, Z; empty if a user may say."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Lines for the user: what a reader of the file may not expect."""

    @property
    def attributes(self) -> Mapping[str, Any]:
        """The attributes of an EXR; empty for other formats."""

    @property
    def exr(self) -> Any:
        """The EXR header itself; None for other formats."""

    def text(self, name: str) -> str | None:
        """Return a string attribute's text; None if absent."""


def near_ntsc(rate: Fraction) -> Fraction:
    """Return the NTSC rate that a rounded decimal means; other rates as they are."""
    ntsc = ceil(rate) * NTSC
    return ntsc if abs(rate - ntsc) < NTSC_ROUNDED else rate


def rate_of(number: float) -> Fraction | None:
    """Return the frames per second that a header's float means; None unless it is from 0.01 to 1000."""
    if not isfinite(number) or not SLOWEST <= number <= FASTEST:
        return None
    return near_ntsc(Fraction(number)).limit_denominator(NTSC.denominator)


def stamps_in(header: FrameHeader) -> dict[str, str]:
    """Return what a regrade stamped an EXR with, by name; empty if it is not graded, or is no EXR."""
    found = {name.removeprefix(STAMP): header.text(name) for name in header.attributes if name.startswith(STAMP)}
    return {name: text for name, text in found.items() if text is not None}


def inverse_in(header: FrameHeader) -> dict[str, str]:
    """Return whose inverse an EXR's light is, and what its pixels are, for people; empty if it is no inverse."""
    found = {"inverse of": header.text(INVERSE), "holds": header.text(HELD)}
    return {name: text for name, text in found.items() if text is not None}


def about(where: str, header: FrameHeader) -> str:
    """Return the file's name for messages, with the part's number and name if the file is multi-part."""
    return where if header.part is None else f"{where}: part {header.part} {header.text('name')!a}"


H = TypeVar("H", bound=FrameHeader, covariant=True)


@dataclass(frozen=True)
class Frame(Generic[H]):
    """A frame in memory, or one part of a multi-part file.

    channels: name to (H, W) array, uint32, float16 or float32, read-only if read from a file; RY and BY are (H/2, W/2).
    sha256: hex digest of the file's bytes; empty if the frame was not read from a file.
    smaller: channels of each further level of a mip- or rip-map, in the order of the header's `images`.
    """

    path: Path
    header: H
    channels: Mapping[str, Pixels] = field(repr=False)
    sha256: str = ""
    smaller: tuple[Mapping[str, Pixels], ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "channels", MappingProxyType(dict(self.channels)))
        object.__setattr__(self, "smaller", tuple(MappingProxyType(dict(level)) for level in self.smaller))

    @property
    def levels(self) -> tuple[Mapping[str, Pixels], ...]:
        """The channels of every level, full resolution first."""
        return self.channels, *self.smaller
