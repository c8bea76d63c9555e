"""Looks written as TOML: what they extend, what they hold, and what is never overwritten or made unreadable."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from basics import one_line

import lattice
from lattice.looks import profile_names
from lattice.looks.where import MOST_EXTENDS


@pytest.mark.parametrize("name", profile_names())
def test_a_saved_look_extends_its_parent_and_holds_what_differs(name: str, tmp_path: Path) -> None:
    look = lattice.profile(name)
    for changes in (
        {},
        {"print_silver": 0.35, "name": "harder"},
        {"printer_lights": (25, 26, 24.5)},
        {"display": {"gamma": 2.4}},
        {"display": {"white": "D60"}, "aim": "cineon", "exposure": -0.5},
        {"print_silver": 0, "print_infrared": 0.8, "print_flash": 0.03},
    ):
        changed = look.replace(**changes)
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.toml"
        changed.save(path)
        assert lattice.profile(path) == changed
        text = path.read_text()
        assert text.startswith(f'extends = "{name}"')
        assert len(text.splitlines()) < 12


def test_a_look_of_a_look_extends_that_file(tmp_path: Path) -> None:
    lattice.profile("premier").replace(name="one", push_stops=0.1).save(tmp_path / "one.toml")
    two = lattice.profile(tmp_path / "one.toml").replace(name="two", print="kodak_2383", flare=0.01)
    (tmp_path / "deep").mkdir()
    two.save(tmp_path / "deep" / "two.toml")
    text = (tmp_path / "deep" / "two.toml").read_text()
    assert 'extends = "../one.toml"' in text
    assert 'print = "kodak_2383"' in text
    assert "push_stops" not in text
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


def test_a_look_saved_over_one_it_extends_makes_no_circle(tmp_path: Path) -> None:
    a, b = tmp_path / "a.toml", tmp_path / "b.toml"
    lattice.profile("premier").replace(push_stops=0.1).save(a)
    lattice.profile(a).replace(flare=0.01).save(b)
    changed = lattice.profile(b).replace(flare=0.05)
    changed.save(a, overwrite=True)
    assert lattice.profile(a) == changed
    assert a.read_text().startswith('extends = "premier"')  # what `a` extended before
    assert lattice.profile(b).flare == 0.01


def test_looks_saved_after_one_another_can_all_be_read(tmp_path: Path) -> None:
    look = lattice.profile("premier")
    for k in range(MOST_EXTENDS + 3):
        look.replace(flare=k / 1000).save(tmp_path / f"{k}.toml")
        look = lattice.profile(tmp_path / f"{k}.toml")
        assert look.flare == k / 1000
        assert "extends" in (tmp_path / f"{k}.toml").read_text()


def test_a_look_saved_through_a_link_extends_from_where_it_lies(tmp_path: Path) -> None:
    for folder in ("work", "lib"):
        (tmp_path / folder).mkdir()
    lattice.profile("premier").replace(flare=0.01).save(tmp_path / "work" / "base.toml")
    (tmp_path / "work" / "link.toml").symlink_to("../lib/look.toml")
    changed = lattice.profile(tmp_path / "work" / "base.toml").replace(flare=0.02)
    changed.save(tmp_path / "work" / "link.toml", overwrite=True)
    assert 'extends = "../work/base.toml"' in (tmp_path / "lib" / "look.toml").read_text()
    assert lattice.profile(tmp_path / "work" / "link.toml") == changed


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_folder_that_toml_cannot_name_is_not_extended(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"d\xff")
    folder.mkdir()
    lattice.profile("premier").save(folder / "a.toml")
    changed = lattice.profile(folder / "a.toml").replace(flare=0.02)
    changed.save(tmp_path / "b.toml")
    assert lattice.profile(tmp_path / "b.toml") == changed
