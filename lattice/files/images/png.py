"""The bytes of a PNG file of display code values, without a date.

Source: PNG specification, third edition (W3C, 2025).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from fractions import Fraction

import numpy as np

from lattice.files.frame import FINEST_ASPECT
from lattice.files.images import xmp
from lattice.files.images.deflate import deflated
from lattice.files.images.spec import EncodedImage

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
PNG_COLORS = {3: 2, 4: 6}
PNG_END = b"IEND\xaeB`\x82"
UP = 2  # filter of a line: stores its difference from the line above


def pack_png(codes: EncodedImage) -> Iterable[bytes]:
    """Yield the bytes of a PNG. codes: pixels (H, W, 3 or 4) uint8, alpha straight."""
    height, width, channels = codes.pixels.shape
    flat = codes.pixels.reshape(height, -1)
    lines = np.full((height, 1 + flat.shape[1]), UP, np.uint8)
    lines[:, 1:] = flat
    lines[1:, 1:] -= flat[:-1]
    aspect = Fraction(codes.aspect).limit_denominator(FINEST_ASPECT)
    yield PNG_MAGIC
    yield _chunk(b"IHDR", struct.pack(">2I5B", width, height, 8, PNG_COLORS[channels], 0, 0, 0))
    if codes.cicp is not None:
        yield _chunk(b"cICP", bytes(codes.cicp))
    if codes.icc:
        yield _chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(codes.icc))
    if codes.about:  # neither compressed nor in a language
        yield _chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp.packet(codes.about))
    if aspect != 1:
        yield _chunk(b"pHYs", struct.pack(">2IB", aspect.denominator, aspect.numerator, 0))
    yield _chunk(b"tEXt", b"Description\0" + codes.note.encode("latin-1", "replace"))
    yield _chunk(b"IDAT", deflated(lines.tobytes()))
    yield _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
