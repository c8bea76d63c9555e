"""The search for a value is bounded, whatever the LUT: no flat cell is searched, and a clipped code has its light."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from basics import require
from inverse_samples import flat_kinds, has_place, thin_kinds, value_at

from lattice.interp import native
from lattice.interp.inverse import finder
from lattice.interp.inverse.native import NativeSearch
from lattice.interp.inverse.plan import MOST_CELLS, MOST_SIDES, make_plan
from lattice.interp.inverse.search import DEPTH, MOST_PARTS, MOST_STEPPED
from lattice.interp.inverse.volume import cells_with_volume

FLAT, THIN = tuple(flat_kinds(2)), tuple(thin_kinds(2))
A_PATH = 3  # times the levels of boxes: looked in for a value of a flat LUT, its own path and what touches it
EXACT = 3e-6  # of the values' range, through the lattice again


@pytest.fixture(autouse=True)
def _library() -> None:
    if (reason := native.unavailable_reason()) is not None:
        require("native", reason)


def asked(nodes: Any, interpolation: Any) -> Any:
    """Values (3, m): what the LUT shows, its nodes' own, all codes alike, black, white and mixtures of them."""
    random = np.random.default_rng(1)
    own = nodes.reshape(-1, 3)[random.integers(0, nodes.size // 3, 500)].T.astype(np.float64)
    shown = value_at(nodes, interpolation, random.uniform(0, 1, (3, 2000)))
    ends = np.indices((3, 3, 3)).reshape(3, -1) / 2
    return np.concatenate([shown, own, random.uniform(0, 1, (3, 500)), ends], axis=1)


def looked_in(nodes: Any, interpolation: Any, values: Any) -> Any:
    search = finder(make_plan(nodes, interpolation))
    assert isinstance(search, NativeSearch)
    work = np.zeros(values.shape[1], np.int32)
    search(values, work)
    return work


@pytest.mark.parametrize("kind", FLAT)
@pytest.mark.parametrize("size", [33, 65])
def test_flat_cells_are_not_searched(size: int, kind: str, interpolation: Any) -> None:
    nodes = flat_kinds(size)[kind]
    levels = len(make_plan(nodes, interpolation).boxes)
    assert looked_in(nodes, interpolation, asked(nodes, interpolation)).max() <= A_PATH * levels


@pytest.mark.parametrize("kind", THIN)
def test_what_is_searched_is_bounded(kind: str, interpolation: Any) -> None:
    nodes = thin_kinds(65)[kind]
    plan = make_plan(nodes, interpolation)
    work = looked_in(nodes, interpolation, asked(nodes, interpolation))
    levels = len(plan.boxes)
    assert work.max() <= levels * (MOST_CELLS + 2 * MOST_SIDES + 1) + MOST_STEPPED + DEPTH * MOST_PARTS
    assert work.max() < 64**3 / 8  # cells


@pytest.mark.parametrize("kind", FLAT)
def test_what_a_flat_lut_shows_is_found(kind: str, interpolation: Any) -> None:
    for by_numpy, size, count in ((False, 65, 5000), (True, 9, 300)):
        nodes = flat_kinds(size)[kind]
        shown = value_at(nodes, interpolation, np.random.default_rng(2).uniform(0, 1, (3, count)))
        places, found = finder(make_plan(nodes, interpolation), by_numpy)(shown)
        assert found.all()
        assert np.abs(value_at(nodes, interpolation, places / (size - 1)) - shown).max() <= EXACT


@pytest.mark.parametrize("kind", [*FLAT, *THIN])
def test_the_mask_is_that_of_brute_force(kind: str) -> None:
    nodes, values = (flat_kinds(13) | thin_kinds(13))[kind], np.random.default_rng(3).uniform(0, 1, (3, 9000))
    _, found = finder(make_plan(nodes, "tetrahedral"))(values)
    assert (found != has_place(nodes, values)).mean() <= 1e-3


@pytest.mark.parametrize("kind", [*FLAT, *THIN])
def test_numpy_and_native_agree(kind: str, interpolation: Any) -> None:
    nodes = (flat_kinds(11) | thin_kinds(11))[kind]
    values = asked(nodes, interpolation)[:, ::11]
    plan = make_plan(nodes, interpolation)
    (places, found), (places_too, found_too) = (finder(plan, by_numpy)(values) for by_numpy in (False, True))
    assert (found != found_too).sum() <= 1  # within rounding of NEAR
    away, away_too = (
        np.linalg.norm(value_at(nodes, interpolation, each / 10) - values, axis=0) for each in (places, places_too)
    )
    assert np.abs(away - away_too).max() <= EXACT


def test_a_clipped_code_is_the_least_light_that_is_clipped(interpolation: Any) -> None:
    codes = np.array([[1.0, 1.0, 0.0, 1.0], [1.0, 0.3, 0.0, 0.0], [1.0, 0.4, 0.0, 0.5]])
    expected = np.array([[2, 2, 1, 2], [2, 1.3, 1, 1], [2, 1.4, 1, 1.5]]) / 3
    for by_numpy in (False, True):
        nodes = flat_kinds(31)["clipped at both ends"]  # clips at 1/3 and 2/3, which are nodes
        places, found = finder(make_plan(nodes, interpolation), by_numpy)(codes)
        assert found.all()
        assert np.abs(places / 30 - expected).max() <= EXACT


def test_volume_is_what_six_tetrahedra_or_a_bent_cell_have() -> None:
    corners = np.zeros((2, 2, 2, 3), np.float32)
    assert not cells_with_volume(corners, True).any()
    corners[..., 0], corners[..., 1], corners[..., 2] = np.indices((2, 2, 2))
    assert cells_with_volume(corners, True).all()
    corners[1, 1, 1] = corners[0, 0, 0]  # every tetrahedron is flat, their cell is not
    assert not cells_with_volume(corners, True).any()
    assert cells_with_volume(corners, False).all()
    corners[1] = corners[0]  # a bent sheet
    assert not cells_with_volume(corners, False).any()
