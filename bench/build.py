"""How long it takes to build an SDev, to sample its nodes, and to load one that was built: `python bench/build.py`."""

from __future__ import annotations

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

from collections.abc import Callable
from unittest.mock import patch

import colour
import numpy as np
from timing import ROUNDS, cpu_model, median_seconds

import lattice
from lattice.build.device import build_device
from lattice.inspect.quality import check

LOOKS = ("premier", "vision-camera")  # a film-out, and light of a scene
DENSE = 25  # nodes a side while a hand moves
AS_GOOD = 1.02  # NumPy's fit, of the native one's error


def by_numpy(work: Callable[[], object]) -> Callable[[], object]:
    """Return the work as it is done where nothing was compiled."""

    def run() -> object:
        with patch("lattice.interp.native.library", lambda: None):
            return work()

    return run


def works(look: str) -> dict[str, Callable[[], object]]:
    """Return what is timed, after a check that both engines fit alike."""
    profile = lattice.profile(look)
    dense = profile.replace(size=DENSE)
    found = {
        "build an SDev, fitted": lambda: build_device(profile),
        "the same, NumPy alone": by_numpy(lambda: build_device(profile)),
        "sampled, 13^3": lambda: build_device(profile, sampled=True),
        f"sampled, {DENSE}^3": lambda: build_device(dense, sampled=True),
        "load it the second time": lambda: lattice.load(look),
    }
    native, other = (check(profile, found[name]()).lattice["natural"].p99 for name in list(found)[:2])
    assert other <= AS_GOOD * native, (native, other)
    return found


def main() -> None:
    """Print the medians."""
    print(f"{cpu_model()}; NumPy {np.__version__}, colour-science {colour.__version__}")
    for look in LOOKS:
        lattice.load(look)  # so that the cache holds it
        print(f"building {look}, one thread, medians of {ROUNDS}")
        for name, seconds in median_seconds(works(look)).items():
            print(f"  {name:24} {seconds * 1000:9.1f} ms")


if __name__ == "__main__":
    main()
