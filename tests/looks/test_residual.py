"""The residual of a look as a field: what it may be, and how it is written."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lattice.looks import load_profile
from lattice.looks.residual import LARGEST, MOST_STEP, Residual, steps
from lattice.types import LatticeError

SIZE = 13


def wave(size: int = SIZE, height: float = 3.0) -> Any:
    """Smooth offsets (size, size, size, 3), rounded as they are written."""
    at = np.linspace(0, np.pi, size)
    bump = np.sin(at)[:, None, None] * np.sin(at)[None, :, None] * np.cos(at)
    return np.round(bump[..., None] * height * np.array([0.5, 1.0, -1.0]), 2)


def test_a_look_has_none_by_default() -> None:
    assert load_profile("vision").residual is None


def test_offsets_are_rows_or_an_array() -> None:
    offsets = wave()
    rows = offsets.reshape(SIZE * SIZE, -1).tolist()
    held = Residual(offsets=rows)
    assert (held.nodes == offsets).all()
    assert held == Residual(offsets=offsets)
    assert held.model_dump(mode="json")["offsets"] == rows
    assert (held.amount, held.size) == (1, SIZE)
    with pytest.raises(ValueError, match="read-only"):
        held.nodes[0, 0, 0, 0] = 1


def changed(place: tuple[int, ...], value: float) -> Any:
    """Offsets of 0 but for one number."""
    offsets = np.zeros((SIZE, SIZE, SIZE, 3))
    offsets[place] = value
    return offsets


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"offsets": wave()[:-1]}, "offsets: expected 6,591 numbers, 3 for each of 13^3 nodes, got 6,084"),
        ({"offsets": wave(), "size": 11}, "offsets: expected 3,993 numbers, 3 for each of 11^3 nodes, got 6,591"),
        ({"offsets": wave(), "size": 12}, "size: expected an odd number so that the center is gray, got 12"),
        ({"offsets": wave(), "size": 17}, "size: expected 15 or less, got 17"),
        ({"offsets": wave(), "amount": 1.5}, "amount: expected 1 or less, got 1.5"),
        ({"offsets": changed((1, 2, 3, 0), np.nan)}, "offsets: expected finite numbers, got NaN or infinity"),
        ({"offsets": np.full((SIZE, SIZE, SIZE, 3), 61.0)}, "offsets: expected numbers from -60 to 60, got 61"),
        ({"offsets": [[True] * 39] * 169}, "offsets: number 1: number 1: expected a number, got True"),
        ({"offsets": [["0.1"] * 39] * 169}, "offsets: number 1: number 1: expected a number, got '0.1'"),
        ({"offsets": [[0.0] * 39] * 168 + [[0.0]]}, "offsets: expected rows of numbers, all of one length"),
        ({}, "offsets: expected a value, got none"),
        (
            {"offsets": changed((5, 6, 6, 0), 5.0)},
            "offsets: expected neighbors along lightness that differ by 4.83 or less in lightness, so that no color "
            "folds onto another, got 5 at node 5, 7, 7",
        ),
    ],
)
def test_refusals(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(LatticeError) as error:
        Residual(**fields)
    assert said in str(error.value)


def test_the_fault_of_a_look_names_the_field() -> None:
    with pytest.raises(LatticeError, match=r"residual\.amount: expected 0 or more, got -1"):
        load_profile("vision").replace(residual={"amount": -1, "offsets": wave()})


@pytest.mark.parametrize("axis", range(3))
def test_the_most_that_neighbors_may_differ_by(axis: int) -> None:
    shape = [1, 1, 1, 1]
    shape[axis] = SIZE
    rising = np.zeros(SIZE)
    rising[SIZE // 2 :] = 1
    most = MOST_STEP * steps(SIZE)[1]
    step = np.zeros((SIZE, SIZE, SIZE, 3))
    step[..., 1] = most * rising.reshape(shape)[..., 0]
    assert most < LARGEST
    Residual(offsets=step)
    with pytest.raises(LatticeError, match="folds"):
        Residual(offsets=1.01 * step)


def test_a_file_holds_it_in_rows(tmp_path: Any) -> None:
    look = load_profile("vision").replace(residual=Residual(amount=0.75, offsets=wave()), flare=0.01)
    look.save(tmp_path / "held.toml")
    text = (tmp_path / "held.toml").read_text()
    assert load_profile(tmp_path / "held.toml") == look.replace(name="vision")
    assert len(text) < 60_000
    assert text.count("\n") < SIZE * SIZE + 12
    assert text.startswith('extends = "vision"')


def test_the_largest_is_a_look_that_can_be_read(tmp_path: Any) -> None:
    look = load_profile("vision").replace(residual=Residual(size=15, offsets=np.full(15**3 * 3, -59.99)))
    look._parent = None
    look.save(tmp_path / "whole.toml")
    assert load_profile(tmp_path / "whole.toml").residual == look.residual


def test_an_heir_says_only_the_amount(tmp_path: Any) -> None:
    look = load_profile("vision").replace(residual=Residual(offsets=wave()))
    look.save(tmp_path / "held.toml")
    held = load_profile(tmp_path / "held.toml")
    half = held.replace(name="half", residual=held.residual.replace(amount=0.5))  # type: ignore[union-attr]
    half.save(tmp_path / "half.toml")
    assert (tmp_path / "half.toml").read_text().split() == (
        ["extends", "=", '"held.toml"', "name", "=", '"half"', "[residual]", "amount", "=", "0.5"]
    )
    assert load_profile(tmp_path / "half.toml") == half


def test_an_heir_without_it_is_written_in_full(tmp_path: Any) -> None:
    load_profile("vision").replace(residual=Residual(offsets=wave())).save(tmp_path / "held.toml")
    plain = load_profile(tmp_path / "held.toml").replace(residual=None)
    plain.save(tmp_path / "plain.toml")
    assert load_profile(tmp_path / "plain.toml").residual is None
