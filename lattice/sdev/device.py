"""The SDev a user holds."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from numbers import Integral
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lattice.files import atomic, clf
from lattice.interp import native, reference
from lattice.interp.threads import cores, in_bands
from lattice.sdev.primaries import chromaticities, convert
from lattice.types import INTERPOLATIONS, Device, Interpolation, LatticeError

Image = NDArray[Any]
Engine = Literal["auto", "native", "numpy"]
ENGINES = ("auto", "native", "numpy")
OVERLAP_WORK = 10_000  # steps spent on telling whether two odd views overlap; past it they count as overlapping
FLOATS = (np.dtype(np.float16), np.dtype(np.float32))


class SDev(Device):
    """A simulation device: makes a monitor show what a projected film print would show. Immutable."""

    @classmethod
    def from_device(cls, device: Device) -> SDev:
        """The SDev of a device's data."""
        return cls(device.name, device.matrix, device.table, device.lattice, device.display, device.provenance)

    def apply(self, image: Image, out: Image | None = None, interpolation: Interpolation | None = None,
              engine: Engine = "auto", threads: int | None = None) -> Image:
        """Grade a picture.

        image: (H, W, 3 or 4) float16 or float32, scene-linear RGB or RGBA in the SDev's input primaries,
            0.18 = mid gray; any strides. Values are taken as they are: divide a premultiplied picture by
            its alpha first. Negatives and NaN (before an input matrix, as 0) take the lattice's start, +inf its end.
        out: where to write, of the image's shape, float16 or float32; may be `image` itself. New by default.
        interpolation: "trilinear" or "tetrahedral"; the one the nodes were fitted for by default.
        engine: "native", compiled; "numpy", which always works; "auto", native where it was compiled. Native gives
            the same bits on every processor, whatever threads, strides and sizes; NumPy's differ in the last ones.
        threads: how many cores work on it at most; all that this process may use by default.
        Returns display code values in [0, 1], of the image's shape and dtype; alpha is copied.
        Raises LatticeError for another shape or dtype, an `out` that only partly overlaps `image`, an engine that is
        not here, or an instruction set, asked for by the environment's LATTICE_NATIVE, that is not.
        """
        method = self.lattice.interpolation if interpolation is None else interpolation
        if not isinstance(method, str) or method not in INTERPOLATIONS:
            raise LatticeError(f"interpolation: expected {' or '.join(INTERPOLATIONS)}, got {interpolation!r}")
        run = self._engine(engine)
        if threads is None:
            threads = cores()
        if not isinstance(threads, Integral) or isinstance(threads, bool) or threads < 1:
            raise LatticeError(f"threads: expected a whole number of at least 1, got {threads!r}")
        _check_picture("image", image)
        if out is None:
            out = np.empty(image.shape, image.dtype)
        _check_out(image, out)
        if image.size:
            in_bands(lambda rows: run(image[rows], out[rows], method), *image.shape[:2], int(threads))
        return out

    def prepare(self, engine: Engine = "auto") -> None:
        """Do now what the first picture would do. Raises LatticeError where `apply` would for any picture."""
        self._engine(engine)

    def _engine(self, name: str) -> Callable[[Image, Image, Interpolation], None]:
        if not isinstance(name, str) or name not in ENGINES:
            raise LatticeError(f"engine: expected {', '.join(ENGINES[:-1])} or {ENGINES[-1]}, got {name!r}")
        absent = native.why_not() is not None and not native.is_asked_for()
        if name == "numpy" or (name == "auto" and (absent or not native.takes(self))):
            return partial(reference.apply, self)
        if not native.takes(self):
            raise LatticeError(f"engine: native takes lattices up to {native.MOST_NODES}^3, got {self.lattice.size}^3")
        return native.runner(self)

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
        if Path(path).suffix.lower() != ".clf":
            raise LatticeError(f"{path}: expected a name ending in .clf")
        atomic.replace(Path(path), [clf.to_xml(self).encode()], verify=clf.read)


def engine_facts() -> tuple[str, ...]:
    """Lines that say which engines run here and why. Raises LatticeError where LATTICE_NATIVE asks for what is not."""
    reason = native.why_not()
    if reason is not None and not native.is_asked_for():
        return (f"numpy      in use, native is not here: {reason}", f"threads    {cores()}")
    used = native.in_use()
    why = f"asked for by {native.FORCE}" if os.environ.get(native.FORCE) else "the fastest of this processor"
    sets = [f"  {name:8} " + (f"in use, {why}" if name == used else "runs here" if here else "this processor lacks it")
            for name, here in native.instruction_sets().items()]
    return ("native     in use", *sets, "numpy      the definition; runs everywhere", f"threads    {cores()}")


def _check_picture(what: str, image: Any) -> None:
    if not isinstance(image, np.ndarray):
        raise LatticeError(f"{what}: expected a NumPy array, got {type(image).__name__}")
    if image.ndim != 3 or image.shape[2] not in (3, 4):
        raise LatticeError(f"{what}: expected shape (H, W, 3) or (H, W, 4), got {image.shape}")
    if image.dtype not in FLOATS:
        raise LatticeError(f"{what}: expected float16 or float32, got {image.dtype}")


def _overlap(image: Image, out: Image) -> bool:
    try:
        return np.shares_memory(image, out, max_work=OVERLAP_WORK)  # type: ignore[arg-type]  # its stub lacks bounds
    except np.exceptions.TooHardError:
        return True


def _check_out(image: Image, out: Any) -> None:
    _check_picture("out", out)
    if out.shape != image.shape:
        raise LatticeError(f"out: expected the image's shape {image.shape}, got {out.shape}")
    if not out.flags.writeable:
        raise LatticeError("out: expected a writable array, got a read-only one")
    axes = [k for k in range(3) if out.shape[k] > 1]  # along the others a stride means nothing
    if out.size and any(out.strides[k] == 0 for k in axes):
        raise LatticeError("out: expected a place for every pixel, got a broadcast array")
    same = (out.ctypes.data == image.ctypes.data and out.dtype == image.dtype
            and all(out.strides[k] == image.strides[k] for k in axes))
    if not same and _overlap(image, out):
        raise LatticeError("out: expected the image itself or an array apart from it, got one that overlaps it")
