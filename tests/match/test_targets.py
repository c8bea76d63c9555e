"""Targets to be measured: pixels that hold what the list says, refusals, and the whole way from a target to a look."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line
from match_samples import REC1886, changed, difference, natural, shown

from lattice.color.inputs import find
from lattice.color.primaries import rgb_to_xyz
from lattice.files.exr import file as exr
from lattice.files.images import file as images
from lattice.files.measured.register import read
from lattice.files.storage import atomic
from lattice.looks import load_profile
from lattice.match import layout, of_patches, targets
from lattice.match.freedoms import freedoms
from lattice.match.solve import solve
from lattice.match.target_files import Target, write_target

SMALL = "640x360"


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(line for line in path.read_text().splitlines() if not line.startswith("#")))


def pixels(path: Path, transfer: str = "auto") -> Any:
    frame: Any = exr.read(path) if path.suffix == ".exr" else images.read(path, transfer)
    return np.stack([np.asarray(frame.channels[name], np.float64) for name in "RGB"], axis=-1)


def light_of(rows: list[dict[str, str]]) -> Any:
    return np.array([[float(row[channel]) for channel in "rgb"] for row in rows])


def inside(picture: Any, row: dict[str, str]) -> Any:
    x0, y0, x1, y1 = (int(row[corner]) for corner in ("x0", "y0", "x1", "y1"))
    assert 0 <= x0 < x1 <= picture.shape[1]
    assert 0 <= y0 < y1 <= picture.shape[0]
    return picture[y0:y1, x0:x1].reshape(-1, 3)


@pytest.mark.parametrize("kind", targets.KINDS)
@pytest.mark.parametrize(
    ("name", "encoding", "transfer"),
    [
        ("a.exr", None, ""),
        ("a.exr", "ACEScg", ""),
        ("a.dpx", None, "auto"),
        ("a.tif", None, "cineon"),
        ("a.tif", "LogC3/Rec.709", "linear"),
        ("a.dpx", "ACEScct", "ACEScct"),
    ],
)
def test_pixels_hold_what_the_list_says(
    kind: str, name: str, encoding: str | None, transfer: str, tmp_path: Path
) -> None:
    made = write_target(kind, tmp_path / name, encoding=encoding, size=SMALL)
    rows, picture = rows_of(made.list), pixels(tmp_path / name, transfer)
    if transfer == "linear":  # the codes as they are
        picture = find(str(encoding)).decode(picture)
    assert len(rows) == int(kind)
    assert picture.shape == (360, 640, 3)
    half = 2.0**-11 if name.endswith(".dpx") else 2e-6  # 10-bit codes are read as halves
    for row, light in zip(rows, light_of(rows), strict=True):
        found = inside(picture, row)
        # pytest.approx compares numbers one by one, and there are a million.
        assert (np.abs(found - light) <= np.maximum(half * np.abs(light), 3e-6)).all()
        assert len(found) >= 400
    wanted = targets.colors(kind, "ACEScg" if encoding in ("ACEScg", "ACEScct") else "Rec.709")
    assert light_of(rows) == pytest.approx(wanted.light, rel=0.02, abs=0.003)
    assert {row["X"] + row["Y"] + row["Z"] for row in rows} == {""}
    assert len({row["name"] for row in rows}) == len(rows)


def test_the_colors_say_most_of_a_look() -> None:
    few, many = targets.colors("24", "Rec.709").light, targets.colors("140", "Rec.709").light
    assert few[21].mean() == pytest.approx(0.18)
    assert many[:24] == pytest.approx(few)
    assert many[24:48] == pytest.approx(few / 4)
    grays = many[np.ptp(many, axis=1) == 0]
    assert len(grays) == targets.GRAYS
    assert np.log2(grays[[0, -1], 0] / 0.18) == pytest.approx(targets.GRAY_STOPS)
    assert (many >= 0).all()
    one_line(lambda: targets.colors("12", "Rec.709"), "expected 24 or 140 patches, got '12'")


@pytest.mark.parametrize("size", ["640x360", "1828x1332", "1920x1080", "4096x2160", "1080x1920"])
@pytest.mark.parametrize("kind", targets.KINDS)
def test_patches_numbers_and_marks_do_not_touch(kind: str, size: str) -> None:
    colors, shape = targets.colors(kind, "Rec.709"), layout.size_of(size)
    drawn = layout.sheet(np.full((len(colors.light), 3), 7.0), colors.columns, shape)
    for x0, y0, x1, y1 in drawn.boxes:
        around = drawn.light[y0 - 1 : y1 + 1, x0 - 1 : x1 + 1, 0]
        assert (around[1:-1, 1:-1] == 7).all()
        assert {*around[[0, -1]].ravel(), *around[:, [0, -1]].ravel()} == {layout.INK}
    assert (drawn.light[..., 0] == 7).sum() == sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in drawn.boxes)
    blank = layout.sheet(np.full((len(colors.light), 3), layout.INK), colors.columns, shape).light[..., 0]
    assert (blank == layout.WHITE).sum() == (blank == layout.BLACK).sum() > 0
    lines = np.flatnonzero(blank[:, drawn.boxes[0][0]] == layout.INK)  # of the first column, in runs
    runs = np.split(lines, np.flatnonzero(np.diff(lines) > 1) + 1)
    row_count = -(-len(colors.light) // colors.columns)
    assert len(runs) >= 2 + 2 * row_count  # the border's two lines, a patch and a number a row, apart


def test_one_by_one_gives_a_numbered_picture_a_patch(tmp_path: Path) -> None:
    made = write_target("24", tmp_path / "target.exr", one_by_one=True, size=SMALL)
    assert [path.name for path in made.pictures] == [f"target.{k:04d}.exr" for k in range(1, 25)]
    assert made.list.name == "target.csv"
    rows = rows_of(made.list)
    for path, row, light in zip(made.pictures, rows, light_of(rows), strict=True):
        picture = pixels(path)
        np.testing.assert_allclose(inside(picture, row), np.tile(light, (640 * 360 // 4, 1)), rtol=1e-8)
        assert len(inside(picture, row)) == 640 * 360 / 4
        assert picture[0, 0] == pytest.approx(0.18, rel=1e-3)
    again = write_target("24", tmp_path / "b.####.dpx", one_by_one=True, size=SMALL, listed=tmp_path / "own.csv")
    assert again.pictures[2] == tmp_path / "b.0003.dpx"
    assert again.list == tmp_path / "own.csv"


def test_what_is_no_target_is_refused_in_one_line(tmp_path: Path) -> None:
    def made(name: str = "a.exr", **asked: Any) -> Target:
        return write_target("24", tmp_path / name, **asked)

    one_line(lambda: made("a.png"), "a.png: expected a name ending in .exr, .tif, .tiff, .dpx")
    one_line(lambda: made("a.dpx", encoding="ACEScg"), "--input ACEScg: a .dpx holds codes of a curve")
    one_line(lambda: made("a.tif", encoding="ADX16"), "--input ADX16: a .tif holds codes of a curve")
    one_line(lambda: made(encoding="Rec.708"), "no input is named 'Rec.708'")
    one_line(lambda: made(listed=tmp_path / "a.txt"), "expected a name ending in .csv")
    for size in ("640x359", "639x360", "1920", "16384x16384", "-640x360", "99999x9"):
        one_line(lambda size=size: made(size=size), "--size: expected such as 1920x1080", size)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_replaced_unasked_and_nothing_stays_half_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.csv").write_text("mine")
    one_line(lambda: write_target("24", tmp_path / "a.exr", size=SMALL), "a.csv: exists already; --overwrite")
    assert (tmp_path / "a.csv").read_text() == "mine"
    assert not (tmp_path / "a.exr").exists()
    write_target("24", tmp_path / "a.exr", size=SMALL, overwrite=True)
    one_line(lambda: write_target("24", tmp_path / "a.exr", size=SMALL), "a.exr: exists already; --overwrite")
    before = {path.name for path in tmp_path.iterdir()}
    (tmp_path / "full").mkdir()
    real = atomic.replace

    def refusing(target: Path, *more: Any) -> None:
        if target.suffix == ".csv":
            raise OSError("the disk is full")
        real(target, *more)

    monkeypatch.setattr(atomic, "replace", refusing)
    with pytest.raises(OSError, match="full"):
        write_target("24", tmp_path / "full" / "b.dpx", size=SMALL, one_by_one=True)
    assert list((tmp_path / "full").iterdir()) == []
    assert before < {path.name for path in tmp_path.iterdir()}


def test_a_list_that_is_not_filled_in_is_refused(tmp_path: Path) -> None:
    made = write_target("24", tmp_path / "a.exr", size=SMALL)
    one_line(lambda: read(made.list), "a.csv: line 6: no patch is measured yet: write X, Y, Z, or remove the row")
    text = made.list.read_text().replace(",,,,", ",1,2,3,", 3)
    made.list.write_text(text)
    one_line(lambda: read(made.list), "a.csv: line 9: 21 of 24 are not measured yet: write X, Y, Z, or remove the row")
    made.list.write_text("\n".join(text.splitlines()[:8]))
    assert read(made.list).values.tolist() == [[1, 2, 3]] * 3
    made.list.write_text(text.replace(",1,2,3,", ",1,,3,"))
    one_line(lambda: read(made.list), "a.csv: line 9: 21 of 24")
    made.list.write_text("\n".join(text.replace(",1,2,3,", ",1,,3,").splitlines()[:8]))
    one_line(lambda: read(made.list), "a.csv: line 6: Y: expected a number, got nothing")


def filled(made: Target, look: Any) -> None:
    """Show the pictures through a look, and write what an instrument measures of each patch into the list."""
    picture = look.sdev().with_display("rec1886").apply(pixels(made.pictures[0]).astype(np.float32))
    lines = made.list.read_text().splitlines()
    start = next(k for k, line in enumerate(lines) if line.startswith("name,")) + 1
    for k, row in enumerate(rows_of(made.list)):
        linear = np.asarray(inside(np.asarray(picture, np.float64), row)).mean(axis=0) ** 2.4
        xyz = 100 * rgb_to_xyz("Rec.709") @ linear
        cells = lines[start + k].split(",")
        cells[4:7] = [f"{each:.4f}" for each in xyz]
        lines[start + k] = ",".join(cells)
    made.list.write_text("\n".join(lines) + "\n")


@pytest.mark.slow
@pytest.mark.parametrize("kind", targets.KINDS)
def test_a_look_is_found_again_from_what_is_measured_of_its_target(kind: str, tmp_path: Path) -> None:
    look, start = changed("vision", 4), load_profile("vision")
    made = write_target(kind, tmp_path / "a.exr", size=SMALL)
    filled(made, look)
    reference = of_patches(read(made.list), REC1886, "Rec.709")
    found = solve(start, freedoms(start, ["lights", "silver", "curves"]), reference)
    light = natural(1000, 3)
    off = difference(shown(found.profile, light), shown(look, light))
    assert off.mean() < {"24": 0.3, "140": 0.2}[kind]
    assert off.mean() < difference(shown(start, light), shown(look, light)).mean() / 8
