"""What a person meets first in Python: names, loading, values that compare, the README."""

from __future__ import annotations

import copy
import pickle
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from basics import ROOT, one_line, random_device

import lattice
from lattice.sdev import SDev

README = (ROOT / "README.md").read_text()


def test_what_is_there_is_listed() -> None:
    assert set(lattice.__all__) <= set(dir(lattice))
    assert "import_module" not in dir(lattice)
    assert "premier" in lattice.looks()
    assert "kodak_2383" in lattice.stocks()


@pytest.mark.parametrize("wrong", [5, None, b"premier", ["premier"], 0.5])
def test_what_is_no_name_is_refused_in_a_line(wrong: Any) -> None:
    one_line(lambda: lattice.load(wrong), "expected a look's name, a path or a Profile", type(wrong).__name__)
    one_line(lambda: lattice.profile(wrong), "expected a look's name", type(wrong).__name__)


def test_a_profile_becomes_its_sdev(premier: SDev) -> None:
    look = lattice.profile("premier")
    assert look.sdev() == premier == lattice.load(look)


@pytest.mark.parametrize(
    "change",
    [copy.copy, copy.deepcopy, lambda sdev: pickle.loads(pickle.dumps(sdev)), lambda sdev: SDev.from_device(sdev)],
)
def test_equal_sdevs_compare_and_hash_alike(change: Any) -> None:
    sdev = SDev.from_device(random_device("trilinear", 3))
    assert change(sdev) == sdev
    assert len({change(sdev), sdev}) == 1
    assert SDev.from_device(random_device("tetrahedral", 3)) != sdev
    assert sdev != "made up"


def test_equal_profiles_compare_and_hash_alike(tmp_path: Path) -> None:
    look = lattice.profile("premier")
    (tmp_path / "premier.toml").write_text((ROOT / "profiles" / "premier.toml").read_text())
    again = lattice.profile(tmp_path / "premier.toml")
    assert again == look
    assert len({again, look, look.replace(print_silver=0.5)}) == 2
    assert look.replace(print_silver=0.5) != look


@pytest.mark.parametrize("name", ["premier", "eterna", "vision-camera"])
def test_a_repr_is_a_short_line(name: str, built: Any) -> None:
    look = lattice.profile(name)
    for value in (built(name), look, look.print, look.replace(name="x" * 500), look.replace(name="\u200b" * 60)):
        assert len(repr(value)) < 200
        assert "\n" not in repr(value)
    assert name in repr(look)
    assert str(look) == repr(look)
    assert repr(look) != repr(look.replace(display={"primaries": "P3-DCI", "gamma": 2.6}))
    assert re.search(r"5219|5207|5277|8573|50D|Eterna", repr(look), re.IGNORECASE)


def test_a_notebook_shows_curves_a_ramp_and_a_chart(premier: SDev) -> None:
    card = premier._repr_html_()
    svg = ElementTree.fromstring(card[card.index("<svg") : card.index("</svg>") + 6])
    assert len(svg.findall("polyline")) == 3
    shown = [rect.get("fill") for rect in svg.findall("rect")]
    assert len(shown) == 57 + 72
    whites = [int(level) for level in re.findall(r"\d+", shown[56] or "")]
    blacks = [int(level) for level in re.findall(r"\d+", shown[0] or "")]
    assert min(whites) > 240 > 30 > max(blacks)
    assert lattice.profile("premier")._repr_html_() == card
    assert "KODAK VISION3 500T Color Negative 5219 on KODAK VISION Premier Color Print Film 2393" in card


def test_a_card_shows_the_same_film_for_every_input_and_display(premier: SDev) -> None:
    theatre = lattice.profile("premier").replace(display={"primaries": "P3-DCI", "gamma": 2.6}).sdev()

    def painted(sdev: SDev) -> Any:
        return np.array(
            [
                [int(level) for level in re.findall(r"\d+", fill)]
                for fill in re.findall(r'fill="rgb\(([^)]*)\)', sdev._repr_html_())
            ]
        )

    assert np.array_equal(painted(premier.with_input("ACEScg")), painted(premier))
    gray = slice(0, 57)
    assert np.abs(painted(theatre)[gray] - painted(premier)[gray]).max() <= 1


