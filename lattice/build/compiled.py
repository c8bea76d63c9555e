"""The compiled library as a fit calls it: the structs of fit.h, and the check that the library has the same."""

from __future__ import annotations

from ctypes import CDLL, Structure, c_double, c_int, c_ssize_t, c_void_p, sizeof

from lattice.interp import native
from lattice.types import LatticeError


def _arrays(*names: str) -> list[tuple[str, type[c_void_p]]]:
    return [(name, c_void_p) for name in names]


class Placed(Structure):
    """`Placed` of fit.h, as the others here are the structs of their names there."""

    _fields_ = [
        *_arrays("u", "wanted", "form", "nodes"),
        ("count", c_ssize_t),
        ("size", c_int),
        ("by_tetrahedra", c_int),
    ]


class Curves(Structure):
    """Arguments of `curves`."""

    _fields_ = [
        *_arrays("x", "at", "values", "out"),
        ("count", c_ssize_t),
        ("columns", c_int),
        ("entries", c_int),
        ("shared", c_int),
    ]


class Spectra(Structure):
    """Arguments of `spectra`."""

    _fields_ = [*_arrays("amounts", "base", "dyes", "weights", "light"), ("count", c_ssize_t), ("bands", c_int)]


class Forms(Structure):
    """Arguments of `forms`."""

    _fields_ = [*_arrays("nodes", "to_relative", "forms"), ("count", c_ssize_t), ("darkest", c_double)]


class Normal(Structure):
    """Arguments of `normal`."""

    _fields_ = [("placed", Placed), *_arrays("weight", "matrix", "right")]


class Solve(Structure):
    """Arguments of `solve`, and its answer `solved`."""

    _fields_ = [
        *_arrays("matrix", "right", "nodes"),
        ("size", c_int),
        ("most", c_int),
        ("tolerance", c_double),
        ("solved", c_int),
    ]


class Bend(Structure):
    """Arguments of `bend`."""

    _fields_ = [
        ("placed", Placed),
        *_arrays("stops", "share", "matrix", "right"),
        ("first", c_double),
        ("last", c_double),
        ("bends", c_int),
    ]


class Seen(Structure):
    """Arguments of `seen`."""

    _fields_ = [("placed", Placed), *_arrays("out")]


KERNELS = (Curves, Spectra, Forms, Normal, Solve, Bend, Seen)  # in the order of `lattice_fit_size`


def library() -> CDLL | None:
    """Return the compiled library; None without one.

    Raises LatticeError if one is asked for by the environment and is not there, or if its structs are not these.
    """
    found = native.library()
    sizes = [sizeof(each) for each in KERNELS] + [0]
    if found is not None and [found.lattice_fit_size(number) for number in range(len(sizes))] != sizes:
        raise LatticeError("the native library was compiled for another version of lattice: install again")
    return found
