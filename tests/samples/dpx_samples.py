"""DPX files by hand: any field, any place of the picture, either byte order."""

from __future__ import annotations

import struct

import numpy as np

FIELDS = {
    "offset": (4, "I"),
    "version": (8, "8s"),
    "file size": (16, "I"),
    "generic": (24, "I"),
    "industry": (28, "I"),
    "user": (32, "I"),
    "creator": (160, "100s"),
    "copyright": (460, "200s"),
    "orientation": (768, "H"),
    "elements": (770, "H"),
    "width": (772, "I"),
    "height": (776, "I"),
    "sign": (780, "I"),
    "descriptor": (800, "B"),
    "transfer": (801, "B"),
    "colorimetric": (802, "B"),
    "bits": (803, "B"),
    "packing": (804, "H"),
    "encoding": (806, "H"),
    "data": (808, "I"),
    "description": (820, "32s"),
    "x": (1408, "I"),
    "y": (1412, "I"),
    "full width": (1424, "I"),
    "full height": (1428, "I"),
    "source name": (1432, "100s"),
    "device": (1556, "32s"),
    "serial": (1588, "32s"),
    "film code": (1664, "2s"),
    "keycode prefix": (1670, "6s"),
    "keycode count": (1676, "4s"),
    "film format": (1680, "32s"),
    "frame position": (1712, "I"),
    "film rate": (1724, "f"),
    "shutter": (1728, "f"),
    "slate": (1764, "100s"),
    "time code": (1920, "I"),
    "user bits": (1924, "I"),
    "television rate": (1940, "f"),
    "gamma": (1948, "f"),
    "black": (1952, "f"),
    "integration": (1968, "f"),
}
UNDEFINED = {"B": 2**8 - 1, "H": 2**16 - 1, "I": 2**32 - 1}


def dpx(body, size, order=">", start=2048, user=b"", after=b"", **given):
    """The bytes of a DPX. body: of the picture. size: width, height. start: its first byte. given: fields, with `_` for
    a space; None leaves one undefined."""
    header = bytearray(start)
    header[2048 : 2048 + len(user)] = user
    told = {
        "offset": start,
        "version": b"V2.0",
        "file size": start + len(body) + len(after),
        "generic": 1664,
        "industry": 384 if start >= 2048 else 0,
        "user": len(user),
        "orientation": 0,
        "elements": 1,
        "width": size[0],
        "height": size[1],
        "sign": 0,
        "descriptor": 50,
        "transfer": 2,
        "bits": 10,
        "packing": 1,
        "encoding": 0,
        "data": start,
        **{name.replace("_", " "): value for name, value in given.items()},
    }
    for name, value in told.items():
        at, kind = FIELDS[name]
        if at + struct.calcsize(kind) <= start:
            value = UNDEFINED.get(kind, float("nan")) if value is None else value
            struct.pack_into(order + kind, header, at, value)
    header[:4] = b"SDPX" if order == ">" else b"XPDS"
    return bytes(header) + body + after


def field(data, name):
    """A field of a file's header, in its byte order."""
    at, kind = FIELDS[name]
    (value,) = struct.unpack_from((">" if data[:4] == b"SDPX" else "<") + kind, data, at)
    return value.rstrip(b"\0") if isinstance(value, bytes) else value


def words(codes, order=">", reverse=False, shift=2):
    """Lines of filled words of (H, samples) 10-bit codes, the first of three highest, or lowest."""
    out = b""
    for line in codes:
        three = np.pad(line, (0, -len(line) % 3)).reshape(-1, 3).astype(np.uint32)
        a, b, c = (three[:, ::-1] if reverse else three).T
        out += (a << 20 + shift | b << 10 + shift | c << shift).astype(order + "u4").tobytes()
    return out
