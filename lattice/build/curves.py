"""Numbers through curves: numpy.interp, and the same bits from the compiled library, which finds an entry sooner."""

from __future__ import annotations

import numpy as np

from lattice.build.compiled import Curves, library
from lattice.interp import native
from lattice.types import Array

FEW = 1000  # rows: so many are through a curve before the library has prepared it


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
        work = Curves(*(each.ctypes.data for each in (*held, found)), *found.shape, len(at), is_shared)
        native.caller("lattice_curves")(work)
    return found.reshape(*np.shape(x)[:-1], columns)
