"""The frames of the regrade's benchmark: `python bench/regrade_frames.py FOLDER COUNT ROWS COLUMNS CODEC`.

A plate: soft shapes over 16 stops with grain of 2 % in every pixel, half R, G, B, moving from frame to frame.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
from scipy.ndimage import gaussian_filter, zoom

from lattice.types import MID_GRAY

COARSE = 80  # pixels between the points that shapes are made of
STOPS, COLOR_STOPS, GRAIN = 4.0, 1.0, 0.02


def _shapes(random: np.random.Generator, rows: int, columns: int) -> Any:
    points = gaussian_filter(random.normal(0, 1, (rows // COARSE + 2, columns // COARSE + 2)), 1.2)
    return zoom(points, COARSE, order=1)[:rows, :columns].astype(np.float32)


def main() -> None:
    """Write them, by the OpenEXR package."""
    folder, count, rows, columns, codec = Path(sys.argv[1]), *map(int, sys.argv[2:5]), sys.argv[5]
    random = np.random.default_rng(0)
    light = STOPS * _shapes(random, rows, columns)
    planes = {name: MID_GRAY * 2.0 ** (light + COLOR_STOPS * _shapes(random, rows, columns)) for name in "RGB"}
    grain = {name: 1 + GRAIN * random.normal(0, 1, (rows, columns)).astype(np.float32) for name in "RGB"}
    header = {"type": OpenEXR.scanlineimage, "compression": getattr(OpenEXR, f"{codec}_COMPRESSION")}
    for frame in range(1, count + 1):
        channels = {
            name: np.ascontiguousarray(
                (np.roll(planes[name], 13 * frame, 1) * np.roll(grain[name], 17 * frame, 0)).astype(np.float16)
            )
            for name in "RGB"
        }
        OpenEXR.File(dict(header), channels).write(str(folder / f"s.{frame:04d}.exr"))


if __name__ == "__main__":
    main()
