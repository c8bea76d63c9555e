"""The memory of a movie's pictures: held within the budget, refused before the first is decoded."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from basics import one_line
from dailies_samples import look
from exr_samples import save, smooth

from lattice.regrade import Options
from lattice.regrade.dailies import render
from lattice.regrade.dailies.plan import plan


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    for frame in range(1, 4):
        save(tmp_path / f"s.{frame}.exr", {name: smooth((200, 300)) for name in "RGB"})
        save(tmp_path / f"w.{frame}.exr", {name: smooth((8, 8)) for name in "RGB"}, display=(0, 0, 11999, 7999))
    return tmp_path


def test_a_small_part_of_a_large_picture_is_refused_before_the_work(shot: Path) -> None:
    options = Options(memory=100 * 2**20)
    one_line(
        lambda: plan(look(), shot / "w.#.exr", shot / "o.mov", options=options),
        "w.1.exr: expected a frame that fits in 100 MiB of memory, got one that takes about 36",
        "M would take it",
    )
    assert not any(name.startswith(("o.", ".o.")) for name in os.listdir(shot))


def test_pictures_wait_for_each_other_where_memory_is_short(shot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reel = plan(look(), shot / "s.#.exr", shot / "o.mov", options=Options(memory=10 * 2**20, threads=3))
    held, most, planes = [], [], render.yuv.planes

    def watched(*arguments: object) -> object:
        held.append(1)
        most.append(len(held))
        try:
            return planes(*arguments)
        finally:
            held.pop()

    monkeypatch.setattr(render.yuv, "planes", watched)
    assert render.make(reel)
    assert most == [1, 1, 1]
