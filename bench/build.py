"""How long it takes to build an SDev, to sample its nodes, and to load one that was built: `python bench/build.py`."""

from __future__ import annotations

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import colour
import numpy as np
from timing import ROUNDS, cpu_model, median_seconds

import lattice
from lattice.build import make_chain
from lattice.build.device import build_device
from lattice.build.fit import sample_nodes
from lattice.build.shaper import make_shaper

LOOK = "vision"


def main() -> None:
    """Print the medians."""
    profile = lattice.profile(LOOK)
    chain = make_chain(profile)
    shaper = make_shaper(profile, chain)
    lattice.load(LOOK)  # so that the cache holds it
    times = median_seconds(
        {
            "build an SDev, fitted": lambda: build_device(profile),
            "sample its nodes": lambda: sample_nodes(chain, shaper, profile.size),
            "load it the second time": lambda: lattice.load(LOOK),
        }
    )
    print(f"{cpu_model()}; NumPy {np.__version__}, colour-science {colour.__version__}")
    print(f"building {LOOK}, one thread, medians of {ROUNDS}")
    for name, seconds in times.items():
        print(f"  {name:24} {seconds * 1000:9.1f} ms")


if __name__ == "__main__":
    main()
