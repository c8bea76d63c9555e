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
from weakref import WeakSet

import numpy as np

NUMBER = 1000  # of the GPU: no real one has it, so nothing that is kept for one is mixed up with the other's
CONSTANTS = ("BY_TETRAHEDRA", "WIDE", "WHOLE", "NODES_STAGED", "TABLE_STAGED")
GUARD = 64  # bytes around each piece of memory
MARK = 0xA5


class CUDARuntimeError(RuntimeError):
    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class OutOfMemoryError(MemoryError):
    pass


for error in (CUDARuntimeError, OutOfMemoryError):
    error.__module__ = "cupy_backends.made.up"


class Gpu:
    """The GPU's state. failure: raised by the next calls of the runtime. room: bytes left. launches: each one's
    constants, grid and shared memory. streams: those a thread is in."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.room, self.capability, self.processors, self.shared = 1 << 40, "90", 3, 232448
        self.launches: list[dict[str, int]] = []
        self.streams = threading.local()
        self.pieces: WeakSet[Any] = WeakSet()


GPU = Gpu()
LIBRARIES: dict[tuple[int, int, int], Path] = {}


class Memory:
    """A piece of the GPU's memory, filled with anything, between guards."""

    def __init__(self, size: int) -> None:
        if size > GPU.room:
            raise OutOfMemoryError(f"Out of memory allocating {size} bytes")
        GPU.room -= size
        self.size = size
        GPU.pieces.add(self)
        self.bytes = np.full(size + 2 * GUARD + 256, MARK, np.uint8)
        self.start = GUARD + -(self.bytes.ctypes.data + GUARD) % 256
        self.ptr = self.bytes.ctypes.data + self.start

    def check(self) -> None:
        around = np.delete(self.bytes, slice(self.start, self.start + self.size))
        assert (around == MARK).all(), "written beside a piece of the GPU's memory"

    def __del__(self) -> None:
        if hasattr(self, "start"):
            GPU.room += self.size


class Stream:
    """Work in order, done when it is waited for."""

    ptr = 7

    def __init__(self, non_blocking: bool = False) -> None:
        self.work: list[Callable[[], object]] = []

    def __enter__(self) -> None:
        GPU.streams.entered = [*getattr(GPU.streams, "entered", []), self]

    def __exit__(self, *error: object) -> None:
        GPU.streams.entered.pop()

    def synchronize(self) -> None:
        work, self.work = self.work, []
        for each in work:
            each()


def _later(work: Callable[[], object]) -> None:
    if entered := getattr(GPU.streams, "entered", []):
        entered[-1].work.append(work)
    else:
        work()


def _fail() -> None:
    if GPU.failure is not None:
        raise GPU.failure


def _memcpy(to: int, source: int, size: int, kind: int) -> None:
    _fail()
    ctypes.memmove(to, source, size)


class Function:
    ptr = 0

    def __init__(self, constants: dict[str, int]) -> None:
        self.constants = constants
        kinds = tuple(constants[name] for name in ("CHANNELS", "HALF_IN", "HALF_OUT"))
        self.library = ctypes.CDLL(str(LIBRARIES[kinds]))

    def __call__(self, grid: Any, block: Any, arguments: Any, shared_mem: int = 0) -> None:
        _fail()
        [work] = arguments
        assert work.nbytes == self.library.host_layout()
        assert block == (self.constants["THREADS"],)
        kept = work.copy()  # a launch takes its arguments along
        GPU.launches.append({**self.constants, "across": grid[0], "down": grid[1], "shared": shared_mem})
        constants = (ctypes.c_int * len(CONSTANTS))(*(self.constants[name] for name in CONSTANTS))

        def run() -> None:
            faults = self.library.host_launch(ctypes.c_void_p(kept.ctypes.data), *grid, *block, shared_mem, constants)
            assert faults == 0, f"{faults} faults in {self.constants}"

        _later(run)


class Module:
    def load(self, code: bytes) -> None:
        self.constants = dict(np.array(pair.split("=")) for pair in code.decode().split())

    def get_function(self, name: str) -> Function:
        assert name == "shade_picture"
        return Function({str(key): int(value) for key, value in self.constants.items()})


class Program:
    code = b""


def _compile(program: Program, options: tuple[str, ...]) -> None:
    program.code = " ".join(option[2:] for option in options if option.startswith("-D")).encode()


class Device:
    """A GPU by its number."""

    def __init__(self, number: int = NUMBER) -> None:
        _fail()
        self.id = number
        self.compute_capability = GPU.capability
        self.attributes = {"MultiProcessorCount": GPU.processors, "MaxSharedMemoryPerBlockOptin": GPU.shared}

    def __enter__(self) -> None: ...

    def __exit__(self, *error: object) -> None: ...


class ndarray:
    """A NumPy array that counts as lying on the GPU."""

    def __init__(self, array: Any, number: int = NUMBER) -> None:
        self.array = array
        self.shape, self.dtype, self.strides, self.size = array.shape, array.dtype, array.strides, array.size
        self.ndim, self.data, self.device = array.ndim, SimpleNamespace(ptr=array.ctypes.data), Device(number)


def _device_count() -> int:
    _fail()
    return 1


def module() -> ModuleType:
    """A module to stand in for cupy."""
    cupy: Any = ModuleType("cupy")
    pool = SimpleNamespace(free_all_blocks=lambda: None)
    cupy.ndarray = ndarray
    cupy.empty = lambda shape, dtype: ndarray(np.full(shape, 7, dtype))
    cupy.get_default_memory_pool = cupy.get_default_pinned_memory_pool = lambda: pool
    cupy.cuda = SimpleNamespace(
        Device=Device, Memory=Memory, Module=Module, Stream=Stream,
        alloc_pinned_memory=lambda size: bytearray(size),
        driver=SimpleNamespace(funcSetAttribute=lambda function, attribute, value: None),
        nvrtc=SimpleNamespace(
            getSupportedArchs=lambda: (75, 80, 90), getVersion=lambda: (0, 0), compileProgram=_compile,
            createProgram=lambda *arguments: Program(), destroyProgram=lambda program: None,
            getCUBIN=lambda program: program.code, getPTX=lambda program: program.code.decode()),
        runtime=SimpleNamespace(
            getDeviceCount=_device_count, getDevice=lambda: NUMBER, memcpy=_memcpy,
            memcpyAsync=lambda *arguments: _later(lambda: _memcpy(*arguments[:4])), memcpyHostToDevice=1,
            memcpyDeviceToHost=2, getDeviceProperties=lambda number: {"name": b"this machine"}))
    return cupy


@contextmanager
def in_place_of_cupy() -> Iterator[None]:
    """Whoever imports cupy gets the stand-in; the GPU is as new."""
    before = sys.modules.get("cupy")
    GPU.__init__()  # type: ignore[misc]
    sys.modules["cupy"] = module()
    try:
        yield
        for piece in GPU.pieces:
            piece.check()
    finally:
        sys.modules.pop("cupy")
        if before is not None:
            sys.modules["cupy"] = before
