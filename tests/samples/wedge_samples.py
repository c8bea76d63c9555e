"""Step wedges of film curves, as a densitometer reads them and as tables hold them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from lattice.build.film import density
from lattice.looks.stock import Curves
from lattice.match.freedoms import LAYERS

NOISE = 0.01  # density


def ends(curves: Curves) -> tuple[float, float]:
    """The least and the largest log exposure of three curves."""
    places = [getattr(curves, layer).log_exposure for layer in LAYERS]
    return min(each[0] for each in places), max(each[-1] for each in places)


def read(curves: Curves, log_exposure: Any, seed: int | None, noise: float = NOISE) -> Any:
    """Densities (n, 3) at log exposures (n,), as an instrument reads them; seed None: without noise."""
    true = np.stack([density(getattr(curves, layer), log_exposure) for layer in LAYERS], axis=-1)
    return true if seed is None else true + np.random.default_rng(seed).normal(0, noise, true.shape)


def table(header: str, exposures: Iterable[float], densities: Any, cell: str = ",") -> str:
    """The text of a table; cells between semicolons have decimal commas."""
    rows = [header] + [cell.join(f"{each:.4f}" for each in (x, *d)) for x, d in zip(exposures, densities, strict=True)]
    text = "\n".join(rows) + "\n"
    return text if cell == "," else text.replace(".", ",").replace(header.replace(".", ","), header)
