"""The status of frames beside their sources: failed tries, changed plates, copies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from deep_samples import save_deep
from image_samples import ShownSDev
from regrade_samples import FakeSDev
from status_samples import graded, render, told

from lattice.regrade import Options, plan, regrade
from lattice.regrade.frame.grade import regrade_frame
from lattice.regrade.sequence.claim import claimed
from lattice.regrade.show.status import status_of
from lattice.regrade.show.table import Shot
from lattice.regrade.show.wanted import status_of_shot
from lattice.sdev import SDev


def test_a_frame_whose_last_try_failed_is_done_only_if_its_source_is_as_it_was(shot: Path) -> None:
    graded(shot)
    plate = shot / "s.0003.exr"
    before = plate.read_bytes()
    plate.write_bytes(b"broken")
    assert "failed" in graded(shot)
    for verify in (False, True):
        found = status_of(shot / "g.####.exr", verify=verify)
        assert found.ranges() == {"done": "1-2,4-6", "failed": "3"}
        assert "expected an EXR" in found.why[3]
    plate.write_bytes(before)
    assert told(shot) == {"done": "1-6"}


def test_a_frame_that_failed_in_a_living_run_is_not_in_hand(shot: Path) -> None:
    (shot / "s.0001.exr").write_bytes(b"broken")
    settled = plan(FakeSDev(), shot / "s.####.exr", shot / "g.####.exr")
    with claimed(settled, print) as mine:
        mine.done(regrade_frame(settled.jobs[0], settled.session))
        assert told(shot) == {"in hand": "2-6", "failed": "1"}
    with claimed(plan(FakeSDev(), shot / "s.####.exr", shot / "g.####.exr"), print):
        assert told(shot) == {"in hand": "1-6"}


@pytest.mark.parametrize("kind", ["exr", "png", "tif", "dpx"])
def test_sources_are_compared_wherever_the_question_is_asked(
    kind: str, shot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shot)
    regrade(plan(ShownSDev(), "s.####.exr", f"g.####.{kind}"))
    assert told(shot, kind=kind, verify=True) == {"done": "1-6"}
    render(shot, 2, 3)
    (shot / "s.0005.exr").unlink()
    monkeypatch.chdir("/")
    assert told(shot, kind=kind) == {"done": "1-6"}
    assert told(shot, kind=kind, verify=True) == {"done": "1,4,6", "source changed": "2-3", "no source": "5"}


def test_frames_graded_in_place_have_no_source_to_compare(shot: Path) -> None:
    regrade(plan(FakeSDev(), shot / "s.####.exr", None, None, Options(in_place=True)))
    assert status_of(shot / "s.####.exr", verify=True).is_whole


def test_deep_copies_are_compared_with_their_sources(shot: Path) -> None:
    for frame in range(1, 5):
        save_deep(shot / f"s.{frame:04d}.exr")
    graded(shot, "1-4", deep="pass")
    assert told(shot, verify=True) == {"done": "1-4"}
    path = shot / "g.0001.exr"
    path.write_bytes(path.read_bytes()[:-40])
    with (shot / "s.0002.exr").open("ab") as plate:
        plate.write(b"more")
    (shot / "s.0003.exr").unlink()
    assert told(shot, verify=True) == {"done": "4", "damaged": "1", "source changed": "2", "no source": "3"}
    (shot / "g.sdev.jsonl").unlink()
    assert told(shot) == {"not lattice's": "1-4"}


def test_an_option_that_changes_nothing_is_no_other_look(shot: Path) -> None:
    graded(shot)
    named = Shot("a", str(shot / "s.####.exr"), str(shot / "g.####.exr"), "look", None, Options(input="Rec.709"))
    looks = {named.look: FakeSDev()}
    assert status_of_shot(named, looks).is_whole
    off = replace(named, options=Options(premult="off"))
    assert status_of_shot(off, looks).ranges() == {"another look": "1-6"}
    render(shot, 1)
    assert status_of_shot(named, looks, verify=True).ranges() == {"done": "2-6", "another look": "1"}


def test_a_shot_of_a_table_is_known_by_its_display_and_lights(shot: Path, premier: SDev) -> None:
    asked = Options(display="pq@203", printer_lights="26,25,24", input="Rec.709")
    settled = plan(premier, shot / "s.####.exr", shot / "g.####.exr", options=asked)
    assert {report.status for report in regrade(settled)} == {"ok"}
    found = status_of_shot(Shot("a", str(shot / "s.####.exr"), str(shot / "g.####.exr"), "premier", None, asked), {})
    assert (found.look, found.is_whole) == (settled.session.request.look, True)
    other = Options(display="P3-DCI", input="Rec.709")
    found = status_of_shot(Shot("a", str(shot / "s.####.exr"), str(shot / "g.####.exr"), "premier", None, other), {})
    assert found.look == plan(premier, shot / "s.####.exr", shot / "x.####.exr", options=other).session.request.look
    assert not found.is_whole
