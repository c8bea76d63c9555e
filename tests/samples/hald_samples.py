"""Hald images by hand and by OpenImageIO, whole and wrong."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from basics import require
from tiff_samples import tiff


def codes(level: int, bits: int = 16) -> Any:
    """Pixels (L^3, L^3, 3) of a Hald: smooth with noise, so that writers of PNG choose several filters."""
    size, random = level**2, np.random.default_rng(level)
    steps = np.linspace(0, 1, size)
    smooth = np.stack(np.meshgrid(steps**0.7, steps**2, steps, indexing="ij"), axis=-1)
    noisy = np.clip(smooth + random.normal(0, 0.002, smooth.shape), 0, 1).transpose(2, 1, 0, 3)
    return np.rint(noisy * (2**bits - 1)).astype(f"u{bits // 8}").reshape(level**3, level**3, 3)


def nodes(pixels: Any) -> Any:
    """The nodes that pixels hold: red runs fastest, then green."""
    size = round(len(pixels) ** (2 / 3))
    values = pixels.astype(np.float32) / np.float32(np.iinfo(pixels.dtype).max)
    return values.reshape(size, size, size, 3).transpose(2, 1, 0, 3)


def library() -> Any:
    """OpenImageIO."""
    try:
        import OpenImageIO
    except ImportError:
        require("images-io", "OpenImageIO is not installed")
    return OpenImageIO


def by_oiio(pixels: Any, path: Path, **attributes: Any) -> bytes:
    """A file that OpenImageIO writes."""
    oiio = library()
    spec = oiio.ImageSpec(pixels.shape[1], pixels.shape[0], pixels.shape[2], str(pixels.dtype))
    for name, value in {"oiio:UnassociatedAlpha": 1, **attributes}.items():
        spec.attribute(name.replace("_", ":"), value)
    file = oiio.ImageOutput.create(str(path))
    assert file.open(str(path), spec)
    assert file.write_image(np.ascontiguousarray(pixels))
    assert file.close()
    return path.read_bytes()


def of_tags(order: str = "<", pixels: Any = None, **changed: tuple[int, list[int]]) -> bytes:
    """A TIFF of level 2 by hand, in strips of three lines. changed: tags by number, `t259=(3, [5])`."""
    pixels = codes(2) if pixels is None else pixels
    strips = [pixels[top : top + 3].astype(pixels.dtype.newbyteorder(order)).tobytes() for top in range(0, 8, 3)]
    samples = pixels.shape[2]
    tags = {
        256: (3, [8]),
        257: (3, [8]),
        258: (3, [8 * pixels.itemsize] * samples),
        259: (3, [1]),
        262: (3, [2 if samples > 2 else 1]),
        277: (3, [samples]),
        278: (3, [3]),
    }
    return tiff(strips, tags | {int(name[1:]): value for name, value in changed.items()}, order)


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Names and contents of a PNG's chunks, as far as they go."""
    found, at = [], 8
    while at + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        found.append((name, data[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


def joined(parts: list[tuple[bytes, bytes]]) -> bytes:
    """A PNG of chunks, with checksums that fit."""
    made = [
        struct.pack(">I", len(part)) + name + part + struct.pack(">I", zlib.crc32(name + part)) for name, part in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(made)


def header(width: int = 8, height: int = 8, bits: int = 16, color: int = 2, lace: int = 0) -> bytes:
    return struct.pack(">2I5B", width, height, bits, color, 0, 0, lace)


def png(head: bytes | None = None, pixels: bytes | None = None) -> bytes:
    """A PNG of level 2, with another header or other bytes of pixels."""
    packed = zlib.compress(bytes(8 * 49) if pixels is None else pixels)
    return joined([(b"IHDR", head or header()), (b"IDAT", packed), (b"IEND", b"")])
