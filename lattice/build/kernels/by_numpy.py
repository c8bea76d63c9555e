"""The kernels of a fit, under NumPy: what they compute is defined here."""

from __future__ import annotations

from itertools import combinations_with_replacement, product

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from lattice.build.corners import corner_slopes, from_0_to_1
from lattice.build.film import BLOCK, LN10
from lattice.build.kernels.placed import FORM, NEIGHBORS, Placed
from lattice.build.seen import KNEE, LAB, lab_slopes
from lattice.types import Array

MIDDLE = NEIGHBORS // 2
DARKEST_NODE = 1e-3  # what is darker has the slopes of this node value
LEAST_CURVATURE = np.finfo(np.float64).tiny  # a column that is solved has less


def spectra(amounts: Array, base: Array, dyes: Array, weights: Array) -> Array:
    """Return the light (n, 3) that dye amounts (n, 3) transmit, in single precision.

    base: (bands,); dyes, weights: (3, bands). No band may have more density than MOST_SINGLE, up or down: the light of
    others is any number, that of NaN is NaN. It is within 2e-6 of `Film.transmit`.
    """
    found = np.empty((len(amounts), 3))
    single = [np.asarray(each, np.float32) for each in (amounts, -LN10 * dyes, -LN10 * base, weights.T)]
    for start in range(0, len(amounts), BLOCK):
        passed = single[0][start : start + BLOCK] @ single[1]
        passed += single[2]
        found[start : start + BLOCK] = np.exp(passed, out=passed) @ single[3]
    return found


def forms(nodes: Array, to_relative: Array) -> Array:
    """Return the forms (n, 6) of `Placed` for node values (n, 3).

    to_relative: (3, 3), the light of node values to XYZ over that of the white. Nothing is clipped to a display. Left
    out are the terms that depend on hue, T and R_T, which change no fit. Source: ISO/CIE 11664-6:2022.
    """
    held = np.maximum(nodes, DARKEST_NODE).T
    xyz = np.maximum(to_relative @ held**3, DARKEST_NODE**3)
    is_dark, root = xyz < KNEE**3, np.cbrt(xyz)
    bent = np.where(is_dark, xyz / (3 * KNEE**2) + 4 / 29, root)
    slope = 1 / np.where(is_dark, KNEE, root) ** 2  # of `bent`, times 3, which the slope of held**3 has too
    to_lab = np.tensordot(LAB, to_relative[:, :, None] * (slope[:, None] * held**2), 1)
    weighed = lab_slopes((LAB @ bent).T - [16, 0, 0]).transpose(1, 2, 0)
    rows = [sum(weighed[r, k] * to_lab[k] for k in ks) for r, ks in enumerate(((0,), (1, 2), (1, 2)))]
    return np.stack([sum(row[i] * row[j] for row in rows) for i, j in FORM], axis=-1)


def normal(placed: Placed, weight: Array) -> tuple[Array, Array]:
    """Return the normal equations of the nodes for squared errors of weight (n,).

    Returns the matrix as a stencil (size**3, 27), in the order of NEIGHBORS, and the right side (size**3, 3).
    """
    numbers, weights = placed.corners
    count, weighted = placed.size**3, weights * weight
    matrix, right = np.zeros(count * NEIGHBORS), np.zeros((count, 3))
    later = steps(placed.size)[MIDDLE:]
    neighbor = np.zeros(later[-1] + 1, np.int64)  # the place in a stencil of the node that is so many numbers on
    neighbor[later] = np.arange(MIDDLE, NEIGHBORS)
    wanted = np.ascontiguousarray(placed.wanted.T)
    for p, number in enumerate(numbers):
        for k in range(3):
            right[:, k] += np.bincount(number, weighted[p] * wanted[k], count)
        for q in range(p, len(numbers)):  # a later corner is a later node
            at = number * NEIGHBORS + neighbor[numbers[q] - number]
            matrix += np.bincount(at, weighted[p] * weights[q], len(matrix))
    stencil = matrix.reshape(count, NEIGHBORS)
    for k, step in enumerate(later[1:], 1):
        stencil[step:, MIDDLE - k] = stencil[:-step, MIDDLE + k]
    return stencil, right


def steps(size: int) -> list[int]:
    """Return how many node numbers it is to each of a node's 27 neighbors."""
    return [(r * size + g) * size + b for r in (-1, 0, 1) for g in (-1, 0, 1) for b in (-1, 0, 1)]


