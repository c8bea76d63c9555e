"""Files that the OpenEXR package reads from memory and writes to memory, without a copy of all their bytes."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray


class Source:
    """A file in pieces, opened to be read."""

    def __init__(self, pieces: Sequence[bytes | memoryview]) -> None:
        self._pieces = [memoryview(piece) for piece in pieces if len(piece)]
        self._ends = list(accumulate(map(len, self._pieces)))
        self._at = 0

    def tell(self) -> int:
        """Return the position."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a position; whence: as in `io`. Return the position."""
        size = self._ends[-1] if self._ends else 0
        self._at = max(0, offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: size}[whence])
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Return the next `size` bytes, or all up to the end if negative; fewer at the end."""
        number, found = bisect_right(self._ends, self._at), []
        while number < len(self._pieces) and size:
            rest = self._pieces[number][self._at - self._ends[number] :]
            found.append(rest if size < 0 else rest[:size])
            size -= len(found[-1]) if size > 0 else 0
            self._at += len(found[-1])
            number += 1
        return bytes(found[0]) if len(found) == 1 else b"".join(found)


class Target:
    """A file of one image, opened to be written: a header, an offset table that is written again at the end, chunks."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._table: list[bytes] = []  # as it is written the second time
        self._table_at = self._at = self._end = 0

    def tell(self) -> int:
        """Return the position."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a position; whence: as in `io`. Return the position."""
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._end}[whence]
        return self._at

    def write(self, data: bytes) -> int:
        """Keep the bytes as a piece; return how many they are."""
        if self._at < self._end:
            self._table_at = self._table_at or self._at
            self._table.append(data)
        else:
            self._pieces.append(data)
            self._end += len(data)
        self._at += len(data)
        return len(data)

    def chunks(self) -> tuple[list[bytes | memoryview], NDArray[np.int64], NDArray[np.int64]]:
        """Return the chunks in pieces, and in table order the first byte of each, counted from the first chunk's, and
        the byte after it. Raises ValueError if the table is not one of the chunks that follow it, or the first of them
        was not written by itself."""
        table = b"".join(self._table)
        first = self._table_at + len(table)
        starts = np.frombuffer(table, "<u8").astype(np.int64) - first
        order = np.argsort(starts)
        ends = np.empty_like(starts)
        ends[order] = np.append(starts[order][1:], self._end - first)
        if not table or starts[order[0]] or (ends <= starts).any():
            raise ValueError("expected an offset table and chunks after it, got others")
        pieces = self._pieces[bisect_right(list(accumulate(map(len, self._pieces))), first) :]
        if sum(map(len, pieces)) != self._end - first:
            raise ValueError("expected a write that begins with the first chunk, got one across it")
        return list(pieces), starts, ends
