"""The base of all that grades an image: checks it, chooses an engine, goes over it in bands of rows."""

from __future__ import annotations

from abc import abstractmethod
from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike

from lattice.color.inputs import InputSpace
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
from lattice.sdev.codes import decoding
from lattice.sdev.engines import Engine, Run, check_engine
from lattice.types import INTERPOLATIONS, Display, Interpolation, LatticeError


class Grader:
    """What an SDev and a Lut have in common."""

    name: str

    @property
    @abstractmethod
    def interpolation(self) -> Interpolation:
        """The method that `apply` uses unless another is asked for."""

    @property
    @abstractmethod
    def codes(self) -> InputSpace | None:
        """The input whose codes `apply` decodes first; None if it decodes none."""

    @property
    @abstractmethod
    def shown(self) -> Display:
        """The curve of the display that its codes are for: a straight line where that is not known."""

    @abstractmethod
    def runner(self, engine: Engine, on_gpu: bool = False) -> Run:
        """Prepare for an engine once; return the function that grades images. on_gpu: True for CuPy arrays.

        Raises LatticeError if the engine is unknown, cannot run here, or cannot grade such images.
        """

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
            Divide a premultiplied image by its alpha first. Through a built look negatives and NaN take the lattice's
            lower end, +inf its upper end, through other tables what `Table` says; with an input matrix NaN counts as 0
            before it.
        out: array to write, with the image's shape and any of these dtypes; may be `image` itself. None: a new one.
        interpolation: "trilinear" or "tetrahedral"; None: the one that the nodes were fitted for.
        engine: "native", compiled; "cuda", a GPU, with NumPy arrays copied there and back; "numpy", which always works;
            "auto", the GPU for a CuPy array, else native if it was compiled, else numpy. Native and cuda give the same
            bits on every processor, for any threads, strides and sizes; NumPy's differ in the last bits.
        threads: most CPU cores to use; None: all that this process may use.
        Returns display code values in [0, 1], of a Lut the numbers that the file gives, with the image's shape and
        dtype, in the same memory; alpha is copied.
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
        method = self.interpolation if interpolation is None else interpolation
        if not isinstance(method, str) or method not in INTERPOLATIONS:
            raise LatticeError(f"interpolation: expected {' or '.join(INTERPOLATIONS)}, got {interpolation!r}")
        check_engine(engine)
        if threads is None:
            threads = cores()
        if not isinstance(threads, Integral) or isinstance(threads, bool) or threads < 1:
            raise LatticeError(f"threads: expected a whole number of at least 1, got {threads!r}")
        run = self.runner(engine, is_on_gpu(image))
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