def solve(matrix: Array, right: Array, start: Array, tolerance: float, most: int) -> tuple[Array, bool]:
    """Solve the normal equations of nodes (n, 3) by conjugate gradients, scaled by the diagonal.

    Each column ends where its residual is `tolerance` of its right side, at the latest after `most` steps.
    Returns the nodes, and False if a column did not end before.
    """
    size = round(len(matrix) ** (1 / 3))
    count, nodes = len(matrix), start.copy()
    # Neighbors beyond the lattice have no weight, whichever node stands in for them.
    neighbors = np.clip(np.arange(count)[:, None] + steps(size), 0, count - 1)
    rows = np.arange(0, matrix.size + 1, NEIGHBORS)
    whole_matrix = csr_array((matrix.ravel(), neighbors.ravel(), rows), shape=(count, count))
    residual = right - whole_matrix @ nodes
    along = scaled = residual / matrix[:, MIDDLE, None]
    gone, whole = _dots(residual, scaled), tolerance**2 * _dots(right, right)

    def is_solved() -> bool:
        return bool((_dots(residual, residual) <= whole).all())

    for _ in range(most):
        if is_solved():
            break
        moved = whole_matrix @ along
        gain = gone / np.maximum(_dots(along, moved), LEAST_CURVATURE)
        nodes, residual = nodes + gain * along, residual - gain * moved
        scaled = residual / matrix[:, MIDDLE, None]
        now = _dots(residual, scaled)
        along, gone = scaled + now / np.maximum(gone, LEAST_CURVATURE) * along, now
    return nodes, is_solved()


def _dots(x: Array, y: Array) -> Array:
    """Return the scalar products (k,) of columns of x and y (n, k)."""
    return np.asarray(np.einsum("nk,nk->k", x, y))


def miss(placed: Placed, nodes: Array) -> Array:
    """Return what nodes (size**3, 3) give, less what is wanted: (n, 3)."""
    numbers, weights = placed.corners
    planes = np.ascontiguousarray(nodes.T)
    pairs = list(zip(numbers, weights, strict=True))
    held = [sum(weight * plane[number] for number, weight in pairs) for plane in planes]
    return np.stack(held, axis=-1) - placed.wanted


def times(form: Array, x: Array) -> Array:
    """Return the products (n, 3) of forms (n, 6) and x (n, 3)."""
    xx, yy, zz, yz, xz, xy = form.T
    a, b, c = x.T
    return np.stack([xx * a + xy * b + xz * c, xy * a + yy * b + yz * c, xz * a + yz * b + zz * c], axis=-1)


def seen(placed: Placed, nodes: Array) -> Array:
    """Return CIEDE2000 (n,) between what nodes (size**3, 3) give and what is wanted, as the forms give it."""
    error = miss(placed, nodes)
    return np.sqrt(np.maximum(np.einsum("nk,nk->n", error, times(placed.form, error)), 0))


def bend(placed: Placed, nodes: Array, stops: Array, ends: Array, share: Array, bends: int) -> tuple[Array, Array]:
    """Return the normal equations of a Gauss-Newton step of u for fixed nodes (size**3, 3).

    The unknowns are `bends` changes of u for each channel, evenly from ends[0] to ends[1] stops, linear between.
    stops: (n, 3) of the colors. share: (n,) what each counts.
    Returns the matrix (3 bends, 3 bends) and the right side (3 bends,), red's bends first.
    """
    numbers, _ = placed.corners
    changes = np.ascontiguousarray(corner_slopes(placed.u, placed.size, placed.interpolation).transpose(2, 1, 0))
    held = [plane[numbers] for plane in np.ascontiguousarray(nodes.T)]
    slopes = [np.stack([np.einsum("kn,kn->n", change, plane) for plane in held], axis=-1) for change in changes]
    formed = [share[:, None] * times(placed.form, slope) for slope in slopes]
    error, hats = miss(placed, nodes), [_hats(stops[:, a], ends, bends) for a in range(3)]
    matrix, right = np.zeros((3, bends, 3, bends)), np.zeros((3, bends))
    for a, b in combinations_with_replacement(range(3), 2):
        value = np.einsum("nk,nk->n", formed[a], slopes[b])
        for (i, hat), (j, other) in product(zip(*hats[a], strict=True), zip(*hats[b], strict=True)):
            block = np.bincount(i * bends + j, value * hat * other, bends * bends)
            matrix[a, :, b] += block.reshape(bends, bends)
    for a in range(3):
        toward = np.einsum("nk,nk->n", formed[a], error)
        for i, hat in zip(*hats[a], strict=True):
            right[a] -= np.bincount(i, toward * hat, bends)
    upper = matrix.reshape(3 * bends, 3 * bends)
    return np.triu(upper) + np.triu(upper, 1).T, right.ravel()


def _hats(stops: Array, ends: Array, bends: int) -> tuple[list[NDArray[np.int64]], list[Array]]:
    """Return the two bends around each of `stops` (n,), and how much of each is there."""
    position = from_0_to_1((stops - ends[0]) / (ends[1] - ends[0])) * (bends - 1)
    left = np.minimum(position.astype(np.int64), bends - 2)
    return [left, left + 1], [1 - (position - left), position - left]
