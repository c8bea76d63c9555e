"""Choose the kernel and the launch for an SDev and an image, and assemble the source. Nothing here touches a GPU."""

from __future__ import annotations

from ctypes import Structure, c_int, c_int64, c_uint64
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from lattice.interp import shader
from lattice.types import FilmStage, Interpolation, LatticeError, SDevData

OnGPU = Any  # a CuPy array, memory block or module; CuPy has no type hints
HERE = Path(__file__).parent
NAME = "shade_picture"
WORD = 16  # bytes that a thread loads or stores at a time
NODE = 16  # bytes per node
OCTAVES = (256 + 128) * 8  # bytes: kernel.cu stores two floats per exponent up to that of 1.0, with room below
THREADS = {3: 512, 4: 1024}  # per block, by channels; with more, RGB packets of 4 and 8 pixels would spill registers
MOST_PIXELS = 1 << 30  # in a row: kernel.cu counts packets in 32 bits and adds a grid step
# Copying the table to a multiprocessor's shared memory takes about 5 us (185 KB at 64 bytes a clock, an estimate):
# worth it for images that take 100 us or more.
PIXELS_TO_STAGE = 1 << 25
NAN_CODES = slice(0x7C01, 0x8000)
NEGATIVE_CODES = slice(0x8000, 0x10000)


@dataclass(frozen=True)
class Limits:
    """A GPU's limits. processors: number of multiprocessors. shared: bytes of shared memory that a block may have."""

    processors: int
    shared: int


@dataclass(frozen=True)
class Kernel:
    """The compile-time constants of a kernel; kernel.cu explains each."""

    size: int
    stages: int
    channels: int
    half_in: bool
    half_out: bool
    by_tetrahedra: bool
    wide: bool
    whole: bool
    nodes_staged: bool
    table_staged: bool

    @property
    def threads(self) -> int:
        """Threads per block."""
        return THREADS[self.channels]

    @property
    def pixels(self) -> int:
        """Pixels per packet: a multiple of 16 bytes in both input and output."""
        return 2 if self.channels == 4 else 8 if self.half_in or self.half_out else 4

    @property
    def options(self) -> tuple[str, ...]:
        """Compiler options. The source writes out every FMA, so none are added; denormals are kept, as on the CPU."""
        constants = {field.name: int(getattr(self, field.name)) for field in fields(self)} | {"threads": self.threads}
        return (
            "--std=c++17",
            "--fmad=false",
            "--ftz=false",
            "--diag-suppress=177",  # unused functions are expected
            *(f"-D{name.upper()}={value}" for name, value in constants.items()),
        )

    def shared(self, span: int) -> int:
        """Return the bytes of shared memory per block. span: half codes of the table, counted if it is staged."""
        nodes = NODE * shader.padded_count(self.size) * self.nodes_staged
        return OCTAVES + nodes + 3 * 4 * span * self.table_staged


@cache
def source() -> str:
    """Return the kernel's source with its includes inlined, so that no compiler needs an include path."""
    text = (HERE / "kernel.cu").read_text().replace('#include "pixel_shader.h"', shader.text())
    return (HERE / "cuda_words.h").read_text().replace("#pragma once", "") + text


@dataclass(frozen=True)
class Picture:
    """The memory layout of an image. row: bytes from one row to the next. half: True for float16, else float32."""

    address: int
    row: int
    height: int
    width: int
    channels: int
    half: bool

    @classmethod
    def of(cls, array: OnGPU, address: int, what: str) -> Picture:
        """Return the layout of an array (H, W, channels) at `address`.

        Raises LatticeError, with the name `what`, if pixels are not contiguous in a row, or values not aligned.
        """
        height, width, channels = array.shape
        item = array.dtype.itemsize
        row, column, channel = array.strides
        if channel != item or (width > 1 and column != channels * item):
            raise LatticeError(
                f"{what}: expected rows of packed pixels, strides (any, {channels * item}, {item}), "
                f"got {array.strides}; cupy.ascontiguousarray makes them so"
            )
        if (address | row * (height > 1)) % item:
            raise LatticeError(
                f"{what}: expected values at multiples of their {item} bytes, got address {address:#x} "
                f"and rows {row} bytes apart"
            )
        return cls(
            address, row if height > 1 else channels * item * width, height, width, channels, array.dtype == np.float16
        )

    @property
    def pixel(self) -> int:
        """Bytes per pixel."""
        return self.channels * (2 if self.half else 4)

    @property
    def is_one_row(self) -> bool:
        """True if rows follow each other without a gap."""
        return self.row == self.width * self.pixel


