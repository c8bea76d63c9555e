"""A match finds a look again from what is seen of it: 24 patches, three exposures, a wedge, 140 colors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from basics import one_line
from match_samples import NOISE, changed, difference, measured, natural, patches, shown

from lattice.build.film import density
from lattice.looks import Profile, load_profile
from lattice.match import Reference, Solution, Wedge, solve
from lattice.match.freedoms import FREEDOMS, LAYERS, freedoms

OTHERS, WEDGE_NOISE = 2000, 0.01
# Mean and 95th percentile of CIEDE2000 on other colors, over a bound of a tenth more than was asked of a match.
BOUNDS = {"24": (0.39, 0.83), "24 at three exposures": (0.17, 0.36), "24 and a wedge": (0.18, 0.36), "140": (0.16, 0.33)}


def wedge_of(look: Profile, seed: int) -> Wedge:
    curves = [getattr(look.print.curves, layer) for layer in LAYERS]
    x = np.linspace(min(c.log_exposure[0] for c in curves), max(c.log_exposure[-1] for c in curves), 21)
    read = np.stack([density(curve, x) for curve in curves], axis=-1)
    return Wedge(x, read + np.random.default_rng(seed).normal(0, WEDGE_NOISE, read.shape), WEDGE_NOISE)
