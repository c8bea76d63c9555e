"""Read a file's bytes, or raise a one-line error; read the JSON that a file holds."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from io import FileIO
from typing import Any, BinaryIO, TypeVar

from lattice.errors import LatticeError

AT_ONCE = 1 << 30  # bytes; Linux reads at most 2 GiB by one call
DiskSlot = Callable[[], AbstractContextManager[object]]  # makes a context that is held while a file is read or written

T = TypeVar("T", bytes, memoryview, bool)
State = tuple[int, int, int]  # of a file: inode, size, time of its last change


def state_of(path: str | os.PathLike[str]) -> State | None:
    """Return what changes when a file does; None if it is not there or cannot be asked."""
    with suppress(OSError, ValueError):
        found = os.stat(path)
        return found.st_ino, found.st_size, found.st_mtime_ns
    return None


def read_bytes(path: str | os.PathLike[str], most: int = -1) -> bytes:
    """Return the file's first `most` bytes, or all if negative; regular files only, so that a pipe cannot hang the job.

    Raises LatticeError, one line, if the path is absent, a folder, a pipe or a device, cannot be read, or the file
    changes while it is read.
    """
    return reading(path, _at_once, most)


def reading(path: str | os.PathLike[str], take: Callable[[int, int], T], most: int = -1) -> T:
    """Return what `take` reads of a file, given its descriptor and how many bytes are wanted: `most`, or all if
    negative. Raises LatticeError as `read_bytes` does, also if a text or view of fewer bytes is taken."""
    try:
        descriptor = _open_at_once(os.fspath(path), os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            return _read(descriptor, path, most, take)
        finally:
            os.close(descriptor)
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


def _read(descriptor: int, path: str | os.PathLike[str], most: int, take: Callable[[int, int], T]) -> T:
    before = os.fstat(descriptor)
    if stat.S_ISDIR(before.st_mode):
        raise IsADirectoryError
    _check_plain(before.st_mode, path)
    wanted = before.st_size if most < 0 else min(most, before.st_size)
    data = take(descriptor, wanted)
    after = os.fstat(descriptor)
    is_whole = isinstance(data, bool) or len(data) == wanted
    if not is_whole or (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
        raise LatticeError(f"{path}: expected a finished file, got one that changed while it was read")
    return data


def _at_once(descriptor: int, wanted: int) -> bytes:
    """Read by system calls alone: each of them lets another thread run, which costs more than a small file's bytes."""
    data = os.read(descriptor, wanted) if wanted <= AT_ONCE else b""
    if len(data) < wanted:
        os.lseek(descriptor, 0, os.SEEK_SET)
        with FileIO(descriptor, closefd=False) as file:  # which finds out first whether memory holds it
            data = file.readall()[:wanted]
    return data


def json_object(text: str | None) -> dict[str, Any]:
    """Return the object of a JSON text that a file holds; empty if it is none, or nested too deep."""
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def open_plain(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a file to read its bytes. Raises LatticeError, at once, for a pipe or a device; OSError as `open`."""
    file = open(path, "rb", opener=_open_at_once)  # noqa: SIM115  # the caller closes it
    try:
        _check_plain(os.fstat(file.fileno()).st_mode, path)
    except LatticeError:
        file.close()
        raise
    return file


def _check_plain(mode: int, path: str | os.PathLike[str]) -> None:
    if not stat.S_ISREG(mode):
        raise LatticeError(f"{path}: expected a file, got a pipe or a device")


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
