"""The film-exposure stage of every negative that has one: its laws, and how it takes noise."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from basics import halves

from lattice.build.film_stage import ENTRIES, FLOOR, REACH, STEP, FilmStage, curve, exposures, make_film_stage
from lattice.inspect.truth import Picture, delta_e
from lattice.looks import load_profile, stock_names
from lattice.looks.film_stage import SLOPES_AT
from lattice.looks.toml import load_stock
from lattice.types import HALF_MAX, Array

STAGED = [name for name in stock_names() if load_stock(name).film_stage is not None]
EXACT = 1e-12
# Outside of ACEScg, as cameras give saturated lights and dyes, and levels of their largest channel.
OUTSIDE = np.array(
    [
        [[1, -0.05, -0.05], [1, -0.3, -0.3], [1, 0.5, -0.1], [1, -0.2, 1]],
        [[-0.1, 1, -0.05], [-0.4, 1, -0.4], [0.8, 1, -0.2], [1, 1, -0.1]],
        [[-0.05, -0.1, 1], [-0.05, -0.2, 1], [0.2, -0.2, 1], [-0.3, 0.8, 1]],
    ]
).reshape(-1, 3)
LEVELS = np.geomspace(0.03, 64, 12)
DARKER = 3.0  # L*: where a negative sum meets the floor
FARTHEST = 2.5  # stops of the brightest layer from the largest channel
# A gray, its noise, and most that a layer's is of the gray, a layer above the brightest channel, and CIEDE2000 on the
# display, mean and largest: no sparkles.
NOISE = [(0.001, 0.0005, 0.8, 5, 0.03, 1.0), (0.003, 0.001, 0.55, 4, 0.12, 2.0), (0.18, 0.01, 0.1, 1.2, 5.1, 20.0)]


def stage_of(name: str) -> FilmStage:
    numbers = load_stock(name).film_stage
    assert numbers is not None
    return make_film_stage(numbers)


@cache
def look(negative: str) -> Picture:
    return Picture(load_profile("vision-scan").replace(negative=negative, interimage=0.33))


@pytest.fixture(params=STAGED)
def stage(request: pytest.FixtureRequest) -> FilmStage:
    return stage_of(request.param)


def random_colors(count: int) -> Array:
    """Colors of three decades up to 1."""
    return 10 ** np.random.default_rng(0).uniform(-3, 0, (count, 3))


def test_all_negatives_with_spectra_have_a_stage() -> None:
    kodak = ["kodak_5203", "kodak_5207", "kodak_5213", "kodak_5219", "kodak_5248", "kodak_5277"]
    assert kodak == STAGED


def test_gray_stays_gray(stage: FilmStage) -> None:
    gray = np.geomspace(FLOOR, HALF_MAX, 101)[:, None] * np.ones(3)
    assert exposures(stage, gray) == pytest.approx(gray, rel=EXACT)


def test_twice_the_light_is_twice_the_exposure(stage: FilmStage) -> None:
    colors = random_colors(1000)
    assert exposures(stage, 1000 * colors) == pytest.approx(1000 * exposures(stage, colors), rel=EXACT)


def test_every_half_exposes(stage: FilmStage) -> None:
    light = halves().astype(float)
    light = light[np.isfinite(light)][::7]
    for channels in (*np.eye(3), np.ones(3), np.array([1.0, -1.0, 1.0])):
        film = exposures(stage, light[:, None] * channels)
        assert np.isfinite(film).all()
        assert (film > 0).all()


def test_no_light_is_the_floor(stage: FilmStage) -> None:
    nothing = np.array([[0.0, 0.0, 0.0], [-1.0, -2.0, -0.001]])
    assert exposures(stage, nothing) == pytest.approx(np.full((2, 3), FLOOR), rel=EXACT)


def test_nan_stays_nan(stage: FilmStage) -> None:
    assert np.isnan(exposures(stage, np.array([np.nan, 0.18, 0.18]))).all()


def test_no_color_folds_onto_another(stage: FilmStage) -> None:
    colors, step = random_colors(20_000), 1.001
    here = np.log(exposures(stage, colors))
    moved = (np.log(exposures(stage, colors * np.where(np.arange(3) == k, step, 1))) - here for k in range(3))
    assert (np.linalg.det(np.stack(list(moved), axis=-1) / np.log(step)) > 0).all()


def test_colors_outside_of_the_primaries_stay_about_as_bright(stage: FilmStage) -> None:
    film = exposures(stage, LEVELS[:, None, None] * OUTSIDE)
    assert np.abs(np.log2(film.max(axis=-1) / LEVELS[:, None])).max() < FARTHEST


@pytest.mark.parametrize("name", STAGED)
def test_yellow_of_computer_graphics_is_no_green(name: str) -> None:
    red, green, blue = look(name).linear(exposures(stage_of(name), np.array([0.3, 0.3, 0.0])))
    assert red > green > blue


@pytest.mark.parametrize("name", STAGED)
def test_more_light_is_never_darker(name: str) -> None:
    colors = np.vstack([OUTSIDE, np.random.default_rng(3).uniform(-0.2, 1, (200, 3))])
    levels = np.geomspace(0.01, 64, 80)[:, None, None]
    lightness = look(name).lab(exposures(stage_of(name), levels * colors), clipped=False)[..., 0]
    assert (np.maximum.accumulate(lightness, axis=0) - lightness).max() < DARKER


@pytest.mark.parametrize(("gray", "noise", "most", "above", "mean", "largest"), NOISE)
@pytest.mark.parametrize("name", STAGED)
def test_noise_stays_noise(
    name: str, gray: float, noise: float, most: float, above: float, mean: float, largest: float
) -> None:
    pixels = gray + noise * np.random.default_rng(5).normal(size=(20_000, 3))
    film = exposures(stage_of(name), pixels)
    picture = look(name)
    seen = delta_e(picture.lab(film), picture.lab(np.full((1, 3), gray)))
    assert (film.std(axis=0) / gray).max() < most
    assert (film.max(axis=1) / np.maximum(pixels.max(axis=1), FLOOR)).max() < above
    assert seen.mean() < mean
    assert seen.max() < largest


def test_a_curve_rises_through_zero() -> None:
    slopes = np.array([0.1, 3, 0.02, 2, 1, 1, 1.5, 2, 1.5, 1, 2])
    entries = curve(slopes)
    assert entries.shape == (ENTRIES,)
    assert entries[ENTRIES // 2] == 0
    assert (np.diff(entries) > 0).all()
    middle = round((SLOPES_AT[7] + REACH) / STEP)
    assert np.diff(entries)[middle] / STEP == pytest.approx(slopes[7], rel=0.05)


def test_a_straight_curve_is_straight() -> None:
    assert curve(np.full(11, 1.5)) == pytest.approx(1.5 * np.linspace(-REACH, REACH, ENTRIES), abs=EXACT)


def test_a_stage_that_does_nothing_gives_back_its_pixels() -> None:
    straight = np.ones(11)
    plain = np.array([[1.0, 0, 0], [1, -1, 0], [0, -1, 1]])
    from_parts = np.linalg.inv(plain)
    numbers = load_stock(STAGED[0]).film_stage
    assert numbers is not None
    numbers = numbers.replace(
        mixing=np.eye(3).tolist(),
        first={"matrix": plain.tolist(), "slopes": [straight.tolist()] * 2},
        second={"matrix": np.eye(3).tolist(), "slopes": [straight.tolist()] * 2},
        layers=from_parts.tolist(),
    )
    colors = random_colors(100) ** 0.5  # curves are flat past 9 stops
    assert exposures(make_film_stage(numbers), colors) == pytest.approx(colors, rel=1e-9)
