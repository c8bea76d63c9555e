"""The public class Lut: a LUT file of any format, as it is."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from lattice.color import displays
from lattice.color.displays import Shown
from lattice.color.gamuts import Adaptation
from lattice.color.inputs import InputSpace, encoded, spaces
from lattice.process_list import (
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
)
from lattice.sdev.asked import CODES, checked_stops, input_change, told_display
from lattice.sdev.engines import Engine, Run, arithmetic, process_runner
from lattice.sdev.grader import Grader
from lattice.types import Display, LatticeError, held_halves, shortened

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
        if "input" not in self.provenance:
            raise LatticeError(f"{self.name}: exposure: it is not known to take light; load it with takes=...")
        return replace(self._after((Matrix(2.0**stops * np.eye(3)),)), provenance=self.provenance)

    def with_display(self, display: str | Shown) -> Lut:
        """Raise LatticeError: what a LUT shows is inside it."""
        raise LatticeError(f"{self.name}: a LUT file shows its own display, so it cannot be shown on another")


def taking(lut: ProcessList, takes: str) -> ProcessList:
    """Return a list that takes linear light where the given one takes codes.

    takes: the input of these codes: "LogC3", or "LogC3/Rec.709" for a curve over other primaries. Raises LatticeError
    for an unknown one, for an input whose codes cannot be made of light here, and if the list says that it takes
    anything else.
    """
    space, primaries = spaces(takes)
    asked = f"{space.name} codes, {primaries} primaries"
    told = lut.provenance.get("takes", f"linear {lut.provenance['input']}" if "input" in lut.provenance else asked)
    if "input" in lut.provenance or told != asked:
        raise LatticeError(f"takes: the file says that it takes {told}, got {takes!r:.40}")
    facts = {**lut.provenance, "input": primaries, "takes": f"linear light, {primaries} primaries"}
    if not space.is_encoded:
        return replace(lut, provenance=facts)
    held = held_halves()
    with np.errstate(invalid="ignore", divide="ignore"):  # of light below a curve that begins above it
        codes = space.encode(held)
    known = np.isfinite(codes)
    codes = np.where(known, codes, codes[known][np.argmin(held[known])])
    entries = np.repeat(codes.astype(np.float32)[:, None], 3, axis=1)
    return replace(lut, nodes=(Lut1D(entries, half_domain=True), *lut.nodes), provenance=facts)


def giving(lut: ProcessList, display: str) -> ProcessList:
    """Return a list that says that it gives codes of this display. Raises LatticeError for an unknown one, and if the
    list says that it gives another's."""
    facts = displays.output_facts(displays.find(display).shown)
    if (told := lut.provenance.get("output", facts["output"])) != facts["output"]:
        raise LatticeError(f"gives: the file says that it gives codes for {told}, got {display!r:.40}")
    return replace(lut, provenance={**lut.provenance, **facts})


def _about(node: Node) -> str:
    kind = type(node).__name__
    if isinstance(node, InverseLut1D | InverseLut3D):
        return f"inverse of {_about(node.lut)}"
    if isinstance(node, Lut3D):
        return f"{kind} {node.size}^3 {node.interpolation}"
    if isinstance(node, Lut1D):
        domain = "every half" if node.half_domain else f"over {node.first.min():g} to {node.last.max():g}"
        return f"{kind} {len(node.entries):,} entries, {domain}"
    if isinstance(node, Knots):
        return f"curves through {max(map(len, node.x)):,} points, {min(x[0] for x in node.x):g} to " + (
            f"{max(x[-1] for x in node.x):g}"
        )
    return f"{kind} {node.style}" if isinstance(node, Log | Exponent) else kind
