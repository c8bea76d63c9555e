"""The codes of a PNG as they are stored: no gamma, profile or alpha is applied. 8 or 16 bits, gray or RGB.

Source: PNG specification, third edition (W3C, 2025): 5 chunks, 9 filters, 11.2.1 IHDR.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from lattice.errors import LatticeError
from lattice.files.images.deflate import deflated

Codes = NDArray[np.uint8] | NDArray[np.uint16]
MAGIC = b"\x89PNG\r\n\x1a\n"
SAMPLES = {0: 1, 2: 3, 4: 2, 6: 4}  # of a pixel, by color type; 3 is a palette
RGB = 2
PLAIN, LEFT, UP, MEAN, PAETH = range(5)  # filters of a line
TEXTS = (b"Title", b"Description", b"Comment")
MOST_CHUNKS = 20_000  # pieces of 8 kB, as libpng writes them, of the largest Hald are 2,000
MOST_TEXT = 2**16  # bytes of all texts together; what is longer is left out


def read(data: bytes, check_size: Callable[[int, int], None]) -> tuple[Codes, list[str]]:
    """Return the codes (H, W, samples) uint8 or uint16 of a PNG, and the lines of its texts.

    check_size: is called with width and height before pixels are decoded, and raises what it does not take.
    Raises LatticeError if the file is no PNG, is damaged or cut short, is interlaced, or of a palette or less than 8
    bits.
    """
    chunks = _chunks(data)
    name, header = next(chunks)
    if name != b"IHDR" or len(header) != 13:
        raise LatticeError("expected a PNG with its header first, got another chunk")
    width, height, bits, color, *methods = struct.unpack(">2I5B", header)
    if bits not in (8, 16) or color not in SAMPLES or any(methods):
        kind = "a palette" if color == 3 else "an interlaced one" if methods == [0, 0, 1] else f"{bits} bits"
        raise LatticeError(f"expected a PNG of RGB or gray in 8 or 16 bits, not interlaced, got {kind}")
    check_size(width, height)
    packed: list[memoryview] = []
    texts: list[bytes] = []
    for name, part in chunks:
        if name == b"IDAT":
            packed.append(part)
        elif name == b"tEXt":
            keyword, _, text = bytes(part).partition(b"\0")
            texts += [text] if keyword in TEXTS else []
    step = SAMPLES[color] * bits // 8
    lines = _inflated(packed, height * (1 + width * step)).reshape(height, -1)
    stored = _unfiltered(lines[:, 0], lines[:, 1:].reshape(height, width, step))
    codes = stored if bits == 8 else stored.view(">u2").astype(np.uint16)
    return codes, b"\n".join(texts)[:MOST_TEXT].decode("latin-1").splitlines()


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Yield names and contents of the chunks up to IEND."""
    if not data.startswith(MAGIC):
        raise LatticeError(f"expected a PNG, got a file that begins with {data[:4]!a}")
    at, view = len(MAGIC), memoryview(data)
    for _ in range(MOST_CHUNKS):
        if at + 12 > len(data):
            raise LatticeError(f"expected chunks of a PNG up to IEND, got a file cut short at byte {len(data):,}")
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise LatticeError(f"expected {length:,} bytes of {name!a}, got a file cut short at byte {len(data):,}")
        if zlib.crc32(view[at + 4 : end - 4]) != int.from_bytes(view[end - 4 : end]):
            raise LatticeError(f"expected {name!a} at byte {at:,} as its checksum says, got a damaged one")
        if name == b"IEND":
            return
        yield name, view[at + 8 : end - 4]
        at = end
    raise LatticeError(f"expected at most {MOST_CHUNKS:,} chunks of a PNG, got more")


def _inflated(packed: Iterable[memoryview], count: int) -> NDArray[np.uint8]:
    """Return the `count` bytes of a zlib stream in pieces."""
    try:
        found = zlib.decompressobj().decompress(b"".join(packed), count + 1)
    except zlib.error as error:
        raise LatticeError(f"expected pixels that inflate, got damaged ones: {error}") from None
    if len(found) != count:
        got = "more" if len(found) > count else f"{len(found):,}"
        raise LatticeError(f"expected {count:,} bytes of pixels, got {got}")
    return np.frombuffer(found, np.uint8)


def _unfiltered(kinds: NDArray[np.uint8], lines: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the bytes (H, W, step) of lines that are stored by the filters `kinds` (H,).

    A pixel needs those to its left and above: all pixels of a diagonal, of all lines, are found at once.
    """
    height, width, step = lines.shape
    if kinds.max() > PAETH:
        raise LatticeError(f"expected filters from 0 to {PAETH} of lines, got {kinds.max()}")
    skewed = np.zeros((height + width - 1, height, step), np.uint8)  # [diagonal, line]
    for k in range(height):
        skewed[k : k + width, k] = lines[k]
    weights = [(kinds == kind).astype(np.int16)[:, None] for kind in (LEFT, UP, MEAN, PAETH)]
    last, before = np.zeros((2, height + 1, step), np.int16)  # diagonals behind a line of zeros
    for diagonal, stored in enumerate(skewed):
        first, end = max(0, diagonal - width + 1), min(diagonal + 1, height)
        left, above, corner = last[first + 1 : end + 1], last[first:end], before[first:end]
        stored[first:end] += _predicted([each[first:end] for each in weights], left, above, corner)
        before, last = last, before
        last[1:] = stored
    return np.stack([skewed[k : k + width, k] for k in range(height)])


def _predicted(
    weights: list[NDArray[np.int16]], a: NDArray[np.int16], b: NDArray[np.int16], c: NDArray[np.int16]
) -> NDArray[np.uint8]:
    """Return what the filters predict of a diagonal's pixels. weights: 1 for the lines of each filter but PLAIN, else
    0. a, b, c: the pixels to the left, above, and above to the left."""
    off_a, off_b, off_c = np.abs(b - c), np.abs(a - c), np.abs(a + b - 2 * c)
    nearest = np.where((off_a <= off_b) & (off_a <= off_c), a, np.where(off_b <= off_c, b, c))
    found = weights[0] * a + weights[1] * b + weights[2] * ((a + b) >> 1) + weights[3] * nearest
    return found.astype(np.uint8)


def pack(codes: Codes, texts: Iterable[str]) -> bytes:
    """Return a PNG of codes (H, W, 3) uint8 or uint16, with lines of text as its description, without a date."""
    height, width = codes.shape[:2]
    stored = codes.astype(codes.dtype.newbyteorder(">")).view(np.uint8).reshape(height, -1)
    lines = np.full((height, 1 + stored.shape[1]), UP, np.uint8)
    lines[0, 1:], lines[1:, 1:] = stored[0], stored[1:] - stored[:-1]
    text = "\n".join(texts).encode("latin-1", "replace")
    parts = [
        (b"IHDR", struct.pack(">2I5B", width, height, 8 * codes.itemsize, RGB, 0, 0, 0)),
        *([(b"tEXt", b"Description\0" + text)] if text else []),
        (b"IDAT", deflated(lines.tobytes())),
        (b"IEND", b""),
    ]
    return MAGIC + b"".join(_chunk(name, part) for name, part in parts)


def _chunk(name: bytes, part: bytes) -> bytes:
    return struct.pack(">I", len(part)) + name + part + struct.pack(">I", zlib.crc32(name + part))
