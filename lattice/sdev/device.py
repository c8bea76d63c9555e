"""The public class SDev."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from numbers import Integral, Real
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from lattice.color import displays
from lattice.color.displays import OUTPUT_WHITE, Shown
from lattice.color.gamuts import Adaptation
from lattice.color.inputs import InputSpace, encoded, find
from lattice.color.primaries import chromaticities, convert
from lattice.files import clf
from lattice.files.storage import atomic
from lattice.files.storage.read import json_object
from lattice.interp.threads import cores, in_bands
from lattice.sdev.arrays import (
    Given,
    Image,
    as_array,
    as_picture,
    check_out,
    check_pair,
    check_picture,
    empty_like,
    is_on_gpu,
)
from lattice.sdev.bfloat16 import is_bfloat, widening
from lattice.sdev.card import html_card
from lattice.sdev.codes import decoding
from lattice.sdev.engines import Engine, arithmetic, check_engine, runner
from lattice.types import INTERPOLATIONS, Interpolation, LatticeError, SDevData, shortened

CODES = "codes"  # the fact of an SDev that takes codes: the input's name
MOST_STOPS = 20  # of an exposure
LONGEST = 60  # characters of a name, or of the color spaces, in a repr


def checked_stops(stops: object) -> float:
    """Return an exposure as a float. Raises LatticeError unless it is a number from -20 to 20."""
    if not isinstance(stops, Real) or isinstance(stops, bool) or not abs(float(stops)) <= MOST_STOPS:
        raise LatticeError(f"exposure: expected stops from {-MOST_STOPS} to {MOST_STOPS}, got {stops!r:.60}")
    return float(stops)


class SDev(SDevData):
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
        return html_card(self)

    def apply(
        self,
        image: ArrayLike,
        out: Image | None = None,
        interpolation: Interpolation | None = None,
        engine: Engine = "auto",
        threads: int | None = None,
    ) -> Image:
        """Grade an image, or any array of colors.

        image: (..., 3 or 4) array or nested lists: scene-linear RGB or RGBA in the SDev's input primaries, 0.18 = mid
            gray, or codes, 0 to 1, of an SDev `with_input` of codes. float16, float32, float64 (graded as float32) or
            bfloat16 of ml_dtypes (for raw 16-bit words that are the upper half of a float use
            `words.view(ml_dtypes.bfloat16)`); any strides. A CuPy array is (H, W, 3 or 4) float16 or float32 of linear
            light with pixels contiguous in a row; it is graded on its GPU, on the current stream.
            Divide a premultiplied image by its alpha first. Negatives and NaN take the lattice's lower end, +inf its
            upper end; with an input matrix NaN counts as 0 before it.
        out: array to write, with the image's shape and any of these dtypes; may be `image` itself. None: a new one.
        interpolation: "trilinear" or "tetrahedral"; None: the one that the nodes were fitted for.
        engine: "native", compiled; "cuda", a GPU, with NumPy arrays copied there and back; "numpy", which always works;
            "auto", the GPU for a CuPy array, else native if it was compiled, else numpy. Native and cuda give the same
            bits on every processor, for any threads, strides and sizes; NumPy's differ in the last bits.
        threads: most CPU cores to use; None: all that this process may use.
        Returns display code values in [0, 1], with the image's shape and dtype, in the same memory; alpha is copied.
        Raises LatticeError for another shape or dtype, an `out` that only partly overlaps `image`, an engine that does
        not run here, an instruction set named by LATTICE_NATIVE that does not, or a GPU that is full or fails.
        """
        if is_on_gpu(image):
            return self._graded(image, out, interpolation, engine, threads)
        given = as_array(image)
        picture = as_picture(given)
        if picture is given and getattr(out, "dtype", None) != np.float64:
            return self._graded(given, out, interpolation, engine, threads)
        if out is not None:
            check_out(out, given)
        graded = self._graded(picture, None, interpolation, engine, threads).reshape(given.shape)
        if out is None:
            out = graded.astype(given.dtype, copy=False)
        else:
            np.asarray(out)[...] = graded  # also what a mask hides
        if given.dtype == np.float64:
            with np.errstate(over="ignore"):
                out[..., 3:] = given[..., 3:]
        return out

    def _graded(
        self, image: Given, out: Image | None, interpolation: Interpolation | None, engine: Engine, threads: int | None
    ) -> Image:
        """Do `apply` for an image (H, W, 3 or 4) that needs no conversion."""
        method = self.lattice.interpolation if interpolation is None else interpolation
        if not isinstance(method, str) or method not in INTERPOLATIONS:
            raise LatticeError(f"interpolation: expected {' or '.join(INTERPOLATIONS)}, got {interpolation!r}")
        check_engine(engine)
        if threads is None:
            threads = cores()
        if not isinstance(threads, Integral) or isinstance(threads, bool) or threads < 1:
            raise LatticeError(f"threads: expected a whole number of at least 1, got {threads!r}")
        run = runner(self, engine, is_on_gpu(image))
        check_picture("image", image)
        if out is None:
            out = empty_like(image)
        check_pair(image, out)
        if is_bfloat(image) or is_bfloat(out):
            run = widening(run)
        if self.codes is not None:
            run = decoding(run, self.codes, is_on_gpu(image))
        if image.size and (engine == "cuda" or is_on_gpu(image)):
            run(image, out, method)
        elif image.size:
            in_bands(lambda rows: run(image[rows], out[rows], method), *image.shape[:2], int(threads))
        return out

    def prepare(self, engine: Engine = "auto") -> None:
        """Do the setup of the first image now; for "cuda" upload and compile.

        Raises LatticeError if `apply` would for every image.
        """
        runner(self, engine)
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
        now = self.provenance.get("input")
        if now is None:
            raise LatticeError(f"{self.name}: its input primaries are not known, so it cannot take others")
        space = find(primaries) if isinstance(primaries, str) else None
        if space is None:
            name = " ".join(f"{v:g}" for v in chromaticities(primaries))
        else:
            name = primaries = space.primaries
            adaptation = adaptation or space.adaptation
        change = convert(primaries, now if now[:1].isalpha() else now.split(), adaptation)
        is_same = np.array_equal(change, np.eye(3))
        codes = {CODES: space.name} if space is not None and space.is_encoded else {}
        if is_same and codes == {key: name for key, name in self.provenance.items() if key == CODES}:
            return self
        facts = {key: fact for key, fact in self.provenance.items() if key != CODES}
        facts |= {"input": now if is_same else name} | codes
        return replace(self, matrix=self.matrix if is_same else self.matrix @ change, provenance=facts)

    def with_exposure(self, stops: float) -> SDev:
        """Return an SDev with the same look for a scene that is so many stops brighter, by its input matrix.

        stops: -20 to 20. Raises LatticeError for any other value.
        """
        stops = checked_stops(stops)
        if stops == 0:
            return self
        facts = dict(self.provenance)
        with suppress(ValueError):  # of a CLF that somebody edited
            facts["exposure"] = f"{float(facts.get('exposure', '0')) + stops:g}"
        return replace(self, matrix=2.0**stops * self.matrix, provenance=facts)

    def with_display(self, display: str | Shown) -> SDev:
        """Return an SDev that shows the same look on another display: exact, and the nodes stay as they are.

        display: a name that `--display` takes, in any spelling, such as "P3-DCI" or "pq@203", with which a white that
        the look asks for stays; or a display and the white on it.
        Raises LatticeError for an unknown name or anything else, or if this SDev's own display is not known.
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
        target = Path(atomic.path_text(path))
        clf.check_new(target, overwrite)
        atomic.write_new(target, clf.to_xml(self).encode(), overwrite, verify=clf.read)
