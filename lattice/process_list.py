"""A process list: what a LUT file of any format holds, process nodes one after the other."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Self

from lattice.choices import Interpolation
from lattice.errors import LatticeError
from lattice.process_nodes import LARGEST as LARGEST
from lattice.process_nodes import MOST_ENTRIES as MOST_ENTRIES
from lattice.process_nodes import MOST_SIZE as MOST_SIZE
from lattice.process_nodes import Cdl as Cdl
from lattice.process_nodes import Exponent as Exponent
from lattice.process_nodes import ExponentStyle as ExponentStyle
from lattice.process_nodes import InverseLut1D as InverseLut1D
from lattice.process_nodes import InverseLut3D as InverseLut3D
from lattice.process_nodes import Knots as Knots
from lattice.process_nodes import Log as Log
from lattice.process_nodes import LogStyle as LogStyle
from lattice.process_nodes import Lut1D as Lut1D
from lattice.process_nodes import Lut3D as Lut3D
from lattice.process_nodes import Matrix as Matrix
from lattice.process_nodes import Node as Node
from lattice.process_nodes import Range as Range
from lattice.record import Shippable

MOST_NODES = 1000  # of a list


@dataclass(frozen=True, eq=False)
class ProcessList(Shippable):
    """Process nodes one after the other; none passes colors as they are.

    provenance: text facts, such as "title", "input", "output"; not hashed.
    """

    name: str
    nodes: tuple[Node, ...]
    provenance: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "nodes", tuple(self.nodes))
        object.__setattr__(self, "provenance", MappingProxyType(dict(self.provenance)))
        if len(self.nodes) > MOST_NODES:
            raise LatticeError(f"expected at most {MOST_NODES:,} process nodes, got {len(self.nodes):,}")

    def _content(self) -> tuple[object, ...]:
        return (self.sha256,)

    @property
    def interpolation(self) -> Interpolation:
        """The method of the first lattice; "tetrahedral" without one."""
        return next((node.interpolation for node in self.nodes if isinstance(node, Lut3D)), "tetrahedral")

    def with_interpolation(self, interpolation: Interpolation) -> Self:
        """Return the list with this method for all lattices; where it is that of the first, every one keeps its own."""
        if interpolation == self.interpolation:
            return self
        nodes = (replace(node, interpolation=interpolation) if isinstance(node, Lut3D) else node for node in self.nodes)
        return replace(self, nodes=tuple(nodes))

    @cached_property
    def sha256(self) -> str:
        """Hex digest of all that affects a pixel."""
        digest = hashlib.sha256(b"process list 1")
        for node in self.nodes:
            digest.update(node.content())
        return digest.hexdigest()
