"""The pages: what they link is there, their pictures are small, their looks build."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from basics import ROOT

import lattice

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
LARGEST_PICTURE = 300_000  # bytes of a picture of docs/looks.md


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_the_files_that_a_page_links_are_there(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


def test_the_pictures_of_matches_are_small() -> None:
    pictures = {picture.stem: picture.stat().st_size for picture in (ROOT / "docs").glob("match-*.png")}
    assert set(pictures) == {"match-lut", "match-still", "match-target", "match-wedge"}
    assert sum(pictures.values()) < 2 * len(pictures) * LARGEST_PICTURE


def test_the_pictures_of_looks_are_small() -> None:
    pictures = list((ROOT / "docs").glob("looks-*.png"))
    assert len(pictures) == 4
    assert max(picture.stat().st_size for picture in pictures) < LARGEST_PICTURE


def test_the_looks_of_the_page_of_looks_build(tmp_path: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", (ROOT / "docs/looks.md").read_text(), re.DOTALL)
    for block in blocks:
        (tmp_path / "mine.toml").write_text(block)
        gray = lattice.build.simulate(lattice.profile(tmp_path / "mine.toml"), [0.18, 0.18, 0.18])
        assert 0.1 < gray[1] < 0.2
    assert len(blocks) == 2


def test_the_commands_of_the_page_of_matches_have_their_options(run: Any) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "docs/match.md").read_text(), re.DOTALL)
    lines = [line.split() for block in blocks for line in block.splitlines()]
    assert {words[1] for words in lines} == {"match", "calibrate", "stock"}
    for words in lines:
        command = words[1:3] if words[1] == "stock" else words[1:2]
        known = run(*command, "--help").out
        assert [word for word in words if word.startswith("-") and f"{word} " not in known.replace(",", " ")] == []
