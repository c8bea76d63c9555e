"""Shots: the files that a pattern names, gaps too, and what is no picture."""

from __future__ import annotations

from pathlib import Path

from basics import one_line
from deep_samples import save_deep
from exr_samples import SAID, save, smooth
from view_samples import loaded, shot_of

from lattice.files.exr.header import Attribute


def test_what_is_no_picture_is_refused_in_a_line(tmp_path: Path) -> None:
    save_deep(tmp_path / "deep.exr")
    one_line(lambda: shot_of(tmp_path / "deep.exr"), "deep.exr", "deep pixels")
    (tmp_path / "text.exr").write_text("no picture")
    one_line(lambda: shot_of(tmp_path / "text.exr"), "text.exr")
    one_line(lambda: shot_of(tmp_path / "none.exr"), "none.exr", "expected a file")
    one_line(lambda: shot_of(tmp_path / "none.####.exr"), "expected files of this pattern")
    one_line(lambda: shot_of(tmp_path), "expected")
    save(tmp_path / "normals.exr", {f"N.{name}": smooth((4, 4)) for name in "RGB"})
    one_line(lambda: shot_of(tmp_path / "normals.exr"), "expected color channels", "N.R")


def test_a_sequence_has_its_gaps_and_its_first_readable_frame(tmp_path: Path) -> None:
    rate = {**SAID, "framesPerSecond": Attribute("rational", (24).to_bytes(4, "little") + (1).to_bytes(4, "little"))}
    for number in (1001, 1002, 1005):
        save(tmp_path / f"a.{number}.exr", {name: smooth((4, 4)) for name in "RGB"}, rate)
    (tmp_path / "a.1001.exr").write_text("half written")
    shot = shot_of(tmp_path / "a.####.exr")
    assert shot.as_json() == {
        "name": "a",
        "files": str(tmp_path / "a.####.exr"),
        "first": 1001,
        "count": 5,
        "frames": "1001-1005",
        "numbers": [1001, 1002, 1003, 1004, 1005],
        "layers": [{"name": "", "views": []}],
        "views": [],
        "rate": 24.0,
        "graded": None,
    }
    one_line(lambda: loaded(shot.paths[0]), "a.1001.exr")
    one_line(lambda: loaded(shot.paths[2]), "a.1003.exr: missing frame")
    assert loaded(shot.paths[4]).picture.planes.shape == (3, 4, 4)
