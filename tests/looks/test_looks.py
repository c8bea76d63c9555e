"""Stocks and profiles: what ships loads, `extends` merges, and a mistake is one line naming file and field."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line, write_toml

import lattice
from lattice.looks import Profile, load_profile, profile_names, schemas, stock_names, where
from lattice.looks.toml import load_stock
from lattice.looks.wedge import miss
from lattice.types import LatticeError

BASE = 'negative = "kodak_5219"\nprint = "kodak_2383"\n'
POINTS = ", ".join(str(i / 4) for i in range(12))
FALLING = "0.1, 0.2, 0.3, 0.5, 0.9, 1.2, 1.42, 1.4, 1.6, 2, 2.2, 2.4"


def refused(path: str | Path, *says: str) -> None:
    """Loading the profile fails in one line that names the file and says each of these."""
    with pytest.raises(LatticeError) as caught:
        lattice.profile(path)  # type: ignore[operator]
    message = str(caught.value)
    assert "\n" not in message, message
    for part in (str(path), *says):
        assert part in message, message


@pytest.mark.parametrize("name", profile_names())
def test_every_shipped_profile_loads(name: str) -> None:
    profile = load_profile(name)
    assert profile.name == name
    assert len(profile.description) > 20
    for row in profile.film_matrix:
        assert sum(row) == pytest.approx(1, abs=0.0005)
    assert profile.interpolation == "trilinear"
    assert profile.size == 13


@pytest.mark.parametrize("name", stock_names())
def test_every_shipped_stock_has_three_curves_of_12_points_and_a_source_for_every_group(name: str) -> None:
    stock = load_stock(name)
    for curve in dict(stock.curves).values():
        assert curve.log_exposure.size == curve.density.size == 12
    given = tomllib.loads((where.shipped() / "stocks" / f"{name}.toml").read_text())
    assert given.keys() - {"name", "kind", "sources"} <= given["sources"].keys()
    assert all(len(source) > 10 for source in given["sources"].values())


def test_the_looks_and_stocks_of_the_house_ship() -> None:
    assert {"vision", "premier", "bleach-bypass", "eterna"} <= set(profile_names())
    kinds = {name: load_stock(name).kind for name in stock_names()}
    assert {name for name, kind in kinds.items() if kind == "print"} == {
        "kodak_2383",
        "kodak_2393",
        "kodak_5386",
        "fuji_3513di",
        "fuji_3523xd",
    }
    assert len(kinds) == 12


@pytest.mark.parametrize("name", stock_names())
def test_shipped_curves_are_the_digitized_ones(name: str, film_data: Path) -> None:
    """But for 5248, whose 12 points were fitted again with an extrapolated shoulder."""
    even_in_lightness = film_data / f"{name}.curve12_lightness.json"
    path = even_in_lightness if even_in_lightness.is_file() else film_data / f"{name}.curve12.json"
    expected = json.loads(path.read_text())["curves"]
    for layer, curve in dict(load_stock(name).curves).items():
        if name == "kodak_5248":
            measured = json.loads((film_data / f"{name}.json").read_text())["characteristic"][layer]
            assert miss(curve, measured["log10_exposure"], measured["density"]) < 0.001
            assert curve.log_exposure[-1] - expected[layer]["log10_exposure"][-1] == pytest.approx(1.2, abs=0.005)
            continue
        assert curve.log_exposure.tolist() == expected[layer]["log10_exposure"]
        assert curve.density.tolist() == expected[layer]["density"]


def test_premiere_is_premier() -> None:
    assert load_profile("premiere") == load_profile("premier")


def test_extends_merges_over_its_base(tmp_path: Path) -> None:
    path = write_toml(tmp_path / "mine.toml", 'extends = "premier"\nprint_silver = 0.25\n[display]\ngamma = 2.4\n')
    mine, base = load_profile(path), load_profile("premier")
    assert mine.name == "mine"
    assert mine.print_silver == 0.25
    assert mine.display.gamma == 2.4
    assert mine.display.primaries == base.display.primaries
    assert mine.print == base.print
    assert mine.negative == base.negative


def test_extends_chains_through_folders(tmp_path: Path) -> None:
    (tmp_path / "show" / "shot").mkdir(parents=True)
    write_toml(tmp_path / "show" / "stock.toml", 'extends = "kodak_2383"\nlad = [1.0, 1.0, 1.0]\n')
    write_toml(tmp_path / "show" / "base.toml", 'extends = "vision"\nprint = "stock.toml"\nflare = 0.001\n')
    path = write_toml(tmp_path / "show" / "shot" / "look.toml", 'extends = "../base.toml"\npush_stops = 1\n')
    look = load_profile(path)
    assert (look.flare, look.push_stops, look.print.lad, look.name) == (0.001, 1, (1, 1, 1), "look")


def test_a_print_may_change_single_curves_of_a_stock(tmp_path: Path) -> None:
    path = write_toml(
        tmp_path / "mine.toml",
        f'negative = "kodak_5219"\n[print]\nextends = "kodak_2383"\n'
        f"[print.curves.green]\nlog_exposure = [{POINTS}]\ndensity = [{POINTS}]\n",
    )
    mine, base = load_profile(path).print, load_stock("kodak_2383")
    assert np.array_equal(mine.curves.green.density, np.arange(12) / 4)
    assert np.array_equal(mine.curves.red.density, base.curves.red.density)
    assert mine.dye_density == base.dye_density


def test_a_circle_of_extends_is_shown(tmp_path: Path) -> None:
    write_toml(tmp_path / "b.toml", 'extends = "c.toml"')
    write_toml(tmp_path / "c.toml", 'extends = "a.toml"')
    refused(write_toml(tmp_path / "a.toml", 'extends = "b.toml"'), "circular: a.toml -> b.toml -> c.toml -> a.toml")
    refused(write_toml(tmp_path / "self.toml", 'extends = "self.toml"'), "circular")
    write_toml(tmp_path / "stock.toml", 'extends = "stock.toml"')
    refused(write_toml(tmp_path / "d.toml", 'negative = "kodak_5219"\nprint = "stock.toml"'), "print", "circular")


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("push = 1", ["push: no such field"]),
        ("print-silver = 1", ["print-silver: no such field"]),
        ("size = 12", ["size: expected an odd number", "12"]),
        ("size = 1", ["size", "3"]),
        (
            "film_matrix = [[1, 0, 0], [0, 1, 0.1], [0, 0, 1]]",
            ["film_matrix: expected rows that sum to 1", "for green"],
        ),
        ("film_matrix = [[1, 0, 0], [0, 1, 0]]", ["film_matrix"]),
        ("film_matrix = [[nan, 0, 0], [0, 1, 0], [0, 0, 1]]", ["film_matrix"]),
        ("printer_lights = [25, 25]", ["printer_lights"]),
        ("printer_lights = [nan, 25, 25]", ["printer_lights"]),
        ("printer_lights = [25, inf, 25]", ["printer_lights"]),
        ("lad = [1.0, nan, 1.0]", ["lad"]),
        ("negative_stops = nan", ["negative_stops"]),
        ("negative_stops = 9", ["negative_stops", "4", "9"]),
        ("print_silver = 1.5", ["print_silver", "1.5"]),
        ("flare = -0.1", ["flare", "-0.1"]),
        ("exposure = 11", ["exposure: expected 10 or less", "11"]),
        (
            "exposure_stops = 1",
            ["exposure_stops: is negative_stops now", "exposure = 1 makes the picture a stop brighter"],
        ),
        ("contrast = [1, 3, 1]", ["contrast.green: expected 2 or less, got 3"]),
        ("print_silver = 1\nprint_infrared = 1", ["print_infrared: print_silver is 1 too; print_silver = 0"]),
        ('aim = "cineom"', ["aim:", "did you mean 'cineon'?"]),
        ('display = { white = "D50" }', ["display.white:", "'D55'", "got 'D50'"]),
        ('interpolation = "cubic"', ["interpolation", "tetrahedral", "cubic"]),
        ('aim = "lad\\ngray"', ["aim"]),
        ('input = "sRGB"', ["input: expected primaries of linear light", "'Rec.709', got 'sRGB', which is codes"]),
        ("display = {gamma = 5}", ["display.gamma:", "5"]),
        ("projection = 1000", ["projection:", "1700", "1000"]),
        ('"a\\nb" = 1', ["no such field"]),
        ('name = "a\\u0000b"', ["name"]),
        ("size = 99", ["size", "33", "99"]),
        ("film_matrix = [[1e200, -1e200, 1], [0, 1, 0], [0, 0, 1]]", ["film_matrix", "10"]),
        ("printer_lights = [25, 25, 1e9]", ["printer_lights", "50"]),
        ("density_only = {light = [[0, 0, 0], [0, 1, 0], [0, 0, 1]]}", ["density_only.light", "above 0"]),
        ("density_only = {printing = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]}", ["density_only: has no effect"]),
    ],
)
def test_a_wrong_field_is_named(lines: str, says: list[str], tmp_path: Path) -> None:
    refused(write_toml(tmp_path / "mine.toml", BASE + lines), *says)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('print = "kodak_2383"', ["negative"]),
        ('negative = "kodak_9999"\nprint = "kodak_2383"', ["negative", "no stock named 'kodak_9999'", "kodak_5219"]),
        ('negative = "kodak_2383"\nprint = "kodak_2383"', ["negative: expected a negative stock", "print"]),
        ('negative = "kodak_5219"\nprint = "kodak_5219"', ["print: expected a print stock", "negative"]),
        ('negative = "kodak_5219"\nprint = "absent.toml"', ["print", "absent.toml", "got none"]),
        ('negative = 5\nprint = "kodak_2383"', ["negative", "5"]),
        ('extends = "nothing"', ["no look named 'nothing'"]),
        ('extends = "absent.toml"', ["absent.toml", "got none"]),
        ('extends = "a\\u0000.toml"', ["extends"]),
        ("extends = 3", ["extends", "3"]),
        ("negative == 3", ["no readable TOML"]),
        ("a = " + "[" * 100_000, ["tables or lists over 32 deep"]),
        ("size = " + "9" * 5000, ["no readable TOML"]),
        ('extends = "vision"\n[negative]\nexposure_index = 1e300', ["negative.exposure_index", "1e+300"]),
        ('extends = "eterna"\nprojection = "D55"', ["projection", "density-only"]),
    ],
)
def test_a_wrong_profile_is_refused(text: str, says: list[str], tmp_path: Path) -> None:
    refused(write_toml(tmp_path / "mine.toml", text), *says)


@pytest.mark.parametrize(
    ("x", "d", "says"),
    [
        (POINTS[:-6], POINTS, "log_exposure and density: expected as many numbers, 3 to 4096, got 11 and 12"),
        (POINTS, POINTS[:-6], "log_exposure and density: expected as many numbers, 3 to 4096, got 12 and 11"),
        ("0, 1", "0, 1", "expected as many numbers, 3 to 4096, got 2 and 2"),
        (POINTS, FALLING, "density falls at point 8 (1.42 -> 1.4)"),
        (FALLING, POINTS, "log_exposure does not rise at point 8 (1.42 -> 1.4)"),
        (POINTS[:-4] + "nan", POINTS, "finite"),
        ('"a", "b"', POINTS, ""),
    ],
    ids=["11 exposures", "11 densities", "2 points", "density falls", "exposure falls", "NaN", "words"],
)
@pytest.mark.parametrize("inline", [True, False], ids=["in the profile", "in a stock"])
def test_a_wrong_curve_is_named_with_its_layer(x: str, d: str, says: str, inline: bool, tmp_path: Path) -> None:
    prefix = "print." if inline else ""
    curve = f'extends = "kodak_2383"\n[{prefix}curves.green]\nlog_exposure = [{x}]\ndensity = [{d}]\n'
    if inline:
        path = write_toml(tmp_path / "mine.toml", f'negative = "kodak_5219"\n[print]\n{curve}')
        refused(path, "print.curves.green: ", says)
    else:
        write_toml(tmp_path / "stock.toml", curve)
        path = write_toml(tmp_path / "mine.toml", 'negative = "kodak_5219"\nprint = "stock.toml"')
        refused(path, "stock.toml: line 2: curves.green: ", says)


def test_an_unknown_name_lists_the_known_ones() -> None:
    refused("premeir", "no look named 'premeir'", "premier", "vision")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({}, "negative"),
        ({"negative": "kodak_5219", "print": "kodak_1"}, "print: no stock named"),
        ({"negative": "kodak_5219", "print": "kodak_2383", "pull": 1}, "pull: no such field"),
        ({"negative": "kodak_5219", "print": "kodak_2383", "size": 12}, "size: expected an odd number"),
        ({"negative": "kodak_5219", "print": [1]}, "print"),
    ],
)
def test_python_raises_the_one_error(values: Any, says: str) -> None:
    with pytest.raises(LatticeError) as caught:
        Profile(**values)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_revision_is_checked_again() -> None:
    vision = load_profile("vision")
    assert vision.replace(push_stops=1).push_stops == 1
    assert vision.push_stops == 0
    with pytest.raises(LatticeError, match="push_stops"):
        vision.replace(push_stops=9)


def test_the_schemas_take_every_shipped_toml() -> None:
    by_kind = {name.split(".")[0]: json.loads(text) for name, text in schemas().items()}
    texts = [("profile", where.shipped() / f"{name}.toml") for name in profile_names()]
    texts += [("stock", where.shipped() / "stocks" / f"{name}.toml") for name in stock_names()]
    for kind, path in texts:
        data = tomllib.loads(path.read_text())
        assert data.keys() <= by_kind[kind]["properties"].keys()
        try:
            import jsonschema
        except ImportError:
            continue
        jsonschema.validate(data, by_kind[kind])


def test_a_field_given_twice_is_refused(tmp_path: Path) -> None:
    refused(write_toml(tmp_path / "mine.toml", BASE + 'print = "kodak_2393"'), "no readable TOML")


def test_a_table_without_extends_changes_the_stock_that_is_named_below(tmp_path: Path) -> None:
    profile = load_profile(write_toml(tmp_path / "mine.toml", 'extends = "vision"\n[print]\nlad = [1, 1, 1]'))
    assert profile.print.lad == (1, 1, 1)
    assert profile.print.curves.red.density.tolist() == load_stock("kodak_2383").curves.red.density.tolist()


def test_a_long_row_of_files_is_refused(tmp_path: Path) -> None:
    for number in range(30):
        write_toml(tmp_path / f"{number}.toml", f'extends = "{number + 1}.toml"')
    refused(tmp_path / "0.toml", "extends", "20")


def test_every_fault_is_told_in_one_message_with_what_may_have_been_meant(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(
        'extends = "premier"\nprint_sliver = 0.3\nprint_silver = 2\nsize = 12\n[display]\ngama = 3\n'
    )
    one_line(
        lambda: load_profile(tmp_path / "a.toml"),
        "a.toml: ",
        "print_silver: expected 1 or less, got 2",
        "size: expected an odd number",
        "print_sliver: no such field; did you mean 'print_silver'?",
        "display.gama: no such field; did you mean 'gamma'?",
    )
    one_line(lambda: load_profile("premeir"), "did you mean 'premier'?")
    one_line(lambda: load_profile("premier").replace(print="kodak_238"), "did you mean 'kodak_2383'?")
