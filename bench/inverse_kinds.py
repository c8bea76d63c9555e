"""Time the inverse of 65^3 LUTs that are clipped, gray, banded or folded beside the identity's, in CPU time.

For each kind: microseconds a value of what the LUT shows, of all codes alike and of its nodes' own values, and how many
times the identity's that is. Checks what is found first. Run it with PYTHONPATH=tests/samples.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np
from basics import grid
from inverse_samples import flat_kinds, thin_kinds, value_at

from lattice.interp.inverse import finder
from lattice.interp.inverse.plan import make_plan

SIZE = 65
LEAST, MOST = 0.2, 2**19  # seconds that are timed, or values
EXACT = 3e-6  # of the values' range, through the lattice again


def asked(nodes: Any, interpolation: Any, count: int) -> dict[str, Any]:
    """Values (3, count) of each kind."""
    random = np.random.default_rng(1)
    return {
        "shown": value_at(nodes, interpolation, random.uniform(0, 1, (3, count))),
        "all codes": random.uniform(0, 1, (3, count)),
        "its nodes": nodes.reshape(-1, 3)[random.integers(0, nodes.size // 3, count)].T.astype(np.float64),
    }


def check(nodes: Any, interpolation: Any, search: Any) -> None:
    """Raise SystemExit unless what is found comes back."""
    for values in asked(nodes, interpolation, 500).values():
        places, found = search(values)
        off = np.abs(value_at(nodes, interpolation, places / (SIZE - 1)) - values)[:, found]
        if off.size and off.max() > EXACT:
            raise SystemExit(f"{off.max():.1e} off")


def microseconds(nodes: Any, interpolation: Any, search: Any) -> dict[str, float]:
    """CPU time a value, of each kind."""
    found = {}
    for name in asked(nodes, interpolation, 1):
        count, seconds = 64, 0.0
        while seconds < LEAST and count < MOST:
            count *= 4
            values = asked(nodes, interpolation, count)[name]
            start = time.process_time()
            search(values)
            seconds = time.process_time() - start
        found[name] = 1e6 * seconds / count
    return found


def main() -> None:
    """Print a line for each kind."""
    for interpolation in sys.argv[1:] or ("tetrahedral", "trilinear"):
        kinds = {"identity": grid(SIZE).astype(np.float32)} | flat_kinds(SIZE) | thin_kinds(SIZE)
        same: dict[str, float] = {}
        print(f"{interpolation}, {SIZE}^3: microseconds of CPU time a value, times the identity's")
        for kind, nodes in kinds.items():
            search = finder(make_plan(nodes, interpolation))
            check(nodes, interpolation, search)
            times = microseconds(nodes, interpolation, search)
            same = same or times
            print(f"  {kind:20} " + "  ".join(f"{name} {t:8.2f} {t / same[name]:7.1f}x" for name, t in times.items()))


if __name__ == "__main__":
    main()
