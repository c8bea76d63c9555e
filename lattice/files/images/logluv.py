"""Decode LogLuv and LogL TIFFs to the light that they hold; OpenImageIO clips it to 8 bits.

Sources: Larson, "The LogLuv Encoding for Full Gamut, High Dynamic Range Images", Journal of Graphics Tools 3 (1998);
"LogLuv Encoding for TIFF Images" (anyhere.com/gward/pixformat/tiffluv.html).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from lattice.files.images import tiff_tags as tags
from lattice.files.images.logluv_grid import FIRST_V, ROWS, SIDE
from lattice.files.images.spec import expect
from lattice.files.storage.limits import MOST_BYTES, allowed_bytes
from lattice.types import Array, LatticeError, Pixels

LOGL, LOGLUV = 32844, 32845  # values of PhotometricInterpretation
RUNS, PACKED_24 = 34676, 34677  # values of Compression
LIGHT_BYTES = 12  # of a decoded pixel
LINES = 64  # decoded at a time, so that they take little memory
LONGEST_RUN = 129  # pixels of one byte; a run takes two bytes
UV_STEPS = 410  # of u' and v' from 0 to 1 in 32-bit LogLuv
# Equal energy: LogLuv's neutral, which unassigned indices of the 24-bit grid mean, and Radiance's white.
EQUAL_ENERGY = 1 / 3, 1 / 3
NEEDED = (
    *(tags.WIDTH, tags.HEIGHT, tags.COMPRESSION, tags.SAMPLES, tags.PLANAR, tags.WHITE_POINT, tags.STONITS),
    *(tags.STRIPS, tags.STRIP_BYTES, tags.STRIP_ROWS),
    *(tags.TILE_WIDTH, tags.TILE_HEIGHT, tags.TILES, tags.TILE_BYTES),
)


@dataclass(frozen=True)
class Block:
    """A strip or tile. name: for messages. left, top: its first pixel. size: width, height as stored. start, length:
    its bytes in the file."""

    name: str
    left: int
    top: int
    size: tuple[int, int]
    start: int
    length: int


@dataclass(frozen=True)
class Layout:
    """How a file stores its pixels. size: width, height. is_gray: LogL. is_packed: 24 bits a pixel without runs.
    white: x, y of the neutral. stonits: cd/m2 of Y = 1; 0 if the file does not say. piece: "strip" or "tile". block:
    width, height of one as stored; only the last strip may have less. starts, lengths: bytes of each in the file."""

    size: tuple[int, int]
    is_gray: bool
    is_packed: bool
    white: tuple[float, float]
    stonits: float
    piece: str
    block: tuple[int, int]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]

    def blocks(self) -> Iterator[Block]:
        """Yield the strips or tiles, made one at a time: a file may have millions."""
        (width, height), (across, rows) = self.size, self.block
        a_line = -(-width // across)
        for k, (start, length) in enumerate(zip(self.starts, self.lengths, strict=True)):
            top = k // a_line * rows
            deep = rows if self.piece == "tile" else min(rows, height - top)
            yield Block(f"{self.piece} {k + 1}", k % a_line * across, top, (across, deep), int(start), int(length))


def read_layout(file: BinaryIO, where: str) -> Layout:
    """Return the layout of a LogLuv or LogL TIFF from its tags.

    Raises LatticeError if it is none, a tag is missing or odd, or the file cannot hold as many pixels as it declares.
    """
    found = tags.read_tags(file, NEEDED, where)
    samples = int(found.get(tags.SAMPLES, (1,))[0])
    expect(where, "samples", {1: "LogL", 3: "LogLuv"}, samples)
    kinds = {RUNS: "run lengths", PACKED_24: "24 bits"} if samples == 3 else {RUNS: "run lengths"}
    expect(where, "compression", kinds, int(found.get(tags.COMPRESSION, (1,))[0]))
    expect(where, "planar configuration", {1: "by pixel"}, int(found.get(tags.PLANAR, (1,))[0]))
    size = _one(found, tags.WIDTH, where), _one(found, tags.HEIGHT, where)
    layout = Layout(
        size,
        samples == 1,
        int(found[tags.COMPRESSION][0]) == PACKED_24,
        _white(found, where),
        float(found.get(tags.STONITS, (0.0,))[0]),
        *_pieces(found, size, where),
    )
    _check_pieces(layout, file.seek(0, 2), where)
    return layout


def _check_pieces(layout: Layout, end: int, where: str) -> None:
    """Raise LatticeError if a strip or tile is not in the file of `end` bytes, or cannot hold its pixels."""
    (width, height), (across, rows), count = layout.size, layout.block, len(layout.starts)
    least = np.full(count, min(rows * _least_bytes(layout, across), MOST_BYTES))
    if layout.piece == "strip":
        least[-1] = min((height - (count - 1) * rows) * _least_bytes(layout, width), MOST_BYTES)
    starts, lengths = layout.starts, layout.lengths
    is_wrong = (starts < 0) | (starts > end) | (lengths < least) | (lengths > end - np.clip(starts, 0, end))
    if is_wrong.any():
        k = int(is_wrong.argmax())
        raise LatticeError(
            f"{where}: {layout.piece} {k + 1}: expected {least[k]} bytes or more, got {lengths[k]} from byte "
            f"{starts[k]} in a file of {end}"
        )
    stored = (width * height if layout.piece == "strip" else count * across * rows) * LIGHT_BYTES
    if lengths.sum() > end or stored > allowed_bytes(end):
        raise LatticeError(f"{where}: {layout.piece} 1: expected pixels that a file of {end} bytes holds, got more")


def unpack_logluv(data: bytes, where: str) -> Pixels:
    """Return the light of a whole file as float32: (H, W, 1) luminance of LogL, or (H, W, 3) CIE X, Y, Z over those of
    the white, whose Y is 1. Negative luminance stays negative.

    Raises LatticeError as `read_layout` does, and if a strip's runs do not end with its lines.
    """
    layout = read_layout(io.BytesIO(data), where)
    width, height = layout.size
    light = np.empty((height, width, 1 if layout.is_gray else 3), np.float32)
    for block in layout.blocks():
        words = _words(data, block, layout, where)[: height - block.top, : width - block.left]
        place = light[block.top : block.top + len(words), block.left : block.left + words.shape[1]]
        for top in range(0, len(words), LINES):
            place[top : top + LINES] = _light(words[top : top + LINES], layout)
    return light


def _one(found: tags.Tags, tag: int, where: str) -> int:
    """Return a whole number above 0."""
    number = int(found.get(tag, (0,))[0])
    if number < 1:
        raise LatticeError(f"{where}: tag {tag}: expected a number above 0, got {number}")
    return number


def _white(found: tags.Tags, where: str) -> tuple[float, float]:
    x, y = (*found.get(tags.WHITE_POINT, EQUAL_ENERGY), 0.0, 0.0)[:2]
    if not (x > 0 and y > 0 and x + y < 1):
        raise LatticeError(f"{where}: WhitePoint: expected x and y above 0 with a sum below 1, got {x:g} and {y:g}")
    return x, y


def _pieces(
    found: tags.Tags, size: tuple[int, int], where: str
) -> tuple[str, tuple[int, int], NDArray[np.int64], NDArray[np.int64]]:
    """Return `piece`, `block`, `starts` and `lengths` of a Layout."""
    width, height = size
    is_tiled = tags.TILES in found
    across, rows = width, height
    if is_tiled:
        across, rows = _one(found, tags.TILE_WIDTH, where), _one(found, tags.TILE_HEIGHT, where)
    elif tags.STRIP_ROWS in found:
        rows = min(height, _one(found, tags.STRIP_ROWS, where))
    nothing = np.zeros(0, np.int64)
    starts = found.get(tags.TILES if is_tiled else tags.STRIPS, nothing)
    lengths = found.get(tags.TILE_BYTES if is_tiled else tags.STRIP_BYTES, nothing)
    count, piece = -(-width // across) * -(-height // rows), "tile" if is_tiled else "strip"
    if not len(starts) == len(lengths) == count:
        raise LatticeError(f"{where}: {piece}s: expected {count}, got {min(len(starts), len(lengths))}")
    return piece, (across, rows), starts, lengths


def _planes(layout: Layout) -> int:
    """Return the bytes of a pixel."""
    return 2 if layout.is_gray else 3 if layout.is_packed else 4


def _least_bytes(layout: Layout, width: int) -> int:
    """Return the bytes of a line that packs as well as any can."""
    return 3 * width if layout.is_packed else 2 * _planes(layout) * -(-width // LONGEST_RUN)


def _words(data: bytes, block: Block, layout: Layout, where: str) -> Pixels:
    """Return the code of each pixel of a block, (h, w) uint32."""
    (width, rows), planes = block.size, _planes(layout)
    stored = memoryview(data)[block.start : block.start + block.length]
    if layout.is_packed:
        lines = np.frombuffer(stored, np.uint8, rows * width * planes).reshape(rows, width, planes).transpose(0, 2, 1)
    else:
        lines = np.frombuffer(_spread(bytes(stored), width, rows * planes, f"{where}: {block.name}"), np.uint8)
        lines = lines.reshape(rows, planes, width)  # the highest byte of every pixel first
    words: Pixels = np.zeros((rows, width), np.uint32)
    for k in range(planes):
        words = words << 8 | lines[:, k]
    return words


def _spread(stored: bytes, width: int, lines: int, where: str) -> bytearray:
    """Return `lines` of `width` bytes from runs: 128 + n is n + 2 times the next byte, and n is n bytes as they are."""
    out, at = bytearray(), 0
    for end in range(width, width * lines + 1, width):
        while len(out) < end:
            if at >= len(stored):
                raise LatticeError(f"{where}: expected {lines} lines of runs, got bytes cut short")
            code = stored[at]
            if code < 128:
                out += stored[at + 1 : at + 1 + code]
                at += 1 + code
            else:
                out += stored[at + 1 : at + 2] * (code - 126)
                at += 2
        if len(out) > end:
            raise LatticeError(f"{where}: expected runs that end with each line of {width} pixels, got a longer one")
    return out


def _light(words: Pixels, layout: Layout) -> Pixels:
    if layout.is_gray:
        return _luminances(False)[words][..., None]
    bits = 14 if layout.is_packed else 16
    ratios = _grid_ratios() if layout.is_packed else _square_ratios()
    luminance, color = _luminances(layout.is_packed)[words >> bits], words & 2**bits - 1
    x, y = layout.white
    over_white = np.array([y / x, 1, y / (1 - x - y)], np.float32)
    return luminance[..., None] * (ratios * over_white)[color]


@cache
def _luminances(is_packed: bool) -> Pixels:
    """Return the luminance of each code: of 10 bits, or of a sign and 15 bits; code 0 is 0."""
    bits, steps, lowest = (10, 64, -12) if is_packed else (15, 256, -64)
    luminances = np.exp2((np.arange(2**bits) + 0.5) / steps + lowest)
    luminances[0] = 0
    both = luminances if is_packed else np.concatenate([luminances, -luminances])
    return both.astype(np.float32)


@cache
def _square_ratios() -> Pixels:
    """Return X, Y, Z over Y of each 16-bit u', v'."""
    steps = (np.arange(256) + 0.5) / UV_STEPS
    return _ratios(np.repeat(steps, 256), np.tile(steps, 256))


@cache
def _grid_ratios() -> Pixels:
    """Return X, Y, Z over Y of each 14-bit index of the grid; of unassigned ones those of equal energy."""
    u = np.full(2**14, 4 / 19)
    v = np.full(2**14, 9 / 19)
    first = 0
    for row, (left, count) in enumerate(ROWS):
        u[first : first + count] = left + (np.arange(count) + 0.5) * SIDE
        v[first : first + count] = FIRST_V + (row + 0.5) * SIDE
        first += count
    return _ratios(u, v)


def _ratios(u: Array, v: Array) -> Pixels:
    """Return (n, 3) X, Y, Z over Y. Source: CIE 15:2004, 8.2.1.1, solved for X and Z."""
    return np.stack([9 * u / (4 * v), np.ones_like(u), (12 - 3 * u - 20 * v) / (4 * v)], axis=-1).astype(np.float32)
