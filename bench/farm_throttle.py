"""A file server that is as slow as asked, for the workers of `farm_check`: a preload of Dask's.

What a worker reads and writes waits for its turn, a piece at a time, so that transfers share the server evenly. Bytes
that a worker read or wrote before are not counted again: its machine still has them in memory.
"""

from __future__ import annotations

import fcntl
import os
import struct
import time
from functools import cache
from pathlib import Path
from typing import Any

SERVER = "LATTICE_BENCH_SERVER"  # environment variable: bytes a second, a colon, the file that all workers share
PIECE = 2**19  # bytes that wait together
BURST = 0.02  # seconds of the server's time that are not lost where nobody asked in time
BOOK = struct.Struct("dd")  # when the server is free, on the machine's clock; bytes so far


def empty(path: Path) -> None:
    """Begin a server's book."""
    path.write_bytes(BOOK.pack(0, 0))


def moved(path: Path) -> float:
    """Bytes that a server moved."""
    return BOOK.unpack(path.read_bytes())[1]


@cache
def _book(path: str) -> int:
    """A book, open as long as the process runs: a piece must cost little CPU beside a frame. It has one thread."""
    return os.open(path, os.O_RDWR)


def transfer(size: int) -> None:
    """Wait as long as the server takes for so many bytes."""
    rate, _, path = os.environ[SERVER].partition(":")
    book = _book(path)
    while size > 0:
        piece = min(size, PIECE)
        size -= piece
        fcntl.flock(book, fcntl.LOCK_EX)
        free, so_far = BOOK.unpack(os.pread(book, BOOK.size, 0))
        free = max(time.monotonic() - BURST, free) + piece / float(rate)
        os.pwrite(book, BOOK.pack(free, so_far + piece), 0)
        fcntl.flock(book, fcntl.LOCK_UN)
        wait = free - time.monotonic()
        if wait > 0:
            time.sleep(wait)


def dask_setup(worker: Any) -> None:
    """Let a worker's files come from the server and go to it. worker: as Dask gives it."""
    from lattice.files.exr import file as exr
    from lattice.files.storage import atomic

    read_bytes, read_into, replace = exr.read_bytes, exr.read_into, atomic.replace
    come: dict[str, int] = {}  # bytes of each file, from its beginning

    def fetch(path: Any, size: int) -> None:
        name = os.fspath(path)
        if not os.path.basename(name).startswith("."):  # else a temporary file, read again
            transfer(size - come.get(name, 0))
            come[name] = max(size, come.get(name, 0))

    def slow_read(path: Any, most: int = -1) -> bytes:
        data = read_bytes(path, most)
        fetch(path, len(data))
        return data

    def slow_read_into(path: Any, *others: Any) -> memoryview:
        data = read_into(path, *others)
        fetch(path, len(data))
        return data

    def slow_replace(target: Path, pieces: Any, *others: Any) -> None:
        held = list(pieces)
        transfer(sum(memoryview(piece).nbytes for piece in held))
        replace(target, held, *others)

    exr.read_bytes, exr.read_into, atomic.replace = slow_read, slow_read_into, slow_replace
