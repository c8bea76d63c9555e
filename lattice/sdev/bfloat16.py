"""Pictures of bfloat16, the upper half of a float32: widened exactly, graded in float32, rounded once."""

from __future__ import annotations

import numpy as np

from lattice.sdev.engines import Run
from lattice.types import Interpolation, Pixels

ROWS = 32  # widened together: of a 4K picture 1.5 MB, so that a core's cache holds them


def is_bfloat(picture: Pixels) -> bool:
    """Whether its dtype is that of the package ml_dtypes, which need not be imported for it."""
    return picture.dtype.name == "bfloat16"


def widening(run: Run) -> Run:
    """A run for pictures of which the source, the output or both are bfloat16.

    Rounds to the nearest, ties to even, as ml_dtypes does. Where both are bfloat16 alpha keeps its bits, a NaN's too.
    """
    def widened(image: Pixels, out: Pixels, interpolation: Interpolation) -> None:
        for top in range(0, len(image), ROWS):
            rows, target = image[top:top + ROWS], out[top:top + ROWS]
            source = rows.astype(np.float32) if is_bfloat(rows) else rows
            graded = np.empty(target.shape, np.float32) if is_bfloat(target) else target
            run(source, graded, interpolation)
            if graded is target:
                continue
            alpha = rows[..., 3:].copy() if is_bfloat(rows) else graded[..., 3:]
            target[..., :3] = graded[..., :3]
            target[..., 3:] = alpha

    return widened
