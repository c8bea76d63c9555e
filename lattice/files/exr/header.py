"""An EXR header as stored in the file: every attribute with its type and its bytes, unknown ones too.

The OpenEXR package changes attributes that it does not understand and cannot open some legal headers. So attributes
never pass through it: they are copied as bytes, and only the few that decide the pixel layout are parsed.
Source: "OpenEXR File Layout", openexr.com.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import NamedTuple

from lattice.files.exr import facts
from lattice.files.exr.codecs import CODECS, Codec
from lattice.files.frame import STAMP, Channel, Window
from lattice.types import LatticeError

MAGIC = b"\x76\x2f\x31\x01"
FORMAT_VERSION = 2
TILED, LONG_NAMES, DEEP, MULTI_PART = 0x200, 0x400, 0x800, 0x1000  # bits of the version field
SHORT_NAME = 31  # longer names need LONG_NAMES
LEVELS, MIP, RIP = 0xF, 1, 2  # low half of the tile description's last byte; the high half is the rounding mode
INCREASING, DECREASING, RANDOM = range(3)  # values of lineOrder; only tiles may have the last
DWA_LEVEL = "dwaCompressionLevel"  # attribute: a float, of DWAA and DWAB
PIXEL_TYPES = ("uint32", "float16", "float32")  # in the order of the channel list's type field
REQUIRED = {  # attribute: its type and size in bytes, None if the size varies
    "channels": ("chlist", None),
    "compression": ("compression", 1),
    "dataWindow": ("box2i", 16),
    "displayWindow": ("box2i", 16),
    "lineOrder": ("lineOrder", 1),
    "pixelAspectRatio": ("float", 4),
    "screenWindowCenter": ("v2f", 8),
    "screenWindowWidth": ("float", 4),
}
CHROMATICITIES = struct.Struct("<8f")  # x, y of red, green, blue, white


class Attribute(NamedTuple):
    """kind: the EXR type's name ("string", "float", "box2i", or an unknown one). data: the attribute's bytes."""

    kind: str
    data: bytes

    @classmethod
    def text(cls, value: str) -> Attribute:
        """Return a `string` attribute."""
        return cls("string", value.encode("utf-8", "surrogateescape"))

    @classmethod
    def floats(cls, kind: str, *values: float) -> Attribute:
        """Return an attribute of 32-bit floats: `float`, `v2f`, `chromaticities`, or another type of that layout."""
        return cls(kind, struct.pack(f"<{len(values)}f", *values))


# Required attributes that the OpenEXR library reads as these where a file lacks them, as FFmpeg's may.
# Source: OpenEXR 3.5, openexr_core parse_header.c; ImfHeader.cpp, the constructor's defaults.
DEFAULTS = {
    "lineOrder": Attribute("lineOrder", bytes(1)),
    "pixelAspectRatio": Attribute.floats("float", 1.0),
    "screenWindowCenter": Attribute.floats("v2f", 0.0, 0.0),
    "screenWindowWidth": Attribute.floats("float", 1.0),
}


@dataclass(frozen=True)
class Header:
    """The header of an image, or of one part of a multi-part file.

    attributes: name to Attribute, in file order. tiled: tiles, not scan lines.
    length: bytes from the file's start to the image's offset table. part: part number in a multi-part file, from 0;
        None in a single-part file. level: (x, y) level number of a mip- or rip-map.
    """

    attributes: Mapping[str, Attribute]
    tiled: bool
    length: int = field(default=0, compare=False)
    part: int | None = None
    level: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "attributes", MappingProxyType(dict(self.attributes)))

    def with_attributes(self, attributes: Mapping[str, Attribute]) -> Header:
        """Return the same layout with other attributes."""
        return replace(self, attributes=attributes)

    def text(self, name: str) -> str | None:
        """Return a string attribute's text; None if the attribute is absent or not a string."""
        attribute = self.attributes.get(name)
        if attribute is None or attribute.kind != "string":
            return None
        return attribute.data.decode("utf-8", "surrogateescape")

    @cached_property
    def window(self) -> Window:
        """The data window: first x, first y, last x, last y, inclusive."""
        return struct.unpack("<4i", self.attributes["dataWindow"].data)

    # EXR color is multiplied by alpha; pixels are light, not code values.
    straight = holds_floats = is_transfer_assumed = has_profile = stays_coded = False
    format_name, transfer, line = "EXR", None, ""
    pixels_are, notes, kept = "", (), b""

    @property
    def exr(self) -> Header:
        """This header."""
        return self

    @property
    def time_code(self) -> int | None:
        """SMPTE binary coded decimal, hours in the highest byte; None if absent or malformed."""
        return facts.time_code(self.attributes)

    @property
    def rate(self) -> Fraction | None:
        """`framesPerSecond`; None if absent, malformed, or not from 0.01 to 1000."""
        return facts.frame_rate(self.attributes)

    @cached_property
    def is_gray(self) -> bool:
        """True if luminance, Y, is the only color of a single-part file."""
        return self.part is None and facts.is_gray(self.channels)

    @property
    def graded_by(self) -> str | None:
        """SDev name from a regrade's stamp, empty if the stamp has no name; None without a stamp."""
        if not any(name.startswith(STAMP) for name in self.attributes):
            return None
        return self.text(STAMP + "name") or ""

    @property
    def deep(self) -> bool:
        """True if pixels hold a variable number of samples."""
        return (self.text("type") or "").startswith("deep")

    @cached_property
    def display(self) -> Window:
        """The display window, which viewers show: first x, first y, last x, last y, inclusive."""
        return struct.unpack("<4i", self.attributes["displayWindow"].data)

    @cached_property
    def pixel_aspect(self) -> float:
        """Pixel width divided by pixel height."""
        return float(struct.unpack("<f", self.attributes["pixelAspectRatio"].data)[0])

    @cached_property
    def shape(self) -> tuple[int, int]:
        """(height, width) of the data window."""
        left, top, right, bottom = self.window
        return bottom - top + 1, right - left + 1

    @cached_property
    def codec(self) -> Codec:
        """The codec of the `compression` attribute."""
        return CODECS[self.attributes["compression"].data[0]]

    @cached_property
    def tile(self) -> tuple[int, int]:
        """(width, height) of a tile; only if `tiled`."""
        width, height = struct.unpack_from("<2I", self.attributes["tiles"].data)
        return width, height

    @cached_property
    def images(self) -> tuple[Header, ...]:
        """One header per level, in the order of the offset tables; only this header if there is one level."""
        mode = self.attributes["tiles"].data[8] if self.tiled else 0
        if not mode & LEVELS:
            return (self,)
        images, length = [], self.length
        for level, (width, height) in _levels(self.shape, mode):
            left, top, _, _ = self.window
            window = struct.pack("<4i", left, top, left + width - 1, top + height - 1)
            image = replace(self.one_level(), level=level, length=length)
            images.append(image.with_attributes({**image.attributes, "dataWindow": Attribute("box2i", window)}))
            length += 8 * chunk_count(images[-1])
        return tuple(images)

    def one_level(self) -> Header:
        """Return the header of the same image without smaller levels; only if `tiled`."""
        tiles = self.attributes["tiles"]
        return self.with_attributes({**self.attributes, "tiles": Attribute(tiles.kind, tiles.data[:8] + b"\0")})

    @cached_property
    def channels(self) -> tuple[Channel, ...]:
        """The channels, in file order."""
        return tuple(_channels(self.attributes["channels"].data))

    @cached_property
    def views(self) -> tuple[str, ...]:
        """View names from `multiView`, the default view first; empty if the attribute is absent."""
        return facts.views(self.attributes)

    @cached_property
    def chromaticities(self) -> tuple[float, ...] | None:
        """x, y of red, green, blue, white; None if absent. Raises LatticeError if malformed."""
        attribute = self.attributes.get("chromaticities")
        if attribute is None:
            return None
        if attribute.kind != "chromaticities" or len(attribute.data) != CHROMATICITIES.size:
            got = f"{len(attribute.data)} bytes of {attribute.kind!a}"
            raise LatticeError(f"chromaticities: expected 8 floats, got {got}")
        return CHROMATICITIES.unpack(attribute.data)


