"""The native engine: list its instruction sets, pass it an SDev, call it.

The library is C++ (`cpp/`, around `pixel_shader.h`), called through ctypes: it builds without Python headers, one build
serves every Python, and a call does not hold Python's GIL. Every instruction set gives the same bits.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from ctypes import CDLL, POINTER, Structure, byref, c_char_p, c_int, c_ssize_t, c_void_p, pointer, sizeof
from functools import cache
from typing import cast
from weakref import WeakKeyDictionary

import numpy as np

from lattice.interp import shader
from lattice.types import Interpolation, LatticeError, Pixels, SDevData

FORCE = "LATTICE_NATIVE"  # environment variable: the name of the instruction set to use
LIBRARY = "LATTICE_NATIVE_LIBRARY"  # environment variable: a library to load instead of the installed one
LARGE = 48  # nodes along a side: 1.8 MB, more than the second-level cache of a core
ALIGNMENT = 64  # bytes: a cache line, so that no node crosses two
# What is exported, by what it returns: nothing, or for what takes memory a code, 0 if it had enough.
SILENT = ("run", "halve", "process", "invert", "expose_back")
CODED = ("curves", "spectra", "forms", "normal", "solve", "bend", "seen")
COUNTED = ("layout", "process_layout", "inverse_layout", "fit_size")
LAYOUT = 1000  # above sizeof(Device): packs both sizes in one number, as native.cpp does


class Device(Structure):
    """`Device` of native.h."""

    _fields_ = [("table", c_void_p), ("nodes", c_void_p), ("numbers", shader.Numbers)]


class Picture(Structure):
    """`Picture` of native.h."""

    _fields_ = [
        ("pixels", c_void_p),
        ("row", c_ssize_t),
        ("column", c_ssize_t),
        ("channel", c_ssize_t),
        ("channels", c_int),
        ("half", c_int),
    ]


class _Work(Structure):
    _fields_ = [
        ("device", POINTER(Device)),
        ("input", Picture),
        ("out", Picture),
        ("width", c_ssize_t),
        ("height", c_ssize_t),
        ("by_tetrahedra", c_int),
    ]


class _Halving(Structure):
    _fields_ = [("input", c_void_p), ("out", c_void_p), ("width", c_ssize_t), ("height", c_ssize_t)]


def _asked() -> str | None:
    """Return the path that LATTICE_NATIVE_LIBRARY says, from the working folder: the system searches for no name."""
    named = os.environ.get(LIBRARY)
    return os.path.abspath(named) if named else None


@cache
def _library(path: str | None) -> CDLL | str:
    """Return the compiled library, or the reason why there is none."""
    spec = importlib.util.find_spec("lattice.interp._native")
    found = path or (spec.origin if spec else None)
    if found is None:
        return "not compiled when lattice was installed; with a C++ compiler (CXX=...), install it again"
    try:
        library = CDLL(found)
        library.lattice_name.restype = c_char_p
        for name in (*SILENT, *CODED, *COUNTED):
            getattr(library, f"lattice_{name}").restype = None if name in SILENT else c_int
        layout = library.lattice_layout()
    except AttributeError as error:
        return f"{found} was compiled for another version of lattice: install again ({error})"
    except (OSError, UnicodeError) as error:
        way_out = f"; unset {LIBRARY}, or name the library of a lattice" if path else ""
        return f"{LIBRARY if path else 'the library'} cannot be loaded: {error}{way_out}"
    if layout != sizeof(_Work) * LAYOUT + sizeof(Device):
        return f"{found} was compiled for another version of lattice: install again"
    return library


def is_asked_for() -> bool:
    """True if LATTICE_NATIVE_LIBRARY names a library or LATTICE_NATIVE an instruction set."""
    return bool(os.environ.get(LIBRARY) or os.environ.get(FORCE))


def unavailable_reason() -> str | None:
    """Return why the engine cannot run here, or None if it can."""
    library = _library(_asked())
    return library if isinstance(library, str) else None


def library() -> CDLL | None:
    """Return the compiled library; None without one. Raises LatticeError as `in_use` does, if one is asked for."""
    if unavailable_reason() is None or is_asked_for():
        in_use()
    found = _library(_asked())
    return None if isinstance(found, str) else found


def instruction_sets() -> dict[str, bool]:
    """Return the library's instruction sets, fastest first: True if this processor has it. Empty without a library."""
    return _instruction_sets(_asked())


@cache
def _instruction_sets(path: str | None) -> dict[str, bool]:
    library = _library(path)
    found: dict[str, bool] = {}
    while not isinstance(library, str) and (name := library.lattice_name(len(found))) is not None:
        found[name.decode()] = bool(library.lattice_is_here(len(found)))
    return found


