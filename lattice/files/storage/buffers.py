"""Memory for the bytes of files, which frames of one size hand on: a fresh page costs more than filling it."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Sequence
from io import FileIO

import numpy as np
from numpy.typing import NDArray

from lattice.files.storage.read import AT_ONCE, reading

Room = Callable[[int], NDArray[np.uint8]]  # makes an array of so many bytes, of any content
LEAST = 2**20  # bytes; smaller arrays come from the heap, which keeps their pages
SLACK = 8  # a kept array may be larger than what is asked for by one part in so many


def fresh(size: int) -> NDArray[np.uint8]:
    """Return a new array of `size` bytes."""
    return np.empty(size, np.uint8)


def read_into(path: str | os.PathLike[str], room: Room, lead: int = 0) -> memoryview:
    """Return a file's bytes in memory of `room`. lead: how many bytes of that come before them, so that what is at some
    place in the file is aligned. Raises LatticeError as `read_bytes` does."""

    def take(descriptor: int, wanted: int) -> memoryview:
        data, done = room(lead + wanted).data[lead:], 0
        with FileIO(descriptor, closefd=False) as file:
            while done < wanted and (count := file.readinto(data[done : done + AT_ONCE])):
                done += count
        return data[:done]

    return reading(path, take)


def _references(arrays: Sequence[NDArray[np.uint8]]) -> list[int]:
    """Return how many references each array has: a view, or a view of one, holds one to its array."""
    return [sys.getrefcount(each) for each in arrays]


UNUSED = _references([fresh(1)])[0]  # of an array that only its list holds; Python's versions count differently


class Buffers:
    """A `Room` that gives an array's memory again once no view of it is left. Threads may share it.

    An array that nobody holds is given again if its size fits, and freed when another size is asked for, so all arrays
    together never take more than those that were in use at one time.
    """

    def __init__(self) -> None:
        self._kept: list[NDArray[np.uint8]] = []
        self._lock = threading.Lock()

    def __call__(self, size: int) -> NDArray[np.uint8]:
        """Return an array of `size` bytes, of any content."""
        if size < LEAST:
            return fresh(size)
        with self._lock:
            fitting = [each for each in self._free() if size <= each.size <= size + size // SLACK]
            if fitting:
                return fitting[0][:size]
            self._drop()
            self._kept.append(fresh(size + size // (2 * SLACK)))
            return self._kept[-1][:size]

    @property
    def bytes_kept(self) -> int:
        """The bytes of all arrays, in use or not."""
        with self._lock:
            return sum(each.size for each in self._kept)

    def drop(self) -> None:
        """Free the arrays that nobody holds."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        free = {id(each) for each in self._free()}
        self._kept = [each for each in self._kept if id(each) not in free]

    def _free(self) -> list[NDArray[np.uint8]]:
        """Return the kept arrays of which no view is left."""
        return [each for each, count in zip(self._kept, _references(self._kept), strict=True) if count == UNUSED]
