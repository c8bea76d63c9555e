"""What the GPU's kernels are given to be: devices made up from numbers, and a shipped look where it can be loaded.

The made-up ones need nothing but NumPy: table, lattice and display have the sizes, ranges and stages of a built look.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import lattice
from lattice.sdev import SDev
from lattice.types import HALF_CODES, Display, Lattice, LatticeError, SDevData, Table

FILM_LIKE, FILM_GAMMA, ALONE = "film-like", "film-like, gamma 2.4", "lattice alone"
LOOK = "premier"
FIRST, LAST = 5488, 20931  # half codes between which a built look's table moves: 0.0013 to 46
INFINITY = 0x7C00
BENDS = (1.0, 0.94, 1.06)  # so that the channels' tables differ
DARKEST = 0.05  # of a node: a projected black
CROSSTALK = np.array([[0.72, 0.20, 0.08], [0.15, 0.70, 0.15], [0.06, 0.22, 0.72]])
TO_DISPLAY = np.array([[1.5, -0.4, -0.1], [-0.2, 1.3, -0.1], [0.0, -0.25, 1.25]])
FROM_CAMERA = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.05, 0.15, 0.8]])
PLAIN = Display(1.0, np.eye(3), 1.0)


def film_table() -> Table:
    """0 up to code FIRST, rising by the code, which is nearly the logarithm, to 1 at LAST; NaN and negatives 0."""
    values = np.zeros((HALF_CODES, 3))
    place = np.clip((np.arange(INFINITY + 1) - FIRST) / (LAST - FIRST), 0, 1)
    values[: INFINITY + 1] = place[:, None] ** BENDS
    return Table(values)


def film_nodes(size: int) -> Any:
    """(size, size, size, 3): an S-shaped curve a channel, after the layers' crosstalk, from DARKEST to 1."""
    steps = np.arange(size) / (size - 1)
    mixed = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1) @ CROSSTALK.T
    return DARKEST + (1 - DARKEST) * mixed * mixed * (3 - 2 * mixed)


def _made(name: str, nodes: Any, display: Display, matrix: Any = None) -> SDev:
    return SDev.from_device(
        SDevData(name, np.eye(3) if matrix is None else matrix, film_table(), Lattice(nodes, "tetrahedral"), display)
    )


def film_like() -> SDev:
    """Like a built look for an sRGB monitor."""
    return _made(FILM_LIKE, film_nodes(13), Display(3.0, TO_DISPLAY, "sRGB"))


def film_gamma() -> SDev:
    """The same for a monitor with a plain gamma."""
    return _made(FILM_GAMMA, film_nodes(13), Display(3.0, TO_DISPLAY, 2.4))


def alone(nodes: Any) -> SDev:
    """Nothing but a lattice: u is the pixel itself, held to [0, 1], and values show as they are."""
    return SDev.from_device(SDevData(ALONE, np.eye(3), Table.identity(), Lattice(nodes, "trilinear"), PLAIN))


def others() -> list[SDev]:
    """Devices that are checked and not timed: other stages, other sizes, nodes too many to be staged."""
    values = film_nodes(13)
    return [
        _made("film-like, 3x3 before the table", values, Display(3.0, TO_DISPLAY, "sRGB"), FROM_CAMERA),
        _made("film-like, exponent 2.2, no 3x3", values, Display(2.2, np.eye(3), "sRGB")),
        _made("film-like, gamma below 1", values, Display(1.0, np.eye(3), 0.8)),
        _made("film-like, nodes below 0", values - DARKEST * 2, Display(3.0, np.eye(3), "sRGB")),
        _made("film-like, 5^3", film_nodes(5), Display(3.0, TO_DISPLAY, "sRGB")),
        _made("film-like, 33^3", film_nodes(33), Display(3.0, TO_DISPLAY, "sRGB")),
        alone(values),
    ]


def shipped() -> tuple[SDev | None, str]:
    """LOOK, or None and a line that says why it is left out."""
    try:
        return lattice.load(LOOK), ""
    except (ImportError, LatticeError, OSError, RuntimeError) as error:
        print(f"{LOOK} is left out: {error}")  # the report would name this machine's paths
        return None, f"`{LOOK}` itself is left out: what builds it is not installed here."
