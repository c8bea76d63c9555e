"""Shared by DPX and Cineon: header fields at fixed offsets, and the layout of code values in lines of words.

Sources: SMPTE ST 268:2003 (DPX), tables 1 to 3; Kodak, "Cineon File Format", 4.5 (1993).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Any

from lattice.files.images.bit_packing import WORD
from lattice.types import LatticeError

UNDEFINED = 2**32 - 1
Fields = dict[str, Any]  # numbers, or bytes of text
Table = dict[str, tuple[int, str]]  # field: byte offset, struct type without byte order


def read_fields(data: bytes, table: Table, magics: tuple[bytes, ...], least: int, where: str) -> Fields:
    """Return a header's fields by name; a field beyond `data` is UNDEFINED. magics: the big-endian one first. least:
    bytes of the shortest header. Raises LatticeError if `data` is shorter."""
    if len(data) < least:
        raise LatticeError(f"{where}: header: expected {least} bytes, got a file cut short at byte {len(data)}")
    order = ">" if data[:4] == magics[0] else "<"
    return {
        name: struct.unpack_from(order + kind, data, offset)[0]
        if offset + struct.calcsize("=" + kind) <= len(data)
        else UNDEFINED
        for name, (offset, kind) in table.items()
    }


def write_fields(
    size: int, magic: bytes, table: Table, undefined: Iterable[tuple[int, int]], given: Fields
) -> bytearray:
    """Return a big-endian header of `size` bytes with the `given` fields. undefined: byte ranges (start, end) set to
    0xFF; all other bytes are 0."""
    header = bytearray(size)
    header[:4] = magic
    for start, end in undefined:
        header[start:end] = b"\xff" * (end - start)
    for name, value in given.items():
        offset, kind = table[name]
        struct.pack_into(">" + kind, header, offset, value)
    return header


def or_zero(value: int) -> int:
    """Return the value; 0 if it is UNDEFINED."""
    return 0 if value == UNDEFINED else value


def check_start(fields: Fields, start: int, least: int, size: int, where: str) -> None:
    """Raise LatticeError unless the picture starts after the header, with all sections that it declares, and within the
    file of `size` bytes. start: first byte of the picture. least: bytes of the shortest header."""
    header = max(least, sum(or_zero(fields[part]) for part in ("generic", "industry", "user")))
    if not header <= start <= size:
        raise LatticeError(f"{where}: picture: expected it to begin at a byte from {header} to {size}, got {start}")


def stride_of(fields: Fields, start: int, line: int, size: int, where: str) -> int:
    """Return the bytes from line to line. line: bytes of a line without padding. start: first byte of the picture.

    Lines start at words of four bytes if the file of `size` bytes is long enough for that. Otherwise they are
    contiguous, as some programs write them; this is accepted only if the file's length leaves no doubt.
    Raises LatticeError if the file is shorter than its header declares or than its picture.
    """
    declared, padding, height = or_zero(fields["file size"]), or_zero(fields["line padding"]), fields["height"]
    plain, aligned = line + padding, -(-line // WORD) * WORD + padding
    least = start + height * plain - padding
    whole = start + height * aligned - padding
    is_plain = size in (least, least + padding) or (size < whole and least <= declared)
    needed = max(declared, least if is_plain else whole)
    if size < needed:
        raise LatticeError(f"{where}: expected {needed} bytes, got a file cut short at byte {size}")
    return int(plain if is_plain else aligned)
