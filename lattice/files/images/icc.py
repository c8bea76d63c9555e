"""The ICC profile of a display's code values: a matrix and a parametric curve, the same bytes for the same display.

Source: ICC.1:2010 (profile version 4.3): header 7.2, tags 9.2, types 10.5 to 10.24; chromatic adaptation, annex E.
"""

from __future__ import annotations

import hashlib
import struct

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lattice.color.displays import Encoding
from lattice.color.primaries import BRADFORD, adaptation, rgb_to_xyz
from lattice.encodings import SRGB_EXPONENT, SRGB_OFFSET, SRGB_SLOPE, SRGB_TOE
from lattice.types import MOST_NITS, LatticeError

D50 = (0x0000F6D6, 0x00010000, 0x0000D32D)  # X, Y, Z of the profile connection space, as s15Fixed16
VERSION, HEADER, ONE = 0x04300000, 128, 65536
WRITTEN = (2026, 1, 1, 0, 0, 0)  # the profile's own date: never today's, so that equal displays have equal bytes
RIGHTS = "No rights reserved"
ENGLISH = b"enUS"
POWER, SRGB_LIKE = 0, 3  # function types of a parametric curve


def profile(display: Encoding) -> bytes:
    """Return the bytes of a display profile. White is exactly D50 in it, so that gray stays gray.

    Raises LatticeError if the display's primaries are impossible, or beyond what the format's numbers hold; for HDR and
    for DCDM, whose white is not code 1.
    """
    if display.gamma in MOST_NITS or (display.primaries is not None and display.primaries.white_light != 1):
        raise LatticeError(f"{display.title}: an ICC profile of a matrix and a curve cannot hold this display")
    white = rgb_to_xyz(display.xy).sum(axis=1)
    adapted = adaptation(white, np.array(D50) / ONE, BRADFORD)
    columns = _fixed(adapted @ rgb_to_xyz(display.xy))
    columns[:, 1] += np.array(D50) - columns.sum(axis=1)  # what rounding left over
    curve = _curve(display)
    tags = {
        b"desc": _text(display.title),
        b"cprt": _text(RIGHTS),
        b"wtpt": _xyz(np.array(D50)),
        b"chad": b"sf32" + bytes(4) + _fixed(adapted).astype(">i4").tobytes(),
        **{name: _xyz(columns[:, k]) for k, name in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))},
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    return _assembled(tags)


def _fixed(values: ArrayLike) -> NDArray[np.int64]:
    """Return numbers as s15Fixed16. Raises LatticeError if one is too large."""
    scaled = np.rint(np.asarray(values, np.float64) * ONE)
    if not (np.abs(scaled) < 2**31).all():
        raise LatticeError("primaries: expected numbers that an ICC profile holds, got larger ones")
    return scaled.astype(np.int64)


def _xyz(fixed: NDArray[np.int64]) -> bytes:
    return b"XYZ " + bytes(4) + fixed.astype(">i4").tobytes()


def _curve(display: Encoding) -> bytes:
    if display.gamma == "sRGB":
        toe = SRGB_SLOPE * SRGB_TOE
        numbers = (SRGB_EXPONENT, 1 / (1 + SRGB_OFFSET), SRGB_OFFSET / (1 + SRGB_OFFSET), 1 / SRGB_SLOPE, toe)
        kind = SRGB_LIKE
    else:
        numbers, kind = (display.gamma,), POWER  # type: ignore[assignment]  # of another length
    return b"para" + bytes(4) + struct.pack(">H2x", kind) + _fixed(numbers).astype(">i4").tobytes()


def _text(text: str) -> bytes:
    encoded = text.encode("utf-16-be")
    return b"mluc" + bytes(4) + struct.pack(">2I4s2I", 1, 12, ENGLISH, len(encoded), 28) + encoded


def _assembled(tags: dict[bytes, bytes]) -> bytes:
    """Return the profile: header, tag table, data. Equal data are stored once."""
    start, data = HEADER + 4 + 12 * len(tags), b""
    places: dict[bytes, int] = {}
    for value in tags.values():
        if value not in places:
            places[value] = start + len(data)
            data += value + bytes(-len(value) % 4)
    table = struct.pack(">I", len(tags)) + b"".join(
        struct.pack(">4s2I", name, places[value], len(value)) for name, value in tags.items()
    )
    size = start + len(data)

    def header(identity: bytes) -> bytes:
        fields = struct.pack(">I4xI4s4s4s6H4s", size, VERSION, b"mntr", b"RGB ", b"XYZ ", *WRITTEN, b"acsp")
        return fields + bytes(28) + struct.pack(">3I4x16s28x", *D50, identity)

    body = table + data
    # The identity is the digest of the profile with the identity's own bytes 0.
    return header(hashlib.md5(header(bytes(16)) + body, usedforsecurity=False).digest()) + body
