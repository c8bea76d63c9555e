"""Fitting: the interpolated lattice follows the exact chain on colors that were not fitted, and always the same way."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from typing import Any

import numpy as np
import pytest
from basics import ROOT, grid

from lattice.build import film_exposure, make_chain, make_display
from lattice.build.corners import corner_slopes, corners
from lattice.build.device import build_device
from lattice.build.kernels import by_numpy
from lattice.build.samples import GRAY_STOPS, LIGHT_STOPS, NATURAL_SPREAD, gray_scale, natural_colors, pure_lights
from lattice.build.seen import color_difference
from lattice.color.primaries import rgb_to_xyz
from lattice.inspect.quality import check
from lattice.interp import reference
from lattice.looks import Profile, load_profile, profile_names
from lattice.looks.profile import DisplaySpec
from lattice.sdev import load
from lattice.types import INTERPOLATIONS, FilmStage, SDevData

DEFAULT = Profile(negative="kodak_5219", print="kodak_2383")
METHOD = pytest.mark.parametrize("interpolation", INTERPOLATIONS)


@cache
def device(interpolation: Any, sampled: bool = False) -> SDevData:
    if interpolation == DEFAULT.interpolation and not sampled:
        return load("vision")  # the same numbers under another name
    return build_device(DEFAULT.replace(interpolation=interpolation), sampled)


@cache
def report(interpolation: Any, sampled: bool = False) -> Any:
    """CIEDE2000 on 30,000 natural colors, 30,000 saturated ones and 4,001 grays of another seed than the fit's."""
    return check(DEFAULT.replace(interpolation=interpolation), device(interpolation, sampled))


@METHOD
def test_colors_of_a_film_out_are_within_the_figures(interpolation: Any) -> None:
    natural, saturated = (report(interpolation).lattice[kind] for kind in ("natural", "saturated"))
    assert natural.mean <= 0.06
    assert natural.p99 <= 0.25
    assert natural.max <= 0.5
    assert saturated.mean <= 0.08
    assert saturated.p99 <= 0.3
    assert saturated.max <= 0.6


@METHOD
def test_grays_are_within_the_figure(interpolation: Any) -> None:
    assert report(interpolation).lattice["gray"].p99 <= 0.2


@pytest.mark.parametrize("name", ["vision-5219", "premier-5219", "vision-5203", "exr-print-5248"])
def test_colors_of_a_camera_are_within_the_figures(name: str, built: Any) -> None:
    found = check(load_profile(name), built(name)).lattice
    natural, saturated = found["natural"], found["saturated"]
    assert natural.mean <= 0.08
    assert natural.p99 <= 0.31
    assert natural.max <= 0.6
    assert saturated.mean <= 0.1
    assert saturated.p99 <= 0.32
    assert saturated.max <= 0.7
    assert found["gray"].p99 <= 0.32


@METHOD
def test_a_fitted_lattice_beats_a_sampled_one(interpolation: Any) -> None:
    fitted, sampled = report(interpolation).lattice, report(interpolation, sampled=True).lattice
    for kind in fitted:
        assert fitted[kind].p99 < 0.75 * sampled[kind].p99
        assert fitted[kind].mean < sampled[kind].mean


@METHOD
def test_13_fitted_nodes_beat_the_usual_33_sampled_ones(interpolation: Any) -> None:
    assert report(interpolation).lattice["natural"].p99 < report(interpolation).usual["natural"].p99


def test_a_lattice_is_best_with_the_interpolation_it_was_fitted_for() -> None:
    scene, profile = natural_colors(5000, np.random.default_rng(50)), DEFAULT
    chain, to_xyz = make_chain(profile), rgb_to_xyz("Rec.709")
    display = make_display(profile, chain)
    exact = np.cbrt(chain.project(film_exposure(profile, scene)) * chain.base[1] / chain.base)

    def miss(fitted_for: Any, run_with: Any) -> float:
        built = device(fitted_for)
        u = reference.coordinates(built, reference.columns_of(built), scene, np.float64)
        nodes = built.lattice.nodes.reshape(-1, 3).T.astype(np.float64)
        return float(color_difference(display, to_xyz, reference.METHODS[run_with](nodes, u, 13).T, exact).mean())

    for method, other in (INTERPOLATIONS, INTERPOLATIONS[::-1]):
        assert miss(method, method) < miss(other, method)


def test_the_same_profile_gives_the_same_bits() -> None:
    again = build_device(load_profile("vision"))
    assert again.sha256 == device("trilinear").sha256
    assert again.provenance == device("trilinear").provenance


def test_a_look_has_one_lattice_for_every_display(built: Any) -> None:
    wide = build_device(
        load_profile("vision").replace(display=DisplaySpec(primaries="Rec.2020", gamma=2.6, white="D55"))
    )
    assert np.array_equal(wide.lattice.nodes, built("vision").lattice.nodes)
    assert all(map(np.array_equal, *(_steps(each) for each in (wide, built("vision")))))
    assert not np.array_equal(wide.display.matrix, built("vision").display.matrix)


def _steps(built: SDevData) -> list[Any]:
    assert isinstance(built.table, FilmStage)
    return [part for step in built.table.steps for part in (step.matrix, step.curves)]


