"""Parse EXR headers. Refuses deep images and subsampled channels other than RY/BY."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import replace

from lattice.files.exr.codecs import CODECS
from lattice.files.exr.header import (
    DEEP,
    DEFAULTS,
    FORMAT_VERSION,
    LEVELS,
    LONG_NAMES,
    MAGIC,
    MULTI_PART,
    REQUIRED,
    RIP,
    TILED,
    Attribute,
    Header,
    chunk_count,
)
from lattice.files.frame import Channel
from lattice.types import LatticeError

FLAT_TYPES, DEEP_TYPES = (b"scanlineimage", b"tiledimage"), (b"deepscanline", b"deeptile")
DEEP_CODECS = ("none", "RLE", "ZIPS", "ZSTD")  # Source: OpenEXR, ImfCompression.cpp isValidDeepCompression
CHROMA = ("RY", "BY")
MOST_PARTS = 4096  # a file with more parts counts as damaged
# Attributes that must be equal in every part. Source: OpenEXR, ImfMultiPartInputFile.cpp checkSharedAttributesValues
SHARED = ("displayWindow", "pixelAspectRatio", "timeCode", "chromaticities")
LONGEST_NAME = 255  # Source: "OpenEXR File Layout", long names
LINE_ORDERS = 3  # increasing, decreasing, random
HEADER_GUESS = 2**16  # bytes; most headers are shorter, a longer one costs another read
HEADER_GROWTH = 4
FARTHEST = 2**30  # window coordinates beyond this overflow inside readers. Source: OpenEXR, ImfHeader.cpp sanityCheck


class CutShort(LatticeError):
    """The bytes end inside the header."""


def parse(data: bytes, where: str) -> Header:
    """Return the header of the single-part file in `data`. Raises LatticeError as `parse_parts` does, and if the file
    is multi-part."""
    headers = parse_parts(data, where)
    if headers[0].part is not None:
        raise LatticeError(f"{where}: expected a single-part image, got a multi-part file")
    return headers[0]


def parse_first(first: Callable[[int], bytes], where: str, deep: bool = False) -> tuple[Header, ...]:
    """Return the headers of a file of which as few bytes are taken as they need. first: returns so many of the file's
    first bytes, or all. Raises LatticeError as `parse_parts` does."""
    most = HEADER_GUESS
    while True:
        data = first(most)
        try:
            return parse_parts(data, where, deep)
        except CutShort:
            if len(data) < most:  # that was the whole file
                raise
        most *= HEADER_GROWTH


def parse_parts(data: bytes, where: str, deep: bool = False) -> tuple[Header, ...]:
    """Return the headers at the start of `data`, one per part.

    where: the file's name, for messages. deep: accept deep images.
    An absent attribute that has a default in DEFAULTS gets it.
    Raises CutShort if the bytes end inside the headers, LatticeError if they are not EXR, break the format, or declare
    a deep image or subsampled channels other than the RY and BY of a luminance-chroma image.
    """
    flags = _flags(data, where)
    if flags & DEEP and not deep:
        raise LatticeError(f"{where}: expected a flat image, got deep pixels")
    if not flags & MULTI_PART:
        attributes, end = _attributes(data, 8, where)
        if flags & DEEP:
            _require_type(attributes, DEEP_TYPES, where)
        tiled = flags & TILED or (flags & DEEP and attributes["type"].data == b"deeptile")
        return (_checked(Header(attributes, bool(tiled), end), where),)
    headers: list[Header] = []
    position = 8
    while not headers or data[position : position + 1] != b"\0":
        if len(headers) == MOST_PARTS:
            raise LatticeError(f"{where}: expected at most {MOST_PARTS} parts, got more")
        about = f"{where}: part {len(headers)}"
        attributes, position = _attributes(data, position, about)
        _require_part(attributes, deep, about)
        tiled = attributes["type"].data in (b"tiledimage", b"deeptile")
        headers.append(_checked(Header(attributes, tiled, 0, len(headers)), about))
    _check_together(headers, where)
    table = position + 1
    for number, header in enumerate(headers):
        headers[number] = replace(header, length=table)
        table += 8 * chunk_count(header)
    return tuple(headers)


def _checked(header: Header, where: str) -> Header:
    _require(header.attributes, where)
    try:
        _check_window(header)
        _check_channels(header)
        _check_layout(header)
    except (ValueError, IndexError, struct.error) as error:
        raise LatticeError(
            f"{where}: {error}"
            if isinstance(error, LatticeError)
            else f"{where}: channels: expected a channel list, got damaged bytes"
        ) from None
    return header


def _flags(data: bytes, where: str) -> int:
    if data[:4] != MAGIC[: len(data)] or not data:
        raise LatticeError(f"{where}: expected an EXR file, got {'an empty file' if not data else 'something else'}")
    if len(data) < 8:
        raise CutShort(f"{where}: expected an EXR header, got a file cut short at byte {len(data)}")
    flags = int.from_bytes(data[4:8], "little")
    if flags & 0xFF != FORMAT_VERSION or flags & ~(0xFF | TILED | LONG_NAMES | DEEP | MULTI_PART):
        raise LatticeError(f"{where}: version: expected EXR 2, got {flags:#x}")
    return flags


def _name(data: bytes, position: int, where: str) -> tuple[str, int]:
    end = data.find(b"\0", position, position + LONGEST_NAME + 1)
    if end < 0 and position + LONGEST_NAME < len(data):
        raise LatticeError(f"{where}: expected an attribute's name at byte {position}, got damaged bytes")
    if end < 0:
        raise CutShort(f"{where}: expected an EXR header, got a file cut short at byte {len(data)}")
    return data[position:end].decode("utf-8", "surrogateescape"), end + 1


def _attributes(data: bytes, position: int, where: str) -> tuple[dict[str, Attribute], int]:
    attributes: dict[str, Attribute] = {}
    name, position = _name(data, position, where)
    while name:
        kind, position = _name(data, position, where)
        (size,) = struct.unpack_from("<i", data, position) if position + 4 <= len(data) else (0,)
        if size < 0 or name in attributes:
            raise LatticeError(f"{where}: {name!a}: expected one attribute of 0 bytes or more, got damaged bytes")
        position += 4
        if position + size > len(data):
            raise CutShort(f"{where}: {name!a}: expected {size} bytes, got a file cut short at byte {len(data)}")
        attributes[name] = Attribute(kind, data[position : position + size])
        name, position = _name(data, position + size, where)
    attributes |= {name: value for name, value in DEFAULTS.items() if name not in attributes}
    return attributes, position


def _require_part(attributes: dict[str, Attribute], deep: bool, where: str) -> None:
    if "name" not in attributes or attributes["name"].kind != "string":
        raise LatticeError(f"{where}: name: expected this attribute, got none")
    _require_type(attributes, FLAT_TYPES + DEEP_TYPES, where)
    if attributes["type"].data in DEEP_TYPES and not deep:
        raise LatticeError(f"{where}: expected a flat image, got deep pixels")


def _require_type(attributes: dict[str, Attribute], types: tuple[bytes, ...], where: str) -> None:
    if "type" not in attributes or attributes["type"].kind != "string":
        raise LatticeError(f"{where}: type: expected this attribute, got none")
    if attributes["type"].data not in types:
        names = " or ".join(name.decode() for name in types)
        raise LatticeError(f"{where}: type: expected {names}, got {attributes['type'].data!a}")


def _check_together(headers: list[Header], where: str) -> None:
    names = [header.attributes["name"].data for header in headers]
    if len(set(names)) != len(names):
        raise LatticeError(f"{where}: name: expected one for each part, got {names!a}")
    for name in SHARED:
        if len({header.attributes.get(name) for header in headers}) > 1:
            raise LatticeError(f"{where}: {name}: expected the same in every part, got others")
    for header in headers:
        count = header.attributes.get("chunkCount")
        got = None if count is None or len(count.data) != 4 else int.from_bytes(count.data, "little", signed=True)
        if got != chunk_count(header):
            raise LatticeError(f"{where}: part {header.part}: chunkCount: expected {chunk_count(header)}, got {got}")


def _require(attributes: Mapping[str, Attribute], where: str) -> None:
    for name, (kind, size) in REQUIRED.items():
        got = attributes.get(name)
        if got is None:
            raise LatticeError(f"{where}: {name}: expected this attribute, got none")
        if got.kind != kind or (size is not None and len(got.data) != size):
            raise LatticeError(f"{where}: {name}: expected {kind}, got {got.kind!a} of {len(got.data)} bytes")
    for name, count in (("compression", len(CODECS)), ("lineOrder", LINE_ORDERS)):
        if attributes[name].data[0] >= count:
            raise LatticeError(f"{where}: {name}: expected a value below {count}, got {attributes[name].data[0]}")


def _check_window(header: Header) -> None:
    for name in ("dataWindow", "displayWindow"):
        left, top, right, bottom = struct.unpack("<4i", header.attributes[name].data)
        if left > right or top > bottom or max(map(abs, (left, top, right, bottom))) > FARTHEST:
            raise LatticeError(f"{name}: expected first <= last, got ({left}, {top}) to ({right}, {bottom})")


def _check_channels(header: Header) -> None:
    data = header.attributes["channels"].data
    names = [channel.name for channel in header.channels]
    if not names or len(set(names)) != len(names):
        raise LatticeError(f"channels: expected at least one, each named once, got {names!a}")
    if len(data) != sum(len(n.encode("utf-8", "surrogateescape")) + 17 for n in names) + 1:
        raise LatticeError("channels: expected a channel list, got damaged bytes")
    for channel in header.channels:
        across, down = channel.sampling
        if (across, down) != (1, 1) and not _is_chroma(channel, header):
            raise LatticeError(f"channel {channel.name!a}: expected full resolution, got sampling {across}x{down}")


def _is_chroma(channel: Channel, header: Header) -> bool:
    """True for RY or BY of a Y, RY, BY scan-line image, one sample per 2x2 pixels of a data window with even first and
    odd last coordinates."""
    left, top, right, bottom = header.window
    fits = left % 2 == top % 2 == 0 and right % 2 == bottom % 2 == 1
    return (
        channel.name in CHROMA
        and channel.sampling == (2, 2)
        and not header.tiled
        and fits
        and all(any(c.name == name for c in header.channels) for name in (*CHROMA, "Y"))
    )


def _check_layout(header: Header) -> None:
    kind = header.text("type")
    if header.deep:
        if header.codec.name not in DEEP_CODECS:
            raise LatticeError(
                f"compression: expected {' or '.join(DEEP_CODECS)} for deep pixels, got {header.codec.name}"
            )
    elif kind is not None and kind != ("tiledimage" if header.tiled else "scanlineimage"):
        raise LatticeError(f"type: expected {'tiledimage' if header.tiled else 'scanlineimage'}, got {kind!a}")
    if not header.tiled:
        return
    tiles = header.attributes.get("tiles")
    if tiles is None or tiles.kind != "tiledesc" or len(tiles.data) != 9:
        raise LatticeError("tiles: expected a tile description, got none")
    width, height = header.tile
    if not (0 < width <= FARTHEST and 0 < height <= FARTHEST):
        raise LatticeError(f"tiles: expected a width and a height above 0, got {width}x{height}")
    if tiles.data[8] & LEVELS > RIP or tiles.data[8] >> 4 > 1:
        raise LatticeError(f"tiles: expected one level, a mip-map or a rip-map, got mode {tiles.data[8]:#x}")
