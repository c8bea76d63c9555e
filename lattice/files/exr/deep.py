"""Check that the samples of a deep file can be decoded, before it is copied: a damaged copy must not be delivered.

Decodes a few chunks at a time, as files of their own with a plain header: the package makes an array of every pixel and
channel.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lattice.files.exr import chunks, openexr
from lattice.files.exr.header import REQUIRED, Attribute, Header, pack
from lattice.files.storage.limits import FREE_BYTES, MOST_EXPANSION
from lattice.types import LatticeError

TOGETHER = 2**17  # pixels times channels decoded together; at least one chunk
LINE_PLACE, TILE_PLACE = 4, 16  # bytes of coordinates: scan line; tile x, tile y, level x, level y
MOST_SAMPLES = 2**31  # unpacked bytes of the samples decoded together, at most


def check(data: chunks.Bytes, header: Header, where: str) -> None:
    """Raise LatticeError if a chunk of a deep header is missing, declares more unpacked bytes than its packed bytes can
    hold, or cannot be decoded. data: the whole file. Uses about 2 GiB of memory at worst, a few MiB for most files."""
    for image in header.images:
        found = chunks.check(data, image, where)
        for piece in _pieces(image):
            _check_unpacked(data, found, piece, where)
            bodies = [_body(data, found, k, image.tiled) for k in range(piece.first, piece.last)]
            openexr.parts_of([_file(piece.header, bodies)], where)


@dataclass(frozen=True)
class _Piece:
    """Chunks `first` to `last` - 1 of an image's offset table. header: their header as a file of their own."""

    first: int
    last: int
    header: Header


def _pieces(image: Header) -> Iterator[_Piece]:
    (height, width), (left, top, right, bottom) = image.shape, image.window
    if image.tiled:
        across, down = image.tile
        count = -(-width // across)
        for k in range(count * -(-height // down)):
            x, y = left + k % count * across, top + k // count * down
            yield _Piece(k, k + 1, _plain(image, x, y, min(x + across - 1, right), min(y + down - 1, bottom)))
    else:
        lines = image.codec.lines
        step = max(1, TOGETHER // (lines * width * len(image.channels)))
        for k in range(0, -(-height // lines), step):
            last = min(k + step, -(-height // lines))
            yield _Piece(k, last, _plain(image, left, top + k * lines, right, min(top + last * lines - 1, bottom)))


def _plain(image: Header, *window: int) -> Header:
    attributes = {name: image.attributes[name] for name in REQUIRED}
    attributes |= {
        "dataWindow": Attribute("box2i", struct.pack("<4i", *window)),
        "lineOrder": Attribute("lineOrder", bytes(1)),
        "type": image.attributes["type"],
        "version": Attribute("int", struct.pack("<i", 1)),
    }
    if image.tiled:
        left, top, right, bottom = window
        attributes["tiles"] = Attribute("tiledesc", struct.pack("<2IB", right - left + 1, bottom - top + 1, 0))
    return Header(attributes, image.tiled)


def _check_unpacked(data: chunks.Bytes, found: chunks.Chunks, piece: _Piece, where: str) -> None:
    place = TILE_PLACE if piece.header.tiled else LINE_PLACE
    sizes = [struct.unpack_from("<3q", data, int(start) + place) for start in found.starts[piece.first : piece.last]]
    packed, unpacked = (sum(size[k] for size in sizes) for k in (1, 2))
    allowed = min(MOST_SAMPLES, max(FREE_BYTES, MOST_EXPANSION * packed))
    if unpacked > allowed:
        raise LatticeError(
            f"{where}: chunk {piece.first}: expected at most {allowed} bytes of samples in it and those "
            f"after it, got {unpacked}"
        )


def _body(data: chunks.Bytes, found: chunks.Chunks, k: int, tiled: bool) -> chunks.Bytes:
    """Return a chunk's bytes for a file of its own. A tile gets coordinates 0: the first tile of the first level."""
    start, end = int(found.starts[k]), int(found.ends[k])
    return bytes(TILE_PLACE) + data[start + TILE_PLACE : end] if tiled else data[start:end]


def _file(header: Header, bodies: Sequence[chunks.Bytes]) -> bytes:
    count = {"chunkCount": Attribute("int", struct.pack("<i", len(bodies)))}
    front = pack(header.with_attributes({**header.attributes, **count}))
    sizes = np.array([len(body) for body in bodies])
    table = len(front) + 8 * len(bodies) + np.cumsum(sizes) - sizes
    return b"".join((front, table.astype("<u8").tobytes(), *bodies))
