"""From lattice coordinates back to light: tables, film stages and their flat parts, by NumPy and by the library."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from basics import grid, halves, make_device, one_line, require
from inverse_samples import cube
from stage_samples import film_stage, lifting_stage, smooth_stage
from wide_samples import tables

from lattice.interp import native, reference
from lattice.interp.inverse import inverse_of
from lattice.interp.inverse.stage import make_curve, unbend
from lattice.types import HALF_MAX, Display, FilmStage, LatticeError, Step, Table


@pytest.fixture(params=[False, True], ids=["native", "numpy"])
def by_numpy(request: pytest.FixtureRequest) -> bool:
    if not request.param and (reason := native.unavailable_reason()) is not None:
        require("native", reason)
    return bool(request.param)


def light(count: int, low: float = -12, high: float = 15) -> Any:
    return 2.0 ** np.random.default_rng(5).uniform(low, high, (3, count))


STAGES = {"one step": film_stage(1), "four steps": film_stage(4), "smooth": smooth_stage(), "lifting": lifting_stage()}


def is_free(stage: FilmStage, scene: Any) -> Any:
    """Which light (3, n) no step of a stage holds."""
    values = np.log2(scene)
    free = ((values > np.log2(stage.floor)) & (values < np.log2(HALF_MAX))).all(axis=0)
    for step in stage.steps:
        values = step.matrix[:, :3] @ values + step.matrix[:, 3:]
        free &= ((values > 0) & (values < 1)).all(axis=0)
        values = np.clip(values, 0, 1)
        curves = () if step.curves is None else step.curves
        for k, curve in enumerate(curves, 3 - len(curves)):
            values[k] = reference.bend(curve, values[k])
    return free


@pytest.mark.parametrize("name", STAGES)
def test_a_film_stage_goes_back(name: str, by_numpy: bool) -> None:
    device, scene = make_device(grid(3), table=STAGES[name]), light(20_000)
    exposed, free = inverse_of(device, "trilinear", by_numpy).exposed, is_free(STAGES[name], scene)
    again, one = exposed(reference.expose(STAGES[name], scene))
    assert free.sum() > 500
    # A random curve has steps that are below what float32 tells apart: flat parts.
    assert (one != free).mean() < (0.3 if "step" in name else 1e-3)
    assert np.median(np.abs(again / scene - 1)[:, one]) < 1e-9
    u = cube(20)
    scene, one = exposed(u)
    assert np.abs(reference.expose(STAGES[name], scene) - u)[:, one].max() < 1e-6


def test_the_library_takes_a_stage_back_alike() -> None:
    if (reason := native.unavailable_reason()) is not None:
        require("native", reason)
    for stage in STAGES.values():
        device = make_device(grid(3), table=stage)
        u = np.concatenate([cube(20), np.array([[0, 0.5], [1, 0.5], [0.5, 0.5]])], axis=1)
        (scene, one), (scene_too, one_too) = (
            inverse_of(device, "trilinear", by_numpy).exposed(u) for by_numpy in (False, True)
        )
        assert np.array_equal(one, one_too)
        assert np.abs(scene / scene_too - 1).max() < 1e-12


def test_a_flat_part_gives_its_end_nearer_to_gray() -> None:
    entries = np.array([0, 0, 0.25, 0.5, 0.5, 0.5, 0.75, 1, 1], np.float32)
    asked = np.array([-1, 0, 0.125, 0.5, 0.5 + 1e-9, 0.875, 1, 2])
    for gray, of_flat in ((6.0, 5), (2.0, 3)):
        at, is_flat = unbend(make_curve(entries, gray), asked)
        assert is_flat.tolist() == [True, True, False, True, False, False, True, True]
        assert np.allclose(at, [1, 1, 1.5, of_flat, 5, 6.5, 7, 7])


def test_a_table_goes_back(by_numpy: bool) -> None:
    shaped = np.clip((np.log2(np.maximum(halves().astype(np.float64), 2.0**-9)) + 9) / 14, 0, 1)
    shaped[32768:], shaped[31745:32768] = 0, 0
    shaped[31744] = 1
    device = make_device(grid(3), table=Table(np.repeat(shaped[:, None], 3, axis=1)))
    scene = np.concatenate([light(5000, -8.9, 4.9), [[1e-4], [0.18], [1000]]], axis=1)
    u = reference.look_up(reference.columns_of(device), scene.astype(np.float32)).astype(np.float64)
    again, one = inverse_of(device, "trilinear", by_numpy).exposed(u)
    assert one.tolist() == [True] * 5000 + [False]
    assert np.abs(again / scene - 1)[:, :5000].max() < 1e-5
    assert np.allclose(again[:, -1], [2.0**-9, 0.18, 32], rtol=1e-3)


def test_a_matrix_that_takes_colors_together_has_no_inverse() -> None:
    gray = np.full((3, 3), 1 / 3)
    for device in (
        make_device(grid(3), matrix=gray),
        make_device(grid(3), display=Display(1.0, gray, 1.0)),
        make_device(grid(3), table=FilmStage(2.0**-13, (Step(gray @ np.eye(3, 4)), film_stage(1).steps[-1]))),
    ):
        with pytest.raises(LatticeError, match="has an inverse"):
            inverse_of(device, "trilinear")


def test_scene_light_beyond_a_half_is_held() -> None:
    device = make_device(grid(3), matrix=np.eye(3) * 1e-6)
    scene, one = inverse_of(device, "trilinear").exposed(np.full((3, 1), 0.5))
    assert scene.max() == HALF_MAX
    assert not one.any()


RISING = ("from -4 to 12", "unbounded")


@pytest.mark.parametrize("name", RISING)
def test_a_table_of_negative_light_goes_back(name: str, by_numpy: bool) -> None:
    device = make_device(grid(4), table=tables()[name])
    scene = np.random.default_rng(0).uniform(-5, 13, (3, 3000))
    u = np.clip(reference.look_up(reference.columns_of(device), scene.astype(np.float32)).astype(np.float64), 0, 1)
    again, one = inverse_of(device, "trilinear", by_numpy).exposed(u)
    assert np.array_equal(one, ((u > 0) & (u < 1)).all(axis=0))
    assert one.sum() > 100
    back = reference.look_up(reference.columns_of(device), again.astype(np.float32)).astype(np.float64)
    assert np.abs(np.clip(back, 0, 1) - u).max() < 1e-6
    assert (again[0, one] < 0).sum() > 50
    assert np.abs(again - scene)[:, one].max() < 1e-5 * 12


@pytest.mark.parametrize("name", [name for name in tables() if name not in RISING])
def test_a_table_that_falls_is_refused(name: str) -> None:
    device = make_device(grid(4), table=tables()[name])
    one_line(lambda: inverse_of(device, "trilinear", by_numpy=True), "inverse: the curve before the", "falls in red")
