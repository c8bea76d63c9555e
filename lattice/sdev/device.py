"""The SDev a user holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from numbers import Integral
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from lattice.color.primaries import chromaticities, convert
from lattice.files import clf
from lattice.files.storage import atomic
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
from lattice.sdev.engines import Engine, arithmetic, check_engine, runner
from lattice.types import INTERPOLATIONS, Interpolation, LatticeError, SDevData, shortened

LONGEST = 60  # characters of a name or of the spaces in a repr


class SDev(SDevData):
    """A simulation device: makes a monitor show what a projected film print would show. Immutable."""

    @classmethod
    def from_device(cls, device: SDevData) -> SDev:
        """The SDev of a device's data."""
        return cls(device.name, device.matrix, device.table, device.lattice, device.display, device.provenance)

    def __repr__(self) -> str:
        name, spaces = (shortened(text, LONGEST) for text in (self.name, " -> ".join(
            self.provenance.get(end, "unknown") for end in ("input", "output"))))
        kind = f"{self.lattice.size}^3 {self.lattice.interpolation}"
        return f"SDev({name}, {kind}, {spaces[1:-1]}, sha256 {self.sha256[:12]})"

    def _repr_html_(self) -> str:
        """What a notebook shows: the curves of gray, a gray ramp and a color chart."""
        return html_card(self)

    def apply(self, image: ArrayLike, out: Image | None = None, interpolation: Interpolation | None = None,
              engine: Engine = "auto", threads: int | None = None) -> Image:
        """Grade a picture, or any row of colors.

        image: (..., 3 or 4), lists of numbers too; (H, W, 3 or 4) is a picture. float16, float32, float64 (graded as
            float32) or bfloat16 (of ml_dtypes; raw 16-bit words that are the top half of a
            float become it by `words.view(ml_dtypes.bfloat16)`), scene-linear RGB or RGBA in the SDev's input
            primaries, 0.18 = mid gray; any strides. A CuPy array of float16 or float32, whose pixels lie packed in a
            row, is graded where it lies, on the current stream. Values are taken as they are: divide a premultiplied
            picture by its alpha first. Negatives and NaN (before an input matrix, as 0) take the lattice's start,
            +inf its end.
        out: where to write, of the image's shape and any of these types; may be `image` itself. New by default.
        interpolation: "trilinear" or "tetrahedral"; the one the nodes were fitted for by default.
        engine: "native", compiled; "cuda", a GPU, to which a NumPy array is carried and back; "numpy", which always
            works; "auto", the GPU for what lies there, else native where it was compiled. Native and cuda give the
            same bits on every processor, whatever threads, strides and sizes; NumPy's differ in the last ones.
        threads: how many cores work on it at most; all that this process may use by default.
        Returns display code values in [0, 1], of the image's shape, dtype and place; alpha is copied.
        Raises LatticeError for another shape or dtype, an `out` that only partly overlaps `image`, an engine that is
        not here, or an instruction set, asked for by the environment's LATTICE_NATIVE, that is not, a GPU that is full
        or fails.
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
            np.asarray(out)[...] = graded  # whatever a mask hides
        if given.dtype == np.float64:
            with np.errstate(over="ignore"):
                out[..., 3:] = given[..., 3:]
        return out

    def _graded(self, image: Given, out: Image | None, interpolation: Interpolation | None, engine: Engine,
                threads: int | None) -> Image:
        """`apply` for a picture, (H, W, 3 or 4), that engines take as it is."""
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
        if image.size and (engine == "cuda" or is_on_gpu(image)):
            run(image, out, method)
        elif image.size:
            in_bands(lambda rows: run(image[rows], out[rows], method), *image.shape[:2], int(threads))
        return out

    def prepare(self, engine: Engine = "auto") -> None:
        """Do now what the first picture would do. Raises LatticeError where `apply` would for any picture."""
        runner(self, engine)
        if engine == "cuda":
            from lattice.gpu.engine import prepare

            prepare(self)

    def arithmetic(self, engine: Engine = "auto") -> str:
        """"numpy" or "fused": an engine gives the same bits as others that share it."""
        return arithmetic(self, engine)

    def with_input(self, primaries: str | Sequence[float]) -> SDev:
        """The same look for pixels of other primaries.

        primaries: a name such as "ACEScg", or eight numbers, xy of r, g, b, white, as an EXR has them.
        Gray stays gray: whites are adapted to each other by CAT02. Raises LatticeError for unknown ones.
        """
        now = self.provenance.get("input")
        if now is None:
            raise LatticeError(f"{self.name}: its input primaries are not known, so it cannot take others")
        change = convert(primaries, now if now[:1].isalpha() else now.split())
        name = primaries if isinstance(primaries, str) else " ".join(f"{v:g}" for v in chromaticities(primaries))
        if np.array_equal(change, np.eye(3)):
            return self
        return replace(self, matrix=self.matrix @ change, provenance={**self.provenance, "input": name})

    def save(self, path: str | Path) -> None:
        """Write the SDev as a CLF, whole or not at all. Raises LatticeError naming the file."""
        target = Path(atomic.path_text(path))
        if target.suffix.lower() != ".clf":
            raise LatticeError(f"{target}: expected a name ending in .clf")
        atomic.replace(target, [clf.to_xml(self).encode()], verify=clf.read)
