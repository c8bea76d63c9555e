"""The state of a GPU that is the host: what its calls raise, and its memory, which has an end and is watched."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

import numpy as np

NUMBER = 1000  # of the GPU: no real one has it, so nothing that is kept for one is mixed up with the other's
GUARD = 64  # bytes around each piece of memory
MARK = 0xA5
NO_MEMORY = 2  # cudaError_t


class CUDARuntimeError(RuntimeError):
    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class OutOfMemoryError(MemoryError):
    pass


for error in (CUDARuntimeError, OutOfMemoryError):
    error.__module__ = "cupy_backends.made.up"


class Room:
    """Memory with an end. left: bytes. held, peak: bytes, now and at most. refuses: the allocations, by their number,
    from 1, and size. damaged: pieces that were written beside. pooled: bytes that a pool of CuPy's holds unused."""

    def __init__(self) -> None:
        self.left, self.held, self.peak, self.count, self.damaged = 1 << 40, 0, 0, 0, 0
        self.pooled = 0
        self.refuses: Callable[[int, int], bool] = lambda number, size: False
        self.pieces: WeakSet[Any] = WeakSet()
        self.lock = threading.RLock()  # a piece may go while another is made

    def take(self, piece: Any, size: int) -> None:
        with self.lock:
            self.count += 1
            if size > self.left or self.refuses(self.count, size):
                raise CUDARuntimeError(NO_MEMORY, f"cudaErrorMemoryAllocation:\nno room for {size} bytes")
            self.left, self.held = self.left - size, self.held + size
            self.peak = max(self.peak, self.held)
            self.pieces.add(piece)

    def free_pooled(self) -> None:
        with self.lock:
            self.left, self.pooled = self.left + self.pooled, 0

    def give(self, piece: Any, size: int) -> None:
        with self.lock:
            self.left, self.held = self.left + size, self.held - size
            self.damaged += piece.is_damaged()


class Gpu:
    """The GPU's state. failure: what every call of CUDA raises. fails: by a call's number, from 0, what it raises.
    memory, pinned: its own, and the host's that it reaches. launches: each one's constants, grid and shared memory.
    compiled: each compilation's options. null: what its null stream has to do: a plain copy to the GPU may end after
    the call, and streams that do not wait for that one cannot tell."""

    def __init__(self) -> None:
        self.failure: BaseException | None = None
        self.fails: Callable[[int], BaseException | None] = lambda number: None
        self.calls = 0
        self.memory, self.pinned = Room(), Room()
        self.capability, self.processors, self.shared = "90", 3, 232448
        self.launches: list[dict[str, int]] = []
        self.compiled: list[tuple[str, ...]] = []
        self.null: list[Callable[[], object]] = []


class Current(threading.local):
    """A thread's GPUs and streams, the last one in use."""

    def __init__(self) -> None:
        self.numbers: list[int] = [NUMBER]
        self.streams: list[Any] = []


GPU, CURRENT = Gpu(), Current()
STREAMS: WeakSet[Any] = WeakSet()


def call() -> None:
    """Any call of CUDA."""
    number, GPU.calls = GPU.calls, GPU.calls + 1
    if (error := GPU.failure or GPU.fails(number)) is not None:
        raise error


class Memory:
    """A piece of the GPU's memory, filled with anything, between guards."""

    def __init__(self, size: int) -> None:
        call()
        self.room, self.size, self.number = GPU.memory, size, CURRENT.numbers[-1]
        self.bytes = np.full(size + 2 * GUARD + 256, MARK, np.uint8)
        self.start = GUARD + -(self.bytes.ctypes.data + GUARD) % 256
        self.ptr = self.bytes.ctypes.data + self.start
        self.room.take(self, size)
        self.is_held = True

    def is_damaged(self) -> bool:
        beside = self.bytes[: self.start], self.bytes[self.start + self.size :]
        return any(bool((part != MARK).any()) for part in beside)

    def __del__(self) -> None:
        if hasattr(self, "is_held"):
            for stream in list(STREAMS):  # cudaFree waits for the GPU
                stream.finish()
            self.room.give(self, self.size)


class Pinned(bytearray):
    """Memory of the host that the GPU reaches, with a guard behind it."""

    def __init__(self, size: int) -> None:
        call()
        super().__init__(bytes([MARK]) * (size + GUARD))
        self.room, self.size = GPU.pinned, size
        self.room.take(self, size)
        self.is_held = True

    def is_damaged(self) -> bool:
        return self[self.size :] != bytes([MARK]) * GUARD

    def __hash__(self) -> int:
        return id(self)

    def __del__(self) -> None:
        if hasattr(self, "is_held"):
            self.room.give(self, self.size)
