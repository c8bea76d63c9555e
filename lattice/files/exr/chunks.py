"""Is every chunk of pixels there? Checked before the OpenEXR package sees the file.

The package fills chunks that are missing, and a header may declare pixels beyond any memory; both are
refused here. EXR has no checksums: a changed byte inside a chunk is found only where its codec
notices, or where the file was checksummed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lattice.files.exr.header import Header, chunk_count
from lattice.files.storage.limits import allowed_bytes
from lattice.types import LatticeError

DEEP_BYTES = 24  # of sizes before a deep chunk
PART_BYTES = 4  # before each chunk of a multi-part file: its part's number


@dataclass(frozen=True)
class Chunks:
    """Where an image's chunks lie: table_end, the byte after their table, and (chunks,) starts and ends in the table's
    order, each start at the chunk's coordinates."""

    table_end: int
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


def check(data: bytes, header: Header, where: str) -> Chunks:
    """The chunks of one of a header's `images`. Raises LatticeError unless each lies whole in `data`.

    Looks at the declared size first, then at the offset table, then at each chunk's own coordinates
    and length. Messages tell a file cut short from one that was never finished.
    """
    check_size((header,), len(data), where)
    places = _places(header)
    end = header.length + 8 * len(places)
    if end > len(data):
        raise LatticeError(f"{where}: expected {len(places)} chunks, got a file cut short at byte {len(data)}")
    positions = np.frombuffer(data, "<u8", len(places), header.length)
    missing = int(np.count_nonzero(positions == 0))
    if missing:
        raise LatticeError(f"{where}: expected {len(places)} chunks, got an unfinished file: {missing} never written")
    before = 0 if header.part is None else PART_BYTES
    prefix = before + 4 * places.shape[1] + (DEEP_BYTES if header.deep else 4)
    lost = int(np.count_nonzero(positions > len(data) - prefix)) if len(data) > prefix else len(places)
    if lost:
        raise LatticeError(f"{where}: expected {len(places)} chunks, got a file cut short: {lost} missing")
    bytes_, starts = np.frombuffer(data, np.uint8), positions.astype(np.int64)
    if header.part is not None:
        parts = bytes_[starts[:, None] + np.arange(PART_BYTES)].view("<i4")
        if (parts != header.part).any():
            raise LatticeError(f"{where}: expected chunks of part {header.part}, got one of part "
                               f"{parts[parts != header.part][0]}")
    ends = (_check_deep if header.deep else _check_flat)(bytes_, starts + before, places, end, where)
    return Chunks(end, starts + before, ends)


def _check_deep(data: NDArray[np.uint8], positions: NDArray[np.int64], places: NDArray[np.int64],
                first: int, where: str) -> NDArray[np.int64]:
    """Like `_check_flat`: after the coordinates the sizes of the packed table of samples, the packed samples, and
    these unpacked, 8 bytes each. Source: "OpenEXR File Layout", deep data."""
    count = 4 * places.shape[1]
    if positions.min() < first:
        raise LatticeError(f"{where}: offset table: expected {first} or more, got {positions.min()}")
    coordinates = data[positions[:, None] + np.arange(count)].view("<i4")
    sizes = data[positions[:, None] + count + np.arange(DEEP_BYTES)].view("<i8")
    wrong = np.flatnonzero((coordinates != places).any(axis=1) | (sizes < 0).any(axis=1))
    if wrong.size:
        raise LatticeError(f"{where}: chunk {wrong[0]}: expected {places[wrong[0]].tolist()} and sizes of 0 or more, "
                           f"got {coordinates[wrong[0]].tolist()} and {sizes[wrong[0]].tolist()}")
    lost = int(np.count_nonzero((sizes[:, :2] > data.size).any(axis=1)
                                | (positions + count + DEEP_BYTES + np.minimum(sizes[:, :2], data.size).sum(axis=1)
                                   > data.size)))
    if lost:
        raise LatticeError(f"{where}: expected {len(places)} chunks, got a file cut short: {lost} missing")
    return positions + count + DEEP_BYTES + sizes[:, :2].sum(axis=1)


def check_size(headers: Sequence[Header], file_bytes: int, where: str) -> None:
    """Raise LatticeError where the images together declare more than a file of this size can hold."""
    allowed = allowed_bytes(file_bytes)
    pixels = 0
    for header in headers:
        height, width = header.shape
        area = sum(image.shape[0] * image.shape[1] for image in header.images)
        pixels += area * sum(np.dtype(channel.dtype).itemsize for channel in header.channels)
        if pixels > allowed:
            raise LatticeError(f"{where}: dataWindow: expected at most {allowed} bytes of pixels for a file of "
                               f"{file_bytes}, got {width}x{height} with {len(header.channels)} channels: {pixels}")
        _check_count(header, file_bytes, where)


def _check_count(header: Header, file_bytes: int, where: str) -> None:
    if 8 * chunk_count(header) > file_bytes:
        raise LatticeError(f"{where}: expected {chunk_count(header)} chunks, got a file of {file_bytes} bytes")


def _places(header: Header) -> NDArray[np.int64]:
    """(chunks, 1) first line of each chunk, or (chunks, 4) tile x, tile y, level x, level y; in table order."""
    count = chunk_count(header)
    if not header.tiled:
        return (header.window[1] + header.codec.lines * np.arange(count, dtype=np.int64))[:, None]
    across = -(-header.shape[1] // header.tile[0])
    places = np.zeros((count, 4), np.int64)
    places[:, 1], places[:, 0] = np.divmod(np.arange(count), across)
    places[:, 2:] = header.level
    return places


def _check_flat(data: NDArray[np.uint8], positions: NDArray[np.int64], places: NDArray[np.int64],
                  first: int, where: str) -> NDArray[np.int64]:
    fields = places.shape[1] + 1  # coordinates, then the chunk's length
    if positions.min() < first:
        raise LatticeError(f"{where}: offset table: expected {first} or more, got {positions.min()}")
    prefixes = data[positions[:, None] + np.arange(4 * fields)].view("<i4").astype(np.int64)
    wrong = np.flatnonzero((prefixes[:, :-1] != places).any(axis=1) | (prefixes[:, -1] <= 0))
    if wrong.size:
        raise LatticeError(f"{where}: chunk {wrong[0]}: expected {places[wrong[0]].tolist()} and a length above 0, "
                           f"got {prefixes[wrong[0]].tolist()}")
    ends: NDArray[np.int64] = positions + 4 * fields + prefixes[:, -1]
    lost = int(np.count_nonzero(ends > data.size))
    if lost:
        raise LatticeError(f"{where}: expected {len(places)} chunks, got a file cut short: {lost} missing")
    return ends
