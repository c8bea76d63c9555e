"""Bad changes from the page: every fault is told beside its field."""

from __future__ import annotations

import pickle
import re
from typing import Any

import pytest

from lattice.looks import Profile, load_profile
from lattice.types import LatticeError
from lattice.view import author


def points(profile: Profile, stock: str = "print", layer: str = "green") -> dict[str, list[float]]:
    curve = getattr(getattr(profile, stock).curves, layer)
    return {"log_exposure": curve.log_exposure.tolist(), "density": curve.density.tolist()}


def faults_of(name: str, changes: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(LatticeError) as caught:
        author.revised(load_profile(name), changes)
    return {each["field"]: each["message"] for each in author.faults(caught.value)}


def test_every_fault_is_told_beside_its_field() -> None:
    profile = load_profile("premier")
    falling, crossing = points(profile), points(profile, "negative", "red")
    falling["density"][5] = 0.01
    crossing["log_exposure"][3] = crossing["log_exposure"][2]
    found = faults_of(
        "premier",
        {
            "printer_lights": [25, 90, 25],
            "flare": float("nan"),
            "print_silver": True,
            "aim": "lda",
            "size": 12,
            "display": "sRGBB",
            "printer_light": 3,
            "print.curves.green": falling,
            "negative.curves.red": crossing,
        },
    )
    assert found["printer_lights.green"] == "expected 50 or less, got 90"
    assert found["flare"].startswith("expected a finite number")
    assert found["print_silver"] == "expected a number, got True"
    assert "did you mean 'lad'?" in found["aim"]
    assert found["size"].startswith("expected an odd number")
    assert "did you mean 'sRGB'?" in found["display"]
    assert re.match("density falls at point 6", found["print.curves.green"])
    assert re.match("log_exposure does not rise at point 4", found["negative.curves.red"])
    assert len(found) == 9
    assert "no such field; did you mean 'printer_lights'?" in found[""]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (None, "expected log_exposure and density, 12 numbers each, got None"),
        ([1, 2], "expected log_exposure and density"),
        ({"log_exposure": [1], "density": [1], "more": []}, "expected log_exposure and density"),
        ({"log_exposure": list(range(11)), "density": [1] * 11}, "log_exposure: expected 12 points, got 11"),
        ({"log_exposure": list(range(13)), "density": [1] * 13}, "log_exposure: expected 12 points, got 13"),
        ({"log_exposure": "0123456789ab", "density": [1] * 12}, "log_exposure: expected 12 numbers, got '0123"),
        ({"log_exposure": list(range(12)), "density": ["1"] * 12}, "density: expected 12 numbers, got ['1'"),
        ({"log_exposure": list(range(12)), "density": [True] * 12}, "density: expected 12 numbers, got [True"),
        ({"log_exposure": list(range(12)), "density": [[1]] * 12}, "density: expected 12 numbers, got [[1]"),
        ({"log_exposure": list(range(12)), "density": [float("nan")] * 12}, "density: expected finite numbers"),
        ({"log_exposure": list(range(12)), "density": [10**400] * 12}, "expected numbers of film, got a whole number"),
        ({"log_exposure": [9e307 * k for k in range(12)], "density": [1] * 12}, "log_exposure: expected finite"),
        ({"log_exposure": [9 * k for k in range(12)], "density": list(range(12))}, "density: expected 0 to 6"),
        ({"log_exposure": [0.1 * k for k in range(12)], "density": [1] * 12}, "expected density that rises, got 1"),
    ],
)
def test_what_is_no_curve_is_refused_beside_it(value: object, says: str) -> None:
    found = faults_of("vision", {"print.curves.blue": value})
    assert list(found) == ["print.curves.blue"]
    assert found["print.curves.blue"].startswith(says)


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"interimage": 0.3}, "interimage", "in a film-out no layer sees another"),
        ({"print_infrared": 1, "print_silver": 0.5}, "print_infrared", "print_silver is 0.5 too"),
        ({"printer_lights": [25, 25]}, "printer_lights.blue", "expected a value, got none"),
        ({"printer_lights": [[1]] * 3}, "printer_lights", "expected a number, text or three numbers"),
        ({"flare": {"a": 1}}, "flare", "expected a number, text or three numbers"),
        ({"flare": None}, "flare", "expected a number, got None"),
        ({"flare": "0.01"}, "flare", "expected a number, got '0.01'"),
        ({"flare": 10**400}, "flare", "expected"),
        ({"lad": [1, None, 1]}, "lad.green", "expected a number, got None"),
        ({"display": 3}, "display", "expected a name, such as 'P3-DCI', got 3"),
        ({"display.white": "D51"}, "display.white", "expected"),
        ({"residual.amount": 0.5}, "residual.amount", "this look has no residual"),
        ({"description": "two\nlines"}, "description", "expected text on one line"),
        ({"description": "\ud800"}, "description", "expected"),
        ({"name": 4}, "name", "expected text in quotes, got 4"),
        ({"film_matrix": 1}, "film_matrix", "no such field"),
        ({"_parent": "x"}, "", "_parent: no such field"),
        ({"": 1}, "", ": no such field"),
        ({"print.curves": 1}, "print.curves", "no such field"),
        ({f"field {k}": k for k in range(10_000)}, "", "expected at most 64 changes, got 10,000"),
    ],
)
def test_other_bad_changes_are_refused_beside_their_field(changes: dict[str, Any], field: str, says: str) -> None:
    found = faults_of("vision", changes)
    assert list(found) == [field]
    assert found[field].startswith(says)


def test_a_look_that_cannot_be_built_is_refused_beside_its_field() -> None:
    with pytest.raises(LatticeError) as caught:
        author.sketch(author.revised(load_profile("vision"), {"lad": [5.9, 5.9, 5.9]}))
    (fault,) = author.faults(caught.value)
    assert fault["field"] == "lad"
    assert fault["message"].startswith("expected densities between")
    assert author.faults(LatticeError("profile a: b: print.curves: expected c: d")) == [
        {"field": "print.curves", "message": "expected c: d"}
    ]


def test_faults_travel_between_processes_as_they_are() -> None:
    with pytest.raises(LatticeError) as caught:
        author.revised(load_profile("vision"), {"flare": 1, "printer_light": 1})
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    assert author.faults(again) == author.faults(caught.value)
    assert len(author.faults(again)) == 2
