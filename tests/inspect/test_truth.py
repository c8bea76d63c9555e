"""Spectral truth: the sets are those of the published figures, and every negative's stage comes near."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from lattice.build.film_stage import exposures, make_film_stage
from lattice.color.primaries import convert
from lattice.errors import LatticeError
from lattice.inspect import spectra, truth
from lattice.inspect.emitters import STOPS, paths
from lattice.inspect.truth import Stage, both_lights, measure, scenes
from lattice.looks import Profile, load_profile
from lattice.looks.toml import load_stock
from lattice.types import MID_GRAY, Array

NEGATIVES = ["5219", "5213", "5207", "5203", "5248", "5277"]
GROUPS = ["reflectances", "skin", "reflectances, other lamps", "gels", "lamps", "LEDs + white", "LEDs", "lasers"]
TO_709 = convert("ACEScg", "Rec.709")
CAMERA = np.array([[0.772, 0.129, 0.099], [0.038, 0.941, 0.021], [0.044, 0.059, 0.897]])
# Two matrices and a root, fitted to 5219.
SHARPER = np.array([[1.9613, -0.8602, -0.1011], [-0.0736, 1.0566, 0.017], [-0.0151, -0.0219, 1.0370]])
CROSSTALK = np.array([[0.7157, 0.1835, 0.0144], [0.005, 0.0055, 0.0155], [0.0001, 0.0035, 0.0069]])


def root(rgb: Array) -> Array:
    sharp, floor, whole = rgb @ SHARPER.T, np.maximum(rgb, 0) @ CROSSTALK.T, CROSSTALK.sum(axis=1)
    return (sharp + np.sqrt(sharp**2 + 4 * floor**2)) / (1 + np.sqrt(1 + 4 * whole**2))


# Mean and 95th percentile of each group of another program's, on 5219 and 2383 at K = 0.3. Its gels are not these.
PUBLISHED: list[tuple[Stage, str]] = [
    (lambda rgb: rgb, "3.5/9.7 4.3/6.1 3.2/8.0 - 6.5/17.1 9.8/25.8 14.9/38.9 16.0/39.5"),
    (lambda rgb: rgb @ TO_709.T, "4.7/12.2 1.4/2.7 4.2/9.3 - 7.0/19.9 12.3/30.4 10.8/42.7 11.5/41.4"),
    (lambda rgb: rgb @ (CAMERA @ TO_709).T, "3.2/9.3 2.9/4.1 3.0/7.9 - 6.6/17.6 10.9/29.5 15.5/39.9 17.2/41.4"),
    (root, "3.0/8.5 1.7/2.6 2.8/7.5 - 6.5/18.2 9.1/26.0 7.9/28.9 9.9/35.9"),
]
NEAR, NEAR_P95 = 0.1, 0.3  # to figures of one decimal, and of a print base that was taken otherwise
# Most CIEDE2000, mean, of a group and of an emitter's path: 5219, and any negative.
MOST = {"reflectances": (3.0, 3.4), "skin": (1.7, 1.8), "gels": (5.4, 6.0), "LEDs + white": (7.6, 9.0)}
MOST |= {"LEDs": (5.5, 7.0), "lasers": (7.0, 11.0)}
MOST_OF_A_PATH = (5.6, 5.6)
WEAK = 3.0  # chroma below which a hue says nothing


@cache
def profile(negative: str, interimage: float = 0.33) -> Profile:
    return load_profile("vision-scan").replace(negative=f"kodak_{negative}", interimage=interimage)


def stage_of(negative: str) -> Stage:
    numbers = load_stock(f"kodak_{negative}").film_stage
    assert numbers is not None
    stage = make_film_stage(numbers)
    return lambda rgb: exposures(stage, rgb)


@pytest.mark.parametrize(("stage", "row"), PUBLISHED, ids=["as-is", "Rec.709", "vision-camera", "root"])
def test_the_sets_are_those_of_the_published_figures(stage: Stage, row: str) -> None:
    found = measure(profile("5219", 0.3), stage)
    assert list(found) == GROUPS
    for name, figures in zip(GROUPS, row.split(), strict=True):
        if figures != "-":
            mean, p95 = map(float, figures.split("/"))
            assert found[name].mean == pytest.approx(mean, abs=NEAR), name
            assert found[name].p95 == pytest.approx(p95, abs=NEAR_P95), name


def test_the_sets_have_their_sizes() -> None:
    sizes = (len(spectra.reflectances()), len(spectra.skin()), len(spectra.lamps()), len(spectra.gels()))
    assert sizes == (313, 16, 102, 120)
    assert (len(spectra.leds()), len(spectra.lasers())) == (44, 22)


@pytest.mark.parametrize("negative", NEGATIVES)
def test_a_white_exposes_all_layers_alike(negative: str) -> None:
    for scene in scenes(load_stock(f"kodak_{negative}")):
        gray = scene.sample(MID_GRAY * scene.light[None])
        assert gray.film == pytest.approx(np.full((1, 3), MID_GRAY), rel=1e-12)
        assert gray.pixels == pytest.approx(np.full((1, 3), MID_GRAY), rel=1e-6)


@pytest.mark.parametrize(("negative", "day"), [("5219", False), ("5213", False), ("5207", True), ("5203", True)])
def test_a_negative_knows_its_light(negative: str, day: bool) -> None:
    own, _ = scenes(load_stock(f"kodak_{negative}"))
    assert np.array_equal(own.light, spectra.balance_lights()[day])


def test_truth_itself_has_no_error() -> None:
    samples = both_lights(load_stock("kodak_5219"))["LEDs"]
    film = dict(zip(map(bytes, samples.pixels), samples.film, strict=True))
    picture = truth.Picture(profile("5219"))
    found = np.array([film[bytes(pixel)] for pixel in samples.pixels])
    assert truth.delta_e(picture.lab(found), picture.lab(samples.film)).max() == 0


def test_a_stock_without_sensitivities_is_refused() -> None:
    blind = load_stock("kodak_5219").replace(log_sensitivity=None)
    with pytest.raises(LatticeError, match="5219: has no log_sensitivity"):
        scenes(blind)


@pytest.mark.parametrize("negative", NEGATIVES)
def test_a_stage_comes_near_the_truth(negative: str) -> None:
    found = measure(profile(negative), stage_of(negative))
    most = {name: own if negative == "5219" else any_ for name, (own, any_) in MOST.items()}
    assert {name: str(found[name]) for name, limit in most.items() if round(found[name].mean, 1) > limit} == {}


@pytest.mark.parametrize("negative", NEGATIVES)
def test_emitters_take_the_way_of_film(negative: str) -> None:
    found = paths(profile(negative), stage_of(negative))
    assert {name: str(path) for name, path in found.items() if path.fall > 0} == {}
    limit = MOST_OF_A_PATH[negative != "5219"]
    assert {name: str(path) for name, path in found.items() if round(path.difference.mean(), 1) > limit} == {}
    for name, least, most in (("red 630", 15, 60), ("blue 460", 205, 312)):  # never magenta, 313 to 360
        seen = found[name].hue[found[name].chroma > WEAK]
        assert least < seen.min(), name
        assert seen.max() < most, name


def test_the_path_of_nothing_done_is_that_of_the_published_figures() -> None:
    found = paths(profile("5219", 0.3), lambda rgb: rgb @ (CAMERA @ TO_709).T)
    means = {name: path.difference.mean() for name, path in found.items()}
    wanted = {"red 630": 17.1, "amber 595": 18.3, "green 525": 10.2, "cyan 500": 7.8, "blue 460": 20.3, "neon": 10.3}
    assert means == pytest.approx(wanted, abs=NEAR)
    assert all(len(path.lab) == len(STOPS) for path in found.values())
