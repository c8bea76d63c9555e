"""Frames in bulk: what a night on the farm throws at them."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from exr_samples import same_bits, save, smooth
from regrade_samples import FakeSDev, production_frame

from lattice.files.exr import file as exr
from lattice.regrade import FrameReport, Job, Options, Session, plan, regrade, regrade_frame
from lattice.regrade.sequence import claim
from lattice.types import LatticeError


@pytest.fixture
def shot(folder):
    for frame in (1, 2, 3, 5):
        save(folder / f"s.{frame:04d}.exr", {n: smooth((6, 6), seed=frame) for n in "RGB"})
    return folder


def test_a_sequence_in_order(shot):
    heard = []
    options = Options(missing="skip")
    reports = regrade(plan(FakeSDev(), shot / "s.####.exr", shot / "g.%04d.exr", options=options), heard.append)
    assert [(r.frame, r.source.name, r.target.name, r.status, r.why) for r in reports] == [
        (n, f"s.{n:04d}.exr", f"g.{n:04d}.exr", "ok", "") for n in (1, 2, 3, 5)
    ]
    assert sorted(r.frame for r in heard) == [1, 2, 3, 5]
    assert all(isinstance(r, FrameReport) for r in heard)


def test_a_bad_frame_fails_alone(shot):
    whole = (shot / "s.0002.exr").read_bytes()
    (shot / "s.0002.exr").write_bytes(whole[:-10])
    (shot / "s.0003.exr").write_text("no exr")
    reports = regrade(plan(FakeSDev(), shot / "s.####.exr", shot / "g.####.exr", "1-5"))
    assert [r.status for r in reports] == ["ok", "failed", "failed", "failed", "ok"]
    assert "s.0002.exr: expected 1 chunks, got a file cut short" in reports[1].why
    assert "s.0003.exr: expected an EXR file" in reports[2].why
    assert reports[3].why == f"{shot / 's.0004.exr'}: missing frame"
    assert sorted(p.name for p in shot.glob("g.*.exr")) == ["g.0001.exr", "g.0005.exr"]


def test_a_fault_in_a_frame_does_not_end_the_night(shot):
    class Faulty(FakeSDev):
        def apply(self, image, out=None, engine="auto", threads=None):
            raise MemoryError("no\nroom")

    session = Session(Faulty())
    report = regrade_frame(Job(1, shot / "s.0001.exr", shot / "g.exr"), session)
    assert report.status == "failed"
    assert report.why == f"{shot / 's.0001.exr'}: MemoryError: no room"


@pytest.mark.parametrize("threads", [1, 3])
def test_frames_in_hand_are_bounded_and_results_do_not_depend_on_threads(shot, threads):
    most, now, lock = 0, 0, threading.Lock()

    class Watching(FakeSDev):
        def apply(self, image, out=None, engine="auto", threads=None):
            nonlocal most, now
            with lock:
                now += 1
                most = max(most, now)
            time.sleep(0.02)
            with lock:
                now -= 1
            return super().apply(image, out)

    regrade(plan(Watching(), shot / "s.####.exr", shot / "g.####.exr", options=Options(threads=threads)))
    assert most <= threads
    regrade(plan(FakeSDev(), shot / "s.####.exr", shot / "h.####.exr", options=Options(threads=1)))
    for frame in (1, 2, 3, 5):
        one, other = (exr.read(shot / f"{name}.{frame:04d}.exr").channels for name in "gh")
        assert all(same_bits(one[name], other[name]) for name in one)


def test_an_interrupt_ends_the_run_cleanly(shot):
    def interrupt(report):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        regrade(plan(FakeSDev(), shot / "s.####.exr", shot / "g.####.exr", options=Options(threads=1)), interrupt)
    done = list(shot.glob("g.*.exr"))
    assert 1 <= len(done) < 4
    for path in done:
        exr.read(path)


def test_leftovers_of_dead_jobs_go_at_the_start(shot):
    import socket

    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    (shot / f".g.0001.exr.{socket.gethostname()}.{child.pid}.tmp").touch()
    regrade(plan(FakeSDev(), shot / "s.####.exr", shot / "g.####.exr"))  # the fixture looks for temporaries


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("s.####.exr", "s.0001.exr: expected an output apart from the inputs, got the input .*--in-place allows it"),
        ("absent/g.####.exr", "expected an existing folder, got none at .*absent"),
        ("g.exr", "expected a frame field such as #### for 5 frames, got none"),
        (None, "--in-place allows it"),
    ],
)
def test_targets_that_cannot_be(shot, target, why):
    with pytest.raises(LatticeError, match=why):
        plan(FakeSDev(), shot / "s.####.exr", None if target is None else shot / target)


def test_links_to_the_input_are_no_output(shot):
    os.link(shot / "s.0001.exr", shot / "hard.exr")
    os.symlink("s.0001.exr", shot / "soft.exr")
    for name in ("hard.exr", "soft.exr"):
        with pytest.raises(LatticeError, match=f"{name}: expected an output apart from the inputs"):
            plan(FakeSDev(), shot / "s.0001.exr", shot / name)
        report = regrade_frame(Job(1, shot / "s.0001.exr", shot / name), Session(FakeSDev()))
        assert "expected an output apart from its input" in report.why


def test_an_output_that_is_another_frames_input_is_refused_even_in_place(shot):
    os.symlink("s.0002.exr", shot / "g.0001.exr")
    with pytest.raises(LatticeError, match=r"g.0001.exr: expected an output apart from the inputs, got .*s.0002"):
        plan(FakeSDev(), shot / "s.####.exr", shot / "g.####.exr", options=Options(in_place=True))


def test_in_place_keeps_a_backup(shot):
    before = {n: (shot / f"s.{n:04d}.exr").read_bytes() for n in (1, 2, 3, 5)}
    options = Options(in_place=True, missing="skip")
    assert all(r.status == "ok" for r in regrade(plan(FakeSDev(), shot / "s.####.exr", options=options)))
    for n, old in before.items():
        assert (shot / f"s.{n:04d}.exr.orig").read_bytes() == old
        assert exr.read_header(shot / f"s.{n:04d}.exr").text("sdev:name") == "premier"
    graded = (shot / "s.0001.exr").read_bytes()
    again = regrade(plan(FakeSDev(), shot / "s.####.exr", options=Options(in_place=True, force=True, missing="skip")))
    assert all("expected no backup yet" in r.why for r in again)
    assert (shot / "s.0001.exr").read_bytes() == graded
    assert (shot / "s.0001.exr.orig").read_bytes() == before[1]


def test_a_source_that_changes_while_it_is_read_is_refused(shot, monkeypatch):
    real = exr.read_headers

    def then_change(path, *kinds, **more):
        header = real(path, *kinds, **more)
        save(Path(path), {n: smooth((7, 7)) for n in "RGB"})
        return header

    monkeypatch.setattr(exr, "read_headers", then_change)
    report = regrade_frame(Job(1, shot / "s.0001.exr", shot / "g.exr"), Session(FakeSDev()))
    assert "expected a finished file, got one that changed while it was read" in report.why


def test_the_plan_tells_what_will_be_done(shot):
    save(shot / "s.0002.exr", production_frame((4, 4)))
    (shot / "s.0001.exr").write_text("no exr")
    settled = plan(FakeSDev(), shot / "s.####.exr", shot / "g.####.exr")
    assert settled.jobs[0] == Job(1, shot / "s.0001.exr", shot / "g.0001.exr")
    assert settled.lines[:5] == (
        f"refused: {shot / 's.0001.exr'}: expected an EXR file, got something else",
        f"{shot / 's.0002.exr'}:",
        "input Rec.709, output P3-DCI",
        "no color space named in s.0002.exr: taken as Rec.709 (--input says otherwise)",
        "R G B: grade, premultiplied by A",
    )
    assert "CryptoAsset00.R: pass (Cryptomatte)" in settled.lines
    assert "id: pass (integers)" in settled.lines
    assert not list(shot.glob("g.*"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"premult": "yes"},
        {"transparent": ""},
        {"nonfinite": None},
        {"threads": -1},
        {"cores": -1},
        {"layers": "diffuse"},
        {"views": "left"},
        {"engine": "gpu"},
    ],
)
def test_options_that_are_none(wrong):
    with pytest.raises(LatticeError, match=f"^{next(iter(wrong))}: expected .*, got "):
        Options(**wrong)


@pytest.mark.parametrize("suffix", ["", ".hdr", ".gif", ".exr2"])
def test_an_output_that_is_named_as_no_format_that_is_written_is_refused(shot, suffix):
    with pytest.raises(LatticeError, match=r"expected an output name ending in \.exr, \.dpx, .*\.jpeg$"):
        plan(FakeSDev(), shot / "s.####.exr", f"{shot}/out.####{suffix}")


def test_a_folder_that_takes_no_file_is_told(shot, monkeypatch):
    def refused(path, **more):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(claim, "open_ledger", refused)
    with pytest.raises(
        LatticeError, match=f"^{shot}: no file can be made here: Permission denied; choose another OUT$"
    ):
        regrade(plan(FakeSDev(), shot / "s.####.exr", shot / "g.####.exr"))
