"""Fill an offset table whose writer died before it wrote the table, as the OpenEXR package does: by walking the chunks.

Source: "OpenEXR File Layout", openexr.com, chunk layout.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from lattice.files.exr.chunks import DEEP_BYTES, PART_BYTES, Bytes
from lattice.files.exr.header import Header, chunk_count


def filled(data: Bytes, headers: Sequence[Header]) -> Bytes:
    """Return the file with the zeros of its offset tables replaced by the positions of the chunks that follow them.

    data: the whole file. headers: of all its parts; their declared size fits the file. A chunk that the walk does not
    reach keeps its zero. Other positions stay, right or wrong: `chunks.check` checks all. Returns `data` if nothing
    changes, or if its memory can be written: then it is changed in place; other bytes are copied. At most one step for
    each declared chunk.
    """
    start, count = headers[0].length, sum(map(chunk_count, headers))
    if start + 8 * count > len(data):
        return data
    table = np.frombuffer(data, "<u8", count, start)
    if table.all():
        return data
    in_place = table.flags.writeable
    table = table if in_place else table.copy()
    for entry, position in _walk(data, headers, start + 8 * count, count):
        if not table[entry]:
            table[entry] = position
    if in_place:
        return data
    return b"".join((data[:start], table.tobytes(), memoryview(data)[start + 8 * count :]))


def _walk(data: Bytes, headers: Sequence[Header], position: int, most: int) -> Iterator[tuple[int, int]]:
    """Yield the table entry and the position of each chunk, until one does not fit its header or the file."""
    fronts = [_front(header) for header in headers]
    entries = [_entries(header, headers[0].length) for header in headers]
    before = 0 if headers[0].part is None else PART_BYTES
    part, size = 0, len(data)
    for _ in range(most):
        if before:
            part = int.from_bytes(data[position : position + PART_BYTES], "little", signed=True)
            if not 0 <= part < len(headers):
                return
        front, coordinates, shortest = fronts[part]
        start = position + before
        body = start + front.size
        if body > size:
            return
        numbers = front.unpack_from(data, start)
        lengths = numbers[coordinates:]
        end, entry = body + sum(lengths), entries[part](numbers)
        if min(lengths) < shortest or end > size or entry is None:
            return
        yield entry, position
        position = end


def _front(header: Header) -> tuple[struct.Struct, int, int]:
    """Return what is before a chunk's data, coordinates and then lengths; how many are coordinates; and the shortest
    length."""
    front = struct.Struct(("<4i" if header.tiled else "<i") + (f"qq{DEEP_BYTES - 16}x" if header.deep else "i"))
    return front, 4 if header.tiled else 1, 0 if header.deep else 1


def _entries(header: Header, first: int) -> Callable[[Sequence[int]], int | None]:
    """Return a function from the numbers before a chunk, coordinates first, to its index in the tables of all images;
    None for coordinates that the image does not have. first: byte offset of the first table."""
    if not header.tiled:
        above, top, lines, count = (
            (header.length - first) // 8,
            header.window[1],
            header.codec.lines,
            chunk_count(header),
        )

        def of_line(numbers: Sequence[int]) -> int | None:
            steps, rest = divmod(numbers[0] - top, lines)
            return above + steps if not rest and 0 <= steps < count else None

        return of_line
    levels = {}
    for image in header.images:
        across, down = (-(-side // tile) for side, tile in zip(image.shape[::-1], image.tile, strict=True))
        levels[image.level] = (image.length - first) // 8, across, down

    def of_tile(numbers: Sequence[int]) -> int | None:
        x, y = numbers[:2]
        base, across, down = levels.get((numbers[2], numbers[3]), (0, 0, 0))
        return base + y * across + x if 0 <= x < across and 0 <= y < down else None

    return of_tile