@pytest.mark.parametrize("facts", [{}, {"input": "scene", "output_chromaticities": "none"}, {"input": "1 2"}])
def test_a_device_by_others_has_a_card(facts: dict[str, str]) -> None:
    device = random_device("trilinear", 3)
    sdev = SDev("theirs", device.matrix, device.table, device.lattice, device.display, facts)
    assert sdev._repr_html_().count("<rect") == 57 + 72


def test_a_name_cannot_write_html() -> None:
    device = random_device("trilinear", 3)
    sdev = SDev("<script>", device.matrix, device.table, device.lattice, device.display)
    assert "<script>" not in sdev._repr_html_()


@pytest.mark.parametrize("wrong", [None, b"a.toml", 3, "a\0.toml", "a\0.clf"])
def test_a_path_that_is_none_is_refused_in_a_line(wrong: Any, premier: SDev) -> None:
    one_line(lambda: lattice.profile("premier").save(wrong), "expected a path, got")
    one_line(lambda: premier.save(wrong), "expected a path, got")


def test_zeros_and_orders_that_compare_equal_hash_alike() -> None:
    look = lattice.profile("premier").replace(flare=0.0)
    sources = look.print.sources
    turned = look.print.model_copy(update={"sources": dict(reversed(sources.items()))})
    for same in (look.replace(flare=-0.0), look.replace(print=turned)):
        assert same == look
        assert hash(same) == hash(look)


def test_what_a_record_refuses_names_what_to_type() -> None:
    look = lattice.profile("premier")
    one_line(lambda: setattr(look, "flare", 0.1), "flare: a Profile does not change; replace(flare=...) makes another")
    one_line(lambda: lattice.Profile("premier"), "expected fields by name")  # type: ignore[call-arg, misc]
    for wrong in (True, "0.35"):
        one_line(lambda wrong=wrong: look.replace(print_silver=wrong), "print_silver: expected a number, got")
        one_line(
            lambda wrong=wrong: look.replace(printer_lights=[wrong, 25, 25]), "printer_lights: red: expected a number"
        )
        one_line(lambda wrong=wrong: look.replace(display={"gamma": wrong}), "display.gamma: expected a number, got")
        one_line(lambda wrong=wrong: look.print.replace(minimum_density=[wrong] * 81), "minimum_density: number 1: ")
    stock = look.print.replace(name="mine")
    assert look.replace(print=stock).print.name == "mine"
    one_line(lambda: setattr(stock, "name", "other"), "name: a Stock does not change; replace(name=...) makes another")
    for change, meant in (
        ({"input": "acescg"}, "'ACEScg'"),
        ({"display": {"primaries": "P3"}}, "'P3-DCI'"),
        ({"interpolation": "tetra"}, "'tetrahedral'"),
        ({"gamma": 2.4}, "'display.gamma'"),
        ({"display": {"input": "ACEScg"}}, "'input'"),
        ({"extend": "premier"}, "'extends'"),
        ({"print": "2383"}, "'kodak_2383'"),
        ({"aim": "LAD"}, "'lad'"),
    ):
        one_line(lambda change=change: look.replace(**change), f"did you mean {meant}?")


def test_the_readmes_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    monkeypatch.chdir(tmp_path)
    [block] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    image = np.full((2, 2, 3), 0.18, np.float32)
    names: dict[str, Any] = {
        "image": image,
        "cupy_array": image,
        "ml_dtypes": SimpleNamespace(bfloat16=ml_dtypes.bfloat16),
        "words": (image.view(np.uint32) >> 16).astype(np.uint16),
    }
    exec(block, names)
    assert names["xyz"].shape == (3,)
    assert lattice.profile("harder.toml") == names["harder"]
    assert lattice.load("premier.clf").lattice == lattice.load("premier").lattice


def test_the_readmes_look_builds(tmp_path: Path) -> None:
    [block] = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "mylook.toml").write_text(block)
    assert lattice.profile(tmp_path / "mylook.toml").print_silver == 0.35
