"""Read tags of a TIFF's first directory, for what OpenImageIO does not say.

Source: Adobe, "TIFF Revision 6.0" (1992), sections 2 and 7; "BigTIFF Design" (AWare Systems, 2008).
"""

from __future__ import annotations

import struct
from collections.abc import Collection
from typing import BinaryIO

from lattice.types import LatticeError

Tags = dict[int, tuple[float, ...]]  # numbers by tag; a rational is its quotient
ORDERS = {b"II": "<", b"MM": ">"}
BIG = 43  # the version of a file with 64-bit offsets
# Type of a field to its letter in `struct`; a rational is two numbers.
LETTERS = {1: "B", 3: "H", 4: "I", 5: "II", 6: "b", 8: "h", 9: "i", 10: "ii", 11: "f", 12: "d", 13: "I", 16: "Q"}
RATIONALS = (5, 10)
WIDTH, HEIGHT, COMPRESSION, PHOTOMETRIC, SAMPLES, PLANAR = 256, 257, 259, 262, 277, 284
STRIPS, STRIP_ROWS, STRIP_BYTES = 273, 278, 279
TILE_WIDTH, TILE_HEIGHT, TILES, TILE_BYTES = 322, 323, 324, 325
WHITE_POINT, EXTRA_SAMPLES, STONITS = 318, 338, 37439


def read_tags(file: BinaryIO, wanted: Collection[int], where: str) -> Tags:
    """Return the wanted tags of the first directory that have numbers. Memory is bounded by the file's size.

    file: open at any position. Raises LatticeError if the directory, or the numbers of a wanted tag, are not in the
    file, or a wanted tag holds text.
    """
    size = file.seek(0, 2)

    def at(start: int, count: int) -> bytes:
        if start + count > size:
            raise LatticeError(f"{where}: directory: expected bytes {start} to {start + count}, got {size} in the file")
        file.seek(start)
        return file.read(count)

    order = ORDERS.get(at(0, 8)[:2], "<")
    is_big = struct.unpack(order + "H", at(2, 2))[0] == BIG
    offset, entry, counter = ("Q", "HHQ8s", "Q") if is_big else ("I", "HHI4s", "H")
    (start,) = struct.unpack(order + offset, at(8 if is_big else 4, struct.calcsize("=" + offset)))
    first = start + struct.calcsize("=" + counter)
    (count,) = struct.unpack(order + counter, at(start, first - start))
    found: Tags = {}
    for tag, kind, length, inside in struct.iter_unpack(order + entry, at(first, count * struct.calcsize("=" + entry))):
        if tag not in wanted or tag in found or not length:
            continue
        if kind not in LETTERS:
            raise LatticeError(f"{where}: tag {tag}: expected numbers, got type {kind}")
        letters = f"{length * len(LETTERS[kind])}{LETTERS[kind][0]}"
        total = length * struct.calcsize("=" + LETTERS[kind])
        data = inside[:total] if total <= len(inside) else at(struct.unpack(order + offset, inside)[0], total)
        numbers = struct.unpack(order + letters, data)
        found[tag] = _quotients(numbers) if kind in RATIONALS else numbers
    return found


def _quotients(numbers: tuple[int, ...]) -> tuple[float, ...]:
    """Return the quotients of pairs; 0 where the second is 0."""
    return tuple(a / b if b else 0.0 for a, b in zip(numbers[::2], numbers[1::2], strict=True))
