"""What became of a sequence's frames: every state, and ledgers that hold anything."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from basics import one_line
from exr_samples import SAID, save, smooth
from regrade_samples import FakeSDev

from lattice.files.storage.atomic import this_host
from lattice.regrade import Options, plan, regrade
from lattice.regrade.frame.request import Request
from lattice.regrade.sequence.claim import claimed
from lattice.regrade.show.status import Status, status_of

VISION = FakeSDev(name="vision", sha256="7e" * 32)
BEGAN = {"event": "began", "run": "r", "host": "elsewhere", "pid": 1, "sdev": "premier", "sdev_sha256": "5d" * 32}


@pytest.fixture
def shot(folder: Path) -> Path:
    for frame in range(1, 7):
        save(folder / f"s.{frame:04d}.exr", {name: smooth((16, 16), seed=frame) for name in "RGB"}, SAID)
    return folder


def graded(shot: Path, frames: str | None = None, sdev: Any = None, **options: Any) -> list[str]:
    settled = plan(sdev or FakeSDev(), shot / "s.####.exr", shot / "g.####.exr", frames, Options(**options))
    return [report.status for report in regrade(settled)]


def told(shot: Path, *args: Any, **more: Any) -> dict[str, str]:
    return status_of(shot / "g.####.exr", *args, **more).ranges()


def write(shot: Path, *lines: dict[str, Any] | str) -> None:
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    (shot / "g.sdev.jsonl").write_text(text)


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
    assert "s.0002.exr" in found.why[2]
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


@pytest.mark.parametrize(
    "more",
    [
        {"frames": "1-99999999999"},
        {"frames": [1, 2]},
        {"frames": {}},
        {"frames": "-3--1,x"},
        {"options": [1]},
        {"options": {"of a later version": 1, "layers": 5}},
        {"request": "-5"},
        {"request": "f" * 5000},
        {"request": [1]},
        {"pid": "x", "host": this_host()},
        {"pid": 10**30, "host": this_host()},
        {"pid": -1, "host": this_host()},
        {"pid": None, "host": this_host()},
        {"time": 5},
        {"time": "2026-11-29T10:00:00"},
        {"sdev": ["a"], "user": {"a": 1}, "sdev_sha256": None},
        {"run": [1]},
    ],
)
@pytest.mark.parametrize("verify", [False, True])
def test_a_ledger_may_hold_anything(more: dict[str, Any], verify: bool, shot: Path) -> None:
    graded(shot)
    odd = {"run": "r", "target": ["a"], "status": "failed", "why": [1], "source": [1]}
    write(shot, {**BEGAN, **more}, odd, {**odd, "target": str(shot / "g.0001.exr"), "source": "a\0b"})
    found = status_of(shot / "g.####.exr", verify=verify)
    assert sum(map(len, found.frames.values())) == 6
    json.dumps(found.as_dict())


@pytest.mark.parametrize("line", ["", "{", "[" * 100_000, '{"a": ' + "1" * 10_000 + "}", '{"a": NaN}', "\0" * 100])
def test_torn_lines_are_passed_over(line: str, shot: Path) -> None:
    graded(shot)
    book = shot / "g.sdev.jsonl"
    book.write_text(line + "\n" + book.read_text() + '{"event": "beg')
    assert told(shot) == {"done": "1-6"}


def test_what_is_no_ledger_is_refused_in_a_line(shot: Path) -> None:
    graded(shot)
    book = shot / "g.sdev.jsonl"
    for make, says in ((os.mkfifo, "got a pipe or a device"), (os.mkdir, "Is a directory")):
        book.unlink()
        make(book)
        one_line(lambda: told(shot), "g.sdev.jsonl", says)
        if book.is_dir():
            book.rmdir()
    book.symlink_to("/dev/zero")
    one_line(lambda: told(shot), "g.sdev.jsonl", "got a pipe or a device")


def test_a_ledger_of_more_frames_than_a_sequence_may_have_is_refused_at_once(shot: Path) -> None:
    digest = Request("premier", "5d" * 32, {}).digest
    every = [f"{number}00000-{number}99999" for number in range(1, 2000)]
    write(shot, *({**BEGAN, "run": frames, "request": digest, "options": {}, "frames": frames} for frames in every))
    one_line(lambda: told(shot), "g.####.exr", "at most 100000 frames in the ledger")
    assert told(shot, [1, 2]) == {"missing": "1-2"}
