"""The words of a file's report: numbers, shares, colors and tetrahedra."""

from __future__ import annotations

import numpy as np

from lattice.inspect.domain import Domain
from lattice.inspect.nodes import Folds
from lattice.types import MID_GRAY

ROUNDED = 7  # decimals: less is of float32
UNSEEN = 1e-6  # of a share: less is of rounding
MANY = 1000.0  # from here on numbers are written without a fraction


def number(value: float) -> str:
    """Return a number of four digits."""
    return f"{value:,.0f}" if abs(value) >= MANY else f"{round(value, ROUNDED) + 0.0:.4g}"


def code(value: float) -> str:
    """Return a difference of codes, 0 or above."""
    return f"{value:,.0f} of code" if value >= MANY else f"{value:.4f} of code"


def share(value: float) -> str:
    """Return a share of 1 in percent, two digits of it."""
    percent = 100 * value
    return f"{percent:.0f} %" if percent >= 10 or value < UNSEEN else f"{percent:.2g} %"


def filled(value: float) -> str:
    """Return how much of the cube of codes, a share of 1, the colors out fill."""
    return "no volume, as in black and white" if value < UNSEEN else f"fills {share(value)} of the cube of codes"


def color(domain: Domain, channels: tuple[float, ...]) -> str:
    """Return the channels of a color in: of light in stops about mid gray, unless one has none."""
    if domain.is_light and min(channels) > 0:
        return " ".join(f"{np.log2(value / MID_GRAY):+.1f}" for value in channels) + " stops"
    return " ".join(map(number, channels))


def tetrahedra(found: Folds) -> str:
    """Return what became of a lattice's tetrahedra."""
    if found.flat == found.of:
        return f"all {found.of:,} tetrahedra are flat"
    if not found.reversed:
        return f"none of {found.of:,} tetrahedra is turned inside out; {found.flat:,} are flat"
    turned = f"{found.reversed:,} of {found.of:,} tetrahedra are turned inside out, {share(found.share)} of the volume"
    return f"{turned}; {found.flat:,} are flat"
