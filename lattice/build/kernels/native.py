"""The kernels of a fit in the compiled library: as `by_numpy`, whose docstrings say what they take and return."""

from __future__ import annotations

import numpy as np

from lattice.build import compiled
from lattice.build.kernels.by_numpy import DARKEST_NODE
from lattice.build.kernels.placed import NEIGHBORS, Placed
from lattice.interp import native
from lattice.types import Array


def _floats(*arrays: Array) -> list[Array]:
    """Return arrays as the library reads them: float64, in C order."""
    return [np.ascontiguousarray(each, np.float64) for each in arrays]


def _placed(placed: Placed, nodes: Array | None = None) -> tuple[compiled.Placed, list[Array]]:
    """Return colors as the library takes them, and the arrays that the struct points to."""
    held = _floats(placed.u, placed.wanted, placed.form, *([] if nodes is None else [nodes]))
    at = [each.ctypes.data for each in held] + [None] * (4 - len(held))
    return compiled.Placed(*at, len(placed.u), placed.size, placed.interpolation == "tetrahedral"), held


def spectra(amounts: Array, base: Array, dyes: Array, weights: Array) -> Array:
    held, light = _floats(amounts, base, dyes, weights), np.empty((len(amounts), 3))
    work = compiled.Spectra(*(each.ctypes.data for each in (*held, light)), len(amounts), len(base))
    native.caller("lattice_spectra")(work)
    return light


def forms(nodes: Array, to_relative: Array) -> Array:
    held, out = _floats(nodes, to_relative), np.empty((len(nodes), 6))
    work = compiled.Forms(*(each.ctypes.data for each in (*held, out)), len(nodes), DARKEST_NODE)
    native.caller("lattice_forms")(work)
    return out


def normal(placed: Placed, weight: Array) -> tuple[Array, Array]:
    colors, _held = _placed(placed)
    (weight,), count = _floats(weight), placed.size**3
    matrix, right = np.empty((count, NEIGHBORS)), np.empty((count, 3))
    work = compiled.Normal(colors, *(each.ctypes.data for each in (weight, matrix, right)))
    native.caller("lattice_normal")(work)
    return matrix, right


def solve(matrix: Array, right: Array, start: Array, tolerance: float, most: int) -> tuple[Array, bool]:
    matrix, right = _floats(matrix, right)
    nodes = np.array(start, np.float64, order="C")
    size = round(len(matrix) ** (1 / 3))
    work = compiled.Solve(*(each.ctypes.data for each in (matrix, right, nodes)), size, most, tolerance)
    native.caller("lattice_solve")(work)
    return nodes, bool(work.solved)


def bend(placed: Placed, nodes: Array, stops: Array, ends: Array, share: Array, bends: int) -> tuple[Array, Array]:
    colors, _held = _placed(placed, nodes)
    stops, share = _floats(stops, share)
    matrix, right = np.empty((3 * bends, 3 * bends)), np.empty(3 * bends)
    work = compiled.Bend(colors, *(each.ctypes.data for each in (stops, share, matrix, right)), *ends, bends)
    native.caller("lattice_bend")(work)
    return matrix, right


def seen(placed: Placed, nodes: Array) -> Array:
    colors, _held = _placed(placed, nodes)
    out = np.empty(len(placed.u))
    native.caller("lattice_seen")(compiled.Seen(colors, out.ctypes.data))
    return out