@pytest.mark.parametrize("name", profile_names())
def test_every_shipped_look_is_good(name: str, built: Any) -> None:
    found = check(load_profile(name), built(name))
    assert found.good
    assert found.finite
    assert found.monotone_gray
    assert found.smooth
    assert found.lattice["natural"].p99 < 0.25
    assert found.lattice["gray"].p99 < 0.25


@pytest.mark.parametrize("size", [3, 5, 17])
def test_other_sizes_build(size: int) -> None:
    built = build_device(DEFAULT.replace(size=size), sampled=True)
    assert built.lattice.size == size
    black, white = built.lattice.nodes[0, 0, 0], built.lattice.nodes[-1, -1, -1]
    assert black.max() < 0.1
    assert white == pytest.approx(1, abs=0.005)


def points() -> Any:
    """u of inner points, of nodes and faces, and of ties."""
    inner = np.random.default_rng(7).uniform(0, 1, (3000, 3))
    return np.concatenate([inner, grid(5).reshape(-1, 3), np.repeat(inner[:50, :1], 3, axis=1)])


@METHOD
@pytest.mark.parametrize("size", [3, 13])
def test_corner_weights_are_the_interpolation(interpolation: Any, size: int) -> None:
    u, nodes = points(), np.random.default_rng(1).uniform(0, 1, (size**3, 3))
    numbers, weights = corners(u, size, interpolation)
    assert weights.sum(axis=1) == pytest.approx(1, abs=1e-14)
    assert weights.min() >= 0
    assert numbers.min() >= 0
    assert numbers[weights > 0].max() < size**3
    wanted = reference.METHODS[interpolation](np.ascontiguousarray(nodes.T), np.ascontiguousarray(u.T), size).T
    assert np.einsum("nk,nkc->nc", weights, nodes[numbers]) == pytest.approx(wanted, abs=1e-13)


@METHOD
def test_corner_slopes_are_finite_differences(interpolation: Any) -> None:
    step, u = 1e-6, np.random.default_rng(2).uniform(0.01, 0.99, (2000, 3))
    inside = u * 12 % 1
    gaps = np.concatenate([np.diff(np.sort(inside)), inside, 1 - inside], axis=1)
    u = u[gaps.min(axis=1) > 1e-4]  # a step stays inside one tetrahedron
    slopes = corner_slopes(u, 13, interpolation)
    for axis in range(3):
        shift = step * np.eye(3)[axis]
        change = corners(u + shift, 13, interpolation)[1] - corners(u - shift, 13, interpolation)[1]
        assert slopes[..., axis] == pytest.approx(change / (2 * step), abs=1e-6)
    assert np.abs(slopes.sum(axis=1)).max() < 1e-12  # weights always sum to 1


def test_forms_are_the_squares_of_small_color_differences() -> None:
    display = make_display(DEFAULT, make_chain(DEFAULT))
    to_xyz, random = rgb_to_xyz("Rec.709"), np.random.default_rng(3)
    linear = random.uniform(0.02, 0.98, (5000, 3))
    nodes = np.cbrt(linear @ np.linalg.inv(display.matrix).T)
    change = random.normal(0, 1e-4, (5000, 3))
    forms = by_numpy.forms(nodes, to_xyz @ display.matrix / to_xyz.sum(axis=1)[:, None])
    found = np.sqrt((change * by_numpy.times(forms, change)).sum(axis=1))
    ratio = found / color_difference(display, to_xyz, nodes + change, nodes)
    assert np.median(ratio) == pytest.approx(1, abs=0.02)
    low, high = np.percentile(ratio, [1, 99])  # the forms weigh all hues alike, CIEDE2000 does not
    assert 0.7 < low < high < 1.5


def test_pure_lights_are_what_they_say() -> None:
    lights = pure_lights(20_000, np.random.default_rng(0))
    strongest = lights.max(axis=1)
    assert np.log2(strongest / 0.18).min() == pytest.approx(LIGHT_STOPS[0], abs=0.01)
    assert np.log2(strongest / 0.18).max() == pytest.approx(LIGHT_STOPS[1], abs=0.01)
    assert (lights / strongest[:, None]).min() == pytest.approx(-0.3, abs=0.01)
    assert np.bincount(lights.argmax(axis=1)) / 20_000 == pytest.approx([1 / 3] * 3, abs=0.02)


def test_test_colors_are_what_they_say() -> None:
    colors = np.log2(natural_colors(20_000, np.random.default_rng(0)) / 0.18)
    assert colors.std(axis=1, ddof=1).mean() == pytest.approx(0.886 * NATURAL_SPREAD, rel=0.02)  # of 3 normal draws
    gray = gray_scale(5)
    assert np.log2(gray[:, 1] / 0.18).tolist() == pytest.approx(np.linspace(*GRAY_STOPS, 5))
    assert np.ptp(gray, axis=1).max() == 0


def test_a_fit_does_not_depend_on_how_many_cores_there_are() -> None:
    script = "import lattice, lattice.build.device as d; print(d.build_device(lattice.profile('vision')).sha256)"
    digests = [
        subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env={**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads},
        ).stdout
        for threads in ("1", "2")
    ]
    assert digests[0] == digests[1]
