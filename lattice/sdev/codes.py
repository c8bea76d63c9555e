"""Images of codes: decoded to float32 light, graded, rounded once."""

from __future__ import annotations

import numpy as np

from lattice.color.inputs import InputSpace
from lattice.sdev.bfloat16 import is_bfloat
from lattice.sdev.engines import Run
from lattice.types import Interpolation, LatticeError, Pixels

ROWS = 32  # rows decoded at a time


def decoding(run: Run, space: InputSpace, is_on_gpu: bool) -> Run:
    """Return a run for images that hold codes of an input; alpha is copied.

    Raises LatticeError for an image on a GPU, which decodes nothing.
    """
    if is_on_gpu:
        raise LatticeError(
            f"image: expected a NumPy array for codes of {space.name}, got a CuPy array; decode it there, and grade it "
            f"with sdev.with_input({space.primaries!r})"
        )

    def decoded(image: Pixels, out: Pixels, interpolation: Interpolation) -> None:
        for top in range(0, len(image), ROWS):
            rows, target = image[top : top + ROWS], out[top : top + ROWS]
            alpha = rows[..., 3:].copy()
            light = space.light((rows.astype(np.float32) if is_bfloat(rows) else rows)[..., :3])
            graded = np.empty(light.shape, np.float32)
            run(light, graded, interpolation)
            target[..., :3] = graded
            target[..., 3:] = alpha

    return decoded
