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


def blank_header(size: int, undefined: Iterable[tuple[int, int]]) -> bytes:
    """Return `size` bytes of 0. undefined: byte ranges (start, end) set to 0xFF."""
    header = bytearray(size)
    for start, end in undefined:
        header[start:end] = b"\xff" * (end - start)
    return bytes(header)


def kept_header(blank: bytes, data: bytes, is_big: bool, kept: Iterable[tuple[int, str]]) -> bytes:
    """Return a big-endian header: `blank` with some of the fields of another. data: the other file's first bytes. kept:
    byte offset and struct type of each run of fields."""
    header = bytearray(blank)
    for offset, kinds in kept:
        fields = struct.unpack_from((">" if is_big else "<") + kinds, data, offset)
        struct.pack_into(">" + kinds, header, offset, *fields)
    return bytes(header)


def kept_user(fields: Fields, least: int, read: int) -> tuple[int, str]:
    """Return how many bytes of user data an output keeps, all or none, and a note if that is none of some.

    least: bytes of the header with all its sections, before the user data. read: first bytes of the file that were
    read.
    """
    user, sections = or_zero(fields["user"]), or_zero(fields["generic"]) + or_zero(fields["industry"])
    if not user or (sections >= least and least + user <= read):
        return user, ""
    why = f"{read - least} or fewer" if sections >= least else f"{least} bytes of header before them, got {sections}"
    return 0, f"its {user} bytes of user data are kept in no file: expected {why}"


def write_fields(header: bytes, magic: bytes, table: Table, given: Fields) -> bytes:
    """Return a big-endian header with the `given` fields."""
    written = bytearray(header)
    written[:4] = magic
    for name, value in given.items():
        offset, kind = table[name]
        struct.pack_into(">" + kind, written, offset, value)
    return bytes(written)


def with_defaults(fields: Fields, table: Table, defaults: Fields) -> Fields:
    """Return the fields, with a default in place of each that is undefined, all bits 1."""
    undefined = {name: 2 ** (8 * struct.calcsize(table[name][1])) - 1 for name in defaults}
    return fields | {name: default for name, default in defaults.items() if fields[name] == undefined[name]}


def or_zero(value: int) -> int:
    """Return the value; 0 if it is UNDEFINED."""
    return 0 if value == UNDEFINED else value


def check_start(fields: Fields, start: int, least: int, size: int, where: str) -> None:
    """Raise LatticeError unless the picture starts after the header, with all sections that it declares, and within the
    file of `size` bytes. start: first byte of the picture. least: bytes of the shortest header."""
    header = max(least, first_byte(fields))
    if not header <= start <= size:
        raise LatticeError(f"{where}: picture: expected it to begin at a byte from {header} to {size}, got {start}")


def choose_start(fields: Fields, own: int, line: int, least: int, size: int, where: str) -> tuple[int, str]:
    """Return the first byte of the picture where a file names two, and a note; the note is empty if it names one.

    own: the place by the image element; the other is the file's `offset`. line: bytes of a line without padding. least:
    bytes of the shortest header.
    Taken is the place where the picture ends with the file of `size` bytes, else the only one that it fits at; programs
    go by either (FFmpeg by the file's, OpenImageIO by the element's). Raises LatticeError if both fit and neither ends.
    """
    if own == fields["offset"]:
        return own, ""
    places = [start for start in (own, fields["offset"]) if start >= max(least, first_byte(fields))]
    padding, height = or_zero(fields["line padding"]), fields["height"]
    plain, aligned = ((each + padding) * height for each in (line, -(-line // WORD) * WORD))
    exact = [start for start in places if size - start in (plain, plain - padding, aligned, aligned - padding)]
    fitting = exact or [start for start in places if start <= size - plain + padding]
    if len(fitting) == 2:
        raise LatticeError(
            f"{where}: offset: expected one place of the picture, got byte {own} by its element (bytes 808 to 811) and "
            f"{fields['offset']} by the file (bytes 4 to 7); writing the right one into both would do"
        )
    if not fitting:
        return own, ""
    why = "where the picture ends with the file" if exact else "where the picture fits"
    return fitting[
        0
    ], f"picture taken from byte {fitting[0]}, {why}; its element says {own}, the file {fields['offset']}"


def first_byte(fields: Fields) -> int:
    """Return the first byte after all sections of the header that it declares."""
    return sum(or_zero(fields[part]) for part in ("generic", "industry", "user"))


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
