"""Time the inverse of premier on a 2K frame, beside OpenColorIO's inverse of its CLF. Checks both before.

OpenColorIO inverts by tetrahedra and takes a small part of the rows, for it is slow; its time is scaled.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import PyOpenColorIO as ocio
from timing import cpu_model, median_seconds

import lattice
from lattice.interp.threads import cores
from lattice.types import INTERPOLATIONS

WIDTH, HEIGHT = 2048, 1080
LOOK = sys.argv[1] if len(sys.argv) > 1 else "premier"
TOLERANCE = 1e-5  # of a code, through apply again
SHARE = 120  # OpenColorIO does one of so many rows
OPTIMIZATIONS = {"lossless": ocio.OPTIMIZATION_LOSSLESS, "default": ocio.OPTIMIZATION_DEFAULT}


def natural() -> Any:
    """Scene light as a picture has it: smooth exposures, soft colors, a few saturated ones, (1080, 2048, 3) float32."""
    random = np.random.default_rng(1)
    stops = np.linspace(-5, 4, WIDTH)[None, :, None] + random.normal(0, 0.3, (HEIGHT, WIDTH, 1))
    return (0.18 * 2.0 ** (stops + random.normal(0, 0.5, (HEIGHT, WIDTH, 3)))).astype(np.float32)


def inverter(sdev: Any, interpolation: str, optimization: Any) -> Any:
    """OpenColorIO's inverse of the SDev's CLF, a function of float32 pixels, in place."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "look.clf"
        sdev.save(path)
        path.write_text(re.sub(r'(<LUT3D [^>]*interpolation=)"\w+"', rf'\1"{interpolation}"', path.read_text()))
        ocio.ClearAllCaches()
        transform = ocio.FileTransform(str(path), direction=ocio.TRANSFORM_DIR_INVERSE)
        processor = ocio.Config.CreateRaw().getProcessor(transform)
    return processor.getOptimizedCPUProcessor(optimization).applyRGB


def check(sdev: Any, codes: Any, interpolation: str) -> str:
    """Raise SystemExit unless codes come back; return how many have an inverse."""
    scene, found = sdev.inverse(codes, interpolation)
    off = np.abs(sdev.apply(scene, interpolation=interpolation) - codes).max(axis=-1)[found].max()
    if off > TOLERANCE or found.mean() < 0.9:
        raise SystemExit(f"{interpolation}: {off:.1e} off, {found.mean():.3f} found")
    return f"{100 * found.mean():.1f} % found, at most {off:.1e} off"


def main() -> None:
    """Print milliseconds a frame, and megapixels a second."""
    sdev = lattice.load(LOOK)
    uniform = np.random.default_rng(2).uniform(0, 1, (HEIGHT, WIDTH, 3)).astype(np.float32)
    print(f"{LOOK}, {WIDTH}x{HEIGHT} float32, {cpu_model()}, {cores()} cores")
    for interpolation in INTERPOLATIONS:
        codes = sdev.apply(natural(), interpolation=interpolation)
        print(f"{interpolation}: {check(sdev, codes, interpolation)}")
        part = np.ascontiguousarray(codes[::SHARE])
        works = {
            "lattice, all cores": lambda codes=codes, by=interpolation: sdev.inverse(codes, by),
            "lattice, 1 thread": lambda codes=codes, by=interpolation: sdev.inverse(codes, by, threads=1),
            "lattice, every code alike": lambda by=interpolation: sdev.inverse(uniform, by),
        }
        for name, optimization in OPTIMIZATIONS.items():
            apply = inverter(sdev, interpolation, optimization)
            works[f"OpenColorIO {name}, 1 thread"] = lambda apply=apply, part=part: apply(part.copy())
        for name, seconds in median_seconds(works).items():
            whole = seconds * (len(codes) / len(part) if "OpenColorIO" in name else 1)
            print(f"  {name:30} {1000 * whole:9.0f} ms  {codes[..., 0].size / whole / 1e6:7.2f} Mpx/s")
            if "OpenColorIO" in name:
                back = part.copy()
                inverter(sdev, interpolation, OPTIMIZATIONS[name.split()[1].strip(",")])(back)
                off = np.abs(sdev.apply(back, interpolation=interpolation) - part).max(axis=-1)
                inside = ((part > 0) & (part < 1)).all(axis=-1)
                print(f"  {'':30} median {np.median(off[inside]):.1e}, at most {off[inside].max():.1e} of a code off")


if __name__ == "__main__":
    main()
