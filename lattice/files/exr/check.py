"""Check a file that was written before it takes its name: decode it, or compare its bytes with those that were made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from lattice.files import frame
from lattice.files.exr import chunks, openexr, shares
from lattice.files.exr.chunks import Chunks
from lattice.files.exr.header import Header
from lattice.files.exr.lines import Lines
from lattice.files.exr.openexr import Band
from lattice.files.exr.parse import parse_parts
from lattice.files.frame import about
from lattice.files.storage.written import is_made_of, length_of
from lattice.types import LatticeError, Pixels

ROWS = 32  # compared at a time
ENDS = 8  # lines at either end of laid chunks, which are decoded


@dataclass(frozen=True)
class Made:
    """A file that is written. path: its name. frames: its parts. passing: for each part, channels that must come back
    bit for bit. pieces: its bytes. lines: the chunks, if they are laid lines."""

    path: Path
    frames: Sequence[frame.Frame[Header]]
    passing: Sequence[Collection[str]]
    pieces: Sequence[bytes | memoryview]
    lines: Lines | None


def decoded(data: memoryview, made: Made, threads: int) -> None:
    """Raise LatticeError unless the bytes read back decode to the attributes and channels as given."""
    where = str(made.path)
    headers = _parsed(bytes(data[: len(made.pieces[0])]), made)
    chunks.check_size(headers, len(data), where)
    for meant, names, header in zip(made.frames, made.passing, headers, strict=True):
        _compare_headers(about(where, header), meant.header, header)
        for level, image in zip(meant.levels, header.images, strict=True):
            bands = openexr.bands(data, image, about(where, header), threads)
            compare = partial(_compared, meant.header, names, level)
            changed = sum(shares.side_by_side(compare, bands, threads), Counter[str]())
            _refuse(about(where, header), meant.header, changed)


def _compared(header: Header, passing: Collection[str], meant: Mapping[str, Pixels], band: Band) -> Counter[str]:
    rows, got = band()
    return _changed(header, passing, {name: array[rows] for name, array in meant.items()}, got)


def length(temporary: Path, made: Made) -> None:
    """Raise LatticeError unless the file has as many bytes as were made."""
    meant, got = sum(map(len, made.pieces)), length_of(temporary)
    if got != meant:
        raise LatticeError(f"{made.path}: expected {meant} bytes, got {got} on the disk")


def same_bytes(temporary: Path, made: Made) -> None:
    """Raise LatticeError unless the bytes read back are those that were made."""
    if not is_made_of(temporary, made.pieces):
        raise LatticeError(f"{made.path}: expected the bytes as given, got others when read again")


def laid(made: Made, lines: Lines) -> None:
    """Raise LatticeError unless the header that was made has the attributes as given, and the lines at either end are
    decoded to the channels as given, by the offset table that was made."""
    front, table, body = made.pieces
    [header], [meant] = _parsed(bytes(front), made), made.frames
    _compare_headers(str(made.path), meant.header, header)
    starts = np.frombuffer(table, "<u8").astype(np.int64) - len(front) - len(table)
    found = Chunks(0, starts, starts + lines.chunks.shape[1])
    for some in (slice(0, ENDS), slice(max(0, len(starts) - ENDS), len(starts))):
        rows, got = openexr.band(memoryview(body), found, header, some, str(made.path))
        names, level = made.passing[0], {name: array[rows] for name, array in meant.channels.items()}
        _refuse(str(made.path), meant.header, _changed(meant.header, names, level, got))


def _parsed(front: bytes, made: Made) -> tuple[Header, ...]:
    """Return the headers of all parts, as many as were made."""
    headers = parse_parts(front, str(made.path))
    if len(headers) != len(made.frames):
        raise LatticeError(f"{made.path}: expected {len(made.frames)} parts, got {len(headers)} when read again")
    return headers


def _compare_headers(path: str, meant: Header, written: Header) -> None:
    # The package sorts the channel list and clears its unused bytes; everything else must be as given.
    attributes = {**meant.attributes, "channels": written.attributes["channels"]}
    channels = tuple(sorted(meant.channels, key=lambda channel: channel.name.encode()))
    if written != meant.with_attributes(attributes) or written.channels != channels:
        raise LatticeError(f"{path}: header: expected the attributes as given, got others when read again")


def _changed(
    header: Header, passing: Collection[str], meant: Mapping[str, Pixels], got: Mapping[str, Pixels]
) -> Counter[str]:
    """Count the changed pixels of each channel that must come back bit for bit."""
    changed = Counter[str]()
    for channel in header.channels:
        if channel.name not in passing and header.codec.changes(channel.name, channel.dtype):
            continue
        one, other = (a[channel.name].view(f"u{np.dtype(channel.dtype).itemsize}") for a in (meant, got))
        # A few rows at a time: the array of differences stays in the CPU cache.
        for rows in (slice(top, top + ROWS) for top in range(0, len(one), ROWS)):
            if not np.array_equal(one[rows], other[rows]):
                changed[channel.name] += int(np.count_nonzero(one[rows] != other[rows]))
    return changed


def _refuse(path: str, header: Header, changed: Mapping[str, int]) -> None:
    for channel in header.channels:
        if changed.get(channel.name):
            raise LatticeError(
                f"{path}: channel {channel.name}: expected it bit for bit, got "
                f"{changed[channel.name]} changed pixels with {header.codec.name}"
            )
