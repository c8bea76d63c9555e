"""Pure light and gradients, which show what a mean does not: the fitted lattice moves as the exact chain does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lattice.color.primaries import convert
from lattice.inspect.beside import Beside
from lattice.inspect.truth import both_lights
from lattice.interp import reference
from lattice.looks import Profile, load_profile, profile_names
from lattice.types import Array

STEPS = 2048
VISIBLE = 0.5 / 255  # half a code value of 8 bits
SKIES = [  # linear Rec.709, from horizon to zenith
    ([1.1, 1.25, 1.5], [0.06, 0.14, 0.42]),
    ([4.0, 3.2, 2.4], [0.02, 0.07, 0.3]),
    ([0.6, 0.75, 0.95], [0.008, 0.03, 0.18]),
    ([2.5, 2.4, 2.3], [0.002, 0.01, 0.09]),
]
SKINS = [([0.9, 0.62, 0.47], [0.02, 0.009, 0.006]), ([0.3, 0.16, 0.1], [0.004, 0.0015, 0.001])]
LEDS = [[1, 0.03, 0.01], [0.05, 1, 0.05], [0.02, 0.04, 1], [1, 0.35, 0.02], [0.03, 0.8, 1], [0.6, 0.05, 1]]  # ACEScg


def gradients(profile: Profile) -> dict[str, Array]:
    """Pixels (STEPS, 3) in the profile's input along each gradient."""
    share, found = np.linspace(0, 1, STEPS)[:, None], {}
    from_rec709, from_acescg = (convert(space, profile.input).T for space in ("Rec.709", "ACEScg"))
    for number, (near, far) in enumerate(SKIES + SKINS):
        found[f"mixed {number}"] = ((1 - share) * np.array(near) + share * np.array(far)) @ from_rec709
        found[f"falling {number}"] = np.array(near) ** (1 - share) * np.array(far) ** share @ from_rec709
    for color in LEDS:
        found[f"light {color}"] = 0.18 * 2.0 ** (-6 + 12 * share) * np.array(color) @ from_acescg
    return found


def against(exact: Array, ours: Array) -> float:
    """The farthest that a channel of `ours` (n, 3) moves on end while that of `exact` moves the other way."""
    steps, wanted = np.diff(ours, axis=0), np.diff(exact, axis=0)
    back, farthest = np.zeros(3), 0.0
    for step, is_against in zip(np.abs(steps), steps * wanted < 0, strict=True):
        back = np.where(is_against, back + step, 0)
        farthest = max(farthest, float(back.max()))
    return farthest


@pytest.mark.parametrize("name", profile_names())
def test_no_channel_visibly_turns_back_along_a_gradient(name: str, built: Any) -> None:
    beside = Beside(load_profile(name), built(name))
    for kind, scene in gradients(load_profile(name)).items():
        exact, ours = (reference.show(beside.display, values(scene).T).T for values in (beside.exact, beside.held))
        assert against(exact, ours) <= VISIBLE, kind


def test_turning_back_is_measured() -> None:
    exact = np.linspace(0, 1, 6)[:, None] * np.ones(3)
    ours = np.array([0, 0.3, 0.2, 0.1, 0.6, 1.0])[:, None] * [1, 0, 0]
    assert against(exact, ours) == pytest.approx(0.2)
    assert against(exact, exact) == 0
    assert against(-exact, exact) == pytest.approx(1)


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
