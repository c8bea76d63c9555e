"""Plan a show: one shot's fault is its own, and shots keep apart."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from basics import one_line
from exr_samples import SAID, save, smooth

from lattice.regrade.options import Options
from lattice.regrade.sequence.run import regrade_shots
from lattice.regrade.show import plan as planning
from lattice.regrade.show.plan import plan_show, shots_of_views
from lattice.regrade.show.table import Shot


@pytest.fixture
def show(folder: Path) -> Path:
    for name in ("a", "b", "c"):
        (folder / name).mkdir()
        for frame in (1, 2):
            save(folder / name / f"s.{frame:04d}.exr", {c: smooth((8, 8), seed=frame) for c in "RGB"}, SAID)
    return folder


def shot(show: Path, name: str, out: str | None = None, sdev: str = "premier", **options: object) -> Shot:
    target = out or f"{name}/g.####.exr"
    return Shot(name, str(show / name / "s.####.exr"), str(show / target), sdev, None, Options(**options))  # type: ignore[arg-type]


def test_a_shot_that_cannot_start_fails_alone(show: Path) -> None:
    shutil.rmtree(show / "b")
    one, two, three, four = plan_show(
        [shot(show, "a"), shot(show, "b"), shot(show, "c"), replace(shot(show, "a", "n.####.exr"), name="d", sdev="no")]
    )
    assert one.plan is not None
    assert three.plan is not None
    assert (two.plan, four.plan) == (None, None)
    assert "expected files of this pattern, got none" in two.why
    assert four.why.startswith("no look named 'no'; expected ")
    shots = regrade_shots([one.plan, three.plan])
    assert [report.status for number in (0, 1) for report in shots.reports(number)] == ["ok"] * 4
    assert not shots.refused


def test_looks_sessions_and_the_budget_are_shared(show: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    load = planning.load
    monkeypatch.setattr(planning, "load", lambda *look: asked.append(look[0]) or load(*look))
    plans = [
        each.plan
        for each in plan_show([shot(show, "a"), shot(show, "b"), shot(show, "c", premult="off")])
        if each.plan is not None
    ]
    assert asked == ["premier"]
    assert plans[0].session is plans[1].session is not plans[2].session
    assert plans[0].session.budget is plans[2].session.budget
    assert [plan.name for plan in plans] == ["a", "b", "c"]


def test_an_output_that_is_another_shots_input_or_output_takes_its_shot_out(show: Path) -> None:
    one, two, three = plan_show(
        [shot(show, "a"), shot(show, "b", "a/g.####.exr"), shot(show, "c", "a/s.####.exr", overwrite=True)]
    )
    assert one.plan is not None
    assert two.plan is None
    assert "expected an output of its own, got an output of shot a" in two.why
    assert three.plan is None
    assert "expected an output of its own, got an input of shot a" in three.why


def test_an_output_that_meets_an_input_through_a_link_is_found(show: Path) -> None:
    (show / "link").symlink_to(show / "a", target_is_directory=True)
    _, two = plan_show([shot(show, "a"), shot(show, "b", "link/s.####.exr", overwrite=True)])
    assert "got an input of shot a" in two.why


def test_the_plates_of_a_shot_that_cannot_start_are_kept_too(show: Path) -> None:
    one, two = plan_show([shot(show, "a", "b/s.####.exr", overwrite=True), shot(show, "b", sdev="premeir")])
    assert (one.plan, two.plan) == (None, None)
    assert "expected an output of its own, got an input of shot b" in one.why


@pytest.mark.parametrize(("view", "name"), [("left_eye", "b"), ("left", "a.left")])
def test_the_plates_of_a_view_are_kept_from_other_shots(view: str, name: str, show: Path) -> None:
    for frame in (1, 2):
        shutil.copy(show / f"a/s.{frame:04d}.exr", show / f"a/p.{view}.{frame:04d}.exr")
    stereo = replace(shot(show, "a", "a/g.%V.####.exr"), source=str(show / "a/p.%V.####.exr"))
    over = replace(shot(show, "b", f"a/p.{view}.####.exr", overwrite=True), name=name)
    assert plan_show([stereo, over])[1].why.endswith("expected an output of its own, got an input of shot a" + name[1:])


def test_plates_graded_in_place_are_no_other_shots_plates(show: Path) -> None:
    two = replace(shot(show, "a", "a/s.####.exr", in_place=True), name="b")
    _, last = plan_show([shot(show, "a"), two])
    assert "got an input of shot a" in last.why
    (alone,) = plan_show([two])
    assert alone.plan is not None


def test_a_folder_is_listed_once_for_all_shots(show: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    of_folder = os.listdir
    monkeypatch.setattr(os, "listdir", lambda folder: asked.append(str(folder)) or of_folder(folder))
    shots = [replace(shot(show, "a", f"g{k}.####.exr"), name=f"g{k}") for k in range(9)]
    assert all(each.plan is not None for each in plan_show(shots))
    assert asked.count(str(show / "a")) == 1
    save(show / "a" / "s.0003.exr", {c: smooth((8, 8)) for c in "RGB"}, SAID)
    assert len(plan_show(shots)[0].plan.jobs) == 3, "the next plan lists it again"


def test_views_are_shots_of_their_own(show: Path) -> None:
    for view in ("left", "right"):
        save(show / f"v.{view}.0001.exr", {c: smooth((8, 8)) for c in "RGB"}, SAID)
    stereo = Shot("", str(show / "v.%V.####.exr"), str(show / "g.%v.####.exr"), "premier", None, Options())
    assert [(each.name, Path(each.target).name) for each in shots_of_views(stereo)] == [
        ("left", "g.l.####.exr"),
        ("right", "g.r.####.exr"),
    ]
    assert [each.name for each in shots_of_views(replace(stereo, options=Options(views=("right",))))] == ["right"]
    wrong = replace(stereo, options=Options(views=("middle",)))
    one_line(lambda: shots_of_views(wrong), "views: expected left or right, got middle")
    one_line(lambda: shots_of_views(replace(stereo, target=str(show / "g.####.exr"))), "expected %V or %v")
    assert shots_of_views(shot(show, "a")) == ()
    one, two = shots_of_views(replace(stereo, name="sh010"))
    assert (one.name, two.name) == ("sh010.left", "sh010.right")
    assert [each.shot.name for each in plan_show([shot(show, "a"), replace(stereo, name="v.%V")])] == [
        "a",
        "v.left",
        "v.right",
    ]
