"""The scene colors of a check: lights as the negative sees them, and gradients that are smooth."""

from __future__ import annotations

import numpy as np
import pytest

from lattice.color.primaries import convert
from lattice.inspect.emitters import LEDS
from lattice.inspect.scenes import CROSSFADES, STEPS, colors, emitter_paths, gradients
from lattice.inspect.truth import camera, emitter_groups, seen
from lattice.looks import load_profile
from lattice.types import MID_GRAY

LOOKS = ["vision", "vision-5219", "vision-5203", "eterna"]  # film-out, camera, daylight, curves alone


@pytest.mark.parametrize("name", LOOKS)
def test_emitters_are_there_for_every_negative(name: str) -> None:
    profile = load_profile(name)
    pixels = colors(profile)["emitters"]
    assert pixels.shape == (1584, 3)
    assert np.isfinite(pixels).all()
    assert pixels.min() < 0  # LEDs are outside of Rec.709


@pytest.mark.parametrize("name", LOOKS)
def test_the_strongest_layer_of_an_emitter_is_at_whole_stops(name: str) -> None:
    for scene in seen(load_profile(name).negative):
        stops = np.log2(emitter_groups(scene)["LEDs"].film.max(axis=1) / MID_GRAY)
        assert sorted(set(stops.round(6))) == [-2, 0, 2, 4, 6, 8, 10]


def test_acescg_stands_in_for_the_layers_of_a_negative_without_spectra() -> None:
    look = load_profile("eterna")
    blind = look.replace(negative=look.negative.replace(log_sensitivity=None))
    for scene in seen(blind.negative):
        lights = emitter_groups(scene)["lasers"]
        assert lights.film == pytest.approx(lights.pixels)
        assert scene.light @ camera(scene.light).T == pytest.approx(np.ones(3), abs=1e-6)
    assert colors(blind)["emitters"].shape == colors(look)["emitters"].shape
    assert gradients(blind).keys() == gradients(look).keys()


@pytest.mark.parametrize("name", LOOKS)
def test_gradients_are_smooth(name: str) -> None:
    profile = load_profile(name)
    found = gradients(profile)
    assert found.keys() >= {*LEDS, "neon", "gray", "dark skin", "light skin", *(f"{a} to {b}" for a, b in CROSSFADES)}
    assert sum(each.startswith("sky") for each in found) == 3
    for kind, pixels in found.items():
        assert pixels.shape == (STEPS, 3), kind
        assert (np.abs(np.diff(pixels, axis=0)) < 0.02 * np.abs(pixels[1:]).max(axis=1, keepdims=True)).all(), kind


def test_paths_are_those_of_the_profiles_own_input() -> None:
    rec709, wide = (load_profile("vision-5219").replace(input=name) for name in ("Rec.709", "ACEScg"))
    for name, pixels in emitter_paths(wide).items():
        assert emitter_paths(rec709)[name] == pytest.approx(pixels @ convert("ACEScg", "Rec.709").T), name
        assert pixels[-1] == pytest.approx(2.0**14 * pixels[0]), name
