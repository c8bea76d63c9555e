"""What a run leaves for machines: the ledger, JSON lines, totals."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from basics import ROOT
from cli_samples import DONE, SOME_FAILED, WRONG_USE, process
from ledger_samples import lines
from regrade_samples import FakeSDev, totals_of

import lattice
from lattice.files.exr import file as exr
from lattice.files.storage import locks
from lattice.regrade import Options, plan, regrade
from lattice.regrade.report import FrameReport
from lattice.regrade.sequence import ledger
from lattice.types import LatticeError

pytestmark = pytest.mark.slow


def test_each_frame_done_or_failed_has_a_line_in_the_ledger(shot: Path) -> None:
    (shot / "s.0002.exr").write_bytes(b"no exr")
    for _ in range(2):
        settled = plan(FakeSDev(), shot / "s.####.exr", shot / "g.####.exr")
        assert settled.ledger == shot / "g.sdev.jsonl"
        regrade(settled)
    found = lines(shot / "g.sdev.jsonl")
    assert sorted((line["frame"], line["status"]) for line in found) == [
        (1, "ok"),
        (2, "failed"),
        (2, "failed"),
        (3, "ok"),
    ]
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


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("g.####.exr", "g.sdev.jsonl"),
        ("shot010.%04d.exr", "shot010.sdev.jsonl"),
        ("@.exr", "frames.sdev.jsonl"),
        ("g_#_left.exr", "g.sdev.jsonl"),
    ],
)
def test_the_ledger_is_named_by_the_pattern_whatever_the_frames(target: str, name: str, shot: Path) -> None:
    for frames in (None, "2", "1-3x2"):
        assert plan(FakeSDev(), shot / "s.####.exr", shot / target, frames).ledger == shot / name


def test_a_plain_file_has_no_ledger(shot: Path) -> None:
    regrade(plan(FakeSDev(), shot / "s.0001.exr", shot / "g.exr"))
    assert not list(shot.glob("*.jsonl"))


WRITER = """
import sys
from pathlib import Path
from lattice.regrade.sequence.ledger import Ledger
from lattice.regrade.report import FrameReport
book = Ledger(Path(sys.argv[1]), {})
sys.stdin.readline()
for frame in range(60):
    book.append(FrameReport(frame, Path("a"), Path("b"), "failed", "w" * 200_000, int(sys.argv[2])))
