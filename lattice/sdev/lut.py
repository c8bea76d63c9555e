"""The public class Lut: a LUT file of any format, as it is."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from lattice.color.displays import Shown
from lattice.color.gamuts import Adaptation
from lattice.color.inputs import InputSpace, encoded
from lattice.process_list import (
    Cdl,
    Exponent,
    InverseLut1D,
    InverseLut3D,
    Knots,
    Log,
    Lut1D,
    Lut3D,
    Matrix,
    Node,
    ProcessList,
    Range,
)
from lattice.sdev.asked import CODES, checked_stops, exposed_input, input_change, to_light, told_display
from lattice.sdev.device import SDev
from lattice.sdev.engines import Engine, Run, arithmetic, process_runner
from lattice.sdev.grader import Grader
from lattice.types import Display, LatticeError, shortened

LONGEST = 60  # characters of a name in a repr


class Lut(ProcessList, Grader):
    """A LUT file that is more, or less, than an SDev: its process nodes one after the other. Immutable.

    It grades on the CPU as an SDev does. What it gives is not held to [0, 1] unless a node does that.
    """

    @classmethod
    def from_list(cls, nodes: ProcessList) -> Lut:
        """Return the Lut of a process list."""
        return cls(nodes.name, nodes.nodes, nodes.provenance)

    def __repr__(self) -> str:
        kinds = " ".join(type(node).__name__ for node in self.nodes) or "no nodes"
        return f"Lut({shortened(self.name, LONGEST)}, {shortened(kinds, LONGEST)[1:-1]}, sha256 {self.sha256[:12]})"

    def runner(self, engine: Engine, on_gpu: bool = False) -> Run:
        """Prepare for an engine once; return the function that grades images, as in `engines.process_runner`."""
        return process_runner(self, engine, on_gpu)

    @property
    def stages(self) -> list[tuple[str, str]]:
        """What it is made of, for people: a line for each process node."""
        return [("stage", _about(node)) for node in self.nodes]

    def prepare(self, engine: Engine = "auto") -> None:
        """Do the setup of the first image now. Raises LatticeError if `apply` would for every image."""
        self.runner(engine)

    def arithmetic(self, engine: Engine = "auto") -> str:
        """Return "numpy" or "fused": engines with the same value give the same bits."""
        return arithmetic(self, engine)

    @property
    def shown(self) -> Display:
        """The curve of the display that its codes are for: a straight line where that is not known."""
        return told_display(self.provenance) or Display(1.0, np.eye(3), 1.0)

    @cached_property
    def codes(self) -> InputSpace | None:
        """The input whose codes `apply` decodes first; None if it decodes none."""
        return encoded(self.provenance.get(CODES))

    @cached_property
    def sha256(self) -> str:
        """Hex digest of all that affects a pixel, what it takes among it."""
        taken = [self.provenance.get("input", ""), "" if self.codes is None else self.codes.name]
        own = super().sha256
        return hashlib.sha256(" ".join([own, *taken]).encode()).hexdigest() if any(taken) else own

    def _after(self, nodes: Sequence[Node], **facts: str) -> Lut:
        told = {key: fact for key, fact in self.provenance.items() if key != CODES}
        return replace(self, nodes=(*nodes, *self.nodes), provenance=told | facts)

    def with_input(self, primaries: str | Sequence[float], adaptation: Adaptation | None = None) -> Lut:
        """Return a Lut with the same look for other pixels, as `SDev.with_input` does.

        Raises LatticeError as that does; the input is known of a Lut that was loaded with `takes`.
        """
        change, facts = input_change(self, primaries, adaptation)
        same = np.array_equal(change, np.eye(3))
        if same and facts.get(CODES) == self.provenance.get(CODES):
            return self
        return self._after(() if same else (Matrix(change),), **facts)

    def with_exposure(self, stops: float) -> Lut:
        """Return a Lut with the same look for a scene that is so many stops brighter. stops: -20 to 20.

        Raises LatticeError for any other value, or if what it takes is not known to be light.
        """
        if checked_stops(stops) == 0:
            return self
        exposed_input(self)
        return replace(self._after((Matrix(2.0**stops * np.eye(3)),)), provenance=self.provenance)

    def with_display(self, display: str | Shown) -> Lut:
        """Raise LatticeError: what a LUT shows is inside it."""
        raise LatticeError(
            f"{self.name}: a LUT file shows its own display, so it cannot be shown on another: {to_light(self)}"
        )


AnySDev = SDev | Lut  # both grade images


def _about(node: Node) -> str:
    """Return what a process node is, in a compositor's words."""
    match node:
        case InverseLut1D() | InverseLut3D():
            return f"inverse of a {_about(node.lut)}"
        case Lut3D():
            return f"3D LUT {node.size}^3, {node.interpolation}"
        case Lut1D():
            domain = "every half" if node.half_domain else f"over {node.first.min():g} to {node.last.max():g}"
            return f"1D LUT, {len(node.entries):,} entries, {domain}" + (", keeps hue" if node.hue else "")
        case Knots():
            ends = f"{min(x[0] for x in node.x):g} to {max(x[-1] for x in node.x):g}"
            return f"curves through {max(map(len, node.x)):,} points, {ends}"
        case Matrix():
            return "3x3 matrix" + (" and offset" if node.matrix[:, 3].any() else "")
        case Range():
            return _about_range(node)
        case Log():
            return "log curve" if node.style == "linToLog" else "inverse log curve"
        case Exponent():
            return f"gamma {'/'.join(f'{each:g}' for each in dict.fromkeys(node.exponent))}, {node.style}"
        case Cdl():
            return "inverse CDL" if node.is_inverse else "CDL"
    return type(node).__name__


def _about_range(node: Range) -> str:
    ends = [f"{name} {end:g}" for name, end in (("least", node.low), ("most", node.high)) if end is not None]
    scaled = [f"times {node.scale:g} plus {node.offset:g}"] if (node.scale, node.offset) != (1, 0) else []
    return ", ".join(["range", *ends, *scaled])
