"""Bytes to Header, refusing what this house cannot carry whole: multi-part, deep, levels, subsampling."""

from __future__ import annotations

import struct

from lattice.files.codecs import CODECS
from lattice.files.header import (
    DEEP,
    FORMAT_VERSION,
    LONG_NAMES,
    MAGIC,
    MULTI_PART,
    REQUIRED,
    TILED,
    Attribute,
    Header,
)
from lattice.types import LatticeError

LONGEST_NAME = 255  # Source: "OpenEXR File Layout", long names
LINE_ORDERS = 3  # increasing, decreasing, random
FARTHEST = 2**30  # window coordinates beyond this overflow inside readers. Source: OpenEXR, ImfHeader.cpp sanityCheck


class CutShort(LatticeError):
    """The bytes end before the header does."""


def parse(data: bytes, where: str) -> Header:
    """The header at the start of `data`.

    where: the file's name, for messages. Raises CutShort where the bytes end inside the header, LatticeError
    where they are no EXR, break the format, or hold what is refused here: more than one part, deep pixels,
    mip- or rip-map levels, subsampled (luminance-chroma) channels.
    """
    flags = _flags(data, where)
    attributes, length = _attributes(data, where)
    _require(attributes, where)
    header = Header(attributes, bool(flags & TILED), length)
    try:
        _check_window(header)
        _check_channels(header)
        _check_layout(header)
    except (ValueError, IndexError, struct.error) as error:
        raise LatticeError(f"{where}: {error}" if isinstance(error, LatticeError)
                           else f"{where}: channels: expected a channel list, got damaged bytes") from None
    return header


def _flags(data: bytes, where: str) -> int:
    if data[:4] != MAGIC[:len(data)] or not data:
        raise LatticeError(f"{where}: expected an EXR file, got {'an empty file' if not data else 'something else'}")
    if len(data) < 8:
        raise CutShort(f"{where}: expected an EXR header, got a file cut short at byte {len(data)}")
    flags = int.from_bytes(data[4:8], "little")
    if flags & 0xFF != FORMAT_VERSION or flags & ~(0xFF | TILED | LONG_NAMES | DEEP | MULTI_PART):
        raise LatticeError(f"{where}: version: expected EXR 2, got {flags:#x}")
    if flags & (DEEP | MULTI_PART):
        kind = "deep pixels" if flags & DEEP else "a multi-part file"
        raise LatticeError(f"{where}: expected a single-part flat image, got {kind}")
    return flags


def _name(data: bytes, position: int, where: str) -> tuple[str, int]:
    end = data.find(b"\0", position, position + LONGEST_NAME + 1)
    if end < 0 and position + LONGEST_NAME < len(data):
        raise LatticeError(f"{where}: expected an attribute's name at byte {position}, got damaged bytes")
    if end < 0:
        raise CutShort(f"{where}: expected an EXR header, got a file cut short at byte {len(data)}")
    return data[position:end].decode("utf-8", "surrogateescape"), end + 1


def _attributes(data: bytes, where: str) -> tuple[dict[str, Attribute], int]:
    attributes: dict[str, Attribute] = {}
    name, position = _name(data, 8, where)
    while name:
        kind, position = _name(data, position, where)
        (size,) = struct.unpack_from("<i", data, position) if position + 4 <= len(data) else (0,)
        if size < 0 or name in attributes:
            raise LatticeError(f"{where}: {name!a}: expected one attribute of 0 bytes or more, got damaged bytes")
        position += 4
        if position + size > len(data):
            raise CutShort(f"{where}: {name!a}: expected {size} bytes, got a file cut short at byte {len(data)}")
        attributes[name] = Attribute(kind, data[position:position + size])
        name, position = _name(data, position + size, where)
    return attributes, position


def _require(attributes: dict[str, Attribute], where: str) -> None:
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
        if channel.sampling != (1, 1):
            across, down = channel.sampling
            raise LatticeError(f"channel {channel.name!a}: expected full resolution, got sampling {across}x{down} "
                               "(luminance-chroma or subsampled)")


def _check_layout(header: Header) -> None:
    kind = header.text("type")
    if kind is not None and kind != ("tiledimage" if header.tiled else "scanlineimage"):
        raise LatticeError(f"type: expected {'tiledimage' if header.tiled else 'scanlineimage'}, got {kind!a}")
    if not header.tiled:
        return
    tiles = header.attributes.get("tiles")
    if tiles is None or tiles.kind != "tiledesc" or len(tiles.data) != 9:
        raise LatticeError("tiles: expected a tile description, got none")
    width, height = header.tile
    if not (0 < width <= FARTHEST and 0 < height <= FARTHEST):
        raise LatticeError(f"tiles: expected a width and a height above 0, got {width}x{height}")
    if tiles.data[8] & 0xF:
        level = "mip-map" if tiles.data[8] & 0xF == 1 else "rip-map"
        raise LatticeError(f"tiles: expected one level, got {level} levels")
