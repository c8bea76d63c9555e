"""`lattice match` as typed: what it writes and prints, and a line for mistakes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import grid
from cli_samples import DONE, refused
from exr_samples import save, smooth
from foreign_samples import cube_file, look
from match_samples import changed, measured, natural, patches
from measured_samples import text_of

import lattice
from lattice.files.images.png import PNG_MAGIC


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with patches of another vision, and LUTs of no film."""
    reference = measured(changed("vision", 1), np.vstack([patches("Rec.709"), natural(40, 5)]), 1)
    for suffix in (".csv", ".ti3"):
        (tmp_path / f"patches{suffix}").write_text(text_of(reference, suffix, "XYZ"))
    (tmp_path / "few.csv").write_text("\n".join(text_of(reference, ".csv", "XYZ").splitlines()[:4]))
    cube_file(tmp_path / "film.cube", look())
    cube_file(tmp_path / "negative.cube", 1 - look())
    cube_file(tmp_path / "bands.cube", np.round(grid(33) * 4) / 4)
    cube_file(tmp_path / "cut.cube", np.clip(grid(33) * 3 - 1, 0, 1))
    for name in ("plate", "other"):
        save(tmp_path / f"{name}.exr", dict.fromkeys("RGB", np.minimum(smooth((8, 8 + 12 * (name == "other"))), 1)))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_look_of_patches_extends_its_start(run: Any, here: Path) -> None:
    result = run("match", "patches.csv", "--from", "vision", "--free", "lights,silver", "-o", "mine.toml")
    assert (result.code, result.err) == (DONE, "")
    lines = result.out.splitlines()
    assert lines[0] == "mine.toml: vision fitted to patches.csv, 64 colors"
    assert lines[1].startswith("taken         64 colors of 64 rows; r, g, b are ")
    assert [line.split()[0] for line in lines[3:7]] == ["all", "skin", "natural", "saturated"]
    assert any(line.startswith("lights        red 25 -> ") and line.endswith(" points") for line in lines)
    text = (here / "mine.toml").read_text()
    assert text.startswith('extends = "vision"\nname = "mine"\n')
    assert "curves" not in text
    found = lattice.profile("mine.toml")
    assert found.description == "vision matched to patches.csv"
    assert found.printer_lights != (25, 25, 25)
    again = run("match", "patches.csv", "--from", "vision", "--free", "lights,silver", "-o", "mine.toml")
    assert (again.code, again.out) == (DONE, result.out)
    assert (here / "mine.toml").read_text() == text


def test_json_says_what_is_known(run: Any, here: Path) -> None:
    words = ("match", "patches.ti3", "--from", "vision", "--free", "lights,flare", "--json", "-o", "mine.toml")
    result = run(*words, "--report", "mine.png")
    assert (result.code, result.err) == (DONE, "")
    found = json.loads(result.out)
    assert found["look"] == "mine.toml"
    assert found["fitted"] == found["tested"] == 64
    assert not found["is_tested_on_others"]
    assert found["errors"]["after"]["all"]["mean"] < found["errors"]["before"]["all"]["mean"]
    assert found["numbers"]["lights"]["labels"] == ["red", "green", "blue"]
    assert found["numbers"]["lights"]["found"] == list(lattice.profile("mine.toml").printer_lights)
    assert min(found["numbers"]["lights"]["standard_error"]) > 0
    assert list(found["held_at_the_start"]) == ["lights", "flare"]
    assert found["held_at_the_start"]["lights"] > found["errors"]["after"]["all"]["mean"]
    assert len(found["worst"]) == 12
    differences = [each["difference"] for each in found["worst"]]
    assert differences == sorted(differences, reverse=True)
    assert (here / "mine.png").read_bytes().startswith(PNG_MAGIC)


def test_a_lut_says_what_it_takes_or_is_told(run: Any, here: Path) -> None:
    asked = ("match", "film.cube", "--from", "vision", "--free", "lights", "-o", "mine.toml")
    refused(run(*asked), "film.cube: what it takes is not known: --input NAME says it", "lattice inputs lists all")
    refused(run(*asked, "--input", "Cineon"), "film.cube: ", "--display NAME says it")
    result = run(*asked, "--input", "Cineon", "--display", "rec1886")
    assert (result.code, result.err) == (DONE, "")
    assert "CIEDE2000 of 2400 other colors" in result.out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("", ["name one reference"]),
        ("patches.csv --source plate.exr --target other.exr", ["name one reference"]),
        ("--source plate.exr", ["--source and --target go together"]),
        ("--source plate.exr --target other.exr", ["8", "20"]),
        ("--source plate.exr --target plate.exr --white D50", ["--white and --scale are of measured patches"]),
        ("absent.csv", ["absent.csv"]),
        ("absent.cube", ["absent.cube"]),
        ("few.csv", ["few.csv: expected 12 colors or more, got 3"]),
        ("patches.csv --free light", ["free: expected lights, ", "got 'light'", "did you mean 'lights'?"]),
        ("patches.csv --free interimage", ["free: interimage: in a film-out no layer sees another"]),
        ("patches.csv --free ,", ["free: expected one or more of lights, "]),
        ("patches.csv --input LogC9", ["LogC9"]),
        ("patches.csv --display rec.1887", ["rec.1887"]),
        ("patches.csv --display pq@203", ["PQ", "SDR display"]),
        ("patches.csv --from visions", ["visions", "did you mean 'vision'?"]),
        ("patches.csv --white P99", ["P99"]),
        ("patches.csv --report mine.jpg", ["mine.jpg: expected a name ending in .png"]),
        ("negative.cube --input Cineon --display rec1886", ["a LUT that inverts"]),
        ("bands.cube --input Cineon --display rec1886", ["bands"]),
        ("cut.cube --input Cineon --display rec1886", ["cut", "that are cut off at"]),
        ("film.cube --input Cineon --display pq@203", ["PQ"]),
    ],
)
def test_mistakes_are_a_line_and_write_nothing(words: str, says: list[str], run: Any, here: Path) -> None:
    before = sorted(here.iterdir())
    refused(run("match", *words.split(), "-o", "mine.toml"), *says)
    assert sorted(here.iterdir()) == before


def test_a_name_of_another_kind_is_refused_before_the_work(
    run: Any, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lattice.match.sources.references", lambda *words: pytest.fail("opened"))
    refused(run("match", "patches.csv", "-o", "patches.csv"), "patches.csv: expected a name ending in .toml")


def test_nothing_is_overwritten_unasked(run: Any, here: Path) -> None:
    words = ("match", "patches.csv", "--from", "vision", "--free", "lights", "-o", "mine.toml")
    (here / "mine.toml").write_text("somebody's")
    refused(run(*words), "mine.toml: exists already; --overwrite replaces it")
    assert (here / "mine.toml").read_text() == "somebody's"
    assert run(*words, "--overwrite").code == DONE
    assert lattice.profile("mine.toml").name == "mine"
