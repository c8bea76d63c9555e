"""What became of a sequence's frames: every state."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from basics import one_line
from exr_samples import SAID, save, smooth
from image_samples import ShownSDev
from regrade_samples import FakeSDev
from status_samples import VISION, graded, told

from lattice.files.storage.host import this_host
from lattice.regrade import Options, plan, regrade
from lattice.regrade.frame.request import Request
from lattice.regrade.sequence.claim import claimed
from lattice.regrade.show.status import Status, status_of


def test_every_state_is_told(shot: Path) -> None:
    (shot / "s.0002.exr").write_bytes(b"broken")
    graded(shot)
    (shot / "g.0003.exr").unlink()
    other = plan(VISION, shot / "s.####.exr", shot / "other.####.exr", "4")
    regrade(other)
    os.replace(shot / "other.0004.exr", shot / "g.0004.exr")
    (shot / "g.0005.exr").write_bytes((shot / "s.0005.exr").read_bytes())
    data = bytearray((shot / "g.0006.exr").read_bytes())
    data[-20] ^= 255
    (shot / "g.0006.exr").write_bytes(data)
    found = status_of(shot / "g.####.exr")
    assert found.ranges() == {"done": "1,6", "failed": "2", "missing": "3", "another look": "4", "not lattice's": "5"}
    assert found.why[2] == "expected an EXR file, got something else"
    assert "graded with vision 7e7e7e7e, not premier 5d5d5d5d" in found.why[4]
    assert (found.look, found.is_whole, found.runs) == ("premier 5d5d5d5d", False, ())
    assert told(shot, verify=True)["damaged"] == "6"
    assert json.loads(json.dumps(found.as_dict()))["frames"] == found.ranges()


def test_whole_is_said_of_whole_sequences_alone(shot: Path) -> None:
    graded(shot)
    assert status_of(shot / "g.####.exr", verify=True).is_whole
    assert told(shot, [1, 2, 9]) == {"done": "1-2", "missing": "9"}
    save(shot / "s.0004.exr", {name: smooth((16, 16), seed=99) for name in "RGB"}, SAID)
    assert told(shot) == {"done": "1-6"}
    assert told(shot, verify=True) == {"done": "1-3,5-6", "source changed": "4"}
    assert not Status("a", "a", "", {}, {}, ()).is_whole


def test_a_cut_file_is_damaged(shot: Path) -> None:
    graded(shot)
    path = shot / "g.0002.exr"
    path.write_bytes(path.read_bytes()[:40])
    assert told(shot) == {"done": "1,3-6", "damaged": "2"}


def test_without_a_ledger_the_files_say_it(shot: Path) -> None:
    graded(shot)
    (shot / "g.sdev.jsonl").unlink()
    (shot / "g.0003.exr").unlink()
    found = status_of(shot / "g.####.exr")
    assert found.ranges() == {"done": "1-2,4-6", "missing": "3"}
    assert found.look == "premier 5d5d5d5d"


def test_files_that_are_not_ours_are_never_done(shot: Path) -> None:
    assert status_of(shot / "s.####.exr").ranges() == {"not lattice's": "1-6"}
    assert status_of(shot / "s.0001.exr").ranges() == {"not lattice's": "it"}
    one_line(lambda: status_of(shot / "none.####.exr"), "expected files of this pattern, got none")


def test_a_plain_file_has_a_status(shot: Path) -> None:
    regrade(plan(FakeSDev(), shot / "s.0001.exr", shot / "one.exr"))
    assert status_of(shot / "one.exr", verify=True).as_dict()["frames"] == {"done": "it"}


def test_the_request_that_is_asked_for_decides(shot: Path) -> None:
    graded(shot)
    assert told(shot, None, Request.of(VISION, Options())) == {"another look": "1-6"}
    assert told(shot, None, Request.of(FakeSDev(), Options(premult="off"))) == {"another look": "1-6"}
    assert told(shot, None, Request.of(FakeSDev(), Options(threads=3, engine="numpy"))) == {"done": "1-6"}


def test_a_living_run_has_its_frames_in_hand(shot: Path) -> None:
    graded(shot, "1-2")
    settled = plan(FakeSDev(), shot / "s.####.exr", shot / "g.####.exr", "1-4")
    with claimed(settled, print):
        found = status_of(shot / "g.####.exr", range(1, 7))
        assert found.ranges() == {"done": "1-2", "in hand": "3-4", "missing": "5-6"}
        assert len(found.runs) == 1
        assert f"on {this_host()}, process {os.getpid()}" in found.runs[0]
    assert told(shot, range(1, 7)) == {"done": "1-2", "missing": "3-6"}


def test_frames_of_every_run_count_and_those_of_another_look_are_told(shot: Path) -> None:
    graded(shot, "1-4")
    graded(shot, "2-3", VISION, replace=True)
    found = status_of(shot / "g.####.exr")
    assert found.ranges() == {"done": "2-3", "another look": "1,4"}
    assert "graded with premier 5d5d5d5d, not vision" in found.why[1]
    assert not found.is_whole
    graded(shot, "1,4-5", VISION, replace=True)
    (shot / "g.0002.exr").unlink()
    (shot / "g.0009.exr").write_bytes((shot / "s.0001.exr").read_bytes())
    assert told(shot) == {"done": "1,3-5", "missing": "2", "not lattice's": "9"}
    assert status_of(shot / "g.3-5####.exr").ranges() == {"done": "3-5"}


@pytest.mark.parametrize("kind", ["exr", "png", "cin"])
def test_without_a_ledger_the_first_frame_says_look_and_options(kind: str, shot: Path) -> None:
    graded(shot, "1-2", ShownSDev(), kind, premult="off")
    graded(shot, "3", ShownSDev(), kind, premult="off", transparent="keep", replace=True)
    graded(shot, "4", ShownSDev(name="vision", sha256="7e" * 32), kind, replace=True)
    (shot / "g.sdev.jsonl").unlink()
    assert told(shot, kind=kind) == {"done": "1-2", "another look": "3-4"}
    one = shot / f"one.{kind}"
    regrade(plan(ShownSDev(), shot / "s.0001.exr", one, None, Options(premult="off")))
    assert status_of(one, verify=True).is_whole


def test_a_lattice_file_that_is_damaged_is_damaged_also_without_a_ledger(shot: Path) -> None:
    one = shot / "one.exr"
    regrade(plan(FakeSDev(), shot / "s.0001.exr", one))
    one.write_bytes(one.read_bytes()[:-9])
    found = status_of(one, verify=True).as_dict()
    assert (found["frames"], list(found["why"])) == ({"damaged": "it"}, ["it"])


def test_a_run_elsewhere_that_holds_its_lock_lives_however_long_it_is_silent(shot: Path) -> None:
    with claimed(plan(FakeSDev(), shot / "s.####.exr", shot / "g.####.exr"), print):
        began = json.loads((shot / "g.sdev.jsonl").read_text())
        with (shot / "g.sdev.jsonl").open("r+") as book:
            book.truncate(0)
            book.write(json.dumps({**began, "host": "elsewhere", "time": "2001-01-01T00:00:00+00:00"}) + "\n")
        assert told(shot) == {"in hand": "1-6"}
    assert told(shot) == {"missing": "1-6"}


def test_a_plain_file_has_no_frames(shot: Path) -> None:
    one_line(lambda: status_of(shot / "s.0001.exr", [7, 8, 9]), "expected a frame field", "7-9")
