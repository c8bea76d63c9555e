"""What DPX and Cineon have in common: fields at fixed places of a header, and how code values lie in lines of words.

Sources: SMPTE ST 268:2003 (DPX), tables 1 to 3; Kodak, "Cineon File Format", 4.5 (1993).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lattice.types import LatticeError

BITS, LARGEST = 10, 1023  # as written
UNDEFINED = 2**32 - 1
PACKED, FILLED_A, FILLED_B = 0, 1, 2  # one after the other, and in whole words with the empty bits below or above
WORD = 4  # bytes
Table = dict[str, tuple[int, str]]  # field: byte offset, type without byte order


@dataclass(frozen=True)
class Layout:
    """Where a picture's codes lie. size: width, height. start: the first line's byte; stride: bytes from line to line.
    is_big: the highest byte of a word comes first."""

    size: tuple[int, int]
    channels: int
    bits: int
    packing: int
    start: int
    stride: int
    is_big: bool


def read_fields(data: bytes, table: Table, magics: tuple[bytes, ...], least: int, where: str) -> dict[str, Any]:
    """The fields of a header by name; one that lies beyond `data` is UNDEFINED. least: bytes that a header has. Raises
    LatticeError where there are fewer."""
    if len(data) < least:
        raise LatticeError(f"{where}: header: expected {least} bytes, got a file cut short at byte {len(data)}")
    order = ">" if data[:4] == magics[0] else "<"
    return {name: struct.unpack_from(order + kind, data, offset)[0]
            if offset + struct.calcsize("=" + kind) <= len(data) else UNDEFINED
            for name, (offset, kind) in table.items()}


def write_fields(size: int, magic: bytes, table: Table, undefined: Iterable[tuple[int, int]],
                 given: dict[str, Any]) -> bytearray:
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


def check_start(said: dict[str, Any], start: int, least: int, size: int, where: str) -> None:
    """Raise LatticeError unless the picture begins after the header, all that this says belongs to it, and within the
    file of `size` bytes."""
    header = max(least, sum(or_zero(said[part]) for part in ("generic", "industry", "user")))
    if not header <= start <= size:
        raise LatticeError(f"{where}: picture: expected it to begin at a byte from {header} to {size}, got {start}")


def line_bytes(samples: int, bits: int, packing: int) -> int:
    """What a line takes without padding: samples follow each other in words, three fill a word, or each takes whole
    bytes. Source: ST 268, table 3C: packing breaks to the next word at the end of a line."""
    if bits == 10 and packing != PACKED:
        return WORD * -(-samples // 3)
    if bits in (10, 12) and packing == PACKED:
        return WORD * -(-samples * bits // 32)
    return samples if bits == 8 else 2 * samples


def stride_of(said: dict[str, Any], start: int, line: int, size: int, where: str) -> int:
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


def unpack(data: bytes, layout: Layout) -> NDArray[Any]:
    """(H, W, C) uint8 or, of more bits, uint16 in the low bits. data: the whole file, long enough for its layout."""
    (width, height), channels = layout.size, layout.channels
    line = line_bytes(width * channels, layout.bits, layout.packing)
    stored = np.ndarray((height, line), np.uint8, data, layout.start, (layout.stride, 1))
    samples = _samples(np.ascontiguousarray(stored), layout)
    return np.ascontiguousarray(samples[:, :width * channels]).reshape(height, width, channels)


def _samples(lines: NDArray[np.uint8], layout: Layout) -> NDArray[Any]:
    """(H, samples or a few more)."""
    order, bits, packing = ">" if layout.is_big else "<", layout.bits, layout.packing
    if bits == 8:
        return lines
    if bits in (10, 12) and packing == PACKED:
        return _consecutive(lines.view(order + "u4"), bits)
    if bits == 10:
        words = lines.view(order + "u4") >> (2 if packing == FILLED_A else 0)
        return np.stack([(words >> shift & LARGEST).astype(np.uint16) for shift in (20, 10, 0)],
                        axis=-1).reshape(len(lines), -1)
    samples = lines.view(order + "u2").astype(np.uint16)
    if bits == 12:
        return samples >> 4 if packing == FILLED_A else samples & 0xFFF
    return samples


def _consecutive(words: NDArray[Any], bits: int) -> NDArray[np.uint16]:
    """Samples that follow each other from a word's lowest bit up, across words; 10 or 12 bits never touch a third
    byte."""
    stored = words.astype("<u4").view(np.uint8)
    at = bits * np.arange(8 * stored.shape[1] // bits)
    pairs = stored[:, at // 8].astype(np.uint16) | stored[:, at // 8 + 1].astype(np.uint16) << 8
    samples: NDArray[np.uint16] = pairs >> (at % 8).astype(np.uint16) & (2**bits - 1)
    return samples


def pack_words(pixels: NDArray[Any]) -> NDArray[Any]:
    """(H, words) of three 10-bit codes from the highest bits down, big-endian; each line begins with a new word."""
    height, width, channels = pixels.shape
    count = -(-width * channels // 3)
    samples = np.zeros((height, 3 * count), np.uint32)
    samples[:, :width * channels] = pixels.reshape(height, -1)
    return (samples[:, 0::3] << 22 | samples[:, 1::3] << 12 | samples[:, 2::3] << 2).astype(">u4")
