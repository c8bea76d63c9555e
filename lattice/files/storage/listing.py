"""The names in a folder. A plan of many shots lists each folder once."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice, takewhile

from lattice.types import LatticeError

_listed: ContextVar[dict[str, list[str]] | None] = ContextVar("listed", default=None)


@contextmanager
def listed_once() -> Iterator[None]:
    """Within the block, list each folder once. For a block that writes no file."""
    token = _listed.set({})
    try:
        yield
    finally:
        _listed.reset(token)


def names(folder: str, before: str) -> frozenset[str]:
    """Return the names in a folder that begin with `before`; none if there is no such folder.

    Raises LatticeError if the folder cannot be listed.
    """
    listed = _listed.get()
    found = _sorted(folder) if listed is None or folder not in listed else listed[folder]
    if listed is not None:
        listed[folder] = found
    start = bisect_left(found, before)
    return frozenset(takewhile(lambda name: name.startswith(before), islice(found, start, None)))


def _sorted(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder or "."))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise LatticeError(f"{folder}: cannot be listed: {error.strerror or error}") from error
