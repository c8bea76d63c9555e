"""Frames that are asked for and not on disk."""

from __future__ import annotations

import subprocess
import sys

import pytest
from cli_samples import process, refused
from exr_samples import same_bits, save, smooth
from regrade_samples import FakeSDev

from lattice.files.exr import file as exr
from lattice.regrade import Options, plan, regrade
from lattice.regrade.sequence.plan import check_asked
from lattice.types import LatticeError


@pytest.fixture
def shot(folder):
    for frame in (2, 3, 6):
        save(folder / f"s.{frame:04d}.exr", {n: smooth((6, 6), seed=frame) for n in "RGBZ"})
    return folder


def settled(shot, missing, frames=None):
    return plan(FakeSDev(), shot / "s.####.exr", shot / "g.####.exr", frames, Options(missing=missing))


def graded(shot, frame):
    return exr.read(shot / f"g.{frame:04d}.exr").channels


def test_a_gap_fails_its_frames_and_is_told(shot):
    made = settled(shot, "error")
    assert made.notes == ("missing frames fail: 4-5; --missing skip, hold or black settles them",)
    assert [(r.frame, r.status) for r in regrade(made)] == [
        (2, "ok"),
        (3, "ok"),
        (4, "failed"),
        (5, "failed"),
        (6, "ok"),
    ]


@pytest.mark.parametrize(
    ("there", "gaps"),
    [
        ((1, 3, 5), []),
        ((1001, 1006, 1011, 1021), [1016]),
        ((10, 20), []),
        ((7,), []),
        ((1, 3, 4), [2]),
        ((-2, 0, 4), [2]),
    ],
)
def test_a_sequence_on_twos_or_fives_has_no_gaps(there, gaps, folder):
    for frame in there:
        save(folder / f"s.{frame:04d}.exr", {n: smooth((6, 6)) for n in "RGB"})
    assert [j.frame for j in settled(folder, "error").jobs] == sorted([*there, *gaps])
    assert [j.frame for j in settled(folder, "skip").jobs] == sorted(there)


def test_a_stray_frame_far_away_is_named(folder):
    for frame in (1, 1001, 900000):
        save(folder / f"s.{frame:04d}.exr", {n: smooth((6, 6)) for n in "RGB"})
    with pytest.raises(LatticeError, match=r"3 frames from 1 to 900000 leave gaps of 900000, .*--frames says which"):
        settled(folder, "error")


def test_skipped_frames_are_left_out_and_told(shot):
    made = settled(shot, "skip", "1-6")
    assert made.notes == ("missing frames are skipped: 1,4-5",)
    assert [r.frame for r in regrade(made) if r.status == "ok"] == [2, 3, 6]
    assert sorted(p.name for p in shot.glob("g.*.exr")) == ["g.0002.exr", "g.0003.exr", "g.0006.exr"]


def test_a_chunk_that_is_all_gap_is_done(shot):
    made = settled(shot, "skip", "4-5")
    assert made.notes == ("missing frames are skipped: 4-5",)
    assert (made.jobs, made.refused, regrade(made)) == ((), False, ())


def test_held_frames_are_the_one_before_or_the_first(shot):
    assert all(r.status == "ok" for r in regrade(settled(shot, "hold", "1-6")))
    for frame, held in ((1, 2), (4, 3), (5, 3)):
        got, meant = graded(shot, frame), graded(shot, held)
        assert all(same_bits(got[name], meant[name]) for name in meant)


def test_black_frames_are_zero_in_every_channel(shot):
    regrade(settled(shot, "black", "1-6"))
    for frame in (1, 4, 5):
        assert all(not array.any() for array in graded(shot, frame).values())
    assert graded(shot, 3)["R"].any()
    assert graded(shot, 3)["Z"].any()


@pytest.mark.parametrize("missing", ["hold", "black"])
def test_gaps_are_filled_where_no_frames_are_named_and_done_again_when_the_frame_arrives(shot, missing):
    assert [r.frame for r in regrade(settled(shot, missing))] == [2, 3, 4, 5, 6]
    assert {r.status for r in regrade(settled(shot, missing))} == {"skipped"}
    save(shot / "s.0004.exr", {n: smooth((6, 6), seed=3) for n in "RGBZ"}, {}, codec="PIZ")
    again = {r.frame: r.status for r in regrade(settled(shot, missing))}
    assert again[4] == "ok"
    assert again[2] == again[3] == again[6] == "skipped"
    assert graded(shot, 4)["R"].any()


def test_a_held_frame_outside_the_range_stands_in(shot):
    assert [j.source.name for j in settled(shot, "hold", "4-5").jobs] == ["s.0003.exr", "s.0003.exr"]


def test_a_black_frame_is_not_taken_for_the_frame_it_was_made_from(shot):
    regrade(settled(shot, "black", "4"))
    save(shot / "s.0004.exr", {n: smooth((6, 6), seed=3) for n in "RGBZ"})
    assert (shot / "s.0004.exr").read_bytes() == (shot / "s.0003.exr").read_bytes()
    assert regrade(settled(shot, "black", "4"))[0].status == "ok"
    assert graded(shot, 4)["R"].any()


def test_wrong_ways(shot):
    with pytest.raises(LatticeError, match="missing: expected error or skip or hold or black, got 'near'"):
        Options(missing="near")
    for missing in ("hold", "black"):
        with pytest.raises(LatticeError, match="missing: expected error or skip where frames are graded in place"):
            Options(missing=missing, in_place=True)


def test_the_command_line_shows_stand_ins(shot):
    command = [
        sys.executable,
        "-m",
        "lattice.cli",
        "regrade",
        str(shot / "s.####.exr"),
        str(shot / "g.####.exr"),
        "-s",
        "premier",
        "--frames",
        "3-4",
        "--missing",
        "hold",
        "--dry-run",
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0
    assert f"{shot / 's.0003.exr'} -> {shot / 'g.0004.exr'}  (hold)" in done.stdout
    assert done.stderr == "lattice: missing frames are held from the frame before: 4\n"


def test_frames_outside_of_those_on_disk_are_a_slip(shot):
    ends = shot / "s.####.exr", shot / "g.####.exr"
    says = "s.####.exr: expected frames of 2-3,6, got 7-9"
    refused(process("regrade", *ends, "-s", "premier", "--frames", "7-9"), says)
    refused(process("regrade", shot / "s.7-9####.exr", ends[1], "-s", "premier"), "expected frames of 2-3,6, got 7-9")
    check_asked(plan(FakeSDev(), *ends, "3-9"))
    check_asked(plan(FakeSDev(), *ends, "4"))
    check_asked(plan(FakeSDev(), *ends, "7-9", Options(missing="hold")))
