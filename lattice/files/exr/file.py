"""EXR files: read whole or refused, written verified or not at all.

Flat, full resolution, read also luminance with chroma at every second pixel; one part or several; one level, mip- or
rip-maps; scanlines or tiles; every codec of OpenEXR 3.5.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from lattice.files import frame
from lattice.files.exr import assemble, chunks, deep, openexr
from lattice.files.exr.header import Attribute, Header, chunk_count
from lattice.files.exr.parse import CutShort, parse_parts
from lattice.files.frame import about
from lattice.files.storage import atomic
from lattice.files.storage.read import DiskSlot, read_bytes
from lattice.types import LatticeError, Pixels

Frame = frame.Frame[Header]
T = TypeVar("T", Frame, Header)
ROWS = 32  # compared together
CHECKSUM = "sdev:blocks_crc32"  # attribute: CRC-32 of all bytes after the chunk offset tables, in 8 hex digits
HEADER_GUESS = 2**16  # bytes; most headers are shorter, and a longer one costs another look
HEADER_GROWTH = 4


def read(path: str | os.PathLike[str], threads: int = 0) -> Frame:
    """The whole single-part file: every attribute with its type, every channel in its own type.

    threads: the OpenEXR package's own; 0 decodes in the calling thread, without the GIL.
    Raises LatticeError in one line where the file is absent, no EXR, cut short, unfinished, damaged, too large
    to be true (more than 1 GiB of pixels and 2000 times the file, or 16 GiB), or of a kind refused here:
    multi-part, deep, subsampled.
    """
    return _single(read_parts(path, threads), path)


def read_parts(path: str | os.PathLike[str], threads: int = 0, disk_slot: DiskSlot = nullcontext) -> tuple[Frame, ...]:
    """Every part of the file, one where it is single-part. disk_slot: held while bytes are read.

    Raises as `read` does.
    """
    with disk_slot():
        data = read_bytes(path)
    headers, levels = _decoded(data, str(path), threads)
    sha256 = hashlib.sha256(data).hexdigest()
    return tuple(Frame(Path(path), header, channels, sha256, tuple(smaller))
                 for header, (channels, *smaller) in zip(headers, levels, strict=True))


def read_header(path: str | os.PathLike[str]) -> Header:
    """The header of a single-part file; the chunks are not looked at. Raises as `read` does."""
    return _single(read_headers(path), path)


def read_headers(path: str | os.PathLike[str], deep: bool = False) -> tuple[Header, ...]:
    """The header of every part; the chunks are not looked at. Raises as `read` does; deep: not for deep pixels."""
    most = HEADER_GUESS
    while True:
        data = read_bytes(path, most)
        try:
            return parse_parts(data, str(path), deep)
        except CutShort:
            if len(data) < most:  # that was all
                raise
        most *= HEADER_GROWTH


def read_whole_headers(path: str | os.PathLike[str]) -> tuple[Header, ...]:
    """The headers of a file whose chunks all lie in it, which are not decoded. Raises as `read` does, and where the
    file is checksummed and its chunks are not those that it was checksummed with."""
    data = read_bytes(path)
    headers = parse_parts(data, str(path))
    chunks.check_size(headers, len(data), str(path))
    _check_blocks(data, headers, str(path))
    _check_seal(data, headers, str(path))
    return headers


def _check_seal(data: bytes, headers: Sequence[Header], where: str) -> None:
    """Raise LatticeError where a seal does not fit: few codecs notice a byte that was changed inside a chunk."""
    if CHECKSUM not in headers[0].attributes:
        return
    first = headers[-1].length + 8 * chunk_count(headers[-1])
    crc = _seal(assemble.Packed([memoryview(data)[first:]], []))
    if headers[0].attributes[CHECKSUM] != crc:
        raise LatticeError(f"{where}: expected the chunks that were written, of CRC-32 "
                           f"{headers[0].text(CHECKSUM)!a}, got damaged ones, of {crc.data.decode()}")


def _seal(packed: assemble.Packed) -> Attribute:
    return Attribute.text(f"{packed.crc32:08x}")


def copy(source: str | os.PathLike[str], target: str | os.PathLike[str]) -> None:
    """A whole file, flat or deep, byte for byte. Raises LatticeError where chunks are missing or deep ones cannot be
    decoded, or as `write` does."""
    data, target = read_bytes(source), Path(target)
    headers = parse_parts(data, str(source), deep=True)
    _check_blocks(data, headers, str(source))
    for header in headers:
        if header.deep:
            deep.check(data, header, about(str(source), header))

    def verify(temporary: Path) -> None:
        if read_bytes(temporary) != data:
            raise LatticeError(f"{target}: expected the bytes as given, got others when read again")

    atomic.replace(target, [data], verify)


def _check_blocks(data: bytes, headers: Sequence[Header], where: str) -> None:
    for header in headers:
        for image in header.images:
            chunks.check(data, image, about(where, header))


def _single(parts: tuple[T, ...], path: str | os.PathLike[str]) -> T:
    header = parts[0].header if isinstance(parts[0], frame.Frame) else parts[0]
    if header.part is not None:
        raise LatticeError(f"{path}: expected a single-part image, got a multi-part file")
    return parts[0]


def _decoded(data: bytes, where: str,
             threads: int) -> tuple[tuple[Header, ...], list[list[dict[str, Pixels]]]]:
    headers = parse_parts(data, where)
    chunks.check_size(headers, len(data), where)
    return headers, [[openexr.decode(data, image, about(where, header), threads) for image in header.images]
                     for header in headers]


def digest(path: str | os.PathLike[str]) -> str:
    """What `read` says is the file's sha256, without a look at what it holds. Raises where it cannot be read."""
    return hashlib.sha256(read_bytes(path)).hexdigest()


