"""Join chunks: the parts and levels of a file into one file, or one image of a file into a file of its own."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from lattice.files.exr.chunks import Bytes, Chunks
from lattice.files.exr.header import Header, channel_list, pack, pack_parts


@dataclass(frozen=True)
class Packed:
    """All chunks of a file as pieces, in file order. places: for each image, the byte offset of each chunk, counted
    from the first byte of the first chunk, in offset table order."""

    pieces: list[bytes | memoryview]
    places: list[NDArray[np.int64]]

    @property
    def crc32(self) -> int:
        """CRC-32 of the chunk bytes; headers and offset tables are not included."""
        from isal import isal_zlib

        return reduce(lambda crc, piece: int(isal_zlib.crc32(piece, crc)), self.pieces, 0)


def join(headers: Sequence[Header], packed: Packed) -> list[bytes | memoryview]:
    """Return the file in pieces: headers, offset tables, chunks. headers: one, or one per part of a multi-part file.
    The channel lists are written sorted by name."""
    fronts = [
        header.with_attributes({**header.attributes, "channels": channel_list(header.channels)}) for header in headers
    ]
    front = pack(fronts[0]) if headers[0].part is None else pack_parts(fronts)
    first = len(front) + 8 * sum(map(len, packed.places))
    return [front, *((first + places).astype("<u8").tobytes() for places in packed.places), *packed.pieces]


@dataclass(frozen=True)
class ImageFile:
    """One image's chunks, contiguous, in pieces. image: its header in the whole file. chunks: their positions in the
    joined pieces."""

    image: Header
    pieces: list[bytes | memoryview]
    chunks: Chunks


def is_whole_file(image: Header) -> bool:
    """True if the image's chunks need no part number and no level number: a single-part file, level (0, 0)."""
    return image.part is None and image.level == (0, 0)


def single_image(front: bytes, data: Bytes, chunks: Chunks, image: Header) -> list[bytes | memoryview]:
    """Return an image's chunks as a file in pieces, with `front` as its header. data: the whole source file. Tiles
    become level (0, 0)."""
    sizes = chunks.ends - chunks.starts
    table = len(front) + 8 * len(sizes) + np.cumsum(sizes) - sizes
    return [front, table.astype("<u8").tobytes(), *_pieces(data, chunks, range(len(sizes)), image, (0, 0))]


def put_together(files: Sequence[ImageFile]) -> Packed:
    """Join single-image files into the parts and levels of one file. Each image's chunks keep their file order."""
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


def _pieces(
    data: Bytes, chunks: Chunks, order: Iterable[int], image: Header, level: tuple[int, int], number: bytes = b""
) -> Iterator[bytes | memoryview]:
    """Yield the chunks in `order`, each after `number` (the part number's bytes), with `level` as the level of its
    tiles."""
    view, level_field = memoryview(data), struct.pack("<2i", *level)
    for k in order:
        start, end = int(chunks.starts[k]), int(chunks.ends[k])
        if number:
            yield number
        if image.tiled:  # tile x, tile y, level x, level y
            yield view[start : start + 8]
            yield level_field
            start += 16
        yield view[start:end]


def with_header(front: bytes, data: Bytes, length: int, table_end: int) -> list[bytes | memoryview]:
    """Return `data` in pieces with its first `length` bytes replaced by `front` and its offset table shifted to match.
    table_end: the byte after that table."""
    positions = np.frombuffer(data[length:table_end], "<u8") + np.uint64(len(front) - length & 2**64 - 1)
    return [front, positions.astype("<u8").tobytes(), memoryview(data)[table_end:]]
