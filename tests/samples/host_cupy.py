"""CuPy's words, as far as lattice.gpu uses them, over a GPU that is the host: its kernels are kernel.cu as C++.

What a stream is given waits until it is synchronized, memory has an end, and each of its pieces is watched.
"""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
from host_memory import CURRENT, GPU, NUMBER, STREAMS, CUDARuntimeError, Memory, OutOfMemoryError, Pinned, call

CONSTANTS = ("BY_TETRAHEDRA", "WIDE", "WHOLE", "NODES_STAGED", "TABLE_STAGED")
TO_GPU, FROM_GPU = 1, 2
MOST_SHARED = 8  # CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
INVALID_VALUE = 1  # cudaError_t
LIBRARIES: dict[tuple[int, int, int], Path] = {}


class Stream:
    """Work in order, done when it is waited for."""

    def __init__(self, non_blocking: bool = False) -> None:
        call()
        self.work: list[Callable[[], object]] = []
        self.ptr, self.lock = self, threading.RLock()
        STREAMS.add(self)

    def __enter__(self) -> None:
        CURRENT.streams.append(self)

    def __exit__(self, *error: object) -> None:
        CURRENT.streams.pop()

    def synchronize(self) -> None:
        call()
        self.finish()

    def finish(self) -> None:
        with self.lock:
            while self.work:
                self.work.pop(0)()


class NullStream(Stream):
    """The one that is there, and current, without a word."""

    def __init__(self) -> None:
        self.work, self.ptr, self.lock = GPU.null, 0, threading.RLock()  # type: ignore[assignment]


def _later(work: Callable[[], object]) -> None:
    """In the current stream; at once in the null stream, for what else is there goes first."""
    if CURRENT.streams:
        CURRENT.streams[-1].work.append(work)
    else:
        NullStream().synchronize()
        work()


def _memcpy(to: int, source: int, size: int, kind: int) -> None:
    call()
    kept = ctypes.string_at(source, size)
    if kind == TO_GPU:
        GPU.null.append(lambda: ctypes.memmove(to, kept, size))
    else:
        ctypes.memmove(to, kept, size)


def _memcpy_async(to: int, source: int, size: int, kind: int, stream: Stream) -> None:
    call()
    stream.work.append(lambda: ctypes.memmove(to, source, size))


class Function:
    """A kernel. most: bytes of shared memory that it may be launched with."""

    most = 48 << 10

    def __init__(self, constants: dict[str, int]) -> None:
        self.constants, self.ptr = constants, self
        kinds = tuple(constants[name] for name in ("CHANNELS", "HALF_IN", "HALF_OUT"))
        self.library = ctypes.CDLL(str(LIBRARIES[kinds]))

    def __call__(self, grid: Any, block: Any, arguments: Any, shared_mem: int = 0) -> None:
        call()
        [work] = arguments
        assert work.nbytes == self.library.host_layout()
        assert block == (self.constants["THREADS"],)
        assert shared_mem <= self.most
        assert min(grid) > 0
        assert grid[1] < 1 << 16
        kept = work.copy()  # a launch takes its arguments along
        GPU.launches.append({**self.constants, "across": grid[0], "down": grid[1], "shared": shared_mem})
        constants = (ctypes.c_int * len(CONSTANTS))(*(self.constants[name] for name in CONSTANTS))

        def run() -> None:
            faults = self.library.host_launch(ctypes.c_void_p(kept.ctypes.data), *grid, *block, shared_mem, constants)
            assert faults == 0, f"{faults} faults in {self.constants}"

        _later(run)


