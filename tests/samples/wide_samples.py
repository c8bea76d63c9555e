"""Tables and lattices of real LUT files: domains below 0, shapers that fall or leave [0, 1], sizes of any parity."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from basics import halves, make_device
from gpu_samples import NARROW, stageable
from native_samples import METHOD
from truths import SRGB

from lattice.types import HALF_CODES, HALF_MAX, LARGEST_ENTRY, Display, SDevData, Table

DOMAIN = (-4.0, 12.0)  # of scene light, over which a lattice lies
SIZES = (2, 4, 16, 32, 64)


def straight(low: float, high: float, is_held: bool) -> Table:
    """u from 0 at `low` to 1 at `high`, and on or held; NaN has an entry of its own, as has each infinity."""
    with np.errstate(invalid="ignore"):
        u = (np.clip(halves().astype(np.float64), -HALF_MAX, HALF_MAX) - low) / (high - low)
    held = np.nan_to_num(np.clip(u, 0, 1) if is_held else u, nan=0.625)
    return Table(np.repeat(held[:, None], 3, axis=1))


@cache
def tables() -> dict[str, Table]:
    """Each table that the house's own looks have none like."""
    random = np.random.default_rng(12)
    noise = random.uniform(-1, 2, (HALF_CODES, 3))
    return {
        "from -4 to 12": straight(*DOMAIN, is_held=True),
        "unbounded": straight(*DOMAIN, is_held=False),
        "falling": straight(1, 0, is_held=True),
        "falling and unbounded": straight(12, -4, is_held=False),
        "noise": Table(noise),
        "noise above 0": Table(np.where(np.arange(HALF_CODES)[:, None] < 0x7C01, noise, noise[0])),
        "narrow": Table(3 * stageable(NARROW).values - 1),
        "the largest": Table(random.uniform(-LARGEST_ENTRY, LARGEST_ENTRY, (HALF_CODES, 3))),
    }


@cache
def wide_devices() -> tuple[SDevData, ...]:
    """One of each table: sizes of any parity, with and without an input matrix, with displays of their own."""
    matrix = np.array([[0.7, 0.4, -0.1], [0.1, 0.8, 0.1], [-0.3, 0.2, 1.1]])
    shows = (Display(1.0, np.eye(3), 1.0), SRGB, Display(2.2, SRGB.matrix, 2.4), Display(3.0, np.eye(3), "PQ"))
    made = []
    for i, table in enumerate(tables().values()):
        size = (*SIZES[:4], 17, 36)[i % 6]
        nodes = np.random.default_rng(size).uniform(-0.2, 1.2, (size, size, size, 3))
        made.append(make_device(nodes, METHOD, table, shows[i % 4], matrix if i % 3 == 1 else None))
    return tuple(made)


def noise_device(interpolation: Any, nodes: Any) -> SDevData:
    """These nodes behind a table of noise around [0, 1]."""
    return make_device(nodes, interpolation, tables()["noise"])
