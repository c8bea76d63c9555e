"""Pictures of half the size: each pixel is the mean of 2x2, so that grain and highlights keep their weight."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lattice.interp import native

Halves = NDArray[np.float16]
HALF_NAN = np.uint16(0x7E00).view(np.float16)


def halved(planes: Halves) -> Halves:
    """Return planes of half the size, by the compiled library if it is here, else by NumPy: the same bits.

    planes: (C, H, W) float16. Returns (C, ceil(H / 2), ceil(W / 2)): at an odd edge the mean of the pixels there are.
    A sum is in float32; NaN spreads, as 0x7E00; infinities of both signs make NaN.
    Raises LatticeError if LATTICE_NATIVE names an instruction set that does not run here.
    """
    if native.unavailable_reason() is not None and not native.is_asked_for():
        return by_numpy(planes)
    planes = np.ascontiguousarray(planes)
    count, height, width = planes.shape
    found = np.empty((count, -(-height // 2), -(-width // 2)), np.float16)
    for plane, out in zip(planes, found, strict=True):
        native.halve(plane, out)
    return found


def by_numpy(planes: Halves) -> Halves:
    """Return what `halved` does: the definition. An edge pixel counts twice, which is the mean without it."""
    height, width = planes.shape[1:]
    even = np.pad(planes, ((0, 0), (0, height % 2), (0, width % 2)), mode="edge").astype(np.float32)
    with np.errstate(invalid="ignore"):
        columns = even[:, ::2] + even[:, 1::2]
        sums = columns[..., ::2] + columns[..., 1::2]
        means = (sums * np.float32(0.25)).astype(np.float16)
    means[np.isnan(means)] = HALF_NAN
    return means
