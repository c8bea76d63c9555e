"""The bytes of TIFF and PNG files that hold a display's code values: no date, no claim about color.

Sources: Adobe, "TIFF Revision 6.0" (1992) and its supplements (horizontal differencing, sample formats); PNG
specification, third edition (W3C, 2025).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lattice.files.images.spec import EncodedImage

LEVEL = 2  # of ISA-L's deflate: of noisy 16-bit pixels the size of zlib's level 6 in a tenth of its time
STRIP = 2**20  # bytes of a strip of a TIFF, or a line where that is more
SHORT, LONG, RATIONAL, ASCII = 3, 4, 5, 2
TIFF_FORMATS = {"u": 1, "f": 3}
DIFFERENCED, PLAIN = 2, 1  # of the tag "predictor"
ASSOCIATED, STRAIGHT = 1, 2
FINEST_ASPECT = 1000  # denominator
PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
PNG_COLORS = {3: 2, 4: 6}
PNG_END = b"IEND\xaeB`\x82"
UP = 2  # the filter of a line: what it adds to the one above it


def pack_tiff(codes: EncodedImage) -> Iterable[bytes]:
    """A little-endian TIFF in deflated strips. pixels: (H, W, 3 or 4) uint8, uint16 or float32."""
    height, width, channels = codes.pixels.shape
    kind = codes.pixels.dtype.kind
    lines = max(1, STRIP // codes.pixels[0].nbytes)
    strips = [_deflated(_differenced(codes.pixels[top:top + lines])) for top in range(0, height, lines)]
    starts = 8 + np.cumsum([0, *map(len, strips)])
    aspect = Fraction(codes.aspect).limit_denominator(FINEST_ASPECT)
    yield struct.pack("<2sHI", b"II", 42, int(starts[-1] + starts[-1] % 2))
    yield from strips
    yield bytes(int(starts[-1] % 2))
    yield _directory(int(starts[-1] + starts[-1] % 2), {
        256: (LONG, [width]), 257: (LONG, [height]), 258: (SHORT, [8 * codes.pixels.itemsize] * channels),
        259: (SHORT, [8]), 262: (SHORT, [2]), 270: (ASCII, codes.note.encode() + b"\0"),
        273: (LONG, starts[:-1].tolist()), 274: (SHORT, [1]), 277: (SHORT, [channels]), 278: (LONG, [lines]),
        279: (LONG, list(map(len, strips))), 282: (RATIONAL, [aspect.denominator, 1]),
        283: (RATIONAL, [aspect.numerator, 1]), 284: (SHORT, [1]), 296: (SHORT, [1]),
        317: (SHORT, [DIFFERENCED if kind == "u" else PLAIN]),
        **({338: (SHORT, [STRAIGHT if codes.straight else ASSOCIATED])} if channels == 4 else {}),
        339: (SHORT, [TIFF_FORMATS[kind]] * channels)})


def _differenced(rows: NDArray[Any]) -> bytes:
    """The bytes of some lines; integers as differences to the pixel at the left."""
    stored = rows.astype(rows.dtype.newbyteorder("<"))
    if rows.dtype.kind == "u":
        stored[:, 1:] -= rows[:, :-1]
    return stored.tobytes()


def _directory(position: int, tags: dict[int, tuple[int, Any]]) -> bytes:
    """The directory for this position in the file; what does not fit in an entry's four bytes follows it."""
    after = position + 2 + 12 * len(tags) + 4
    entries, longer = [struct.pack("<H", len(tags))], b""
    for tag, (kind, values) in sorted(tags.items()):
        letter = {SHORT: "H", LONG: "I", RATIONAL: "I"}.get(kind)
        data = values if letter is None else struct.pack(f"<{len(values)}{letter}", *values)
        count = len(values) // (2 if kind == RATIONAL else 1)
        if len(data) > 4:
            entries.append(struct.pack("<HHII", tag, kind, count, after + len(longer)))
            longer += data + bytes(len(data) % 2)
        else:
            entries.append(struct.pack("<HHI4s", tag, kind, count, data))
    return b"".join((*entries, bytes(4), longer))


def pack_png(codes: EncodedImage) -> Iterable[bytes]:
    """pixels: (H, W, 3 or 4) uint8, alpha straight."""
    height, width, channels = codes.pixels.shape
    flat = codes.pixels.reshape(height, -1)
    lines = np.full((height, 1 + flat.shape[1]), UP, np.uint8)
    lines[:, 1:] = flat
    lines[1:, 1:] -= flat[:-1]
    aspect = Fraction(codes.aspect).limit_denominator(FINEST_ASPECT)
    yield PNG_MAGIC
    yield _chunk(b"IHDR", struct.pack(">2I5B", width, height, 8, PNG_COLORS[channels], 0, 0, 0))
    if aspect != 1:
        yield _chunk(b"pHYs", struct.pack(">2IB", aspect.denominator, aspect.numerator, 0))
    yield _chunk(b"tEXt", b"Description\0" + codes.note.encode("latin-1", "replace"))
    yield _chunk(b"IDAT", _deflated(lines.tobytes()))
    yield _chunk(b"IEND", b"")


def _deflated(data: bytes) -> bytes:
    from isal import isal_zlib

    packed: bytes = isal_zlib.compress(data, LEVEL)
    # Of noise it makes more than zlib ever would, which OpenImageIO's reader has no room for.
    return packed if len(packed) < len(data) else zlib.compress(data, 0)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
