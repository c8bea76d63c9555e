"""LUT files of others beside OpenColorIO, in one run: `python bench/luts.py`, or `--quick` on a small frame.

Each file is loaded by both, its pixels are compared, then all works take turns. Writes bench/RESULTS-LUTS.md (with
`--quick` it only prints).
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import PyOpenColorIO as ocio
from report import table
from timing import ROUNDS, cpu_model, median_seconds
from work import PICTURES, encoded_picture

import lattice
from lattice.export.bake import CURVE, bake, of_profile
from lattice.export.recipe import choose
from lattice.export.write import names, write
from lattice.files.luts import register
from lattice.interp import native
from lattice.sdev import AnySDev, SDev

RESULTS = Path(__file__).with_name("RESULTS-LUTS.md")
FRAME, QUICK_FRAME = (2160, 4096), (96, 1024)  # rows, columns
LOOK = "premier"
FILES = {  # suffix, host, input, size
    "33^3 .cube": (".cube", "ffmpeg", None, 33),
    "65^3 .cube": (".cube", "ffmpeg", None, 65),
    "16,384 entries before 33^3, .cube": (".cube", None, None, 33),
}
DEPTHS = {np.dtype(np.float16): ocio.BIT_DEPTH_F16, np.dtype(np.float32): ocio.BIT_DEPTH_F32}
# Of full scale: float32's own rounding, steeper where a shaper comes first; half a step of a half near 1 more.
NEAR = {np.dtype(np.float32): 5e-5, np.dtype(np.float16): 5e-5 + 2.0**-11}
OURS, THEIRS = "lattice", "OpenColorIO"


def made(folder: Path) -> dict[str, Path]:
    """A .cube file of each kind, of one look."""
    profile = lattice.profile(LOOK)
    source, found = of_profile(profile), {}
    for number, (name, (suffix, host, asked, size)) in enumerate(FILES.items()):
        recipe = choose(suffix, host, asked, size, profile.input)
        target = folder / f"{number}{suffix}"
        write(names(target, 1), bake(source, recipe), overwrite=False)
        found[name] = target
    return found


def pictures(name: str, frame: tuple[int, int], dtype: Any) -> Iterator[tuple[str, Any]]:
    """Codes of 0 to 1; before a shaper the light that these are codes of."""
    for kind in PICTURES:
        codes = encoded_picture(kind, *frame)
        if "before" in name:
            codes[..., :3] = CURVE.decode(codes[..., :3])
        yield kind, codes.astype(dtype)


def processor(path: Path, dtype: Any) -> Any:
    """OpenColorIO's CPU processor of a file, tetrahedral, with its default optimization."""
    ocio.ClearAllCaches()
    transform = ocio.FileTransform(str(path), interpolation=ocio.INTERP_TETRAHEDRAL)
    depth = DEPTHS[np.dtype(dtype)]
    return (
        ocio.Config.CreateRaw()
        .getProcessor(transform)
        .getOptimizedCPUProcessor(depth, depth, ocio.OPTIMIZATION_DEFAULT)
    )


def through(cpu: Any, image: Any, out: Any) -> Callable[[], object]:
    """A call that applies an OpenColorIO processor from one array to another, on one thread."""

    def described(array: Any) -> Any:
        height, width, channels = array.shape
        row, column, channel = array.strides
        return ocio.PackedImageDesc(array, width, height, channels, DEPTHS[array.dtype], channel, column, row)

    source, target = described(image), described(out)
    return lambda: cpu.apply(source, target)


def checked(what: str, ours: Any, theirs: Any) -> float:
    """The largest difference of codes held to 0..1; ends the program where it is more than rounding."""
    worst = float(np.abs(np.clip(ours, 0, 1).astype(np.float64) - np.clip(theirs, 0, 1).astype(np.float64)).max())
    if not worst <= NEAR[ours.dtype]:
        sys.exit(f"{what}: differs from OpenColorIO by {worst:.2g}, expected {NEAR[ours.dtype]:.2g} at most")
    return worst


def applied(name: str, loaded: AnySDev, path: Path, frame: tuple[int, int]) -> Iterator[list[str]]:
    """Rows of the table of speeds: each dtype and picture."""
    kind = "one pass" if isinstance(loaded, SDev) else "node by node"
    for dtype in (np.float32, np.float16):
        cpu = processor(path, dtype)
        for picture, image in pictures(name, frame, dtype):
            mine, other = np.empty_like(image), np.empty_like(image)
            works = {
                OURS: lambda image=image, mine=mine: loaded.apply(image, out=mine, threads=1),
                THEIRS: through(cpu, image, other),
            }
            for work in works.values():
                work()
            worst = checked(f"{name}, {picture}", mine[..., :3], other[..., :3])
            seconds = median_seconds(works)
            rate = {each: image[..., 0].size / spent / 1e6 for each, spent in seconds.items()}
            ratio = seconds[THEIRS] / seconds[OURS]
            rates = [f"{rate[OURS]:.0f}", f"{rate[THEIRS]:.0f}", f"{ratio:.2f}"]
            yield [name, kind, np.dtype(dtype).name, picture, *rates, f"{worst:.1e}"]


def loading(name: str, path: Path) -> list[str]:
    """A row of the table of loads: medians of a read of the file, and of OpenColorIO's without its cache."""

    def theirs() -> None:
        processor(path, np.float32)

    seconds = {}
    for each, read in ((OURS, lambda: register.read(path)), (THEIRS, theirs)):
        times = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            read()
            times.append(time.perf_counter() - start)
        seconds[each] = statistics.median(times)
    return [name, f"{path.stat().st_size / 1e6:.1f}", f"{seconds[OURS]:.2f}", f"{seconds[THEIRS]:.2f}"]


def report(frame: tuple[int, int]) -> Iterator[str]:
    """The parts of the report."""
    yield (
        f"# LUT files beside OpenColorIO\n\n{cpu_model()}, one thread. OpenColorIO {ocio.GetVersion()}, its default "
        f"optimization. One {frame[1]}x{frame[0]} RGBA frame, from an array to another that is there; medians of "
        f"{ROUNDS} rounds in turn, after the pixels of both were compared. The files are `lattice build {LOOK}`'s; "
        f"engine: {native.in_use()}."
    )
    with tempfile.TemporaryDirectory() as folder:
        paths = made(Path(folder))
        rows = [row for name, path in paths.items() for row in applied(name, lattice.load(path), path, frame)]
        head = ["file", "engine", "pixels", "picture", "lattice, Mpixel/s", "OpenColorIO", "ratio", "difference"]
        yield table(head, rows)
        yield table(["file", "MB", "lattice reads, s", "OpenColorIO, s"], [loading(*each) for each in paths.items()])


def main() -> None:
    """Check, time, print, and keep what was printed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small frame, and nothing is written")
    quick = parser.parse_args().quick
    parts = []
    for part in report(QUICK_FRAME if quick else FRAME):
        parts.append(part)
        print(part, end="\n\n", flush=True)
    if not quick:
        RESULTS.write_text("\n\n".join(parts) + "\n")


if __name__ == "__main__":
    main()
