"""Read a file's bytes, or raise a one-line error; read the JSON that a file holds."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, BinaryIO

from lattice.types import LatticeError

DiskSlot = Callable[[], AbstractContextManager[object]]  # makes a context that is held while a file is read or written


def read_bytes(path: str | os.PathLike[str], most: int = -1) -> bytes:
    """Return the file's first `most` bytes, or all if negative; regular files only, so that a pipe cannot hang the job.

    Raises LatticeError, one line, if the path is absent, a folder, a pipe or a device, cannot be read, or the file
    changes while it is read.
    """
    try:
        with open_plain(path) as file:
            before = os.fstat(file.fileno())
            data = file.read(most)
            after = os.fstat(file.fileno())
            if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
                raise LatticeError(f"{path}: expected a finished file, got one that changed while it was read")
            return data
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
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    raise LatticeError(f"{path}: expected a file, got a pipe or a device")


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