assert book.trouble is None
"""


def test_many_writers_leave_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "x.sdev.jsonl"
    children = [
        subprocess.Popen([sys.executable, "-c", WRITER, path, str(number)], cwd=ROOT, stdin=subprocess.PIPE)
        for number in range(4)
    ]
    for child in children:
        child.communicate(b"go\n", timeout=60)
        assert child.returncode == 0
    found = lines(path)
    assert sorted((line["nan"], line["frame"]) for line in found) == [(n, f) for n in range(4) for f in range(60)]


def test_threads_of_a_process_leave_whole_lines(tmp_path: Path) -> None:
    book, start = ledger.Ledger(tmp_path / "x.sdev.jsonl", {}), threading.Barrier(8)

    def write(number: int) -> None:
        start.wait()
        for frame in range(30):
            book.append(FrameReport(frame, Path("a"), Path("b"), "failed", "w" * 9000, number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert len(lines(tmp_path / "x.sdev.jsonl")) == 8 * 30


def test_what_a_killed_job_left_of_a_line_stays_its_own(tmp_path: Path) -> None:
    path = tmp_path / "x.sdev.jsonl"
    path.write_text('{"frame": 1}\n{"fra')
    ledger.Ledger(path, {}).append(FrameReport(2, Path("a"), Path("b"), "ok"))
    whole, torn, mine = path.read_text().splitlines()
    assert (json.loads(whole)["frame"], torn, json.loads(mine)["frame"]) == (1, '{"fra', 2)


def test_a_working_folder_that_is_gone_costs_no_line(shot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (shot / "here").mkdir()
    (shot / "s.0001.exr").rename(shot / "here/s.0001.exr")
    monkeypatch.chdir(shot / "here")
    settled = plan(FakeSDev(), "s.####.exr", shot / "g.####.exr")
    shutil.rmtree(shot / "here")
    assert [report.status for report in regrade(settled)] == ["failed"]
    assert [line["source"] for line in lines(shot / "g.sdev.jsonl")] == ["s.0001.exr"]


def test_a_full_disk_leaves_the_ledger_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, write = tmp_path / "x.sdev.jsonl", os.write
    path.write_text('{"frame": 1}\n')

    def some(descriptor: int, data: Any) -> int:
        if len(data) < 100:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, data[:-50])

    monkeypatch.setattr(os, "write", some)
    book = ledger.Ledger(path, {})
    book.append(FrameReport(2, Path("a"), Path("b"), "ok"))
    assert "x.sdev.jsonl: cannot be written: No space left on device" in str(book.trouble)
    assert path.read_text() == '{"frame": 1}\n'


def test_a_disk_without_locks_keeps_a_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    def no_locks(*arguments: Any) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "fcntl" if locks.CAN_ASK else "lockf", no_locks)
    book = ledger.Ledger(tmp_path / "x.sdev.jsonl", {})
    book.append(FrameReport(2, Path("a"), Path("b"), "ok"))
    assert book.trouble is None
    assert lines(tmp_path / "x.sdev.jsonl")[0]["frame"] == 2


NO_LEDGERS = {
    "a folder": lambda path: path.mkdir(),
    "a pipe": lambda path: os.mkfifo(path),
    "a link to a picture": lambda path: path.symlink_to(path.with_name("s.0001.exr")),
}


@pytest.mark.parametrize("make", NO_LEDGERS.values(), ids=NO_LEDGERS)
def test_without_a_ledger_that_can_be_opened_no_frame_is_graded(make: Any, shot: Path) -> None:
    make(shot / "g.sdev.jsonl")
    before = (shot / "s.0001.exr").read_bytes()
    result = process("regrade", shot / "s.####.exr", shot / "g.####.exr", "-s", "vision")
    assert result.code == WRONG_USE
    assert "g.sdev.jsonl: cannot be opened: " in result.err
    assert "make it a file that you may read (chmod a+r), or choose another OUT" in result.err
    assert result.err.count("\n") == 1
    assert not list(shot.glob("g.*.exr"))
    assert (shot / "s.0001.exr").read_bytes() == before


def test_a_full_disk_loses_lines_and_no_frame(shot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(ledger.Ledger, "write_to", full)
    told: list[FrameReport] = []
    with pytest.raises(LatticeError, match=r"g\.sdev\.jsonl: cannot be written: No space left on device"):
        regrade(plan(FakeSDev(), shot / "s.####.exr", shot / "g.####.exr"), told.append)
    assert [report.status for report in told] == ["ok"] * 3


LOCKER = """
import fcntl, sys, time
book = open(sys.argv[1], "a")
fcntl.lockf(book, fcntl.LOCK_EX, int(sys.argv[2]))
print(flush=True)
time.sleep(60)
"""


def locker(book: Path, count: int) -> subprocess.Popen[bytes]:
    """Another process that locks the first bytes of a ledger, or for 0 all."""
    child = subprocess.Popen([sys.executable, "-c", LOCKER, book, str(count)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    return child


@pytest.mark.parametrize("at_once", [True, False])
def test_a_ledger_that_is_locked_for_good_is_told_once(
    at_once: bool, shot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "TRIES", 5)
    children = [locker(shot / "g.sdev.jsonl", 0)] if at_once else []
    told: list[str] = []

    def lock(_: object) -> None:
        children.extend([] if children else [locker(shot / "g.sdev.jsonl", 1)])

    settled = plan(FakeSDev(), shot / "s.####.exr", shot / "g.####.exr", options=Options(threads=1))
    try:
        reports = regrade(settled, lock, tell=told.append)
    finally:
        for child in children:
            child.kill()
            child.wait()
    assert [report.status for report in reports] == ["ok"] * 3
    assert told == [f"{shot / 'g.sdev.jsonl'}: another process has held its lock for 5 s; lines are added without it"]
    assert sorted(line["frame"] for line in lines(shot / "g.sdev.jsonl")) == [1, 2, 3]


def test_json_lines_and_totals(shot: Path) -> None:
    (shot / "s.0002.exr").unlink()
    command = ("regrade", shot / "s.####.exr", shot / "g.####.exr", "-s", "vision", "--frames", "1-3", "--json")
    result = process(*command)
    assert result.code == SOME_FAILED
    assert not result.err
    *frames, last = [json.loads(line) for line in result.out.splitlines()]
    assert {frame["frame"]: frame["status"] for frame in frames} == {1: "ok", 2: "failed", 3: "ok"}
    totals = last["totals"]
    assert totals["planned"] == 3
    assert (totals["frames"], totals["ok"], totals["skipped"], totals["failed"]) == (3, 2, 0, 1)
    assert totals["bytes_written"] == sum((shot / f"g.{n:04d}.exr").stat().st_size for n in (1, 3))
    assert totals["cpu_seconds"] > 0
    assert totals["peak_bytes"] > 1e6
    plain = process(*command[:-1])
    told = totals_of(plain.out)
    assert [told[name] for name in ("frames", "graded", "done before", "failed")] == [3, 0, 2, 1]
    assert set(told) - {"frames", "graded", "done before", "failed"} == {
        "seconds",
        "CPU seconds",
        "MB read",
        "MB written",
        "peak MB",
        "NaN",
        "clipped",
    }


@pytest.mark.parametrize("end", ["| true", ">&-", "2>&-", "--json | true"])
def test_nobody_listening_stops_nothing(end: str, shot: Path) -> None:
    command = (
        f"set -o pipefail; {sys.executable} -m lattice.cli regrade '{shot}/s.####.exr' '{shot}/g.####.exr' "
        f"-s vision {end}"
    )
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (DONE, "")
    assert len(list(shot.glob("g.*.exr"))) == len(lines(shot / "g.sdev.jsonl")) == 3


def test_the_stamp_says_what_ran_where_there_was_no_gpu(shot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lattice.regrade.sequence.plan.no_gpu_reason", lambda: "none here")
    monkeypatch.setattr(FakeSDev, "arithmetic", lambda self, engine: {"auto": "numpy", "cuda": "fused"}[engine])
    regrade(plan(FakeSDev(), shot / "s.0001.exr", shot / "g.exr", options=Options(engine="cuda")))
    assert "arithmetic=numpy" in str(exr.read_header(shot / "g.exr").text("sdev:options"))


def test_a_name_that_is_no_text_is_told(shot: Path) -> None:
    os.mkdir(folder := os.fsencode(shot) + b"/\xff")
    target = os.fsdecode(folder) + "/g.####.exr"
    strict = {**os.environ, "PYTHONIOENCODING": "utf-8:strict"}
    command = [sys.executable, "-m", "lattice.cli", "regrade", str(shot / "s.####.exr"), target, "-s", "vision"]
    for extra, status in (([], "ok"), (["--json"], "skipped")):
        done = subprocess.run([*command, *extra], cwd=ROOT, capture_output=True, text=True, env=strict)
        assert (done.returncode, done.stderr) == (DONE, "")
        assert status in done.stdout.splitlines()[not extra]  # for people, a line on the run comes first


def test_json_of_a_plan_is_refused(shot: Path) -> None:
    result = process("regrade", shot / "s.####.exr", shot / "g.####.exr", "-s", "vision", "--json", "--dry-run")
    assert (result.code, result.err) == (2, "lattice: --dry-run prints no JSON: leave out --dry-run or --json\n")
