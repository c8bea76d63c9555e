"""Compare a file with the bytes that it was made of."""

from __future__ import annotations

from collections.abc import Sequence
from io import FileIO
from pathlib import Path

import numpy as np

from lattice.files.storage.read import reading
from lattice.types import LatticeError

BLOCK = 2**18  # bytes compared at a time, in a core's cache


def is_made_of(path: Path, pieces: Sequence[bytes | memoryview]) -> bool:
    """True if a file has the bytes of `pieces`, one after the other. Raises LatticeError if it cannot be read."""

    def same(descriptor: int, size: int) -> bool:
        if size != sum(map(len, pieces)):
            return False
        block = np.empty(BLOCK, np.uint8)
        with FileIO(descriptor, closefd=False) as file:
            for piece in pieces:
                meant = np.frombuffer(piece, np.uint8)
                while meant.size:
                    count = file.readinto(block[: meant.size].data)
                    if not count or not np.array_equal(block[:count], meant[:count]):
                        return False
                    meant = meant[count:]
        return True

    return reading(path, same)


def length_of(path: Path) -> int:
    """Return how many bytes a file has. Raises LatticeError if the disk does not say."""
    try:
        return path.stat().st_size
    except OSError as error:
        raise LatticeError(f"{path}: cannot be read: {error.strerror or error}") from error