def _levels(shape: tuple[int, int], mode: int) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yield (level x, level y), (width, height) of each level. Source: "OpenEXR File Layout", tiles."""
    across, down = (_sizes(side, mode >> 4, max(shape) if mode & LEVELS == MIP else side) for side in shape[::-1])
    if mode & LEVELS == MIP:
        yield from (((k, k), (across[k], down[k])) for k in range(len(across)))
    else:
        yield from (((k, j), (across[k], down[j])) for j in range(len(down)) for k in range(len(across)))


def _sizes(side: int, is_up: int, longest: int) -> list[int]:
    """Return a side's length at every level, halved and rounded until `longest` is 1."""
    count = (longest - 1).bit_length() + 1 if is_up else longest.bit_length()
    return [max(1, -(-side // 2**k) if is_up else side >> k) for k in range(count)]


def chunk_count(header: Header) -> int:
    """Return the number of chunks, in scan lines or tiles, of the image and its levels."""
    if len(header.images) > 1:
        return sum(map(chunk_count, header.images))
    height, width = header.shape
    if not header.tiled:
        return -(-height // header.codec.lines)
    return -(-width // header.tile[0]) * -(-height // header.tile[1])


def pack(header: Header) -> bytes:
    """Return the header's bytes for a single-part file, magic number to closing zero; sets the long-names flag if a
    name needs it."""
    kind = DEEP if header.deep else TILED * header.tiled
    return MAGIC + struct.pack("<I", FORMAT_VERSION | kind | _long_names([header])) + _packed(header)


def pack_parts(headers: Sequence[Header]) -> bytes:
    """Return the bytes of a multi-part file's headers, magic number to the zero after the last; sets the long-names
    flag if a name needs it."""
    flags = FORMAT_VERSION | MULTI_PART | _long_names(headers)
    return MAGIC + struct.pack("<I", flags) + b"".join(map(_packed, headers)) + b"\0"


def _long_names(headers: Sequence[Header]) -> int:
    names = [name for header in headers for pair in header.attributes.items() for name in (pair[0], pair[1].kind)]
    names += [channel.name for header in headers for channel in header.channels]
    return LONG_NAMES * (max(map(len, map(_encode, names)), default=0) > SHORT_NAME)


def _packed(header: Header) -> bytes:
    parts = []
    for name, attribute in header.attributes.items():
        parts += [_encode(name), b"\0", _encode(attribute.kind), b"\0"]
        parts += [struct.pack("<i", len(attribute.data)), attribute.data]
    return b"".join(parts) + b"\0"


@lru_cache(maxsize=1024)  # files of a sequence have the same names
def _encode(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def channel_list(channels: Iterable[Channel]) -> Attribute:
    """Return the `channels` attribute for these channels, sorted by name as the format requires."""
    return Attribute(
        "chlist",
        b"".join(
            _encode(c.name) + b"\0" + struct.pack("<iB3x2i", PIXEL_TYPES.index(c.dtype), c.linear, *c.sampling)
            for c in sorted(channels, key=lambda channel: _encode(channel.name))
        )
        + b"\0",
    )


def _channels(data: bytes) -> list[Channel]:
    channels, position = [], 0
    while data[position]:
        end = data.index(0, position)
        kind, linear, across, down = struct.unpack_from("<IB3x2i", data, end + 1)
        name = data[position:end].decode("utf-8", "surrogateescape")
        channels.append(Channel(name, PIXEL_TYPES[kind], bool(linear), (across, down)))
        position = end + 17
    return channels
