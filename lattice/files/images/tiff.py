"""The bytes of a TIFF file of display code values, without a date.

Source: Adobe, "TIFF Revision 6.0" (1992) and its supplements (horizontal differencing, sample formats); ICC.1:2010,
annex B (the profile's tag).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import numpy as np

from lattice.files.frame import FINEST_ASPECT
from lattice.files.images import xmp
from lattice.files.images.deflate import deflated
from lattice.files.images.spec import EncodedImage
from lattice.types import Pixels

STRIP = 2**20  # bytes of a strip, at most; one line if that is longer
SHORT, LONG, RATIONAL, ASCII, BYTE, UNDEFINED = 3, 4, 5, 2, 1, 7
TIFF_FORMATS = {"u": 1, "f": 3}
DIFFERENCED, PLAIN = 2, 1  # values of the tag "predictor"
ASSOCIATED, STRAIGHT = 1, 2


def pack_tiff(codes: EncodedImage) -> Iterable[bytes]:
    """Yield the bytes of a little-endian TIFF in deflated strips. codes: pixels (H, W, 3 or 4) uint8, uint16 or
    float32."""
    height, width, channels = codes.pixels.shape
    kind = codes.pixels.dtype.kind
    lines = max(1, STRIP // codes.pixels[0].nbytes)
    strips = [deflated(_differenced(codes.pixels[top : top + lines])) for top in range(0, height, lines)]
    starts = 8 + np.cumsum([0, *map(len, strips)])
    aspect = Fraction(codes.aspect).limit_denominator(FINEST_ASPECT)
    yield struct.pack("<2sHI", b"II", 42, int(starts[-1] + starts[-1] % 2))
    yield from strips
    yield bytes(int(starts[-1] % 2))
    yield _directory(
        int(starts[-1] + starts[-1] % 2),
        {
            256: (LONG, [width]),
            257: (LONG, [height]),
            258: (SHORT, [8 * codes.pixels.itemsize] * channels),
            259: (SHORT, [8]),
            262: (SHORT, [2]),
            270: (ASCII, codes.note.encode() + b"\0"),
            273: (LONG, starts[:-1].tolist()),
            274: (SHORT, [1]),
            277: (SHORT, [channels]),
            278: (LONG, [lines]),
            279: (LONG, list(map(len, strips))),
            282: (RATIONAL, [aspect.denominator, 1]),
            283: (RATIONAL, [aspect.numerator, 1]),
            284: (SHORT, [1]),
            296: (SHORT, [1]),
            317: (SHORT, [DIFFERENCED if kind == "u" else PLAIN]),
            **({338: (SHORT, [STRAIGHT if codes.straight else ASSOCIATED])} if channels == 4 else {}),
            339: (SHORT, [TIFF_FORMATS[kind]] * channels),
            **({700: (BYTE, xmp.packet(codes.about))} if codes.about else {}),
            **({34675: (UNDEFINED, codes.icc)} if codes.icc else {}),
        },
    )


def _differenced(rows: Pixels) -> bytes:
    """Return the bytes of some lines; integers as differences from the pixel to the left."""
    stored = rows.astype(rows.dtype.newbyteorder("<"))
    if rows.dtype.kind == "u":
        stored[:, 1:] -= rows[:, :-1]
    return stored.tobytes()


def _directory(position: int, tags: dict[int, tuple[int, Any]]) -> bytes:
    """Return the directory at byte `position` of the file; values longer than an entry's four bytes follow it."""
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
