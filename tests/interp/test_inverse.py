"""Where a lattice has a value: exact, complete, the same by NumPy and by the compiled library; else the nearest."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from basics import SHARED, grid, require
from inverse_samples import bent, cube, finer, folded, has_place, surface, value_at
from truths import SRGB

from lattice.interp import inverse, native, reference
from lattice.interp.inverse import find, finder, inverse_of, invert_nodes, node_values
from lattice.interp.inverse.plan import NEAR, SLACK, make_plan
from lattice.looks import profile_names
from lattice.types import Display

# A place may be outside of its tetrahedron by SLACK of a cell and is then held to it; along each of three axes the
# value moves by at most the cell's largest step. Newton's steps are exact to STEP**2.
EXACT = 3 * SLACK
CODE = 1e-5  # of a round trip through float32 pixels: asked of the inverse
EVERY_LOOK = pytest.mark.parametrize("look", profile_names())
SIZES = (2, 3, 4, 5, 13, 16, 33)


@pytest.fixture(params=[False, True], ids=["native", "numpy"])
def by_numpy(request: pytest.FixtureRequest) -> bool:
    if not request.param and (reason := native.unavailable_reason()) is not None:
        require("native", reason)
    return bool(request.param)


def places_of(nodes: Any, interpolation: Any, values: Any, by_numpy: bool) -> Any:
    places, found = finder(make_plan(nodes, interpolation), by_numpy)(np.asarray(values, np.float64))
    return places / (len(nodes) - 1), found


def step_of(nodes: Any) -> float:
    return max(float(np.abs(np.diff(nodes, axis=axis)).max()) for axis in range(3))


@pytest.mark.parametrize("size", SIZES)
def test_of_a_lattice_without_folds_every_place_comes_back(size: int, interpolation: Any, by_numpy: bool) -> None:
    nodes, u = bent(size), np.random.default_rng(size).uniform(0, 1, (3, 5000))
    u[:, :8] = np.indices((2, 2, 2)).reshape(3, 8)
    u[0, 8:100], u[1, 100:200], u[2, 200:300] = 0, 1, 0.5
    again, found = places_of(nodes, interpolation, value_at(nodes, interpolation, u), by_numpy)
    assert found.all()
    # The map's slopes are at least 1 - 2 * 0.2 of the identity's along every axis, in the three axes' sum.
    assert np.abs(again - u).max() <= 3 * EXACT


@pytest.mark.parametrize("size", [2, 3, 5])
def test_of_a_folded_lattice_every_value_is_found(size: int, interpolation: Any, by_numpy: bool) -> None:
    nodes, u = folded(size), np.random.default_rng(size).uniform(0, 1, (3, 3000))
    values = value_at(nodes, interpolation, u)
    again, found = places_of(nodes, interpolation, values, by_numpy)
    assert found.all()
    assert np.abs(value_at(nodes, interpolation, again) - values).max() <= EXACT * step_of(nodes)


def test_the_answer_in_a_fold_does_not_depend_on_its_neighbours(interpolation: Any, by_numpy: bool) -> None:
    nodes, u = folded(5), np.random.default_rng(8).uniform(0, 1, (3, 600))
    search, values = finder(make_plan(nodes, interpolation), by_numpy), value_at(nodes, interpolation, u)
    places, _ = search(values)
    assert np.abs(places / 4 - u).max() > 0.1  # there are folds
    order = np.random.default_rng(9).permutation(600)
    again = np.concatenate([search(values[:, order[k : k + 7]])[0] for k in range(0, 600, 7)], axis=1)
    assert np.array_equal(again, places[:, order])


def test_one_fold_gives_one_of_its_two_places(by_numpy: bool) -> None:
    nodes = grid(3).astype(np.float32)
    nodes[1, :, :, 0] = 1.2  # red rises to 1.2 in the middle, and falls to 1: from 1 on there are two places
    values = np.array([[1.1], [0.5], [0.5]])
    places, found = places_of(nodes, "trilinear", values, by_numpy)
    assert found.all()
    assert min(abs(places[0, 0] - 1.1 / 2.4), abs(places[0, 0] - 0.75)) < EXACT
    assert np.abs(places[1:] - 0.5).max() < EXACT


@pytest.mark.slow
@pytest.mark.parametrize("look", ["premier", "vision", "bleach-bypass"])
def test_the_mask_is_that_of_brute_force(look: str, built: Any, interpolation: Any, by_numpy: bool) -> None:
    sdev = built(look)
    back = inverse_of(sdev, interpolation, by_numpy)
    values, _ = node_values(sdev.display, back.to_values, cube(17 if by_numpy else 33))
    _, found = back.places(values)
    nodes = sdev.lattice.nodes if interpolation == "tetrahedral" else finer(sdev.lattice.nodes, 2)
    expected = has_place(nodes, values)
    assert 0.3 < expected.mean() < 0.8
    assert (expected != found).mean() <= 1e-3


@EVERY_LOOK
def test_codes_come_back_through_every_look(look: str, built: Any, interpolation: Any) -> None:
    sdev, random = built(look), np.random.default_rng(3)
    stops = random.uniform(-5, 4, (20_000, 1)) + random.normal(0, 0.5, (20_000, 3))
    codes = sdev.apply((0.18 * 2.0**stops).astype(np.float32), interpolation=interpolation)
    scene, found = inverse_of(sdev, interpolation)(codes.T)
    assert found.mean() > 0.9
    assert not found[(codes == 0).any(axis=1) | (codes == 1).any(axis=1)].any()
    again = sdev.apply(scene.T.astype(np.float32), interpolation=interpolation)
    assert np.abs(again - codes)[found].max() <= CODE
    exact = reference.run_block(
        sdev,
        interpolation,
        reference.columns_of(sdev),
        np.ascontiguousarray(sdev.lattice.nodes.reshape(-1, 3).T, np.float64),
        scene.T,
        np.float64,
    )
    assert np.abs(exact.T - codes)[found].max() <= CODE / 10


@pytest.mark.parametrize("look", ["premier", "bleach-bypass", "vision-5219", "premier-scan"])
def test_numpy_and_native_agree(look: str, built: Any, interpolation: Any) -> None:
    if (reason := native.unavailable_reason()) is not None:
        require("native", reason)
    codes = cube(19)
    one, other = (inverse_of(built(look), interpolation, by_numpy) for by_numpy in (False, True))
    (scene, found), (scene_too, found_too) = one(codes), other(codes)
    assert np.array_equal(found, found_too)
    assert 0.2 < found.mean() < 0.8
    assert np.abs(scene / scene_too - 1)[:, found].max() <= 1e-6
    values, _ = node_values(built(look).display, one.to_values, codes)
    near, far = (
        value_at(built(look).lattice.nodes, interpolation, each.places(values)[0] / 12) for each in (one, other)
    )
    # Two points of the surface may be as near, so distances are compared; a value within NEAR is on the surface, and a
    # search ends there.
    away, away_too = (np.linalg.norm(each - values, axis=0) for each in (near, far))
    is_held = np.maximum(away, away_too) <= NEAR * np.ptp(built(look).lattice.nodes)
    assert np.abs(away - away_too)[~is_held].max() <= 1e-9


@pytest.mark.parametrize("shape", [bent(4, share=0.3), folded(2), folded(4)], ids=["bent", "one cell", "folded"])
def test_what_is_outside_gets_the_nearest_of_the_surface(shape: Any, interpolation: Any, by_numpy: bool) -> None:
    values = np.random.default_rng(1).uniform(-0.5, 1.5, (3, 300))
    places, found = places_of(shape, interpolation, values, by_numpy)
    assert (~found).sum() > 50
    outside, places = values[:, ~found], places[:, ~found]
    assert (((places == 0) | (places == 1)).any(axis=0)).all()
    away = np.linalg.norm(value_at(shape, interpolation, places) - outside, axis=0)
    samples = surface(shape, interpolation, 60)
    nearest = np.array([np.linalg.norm(samples - value[:, None], axis=0).min() for value in outside.T])
    assert (away - nearest).max() <= 1e-9
    assert (nearest - away).max() <= 3 * step_of(shape) * (len(shape) - 1) / 60


def test_what_the_nodes_have_everywhere_is_found_on_the_surface(interpolation: Any, by_numpy: bool) -> None:
    gray = np.repeat(grid(5).mean(axis=-1, keepdims=True), 3, axis=-1).astype(np.float32)
    values = np.array([[0.3, 0.3], [0.3, 0.4], [0.3, 0.3]])
    places, found = places_of(gray, interpolation, values, by_numpy)
    assert found.tolist() == [True, False]
    assert np.abs(value_at(gray, interpolation, places)[:, 0] - 0.3).max() < 1e-6
    flat = np.full((3, 3, 3, 3), 0.25, np.float32)
    _, found = places_of(flat, interpolation, np.array([[0.25, 0.3]] * 3), by_numpy)
    assert found.tolist() == [True, False]


def test_numbers_that_are_none(interpolation: Any, by_numpy: bool) -> None:
    odd = np.array([[np.nan, np.inf, -np.inf, 1e30], [0.5, 0.5, 0.5, 0.5], [0.5, 0.5, 0.5, -1e30]], np.float32)
    places, found = places_of(grid(3), interpolation, odd, by_numpy)
    assert found.tolist() == [True, False, False, False]
    assert np.allclose(places[0], [0, 1, 0, 1])
    assert np.allclose(places[1, :3], 0.5)
    none, found = places_of(grid(3), interpolation, np.empty((3, 0)), by_numpy)
    assert none.shape == (3, 0)
    assert found.shape == (0,)


def test_the_largest_lut_and_values_of_any_size(interpolation: Any) -> None:
    nodes, u = 1000 * bent(129), np.random.default_rng(0).uniform(0, 1, (3, 500))
    again, found = invert_nodes(nodes, interpolation, value_at(nodes, interpolation, u))
    assert found.all()
    assert np.abs(again - u).max() <= 3 * EXACT


def test_values_that_are_powers_of_two_apart(interpolation: Any, by_numpy: bool) -> None:
    nodes = np.exp2(16 * bent(17) - 10).astype(np.float32)  # light, of a log: dark values are dense
    u = np.random.default_rng(0).uniform(0, 1, (3, 2000))
    values = value_at(nodes, interpolation, u)
    again, found = places_of(nodes, interpolation, values, by_numpy)
    assert found.all()
    assert np.abs(value_at(nodes, interpolation, again) / values - 1).max() < 1e-5


def test_open_color_io_inverts_a_lut_alike() -> None:
    """Where both are right: in a fold it may take another place, and near a face it goes beyond the nodes."""
    path = SHARED / "luts" / "lut3d_example_Inv.ctf"
    if not path.is_file():
        require("luts", "no folder ../shared/luts beside the repository")
    [numbers] = re.findall(r'17 17 17 3">(.*?)</Array>', path.read_text(), re.DOTALL)
    nodes = (np.array(numbers.split(), np.float64).reshape(17, 17, 17, 3) / 4095).astype(np.float32)
    expected = np.load(path.with_name("expected.npz"))
    values, theirs = (
        np.nan_to_num(expected["input"].T.astype(np.float64), nan=0.0, posinf=1e3, neginf=-1e3),
        expected[f"{path.name}|tetrahedral"].T.astype(np.float64),
    )
    ours, found = invert_nodes(nodes, "tetrahedral", values)
    assert 80 < found.sum() < 100
    is_same = np.abs(ours - theirs).max(axis=0) <= 2e-5
    assert (found & ~is_same).sum() <= 6
    ours_off, theirs_off = (np.abs(value_at(nodes, "tetrahedral", u) - values).max(axis=0) for u in (ours, theirs))
    assert ours_off[found].max() <= EXACT * step_of(nodes)
    assert (theirs_off[found & ~is_same] > 1e-7).sum() >= 2  # no inverse at all
    near, far = (np.linalg.norm(value_at(nodes, "tetrahedral", u) - values, axis=0)[~found] for u in (ours, theirs))
    # This LUT is clipped, so that a few values are nearer to an inner cell than to the faces.
    assert (near > far + 1e-6)[far < 10].sum() <= 1
    assert (far < 10).sum() > 90


def test_hdr_displays_have_inverses(interpolation: Any) -> None:
    for display in (Display(3.0, SRGB.matrix, "PQ", 203.0), Display(3.0, SRGB.matrix, "HLG", 400.0)):
        light = np.random.default_rng(0).uniform(0.01, 0.99, (3, 1000))
        codes = display.encode(light, axis=0)
        back = np.linalg.inv(display.matrix)
        values, _ = node_values(display, back, codes)
        shown = reference.show(display, np.maximum(values, 0))
        assert np.abs(shown - codes)[:, (values >= 0).all(axis=0)].max() < 1e-9
        white, _ = node_values(display, back, display.encode(np.ones((3, 1), np.float32), axis=0))
        assert np.abs(display.matrix @ white**3 - 1).max() < 1e-4
        assert not node_values(display, back, display.encode(np.ones((3, 1), np.float32), axis=0))[1].any()
        assert not node_values(display, back, np.full((3, 1), 0.999))[1].any() or display.gamma == "HLG"


def test_the_definition_is_called_where_there_is_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inverse.native, "library", lambda: None)
    plan = make_plan(grid(3), "trilinear")
    values = np.random.default_rng(0).uniform(0, 1, (3, 10))
    places, found = finder(plan)(values)
    assert found.all()
    assert np.array_equal(places, find(plan, values)[0])
