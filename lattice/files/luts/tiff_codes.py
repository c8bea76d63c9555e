"""The codes of a TIFF as they are stored: no profile or alpha is applied. 8 or 16 bits, gray or RGB, by pixel.

Source: Adobe, "TIFF Revision 6.0" (1992), sections 2, 8, 9, 14, and its supplement on deflate (2002).
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from lattice.errors import LatticeError
from lattice.files.images import tiff, tiff_tags
from lattice.files.images.spec import EncodedImage
from lattice.files.images.tiff_tags import Tags
from lattice.files.luts.png_codes import MOST_TEXT, Codes

BITS, DESCRIPTION, PREDICTOR, SAMPLE_FORMAT = 258, 270, 317, 339
NEEDED = (
    *(tiff_tags.WIDTH, tiff_tags.HEIGHT, BITS, tiff_tags.COMPRESSION, tiff_tags.PHOTOMETRIC, tiff_tags.SAMPLES),
    *(tiff_tags.PLANAR, tiff_tags.STRIPS, tiff_tags.STRIP_ROWS, tiff_tags.STRIP_BYTES, PREDICTOR, SAMPLE_FORMAT),
)
UNPACKED, DEFLATED, OLD_DEFLATED = 1, 8, 32946  # values of Compression
PACKINGS = {5: "LZW", 6: "JPEG", 7: "JPEG", 32773: "PackBits"}  # that are not read
BLACK_IS_0, RGB = 1, 2
COLORS = {BLACK_IS_0: (1, 2), RGB: (3, 4)}  # samples without and with alpha
ENTRY = struct.calcsize("=HHI4s")


def read(data: bytes, check_size: Callable[[int, int], None]) -> tuple[Codes, list[str]]:
    """Return the codes (H, W, samples) uint8 or uint16 of a TIFF's first page, and the lines of its description.

    check_size: is called with width and height before pixels are decoded, and raises what it does not take.
    Raises LatticeError if the file is no TIFF, is damaged, packed other than by deflate, tiled, of separate planes, or
    of other samples.
    """
    if data[:4] not in (b"II*\0", b"MM\0*"):
        raise LatticeError(f"expected a TIFF, got a file that begins with {data[:4]!a}")
    tags = tiff_tags.read_tags(io.BytesIO(data), NEEDED, "TIFF")
    width, height = _one(tags, tiff_tags.WIDTH, 0), _one(tags, tiff_tags.HEIGHT, 0)
    check_size(width, height)
    samples, bits = _layout(tags)
    stored = np.dtype(f"u{bits // 8}").newbyteorder(tiff_tags.ORDERS[data[:2]])
    lines = _inflated(data, tags, height, width * samples * stored.itemsize)
    codes = np.frombuffer(lines, stored).reshape(height, width, samples).astype(f"u{bits // 8}")
    if _one(tags, PREDICTOR, tiff.PLAIN) == tiff.DIFFERENCED:
        codes = np.cumsum(codes, axis=1, dtype=codes.dtype)
    return codes, _description(data)


def _one(tags: Tags, tag: int, default: int) -> int:
    return int(tags.get(tag, (default,))[0])


def _layout(tags: Tags) -> tuple[int, int]:
    """Return samples of a pixel and bits of a sample."""
    photometric, samples = _one(tags, tiff_tags.PHOTOMETRIC, RGB), _one(tags, tiff_tags.SAMPLES, 1)
    kinds, formats = tags.get(BITS, np.ones(1)), tags.get(SAMPLE_FORMAT, np.ones(1))
    packing = _one(tags, tiff_tags.COMPRESSION, UNPACKED)
    if samples not in COLORS.get(photometric, ()):
        raise LatticeError(f"expected a TIFF of RGB or gray, got photometric {photometric} of {samples} samples")
    if not ((kinds == 8).all() or (kinds == 16).all()) or (formats != tiff.TIFF_FORMATS["u"]).any():
        raise LatticeError(f"expected a TIFF of 8 or 16 bits without sign, got bits {kinds[:4]}, format {formats[:4]}")
    if packing not in (UNPACKED, DEFLATED, OLD_DEFLATED):
        got = PACKINGS.get(packing, f"compression {packing}")
        raise LatticeError(f"expected a TIFF that is not packed, or by deflate (ZIP), got {got}")
    if _one(tags, tiff_tags.PLANAR, 1) != 1 or tiff_tags.STRIPS not in tags:
        raise LatticeError("expected a TIFF of strips of whole pixels, got tiles or separate planes")
    if _one(tags, PREDICTOR, tiff.PLAIN) not in (tiff.PLAIN, tiff.DIFFERENCED):
        raise LatticeError(f"expected a TIFF of predictor 1 or 2, got {_one(tags, PREDICTOR, 0)}")
    return samples, int(kinds[0])


def _inflated(data: bytes, tags: Tags, height: int, line: int) -> bytes:
    """Return the lines of all strips, `line` bytes each, unpacked."""
    deep = _one(tags, tiff_tags.STRIP_ROWS, height)
    starts, lengths = tags[tiff_tags.STRIPS], tags.get(tiff_tags.STRIP_BYTES, np.zeros(0, np.int64))
    if deep < 1 or len(starts) != len(lengths) or len(starts) != -(-height // deep):
        raise LatticeError(f"expected strips of a TIFF of {height} lines, got {len(starts)} of {deep}")
    is_packed = _one(tags, tiff_tags.COMPRESSION, UNPACKED) != UNPACKED
    pieces = []
    for k, (start, length) in enumerate(zip(starts.tolist(), lengths.tolist(), strict=True)):
        count = min(deep, height - k * deep) * line
        piece = data[start : start + length]
        try:
            found = zlib.decompressobj().decompress(piece, count) if is_packed else piece[:count]
        except zlib.error as error:
            raise LatticeError(f"expected strip {k + 1} of a TIFF that inflates, got a damaged one: {error}") from None
        if start < 0 or length < 0 or len(found) != count:
            raise LatticeError(f"expected {count:,} bytes of strip {k + 1} of a TIFF, got {len(found):,}")
        pieces.append(found)
    return b"".join(pieces)


def _description(data: bytes) -> list[str]:
    """Return the lines of ImageDescription, of a file whose directory `read_tags` found whole."""
    order = tiff_tags.ORDERS[data[:2]]
    (start,) = struct.unpack_from(order + "I", data, 4)
    (count,) = struct.unpack_from(order + "H", data, start)
    entries = struct.iter_unpack(order + "HHI4s", data[start + 2 : start + 2 + ENTRY * count])
    for tag, kind, length, inside in entries:
        if (tag, kind) == (DESCRIPTION, tiff.ASCII):
            (place,) = struct.unpack(order + "I", inside)
            text = inside[:length] if length <= len(inside) else data[place : place + min(length, MOST_TEXT)]
            return bytes(text).split(b"\0")[0].decode("utf-8", "replace").splitlines()
    return []


def pack(codes: NDArray[np.uint8] | NDArray[np.uint16], texts: Iterable[str]) -> bytes:
    """Return a TIFF of codes (H, W, 3), with lines of text as its description, without a date."""
    return b"".join(tiff.pack_tiff(EncodedImage(codes, "\n".join(texts))))
