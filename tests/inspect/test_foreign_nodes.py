"""Nodes that stand out, folds, volumes and whole numbers, on made-up lattices whose answer is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from basics import grid
from foreign_samples import AT, WRONG, curve, look, lut, wrong_node

from lattice.inspect.nodes import MOST_TOLD, bits_of, folds, of_lattice, outliers, volume
from lattice.process_list import Knots, Lut1D, Lut3D

CREASED = np.maximum(0, look() @ np.array([0.3, 0.6, 0.1]) - 0.4)[..., None] * np.ones(3)
PLACES = [(0, 0, 0), (16, 16, 16), (0, 7, 9), (16, 0, 5), (8, 8, 8), (1, 15, 3)]


@pytest.mark.parametrize("index", PLACES, ids=str)
@pytest.mark.parametrize("wrong", [0.03, -0.1, 0.5])
def test_a_wrong_node_is_found_wherever_it_is(index: tuple[int, ...], wrong: float) -> None:
    nodes = look().astype(np.float32)
    right = float(nodes[index][1])
    nodes[index][1] += wrong
    [found] = of_lattice(nodes)
    assert (found.index, found.channel) == (index, 1)
    assert found.value == pytest.approx(right + wrong)
    assert found.expected == pytest.approx(right, abs=0.003)  # the bend of the look itself, at an end
    assert found.where == f"node {' '.join(map(str, index))} of the LUT3D"


def test_two_rows_that_changed_places_are_found() -> None:
    nodes = look().astype(np.float32)
    nodes[[4, 5], 8, 8] = nodes[[5, 4], 8, 8]
    assert {each.index for each in of_lattice(nodes)} == {(4, 8, 8), (5, 8, 8)}


@pytest.mark.parametrize(
    "nodes",
    [
        look(),
        grid(33),
        grid(5) ** (1 / 2.2),
        CREASED,
        np.clip(look(33) * 1.8 - 0.4, 0, 1),
        np.round(look() * 255) / 255,
    ],
    ids=["look", "identity", "gamma", "crease", "clipped", "8 bits"],
)
def test_creases_clipping_and_whole_numbers_are_no_wrong_nodes(nodes: Any) -> None:
    assert of_lattice(np.asarray(nodes, np.float32)) == []


def test_noise_everywhere_is_grain_not_wrong_nodes() -> None:
    random = np.random.default_rng(5)
    nodes = (look() + random.normal(0, 0.01, (17, 17, 17, 3))).astype(np.float32)
    assert of_lattice(nodes) == []
    nodes[AT][0] += WRONG
    assert [each.index for each in of_lattice(nodes)] == [AT]


def test_a_coarse_lattice_tells_nothing() -> None:
    nodes = grid(3).astype(np.float32)
    nodes[1, 1, 1] = 0
    assert of_lattice(nodes) == []


def test_no_more_are_told_than_a_reader_wants() -> None:
    nodes = look().astype(np.float32)
    for index in PLACES:
        nodes[index] += 0.4
    assert len(outliers(lut(Lut3D(nodes)))) == MOST_TOLD < 3 * len(PLACES)


def test_a_wrong_entry_of_a_curve_is_found() -> None:
    entries = np.linspace(0, 1, 1024) ** 1.4
    assert outliers(lut(curve(entries))) == ()
    three = np.repeat(entries[:, None], 3, axis=1)
    three[517, 2] += 0.05
    [found] = outliers(lut(Lut1D(three)))
    assert (found.where, found.channel) == ("entry 517 of the LUT1D", 2)
    assert found.expected == pytest.approx(entries[517], abs=1e-5)


def test_a_wrong_point_of_an_uneven_curve_is_found() -> None:
    x = np.cumsum(np.linspace(0.01, 0.3, 30))
    right = np.log(x + 1)
    wrong = np.array(right)
    wrong[12] += 0.2
    [found] = outliers(lut(Knots((x, x, x), (right, wrong, right))))
    assert (found.index, found.channel) == ((12,), 1)


def test_corners_of_curves_are_no_wrong_entries() -> None:
    x = np.linspace(0, 1, 33)
    for entries in (np.clip(2 * x - 0.5, 0, 1), np.floor(x * 4) / 4, np.abs(x - 0.5), x ** (1 / 2.4)):
        assert outliers(lut(curve(entries))) == ()


def test_a_node_pulled_through_its_neighbours_folds_what_is_around_it() -> None:
    nodes = grid(5).astype(np.float32)
    assert folds(nodes) == folds(nodes[..., ::-1])
    assert (folds(nodes).reversed, folds(nodes).flat, folds(nodes).of) == (0, 0, 6 * 4**3)
    nodes[2, 2, 2, 0] += 0.5  # two cells to the right, through the node beside it
    found = folds(nodes)
    # Of the 24 tetrahedra that touch a node, those to its right are turned; each has a sixth of a cell.
    assert 0 < found.reversed < 24
    assert 0 < found.share < found.reversed / found.of * 2


def test_clipped_cells_are_flat_not_folded() -> None:
    found = folds(np.minimum(grid(5), 0.5).astype(np.float32))
    assert found.flat == 6 * (4**3 - 2**3)
    assert found.reversed == 0


def test_a_volume_is_that_of_the_map() -> None:
    assert volume(grid(4)) == pytest.approx(1)
    assert volume(grid(4)[..., [1, 0, 2]]) == pytest.approx(-1)
    assert volume(grid(4) * [0.5, 0.5, 1.0]) == pytest.approx(0.25)
    assert volume(np.repeat(grid(4).mean(axis=-1, keepdims=True), 3, axis=-1)) == pytest.approx(0)


@pytest.mark.parametrize(("bits", "told"), [(8, 8), (10, 10), (12, None), (16, None)])
def test_few_bits_are_told(bits: int, told: int | None) -> None:
    most = 2**bits - 1
    whole = np.round(look() * most) / most
    assert bits_of(lut(Lut3D(whole))) == told
    assert bits_of(lut(Lut3D(np.round(whole, 6)))) == told  # as texts round
    assert bits_of(lut(curve(np.round(np.linspace(0, 1, 700) ** 2 * most) / most))) == told


def test_a_few_values_tell_no_bits() -> None:
    assert bits_of(lut(Lut3D(grid(2)))) is None
    assert bits_of(lut()) is None


def test_the_lattice_of_the_sample_is_the_one_of_the_report() -> None:
    [found] = outliers(lut(Lut3D(wrong_node())))
    assert (found.index, found.channel) == (AT, 0)
    assert found.value - found.expected == pytest.approx(WRONG, abs=0.003)
