"""How an output EXR is packed, as the options ask: its codec and level, tiles or scan lines."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from lattice.files.exr.codecs import CODECS
from lattice.files.exr.header import DWA_LEVEL, INCREASING, RANDOM, Attribute, Header, chunk_count
from lattice.files.frame import FrameHeader, about
from lattice.regrade.frame.header import exr_header
from lattice.regrade.options import KEEP, Options, compression_of
from lattice.types import LatticeError

CODES = {codec.name.lower(): bytes([code]) for code, codec in enumerate(CODECS)}


def packed_header(header: FrameHeader, options: Options) -> FrameHeader:
    """Return a source's header with the codec, its level and the layout that the options ask; itself if it has them."""
    return header if header.exr is None and options.compression == KEEP else packed(exr_header(header), options)


def packed(header: Header, options: Options) -> Header:
    """Return an EXR header with the codec, its level and the layout that the options ask; itself if it has them."""
    asked = header
    name, level = compression_of(options.compression)
    if name != KEEP:
        attributes = {**header.attributes, "compression": Attribute("compression", CODES[name])}
        if level is not None:
            attributes[DWA_LEVEL] = Attribute.floats("float", level)
        asked = asked.with_attributes(attributes)
    if options.tiles == "scanline" and asked.tiled:
        asked = _in_lines(asked)
    return header if asked == header else counted(asked)


def words(headers: Sequence[FrameHeader], options: Options) -> tuple[str, str]:
    """Return what the "options" stamp says of codec and layout, each empty if it is as in the source.

    headers: of each part, as in the source.
    """
    codec = any(_packing(packed_header(header, options)) != _packing(header) for header in headers)
    lines = options.tiles != KEEP and any(header.exr is not None and header.exr.tiled for header in headers)
    return f" compression={options.compression}" if codec else "", f" tiles={options.tiles}" if lines else ""


def check(headers: Sequence[FrameHeader], options: Options, where: str) -> None:
    """Raise LatticeError if a mip- or rip-map, whose levels are kept, would become scan lines. where: the file's
    name."""
    for header in headers:
        if options.tiles == "scanline" and options.mips != "drop" and len(header.images) > 1:
            raise LatticeError(
                f"{about(where, header)}: tiles: expected one level to write as scan lines, got a mip- or rip-map; "
                "--mips drop drops the smaller ones"
            )


def _packing(header: FrameHeader) -> tuple[object, ...]:
    return header.attributes.get("compression"), header.attributes.get(DWA_LEVEL)


def _in_lines(header: Header) -> Header:
    attributes = {name: value for name, value in header.attributes.items() if name != "tiles"}
    if "type" in attributes:
        attributes["type"] = Attribute.text("scanlineimage")
    if attributes["lineOrder"].data[0] == RANDOM:
        attributes["lineOrder"] = Attribute("lineOrder", bytes([INCREASING]))
    return Header(attributes, False, header.length, header.part)


def counted(header: Header) -> Header:
    """Return the header with its `chunkCount`, if it has one, corrected."""
    if "chunkCount" not in header.attributes:
        return header
    count = Attribute("int", struct.pack("<i", chunk_count(header)))
    return header.with_attributes({**header.attributes, "chunkCount": count})
