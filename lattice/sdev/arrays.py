"""Check and convert the images that a user passes, in CPU memory or on a GPU.

A picture here is an image of shape (H, W, 3) or (H, W, 4).
"""

from __future__ import annotations

import math
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np

from lattice.sdev.bfloat16 import is_bfloat
from lattice.types import LatticeError, Pixels

Image = Pixels
Given = Any  # a user's argument, or a CuPy array; CuPy has no type hints
OVERLAP_WORK = 10_000  # steps to decide whether two odd views overlap; after that they count as overlapping
FLOATS = (np.dtype(np.float16), np.dtype(np.float32))


def is_on_gpu(image: object) -> bool:
    """True if `image` is a CuPy array. Does not import CuPy."""
    kind = getattr(sys.modules.get("cupy"), "ndarray", None)  # missing while another thread imports CuPy
    return kind is not None and isinstance(image, kind)


def check_picture(what: str, image: Given) -> None:
    """Raise LatticeError, with the name `what`, unless `image` is a picture that the engines accept.

    Accepted: a NumPy array of float16, float32 or bfloat16, or a CuPy array of float16 or float32. float64 is converted
    before, by `as_picture`.
    """
    if not isinstance(image, np.ndarray) and not is_on_gpu(image):
        raise LatticeError(f"{what}: expected a NumPy or CuPy array, got {type(image).__name__}")
    if image.ndim != 3 or image.shape[2] not in (3, 4):
        raise LatticeError(f"{what}: expected shape (H, W, 3) or (H, W, 4), got {image.shape}")
    if image.dtype not in FLOATS and (is_on_gpu(image) or not is_bfloat(image)):
        expected = "float16 or float32" if is_on_gpu(image) else "float16, float32, float64 or bfloat16"
        raise LatticeError(f"{what}: expected {expected}, got {image.dtype}")


def as_array(image: Given) -> Image:
    """Return a user's image as a plain array (..., 3 or 4); lists become float64. Masks are ignored.

    Raises LatticeError unless it is a NumPy array, or a list of numbers, in rows of 3 or 4.
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
    """Return an array (..., 3 or 4) as a picture: itself if it has 3 axes, else reshaped, as a view or a copy.

    float64 becomes float32; values beyond its range become infinite.
    """
    if array.dtype == np.float64:
        with np.errstate(over="ignore"):
            array = array.astype(np.float32)
    if array.ndim == 3:
        return array
    width = array.shape[-2] if array.ndim > 1 else 1
    return array.reshape(math.prod(array.shape[:-2]), width, array.shape[-1])


def check_out(out: object, image: Image) -> None:
    """Raise LatticeError if `out` cannot take the result of an image (..., 3 or 4) that is graded through a temporary.

    It must be a NumPy array of float16, float32, float64 or bfloat16, and pass `_check_places`.
    """
    if not isinstance(out, np.ndarray):
        raise LatticeError(f"out: expected a NumPy array, got {type(out).__name__}")
    if out.dtype not in (*FLOATS, np.float64) and not is_bfloat(out):
        raise LatticeError(f"out: expected float16, float32, float64 or bfloat16, got {out.dtype}")
    _check_places(image, out)


def empty_like(image: Given) -> Given:
    """Return a new packed picture of the same shape, dtype and memory. Raises LatticeError if the GPU is full."""
    if not is_on_gpu(image):
        return np.empty(image.shape, image.dtype)
    from lattice.gpu import engine

    return engine.empty_like(image)


def check_pair(image: Given, out: Given) -> None:
    """Raise LatticeError if `out` cannot take the result of the picture `image`: as `check_picture` and `_check_places`
    do, or if one is on the CPU and the other on a GPU."""
    check_picture("out", out)
    if is_on_gpu(image) != is_on_gpu(out):
        raise LatticeError(f"out: expected an array where the image is, got {type(out).__module__.partition('.')[0]}'s")
    _check_places(outline(image), outline(out))


def _check_places(image: Image, out: Image) -> None:
    """Raise LatticeError unless `out` has the image's shape, is writable, has a place for every value, and is the image
    itself or does not overlap it."""
    if out.shape != image.shape:
        raise LatticeError(f"out: expected the image's shape {image.shape}, got {out.shape}")
    if not out.flags.writeable:
        raise LatticeError("out: expected a writable array, got a read-only one")
    axes = [k for k in range(out.ndim) if out.shape[k] > 1]  # the stride of an axis of length 1 has no meaning
    if out.size and any(out.strides[k] == 0 for k in axes):
        raise LatticeError("out: expected a place for every pixel, got a broadcast array")
    same = (
        out.ctypes.data == image.ctypes.data
        and out.dtype == image.dtype
        and all(out.strides[k] == image.strides[k] for k in axes)
    )
    if not same and _overlap(image, out):
        raise LatticeError("out: expected the image itself or an array apart from it, got one that overlaps it")


def outline(image: Given) -> Given:
    """Return a NumPy array with the address and strides of a CuPy array, for checks only, never to be read.

    A NumPy array is returned as it is.
    """
    if not is_on_gpu(image):
        return image
    if not image.size:
        return np.empty(image.shape, image.dtype)
    described = {
        "version": 3,
        "data": (image.data.ptr, False),
        "shape": image.shape,
        "strides": image.strides,
        "typestr": image.dtype.str,
    }
    return np.asarray(SimpleNamespace(__array_interface__=described))


def _overlap(image: Image, out: Image) -> bool:
    try:
        return np.shares_memory(image, out, max_work=OVERLAP_WORK)  # type: ignore[arg-type]  # its stub lacks bounds
    except np.exceptions.TooHardError:
        return True
