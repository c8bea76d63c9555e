"""Other printer lights for an SDev: its look is rebuilt with them, once, and kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lattice.files.storage.read import json_object
from lattice.sdev.density import STAGE
from lattice.sdev.device import SDev
from lattice.sdev.load import AnySDev, load_built
from lattice.sdev.lut import Lut
from lattice.types import LatticeError, SDevData

if TYPE_CHECKING:
    from lattice.looks import Profile

FIELD = "printer_lights"


def with_printer_lights(sdev: AnySDev, lights: Sequence[float]) -> AnySDev:
    """Return the SDev of the same look, input, exposure and display, printed with other lights.

    lights: r, g, b points, 0 to 50, as in `Profile.printer_lights`. Takes seconds where these lights are new.
    Raises LatticeError if the look is not known whole, as in a CLF that another version built, or cannot be built.
    """
    from lattice.looks import Profile

    look = json_object(sdev.provenance.get("look")) if isinstance(sdev, SDev) else {}
    told = {name: value for name, value in look.items() if name != "extends"}
    lit = Profile(**{"name": sdev.name, **told, FIELD: tuple(lights)}) if told else None
    if lit is not None and list(lit.printer_lights) == look.get(FIELD):
        return sdev
    if STAGE in sdev.provenance:
        raise LatticeError(f"{sdev.name}: printer_lights: build the stage with them: lattice build --printer-lights")
    if (
        lit is None
        or isinstance(sdev, Lut)
        or not _is_of(sdev, load_built(lit.replace(printer_lights=look.get(FIELD))))
    ):
        raise LatticeError(
            f"{sdev.name}: printer_lights: needs a look that can be rebuilt, a name or a profile .toml; this SDev is "
            "of another version of lattice, or its nodes are sampled"
        )
    new, facts = load_built(lit), {**look, FIELD: list(lit.printer_lights)}
    told_anew = {**sdev.provenance, "look": json.dumps(facts, sort_keys=True)}
    return replace(sdev, table=new.table, lattice=new.lattice, provenance=told_anew)


def profile_of(sdev: AnySDev) -> Profile | None:
    """Return the profile that an SDev was built from, whatever its input, exposure and display; None if its look is not
    known whole, or is of another version."""
    look = json_object(sdev.provenance.get("look")) if isinstance(sdev, SDev) else {}
    told = {name: value for name, value in look.items() if name != "extends"}
    if not told or isinstance(sdev, Lut):
        return None
    from lattice.looks import Profile

    profile = Profile(**{"name": sdev.name, **told})
    return profile if _is_of(sdev, load_built(profile)) else None


def _is_of(sdev: SDevData, built: SDevData) -> bool:
    """True if an SDev has the nodes and the table of a look, whatever its input and display."""
    same_nodes = sdev.lattice.nodes.shape == built.lattice.nodes.shape
    return bool(
        same_nodes
        and np.array_equal(sdev.lattice.nodes, built.lattice.nodes)
        and tuple(sdev.table.content()) == tuple(built.table.content())
    )