def check_size(device: SDevData) -> None:
    """Raise LatticeError if the lattice has more nodes along an edge than a kernel can index: 255."""
    if device.lattice.size > shader.MOST_NODES:
        raise LatticeError(f"engine: cuda takes lattices up to {shader.MOST_NODES}^3, got {device.lattice.size}^3")


class _Device(Structure):
    _fields_ = [
        ("table", c_uint64),
        ("nodes", c_uint64),
        ("octaves", c_uint64),
        ("first", c_int),
        ("span", c_int),
        ("numbers", shader.Numbers),
    ]


class _Picture(Structure):
    _fields_ = [("pixels", c_uint64), ("row", c_int64)]


class _Work(Structure):
    _fields_ = [("device", _Device), ("image", _Picture), ("out", _Picture), ("width", c_int), ("height", c_int)]


WORK = np.dtype(_Work)


@dataclass(frozen=True)
class Launch:
    """A kernel launch. shared: bytes of shared memory per block. work: the bytes of the kernel's one argument."""

    kernel: Kernel
    grid: tuple[int, int]
    shared: int
    work: OnGPU


@dataclass(frozen=True, eq=False)
class Plan:
    """An SDev as the kernels take it.

    first, span: the table's first live half code, and the number of live codes plus one. can_stage: True if every other
    code's entry equals the nearest live one, so that reads can be clamped to the staged entries.
    table, nodes: GPU addresses of the (3, 65536) table and of the nodes from `padded_nodes`.
    """

    numbers: shader.Numbers
    first: int
    span: int
    can_stage: bool
    table: int
    nodes: int

    @classmethod
    def of(cls, device: SDevData, table: int, nodes: int) -> Plan:
        """Return the plan of an SDev whose arrays are at these GPU addresses."""
        first, last = shader.live_codes(device.table)
        if isinstance(device.table, FilmStage):
            return cls(shader.numbers(device), first, last - first + 2, False, table, nodes)
        values = device.table.values
        dark = np.concatenate([values[NAN_CODES], values[NEGATIVE_CODES]])
        # Staged reads are clamped to the live codes: NaN and negatives must equal the first entry, infinity the last.
        can_stage = bool((dark == values[first]).all() and (values[shader.LAST_CODE + 1] == values[last]).all())
        return cls(shader.numbers(device), first, last - first + 2, can_stage, table, nodes)

    def launch(
        self,
        image: Picture,
        out: Picture,
        interpolation: Interpolation,
        limits: Limits,
        table_staged: bool | None = None,
    ) -> Launch:
        """Return the launch that applies the SDev to `image` and writes `out`, of the same size.

        table_staged: copy the table to shared memory if it fits; None does so only for images of 2**25 pixels or more.
        Raises LatticeError for more than 2**30 rows, or pixels in a row.
        """
        height, width = image.height, image.width
        if image.is_one_row and out.is_one_row and height * width <= MOST_PIXELS:
            height, width = 1, height * width
        if max(width, height) > MOST_PIXELS:
            raise LatticeError(f"image: expected at most {MOST_PIXELS} rows of as many pixels, got {height} of {width}")
        kernel = self._kernel(image, out, interpolation, limits, height, width, table_staged)
        packets = -(-width // kernel.pixels)
        blocks = limits.processors  # one per multiprocessor, so that each stages once
        across = max(1, min(blocks, -(-packets // kernel.threads)))
        device = _Device(self.table, self.nodes, 0, self.first, self.span, self.numbers)
        work = _Work(device, _Picture(image.address, image.row), _Picture(out.address, out.row), width, height)
        return Launch(
            kernel,
            (across, max(1, min(height, blocks // across))),
            kernel.shared(self.span),
            np.frombuffer(bytes(work), WORK),
        )

    def _kernel(
        self,
        image: Picture,
        out: Picture,
        interpolation: Interpolation,
        limits: Limits,
        height: int,
        width: int,
        table_staged: bool | None,
    ) -> Kernel:
        wide = all((picture.address | picture.row * (height > 1)) % WORD == 0 for picture in (image, out))
        bare = Kernel(
            self.numbers.size,
            self.numbers.stages,
            image.channels,
            image.half,
            out.half,
            interpolation == "tetrahedral",
            wide,
            False,
            False,
            False,
        )
        whole = wide and width % bare.pixels == 0
        nodes = replace(bare, whole=whole, nodes_staged=True)
        if nodes.shared(self.span) > limits.shared:
            return replace(bare, whole=whole)
        both = replace(nodes, table_staged=True)
        fits = self.can_stage and both.shared(self.span) <= limits.shared
        wanted = height * width >= PIXELS_TO_STAGE if table_staged is None else table_staged
        return both if fits and wanted and self.numbers.stages & shader.TABLE else nodes
