"""EXR files: read whole or refused, written verified or not at all.

Single-part, flat, one level, full resolution; scanlines or tiles; every codec of OpenEXR 3.5.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lattice.files import atomic, blocks, pixels
from lattice.files.header import Header
from lattice.files.parse import CutShort, parse
from lattice.types import LatticeError

HEADER_GUESS = 2**16  # most headers are shorter; a longer one costs a second look


@dataclass(frozen=True)
class Frame:
    """An EXR in memory.

    channels: name to (H, W) array, uint32, float16 or float32, read-only where read from a file.
    sha256: hex digest of the file's bytes; empty for a frame that comes from no file.
    """

    path: Path
    header: Header
    channels: Mapping[str, NDArray[Any]] = field(repr=False)
    sha256: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "channels", MappingProxyType(dict(self.channels)))


def read(path: str | os.PathLike[str], threads: int = 0) -> Frame:
    """The whole file: every attribute with its type, every channel in its own type.

    threads: the OpenEXR package's own; 0 decodes in the calling thread, without the GIL.
    Raises LatticeError in one line where the file is absent, no EXR, cut short, unfinished, damaged, too large
    to be true (more than 1 GiB of pixels and 2000 times the file, or 16 GiB), or of a kind refused here:
    multi-part, deep, mip- or rip-mapped, subsampled.
    """
    data = _bytes(path)
    header = parse(data, str(path))
    channels = pixels.decode(data, header, str(path), threads)
    return Frame(Path(path), header, channels, hashlib.sha256(data).hexdigest())


def read_header(path: str | os.PathLike[str]) -> Header:
    """The header alone; the blocks are not looked at. Raises as `read` does."""
    try:
        return parse(_bytes(path, HEADER_GUESS), str(path))
    except CutShort:
        return parse(_bytes(path), str(path))


def read_whole_header(path: str | os.PathLike[str]) -> Header:
    """The header of a file whose blocks all lie in it, which are not decoded. Raises as `read` does."""
    data = _bytes(path)
    header = parse(data, str(path))
    blocks.check(data, header, str(path))
    return header


def digest(path: str | os.PathLike[str]) -> str:
    """What `read` says is the file's sha256, without a look at what it holds. Raises where it cannot be read."""
    return hashlib.sha256(_bytes(path)).hexdigest()


def write(path: str | os.PathLike[str], frame: Frame, passing: Collection[str] = (), *,
          threads: int = 0, backup: Path | None = None) -> None:
    """Write `frame` (its own path is not looked at) and verify it before it takes the name `path`.

    passing: channels that must come back bit for bit even where the codec is lossy; with a lossless codec
    all channels must. Attributes must come back byte for byte. backup: name under which an existing file is kept.
    Raises LatticeError, with nothing changed at `path`, where the disk refuses (full, read-only, no folder) or
    what was written differs.
    """
    path = Path(path)
    pieces = pixels.encode(frame.header, frame.channels, str(path), threads)
    atomic.replace(path, pieces, lambda temporary: _verify(temporary, path, frame, passing, threads), backup)


def _verify(temporary: Path, path: Path, frame: Frame, passing: Collection[str], threads: int) -> None:
    data = _bytes(temporary)
    written = parse(data, str(path))
    arrays = pixels.decode(data, written, str(path), threads)
    # The package sorts the channel list and clears its unused bytes; all else must be as given.
    attributes = {**frame.header.attributes, "channels": written.attributes["channels"]}
    channels = tuple(sorted(frame.header.channels, key=lambda channel: channel.name.encode()))
    if written != frame.header.with_attributes(attributes) or written.channels != channels:
        raise LatticeError(f"{path}: header: expected the attributes as given, got others when read again")
    for channel in frame.header.channels:
        if channel.name not in passing and frame.header.codec.changes(channel.name, channel.dtype):
            continue
        meant, got = (a[channel.name].view(f"u{np.dtype(channel.dtype).itemsize}") for a in (frame.channels, arrays))
        if not np.array_equal(meant, got):
            raise LatticeError(f"{path}: channel {channel.name}: expected it bit for bit, got "
                               f"{np.count_nonzero(meant != got)} changed pixels with {frame.header.codec.name}")


def _bytes(path: str | os.PathLike[str], most: int = -1) -> bytes:
    """The file's first `most` bytes, or all; regular files only, so that a pipe cannot hang the job."""
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise LatticeError(f"{path}: expected a file, got a pipe or a device")
            return file.read(most)
    except FileNotFoundError:
        raise LatticeError(f"{path}: expected a file, got none") from None
    except IsADirectoryError:
        raise LatticeError(f"{path}: expected a file, got a folder") from None
    except OSError as error:
        raise LatticeError(f"{path}: cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        if isinstance(error, LatticeError):
            raise
        raise LatticeError(f"{path!r}: expected a file's name, got {error}") from error  # a NUL in the name


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
