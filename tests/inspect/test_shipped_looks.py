"""The shipped looks: no rule is broken, and pure light is within its figures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lattice.color.primaries import convert
from lattice.inspect.beside import Beside
from lattice.inspect.quality import check
from lattice.inspect.truth import both_lights
from lattice.looks import load_profile, profile_names


@pytest.mark.parametrize("name", profile_names())
def test_a_shipped_look_breaks_no_rule(name: str, built: Any) -> None:
    assert check(load_profile(name), built(name)).failures == ()


@pytest.mark.parametrize("name", ["vision-5219", "premier-5219", "vision-5203", "exr-print-5248"])
def test_leds_and_lasers_are_within_the_figures(name: str, built: Any) -> None:
    profile = load_profile(name)
    beside, lights = Beside(profile, built(name)), both_lights(profile.negative)
    pixels = np.concatenate([lights[kind].pixels for kind in ("LEDs", "lasers", "LEDs + white")])
    scene = pixels @ convert("ACEScg", profile.input).T
    found = beside.difference(beside.held(scene), beside.exact(scene))
    assert found.mean() <= 0.10
    assert np.percentile(found, 99) <= 0.35
    assert found.max() <= 0.60
