"""The same command again: what is done stays, all else is done; by content, never by file times."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import regrade_samples
from conftest import scene
from exr_samples import save, smooth
from regrade_samples import FakeSDev, production_frame
from test_cli import DONE, process

import lattice
from lattice.files import exr
from lattice.regrade import Options, plan, regrade
from lattice.sdev import load

folder = regrade_samples.folder  # a fixture, shared


@pytest.fixture
def shot(folder: Path) -> Path:
    for frame in (1, 2, 3):
        save(folder / f"s.{frame}.exr", {name: smooth((16, 16), seed=frame) for name in "RGBA"})
    return folder


def again(shot: Path, sdev: Any = None, **options: Any) -> list[str]:
    """How each frame of the shot goes."""
    settled = plan(sdev or FakeSDev(), shot / "s.#.exr", shot / "g.#.exr", options=Options(**options))
    return [report.status for report in regrade(settled)]


def test_what_is_done_is_skipped_and_not_touched(shot: Path) -> None:
    assert again(shot) == ["ok"] * 3
    before = {path: (path.stat().st_ino, path.read_bytes()) for path in shot.glob("g.*.exr")}
    sdev = FakeSDev()
    assert again(shot, sdev, threads=2) == ["skipped"] * 3
    assert not sdev.seen
    assert {path: (path.stat().st_ino, path.read_bytes()) for path in shot.glob("g.*.exr")} == before


CHANGES: dict[str, Callable[[Path], object]] = {
    "the source is another": lambda shot: save(shot / "s.2.exr", {name: smooth((16, 16), seed=9) for name in "RGBA"}),
    "the output is gone": lambda shot: (shot / "g.2.exr").unlink(),
    "the output is cut short": lambda shot: os.truncate(shot / "g.2.exr", (shot / "g.2.exr").stat().st_size - 9),
    "the output is cut in its header": lambda shot: os.truncate(shot / "g.2.exr", 100),
    "the output is empty": lambda shot: (shot / "g.2.exr").write_bytes(b""),
    "the output is the source": lambda shot: (shot / "g.2.exr").write_bytes((shot / "s.2.exr").read_bytes()),
    "the output is another frame's": lambda shot: (shot / "g.2.exr").write_bytes((shot / "g.1.exr").read_bytes()),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_only_the_frame_that_is_not_done_is_done(change: Callable[[Path], object], shot: Path) -> None:
    again(shot)
    wanted = (shot / "g.2.exr").read_bytes()
    change(shot)
    assert again(shot) == ["skipped", "ok", "skipped"]
    assert (change is CHANGES["the source is another"]) == ((shot / "g.2.exr").read_bytes() != wanted)
    assert again(shot) == ["skipped"] * 3


def test_times_say_nothing(shot: Path) -> None:
    again(shot)
    os.utime(shot / "s.1.exr", (1, 1))
    os.utime(shot / "s.2.exr", (4e9, 4e9))
    os.utime(shot / "g.3.exr", (1, 1))
    assert again(shot) == ["skipped"] * 3


@pytest.mark.parametrize("options", [{"premult": "off"}, {"transparent": "zero"}, {"nonfinite": "zero"},
                                     {"input": "ACEScg"}, {"layers": ("diffuse",)}, {"force": True}])
def test_other_options_make_another_frame(options: dict[str, Any], shot: Path) -> None:
    for frame in (1, 2, 3):
        save(shot / f"s.{frame}.exr", production_frame((9, 9)))
    again(shot)
    assert again(shot, **options) == ["ok"] * 3
    assert again(shot, **options) == ["ok" if "force" in options else "skipped"] * 3


def test_another_device_or_version_makes_another_frame(shot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    again(shot)
    assert again(shot, FakeSDev(sha256="77" * 32)) == ["ok"] * 3
    assert again(shot, FakeSDev(sha256="77" * 32, name="other")) == ["ok"] * 3
    monkeypatch.setattr(lattice, "__version__", "99")
    assert again(shot, FakeSDev(sha256="77" * 32, name="other")) == ["ok"] * 3


def test_a_frame_that_failed_is_tried_again(shot: Path) -> None:
    whole = (shot / "s.2.exr").read_bytes()
    (shot / "s.2.exr").write_bytes(whole[:300])
    assert again(shot) == ["ok", "failed", "ok"]
    (shot / "s.2.exr").write_bytes(whole)
    assert again(shot) == ["skipped", "ok", "skipped"]


def test_in_place_what_is_done_is_skipped(shot: Path) -> None:
    def graded_in_place(sdev: Any = None, **options: Any) -> list[str]:
        settled = plan(sdev or FakeSDev(), shot / "s.#.exr", options=Options(in_place=True, **options))
        return [report.status for report in regrade(settled)]

    assert graded_in_place() == ["ok"] * 3
    before = {path: path.read_bytes() for path in shot.glob("s.*.exr*")}
    assert graded_in_place() == ["skipped"] * 3
    assert graded_in_place(FakeSDev(name="other")) == ["failed"] * 3  # it is graded, by another
    assert graded_in_place(premult="off") == ["failed"] * 3
    assert graded_in_place(input="ACEScg") == ["failed"] * 3
    assert {path: path.read_bytes() for path in shot.glob("s.*.exr*")} == before
    assert not plan(FakeSDev(), shot / "s.#.exr", options=Options(in_place=True)).refused
    os.truncate(shot / "s.2.exr", (shot / "s.2.exr").stat().st_size - 9)
    assert graded_in_place() == ["skipped", "failed", "skipped"]


def test_in_place_a_job_that_was_killed_with_its_backup_made_goes_on(shot: Path) -> None:
    os.link(shot / "s.1.exr", shot / "s.1.exr.orig")
    settled = plan(FakeSDev(), shot / "s.1.exr", options=Options(in_place=True))
    assert [report.status for report in regrade(settled)] == ["ok"]
    assert not os.path.samefile(shot / "s.1.exr", shot / "s.1.exr.orig")


def test_a_link_to_the_picture_is_no_backup(shot: Path) -> None:
    os.symlink("s.1.exr", shot / "s.1.exr.orig")
    before = (shot / "s.1.exr").read_bytes()
    [report] = regrade(plan(FakeSDev(), shot / "s.1.exr", options=Options(in_place=True)))
    assert "expected no backup yet" in report.why
    assert (shot / "s.1.exr").read_bytes() == before


def test_a_device_whose_own_primaries_are_set_right_makes_another_frame(shot: Path) -> None:
    sdev = load("vision")
    assert sdev.provenance["input"] != "ACEScg"
    relabelled = replace(sdev, provenance={**sdev.provenance, "input": "ACEScg"})
    elsewhere = replace(relabelled, provenance={**relabelled.provenance, "output_chromaticities": "1 0 0 1 0 0 .3 .3"})
    assert relabelled.sha256 == sdev.sha256
    for each in (sdev, relabelled, elsewhere):
        assert again(shot, each) == ["ok"] * 3
        assert again(shot, each) == ["skipped"] * 3


def test_engines_that_give_the_same_bits_are_one(shot: Path) -> None:
    assert again(shot, engine="native") == ["ok"] * 3
    assert again(shot, engine="auto") == ["skipped"] * 3
    assert again(shot, engine="numpy") == ["ok"] * 3
    sdev = load("vision")
    assert sdev.arithmetic("numpy") == "numpy"
    assert sdev.arithmetic("cuda") == "fused"
    same = np.array_equal(*(sdev.apply(scene(999), engine=engine) for engine in ("auto", "numpy")))
    assert (sdev.arithmetic("auto") == "numpy") == same


def test_the_command_says_what_it_skips(tmp_path: Path) -> None:
    save(tmp_path / "in.exr", {name: smooth((9, 9)) for name in "RGB"})
    command = ("apply", tmp_path / "in.exr", tmp_path / "out.exr", "-s", "vision")
    assert process(*command).out.startswith(f"ok      {tmp_path / 'out.exr'}")
    result = process(*command)
    assert result.code == DONE
    assert result.out.startswith(f"skipped {tmp_path / 'out.exr'}")
    assert process(*command, "--force").out.startswith("ok ")
    assert exr.read(tmp_path / "out.exr").header.text("sdev:name") == "vision"
