"""The inverse of an SDev: from the code values that a look shows back to the scene light of its input."""

from __future__ import annotations

import math
from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lattice.color.inputs import InputSpace
from lattice.interp.inverse import inverse_of
from lattice.interp.threads import BAND, cores, in_bands
from lattice.sdev.arrays import FLOATS, Image, as_array, is_on_gpu
from lattice.sdev.bfloat16 import is_bfloat
from lattice.types import HALF_MAX, INTERPOLATIONS, Interpolation, LatticeError, SDevData


def inverse(
    device: SDevData,
    taken: InputSpace | None,
    codes: ArrayLike,
    interpolation: Interpolation | None,
    threads: int | None,
) -> tuple[Image, NDArray[np.bool_]]:
    """Return the scene pixels that an SDev shows as codes, and which of the codes it shows: see `SDev.inverse`.

    taken: the input whose codes the SDev takes; None if it takes linear light.
    """
    given, method, many = _checked_codes(codes), _checked_method(device, interpolation), _checked_threads(threads)
    if taken is not None:
        taken.encode(np.zeros((1, 3)))  # raises what it cannot
    back = inverse_of(device, method)
    width = given.shape[-2] if given.ndim > 1 else 1
    picture = given.reshape(math.prod(given.shape[:-2]), width, given.shape[-1])
    scene, found = np.empty_like(picture, subok=False), np.empty(picture.shape[:2], np.bool_)

    step = max(1, BAND // max(width, 1))  # rows in float64 at a time: their memory does not grow with the picture

    def invert(rows: slice) -> None:
        for first in range(rows.start, rows.stop, step):
            part = slice(first, min(first + step, rows.stop))
            band = picture[part]
            light, is_here = back(np.ascontiguousarray(band[..., :3].reshape(-1, 3).T, dtype=np.float64))
            scene[part, :, :3] = _pixels(light, taken, scene.dtype).reshape(*band.shape[:2], 3)
            scene[part, :, 3:] = band[..., 3:]
            found[part] = is_here.reshape(band.shape[:2])

    if given.size:
        in_bands(invert, *picture.shape[:2], many)
    return scene.reshape(given.shape), found.reshape(given.shape[:-1])


def _pixels(light: Image, taken: InputSpace | None, dtype: np.dtype[np.generic]) -> Image:
    """Return pixels (n, 3) of light (3, n) float64: rounded once, within a half's range in halves."""
    pixels = light.T if taken is None else taken.encode(light.T)
    return (np.clip(pixels, -HALF_MAX, HALF_MAX) if dtype == np.float16 else pixels).astype(dtype)


def _checked_codes(codes: ArrayLike) -> Image:
    if is_on_gpu(codes):
        raise LatticeError("codes: expected a NumPy array, got a CuPy array: codes.get() copies it")
    given = as_array(codes)
    if given.dtype not in (*FLOATS, np.float64) and not is_bfloat(given):
        raise LatticeError(
            f"codes: expected float16, float32, float64 or bfloat16, 0 to 1 = all codes, got {given.dtype}"
        )
    return given


def _checked_method(device: SDevData, interpolation: Interpolation | None) -> Interpolation:
    method = device.lattice.interpolation if interpolation is None else interpolation
    if not isinstance(method, str) or method not in INTERPOLATIONS:
        raise LatticeError(f"interpolation: expected {' or '.join(INTERPOLATIONS)}, got {interpolation!r}")
    return method


def _checked_threads(threads: int | None) -> int:
    if threads is None:
        return cores()
    if not isinstance(threads, Integral) or isinstance(threads, bool) or threads < 1:
        raise LatticeError(f"threads: expected a whole number of at least 1, got {threads!r}")
    return int(threads)
