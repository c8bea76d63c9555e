"""The demo's scene: what its re-grade is meant to show has to be in it."""

from __future__ import annotations

import numpy as np
import pytest

from lattice.inspect import spectra
from lattice.inspect.truth import Scene

pytestmark = pytest.mark.slow

scene = pytest.importorskip("scene")
colors = pytest.importorskip("studio.colors")


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    return scene.render(96, 0, 8)


def test_scene_is_finite_half_rgba_with_light_over_one_and_deep_shadows(picture: np.ndarray) -> None:
    assert picture.shape == (54, 96, 4)
    assert picture.dtype == np.float16
    assert np.isfinite(picture).all()
    luminance = picture[..., :3].astype(np.float64) @ (0.2126, 0.7152, 0.0722)
    assert luminance.max() > 4
    assert luminance[picture[..., 3] == 1].min() < 0.005


def test_scene_has_empty_full_and_partly_covered_pixels_and_is_premultiplied(picture: np.ndarray) -> None:
    alpha = picture[..., 3]
    assert (alpha == 0).any()
    assert (alpha == 1).any()
    assert ((alpha > 0) & (alpha < 1)).any()
    assert (picture[alpha == 0] == 0).all()


def test_scene_holds_green_skin(picture: np.ndarray) -> None:
    rgb = picture[12:36, 34:58, :3].astype(np.float64) @ np.linalg.inv(colors.acescg(np.eye(3)).T)
    green = (rgb[..., 1] > 1.5 * rgb[..., 0]) & (rgb[..., 1] > 3 * rgb[..., 2])
    assert green.mean() > 0.2


def test_leds_are_the_light_of_their_spectra() -> None:
    _, daylight = spectra.balance_lights()
    power = np.array([spectra.line(*peak_and_width) for peak_and_width in colors.LEDS])
    pixels = Scene(np.ones((3, daylight.size)), daylight).sample(power).pixels
    np.testing.assert_allclose(list(colors.LEDS.values()), pixels / pixels.max(axis=1, keepdims=True), atol=1e-4)


def test_scene_holds_leds_from_dim_to_over_exposed(picture: np.ndarray) -> None:
    rgb = picture[..., :3].astype(np.float64).reshape(-1, 3)
    for color in (colors.LEDS[630, 20], colors.LEDS[525, 30], colors.LEDS[460, 20]):
        alike = rgb @ color / np.linalg.norm(rgb, axis=1).clip(1e-9) / np.linalg.norm(color) > 0.9
        light = rgb[alike].max(axis=1)
        assert light.max() > 0.18 * 2**5
        assert (light < 0.18).sum() > 5


def test_scene_moves_and_its_loop_closes(picture: np.ndarray) -> None:
    assert not np.array_equal(picture, scene.render(96, 3, 8))
    assert np.array_equal(picture, scene.render(96, 8, 8))
