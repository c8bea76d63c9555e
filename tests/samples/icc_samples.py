"""ICC profiles by hand, tag by tag."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

from lattice.files.luts import icc_profile

TOE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)  # of sRGB
ONE = 65536
RGB_TO_XYZ = [[0.4361, 0.2225, 0.0139], [0.3851, 0.7169, 0.0971], [0.1431, 0.0606, 0.7139]]  # a column each


def s15(*numbers: float) -> bytes:
    return np.rint(np.array(numbers) * ONE).astype(">i4").tobytes()


def table(*codes: int) -> bytes:
    """A curve of type curv: of none the identity, of one a power in 1/256."""
    return b"curv" + bytes(4) + struct.pack(f">I{len(codes)}H", len(codes), *codes)


def para(kind: int, *numbers: float) -> bytes:
    return b"para" + bytes(4) + struct.pack(">H2x", kind) + s15(*numbers)


def display(*curves: bytes, kinds: tuple[bytes, bytes, bytes] = (b"mntr", b"RGB ", b"XYZ "), **changed: bytes) -> bytes:
    """A profile of a matrix and three curves, or one for all."""
    columns = {
        name: b"XYZ " + bytes(4) + s15(*column)
        for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), RGB_TO_XYZ, strict=True)
    }
    three = dict(zip((b"rTRC", b"gTRC", b"bTRC"), curves * 3 if len(curves) == 1 else curves, strict=True))
    tags = {b"desc": icc_profile.text("a display"), **columns, **three}
    return icc_profile.assembled(kinds, tags | {name.encode(): value for name, value in changed.items()})


def link(tag: bytes, kinds: tuple[bytes, bytes, bytes] = (b"link", b"RGB ", b"RGB ")) -> bytes:
    return icc_profile.assembled(kinds, {b"desc": icc_profile.text("a link"), b"A2B0": tag})


def curve(count: int, largest: int = 65535) -> Any:
    """Codes (count, 3) of curves whose slope is up to 1.7."""
    steps = np.linspace(0, 1, count)
    return np.rint(np.stack([steps**1.7, steps, 1 - (1 - steps) ** 1.7], axis=1) * largest).astype(np.int64)


def cube(size: int, largest: int = 65535) -> Any:
    """Codes (size, size, size, 3), no axis like another, whose slope is up to 2."""
    r, g, b = np.meshgrid(*[np.linspace(0, 1, size)] * 3, indexing="ij")
    found = np.stack([0.8 * r**1.5 + 0.2 * g * b, 0.1 + 0.8 * g - 0.1 * r, b**2 * 0.7 + 0.3 * r * g], axis=-1)
    return np.rint(found * largest).astype(np.int64)


def values(codes: Any) -> Any:
    return codes.astype(np.float32) / np.float32(65535)


def mft(size: int, entries: int, matrix: Any = None, is_wide: bool = True) -> bytes:
    """A lut8 or lut16."""
    largest, kind = (65535, ">u2") if is_wide else (255, "u1")
    front = (b"mft2" if is_wide else b"mft1") + bytes(4) + struct.pack(">3Bx", 3, 3, size)
    ends = struct.pack(">2H", entries, entries) if is_wide else b""
    curves = curve(entries, largest).T.astype(kind).tobytes()
    numbers = s15(*np.ravel(np.eye(3) if matrix is None else matrix))
    return front + numbers + ends + curves + cube(size, largest).astype(kind).tobytes() + curves


def mab(b: list[bytes], matrix: Any = None, m: list[bytes] | None = None, size: int = 0, width: int = 2) -> bytes:
    """A lutAToB, whose A curves are the B curves."""
    parts: list[tuple[int, bytes]] = [(0, joined(b))]
    if matrix is not None:
        parts += [(1, s15(*np.ravel(matrix))), (2, joined(m or b))]
    if size:
        codes = cube(size, 2 ** (8 * width) - 1).astype(f">u{width}").tobytes()
        grid = bytes([size] * 3 + [0] * 13 + [width, 0, 0, 0]) + codes
        parts += [(3, grid + bytes(-len(grid) % 4)), (4, joined(b))]
    offsets, body = [0] * 5, b""
    for place, part in parts:
        offsets[place] = 32 + len(body)
        body += part
    return b"mAB " + bytes(4) + struct.pack(">2B2x5I", 3, 3, *offsets) + body


def joined(curves: list[bytes]) -> bytes:
    return b"".join(part + bytes(-len(part) % 4) for part in curves)


BENT = [para(0, 1.5), table(0, 20000, 65535), table()]
MIXED = [*np.ravel(np.array([[0.8, 0.1, 0.1], [0, 0.9, 0.1], [0.1, 0.2, 0.7]])), 0.01, -0.02, 0]
FOREIGN = {
    "lut16": mft(17, 100),
    "lut16 with a matrix": mft(9, 33, matrix=[[0.7, 0.2, 0.1], [0, 1, 0], [0.1, 0.1, 0.8]]),
    "lut8": mft(9, 256, is_wide=False),
    "B curves": mab(BENT),
    "a table for each": mab([table(0, 20000, 65535), table(0, 40000, 65535), table(0, 30000, 65535)]),
    "M curves": mab([para(3, *TOE)] * 3, MIXED, BENT),
    "A curves": mab([para(4, *TOE, 0, 0), para(2, 1.5, 0.9, 0, 0.1), para(1, 1.5, 1.1, -0.1)], size=9),
    "all in bytes": mab(BENT, MIXED, [para(0, 1.2)] * 3, size=5, width=1),
}
CURVES = {
    "powers": [table(256 * 2), table(461), table(300)],
    "identities": [table(256)],
    "tables": [table(0, 9000, 30000, 65535), table(0, 1, 2, 50000), table(100, 100, 40000, 40000)],
    "a table that falls": [table(65535, 40000, 3000, 0)],
    "two entries": [table(0, 65535)],
    "parametric powers": [para(0, 2.2), para(0, 1.8), para(0, 2.6)],
    "type 1": [para(1, 2.2, 1.1, -0.1)],
    "type 2": [para(2, 2.2, 0.9, -0.1, 0.2), para(2, 1.8, 0.9, -0.1, 0.1), para(2, 1.0, 0.9, -0.1, 0.1)],
    "type 3": [para(3, *TOE)],
    "type 4": [para(4, *TOE[:4], TOE[4], 0.01, 0.01), para(4, *TOE, 0, 0), para(4, 0.5, 1, 0, 2, 0.2, 0, 0.01)],
}
