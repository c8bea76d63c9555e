"""Printing density of every shipped look: near the exact spectrum's, and undone without loss."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from lattice.build.chain import Chain, make_chain
from lattice.build.stages import LEAST_SLOPE, Densities, densities, printing_density
from lattice.looks import load_profile, profile_names
from lattice.types import MID_GRAY, Array

NAMES = profile_names()
CODE = 0.002  # density of a Cineon code, whatever sees it
MIXED = [name for name in NAMES if load_profile(name).chain != "film-out"]


@cache
def solved(name: str) -> tuple[Chain, Densities]:
    chain = make_chain(load_profile(name))
    return chain, densities(load_profile(name), chain)


def exact(chain: Chain, shares: Array) -> Array:
    clear, full = chain.negative.amounts[[0, -1]]
    return printing_density(chain.negative, clear + shares * (full - clear))


@pytest.mark.parametrize("name", NAMES)
def test_the_print_is_exposed_by_what_is_left_of_the_light(name: str) -> None:
    """Grays: printing density is the exact chain's print exposure but for timing, gray balance and lights."""
    profile = load_profile(name).replace(gray_balance=0.0)
    chain = make_chain(profile)
    seen = densities(profile, chain)
    scene = MID_GRAY * 2.0 ** seen.stops[:, None] * np.ones(3)
    exposure = chain.print_exposure(scene)
    clear = np.log10(chain.negative.transmit(chain.negative.amounts[:1]))[0] + chain.timing
    off = np.abs(clear - exposure - seen.of_grays).max()
    assert off < (1.5 * CODE if seen.rounds else 2 * LEAST_SLOPE * np.ptp(seen.stops))


@pytest.mark.parametrize("name", MIXED)
def test_densities_of_all_layers_are_near_those_of_the_spectrum(name: str) -> None:
    chain, seen = solved(name)
    random = np.random.default_rng(5)
    anywhere = random.uniform(0, 1, (20_000, 3))
    near_gray = np.clip(random.uniform(0, 1, (5_000, 1)) + random.normal(0, 0.06, (5_000, 3)), 0, 1)
    off = np.abs(seen.seen(anywhere) - exact(chain, anywhere))
    gray = np.abs(seen.seen(near_gray) - exact(chain, near_gray))
    assert off.mean() < CODE
    assert np.percentile(off, 99) < 5 * CODE
    assert off.max() < 20 * CODE
    assert gray.mean() < CODE / 4
    assert gray.max() < 4 * CODE


@pytest.mark.parametrize("name", NAMES)
def test_every_exposure_has_a_density_of_its_own(name: str) -> None:
    seen = solved(name)[1]
    slopes = np.diff(seen.layers, axis=0) / np.diff(seen.stops)[:, None]
    assert slopes.min() > 0.99 * LEAST_SLOPE
    assert np.abs(seen.layers[0]).max() < 0.2
    assert (np.diff(seen.of_grays, axis=0) > 0).all()
    for each in seen.rounds:
        assert np.linalg.cond(each.matrix) < 5
        assert np.abs(each.bend).min() >= 0.1


def test_a_negative_is_fitted_the_same_twice() -> None:
    chain, seen = solved("vision-5219")
    again = densities(load_profile("vision-5219"), chain)
    assert np.array_equal(again.last, seen.last)
    assert all(np.array_equal(a.matrix, b.matrix) for a, b in zip(again.rounds, seen.rounds, strict=True))
