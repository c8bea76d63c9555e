"""A frame that is read while the program is imported is the frame that would be read later, or none."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from exr_samples import noise, same_bits, save
from regrade_samples import FakeSDev
from typer.testing import CliRunner

from lattice.cli import frames
from lattice.cli.app import app
from lattice.cpu_time import cpu_seconds
from lattice.files.exr import file as exr
from lattice.regrade import plan, regrade
from lattice.regrade.frame import ahead
from lattice.regrade.frame.ahead import SHARE, Ahead

BYTES = 70 * 40 * 3 * 2  # of a frame's pixels


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "cores", lambda: 2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return frame(tmp_path / "a.exr")


def frame(path: Path, codec: str = "ZIP", seed: int = 0) -> Path:
    save(path, {name: noise((70, 40), "float16", seed + k) for k, name in enumerate("RGB")}, codec=codec)
    return path


@pytest.mark.parametrize("codec", ["ZIP", "none", "PIZ"])
def test_it_is_what_is_read_later(tmp_path: Path, codec: str) -> None:
    path = frame(tmp_path / "a.exr", codec)
    early, before = Ahead(str(path)), cpu_seconds()
    found, meant = early.parts(path), exr.read_parts(path)
    assert found is not None
    assert cpu_seconds() - before >= sum(early._helpers.taken) > 0
    assert [(part.header, part.sha256) for part in found] == [(part.header, part.sha256) for part in meant]
    assert all(same_bits(found[0].channels[name], meant[0].channels[name]) for name in "RGB")
    assert early.parts(path) is None  # its memory is not held


def test_another_file_is_not_taken_for_it(path: Path, tmp_path: Path) -> None:
    assert Ahead(str(path)).parts(frame(tmp_path / "b.exr")) is None


@pytest.mark.parametrize("change", ["replaced", "touched", "removed"])
def test_a_file_that_changed_since_is_read_again(path: Path, change: str) -> None:
    early = Ahead(str(path))
    assert early._parts is not None
    early._parts.result()
    if change == "replaced":
        os.replace(frame(path.with_name("b.exr"), seed=9), path)
    elif change == "touched":
        os.utime(path, ns=(1, 1))
    else:
        path.unlink()
    assert early.parts(path) is None


def test_what_cannot_be_read_is_left_to_who_reads_it_again(path: Path, tmp_path: Path) -> None:
    whole = path.read_bytes()
    (tmp_path / "cut.exr").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "a.dpx").write_bytes(b"SDPX")
    (tmp_path / "empty.exr").touch()
    os.mkfifo(tmp_path / "pipe.exr")
    for name in ("cut.exr", "a.dpx", "empty.exr", "pipe.exr", "none.exr", "."):
        assert Ahead(str(tmp_path / name)).parts(tmp_path / name) is None, name
    assert Ahead("a\0.exr").parts("a\0.exr") is None


def test_memory_holds_it_and_cores_are_left(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needed = int((BYTES + path.stat().st_size) / SHARE)
    for most, is_read in ((needed, True), (needed - 1, False), (None, True)):
        monkeypatch.setattr(ahead, "Budget", lambda limit, most=most: SimpleNamespace(most=most))
        assert (Ahead(str(path)).parts(path) is not None) == is_read
    monkeypatch.setattr(ahead, "cores", lambda: 1)
    assert Ahead(str(path)).parts(path) is None
    monkeypatch.setattr(ahead, "cores", lambda: 4)
    for asked, threads in ((0, 3), (2, 1), (9, 3), (1, None)):
        given: list[int] = []
        monkeypatch.setattr(ahead, "_read", lambda *words, given=given: given.append(words[-1]))
        Ahead(str(path), asked).parts(path)
        assert given == ([] if threads is None else [threads])


def test_a_frame_is_graded_from_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = path.with_name("graded.exr")
    settled = plan(FakeSDev(), path, target)
    settled.session.ahead = Ahead(str(path))
    read: list[Any] = []
    monkeypatch.setattr("lattice.regrade.frame.session.source.read_parts", lambda *given: read.append(given))
    [report] = regrade(settled)
    assert (report.status, report.why, read) == ("ok", "", [])
    monkeypatch.undo()
    [again] = regrade(plan(FakeSDev(), path, path.with_name("later.exr")))
    assert again.status == "ok"
    assert target.read_bytes()[-BYTES:] == path.with_name("later.exr").read_bytes()[-BYTES:]


def test_apply_reads_ahead(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Any] = []
    monkeypatch.setattr(ahead, "Ahead", lambda *words: given.append(words) or Ahead(*words))
    monkeypatch.setattr(frames, "_regrade_shots", lambda plans, *_: given.append(plans[0].session.ahead.parts(path)))
    command = ["apply", str(path), str(path.with_name("b.exr")), "--sdev", "premier", "--cores", "3"]
    CliRunner().invoke(app, command, catch_exceptions=False)
    assert given[0] == (str(path), 3)
    assert given[1] is not None
