"""Read tags of a TIFF's first directory, for what OpenImageIO does not say.

Source: Adobe, "TIFF Revision 6.0" (1992), sections 2 and 7; "BigTIFF Design" (AWare Systems, 2008).
"""

from __future__ import annotations

import struct
from collections.abc import Collection
from typing import Any, BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from lattice.types import LatticeError

Tags = dict[int, NDArray[Any]]  # numbers by tag: float64 of a tag in REAL, else whole; a rational is its quotient
ORDERS: dict[bytes, Literal["<", ">"]] = {b"II": "<", b"MM": ">"}
BIG = 43  # the version of a file with 64-bit offsets
# Type of a field to NumPy's; a rational is two numbers.
TYPES = {1: "u1", 3: "u2", 4: "u4", 5: "2u4", 6: "i1", 8: "i2", 9: "i4", 10: "2i4", 11: "f4", 12: "f8", 13: "u4"}
TYPES |= {16: "u8"}
RATIONALS, FLOATS = (5, 10), (11, 12)
WIDTH, HEIGHT, COMPRESSION, PHOTOMETRIC, SAMPLES, PLANAR = 256, 257, 259, 262, 277, 284
STRIPS, STRIP_ROWS, STRIP_BYTES = 273, 278, 279
TILE_WIDTH, TILE_HEIGHT, TILES, TILE_BYTES = 322, 323, 324, 325
WHITE_POINT, PRIMARIES, EXTRA_SAMPLES, STONITS = 318, 319, 338, 37439
REAL = frozenset({WHITE_POINT, PRIMARIES, STONITS})  # tags of numbers that need not be whole
LONG = frozenset({STRIPS, STRIP_BYTES, TILES, TILE_BYTES})  # tags with a number for each piece of the picture
MOST = 2**16  # numbers of another tag: SamplesPerPixel has 16 bits


def read_tags(file: BinaryIO, wanted: Collection[int], where: str) -> Tags:
    """Return the wanted tags of the first directory that have numbers. Memory is bounded by the file's size.

    file: open at any position. Raises LatticeError if the directory, or the numbers of a wanted tag, are not in the
    file, or a wanted tag holds text, numbers that must be whole and are not, or more than MOST outside LONG.
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
        if kind not in TYPES or (tag not in REAL and kind in RATIONALS + FLOATS):
            wanted_kind = "numbers" if tag in REAL else "whole numbers"
            raise LatticeError(f"{where}: tag {tag}: expected {wanted_kind}, got type {kind}")
        if length > MOST and tag not in LONG:
            raise LatticeError(f"{where}: tag {tag}: expected {MOST} numbers or fewer, got {length}")
        stored = np.dtype(TYPES[kind]).newbyteorder(order)
        total = length * stored.itemsize
        data = inside[:total] if total <= len(inside) else at(struct.unpack(order + offset, inside)[0], total)
        numbers = np.frombuffer(data, stored)
        made = np.float64 if tag in REAL else np.int64
        found[tag] = _quotients(numbers) if kind in RATIONALS else numbers.astype(made)
    return found


def _quotients(pairs: NDArray[Any]) -> NDArray[np.float64]:
    """Return the quotients of pairs (n, 2); 0 where the second is 0."""
    above, below = pairs.astype(np.float64).T
    return np.divide(above, below, out=np.zeros_like(above), where=below != 0)
