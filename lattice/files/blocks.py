"""Is every block of pixels there? Checked before the OpenEXR package sees the file.

The package fills blocks that are missing, and a header may declare pixels beyond any memory; both are
refused here. EXR has no checksums: a changed byte inside a block is found only where its codec notices.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lattice.files.header import Header
from lattice.types import LatticeError

# A header may ask for this much memory whatever the file's size; beyond it, only so many times the file's
# size (deflate packs 1032:1 at best), and never more than the last.
FREE_BYTES = 2**30
MOST_EXPANSION = 2000
MOST_BYTES = 2**34


def check(data: bytes, header: Header, where: str) -> int:
    """Raise LatticeError unless each block of the image lies whole in `data`; return where the table ends.

    Looks at the declared size first, then at the table of positions, then at each block's own coordinates
    and length. Messages tell a file cut short from one that was never finished.
    """
    _check_size(header, len(data), where)
    places = _places(header)
    end = header.length + 8 * len(places)
    if end > len(data):
        raise LatticeError(f"{where}: expected {len(places)} blocks, got a file cut short at byte {len(data)}")
    positions = np.frombuffer(data, "<u8", len(places), header.length)
    missing = int(np.count_nonzero(positions == 0))
    if missing:
        raise LatticeError(f"{where}: expected {len(places)} blocks, got an unfinished file: {missing} never written")
    prefix = 4 * places.shape[1] + 4
    lost = int(np.count_nonzero(positions > len(data) - prefix)) if len(data) > prefix else len(places)
    if lost:
        raise LatticeError(f"{where}: expected {len(places)} blocks, got a file cut short: {lost} missing")
    _check_blocks(np.frombuffer(data, np.uint8), positions.astype(np.int64), places, end, where)
    return end


def _check_size(header: Header, file_bytes: int, where: str) -> None:
    height, width = header.shape
    pixels = height * width * sum(np.dtype(channel.dtype).itemsize for channel in header.channels)
    allowed = min(MOST_BYTES, max(FREE_BYTES, MOST_EXPANSION * file_bytes))
    if pixels > allowed:
        raise LatticeError(f"{where}: dataWindow: expected at most {allowed} bytes of pixels for a file of "
                           f"{file_bytes}, got {width}x{height} with {len(header.channels)} channels: {pixels}")
    if 8 * _count(header) > file_bytes:
        raise LatticeError(f"{where}: expected {_count(header)} blocks, got a file of {file_bytes} bytes")


def _count(header: Header) -> int:
    height, width = header.shape
    if not header.tiled:
        return -(-height // header.codec.lines)
    return -(-width // header.tile[0]) * -(-height // header.tile[1])


def _places(header: Header) -> NDArray[np.int64]:
    """(blocks, 1) first line of each block, or (blocks, 4) tile x, tile y, level x, level y; in table order."""
    count = _count(header)
    if not header.tiled:
        return (header.window[1] + header.codec.lines * np.arange(count, dtype=np.int64))[:, None]
    across = -(-header.shape[1] // header.tile[0])
    places = np.zeros((count, 4), np.int64)
    places[:, 1], places[:, 0] = np.divmod(np.arange(count), across)
    return places


def _check_blocks(data: NDArray[np.uint8], positions: NDArray[np.int64], places: NDArray[np.int64],
                  first: int, where: str) -> None:
    fields = places.shape[1] + 1  # coordinates, then the block's length
    if positions.min() < first:
        raise LatticeError(f"{where}: block positions: expected {first} or more, got {positions.min()}")
    prefixes = data[positions[:, None] + np.arange(4 * fields)].view("<i4").astype(np.int64)
    wrong = np.flatnonzero((prefixes[:, :-1] != places).any(axis=1) | (prefixes[:, -1] <= 0))
    if wrong.size:
        raise LatticeError(f"{where}: block {wrong[0]}: expected {places[wrong[0]].tolist()} and a length above 0, "
                           f"got {prefixes[wrong[0]].tolist()}")
    ends = positions + 4 * fields + prefixes[:, -1]
    lost = int(np.count_nonzero(ends > data.size))
    if lost:
        raise LatticeError(f"{where}: expected {len(places)} blocks, got a file cut short: {lost} missing")