def in_use() -> str:
    """Return the instruction set in use: the one that LATTICE_NATIVE names, else the fastest of this processor.

    Raises LatticeError if the engine cannot run here, or the named set cannot.
    """
    if (reason := unavailable_reason()) is not None:
        raise LatticeError(f"engine: expected a compiled native engine, got none ({reason})")
    here = [name for name, is_here in instruction_sets().items() if is_here]
    asked = os.environ.get(FORCE) or here[0]
    if asked not in here:
        raise LatticeError(f"{FORCE}: expected one of this processor's {', '.join(here)}, got {asked!r}")
    return asked


def caller(function: str, size: int = 0) -> Callable[[Structure], None]:
    """Return a function of the library, for the instruction set in use; it raises MemoryError where it had too little.
    Raises LatticeError as `in_use` does.

    size: of a lattice. Nodes of a large one come from far caches, which AVX2 waits for less than AVX-512 does (4:3 at
    65^3 on an AMD EPYC, `make bench-luts`): it is taken there, unless LATTICE_NATIVE asks for another.
    """
    used = in_use()
    if used == "avx512" and size >= LARGE and not os.environ.get(FORCE):
        used = "avx2"
    number = list(instruction_sets()).index(used)
    function_of = getattr(cast(CDLL, _library(_asked())), function)

    def call(work: Structure) -> None:
        if function_of(number, byref(work)):
            raise MemoryError(f"{function}: too little memory")

    return call


def takes(device: SDevData) -> bool:
    """True if the engine can run this SDev: its lattice has at most 255 nodes along an edge."""
    return device.lattice.size <= shader.MOST_NODES


def aligned(nodes: Pixels) -> Pixels:
    """Return a copy of padded nodes that begins at a cache line."""
    room = np.empty(nodes.size + ALIGNMENT // nodes.itemsize, np.float32)
    start = -room.ctypes.data % ALIGNMENT // nodes.itemsize
    placed = room[start : start + nodes.size].reshape(nodes.shape)
    placed[...] = nodes
    return placed


class _Plan:
    """An SDev as the library takes it; owns the arrays that the struct points to."""

    def __init__(self, device: SDevData) -> None:
        self.table = shader.table_memory(device)
        self.nodes = aligned(shader.padded_nodes(device.lattice.nodes))
        self.c = Device(self.table.ctypes.data, self.nodes.ctypes.data, shader.numbers(device))


_plans: WeakKeyDictionary[SDevData, _Plan] = WeakKeyDictionary()


def _plan(device: SDevData) -> _Plan:
    plan = _plans.get(device)
    if plan is None:
        plan = _plans[device] = _Plan(device)
    return plan


def picture(image: Pixels) -> Picture:
    """Return an image (H, W, 3 or 4) as the library takes it."""
    return Picture(image.ctypes.data, *image.strides, image.shape[2], image.dtype == np.float16)


def runner(device: SDevData) -> Callable[[Pixels, Pixels, Interpolation], None]:
    """Prepare an SDev once; return the function (image, out, interpolation) that applies it to an image or its rows.

    image: (H, W, 3 or 4) float16 or float32, any strides. out: the same shape, float16 or float32; may be `image`
    itself. interpolation: "trilinear" or "tetrahedral". Alpha is copied. The arguments are not checked.
    Raises LatticeError as `in_use` does.
    """
    run, plan = caller("lattice_run", device.lattice.size), _plan(device)

    def apply(image: Pixels, out: Pixels, interpolation: Interpolation) -> None:
        work = _Work(
            pointer(plan.c),
            picture(image),
            picture(out),
            image.shape[1],
            image.shape[0],
            interpolation == "tetrahedral",
        )
        run(work)

    return apply


def apply(device: SDevData, image: Pixels, out: Pixels, interpolation: Interpolation) -> None:
    """Apply an SDev to an image in this thread, as `reference.apply` does; arguments and errors as in `runner`."""
    runner(device)(image, out, interpolation)


def halve(plane: Pixels, out: Pixels) -> None:
    """Write the 2x2 means of a plane, as `mean.by_numpy` does, with the same bits.

    plane: (H, W) float16, contiguous. out: (ceil(H / 2), ceil(W / 2)) float16, contiguous, apart from `plane`. The
    arguments are not checked. Raises LatticeError as `in_use` does.
    """
    height, width = plane.shape
    caller("lattice_halve")(_Halving(plane.ctypes.data, out.ctypes.data, width, height))
