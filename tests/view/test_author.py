"""Edits of a profile from the page: what it is told, what it may change, what it sees, and what is saved."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lattice.color.displays import DISPLAYS
from lattice.looks import Profile, load_profile, profile_names
from lattice.looks.residual import Residual
from lattice.types import LatticeError
from lattice.view import author
from lattice.view.author_file import AuthorFile
from lattice.view.fields import GROUPS, NAMES, RESIDUAL, display_name, shown

EVERY = pytest.mark.parametrize("name", profile_names())
LEFT_OUT = {"name", "negative", "print", "film_matrix", "density_only"}
KINDS = {"number", "triple", "choice", "text"}


def points(profile: Profile, stock: str = "print", layer: str = "green") -> dict[str, list[float]]:
    curve = getattr(getattr(profile, stock).curves, layer)
    return {"log_exposure": curve.log_exposure.tolist(), "density": curve.density.tolist()}


def moved(profile: Profile, by: float = 0.05, at: int = 5) -> dict[str, Any]:
    """What the page sends for a print point."""
    curve = points(profile)
    curve["density"][at] += by
    return {"print.curves.green": curve}


@EVERY
def test_a_profile_is_described_in_json_with_every_field_that_artists_author(name: str) -> None:
    profile = load_profile(name)
    told = json.loads(json.dumps(author.describe(profile), allow_nan=False))
    assert (told["name"], told["parent"], told["chain"]) == (name, None, profile.chain)
    revised = author.revised(profile, {"flare": 0.001})
    assert author.describe(revised)["parent"] == name
    assert [each["name"] for each in told["fields"]] == [each for each in NAMES if each != RESIDUAL]  # none has one
    for each in told["fields"]:
        assert each["kind"] in KINDS
        assert each["name"] in GROUPS[each["group"]]
        assert each["value"] == each["parent"]
        assert (each["choices"] is not None) == (each["kind"] == "choice")
        if each["kind"] == "choice":
            assert each["value"] in each["choices"]
        if each["kind"] in ("number", "triple"):
            assert each["minimum"] < each["maximum"]
            assert each["step"] > 0
        if each["kind"] == "triple":
            assert len(each["value"]) == 3
    for stock in ("negative", "print"):
        curves = told["curves"][stock]
        assert curves["stock"] == getattr(profile, stock).name
        assert curves["parent"] == {layer: points(profile, stock, layer) for layer in author.LAYERS}
        assert {layer: curves[layer] for layer in author.LAYERS} == curves["parent"]
    assert told["rules"] == {"points": 12, "step": 0.001, "log_exposure": [-20, 20], "density": [0, 6]}


def test_every_field_of_a_profile_is_shown_or_left_out_on_purpose() -> None:
    assert {name.partition(".")[0] for name in NAMES} == set(Profile.model_fields) - LEFT_OUT


def test_limits_and_help_are_those_of_the_record() -> None:
    told = {each["name"]: each for each in author.describe(load_profile("vision"))["fields"]}
    assert (told["printer_lights"]["minimum"], told["printer_lights"]["maximum"]) == (0, 50)
    assert (told["contrast"]["minimum"], told["contrast"]["maximum"]) == (0.5, 2)
    assert (told["print_infrared"]["value"], told["print_infrared"]["maximum"]) == (None, 4)
    assert (told["size"]["minimum"], told["size"]["maximum"], told["size"]["step"]) == (3, 33, 2)
    assert told["lad"]["value"] == list(load_profile("vision").print.lad or ())
    assert told["flare"]["help"] == Profile.model_fields["flare"].description
    assert told["projection"]["choices"][:3] == [3200, 5000, 5400]
    assert "xenon" in told["projection"]["choices"]
    assert told["display"]["choices"] == [each.name for each in DISPLAYS.values()]


@EVERY
def test_what_is_described_can_be_sent_back_and_changes_nothing(name: str) -> None:
    profile = load_profile(name)
    told = json.loads(json.dumps(author.describe(profile)))
    changes = {each["name"]: each["value"] for each in told["fields"]}
    changes |= {
        f"{stock}.curves.{layer}": told["curves"][stock][layer]
        for stock in ("negative", "print")
        for layer in author.LAYERS
    }
    again = author.revised(profile, changes)
    assert again == profile
    assert again.lad == profile.lad
    assert author.revised(profile, {}) == profile


@pytest.mark.parametrize(
    ("field", "value", "got"),
    [
        ("printer_lights", [25, 26.5, 24], (25, 26.5, 24)),
        ("print_infrared", 0.5, 0.5),
        ("lad", [1.1, 1.0, 1.0], (1.1, 1.0, 1.0)),
        ("projection", "xenon", "xenon"),
        ("projection", 3200, 3200),
        ("chain", "scan", "scan"),
        ("size", 17, 17),
        ("description", "cold", "cold"),
        ("name", "mine", "mine"),
    ],
)
def test_a_field_is_changed(field: str, value: object, got: object) -> None:
    assert getattr(author.revised(load_profile("premier"), {field: value}), field) == got


def test_the_display_is_a_name_and_a_white() -> None:
    profile = load_profile("vision")
    for each in DISPLAYS.values():
        assert author.revised(profile, {"display": each.name}).display.shown == each.shown
    at_203 = author.revised(profile, {"display": "pq@203"})
    assert shown(at_203, "display") == "Rec.2100-PQ@203" or display_name(at_203.display).endswith("@203")
    warm = author.revised(at_203, {"display.white": "D55"})
    assert (warm.display.white, warm.display.peak) == ("D55", 203)
    own = profile.replace(display={"primaries": "Rec.2020", "gamma": 2.2, "white": "D60"})
    assert shown(own, "display") == "Rec.2020 2.2"
    assert author.revised(own, {"display": "Rec.2020 2.2", "display.white": author.OWN_WHITE}).display.gamma == 2.2
    assert author.revised(own, {"display": "sRGB"}).display.white == "D60"


def test_curves_are_changed_layer_by_layer() -> None:
    profile = load_profile("premier")
    changes = moved(profile) | {"negative.curves.red": points(profile, "negative", "blue")}
    found = author.revised(profile, changes)
    assert points(found) == changes["print.curves.green"]
    assert points(found, "negative", "red") == points(profile, "negative", "blue")
    assert found.print.curves.red == profile.print.curves.red
    assert found.negative.dye_density == profile.negative.dye_density


@pytest.mark.parametrize("name", ["premier", "vision-camera", "eterna", "bleach-bypass-half"])
def test_toml_extends_its_parent_and_holds_what_differs(name: str, tmp_path: Path) -> None:
    profile = load_profile(name)
    changes = moved(profile) | {"printer_lights": [25, 27, 25]}
    text = author.toml(profile, changes, "mine")
    values = tomllib.loads(text)
    assert values == {
        "extends": name,
        "name": "mine",
        "printer_lights": [25, 27, 25],
        "print": {"curves": {"green": changes["print.curves.green"]}},
    }
    (tmp_path / "mine.toml").write_text(text)
    assert load_profile(tmp_path / "mine.toml") == author.revised(profile, {**changes, "name": "mine"})


def test_toml_of_a_file_extends_the_shipped_look_so_that_it_works_in_any_folder(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text('extends = "premier"\nflare = 0.01\n')
    (tmp_path / "look.toml").write_text('extends = "base.toml"\ngray_balance = 0.5\n')
    profile = load_profile(tmp_path / "look.toml")
    assert author.describe(profile)["parent"] == "base"
    told = {each["name"]: each for each in author.describe(profile)["fields"]}
    assert (told["gray_balance"]["value"], told["gray_balance"]["parent"]) == (0.5, 0.75)
    values = tomllib.loads(author.toml(profile, {"exposure": 1}, "mine"))
    assert values == {"extends": "premier", "name": "mine", "flare": 0.01, "gray_balance": 0.5, "exposure": 1}


def test_a_display_of_the_parent_can_be_put_back(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text('extends = "premier"\n[display]\nprimaries = "Rec.2020"\ngamma = 2.2\n')
    (tmp_path / "look.toml").write_text('extends = "base.toml"\ndisplay = "P3-DCI"\n')
    profile = load_profile(tmp_path / "look.toml")
    found = author.revised(profile, {"display": author.describe(profile)["curves"] and "Rec.2020 2.2"})
    assert found.display == load_profile(tmp_path / "base.toml").display


def test_saving_writes_over_the_named_file_and_extends_its_parent(tmp_path: Path) -> None:
    (tmp_path / "look.toml").write_text('extends = "premier"\nflare = 0.01\n')
    profile = author.revised(load_profile(tmp_path / "look.toml"), {"exposure": 0.5})
    AuthorFile(str(tmp_path / "look.toml")).write(profile)
    assert tomllib.loads((tmp_path / "look.toml").read_text()) == {
        "extends": "premier",
        "name": "look",
        "flare": 0.01,
        "exposure": 0.5,
    }
    assert load_profile(tmp_path / "look.toml") == profile
    assert os.listdir(tmp_path) == ["look.toml"]
    with pytest.raises(LatticeError, match=r"\.toml"):
        AuthorFile(str(tmp_path / "look.txt"))


def test_a_profile_without_a_file_is_its_own_parent() -> None:
    made = Profile(name="made", negative="kodak_5219", print="kodak_2383")
    assert author.describe(made)["parent"] is None
    assert "extends" not in tomllib.loads(author.toml(made, {}, "mine"))


def test_the_amount_of_a_residual_is_a_field_of_looks_that_have_one(tmp_path: Path) -> None:
    offsets = np.full((3, 3, 3, 3), 0.25)
    load_profile("vision").replace(residual=Residual(size=3, offsets=offsets)).save(tmp_path / "held.toml")
    held = load_profile(tmp_path / "held.toml")
    told = {each["name"]: each for each in author.describe(held)["fields"]}[RESIDUAL]
    assert (told["value"], told["parent"], told["kind"], told["minimum"], told["maximum"]) == (1, 0, "number", 0, 1)
    half = author.revised(held, {RESIDUAL: 0.5, "flare": 0.01})
    assert half.residual is not None
    assert (half.residual.amount, half.flare) == (0.5, 0.01)
    assert (half.residual.nodes == offsets).all()
    half.save(tmp_path / "half.toml")
    assert load_profile(tmp_path / "half.toml").residual == half.residual
    assert author.revised(held, {"flare": 0.01}).residual == held.residual
    with pytest.raises(LatticeError, match=r"residual\.amount: expected 1 or less, got 2"):
        author.revised(held, {RESIDUAL: 2})
    with pytest.raises(LatticeError, match=r"residual\.amount: this look has no residual"):
        author.revised(load_profile("vision"), {RESIDUAL: 0.5})
