"""The demo's scene: what its re-grade is meant to show has to be in it."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.slow

scene = pytest.importorskip("scene")


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
    rgb = picture[12:36, 34:58, :3].astype(np.float64)
    green = (rgb[..., 1] > 1.5 * rgb[..., 0]) & (rgb[..., 1] > 3 * rgb[..., 2])
    assert green.mean() > 0.2


def test_scene_moves_and_its_loop_closes(picture: np.ndarray) -> None:
    assert not np.array_equal(picture, scene.render(96, 3, 8))
    assert np.array_equal(picture, scene.render(96, 8, 8))
