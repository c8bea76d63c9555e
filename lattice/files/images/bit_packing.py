"""Pack and unpack the code values of DPX and Cineon files: 8 to 16 bits or 32-bit floats, in lines of words.

Source: SMPTE ST 268:2003 (DPX), table 3C, and annex C for the order of samples in a word; Kodak, "Cineon File Format",
4.5 (1993).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lattice.types import Pixels

BITS, LARGEST = 10, 1023  # of the files that we write
PACKED, FILLED_A, FILLED_B = 0, 1, 2  # consecutive; in whole words with the unused bits lowest; highest
WORD = 4  # bytes


@dataclass(frozen=True)
class Layout:
    """Position and packing of a picture's code values. size: width, height. bits: per code value. packing: PACKED,
    FILLED_A or FILLED_B. start: first byte of the first line; stride: bytes from line to line. is_big: words are
    big-endian. runs_on: no line starts a new word; the picture is one line."""

    size: tuple[int, int]
    channels: int
    bits: int
    packing: int
    start: int
    stride: int
    is_big: bool
    runs_on: bool = False


def line_bytes(samples: int, bits: int, packing: int) -> int:
    """Return the bytes of a line without padding: samples are consecutive in words, or three per word, or each in whole
    bytes. Source: ST 268, table 3C: packing breaks to the next word at the end of a line."""
    if bits == 10 and packing != PACKED:
        return WORD * -(-samples // 3)
    if bits in (10, 12) and packing == PACKED:
        return WORD * -(-samples * bits // 32)
    return samples * {8: 1, 32: 4}.get(bits, 2)


def unpack(data: bytes, layout: Layout) -> Pixels:
    """Return (H, W, C) codes: uint8, above 8 bits uint16 in the low bits, or float32. data: the whole file, long enough
    for its layout."""
    if layout.runs_on:
        one = replace(layout, size=(layout.size[0] * layout.size[1], 1), runs_on=False)
        return unpack(data, one).reshape(*layout.size[::-1], layout.channels)
    (width, height), channels = layout.size, layout.channels
    line = line_bytes(width * channels, layout.bits, layout.packing)
    stored = np.ndarray((height, line), np.uint8, data, layout.start, (layout.stride, 1))
    samples = _samples(np.ascontiguousarray(stored), layout)
    return np.ascontiguousarray(samples[:, : width * channels]).reshape(height, width, channels)


def _samples(lines: NDArray[np.uint8], layout: Layout) -> Pixels:
    """Return (H, samples); a line may end with a few padding samples."""
    order, bits, packing = ">" if layout.is_big else "<", layout.bits, layout.packing
    if bits == 8:
        return lines
    if bits == 32:
        return lines.view(order + "f4").astype(np.float32)
    if bits in (10, 12) and packing == PACKED:
        return _consecutive(lines.view(order + "u4"), bits)
    if bits == 10:
        words = lines.view(order + "u4") >> (2 if packing == FILLED_A else 0)
        shifts = (0, 10, 20) if layout.channels == 1 else (20, 10, 0)  # a gray line begins in the lowest bits
        return np.stack([(words >> shift & LARGEST).astype(np.uint16) for shift in shifts], axis=-1).reshape(
            len(lines), -1
        )
    samples = lines.view(order + "u2").astype(np.uint16)
    if bits == 12:
        return samples >> 4 if packing == FILLED_A else samples & 0xFFF
    return samples


def _consecutive(words: Pixels, bits: int) -> NDArray[np.uint16]:
    """Unpack samples that are consecutive across words, from a word's lowest bit up; 10 or 12 bits never touch a third
    byte."""
    stored = words.astype("<u4").view(np.uint8)
    at = bits * np.arange(8 * stored.shape[1] // bits)
    pairs = stored[:, at // 8].astype(np.uint16) | stored[:, at // 8 + 1].astype(np.uint16) << 8
    samples: NDArray[np.uint16] = pairs >> (at % 8).astype(np.uint16) & (2**bits - 1)
    return samples


def pack_words(pixels: Pixels) -> Pixels:
    """Return (H, words) big-endian, each of three 10-bit codes from the highest bits down; each line starts a new word.
    pixels: (H, W, C), 0 to 1023."""
    height, width, channels = pixels.shape
    count = -(-width * channels // 3)
    samples = np.zeros((height, 3 * count), np.uint32)
    samples[:, : width * channels] = pixels.reshape(height, -1)
    return (samples[:, 0::3] << 22 | samples[:, 1::3] << 12 | samples[:, 2::3] << 2).astype(">u4")
