"""What the pictures that a user hands over must be, whether they lie in the CPU's memory or on a GPU."""

from __future__ import annotations

import math
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np

from lattice.sdev.bfloat16 import is_bfloat
from lattice.types import LatticeError, Pixels

Image = Pixels
Given = Any  # what a user hands over, and CuPy's arrays, which have no types
OVERLAP_WORK = 10_000  # steps spent on telling whether two odd views overlap; past it they count as overlapping
FLOATS = (np.dtype(np.float16), np.dtype(np.float32))


def is_on_gpu(image: object) -> bool:
    """Whether it is a CuPy array. CuPy is not imported for it."""
    kind = getattr(sys.modules.get("cupy"), "ndarray", None)  # none yet while another thread imports it
    return kind is not None and isinstance(image, kind)


def check_picture(what: str, image: Given) -> None:
    """Raises LatticeError, calling it `what`, where it is no picture that engines take. float64 has become float32."""
    if not isinstance(image, np.ndarray) and not is_on_gpu(image):
        raise LatticeError(f"{what}: expected a NumPy or CuPy array, got {type(image).__name__}")
    if image.ndim != 3 or image.shape[2] not in (3, 4):
        raise LatticeError(f"{what}: expected shape (H, W, 3) or (H, W, 4), got {image.shape}")
    if image.dtype not in FLOATS and (is_on_gpu(image) or not is_bfloat(image)):
        expected = "float16 or float32" if is_on_gpu(image) else "float16, float32, float64 or bfloat16"
        raise LatticeError(f"{what}: expected {expected}, got {image.dtype}")


def as_array(image: Given) -> Image:
    """The plain array of what a user hands over: (..., 3 or 4), lists as float64. Masks are not looked at.

    Raises LatticeError unless it is an array, or a list of numbers, in rows of 3 or 4.
    """
    if isinstance(image, list | tuple):
        try:
            image = np.array(image)
        except ValueError:  # rows of different lengths
            image = np.array(None)
        if image.dtype.kind not in "fiu":
            raise LatticeError("image: expected numbers, rows of 3 or 4, got a list of something else")
        image = image.astype(np.float64)
    if not isinstance(image, np.ndarray):
        raise LatticeError(f"image: expected a NumPy or CuPy array, or a list of colors, got {type(image).__name__}")
    if image.ndim < 1 or image.shape[-1] not in (3, 4):
        raise LatticeError(f"image: expected shape (..., 3) or (..., 4), got {image.shape}")
    return np.asarray(image)


def as_picture(array: Image) -> Image:
    """The (H, W, 3 or 4) picture of a (..., 3 or 4) array: itself where it is one, else a row, a view or a copy.

    float64 becomes float32.
    """
    if array.dtype == np.float64:
        with np.errstate(over="ignore"):
            array = array.astype(np.float32)
    if array.ndim == 3:
        return array
    width = array.shape[-2] if array.ndim > 1 else 1
    return array.reshape(math.prod(array.shape[:-2]), width, array.shape[-1])


def check_out(out: object, image: Image) -> None:
    """Raises LatticeError where `out` cannot take what becomes of a (..., 3 or 4) image that is no picture."""
    if not isinstance(out, np.ndarray):
        raise LatticeError(f"out: expected a NumPy array, got {type(out).__name__}")
    if out.dtype not in (*FLOATS, np.float64) and not is_bfloat(out):
        raise LatticeError(f"out: expected float16, float32, float64 or bfloat16, got {out.dtype}")
    _check_places(image, out)


def empty_like(image: Given) -> Given:
    """A picture of the same shape and dtype in the same place, packed."""
    if not is_on_gpu(image):
        return np.empty(image.shape, image.dtype)
    from lattice.gpu import engine

    return engine.empty_like(image)


def check_pair(image: Given, out: Given) -> None:
    """Raises LatticeError where the picture `out` cannot take what becomes of the picture `image`."""
    check_picture("out", out)
    if is_on_gpu(image) != is_on_gpu(out):
        raise LatticeError(f"out: expected an array where the image is, got {type(out).__module__.partition('.')[0]}'s")
    _check_places(outline(image), outline(out))


def _check_places(image: Image, out: Image) -> None:
    """Raises LatticeError unless every value of the image has a place of its own in `out`, which is apart from it."""
    if out.shape != image.shape:
        raise LatticeError(f"out: expected the image's shape {image.shape}, got {out.shape}")
    if not out.flags.writeable:
        raise LatticeError("out: expected a writable array, got a read-only one")
    axes = [k for k in range(out.ndim) if out.shape[k] > 1]  # along the others a stride means nothing
    if out.size and any(out.strides[k] == 0 for k in axes):
        raise LatticeError("out: expected a place for every pixel, got a broadcast array")
    same = (out.ctypes.data == image.ctypes.data and out.dtype == image.dtype
            and all(out.strides[k] == image.strides[k] for k in axes))
    if not same and _overlap(image, out):
        raise LatticeError("out: expected the image itself or an array apart from it, got one that overlaps it")


def outline(image: Given) -> Given:
    """A NumPy array where a CuPy array stands, to be looked at and never read; a NumPy array as it is."""
    if not is_on_gpu(image):
        return image
    if not image.size:
        return np.empty(image.shape, image.dtype)
    described = {"version": 3, "data": (image.data.ptr, False), "shape": image.shape, "strides": image.strides,
                 "typestr": image.dtype.str}
    return np.asarray(SimpleNamespace(__array_interface__=described))


def _overlap(image: Image, out: Image) -> bool:
    try:
        return np.shares_memory(image, out, max_work=OVERLAP_WORK)  # type: ignore[arg-type]  # its stub lacks bounds
    except np.exceptions.TooHardError:
        return True