def write(path: str | os.PathLike[str], single: Frame, passing: Collection[str] = (), *,
          threads: int = 0, backup: Path | None = None) -> None:
    """Write a `single` part (its own path is not looked at); all else as for `write_parts`."""
    write_parts(path, (single,), (passing,), threads=threads, backup=backup)


def write_parts(path: str | os.PathLike[str], frames: Sequence[Frame], passing: Sequence[Collection[str]], *,
                threads: int = 0, backup: Path | None = None, disk_slot: DiskSlot = nullcontext,
                checksummed: bool = False) -> None:
    """Write the parts of a file, in the order of their numbers, and verify them before they take the name `path`.

    passing: for each part, channels that must come back bit for bit even where the codec is lossy; with a lossless
    codec all channels must. Attributes must come back byte for byte. backup: name under which an existing file is kept.
    disk_slot: held while they are written and read again. checksummed: the first part's header gets a CHECKSUM, by
    which `read_whole_headers` knows the chunks again. Raises LatticeError, with nothing changed at `path`, where the
    disk refuses (full, read-only, no folder) or what was written differs.
    """
    path = Path(path)
    packed = openexr.encode([each.header for each in frames], [each.levels for each in frames], str(path), threads)
    if checksummed:
        header = frames[0].header
        header = header.with_attributes({**header.attributes, CHECKSUM: _seal(packed)})
        frames = (replace(frames[0], header=header), *frames[1:])
    pieces = assemble.join([each.header for each in frames], packed)
    with disk_slot():
        atomic.replace(path, pieces, lambda temporary: _verify(temporary, path, frames, passing, threads), backup)


def _verify(temporary: Path, path: Path, frames: Sequence[Frame], passing: Sequence[Collection[str]],
            threads: int) -> None:
    headers, arrays = _decoded(read_bytes(temporary), str(path), threads)
    for meant_part, names, header, levels in zip(frames, passing, headers, arrays, strict=True):
        _compare_headers(about(str(path), header), meant_part.header, header)
        for meant, got in zip(meant_part.levels, levels, strict=True):
            _compare(about(str(path), header), meant_part.header, names, meant, got)


def _compare_headers(path: str, meant: Header, written: Header) -> None:
    # The package sorts the channel list and clears its unused bytes; all else must be as given.
    attributes = {**meant.attributes, "channels": written.attributes["channels"]}
    channels = tuple(sorted(meant.channels, key=lambda channel: channel.name.encode()))
    if written != meant.with_attributes(attributes) or written.channels != channels:
        raise LatticeError(f"{path}: header: expected the attributes as given, got others when read again")


def _compare(path: str, header: Header, passing: Collection[str], meant: Mapping[str, Pixels],
             got: Mapping[str, Pixels]) -> None:
    """Raise LatticeError where a channel that must come back bit for bit did not."""
    for channel in header.channels:
        if channel.name not in passing and header.codec.changes(channel.name, channel.dtype):
            continue
        one, other = (a[channel.name].view(f"u{np.dtype(channel.dtype).itemsize}") for a in (meant, got))
        # Some rows at a time: where they differ is noted in memory that stays near.
        if not all(np.array_equal(one[top:top + ROWS], other[top:top + ROWS]) for top in range(0, len(one), ROWS)):
            raise LatticeError(f"{path}: channel {channel.name}: expected it bit for bit, got "
                               f"{np.count_nonzero(one != other)} changed pixels with {header.codec.name}")
