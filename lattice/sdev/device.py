"""The public class SDev."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lattice.color import displays
from lattice.color.displays import OUTPUT_WHITE, Shown
from lattice.color.gamuts import Adaptation
from lattice.color.inputs import InputSpace, encoded
from lattice.files.storage import atomic
from lattice.files.storage.read import json_object
from lattice.sdev.arrays import Image
from lattice.sdev.asked import CODES, checked_stops, exposed_input, input_change, to_light, told_display
from lattice.sdev.engines import Engine, Run, arithmetic, runner
from lattice.sdev.grader import Grader
from lattice.types import Display, Interpolation, LatticeError, SDevData, shortened

LONGEST = 60  # characters of a name, or of the color spaces, in a repr


class SDev(SDevData, Grader):
    """A simulation device: makes a monitor show what a projected film print would show. Immutable."""

    @classmethod
    def from_device(cls, device: SDevData) -> SDev:
        """Return the SDev of a device's data."""
        return cls(device.name, device.matrix, device.table, device.lattice, device.display, device.provenance)

    def __repr__(self) -> str:
        name, spaces = (
            shortened(text, LONGEST)
            for text in (
                self.name,
                " -> ".join(
                    self.provenance.get(end, "unknown") for end in (CODES if self.codes else "input", "output")
                ),
            )
        )
        kind = f"{self.lattice.size}^3 {self.lattice.interpolation}"
        return f"SDev({name}, {kind}, {spaces[1:-1]}, sha256 {self.sha256[:12]})"

    def _repr_html_(self) -> str:
        """Return HTML for a notebook: the curves of gray, a gray ramp and a color chart."""
        from lattice.sdev.card import html_card

        return html_card(self)

    def runner(self, engine: Engine, on_gpu: bool = False) -> Run:
        """Prepare for an engine once; return the function that grades images, as in `engines.runner`."""
        return runner(self, engine, on_gpu)

    @property
    def interpolation(self) -> Interpolation:
        """The method that the nodes were fitted for."""
        return self.lattice.interpolation

    @property
    def stages(self) -> list[tuple[str, str]]:
        """What it is made of, for people: the name of a stage, and what it is."""
        return [("lattice", f"{self.lattice.size}^3 {self.lattice.interpolation}")]

    def inverse(
        self, codes: ArrayLike, interpolation: Interpolation | None = None, threads: int | None = None
    ) -> tuple[Image, NDArray[np.bool_]]:
        """Return the scene pixels that `apply` shows as these codes, and where there are such pixels.

        codes: (..., 3 or 4) array or nested lists: display code values, 0 to 1; float16, float32, float64 or bfloat16,
            any strides. Codes beyond are held to 0 and 1, NaN counts as 0.
        interpolation: of the `apply` that is inverted; None: the one that the nodes were fitted for. Exact for both.
        threads: as in `apply`; they change no bit.
        Returns pixels that `apply` takes, with the shape and dtype of the codes, computed in float64, alpha copied; and
        found, bool (...). It is False where no pixel, or not one alone, shows as the code: outside of the lattice's
        colors, whose pixel is of the nearest color of its surface, by Euclidean distance between node values (cube
        roots of XYZ in a built look); for a code of 0 or 1 in a channel, to which a display clips; where table or film
        stage hold or are flat, whose pixel is the end nearer to mid gray. Where the lattice folds so that several
        pixels show as the code, the pixel is of the first cell on the search's way, the same in every image; where
        nodes are flat, as a clipped LUT's, it is one at the edge of the flat part. The cells searched are at most some
        thousands.
        Raises LatticeError for another shape, dtype or interpolation, a CuPy array, an SDev that takes ADX, a matrix
        that has no inverse, or a table that falls.
        """
        from lattice.sdev.inverse import inverse

        return inverse(self, self.codes, codes, interpolation, threads)

    @property
    def holds_codes(self) -> bool:
        """True if its nodes hold codes of a display, as a LUT's do, and not light: the display stage does nothing."""
        told = told_display(self.provenance)
        return told is not None and told.gamma != 1 and self.display == Display(1.0, np.eye(3), 1.0)

    @property
    def shown(self) -> Display:
        """The display whose curve its codes have."""
        return (told_display(self.provenance) if self.holds_codes else None) or self.display

    def prepare(self, engine: Engine = "auto") -> None:
        """Do the setup of the first image now; for "cuda" upload and compile.

        Raises LatticeError if `apply` would for every image.
        """
        self.runner(engine)
        if engine == "cuda":
            from lattice.gpu.engine import prepare

            prepare(self)

    def arithmetic(self, engine: Engine = "auto") -> str:
        """Return "numpy" or "fused": engines with the same value give the same bits.

        Raises LatticeError for an unknown engine.
        """
        return arithmetic(self, engine)

    def with_input(self, primaries: str | Sequence[float], adaptation: Adaptation | None = None) -> SDev:
        """Return an SDev with the same look for other pixels.

        primaries: a name that `--input` takes, in any spelling: of linear light, such as "ACEScg", or of codes, such as
        "LogC3", which `apply` then decodes first; or eight numbers as in an EXR, xy of r, g, b, white, of linear light.
        adaptation: of another white, so that gray stays gray: "CAT02" or "Bradford"; None: as `--input` does.
        Raises LatticeError for unknown or impossible primaries, or if this SDev's own are unknown.
        """
        change, told = input_change(self, primaries, adaptation)
        is_same = np.array_equal(change, np.eye(3))
        if is_same and told.get(CODES) == self.provenance.get(CODES):
            return self
        facts = {key: fact for key, fact in self.provenance.items() if key != CODES} | told
        return replace(self, matrix=self.matrix if is_same else self.matrix @ change, provenance=facts)

    def with_exposure(self, stops: float) -> SDev:
        """Return an SDev with the same look for a scene that is so many stops brighter, by its input matrix.

        stops: -20 to 20. Raises LatticeError for any other value, for a print that takes densities, and if what it
        takes is not known to be light.
        """
        stops = checked_stops(stops)
        if stops == 0:
            return self
        exposed_input(self)
        facts = dict(self.provenance)
        with suppress(ValueError):  # of a CLF that somebody edited
            facts["exposure"] = f"{float(facts.get('exposure', '0')) + stops:g}"
        return replace(self, matrix=2.0**stops * self.matrix, provenance=facts)

    def with_display(self, display: str | Shown) -> SDev:
        """Return an SDev that shows the same look on another display: exact, and the nodes stay as they are.

        display: a name that `--display` takes, in any spelling, such as "P3-DCI" or "pq@203", with which a white that
        the look asks for stays; or a display and the white on it.
        Raises LatticeError for an unknown name or anything else, if this SDev's own display is not known, or if its
        nodes hold that display's codes, as a LUT's do.
        """
        if not isinstance(display, str | Shown):
            raise LatticeError(f"display: expected a name, such as 'P3-DCI', got {display!r:.60}")
        try:
            now = displays.display_in(self.provenance)
        except LatticeError as error:
            raise LatticeError(f"{self.name}: {error}") from None
        if now is None:
            raise LatticeError(f"{self.name}: its display is not known, so it cannot be shown on another")
        shown = replace(displays.find(display).shown, white=now[1]) if isinstance(display, str) else display
        if self.holds_codes:
            if displays.output_facts(shown).items() <= self.provenance.items():
                return self
            raise LatticeError(
                f"{self.name}: its nodes hold codes for {self.provenance['output']}, so it cannot be shown on another "
                f"display: {to_light(self)}"
            )
        stage = displays.shown_on(self.display, now, shown)
        facts = {key: fact for key, fact in self.provenance.items() if key != OUTPUT_WHITE}
        facts |= displays.output_facts(shown)
        if look := json_object(facts.get("look")):
            facts["look"] = json.dumps({**look, "display": displays.table_of(shown)}, sort_keys=True)
        return replace(self, display=stage, provenance=facts)

    @cached_property
    def codes(self) -> InputSpace | None:
        """The input whose codes `apply` takes; None if it takes linear light."""
        return encoded(self.provenance.get(CODES))

    @cached_property
    def sha256(self) -> str:
        """Hex digest of all that affects a pixel; equal SDevs have equal digests, whatever file they came from."""
        of_light = super().sha256
        return of_light if self.codes is None else hashlib.sha256(f"{of_light} {self.codes.name}".encode()).hexdigest()

    def save(self, path: str | Path, overwrite: bool = False) -> None:
        """Write the SDev as a CLF, completely or not at all.

        path: ends in .clf. overwrite: replace an existing file; one that holds this very SDev is left as it is.
        Raises LatticeError, with the path, if the name is wrong or taken, or the file cannot be written, and for an
        SDev that takes codes.
        """
        if self.codes is not None:
            raise LatticeError(
                f"{self.name}: a CLF takes linear light, not {self.codes.name}: save "
                f"sdev.with_input({self.codes.primaries!r}), and decode before it"
            )
        from lattice.files import clf

        target = Path(atomic.path_text(path))
        clf.check_new(target, overwrite)
        atomic.write_new(target, clf.to_xml(self).encode(), overwrite, verify=clf.read)
