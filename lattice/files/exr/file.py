"""Read EXR files whole or refuse them; write them verified or not at all.

Flat, full-resolution images: one part or several; one level, mip- or rip-maps; scan lines or tiles; every codec of
OpenEXR 3.5. Luminance with chroma at every second pixel is read, too.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from lattice.choices import Verify
from lattice.files import frame
from lattice.files.exr import assemble, check, chunk_table, chunks, lines, openexr
from lattice.files.exr import deep as samples
from lattice.files.exr.chunks import Bytes
from lattice.files.exr.header import Attribute, Header, chunk_count
from lattice.files.exr.parse import parse_first, parse_parts
from lattice.files.frame import about
from lattice.files.storage import atomic
from lattice.files.storage.buffers import Room, fresh, read_into
from lattice.files.storage.read import DiskSlot, read_bytes
from lattice.files.storage.written import is_made_of
from lattice.types import LatticeError, Pixels

Frame = frame.Frame[Header]
T = TypeVar("T", Frame, Header)
CHECKSUM = "sdev:blocks_crc32"  # attribute: CRC-32 of all bytes after the offset tables, in 8 hex digits


def read(path: str | os.PathLike[str], threads: int = 0) -> Frame:
    """Read a single-part file: every attribute with its type, every channel in its own dtype.

    threads: at most so many decode a share of the lines each; 0 and 1 decode in the calling thread, without the GIL.
    Raises LatticeError, one line, if the file is absent, not EXR, truncated, unfinished, damaged, declares too many
    pixels (more than 1 GiB and 2000 times the file, or more than 16 GiB), or is refused: multi-part, deep, subsampled
    other than RY/BY.
    """
    return _single(read_parts(path, threads), path)


def read_parts(
    path: str | os.PathLike[str], threads: int = 0, disk_slot: DiskSlot = nullcontext, room: Room | None = None
) -> tuple[Frame, ...]:
    """Read every part of the file; a single-part file gives one. disk_slot: held while bytes are read.

    room: memory for the file's bytes; then planes of uncompressed scan lines may be views of them, of any strides.
    An offset table with zeros is filled, if all chunks are there. Raises LatticeError as `read` does, but accepts
    multi-part files.
    """
    with disk_slot():
        lead = 0 if room is None else lines.lead(read_headers(path)[0])
        data = read_into(path, room or fresh, lead)
    sha256 = hashlib.sha256(data).hexdigest()  # before the table is filled
    headers, levels = _decoded(data, str(path), threads, has_views=room is not None)
    return tuple(
        Frame(Path(path), header, channels, sha256, tuple(smaller))
        for header, (channels, *smaller) in zip(headers, levels, strict=True)
    )


def read_header(path: str | os.PathLike[str]) -> Header:
    """Read the header of a single-part file, without checking its chunks. Raises LatticeError as `read` does."""
    return _single(read_headers(path), path)


def read_headers(path: str | os.PathLike[str], deep: bool = False) -> tuple[Header, ...]:
    """Read the header of every part, without checking the chunks. deep: accept deep images. Raises LatticeError as
    `read_parts` does."""
    return parse_first(lambda most: read_bytes(path, most), str(path), deep)


def read_whole_headers(path: str | os.PathLike[str], deep: bool = False) -> tuple[Header, ...]:
    """Read the headers and check that every chunk is complete, without decoding. deep: accept deep images; they are
    decoded. Raises LatticeError as `read_parts` does, and if the file has a CHECKSUM attribute that does not match its
    chunks."""
    data = read_bytes(path)
    headers = parse_parts(data, str(path), deep)
    chunks.check_size(headers, len(data), str(path))
    _check_whole(data, headers, str(path))
    _check_checksum(data, headers, str(path))
    return headers


def _check_checksum(data: bytes, headers: Sequence[Header], where: str) -> None:
    """Raise LatticeError if the CHECKSUM does not match: few codecs notice a changed byte inside a chunk."""
    if CHECKSUM not in headers[0].attributes:
        return
    first = headers[-1].length + 8 * chunk_count(headers[-1])
    crc = _checksum(assemble.Packed([memoryview(data)[first:]], []))
    if headers[0].attributes[CHECKSUM] != crc:
        raise LatticeError(
            f"{where}: expected the chunks that were written, of CRC-32 "
            f"{headers[0].text(CHECKSUM)!a}, got damaged ones, of {crc.data.decode()}"
        )


def _checksum(packed: assemble.Packed) -> Attribute:
    return Attribute.text(f"{packed.crc32:08x}")


def copy(source: str | os.PathLike[str], target: str | os.PathLike[str]) -> None:
    """Copy a whole file, flat or deep, byte for byte. Raises LatticeError if chunks are missing or deep samples cannot
    be decoded, or as `write` does."""
    data, target = read_bytes(source), Path(target)
    headers = parse_parts(data, str(source), deep=True)
    chunks.check_size(headers, len(data), str(source))
    _check_whole(chunk_table.filled(data, headers), headers, str(source))

    def verify(temporary: Path) -> None:
        if not is_made_of(temporary, [data]):
            raise LatticeError(f"{target}: expected the bytes as given, got others when read again")

    atomic.replace(target, [data], verify)


def _check_whole(data: Bytes, headers: Sequence[Header], where: str) -> None:
    for header in headers:
        for image in header.images:
            chunks.check(data, image, about(where, header))
        if header.deep:
            samples.check(data, header, about(where, header))


def _single(parts: tuple[T, ...], path: str | os.PathLike[str]) -> T:
    header = parts[0].header if isinstance(parts[0], frame.Frame) else parts[0]
    if header.part is not None:
        raise LatticeError(f"{path}: expected a single-part image, got a multi-part file")
    return parts[0]


def _decoded(
    data: Bytes, where: str, threads: int, has_views: bool
) -> tuple[tuple[Header, ...], list[list[dict[str, Pixels]]]]:
    headers = parse_first(lambda most: bytes(data[:most]), where)
    chunks.check_size(headers, len(data), where)
    data = chunk_table.filled(data, headers)
    return headers, [
        [_channels(data, image, about(where, header), threads, has_views) for image in header.images]
        for header in headers
    ]


def _channels(data: Bytes, image: Header, where: str, threads: int, has_views: bool) -> dict[str, Pixels]:
    if has_views and lines.is_laid(image):
        found = lines.views(data, image, chunks.check(data, image, where))
        if found is not None:
            return found
    return openexr.decode(data, image, where, threads)


def digest(path: str | os.PathLike[str]) -> str:
    """Return the file's SHA-256 hex digest as `read` reports it, without parsing. Raises LatticeError if the file
    cannot be read."""
    return hashlib.sha256(read_bytes(path)).hexdigest()


def write(
    path: str | os.PathLike[str],
    single: Frame,
    passing: Collection[str] = (),
    *,
    threads: int = 0,
    backup: Path | None = None,
) -> None:
    """Write one part as a file; the path in `single` is ignored. Other arguments and errors: as for `write_parts`."""
    write_parts(path, (single,), (passing,), threads=threads, backup=backup)


def write_parts(
    path: str | os.PathLike[str],
    frames: Sequence[Frame],
    passing: Sequence[Collection[str]],
    *,
    threads: int = 0,
    backup: Path | None = None,
    disk_slot: DiskSlot = nullcontext,
    checksummed: bool = False,
    verify: Verify = "decode",
    laid: Sequence[lines.Lines] = (),
    room: Room = fresh,
) -> None:
    """Write the parts of a file, in part number order, and verify the file before it takes the name `path`.

    passing: for each part, channels that must come back bit for bit even if the codec is lossy; channels that the codec
        keeps must in any case.
    threads: as for `read`. backup: name that keeps an existing file. disk_slot: held while the file is written and read
        back.
    checksummed: add a CHECKSUM to the first part's header; `read_whole_headers` checks the chunks by it.
    verify: "decode" what is read back, and compare attributes and channels; "crc": compare the bytes read back with the
        bytes made, whether or not they decode; "none": only the file's length. Chunks that are `laid` are compared as
        bytes by "decode", too, and the first and the last lines are decoded.
    laid: lines that channels may be the planes of, in memory already. room: memory for what is read back.
    Attributes must come back byte for byte. Raises LatticeError, with `path` unchanged, if an array does not fit its
    header, the disk refuses (full, read-only, no folder), or the file read back differs.
    """
    path = Path(path)
    levels = [each.levels for each in frames]
    packed = openexr.encode([each.header for each in frames], levels, str(path), threads, laid)
    if checksummed:
        header = frames[0].header
        header = header.with_attributes({**header.attributes, CHECKSUM: _checksum(packed)})
        frames = (replace(frames[0], header=header), *frames[1:])
    ready = next((each for each in laid if each.holds(frames[0].header, frames[0].channels)), None)
    made = check.Made(path, frames, passing, assemble.join([each.header for each in frames], packed), ready)
    with disk_slot():
        atomic.replace(path, made.pieces, lambda temporary: _verify(temporary, made, verify, threads, room), backup)


def _verify(temporary: Path, made: check.Made, verify: Verify, threads: int, room: Room) -> None:
    if verify == "decode" and made.lines is None:
        check.decoded(read_into(temporary, room), made, threads)
    elif verify == "none":
        check.length(temporary, made)
    else:
        check.same_bytes(temporary, made)
    if verify == "decode" and made.lines is not None:
        check.laid(made, made.lines)
