"""What a person meets first in Python: names, loading, values that compare, pictures of any shape, the README."""

from __future__ import annotations

import copy
import pickle
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from basics import ROOT, one_line, random_device

import lattice
from lattice.looks import profile_names
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


@pytest.mark.parametrize("change", [copy.copy, copy.deepcopy, lambda sdev: pickle.loads(pickle.dumps(sdev)),
                                    lambda sdev: SDev.from_device(sdev)])
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
    for value in (built(name), look, look.print, look.replace(name="x" * 500)):
        assert len(repr(value)) < 200
        assert "\n" not in repr(value)
    assert name in repr(look)
    assert str(look) == repr(look)


def test_a_notebook_shows_curves_a_ramp_and_a_chart(premier: SDev) -> None:
    card = premier._repr_html_()
    svg = ElementTree.fromstring(card[card.index("<svg"):card.index("</svg>") + 6])
    assert len(svg.findall("polyline")) == 3
    shown = [rect.get("fill") for rect in svg.findall("rect")]
    assert len(shown) == 57 + 72
    whites = [int(level) for level in re.findall(r"\d+", shown[56] or "")]
    blacks = [int(level) for level in re.findall(r"\d+", shown[0] or "")]
    assert min(whites) > 240 > 30 > max(blacks)
    assert lattice.profile("premier")._repr_html_() == card


def test_a_name_cannot_write_html() -> None:
    device = random_device("trilinear", 3)
    sdev = SDev("<script>", device.matrix, device.table, device.lattice, device.display)
    assert "<script>" not in sdev._repr_html_()


@pytest.mark.parametrize("shape", [(3,), (5, 3), (2, 7, 4), (2, 3, 5, 3), (0, 3), (2, 0, 4, 3), (1, 1, 2, 3, 4)])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_any_shape_and_float_is_the_picture_it_holds(shape: tuple[int, ...], dtype: Any, premier: SDev,
                                                     engine: Any) -> None:
    image = np.random.default_rng(3).uniform(0, 2, shape).astype(dtype)
    flat = np.asarray(image.reshape(-1, 1, shape[-1]), np.float16 if dtype == np.float16 else np.float32)
    wanted = premier.apply(flat, engine=engine.name).reshape(shape)
    graded = premier.apply(image, engine=engine.name)
    assert graded.dtype == dtype
    assert np.array_equal(graded, wanted)
    out = np.empty(shape)
    assert premier.apply(image, out, engine=engine.name) is out
    if dtype != np.float16:
        assert np.array_equal(out, wanted)


def test_lists_are_colors(premier: SDev) -> None:
    one = premier.apply([0.18, 0.18, 0.18])
    assert one.shape == (3,)
    assert np.array_equal(premier.apply([[[0.18] * 3] * 2]), [[one, one]])


@pytest.mark.parametrize("name", profile_names())
def test_a_saved_look_extends_its_parent_and_holds_what_differs(name: str, tmp_path: Path) -> None:
    look = lattice.profile(name)
    for changes in ({}, {"print_silver": 0.35, "name": "harder"}, {"printer_lights": (25, 26, 24.5)},
                    {"display": {"gamma": 2.4}}):
        changed = look.replace(**changes)
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.toml"
        changed.save(path)
        assert lattice.profile(path) == changed
        text = path.read_text()
        assert text.startswith(f'extends = "{name}"')
        assert len(text.splitlines()) < 12


def test_a_look_of_a_look_extends_that_file(tmp_path: Path) -> None:
    lattice.profile("premier").replace(name="one", interimage=0.1).save(tmp_path / "one.toml")
    two = lattice.profile(tmp_path / "one.toml").replace(name="two", print="kodak_2383", flare=0.01)
    (tmp_path / "deep").mkdir()
    two.save(tmp_path / "deep" / "two.toml")
    text = (tmp_path / "deep" / "two.toml").read_text()
    assert 'extends = "../one.toml"' in text
    assert 'print = "kodak_2383"' in text
    assert "interimage" not in text
    assert lattice.profile(tmp_path / "deep" / "two.toml") == two


def test_a_look_with_a_curve_of_its_own_holds_that_curve_only(tmp_path: Path) -> None:
    look = lattice.profile("premier")
    values = look.print.model_dump()
    values["curves"]["red"]["density"][5] += 0.01
    changed = look.replace(print=values)
    changed.save(tmp_path / "a.toml")
    text = (tmp_path / "a.toml").read_text()
    assert "[print.curves.red]" in text
    assert "green" not in text
    assert lattice.profile(tmp_path / "a.toml") == changed


def test_what_was_taken_away_or_made_from_nothing_is_written_whole(tmp_path: Path) -> None:
    with_aim = lattice.profile("premier").replace(lad=(1.0, 1.1, 1.2))
    with_aim.save(tmp_path / "aim.toml")
    without = lattice.profile(tmp_path / "aim.toml").replace(lad=None)
    fresh = lattice.Profile(name="fresh", negative="kodak_5219", print="kodak_2383")
    for name, look in (("without", without), ("fresh", fresh)):
        look.save(tmp_path / f"{name}.toml")
        assert "extends" not in (tmp_path / f"{name}.toml").read_text()
        assert lattice.profile(tmp_path / f"{name}.toml") == look


def test_saving_overwrites_only_what_it_is_told_to(tmp_path: Path) -> None:
    path, look = tmp_path / "a.toml", lattice.profile("premier")
    look.save(path)
    before = path.read_bytes()
    one_line(lambda: look.replace(flare=0.01).save(path), "a.toml: exists already", "overwrite=True")
    assert path.read_bytes() == before
    mine = lattice.profile(path).replace(flare=0.01)
    mine.save(path, overwrite=True)  # its own parent: no circle
    assert lattice.profile(path) == mine
    one_line(lambda: look.save(tmp_path / "a.txt"), ".toml")
    one_line(lambda: look.save(tmp_path / "none" / "a.toml"), "a.toml")


def test_the_readmes_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    monkeypatch.chdir(tmp_path)
    [block] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    image = np.full((2, 2, 3), 0.18, np.float32)
    names: dict[str, Any] = {"image": image, "cupy_array": image, "ml_dtypes": SimpleNamespace(
        bfloat16=ml_dtypes.bfloat16), "words": (image.view(np.uint32) >> 16).astype(np.uint16)}
    exec(block, names)
    assert names["xyz"].shape == (3,)
    assert lattice.profile("harder.toml") == names["harder"]
    assert lattice.load("premier.clf").lattice == lattice.load("premier").lattice


def test_the_readmes_look_builds(tmp_path: Path) -> None:
    [block] = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "mylook.toml").write_text(block)
    assert lattice.profile(tmp_path / "mylook.toml").print_silver == 0.35


def test_a_users_type_checker_sees_the_types(tmp_path: Path) -> None:
    (tmp_path / "user.py").write_text("import lattice\nreveal_type(lattice.load('premier'))\n"
                                      "reveal_type(lattice.looks())\nreveal_type(lattice.profile('premier').sdev())\n")
    done = subprocess.run([sys.executable, "-m", "mypy", "--config-file", "", "--cache-dir", tmp_path / "cache",
                           "--follow-imports", "silent", "user.py"], cwd=tmp_path, capture_output=True, text=True,
                          env={"MYPYPATH": str(ROOT), "PATH": ""})
    said = done.stdout
    assert said.count('"lattice.sdev.device.SDev"') == 2, said
    assert 'list[builtins.str]' in said or 'list[str]' in said, said
