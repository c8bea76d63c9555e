"""The picture that other programs are compared on, and what differences are told in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lattice.files.luts import register
from lattice.interp import process
from lattice.types import MID_GRAY, Interpolation

SIDE = 256
STEPS = 255  # differences are told in steps of 1/255
TINTS = (
    *((1, 0.02, 0.02), (0.02, 1, 0.02), (0.02, 0.02, 1), (1, 1, 0.02)),
    *((1, 0.02, 1), (0.02, 1, 1), (1, 0.3, 0.05), (0.1, 0.4, 1)),
)


def scene() -> Any:
    """Scene light (256, 256, 3) float32 of values that halves hold: grays of -8 to 8 stops, ramps of saturated colors,
    random natural ones."""
    random, picture = np.random.default_rng(3), np.empty((SIDE, SIDE, 3))
    picture[:32] = (MID_GRAY * 2.0 ** np.linspace(-8, 8, SIDE))[:, None]
    ramp = MID_GRAY * 2.0 ** np.linspace(-7, 6, SIDE)
    picture[32:96] = np.repeat(ramp[None, :, None] * np.array(TINTS)[:, None], 8, axis=0)
    stops = random.normal(-1, 2.2, (160, SIDE, 1)) + random.normal(0, 0.8, (160, SIDE, 3))
    picture[96:] = MID_GRAY * 2.0**stops
    return picture.astype(np.float16).astype(np.float32)


def read(path: Path) -> Any:
    """A picture's color as codes (256, 256, 3) float64."""
    import OpenImageIO as oiio

    return oiio.ImageBuf(str(path)).get_pixels(oiio.FLOAT)[..., :3].astype(np.float64)


def through(files: Sequence[Path], picture: Any, interpolation: Interpolation = "tetrahedral") -> Any:
    """What our own reading of LUT files makes of a picture, one file after the other."""
    planes = np.ascontiguousarray(picture.reshape(-1, 3).T, np.float64)
    for path in files:
        planes = process.run(register.read(path).with_interpolation(interpolation).nodes, planes)
    return planes.T.reshape(picture.shape)


def apart(shown: Any, expected: Any) -> tuple[float, float]:
    """The largest and the mean difference of codes held to [0, 1], in steps of 1/255."""
    steps = STEPS * np.abs(np.clip(shown, 0, 1) - np.clip(expected, 0, 1))
    return float(steps.max()), float(steps.mean())
