"""A profile's display: whole, saved so, and inherited as it is meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from basics import one_line

from lattice.looks import load_profile


@pytest.mark.parametrize(
    ("display", "primaries", "gamma", "peak"),
    [
        ({}, "Rec.709", "sRGB", None),
        ({"white": "D60"}, "Rec.709", "sRGB", None),
        ({"primaries": "P3-DCI"}, "P3-DCI", 2.6, None),
        ({"primaries": "Rec.2020"}, "Rec.2020", 2.4, None),
        ({"primaries": "Display P3"}, "Display P3", "sRGB", None),
        ({"primaries": "P3-DCI", "gamma": "sRGB"}, "P3-DCI", "sRGB", None),
        ({"primaries": "Rec.2020", "gamma": "PQ"}, "Rec.2020", "PQ", 100),
        ({"primaries": "Rec.2020", "gamma": "PQ", "peak": 48}, "Rec.2020", "PQ", 48),
        ("p3-dci", "P3-DCI", 2.6, None),
        ("hlg@203", "Rec.2020", "HLG", 203),
    ],
)
def test_a_display_is_whole_and_is_saved_so(
    display: Any, primaries: str, gamma: Any, peak: float | None, tmp_path: Path
) -> None:
    profile = load_profile("vision").replace(display=display)
    shown = profile.display
    assert (shown.primaries, shown.gamma, shown.peak) == (primaries, gamma, peak)
    profile.save(tmp_path / "mine.toml")
    assert load_profile(tmp_path / "mine.toml").display == shown


@pytest.mark.parametrize(
    ("parent", "child", "shown"),
    [
        ('"PQ@203"', '{ white = "D60" }', ("Rec.2020", "PQ", 203, "D60")),
        ('{ primaries = "Rec.2020", gamma = "PQ", peak = 203 }', '{ white = "D60" }', ("Rec.2020", "PQ", 203, "D60")),
        ('"PQ@203"', '{ primaries = "Rec.709", gamma = 2.4 }', ("Rec.709", 2.4, None, None)),
        ('"PQ@203"', "{ gamma = 2.4 }", ("Rec.2020", 2.4, None, None)),
        ('"P3-DCI"', '{ primaries = "Rec.709" }', ("Rec.709", "sRGB", None, None)),
        ('{ primaries = "P3-DCI", gamma = 2.6, white = "D60" }', "{ gamma = 2.2 }", ("P3-DCI", 2.2, None, "D60")),
        ('"P3-DCI"', '"Rec.1886"', ("Rec.709", 2.4, None, None)),
    ],
)
def test_a_display_is_inherited_as_it_is_meant(parent: str, child: str, shown: Any, tmp_path: Path) -> None:
    (tmp_path / "parent.toml").write_text(f'extends = "vision"\ndisplay = {parent}\n')
    (tmp_path / "child.toml").write_text(f'extends = "parent.toml"\ndisplay = {child}\n')
    found = load_profile(tmp_path / "child.toml")
    assert (found.display.primaries, found.display.gamma, found.display.peak, found.display.white) == shown
    found.save(tmp_path / "again.toml")
    assert load_profile(tmp_path / "again.toml").display == found.display


def test_an_unknown_display_of_a_parent_is_refused_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "parent.toml").write_text('extends = "vision"\ndisplay = "P4"\n')
    (tmp_path / "child.toml").write_text('extends = "parent.toml"\ndisplay = { white = "D60" }\n')
    one_line(lambda: load_profile(tmp_path / "child.toml"), "no display is named 'P4'")
