"""Check that every chunk of pixels is in the file, before the OpenEXR package sees it.

The package fills missing chunks, and a header may declare more pixels than any memory holds; both are refused here. EXR
has no checksums: a changed byte inside a chunk is found only if its codec notices, or if we wrote a checksum into the
file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lattice.files.exr.header import Header, chunk_count
from lattice.files.storage.limits import allowed_bytes
from lattice.types import LatticeError

Bytes = bytes | memoryview  # of a file
DEEP_BYTES = 24  # the sizes between a deep chunk's coordinates and its data
PART_BYTES = 4  # the part number before each chunk of a multi-part file


@dataclass(frozen=True)
class Chunks:
    """Positions of an image's chunks. table_end: the byte after the image's offset table. starts, ends: (chunks,) byte
    offsets in table order; a start is the chunk's coordinates (after its part number), an end is the byte after the
    chunk."""

    table_end: int
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


def check(data: Bytes, header: Header, where: str) -> Chunks:
    """Return the chunks of one of a header's `images`.

    data: the whole file. header: the image. where: the file's name, for messages.
    Checks the declared size first, then the offset table, then each chunk's own coordinates and length.
    Raises LatticeError if a chunk is not complete in `data`, or as `check_size` does. Messages distinguish a truncated
    file from an unfinished one.
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
            raise LatticeError(
                f"{where}: expected chunks of part {header.part}, got one of part {parts[parts != header.part][0]}"
            )
    ends = (_check_deep if header.deep else _check_flat)(bytes_, starts + before, places, end, where)
    return Chunks(end, starts + before, ends)


def _check_deep(
    data: NDArray[np.uint8], positions: NDArray[np.int64], places: NDArray[np.int64], first: int, where: str
) -> NDArray[np.int64]:
    """Like `_check_flat`. After its coordinates a deep chunk has the sizes of the packed sample table, of the packed
    samples and of the unpacked samples, 8 bytes each. Source: "OpenEXR File Layout", deep data."""
    count = 4 * places.shape[1]
    if positions.min() < first:
        raise LatticeError(f"{where}: offset table: expected {first} or more, got {positions.min()}")
    coordinates = data[positions[:, None] + np.arange(count)].view("<i4")
    sizes = data[positions[:, None] + count + np.arange(DEEP_BYTES)].view("<i8")
    wrong = np.flatnonzero((coordinates != places).any(axis=1) | (sizes < 0).any(axis=1))
    if wrong.size:
        raise LatticeError(
            f"{where}: chunk {wrong[0]}: expected {places[wrong[0]].tolist()} and sizes of 0 or more, "
            f"got {coordinates[wrong[0]].tolist()} and {sizes[wrong[0]].tolist()}"
        )
    lost = int(
        np.count_nonzero(
            (sizes[:, :2] > data.size).any(axis=1)
            | (positions + count + DEEP_BYTES + np.minimum(sizes[:, :2], data.size).sum(axis=1) > data.size)
        )
    )
    if lost:
        raise LatticeError(f"{where}: expected {len(places)} chunks, got a file cut short: {lost} missing")
    return positions + count + DEEP_BYTES + sizes[:, :2].sum(axis=1)


def check_size(headers: Sequence[Header], file_bytes: int, where: str) -> None:
    """Raise LatticeError if the images together declare more pixels or chunks than a file of `file_bytes` can hold."""
    allowed = allowed_bytes(file_bytes)
    pixels = 0
    for header in headers:
        height, width = header.shape
        area = sum(image.shape[0] * image.shape[1] for image in header.images)
        pixels += area * sum(np.dtype(channel.dtype).itemsize for channel in header.channels)
        if pixels > allowed:
            raise LatticeError(
                f"{where}: dataWindow: expected at most {allowed} bytes of pixels for a file of "
                f"{file_bytes}, got {width}x{height} with {len(header.channels)} channels: {pixels}"
            )
        _check_count(header, file_bytes, where)


def _check_count(header: Header, file_bytes: int, where: str) -> None:
    if 8 * chunk_count(header) > file_bytes:
        raise LatticeError(f"{where}: expected {chunk_count(header)} chunks, got a file of {file_bytes} bytes")


def _places(header: Header) -> NDArray[np.int64]:
    """Coordinates of each chunk in table order: (chunks, 1) first scan line, or (chunks, 4) tile x, tile y, level x,
    level y."""
    count = chunk_count(header)
    if not header.tiled:
        return (header.window[1] + header.codec.lines * np.arange(count, dtype=np.int64))[:, None]
    across = -(-header.shape[1] // header.tile[0])
    places = np.zeros((count, 4), np.int64)
    places[:, 1], places[:, 0] = np.divmod(np.arange(count), across)
    places[:, 2:] = header.level
    return places


def _check_flat(
    data: NDArray[np.uint8], positions: NDArray[np.int64], places: NDArray[np.int64], first: int, where: str
) -> NDArray[np.int64]:
    fields = places.shape[1] + 1  # coordinates, then the chunk's length
    if positions.min() < first:
        raise LatticeError(f"{where}: offset table: expected {first} or more, got {positions.min()}")
    prefixes = data[positions[:, None] + np.arange(4 * fields)].view("<i4").astype(np.int64)
    wrong = np.flatnonzero((prefixes[:, :-1] != places).any(axis=1) | (prefixes[:, -1] <= 0))
    if wrong.size:
        raise LatticeError(
            f"{where}: chunk {wrong[0]}: expected {places[wrong[0]].tolist()} and a length above 0, "
            f"got {prefixes[wrong[0]].tolist()}"
        )
    ends: NDArray[np.int64] = positions + 4 * fields + prefixes[:, -1]
    lost = int(np.count_nonzero(ends > data.size))
    if lost:
        raise LatticeError(f"{where}: expected {len(places)} chunks, got a file cut short: {lost} missing")
    return ends
