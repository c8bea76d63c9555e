"""A stock's `film_stage`: what is refused, and that TOML keeps it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lattice.errors import LatticeError
from lattice.looks import load_profile
from lattice.looks.film_stage import SLOPES_AT, FilmStage
from lattice.looks.toml import load_stock

EYE = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
APART = [[1, 0, 0], [1, -1, 0], [0, -1, 1]]
TOGETHER = [[1, 0, 0], [1, -1, 0], [1, -1, 1]]
STRAIGHT = [[1.0] * len(SLOPES_AT)] * 2


def stage(**changes: Any) -> FilmStage:
    straight = {"first": {"matrix": APART, "slopes": STRAIGHT}, "second": {"matrix": EYE, "slopes": STRAIGHT}}
    return FilmStage(**{"mixing": EYE, "layers": TOGETHER, **straight, **changes})


def test_a_stage_that_does_nothing_is_one() -> None:
    assert stage().mixing == ((1, 0, 0), (0, 1, 0), (0, 0, 1))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"mixing": [[0.9, 0, 0], *EYE[1:]]},
            "mixing: expected rows that sum to 1, 1, 1, so that gray stays gray, got 0.9",
        ),
        ({"mixing": [[1.1, -0.1, 0], *EYE[1:]]}, "mixing: expected no entry below 0, got -0.1"),
        ({"first": {"matrix": EYE, "slopes": STRAIGHT}}, "first.matrix: expected rows that sum to 1, 0, 0"),
        ({"second": {"matrix": APART, "slopes": STRAIGHT}}, "second.matrix: expected a first column of 1, 0, 0"),
        ({"layers": APART}, "layers: expected a first column of 1, 1, 1"),
        ({"layers": [[1, 0, 0], [1, 1, 0], [1, 1, 1]]}, "so that no color is mirrored"),
        ({"first": {"matrix": APART, "slopes": [[1.0] * 10] * 2}}, "first.slopes"),
        ({"first": {"matrix": APART, "slopes": [[0.0] * 11] * 2}}, "first.slopes"),
        ({"third": {}}, "third: no such field"),
    ],
)
def test_a_wrong_stage_is_named(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(LatticeError) as caught:
        stage(**changes)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_print_has_no_stage() -> None:
    with pytest.raises(LatticeError, match="film_stage: a print has none"):
        load_stock("kodak_2383").replace(film_stage=stage())


def test_a_look_of_a_changed_stage_is_kept(tmp_path: Path) -> None:
    vision = load_profile("vision")
    look = vision.replace(negative=vision.negative.replace(film_stage=stage()), name="plain")
    look.save(tmp_path / "plain.toml")
    read = load_profile(tmp_path / "plain.toml").negative.film_stage
    assert read is not None
    assert np.array_equal(read.layers, TOGETHER)
    assert read == stage()
