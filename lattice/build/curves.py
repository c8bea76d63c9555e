"""Numbers through curves: numpy.interp, and the same bits from the compiled library, which finds an entry sooner."""

from __future__ import annotations

from ctypes import CDLL, Structure, c_int, c_ssize_t, c_void_p

import numpy as np

from lattice.interp import native
from lattice.types import Array, LatticeError

FEW = 1000  # rows: so many are through a curve before the library has prepared it
KERNELS = 2  # number of what a fit calls, as in native.cpp; changed whenever a struct of fit.h is


class _Curves(Structure):
    """`Curves` of fit.h."""

    _fields_ = [
        *((name, c_void_p) for name in ("x", "at", "values", "out")),
        ("count", c_ssize_t),
        ("columns", c_int),
        ("entries", c_int),
        ("shared", c_int),
    ]


def library() -> CDLL | None:
    """Return the compiled library; None without one.

    Raises LatticeError if one is asked for by the environment and is not there, or is of another version.
    """
    found = native.library()
    if found is not None and found.lattice_fit_kernels() != KERNELS:
        raise LatticeError("the native library was compiled for another version of lattice: install again")
    return found


def through_curves(x: Array, at: Array, values: Array) -> Array:
    """Return columns of x (..., c), each through its own curve, with the bits of numpy.interp: (..., c).

    x may have one column, which then goes through every curve. at: (m, c) or (m, 1), finite, never falling. values:
    (m, c) or (m, 1), finite. Flat beyond the ends; NaN stays NaN. Raises LatticeError as `library` does.
    """
    columns = max(np.shape(each)[-1] for each in (x, at, values))
    rows, is_shared = np.reshape(x, (-1, np.shape(x)[-1])), np.shape(x)[-1] == np.shape(at)[-1] == 1
    if not is_shared:
        rows, at = (np.broadcast_to(each, (len(each), columns)) for each in (rows, at))
    values = np.broadcast_to(values, (len(values), columns))
    found = np.empty((len(rows), columns))
    if len(rows) < FEW or library() is None:
        for k in range(columns):
            found[:, k] = np.interp(rows[:, 0 if is_shared else k], at[:, 0 if is_shared else k], values[:, k])
    else:
        held = [np.ascontiguousarray(each, np.float64) for each in (rows, at, values)]
        work = _Curves(*(each.ctypes.data for each in (*held, found)), *found.shape, len(at), is_shared)
        native.caller("lattice_curves")(work)
    return found.reshape(*np.shape(x)[:-1], columns)
