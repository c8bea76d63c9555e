"""The NumPy engine beside its peers, one thread each, in one run: `python bench/numpy_engine.py`.

Checks every result first, then times interleaved and prints medians: a whole SDev (table, lattice, display)
through our NumPy engine, colour-science's LUT3D on the lattice alone, and OpenColorIO running our CLF. Then how
long it takes to build an SDev, to sample its nodes, and to load one that was built before.
"""

from __future__ import annotations

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import colour
import numpy as np
import PyOpenColorIO as ocio

import lattice
from lattice.build import make_chain
from lattice.build.device import build_device
from lattice.build.fit import sample_nodes
from lattice.build.shaper import make_shaper
from lattice.interp import reference

HEIGHT, WIDTH, ROUNDS = 540, 4096, 7
PEER_BLOCK = 4096  # colors at a time, at which colour-science is quickest
PEER_TOLERANCE = 2e-5  # of full scale: OpenColorIO computes in float32 too
METHODS = {"trilinear": colour.algebra.table_interpolation_trilinear,
           "tetrahedral": colour.algebra.table_interpolation_tetrahedral}


def cpu_model() -> str:
    """What the processor calls itself."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())


def median_seconds(works: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Median seconds of each work, run in turn so that all see the same machine."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in seconds.items()}


def open_color_io(path: Path, flags: ocio.OptimizationFlags) -> ocio.CPUProcessor:
    """OpenColorIO's processor for a CLF."""
    ocio.ClearAllCaches()
    processor = ocio.Config.CreateRaw().getProcessor(ocio.FileTransform(str(path)))
    return processor.getOptimizedCPUProcessor(ocio.BIT_DEPTH_F32, ocio.BIT_DEPTH_F32, flags)


def apply_bench(method: str) -> None:
    """Megapixels a second of one interpolation, results checked against float64 and OpenColorIO."""
    sdev = lattice.load("vision")
    random = np.random.default_rng(1)
    image = (0.18 * 2.0 ** random.normal(0, 2.5, (HEIGHT, WIDTH, 3))).astype(np.float16)
    single = image.astype(np.float32)
    parts = random.random((HEIGHT * WIDTH // PEER_BLOCK, PEER_BLOCK, 3))
    nodes, out = sdev.lattice.nodes.astype(np.float64), np.empty_like(single)
    exact = np.empty((8, WIDTH, 3))
    reference.apply(sdev, image[:8], exact, method, np.float64)
    with tempfile.TemporaryDirectory() as folder:
        sdev.save(Path(folder) / "bench.clf")
        text = (Path(folder) / "bench.clf").read_text()
        (Path(folder) / "asked.clf").write_text(text.replace('"trilinear"', f'"{method}"'))
        peer = open_color_io(Path(folder) / "asked.clf", ocio.OPTIMIZATION_LOSSLESS)
        quick = open_color_io(Path(folder) / "asked.clf", ocio.OPTIMIZATION_DEFAULT)
    shown, rough = single.copy(), single.copy()
    peer.applyRGB(shown)
    quick.applyRGB(rough)
    sdev.apply(single, out, method)
    for name, result in (("ours", out), ("OpenColorIO", shown)):
        worst = np.abs(result[:8] - exact).max()
        if worst > PEER_TOLERANCE:
            sys.exit(f"{name}, {method}: off by {worst:.2g}, expected {PEER_TOLERANCE:g} at most")
    works = {"ours, whole SDev, half": lambda: sdev.apply(image, interpolation=method),
             "ours, whole SDev, float32": lambda: sdev.apply(single, out, method),
             "colour-science, lattice alone, float64": lambda: [METHODS[method](part, nodes) for part in parts],
             "OpenColorIO, whole SDev, exact powers": lambda: peer.applyRGB(single.copy()),
             "OpenColorIO, whole SDev, its default": lambda: quick.applyRGB(single.copy())}
    times = median_seconds(works)
    print(f"\n{method}, {WIDTH}x{HEIGHT} RGB, one thread, medians of {ROUNDS}")
    print(f"  OpenColorIO of our CLF against us: {np.abs(shown - out).max():.1e} with exact powers, "
          f"{np.abs(rough - out).max():.1e} by its default")
    for name, seconds in times.items():
        rate = HEIGHT * WIDTH / seconds / 1e6
        ratio = times["colour-science, lattice alone, float64"] / seconds
        print(f"  {name:40} {rate:7.1f} Mpixel/s   {ratio:5.2f} x colour-science")


def build_bench() -> None:
    """Seconds to build an SDev, to sample its nodes, and to load one that was built before."""
    profile = lattice.profile("vision")
    chain = make_chain(profile)
    shaper = make_shaper(profile, chain)
    lattice.load("vision")
    times = median_seconds({"build an SDev, fitted": lambda: build_device(profile),
                            "sample its nodes": lambda: sample_nodes(chain, shaper, profile.size),
                            "load it the second time": lambda: lattice.load("vision")})
    print(f"\nbuilding, medians of {ROUNDS}")
    for name, seconds in times.items():
        print(f"  {name:40} {seconds * 1000:9.1f} ms")


def main() -> None:
    """Print everything."""
    print(f"{cpu_model()}; NumPy {np.__version__}, colour-science {colour.__version__}, "
          f"OpenColorIO {ocio.GetVersion()}")
    for method in METHODS:
        apply_bench(method)
    build_bench()


if __name__ == "__main__":
    main()
