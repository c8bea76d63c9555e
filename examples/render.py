"""Writes the studio still as an EXR sequence: `python examples/render.py FOLDER [--width 640] [--frames 8]`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
from scene import render_with_depth

# Source: SMPTE ST 2065-4 / ACES S-2014-004, primaries red, green, blue and white as x, y.
ACESCG = (0.713, 0.293, 0.165, 0.830, 0.128, 0.044, 0.32168, 0.33767)
FRAMES_PER_SECOND = Fraction(24)


def write_frame(frame: int, folder: Path, width: int, frames: int) -> Path:
    """Render frame 0 to `frames` - 1 into `folder`/scene.0001.exr onwards: half R, G, B, A and float Z, ZIP."""
    import OpenEXR

    rgba, depth = render_with_depth(width, frame, frames)
    channels = {name: np.ascontiguousarray(rgba[..., index]) for index, name in enumerate("RGBA")}
    header = {
        "compression": OpenEXR.ZIP_COMPRESSION,
        "type": OpenEXR.scanlineimage,
        "chromaticities": ACESCG,
        "framesPerSecond": FRAMES_PER_SECOND,
    }
    path = folder / f"scene.{frame + 1:04d}.exr"
    OpenEXR.File(header, channels | {"Z": depth}).write(str(path))
    return path


def write_sequence(folder: Path, width: int, frames: int, workers: int) -> Iterator[Path]:
    """Every frame of the loop, in order, as each is done; one process a frame, `workers` at a time."""
    folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(partial(write_frame, folder=folder, width=width, frames=frames), range(frames))


def main() -> None:
    """Read the command line and write the sequence."""
    parser = argparse.ArgumentParser(description="Render the studio still as scene-linear half-float EXRs.")
    parser.add_argument("folder", type=Path, help="where scene.0001.exr and the others go")
    parser.add_argument("--width", type=int, default=640, help="pixels; the picture is 16:9 (default 640)")
    parser.add_argument("--frames", type=int, default=8, help="length of the loop (default 8)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (default: one per core)")
    options = parser.parse_args()
    if options.width < 1 or options.frames < 1 or options.workers < 1:
        parser.error("--width, --frames and --workers must be at least 1")
    for path in write_sequence(options.folder, options.width, options.frames, options.workers):
        print(path)


if __name__ == "__main__":
    main()
