"""The SDevs that a viewer shows a picture through: one without a film, and one for the light of a file."""

from __future__ import annotations

import numpy as np

from lattice.channels.input import Primaries
from lattice.color import displays, inputs
from lattice.color.primaries import REC709
from lattice.sdev import SDev
from lattice.types import Display, Lattice, Table, grid

NODES = 3  # along an edge: the fewest that a lattice has
NONE = "none"  # names the SDev without a film


def plain() -> SDev:
    """Return the SDev "none": linear Rec.709 as an sRGB monitor shows it, clipped at white."""
    nodes = grid(np.linspace(0, 1, NODES, dtype=np.float32))
    facts = {"input": REC709.name, **displays.output_facts(displays.find("sRGB").shown)}
    display = Display(1.0, np.eye(3), "sRGB")
    return SDev(NONE, np.eye(3), Table.identity(), Lattice(nodes, "trilinear"), display, facts)


def taking(sdev: SDev, primaries: Primaries) -> SDev:
    """Return an SDev for linear light of these primaries, or of the primaries that an input has; "" leaves it as it is.

    Raises LatticeError as `SDev.with_input` does.
    """
    if not isinstance(primaries, str):
        return sdev.with_input(primaries)
    if not primaries:
        return sdev
    space = inputs.find(primaries)
    return sdev.with_input(space.primaries, space.adaptation)
