"""What is at an output already: nothing is mixed, nothing is overwritten unasked."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from basics import ROOT
from exr_samples import save, smooth
from image_samples import ShownSDev
from ledger_samples import every_line, lines
from regrade_samples import FakeSDev

from lattice.files.exr import file as exr
from lattice.files.exr.header import Attribute
from lattice.files.storage import locks
from lattice.regrade import Options, plan, regrade
from lattice.regrade.sequence import claim, history
from lattice.types import LatticeError

VISION = ShownSDev(name="vision", sha256="77" * 32)


def graded(
    shot: Path, sdev: Any = None, out: str = "g.####.exr", frames: str | None = None, **options: Any
) -> list[str]:
    """How each frame goes."""
    settled = plan(sdev or ShownSDev(), shot / "s.####.exr", shot / out, frames, Options(**options))
    return [report.status for report in regrade(settled)]


def looks(shot: Path) -> set[str | None]:
    return {exr.read_header(path).text("sdev:name") for path in shot.glob("g.*.exr")}


OUTS = ["g.####.exr", "g.####.dpx", "g.####.tif", "g.####.png", "g.####.jpg"]


@pytest.mark.parametrize("out", OUTS)
def test_frames_of_another_look_are_refused_before_the_first_frame(out: str, shot: Path) -> None:
    graded(shot, out=out, frames="1-2")
    before = {path: path.read_bytes() for path in shot.glob("g.*")}
    with pytest.raises(LatticeError) as refusal:
        graded(shot, VISION, out)
    was = "premier 5d5d5d5d" if out.endswith("exr") else "premier"
    assert str(refusal.value) == (
        f"{shot / out}: 2 frames (1-2) were graded with {was}, not vision 77777777; --replace replaces them"
    )
    assert {path: path.read_bytes() for path in shot.glob("g.*")} == before
    assert graded(shot, VISION, out, replace=True) == ["ok"] * 3
    assert graded(shot, VISION, out) == ["skipped"] * 3


def test_force_grades_everything_again_but_no_strangers_file(shot: Path) -> None:
    graded(shot)
    assert graded(shot, VISION, force=True) == ["ok"] * 3
    (shot / "g.0002.exr").write_bytes((shot / "s.0002.exr").read_bytes())
    with pytest.raises(LatticeError, match=r"frame 2 was not made by lattice; --overwrite replaces it$"):
        graded(shot, force=True)


@pytest.mark.parametrize("out", ["g.####.exr", "g.####.tif"])
def test_frames_of_other_options_are_refused(out: str, shot: Path) -> None:
    graded(shot, out=out, frames="1", premult="off")
    told = "premult off, not auto" if out.endswith("exr") else "another premier, or other options"
    with pytest.raises(LatticeError, match=rf"frame 1 was graded with {told}; --replace replaces it$"):
        graded(shot, out=out)
    assert graded(shot, out=out, premult="off") == ["skipped", "ok", "ok"]


def test_a_profile_of_the_same_name_that_was_edited_is_another_look(shot: Path) -> None:
    graded(shot, frames="1-2")
    with pytest.raises(LatticeError, match="were graded with premier 5d5d5d5d, not premier 77777777"):
        graded(shot, FakeSDev(sha256="77" * 32))


@pytest.mark.parametrize("change", [{"lossy": "zips"}, {"mips": "drop"}, {"threads": 1}, {"memory": 2**30}])
def test_options_that_change_no_pixel_of_these_frames_are_no_reason(change: dict[str, Any], shot: Path) -> None:
    graded(shot)
    assert graded(shot, **change) == ["skipped"] * 3


def test_a_frame_that_passed_a_strict_option_is_the_same_under_another(shot: Path) -> None:
    graded(shot, nonfinite="error")
    assert graded(shot) == ["ok"] * 3  # its stamps are others, its pixels are not
    with pytest.raises(LatticeError, match="nonfinite keep, not error"):
        graded(shot, nonfinite="error")


def test_a_frame_whose_source_was_rendered_again_is_graded_again_unasked(shot: Path) -> None:
    graded(shot)
    save(shot / "s.0002.exr", {name: smooth((16, 16), seed=9) for name in "RGB"})
    assert graded(shot) == ["skipped", "ok", "skipped"]


@pytest.mark.parametrize("out", ["g.####.exr", "g.####.dpx", "g.####.png"])
@pytest.mark.parametrize("missing", ["hold", "black"])
def test_nothing_stands_in_for_a_graded_frame_whose_file_is_gone(missing: str, out: str, shot: Path) -> None:
    graded(shot, out=out)
    (shot / "s.0002.exr").unlink()
    with pytest.raises(LatticeError, match="frame 2 was graded from a file that is missing now; --replace replaces it"):
        graded(shot, out=out, missing=missing)
    assert graded(shot, out=out, missing=missing, replace=True) == ["skipped", "ok", "skipped"]
    save(shot / "s.0001.exr", {name: smooth((16, 16), seed=9) for name in "RGB"})
    assert graded(shot, out=out, missing=missing) == ["ok", "ok", "skipped"]


def test_a_torn_file_stays_ours_though_its_frame_failed_since(shot: Path) -> None:
    graded(shot)
    source = (shot / "s.0002.exr").read_bytes()
    (shot / "s.0002.exr").write_bytes(b"torn")
    (shot / "g.0002.exr").write_bytes(b"torn")
    assert graded(shot) == ["skipped", "failed", "skipped"]
    (shot / "s.0002.exr").write_bytes(source)
    assert graded(shot) == ["skipped", "ok", "skipped"]


STRANGERS = {
    "a plate": lambda path: path.write_bytes(path.with_name("s.0001.exr").read_bytes()),
    "a text": lambda path: path.write_text("notes"),
    "a link to another's file": lambda path: (path.with_name("x").write_text("notes"), path.symlink_to("x")),
}


@pytest.mark.parametrize("out", ["g.####.exr", "g.####.dpx", "g.####.png"])
@pytest.mark.parametrize("make", STRANGERS.values(), ids=STRANGERS)
def test_files_of_others_are_refused_before_the_first_frame(make: Any, out: str, shot: Path) -> None:
    strange = shot / out.replace("####", "0002")
    make(strange)
    before = strange.read_bytes()
    for options in ({}, {"replace": True}):
        with pytest.raises(LatticeError, match=r"frame 2 was not made by lattice; --overwrite replaces it$"):
            graded(shot, out=out, **options)
    assert strange.read_bytes() == before
    assert not (shot / out.replace("####", "0001")).exists()
    assert graded(shot, out=out, overwrite=True) == ["ok"] * 3


def test_a_frame_of_ours_that_was_damaged_is_done_again(shot: Path) -> None:
    graded(shot)
    os.truncate(shot / "g.0001.exr", 40)
    os.truncate(shot / "g.0002.exr", 0)
    assert graded(shot) == ["ok", "ok", "skipped"]


def test_a_file_that_comes_during_the_run_fails_its_frame_alone(shot: Path) -> None:
    graded(shot, VISION, out="other.####.exr")
    settled = plan(FakeSDev(), shot / "s.####.exr", shot / "g.####.exr", options=Options(threads=1))
    reports = regrade(settled, lambda _: shutil.copy(shot / "other.0003.exr", shot / "g.0003.exr"))
    assert [report.status for report in reports] == ["ok", "ok", "failed"], "the second had begun"
    assert "g.0003.exr: graded with vision 77777777, not premier 5d5d5d5d; --replace replaces it" in reports[2].why
    assert exr.read_header(shot / "g.0003.exr").text("sdev:name") == "vision"


@pytest.mark.parametrize("link", [os.symlink, os.link])
@pytest.mark.parametrize("in_place", [False, True])
def test_a_plate_outside_the_frames_asked_for_is_protected(link: Any, in_place: bool, shot: Path) -> None:
    link(shot / "s.0003.exr", shot / "g.0001.exr")
    before = (shot / "s.0003.exr").read_bytes()
    with pytest.raises(
        LatticeError, match=r"g\.0001\.exr: expected an output apart from the inputs, got the input .*3"
    ):
        graded(shot, frames="1", overwrite=True, in_place=in_place)
    assert (shot / "s.0003.exr").read_bytes() == before


def test_a_pattern_that_meets_the_plates_elsewhere_is_refused(shot: Path) -> None:
    (shot / "more").symlink_to(shot, target_is_directory=True)
    with pytest.raises(LatticeError, match="expected an output apart from the inputs"):
        graded(shot, out="more/s.####.exr", frames="2", overwrite=True)


def test_the_folder_is_made_when_asked(shot: Path) -> None:
    with pytest.raises(LatticeError, match=r"expected an existing folder, got none at .*; --mkdir makes it$"):
        graded(shot, out="new/deep/g.####.exr")
    plan(FakeSDev(), shot / "s.####.exr", shot / "new/deep/g.####.exr", options=Options(mkdir=True))
    assert not (shot / "new").exists()  # a plan writes nothing
    assert graded(shot, out="new/deep/g.####.exr", mkdir=True) == ["ok"] * 3
    [report] = regrade(plan(FakeSDev(), shot / "s.0001.exr", shot / "other/g.exr", options=Options(mkdir=True)))
    assert report.status == "ok"


def test_a_folder_that_cannot_be_made_is_told(shot: Path) -> None:
    (shot / "file").touch()
    with pytest.raises(LatticeError, match=r"file/new: cannot be made: Not a directory"):
        graded(shot, out="file/new/g.####.exr", mkdir=True)


HOLDER = """
import sys, time
from pathlib import Path
from image_samples import ShownSDev
from regrade_samples import FakeSDev
from lattice.regrade import plan
from lattice.regrade.sequence.claim import claimed
settled = plan(FakeSDev(), sys.argv[1], sys.argv[2], "1-2")
with claimed(settled, print):
    print("held", flush=True)
    time.sleep(60)
