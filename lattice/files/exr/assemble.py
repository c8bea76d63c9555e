"""Chunks put together: a file from the chunks of its parts and levels, and one image of it as a file of its own."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from lattice.files.exr.chunks import Chunks
from lattice.files.exr.header import Header, channel_list, pack, pack_parts


@dataclass(frozen=True)
class Packed:
    """All chunks of a file, in pieces, as they lie in it. places: for each image where its chunks start, from the first
    chunk's first byte on, in the order of its table."""

    pieces: list[bytes | memoryview]
    places: list[NDArray[np.int64]]

    @property
    def crc32(self) -> int:
        """Of all these bytes, whatever header comes before them."""
        from isal import isal_zlib

        return reduce(lambda crc, piece: int(isal_zlib.crc32(piece, crc)), self.pieces, 0)


def join(headers: Sequence[Header], packed: Packed) -> list[bytes | memoryview]:
    """The file in pieces: the headers, the offset tables, the chunks."""
    fronts = [header.with_attributes({**header.attributes, "channels": channel_list(header.channels)})
              for header in headers]
    front = pack(fronts[0]) if headers[0].part is None else pack_parts(fronts)
    first = len(front) + 8 * sum(map(len, packed.places))
    return [front, *((first + places).astype("<u8").tobytes() for places in packed.places), *packed.pieces]


@dataclass(frozen=True)
class ImageFile:
    """An image's chunks, one after the other, in pieces. image: what it is in the whole file. chunks: where they lie
    among all pieces."""

    image: Header
    pieces: list[bytes | memoryview]
    chunks: Chunks


def is_whole_file(image: Header) -> bool:
    """Whether an image is all that its file holds: neither a part nor a smaller level."""
    return image.part is None and image.level == (0, 0)


def single_image(front: bytes, data: bytes, chunks: Chunks, image: Header) -> bytes:
    """An image's chunks as a file of their own, with `front` as its header."""
    sizes = chunks.ends - chunks.starts
    table = len(front) + 8 * len(sizes) + np.cumsum(sizes) - sizes
    return b"".join((front, table.astype("<u8").tobytes(), *_pieces(data, chunks, range(len(sizes)), image, (0, 0))))


def put_together(files: Sequence[ImageFile]) -> Packed:
    """Single files as parts and levels of one, each one's chunks in the order in which they lie in its file."""
    packed, position = Packed([], []), 0
    for file in files:
        order = np.argsort(file.chunks.starts)
        number = b"" if file.image.part is None else struct.pack("<i", file.image.part)
        sizes = (file.chunks.ends - file.chunks.starts)[order] + len(number)
        places = np.empty(len(order), np.int64)
        places[order] = position + np.cumsum(sizes) - sizes
        packed.places.append(places)
        if is_whole_file(file.image):
            packed.pieces.extend(file.pieces)
        else:
            data = b"".join(file.pieces)
            packed.pieces.append(b"".join(_pieces(data, file.chunks, order, file.image, file.image.level, number)))
        position += int(sizes.sum())
    return packed


def _pieces(data: bytes, chunks: Chunks, order: Iterable[int], image: Header, level: tuple[int, int],
            number: bytes = b"") -> Iterator[bytes | memoryview]:
    """The chunks, each after `number`, with the level that they say they are of."""
    view, said = memoryview(data), struct.pack("<2i", *level)
    for k in order:
        start, end = int(chunks.starts[k]), int(chunks.ends[k])
        yield number
        if image.tiled:  # tile across, tile down, level across, level down
            yield view[start:start + 8]
            yield said
            start += 16
        yield view[start:end]


def with_header(front: bytes, data: bytes, length: int, table_end: int) -> bytes:
    """`data` with its first `length` bytes replaced by `front` and its offset table moved to fit."""
    positions = np.frombuffer(data[length:table_end], "<u8") + np.uint64(len(front) - length & 2**64 - 1)
    return b"".join((front, positions.astype("<u8").tobytes(), memoryview(data)[table_end:]))

