"""What a run leaves for machines: the ledger, JSON lines, totals; and how it ends when it is told to stop."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import regrade_samples
from conftest import ROOT
from exr_samples import noise, save, smooth
from regrade_samples import FakeSDev
from test_cli import DONE, SOME_FAILED, process

import lattice
from lattice.files import exr
from lattice.regrade import Options, ledger, plan, regrade
from lattice.regrade.records import FrameReport
from lattice.regrade.stopping import Terminated, terminated_by_signal
from lattice.types import LatticeError

folder = regrade_samples.folder  # a fixture, shared
INTERRUPTED, TERMINATED = 130, 143


@pytest.fixture
def shot(folder: Path) -> Path:
    for frame in (1, 2, 3):
        save(folder / f"s.{frame:04d}.exr", {name: smooth((16, 16), seed=frame) for name in "RGB"})
    return folder


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_each_frame_of_each_run_has_a_line_in_the_ledger(shot: Path) -> None:
    (shot / "s.0002.exr").write_bytes(b"no exr")
    for _ in range(2):
        settled = plan(FakeSDev(), shot / "s.####.exr", shot / "g.####.exr")
        assert settled.ledger == shot / "g.sdev.jsonl"
        regrade(settled)
    found = lines(shot / "g.sdev.jsonl")
    assert sorted((line["frame"], line["status"]) for line in found) == [
        (1, "ok"), (1, "skipped"), (2, "failed"), (2, "failed"), (3, "ok"), (3, "skipped")]
    [first] = [line for line in found if line["frame"] == 1 and line["status"] == "ok"]
    assert first["source"] == str(shot / "s.0001.exr")
    assert first["target"] == str(shot / "g.0001.exr")
    assert first["bytes_read"] == (shot / "s.0001.exr").stat().st_size
    assert first["bytes_written"] == (shot / "g.0001.exr").stat().st_size
    assert 0 < first["cpu_seconds"] <= first["seconds"] * 1.5 + 0.1
    assert (first["sdev"], first["sdev_sha256"], first["version"]) == ("premier", "5d" * 32, lattice.__version__)
    assert {"time", "host", "pid", "nan", "inf", "negative", "clipped", "why"} <= first.keys()
    [failed] = {line["why"] for line in found if line["status"] == "failed"}
    assert "s.0002.exr: expected an EXR file" in failed


@pytest.mark.parametrize(("target", "name"), [
    ("g.####.exr", "g.sdev.jsonl"), ("shot010.%04d.exr", "shot010.sdev.jsonl"), ("@.exr", "frames.sdev.jsonl"),
    ("g_#_left.exr", "g.sdev.jsonl")])
def test_the_ledger_is_named_by_the_pattern_whatever_the_frames(target: str, name: str, shot: Path) -> None:
    for frames in (None, "2", "1-3x2"):
        assert plan(FakeSDev(), shot / "s.####.exr", shot / target, frames).ledger == shot / name


def test_a_plain_file_has_no_ledger(shot: Path) -> None:
    regrade(plan(FakeSDev(), shot / "s.0001.exr", shot / "g.exr"))
    assert not list(shot.glob("*.jsonl"))


def test_many_writers_leave_whole_lines(tmp_path: Path) -> None:
    path, why = tmp_path / "x.sdev.jsonl", "w" * 9000  # more than a pipe or a page takes at once
    start = threading.Barrier(8)

    def write(number: int) -> None:
        start.wait()
        for frame in range(30):
            ledger.append(path, FrameReport(frame, Path("a"), Path("b"), "failed", why, number), {})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    found = lines(path)
    assert sorted((line["nan"], line["frame"]) for line in found) == [(n, f) for n in range(8) for f in range(30)]


def test_a_ledger_that_cannot_be_written_stops_no_frame(shot: Path) -> None:
    (shot / "g.sdev.jsonl").mkdir()
    told: list[FrameReport] = []
    with pytest.raises(LatticeError, match=r"g\.sdev\.jsonl: cannot be written"):
        regrade(plan(FakeSDev(), shot / "s.####.exr", shot / "g.####.exr"), told.append)
    assert [report.status for report in told] == ["ok"] * 3


def test_json_lines_and_totals(shot: Path) -> None:
    (shot / "s.0002.exr").unlink()
    command = ("regrade", shot / "s.####.exr", shot / "g.####.exr", "-s", "vision", "--frames", "1-3", "--json")
    result = process(*command)
    assert result.code == SOME_FAILED
    assert not result.err
    *frames, last = [json.loads(line) for line in result.out.splitlines()]
    assert {frame["frame"]: frame["status"] for frame in frames} == {1: "ok", 2: "failed", 3: "ok"}
    totals = last["totals"]
    assert (totals["frames"], totals["ok"], totals["skipped"], totals["failed"]) == (3, 2, 0, 1)
    assert totals["bytes_written"] == sum((shot / f"g.{n:04d}.exr").stat().st_size for n in (1, 3))
    assert totals["cpu_seconds"] > 0
    assert totals["peak_bytes"] > 1e6
    plain = process(*command[:-1])
    assert plain.out.splitlines()[-1].startswith("3 frames: 0 graded, 2 done before, 1 failed; ")


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, INTERRUPTED), (signal.SIGTERM, TERMINATED)])
def test_a_signal_ends_the_run_and_the_same_command_does_the_rest(sent: int, code: int, folder: Path) -> None:
    for frame in range(30):
        save(folder / f"s.{frame:04d}.exr", {name: noise((400, 600), "float16", frame) for name in "RGB"})
    command = [sys.executable, "-m", "lattice.cli", "regrade", str(folder / "s.####.exr"), str(folder / "g.####.exr"),
               "-s", "vision"]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline().startswith("ok ")
    child.send_signal(sent)
    out, err = child.communicate(timeout=60)
    assert child.returncode == code, err
    done = sorted(folder.glob("g.*.exr"))
    assert 1 <= len(done) < 30
    assert err == f"lattice: stopped with {30 - len(done)} of 30 frames to do; the same command does them\n"
    assert out.splitlines()[-1].startswith(f"{len(done)} frames: {len(done)} graded; ")
    assert len(lines(folder / "g.sdev.jsonl")) == len(done)
    for path in done:
        exr.read(path)
    again = process(*command[3:])
    assert again.code == DONE
    assert again.out.splitlines()[-1].startswith(f"30 frames: {30 - len(done)} graded, {len(done)} done before; ")


def test_sigterm_is_as_before_afterwards_and_in_other_threads() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Terminated), terminated_by_signal():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before
    seen = []

    def elsewhere() -> None:
        with terminated_by_signal():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert seen == [before]


def test_frames_in_hand_are_told_after_an_interrupt(shot: Path) -> None:
    told: list[FrameReport] = []

    def stop_at_the_first(report: FrameReport) -> None:
        told.append(report)
        if len(told) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        regrade(plan(FakeSDev(), shot / "s.####.exr", shot / "g.####.exr", options=Options(threads=3)),
                stop_at_the_first)
    assert {report.target for report in told} == set(shot.glob("g.*.exr"))
