"""What DPX and Cineon have in common: fields at fixed places of a header, and how code values lie in lines of words.

Sources: SMPTE ST 268:2003 (DPX), tables 1 to 3; Kodak, "Cineon File Format", 4.5 (1993).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Any

from lattice.files.images.bit_packing import WORD
from lattice.types import LatticeError

UNDEFINED = 2**32 - 1
Fields = dict[str, Any]  # numbers, and bytes of text
Table = dict[str, tuple[int, str]]  # field: byte offset, type without byte order


def read_fields(data: bytes, table: Table, magics: tuple[bytes, ...], least: int, where: str) -> Fields:
    """The fields of a header by name; one that lies beyond `data` is UNDEFINED. least: bytes that a header has. Raises
    LatticeError where there are fewer."""
    if len(data) < least:
        raise LatticeError(f"{where}: header: expected {least} bytes, got a file cut short at byte {len(data)}")
    order = ">" if data[:4] == magics[0] else "<"
    return {name: struct.unpack_from(order + kind, data, offset)[0]
            if offset + struct.calcsize("=" + kind) <= len(data) else UNDEFINED
            for name, (offset, kind) in table.items()}


def write_fields(size: int, magic: bytes, table: Table, undefined: Iterable[tuple[int, int]],
                 given: Fields) -> bytearray:
    """A big-endian header of `size` bytes; those that `undefined` names are 0xFF."""
    header = bytearray(size)
    header[:4] = magic
    for start, end in undefined:
        header[start:end] = b"\xff" * (end - start)
    for name, value in given.items():
        offset, kind = table[name]
        struct.pack_into(">" + kind, header, offset, value)
    return header


def or_zero(value: int) -> int:
    """A number that may be undefined; then 0."""
    return 0 if value == UNDEFINED else value


def check_start(said: Fields, start: int, least: int, size: int, where: str) -> None:
    """Raise LatticeError unless the picture begins after the header, all that this says belongs to it, and within the
    file of `size` bytes."""
    header = max(least, sum(or_zero(said[part]) for part in ("generic", "industry", "user")))
    if not header <= start <= size:
        raise LatticeError(f"{where}: picture: expected it to begin at a byte from {header} to {size}, got {start}")


def stride_of(said: Fields, start: int, line: int, size: int, where: str) -> int:
    """Bytes from line to line. Lines begin at words of four bytes where the file is long enough for that; else they
    follow each other, as some programs write them: that is taken only where the file's length leaves no doubt.

    Raises LatticeError where a file is shorter than it says, or than its picture is.
    """
    told, padding, height = or_zero(said["file size"]), or_zero(said["line padding"]), said["height"]
    plain, aligned = line + padding, -(-line // WORD) * WORD + padding
    least = start + height * plain - padding
    whole = start + height * aligned - padding
    is_plain = size in (least, least + padding) or (size < whole and least <= told)
    needed = max(told, least if is_plain else whole)
    if size < needed:
        raise LatticeError(f"{where}: expected {needed} bytes, got a file cut short at byte {size}")
    return int(plain if is_plain else aligned)