"""


def held(shot: Path) -> subprocess.Popen[str]:
    """Another process that grades with premier, and has no frame yet."""
    command = [sys.executable, "-c", HOLDER, str(shot / "s.####.exr"), str(shot / "g.####.exr")]
    path = {**os.environ, "PYTHONPATH": str(ROOT / "tests/samples")}
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=path)
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    return child


@pytest.mark.parametrize("can_ask", [True, False])
def test_a_run_with_another_look_waits_for_the_first(
    can_ask: bool, shot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = held(shot)
    if not can_ask:  # as on a disk or a system without such locks
        monkeypatch.setattr(locks, "is_locked", lambda *arguments: None)
    try:
        with pytest.raises(
            LatticeError, match=r"g\.sdev\.jsonl: another run grades there .*premier, .*process \d+, since"
        ):
            graded(shot, VISION)
        with pytest.raises(LatticeError, match="another run grades there"):
            graded(shot, premult="off")
        assert not list(shot.glob("g.*.exr"))
        os.kill(child.pid, signal.SIGSTOP)  # a stopped run may go on
        with pytest.raises(LatticeError, match="another run grades there"):
            graded(shot, VISION, replace=True, force=True)
        assert graded(shot, frames="3") == ["ok"]  # the same request, such as another task of an array
    finally:
        child.kill()
        child.wait()
    with pytest.raises(LatticeError, match="beside the frames asked for, frame 3 was graded with premier"):
        graded(shot, VISION, frames="1-2")
    assert looks(shot) == {"premier"}
    (shot / "g.0003.exr").unlink()
    assert graded(shot, VISION, frames="1-2") == ["ok"] * 2  # who was killed holds nothing


def test_a_claim_ends_with_its_run(shot: Path) -> None:
    graded(shot, frames="1")
    (shot / "g.0001.exr").unlink()
    assert graded(shot, VISION) == ["ok"] * 3


def test_a_worker_of_a_run_is_kept_out_as_well(shot: Path) -> None:
    child = held(shot)
    own, other = (plan(sdev, shot / "s.####.exr", shot / "g.####.exr") for sdev in (FakeSDev(), VISION))
    try:
        with claim.held(own):
            pass
        with pytest.raises(LatticeError, match="another run grades there"), claim.held(other):
            pass
    finally:
        child.kill()
        child.wait()


def test_a_run_says_in_the_ledger_who_it_is_and_what_it_did(shot: Path) -> None:
    graded(shot, frames="1-2")
    graded(shot, frames="1-3", premult="auto")
    began, *_, ended = every_line(shot / "g.sdev.jsonl")
    assert (began["event"], began["frames"], began["pid"]) == ("began", "1-2", os.getpid())
    assert (began["source"], began["target"]) == (str(shot / "s.####.exr"), str(shot / "g.####.exr"))
    assert (ended["event"], ended["skipped"], ended["ok"]) == ("ended", 2, 1)
    assert ended["cpu_seconds"] < 0.5  # of its frames, not of this process
    assert {line["run"] for line in lines(shot / "g.sdev.jsonl")} == {began["run"], ended["run"]}
    runs = history.read(shot / "g.sdev.jsonl").runs
    assert [(run.frames, run.ended) for run in runs.values()] == [((1, 2), True), ((1, 2, 3), True)]


def test_a_run_that_does_nothing_leaves_no_line(shot: Path) -> None:
    assert graded(shot, frames="7-8", missing="skip") == []
    assert not (shot / "g.sdev.jsonl").exists()


@pytest.mark.parametrize("told", ["[" * 100_000, "{", "7", "", '{"premult": ["off"]}'])
def test_a_request_that_others_wrote_is_no_trouble(told: str, shot: Path) -> None:
    sdev = ShownSDev()
    stamps = {"name": sdev.name, "sha256": sdev.sha256, "request": told}
    attributes = {f"sdev:{name}": Attribute.text(text) for name, text in stamps.items()}
    save(shot / "g.0001.exr", {name: smooth((4, 4)) for name in "RGB"}, attributes)
    if "premult" in told:
        with pytest.raises(LatticeError, match="was graded with premult off, not auto"):
            graded(shot)
    else:
        assert graded(shot) == ["ok"] * 3
