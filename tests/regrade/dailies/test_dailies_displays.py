"""Movies of other displays: their tags, their codes, texts as bright as white, and graded frames of theirs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import movie_samples
import numpy as np
import pytest
from basics import one_line
from dailies_samples import SIDE, graded, reel, save_shot
from movie_samples import decoded, middles, rgb_bound, to_rgb

from lattice.files.movie.codecs import CODECS
from lattice.regrade import Options, regrade
from lattice.regrade import plan as regrade_plan
from lattice.regrade.dailies.plan import plan
from lattice.regrade.dailies.render import make
from lattice.sdev import SDev


@pytest.fixture
def shot(folder: Path) -> Path:
    return save_shot(folder)


@pytest.mark.parametrize(
    ("display", "tags", "matrix"),
    [
        ("pq@203", (9, 16), "BT.2020"),
        ("hlg", (9, 18), "BT.2020"),
        ("pq-p3", (12, 16), "BT.709"),
        ("P3-DCI", (11, 17), "BT.709"),
        ("dcdm", (10, 17), "BT.709"),
        ("Rec.2020", (9, 1), "BT.2020"),
    ],
)
def test_a_movie_of_another_display_says_it_and_holds_its_codes(
    display: str, tags: tuple[int, int], matrix: Any, shot: Path, premier: SDev
) -> None:
    made = reel(shot, sdev=premier, frames="1", options={"display": display, "input": "Rec.709"})
    assert (made.movie.primaries, made.movie.transfer, made.movie.matrix) == (*tags, matrix)
    assert make(made)
    with movie_samples.av.open(str(shot / "a.mov")) as file:
        context = file.streams.video[0].codec_context
        assert (context.color_primaries, context.color_trc) == tags
    [(_, planes)] = decoded(shot / "a.mov")
    meant = graded(premier.with_display(display), shot / "s_v01.0001.exr")
    back = middles(to_rgb(planes, CODECS["prores422hq"].layout, matrix) - meant, SIDE)
    assert np.abs(back).max() < rgb_bound(CODECS["prores422hq"].layout, matrix, 1.501).max()


def test_shots_of_one_look_at_two_peaks_are_two_displays(shot: Path, premier: SDev) -> None:
    for frame, display in ((1, "pq@100"), (2, "pq@203")):
        settled = regrade_plan(
            premier, shot / f"s_v01.{frame:04d}.exr", shot / f"g{frame}.exr", options=Options(display=display)
        )
        assert [report.status for report in regrade(settled)] == ["ok"]
    one_line(lambda: plan(None, [shot / "g1.exr", shot / "g2.exr"], shot / "a.mov"), "a movie is for one display")


@pytest.mark.parametrize(("display", "white"), [("pq@203", 0.5807), ("hlg@203", 0.7499), ("P3-DCI", 1.0)])
def test_texts_are_as_bright_as_white(display: str, white: float, shot: Path, premier: SDev) -> None:
    made = reel(
        shot,
        sdev=premier,
        frames="1",
        options={"display": display, "input": "Rec.709"},
        burn_in="frame,name",
        slate="show=Nightfall,shot",
        size="640x360",
    )
    assert make(made)
    pictures = decoded(shot / "a.mov")
    slate, framed = (to_rgb(planes, CODECS["prores422hq"].layout, made.movie.matrix) for _, planes in pictures[::24])
    assert slate.max() == pytest.approx(white, abs=0.03)
    assert framed.max() < white + 0.1  # edges ring, but ink of code 1 would be at 1


def test_graded_frames_of_the_display_that_is_asked_for_are_shown_as_they_are(shot: Path, premier: SDev) -> None:
    settled = regrade_plan(
        premier, shot / "s_v01.0001.exr", shot / "g.exr", options=Options(display="pq@203", input="Rec.709")
    )
    assert [report.status for report in regrade(settled)] == ["ok"]
    for sdev in (None, premier):
        made = plan(sdev, shot / "g.exr", shot / "a.mov", options=Options(display="pq@203"))
        assert (made.shots[0].session, made.movie.transfer) == (None, 16)
    one_line(
        lambda: plan(None, shot / "g.exr", shot / "a.mov", options=Options(display="P3-DCI")),
        "graded for Rec.2020 PQ@203, not for P3-DCI: leave --display out",
    )
