"""Images in bfloat16, the upper half of a float32: widened exactly, graded in float32, rounded once."""

from __future__ import annotations

import numpy as np

from lattice.sdev.engines import Run
from lattice.types import Interpolation, Pixels

ROWS = 32  # rows widened at a time: 1.5 MB of a 4K image, which fits a core's cache


def is_bfloat(picture: Pixels) -> bool:
    """True if the dtype is bfloat16 of the package ml_dtypes, which is not imported for it."""
    return picture.dtype.name == "bfloat16"


def widening(run: Run) -> Run:
    """Return a run for images whose input, output or both are bfloat16.

    Rounds to nearest, ties to even, as ml_dtypes does. If both are bfloat16, alpha keeps its bits, also those of a NaN.
    """

    def widened(image: Pixels, out: Pixels, interpolation: Interpolation) -> None:
        for top in range(0, len(image), ROWS):
            rows, target = image[top : top + ROWS], out[top : top + ROWS]
            source = rows.astype(np.float32) if is_bfloat(rows) else rows
            graded = np.empty(target.shape, np.float32) if is_bfloat(target) else target
            run(source, graded, interpolation)
            if graded is target:
                continue
            alpha = rows[..., 3:].copy() if is_bfloat(rows) else graded[..., 3:]
            target[..., :3] = graded[..., :3]
            target[..., 3:] = alpha

    return widened
