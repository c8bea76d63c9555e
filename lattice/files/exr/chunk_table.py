"""Fill an offset table whose writer died before it wrote the table, as the OpenEXR package does: by walking the chunks.

Source: "OpenEXR File Layout", openexr.com, chunk layout.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

import numpy as np

from lattice.files.exr.chunks import DEEP_BYTES, PART_BYTES
from lattice.files.exr.header import Header, chunk_count


def filled(data: bytes, headers: Sequence[Header]) -> bytes:
    """Return the file with the zeros of its offset tables replaced by the positions of the chunks that follow them.

    data: the whole file. headers: of all its parts; their declared size fits the file. A chunk that the walk does not
    reach keeps its zero. Other positions stay, right or wrong: `chunks.check` checks all. Returns `data` if nothing
    changes. At most one step for each declared chunk.
    """
    start, count = headers[0].length, sum(map(chunk_count, headers))
    if start + 8 * count > len(data):
        return data
    table = np.frombuffer(data, "<u8", count, start)
    if table.all():
        return data
    table = table.copy()
    for entry, position in _walk(data, headers, start + 8 * count, count):
        if not table[entry]:
            table[entry] = position
    return b"".join((data[:start], table.tobytes(), memoryview(data)[start + 8 * count :]))


def _walk(data: bytes, headers: Sequence[Header], position: int, most: int) -> Iterator[tuple[int, int]]:
    """Yield the table entry and the position of each chunk, until one does not fit its header or the file."""
    images = {(header.part or 0, image.level): image for header in headers for image in header.images}
    for _ in range(most):
        end = _end(data, headers, position)
        entry = None if end is None else _entry(data, headers, images, position)
        if end is None or entry is None:
            return
        yield entry, position
        position = end


def _place(data: bytes, headers: Sequence[Header], position: int) -> tuple[int, int] | None:
    """Return the part of the chunk at `position`, and the byte after its part number; None if there is none."""
    if headers[0].part is None:
        return 0, position
    if position + PART_BYTES > len(data):
        return None
    (part,) = struct.unpack_from("<i", data, position)
    return (part, position + PART_BYTES) if 0 <= part < len(headers) else None


def _end(data: bytes, headers: Sequence[Header], position: int) -> int | None:
    """Return the byte after the chunk at `position`; None if it is not within the file."""
    place = _place(data, headers, position)
    if place is None:
        return None
    part, start = place
    start += 16 if headers[part].tiled else 4
    is_deep = headers[part].deep
    body = start + (DEEP_BYTES if is_deep else 4)
    if body > len(data):
        return None
    lengths = struct.unpack_from("<qq" if is_deep else "<i", data, start)
    end = body + sum(lengths)
    return end if min(lengths) >= (0 if is_deep else 1) and end <= len(data) else None


def _entry(
    data: bytes, headers: Sequence[Header], images: dict[tuple[int, tuple[int, int]], Header], position: int
) -> int | None:
    """Return the index, in the tables of all images, of the chunk at `position`; None for other coordinates."""
    part, start = _place(data, headers, position) or (0, position)
    level = (0, 0)
    if headers[part].tiled:
        x, y, *levels = struct.unpack_from("<4i", data, start)
        level = (levels[0], levels[1])
    image = images.get((part, level))
    if image is None:
        return None
    if image.tiled:
        across, down = (-(-side // tile) for side, tile in zip(image.shape[::-1], image.tile, strict=True))
        number = y * across + x if 0 <= x < across and 0 <= y < down else None
    else:
        (line,) = struct.unpack_from("<i", data, start)
        steps, rest = divmod(line - image.window[1], image.codec.lines)
        number = steps if not rest and 0 <= steps < chunk_count(image) else None
    return None if number is None else (image.length - headers[0].length) // 8 + number
