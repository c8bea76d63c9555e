"""The pages: what they link is there, their pictures are small, their looks build."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from basics import ROOT

import lattice

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
LARGEST_PICTURE = 300_000  # bytes of a picture of docs/looks.md


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_the_files_that_a_page_links_are_there(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


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
