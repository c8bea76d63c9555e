"""Which shipped look a match is best begun with."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from lattice.looks import load_profile, profile_names
from lattice.match.freedoms import freedoms
from lattice.match.reference import Reference
from lattice.match.solve import solve

MOST = 200  # colors that are compared
LEFT_OUT = ("scan",)  # chains of looks that are for scans of a negative


def nearest(reference: Reference, told: Callable[[str], None] = lambda name: None) -> Mapping[str, float]:
    """Return the shipped looks by how near they are with their lights matched, the nearest first: CIEDE2000, median.

    reference: what a match aims at. told: called with the name of each look before it is tried.
    """
    rows = np.arange(0, len(reference.light), max(1, len(reference.light) // MOST))
    some = reference.some(np.union1d(rows, np.flatnonzero(reference.grays)[:MOST]))
    found = {}
    for name in profile_names():
        look = load_profile(name)
        if look.chain not in LEFT_OUT:
            told(name)
            found[name] = float(np.median(solve(look, freedoms(look, ["lights"]), some).missed))
    return dict(sorted(found.items(), key=lambda each: each[1]))
