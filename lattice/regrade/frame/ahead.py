"""The pixels of a command's only frame, decoded by another core while the program is still being imported."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

from lattice.cpu_time import Helpers, counted
from lattice.files.exr import file as exr
from lattice.files.exr.openexr import line_bytes
from lattice.files.storage.buffers import fresh
from lattice.files.storage.read import state_of
from lattice.interp.threads import cores
from lattice.regrade.process.memory_budget import Budget
from lattice.types import LatticeError

SHARE = 1 / 8  # of the memory that frames may use: so small a frame needs no check that it fits
Parts = tuple[exr.Frame, ...]


class Ahead:
    """An EXR that is read at once. path: of any file; what cannot be read so is left to who reads it again.

    most_cores: of the command, as `Options.cores`; 0: all. A file is decoded by all but one of them, if there are more,
    and if it and its pixels take a small share of the free memory. A context: when it ends, nothing is read any more.
    """

    def __init__(self, path: str, most_cores: int = 0) -> None:
        self._path, self._state = path, state_of(path)
        self._helpers, self._pool = Helpers(), ThreadPoolExecutor(1, thread_name_prefix="ahead")
        self._parts: Future[Parts | None] | None = None
        others = min(cores(), most_cores or cores()) - 1
        if self._state is not None and others:
            read = self._helpers.counting(_read)
            self._parts = self._pool.submit(read, path, self._state[1], Budget(None).most, others)

    def __enter__(self) -> Ahead:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def parts(self, path: str | os.PathLike[str]) -> Parts | None:
        """Return the parts, as `exr.read_parts`, and forget them; None if they are of another file, or of one that
        changed since, or could not be read."""
        parts, self._parts = self._parts, None
        if parts is None or os.fspath(path) != self._path:
            return None
        with counted() as helpers:
            found = parts.result()
            helpers.taken += self._helpers.taken
        return found if self._state == state_of(path) else None


def _read(path: str, size: int, most: int | None, threads: int) -> Parts | None:
    with suppress(LatticeError, MemoryError):
        images = [image for header in exr.read_headers(path) for image in header.images]
        pixels = sum(image.shape[0] * line_bytes(image) for image in images)
        if most is None or size + pixels <= SHARE * most:
            return exr.read_parts(path, threads, room=fresh)
    return None
