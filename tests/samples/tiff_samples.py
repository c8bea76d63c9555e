"""TIFFs by hand, tag by tag, and LogLuv by an encoder of the tests' own and by libtiff."""

from __future__ import annotations

import ctypes
import ctypes.util
import struct
from functools import cache

import numpy as np
from basics import require

LETTERS = {1: "B", 2: "s", 3: "H", 4: "I", 5: "I", 7: "B", 11: "f", 12: "d", 16: "Q"}
RUNS, PACKED_24, LOGL, LOGLUV = 34676, 34677, 32844, 32845


def tiff(strips, tags, order="<", is_big=False):
    """The bytes of a TIFF. strips: bytes of each. tags: number to (type, values), rationals as two numbers each;
    the offsets and lengths of the strips are added."""
    first = 16 if is_big else 8
    starts = [first + sum(map(len, strips[:k])) for k in range(len(strips))]
    tiled = 322 in tags
    tags = {
        **tags,
        (324 if tiled else 273): (16 if is_big else 4, starts),
        (325 if tiled else 279): (4, list(map(len, strips))),
    }
    place = first + sum(map(len, strips))
    width, entry, inside = ("Q", 20, 8) if is_big else ("I", 12, 4)
    after = place + (8 if is_big else 2) + entry * len(tags) + inside
    entries, longer = b"", b""
    for tag, (kind, values) in sorted(tags.items()):
        letter = LETTERS[kind]
        data = values if kind == 2 else struct.pack(f"{order}{len(values)}{letter}", *values)
        count = len(values) // (2 if kind == 5 else 1)
        entries += struct.pack(f"{order}HH{width}", tag, kind, count)
        if len(data) > inside:
            entries += struct.pack(order + width, after + len(longer))
            longer += data
        else:
            entries += data.ljust(inside, b"\0")
    magic = b"II" if order == "<" else b"MM"
    head = magic + struct.pack(order + ("HHHQ" if is_big else "HI"), *((43, 8, 0) if is_big else (42,)), place)
    return (
        head
        + b"".join(strips)
        + struct.pack(order + ("Q" if is_big else "H"), len(tags))
        + entries
        + bytes(inside)
        + longer
    )


def luminance_codes(luminance):
    """The 16-bit codes of luminances: a sign, and 256 steps a stop from 2**-64 up."""
    with np.errstate(divide="ignore"):
        steps = np.floor(256 * (np.log2(np.abs(luminance)) + 64))
    return np.where(luminance == 0, 0, np.clip(steps, 1, 2**15 - 1) + 2**15 * (luminance < 0)).astype(np.uint32)


def logluv_codes(xyz):
    """(H, W) 32-bit codes of (H, W, 3)."""
    x, y, z = np.moveaxis(np.asarray(xyz, float), -1, 0)
    below = np.where(y == 0, 1, x + 15 * y + 3 * z)
    u, v = (np.clip(410 * part / below, 0, 255).astype(np.uint32) for part in (4 * x, 9 * y))
    return luminance_codes(y) << 16 | u << 8 | v


def runs(codes, planes):
    """The bytes of lines of codes, the highest byte of a line first: runs of three and more, and bytes as they are."""
    out = bytearray()
    for line in codes:
        for plane in range(planes):
            data = bytes((line >> 8 * (planes - 1 - plane) & 255).astype(np.uint8))
            at = 0
            while at < len(data):
                same = 1
                while at + same < len(data) and same < 129 and data[at + same] == data[at]:
                    same += 1
                if same > 2:
                    out += bytes([126 + same, data[at]])
                    at += same
                else:
                    out += bytes([1, data[at]])
                    at += 1
    return bytes(out)


def logluv(codes, rows=2, order="<", compression=RUNS, photometric=LOGLUV, is_big=False, tile=None, more=()):
    """The bytes of a LogLuv or LogL TIFF of (H, W) codes."""
    height, width = codes.shape
    planes = 2 if photometric == LOGL else 3 if compression == PACKED_24 else 4

    def packed(block):
        stored = np.ascontiguousarray(block.astype(">u4")).view(np.uint8).reshape(*block.shape, 4)
        return stored[..., 1:].tobytes() if compression == PACKED_24 else runs(block, planes)

    if tile:
        across, down = tile
        wide = np.pad(codes, ((0, -height % down), (0, -width % across)), mode="edge")
        blocks = [
            wide[top : top + down, left : left + across]
            for top in range(0, height, down)
            for left in range(0, width, across)
        ]
        layout = {322: (4, [across]), 323: (4, [down])}
    else:
        blocks, layout = [codes[top : top + rows] for top in range(0, height, rows)], {278: (4, [rows])}
    samples = 1 if photometric == LOGL else 3
    tags = {
        256: (4, [width]),
        257: (4, [height]),
        258: (3, [16] * samples),
        259: (3, [compression]),
        262: (3, [photometric]),
        277: (3, [samples]),
        284: (3, [1]),
        339: (3, [2] * samples),
        **layout,
        **dict(more),
    }
    return tiff([packed(block) for block in blocks], tags, order, is_big)


@cache
def libtiff():
    """libtiff itself, another implementation of LogLuv; the test is skipped where it is absent."""
    name = ctypes.util.find_library("tiff")
    if name is None:
        require("libtiff", "no libtiff (apt-get install libtiff6)")
    library = ctypes.CDLL(name)
    library.TIFFOpen.restype = ctypes.c_void_p
    if not library.TIFFIsCODECConfigured(RUNS):
        require("libtiff", "libtiff without LogLuv")
    return library


def opened_by_libtiff(path, mode, tags):
    file = ctypes.c_void_p(libtiff().TIFFOpen(str(path).encode(), mode))
    for tag, value in tags.items():
        assert libtiff().TIFFSetField(file, ctypes.c_uint32(tag), value) == 1, tag
    return file


FLOATS = {65560: ctypes.c_int(0)}  # libtiff's own: the pixels in memory are floats


def save_by_libtiff(path, light, compression, photometric, rows, tags=()):
    """light: (H, W, 3) X, Y, Z, or (H, W, 1) luminance."""
    height, width, samples = light.shape
    numbers = {256: width, 257: height, 258: 32, 259: compression, 262: photometric, 277: samples, 339: 3, 284: 1}
    given = {tag: ctypes.c_int(number) for tag, number in numbers.items()}
    file = opened_by_libtiff(
        path, b"w", {**given, **FLOATS, 65561: ctypes.c_int(0), 278: ctypes.c_int(rows), **dict(tags)}
    )
    for top, line in enumerate(np.ascontiguousarray(light, np.float32)):
        assert libtiff().TIFFWriteScanline(file, line.ctypes.data_as(ctypes.c_void_p), top, 0) == 1
    libtiff().TIFFClose(file)


def read_by_libtiff(path, shape):
    file = opened_by_libtiff(path, b"r", FLOATS)
    light = np.zeros(shape, np.float32)
    for top, line in enumerate(light):
        assert libtiff().TIFFReadScanline(file, line.ctypes.data_as(ctypes.c_void_p), top, 0) == 1
    libtiff().TIFFClose(file)
    return light
