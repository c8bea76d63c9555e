"""Fit an SDev to a process list that has other stages: a table, and one lattice solved by least squares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import cg

from lattice.build.corners import corners
from lattice.export.resample import parts_of, replace_head, span_of
from lattice.interp import process
from lattice.process_list import ProcessList
from lattice.sdev.asked import told_display
from lattice.types import Array, Display, Interpolation, Lattice, LatticeError, SDevData, Table, grid, held_halves

USUAL_SIZE, LARGEST_SIZE = 13, 65
COLORS, GRAYS, GRAY_WEIGHT, SEED = 120_000, 4_096, 4.0, 3
RIDGE = 1e-3  # pull toward the sampled node, for cells that no color reaches
STEPS, TOLERANCE = 200, 1e-7
SRGB_POWER = 2.2  # of nodes of light: measured, 1 to 3 lose more of the codes


def fit(
    given: ProcessList,
    size: int = USUAL_SIZE,
    domain: tuple[float, float] | None = None,
    interpolation: Interpolation = "tetrahedral",
) -> SDevData:
    """Return an SDev whose codes are near to those of a process list, held to [0, 1].

    Where the list says which display its codes are for, and it is no HDR one, the SDev holds light, so that it can be
    shown on others; else codes. size: nodes along a side. domain: as for `parts_of`.
    Raises LatticeError if an SDev has no lattice of this size, or the list gives numbers that are not finite.
    """
    if size > LARGEST_SIZE:
        raise LatticeError(f"size: expected at most {LARGEST_SIZE} nodes along a side of a fit, got {size}")
    Lattice(np.zeros((size, size, size, 3), np.float32), interpolation)  # which an SDev must have
    parts = parts_of(given, domain)
    low, high = span_of(parts)
    if not np.isfinite([low, high]).all():
        raise LatticeError(f"{given.name}: expected finite numbers of light, got NaN or infinity")
    head = replace_head(parts, low, high).head
    table = np.clip(process.run(head, np.repeat(held_halves()[None], 3, axis=0)), 0, 1).T

    display = _display(given)

    def values(u: Array) -> Array:
        found = process.run(parts.rest, np.ascontiguousarray((low + u * (high - low)).T)).T
        return display.decode(np.clip(found, 0, 1)) ** (1 / display.exponent)

    nodes = _solved(values, size, interpolation)
    if not np.isfinite(table).all() or not np.isfinite(nodes).all():
        raise LatticeError(f"{given.name}: expected finite numbers of light and codes, got NaN or infinity")
    lattice = Lattice(nodes.reshape((size,) * 3 + (3,)).astype(np.float32), interpolation)
    facts = {**given.provenance, "nodes": f"fitted to {given.name}, sha256 {given.sha256[:12]}"}
    return SDevData(given.name, np.eye(3), Table(table.astype(np.float32)), lattice, display, facts)


def _display(given: ProcessList) -> Display:
    """Return the stage behind the nodes: that of the told display, with nodes near to its codes; else none."""
    told = told_display(given.provenance)
    if told is None or told.is_hdr:  # whose light goes on above white
        return Display(1.0, np.eye(3), 1.0)
    return replace(told, exponent=SRGB_POWER if told.gamma == "sRGB" else float(told.gamma))


def _solved(values: Callable[[Array], Array], size: int, interpolation: Interpolation) -> Array:
    """Return the nodes (size**3, 3) whose interpolation is nearest to `values`, which takes u (n, 3)."""
    random = np.random.default_rng(SEED)
    u = np.concatenate([random.uniform(0, 1, (COLORS, 3)), np.repeat(np.linspace(0, 1, GRAYS)[:, None], 3, axis=1)])
    weight = np.concatenate([np.ones(COLORS), np.full(GRAYS, GRAY_WEIGHT)])
    sampled = values(grid(np.linspace(0, 1, size)).reshape(-1, 3))
    numbers, shares = corners(u, size, interpolation)
    count, k = numbers.shape
    matrix = sparse.csr_matrix((shares.ravel(), numbers.ravel(), np.arange(0, count * k + 1, k)), (count, size**3))
    weighted = sparse.diags_array(weight) @ matrix
    pull = RIDGE * weight.sum() / len(sampled)
    normal = weighted.T @ matrix + pull * sparse.identity(len(sampled), format="csr")
    wanted = weighted.T @ values(u) + pull * sampled
    solved = [cg(normal, wanted[:, c], x0=sampled[:, c], rtol=TOLERANCE, maxiter=STEPS)[0] for c in range(3)]
    return np.clip(np.stack(solved, axis=-1), 0, 1)