def _allow(function: Function, attribute: int, value: int) -> None:
    if attribute != MOST_SHARED or value > GPU.shared:
        raise CUDARuntimeError(INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE: invalid argument")
    function.most = value


class Module:
    def load(self, code: bytes) -> None:
        self.constants = dict(np.array(pair.split("=")) for pair in code.decode().split())

    def get_function(self, name: str) -> Function:
        assert name == "shade_picture"
        return Function({str(key): int(value) for key, value in self.constants.items()})


class Program:
    code = b""


def _compile(program: Program, options: tuple[str, ...]) -> None:
    GPU.compiled.append(options)
    program.code = " ".join(option[2:] for option in options if option.startswith("-D")).encode()


class Device:
    """A GPU by its number."""

    def __init__(self, number: int = NUMBER) -> None:
        self.id = number
        self.compute_capability = GPU.capability
        self.attributes = {"MultiProcessorCount": GPU.processors, "MaxSharedMemoryPerBlockOptin": GPU.shared}

    def __enter__(self) -> None:
        CURRENT.numbers.append(self.id)

    def __exit__(self, *error: object) -> None:
        CURRENT.numbers.pop()


class ndarray:
    """A NumPy array that counts as lying on the GPU."""

    def __init__(self, array: Any, number: int = NUMBER) -> None:
        self.array = array
        self.shape, self.dtype, self.strides, self.size = array.shape, array.dtype, array.strides, array.size
        self.ndim, self.data, self.device = array.ndim, SimpleNamespace(ptr=array.ctypes.data), Device(number)


def _empty(shape: Any, dtype: Any) -> ndarray:
    if GPU.memory.left < np.empty(shape, dtype).nbytes:
        raise OutOfMemoryError("Out of memory\nallocating a picture")
    return ndarray(np.full(shape, 7, dtype), CURRENT.numbers[-1])


def _current_number() -> int:
    call()
    return CURRENT.numbers[-1]


def _device_count() -> int:
    call()
    return 1


def module() -> ModuleType:
    """A module to stand in for cupy."""
    cupy: Any = ModuleType("cupy")
    cupy.ndarray, cupy.empty = ndarray, _empty
    cupy.get_default_memory_pool = lambda: SimpleNamespace(free_all_blocks=GPU.memory.free_pooled)
    cupy.get_default_pinned_memory_pool = lambda: SimpleNamespace(free_all_blocks=GPU.pinned.free_pooled)
    cupy.cuda = SimpleNamespace(
        Device=Device,
        Memory=Memory,
        Module=Module,
        Stream=Stream,
        PinnedMemory=Pinned,
        PinnedMemoryPointer=lambda memory, offset: memory,
        driver=SimpleNamespace(funcSetAttribute=_allow),
        nvrtc=SimpleNamespace(
            getSupportedArchs=lambda: (75, 80, 90),
            getVersion=lambda: (0, 0),
            compileProgram=_compile,
            createProgram=lambda *arguments: Program(),
            destroyProgram=lambda program: None,
            getCUBIN=lambda program: program.code,
            getPTX=lambda program: program.code.decode(),
            getProgramLog=lambda program: "kernel.cu(1): error: made up\nand more",
        ),
        runtime=SimpleNamespace(
            getDeviceCount=_device_count,
            getDevice=_current_number,
            memcpy=_memcpy,
            memcpyAsync=_memcpy_async,
            memcpyHostToDevice=TO_GPU,
            memcpyDeviceToHost=FROM_GPU,
            deviceSynchronize=NullStream().synchronize,
            getDeviceProperties=lambda number: {"name": b"this machine"},
        ),
    )
    return cupy


def forget() -> None:
    """Nothing is kept for any GPU any more."""
    from lattice.gpu import engine, transfer

    for kept in (engine._limits, engine._function):
        kept.cache_clear()
    transfer._queues.clear()
    engine._by_device.clear()
    engine._by_digest.clear()


@contextmanager
def in_place_of_cupy() -> Iterator[None]:
    """Whoever imports cupy gets the stand-in; the GPU is as new."""
    before = sys.modules.get("cupy")
    forget()
    GPU.__init__()  # type: ignore[misc]
    sys.modules["cupy"] = module()
    try:
        yield
        for room in (GPU.memory, GPU.pinned):
            damaged = room.damaged + sum(piece.is_damaged() for piece in room.pieces)
            assert damaged == 0, "written beside a piece of memory"
    finally:
        forget()
        sys.modules.pop("cupy")
        if before is not None:
            sys.modules["cupy"] = before
