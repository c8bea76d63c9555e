"""What frames have cost, summed over ledgers, also over ledgers that hold anything else."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from basics import one_line
from exr_samples import SAID, save, smooth
from ledger_samples import lines
from regrade_samples import FakeSDev

from lattice.regrade import plan, regrade
from lattice.regrade.show.account import KEYS, SUMS, Cost, costs

FRAME = {
    "run": "r",
    "status": "ok",
    "sdev": "premier",
    "sdev_sha256": "5d" * 32,
    "host": "farm1",
    "time": "2026-11-29T23:59:59.000+00:00",
    "seconds": 1.5,
    "cpu_seconds": 2,
    "bytes_read": 10,
    "bytes_written": 5,
}


def ledger(folder: Path, *told: dict[str, Any] | str, name: str = "g") -> Path:
    path = folder / f"{name}.sdev.jsonl"
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in told))
    return path


def total(*paths: Path) -> Cost:
    return costs(paths, ()).get((), Cost())


def test_the_sums_are_those_of_the_frames_lines_and_the_bytes_those_on_disk(folder: Path) -> None:
    for frame in (1, 2, 3):
        save(folder / f"s.{frame:04d}.exr", {name: smooth((16, 16), seed=frame) for name in "RGB"}, SAID)
    (folder / "s.0002.exr").write_bytes(b"broken")
    regrade(plan(FakeSDev(), folder / "s.####.exr", folder / "g.####.exr"))
    path = folder / "g.sdev.jsonl"
    found = total(path)
    assert (found.graded, found.failed) == (2, 1)
    for name in SUMS:
        assert getattr(found, name) == pytest.approx(sum(line[name] for line in lines(path)))
    assert found.bytes_written == sum(each.stat().st_size for each in folder.glob("g.*.exr"))
    assert found.bytes_read == sum(each.stat().st_size for each in folder.glob("s.*.exr"))


def test_sums_are_apart_by_what_is_asked(tmp_path: Path) -> None:
    began = {"event": "began", "run": "s", "shot": "sh010"}
    path = ledger(tmp_path, FRAME, began, {**FRAME, "run": "s"}, {**FRAME, "host": "farm2", "status": "failed"})
    assert set(costs([path])) == {
        ("g", "premier 5d5d5d5d", "farm1", "2026-11-29"),
        ("sh010", "premier 5d5d5d5d", "farm1", "2026-11-29"),
        ("g", "premier 5d5d5d5d", "farm2", "2026-11-29"),
    }
    by_host = costs([path], ("host",))
    assert by_host["farm1",] == Cost(2, 0, 3.0, 4, 20, 10)
    assert sum(by_host.values(), Cost()) == costs([path], ())[()]


def test_a_ledger_that_is_named_twice_counts_once(tmp_path: Path) -> None:
    path = ledger(tmp_path, FRAME)
    link = tmp_path / "link.sdev.jsonl"
    link.symlink_to(path)
    assert total(path, path, link) == total(path)


@pytest.mark.parametrize(
    "number", ["NaN", "Infinity", "-Infinity", "-5", "true", '"5"', "null", "[1]", "1e400", "1" + "0" * 400, "{}"]
)
def test_what_is_no_number_of_a_frame_counts_as_none(number: str, tmp_path: Path) -> None:
    odd = '{"status": "ok", ' + ", ".join(f'"{name}": {number}' for name in SUMS) + "}"
    assert total(ledger(tmp_path, FRAME, odd)) == Cost(2, 0, 1.5, 2, 10, 5)


@pytest.mark.parametrize(
    "line", ["", "{", '{"status": "ok"', "[" * 100_000, "5", '{"status": ["ok"]}', '{"status": "odd", "seconds": 1}']
)
def test_lines_that_are_no_frames_are_passed_over(line: str, tmp_path: Path) -> None:
    assert total(ledger(tmp_path, line, FRAME, {**FRAME, "event": "ended"})) == Cost(1, 0, 1.5, 2, 10, 5)


def test_names_of_other_types_are_told_as_text(tmp_path: Path) -> None:
    path = ledger(
        tmp_path, {"status": "ok", "host": ["a"], "sdev": None, "time": 5}, '{"status": "ok", "host": "\\ud800"}'
    )
    assert all(isinstance(part, str) for key in costs([path]) for part in key)


def test_what_is_no_ledger_is_refused_in_a_line(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.sdev.jsonl")
    (tmp_path / "plate.exr").write_bytes(b"v/1\1\n{}\n")
    ledger(tmp_path, name="empty")
    for name in ("none.sdev.jsonl", "pipe.sdev.jsonl", ".", "plate.exr", "empty.sdev.jsonl"):
        one_line(lambda name=name: costs([tmp_path / name]), "expected a ledger")
    one_line(lambda: costs([], ("shots",)), "by: expected", *KEYS, "did you mean 'shot'?")
