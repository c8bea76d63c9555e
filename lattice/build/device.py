"""Build an SDev from a profile: table, lattice, display, provenance."""

from __future__ import annotations

import json

import numpy as np

from lattice.build.chain import make_chain
from lattice.build.display import make_display
from lattice.build.fit import fit, sample_separable
from lattice.build.kernels import chosen
from lattice.build.one_thread import one_thread
from lattice.build.onto_film import stage_of
from lattice.build.shaper import make_shaper
from lattice.build.steps import to_lattice
from lattice.color.displays import output_facts
from lattice.looks.profile import Profile
from lattice.looks.save import described
from lattice.types import Lattice, SDevData


def build_device(profile: Profile, sampled: bool = False) -> SDevData:
    """Build the SDev data of a profile. One kind of processor with one compiled library, or with none, always gives the
    same bits, with any number of cores.

    sampled: nodes are the exact chain's own values instead of fitted ones; quicker, for comparison;
        their spectra are in single precision.
    Raises LatticeError if the profile's curves or aim cannot be reached.
    """
    with one_thread():
        chain = make_chain(profile)
        if sampled:
            shaper = make_shaper(profile, chain)
            nodes = sample_separable(chain.uncoupled().seen_by(chosen().spectra), shaper, profile.size)
        else:
            shaper, nodes = fit(profile, chain)
    lattice = Lattice(nodes.reshape((profile.size,) * 3 + (3,)).astype(np.float32), profile.interpolation)
    facts = {
        "profile": profile.name,
        "negative": profile.negative.name,
        "print": profile.print.name,
        "nodes": "sampled" if sampled else "fitted",
        "chain": profile.chain,
        "input": profile.input,
        **output_facts(profile.display.shown),
    }
    facts["look"] = json.dumps(described(profile), sort_keys=True)
    stage = stage_of(profile)
    matrix, table = 2.0**profile.exposure * stage.mixing, to_lattice(stage, chain, shaper)
    return SDevData(profile.name, matrix, table, lattice, make_display(profile, chain), facts)
