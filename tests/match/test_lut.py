"""A LUT as the reference: every shipped look is film, and what is none is refused with its fault's name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import grid, one_line
from foreign_film_samples import GIVES, SIDE, TAKES, codes_of_lab, loved, loved_lut
from foreign_samples import cube_file

from lattice import load
from lattice.color.inputs import find
from lattice.looks import profile_names
from lattice.match.lut import GRAY_NOISE, NOISE, of_lut

LUMA = np.array([0.2126, 0.7152, 0.0722])


@pytest.fixture(scope="module")
def nodes() -> Any:
    """Codes (SIDE ** 3, 3) of a LUT that is film."""
    return codes_of_lab(loved(find(TAKES).decode(grid(SIDE).reshape(-1, 3))))


@pytest.mark.parametrize("name", profile_names())
def test_shipped_looks_are_film(name: str) -> None:
    assert len(of_lut(load(name)).fitted.light) == 600


def test_grays_weigh_twice(tmp_path: Path) -> None:
    fitted = of_lut(loved_lut(tmp_path)).fitted
    assert {*fitted.noise[fitted.grays]} == {GRAY_NOISE}
    assert {*fitted.noise[~fitted.grays]} == {NOISE}
    assert NOISE == 5 * GRAY_NOISE


def _inverted(channel: int) -> Any:
    return lambda codes: np.where(np.arange(3) == channel, 1 - codes, codes)


def _tinted(codes: Any) -> Any:
    return (codes @ LUMA)[:, None] ** np.array([0.9, 1.0, 1.2])


FAULTS = {
    "red inverted": (_inverted(0), "grays whose red falls by 0."),
    "blue inverted": (_inverted(2), "grays whose blue falls by 0."),
    "red and blue swapped": (lambda codes: codes[:, ::-1], "turns into another hue: are its channels in another order"),
    "channels in a circle": (lambda codes: np.roll(codes, 1, axis=1), "turns into another hue"),
    "black and white": (lambda codes: np.repeat((codes @ LUMA)[:, None], 3, axis=1), "got a gray one"),
    "black and tinted": (_tinted, "got a gray one"),
    "black cut at half": (lambda codes: np.clip(2 * codes - 1, 0, 1), "shadows that are cut off at"),
    "black cut at a tenth": (lambda codes: np.clip((codes - 0.1) / 0.9, 0, 1), "shadows that are cut off at"),
    "green upside down": (_inverted(1), "expected a picture of film, got"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_no_film_is_refused(nodes: Any, tmp_path: Path, fault: str) -> None:
    change, says = FAULTS[fault]
    path = cube_file(tmp_path / "fault.cube", change(nodes).reshape(SIDE, SIDE, SIDE, 3))
    one_line(lambda: of_lut(load(path, TAKES, GIVES), path.name), "fault.cube: expected a picture of film, got", says)


def test_a_strong_cast_is_film(nodes: Any, tmp_path: Path) -> None:
    cold = nodes ** np.array([1.3, 1.0, 0.8])
    path = cube_file(tmp_path / "cold.cube", cold.reshape(SIDE, SIDE, SIDE, 3))
    assert of_lut(load(path, TAKES, GIVES), path.name).tested.about == "cold.cube"
