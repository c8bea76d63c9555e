"""`lattice calibrate` and `lattice stock from-wedge`, as they are typed."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli_samples import DONE, refused
from match_samples import shown
from measured_samples import xyz_of
from wedge_samples import read, table

from lattice.cli.calibrate import KINDS
from lattice.color.primaries import convert
from lattice.looks import load_profile
from lattice.looks.toml import load_stock
from lattice.match import targets


def test_calibrate_writes_a_target_and_its_list(run: Any, tmp_path: Path) -> None:
    made = run("calibrate", "24", "-o", tmp_path / "a.dpx", "--size", "640x360")
    assert made.code == DONE
    assert made.out.splitlines()[0] == f"{tmp_path / 'a.dpx'}: Cineon codes, Rec.709 primaries, 10 bits"
    assert f"lattice match {tmp_path / 'a.csv'}" in made.out
    assert (tmp_path / "a.csv").read_text().count("\n") == 24 + 5
    refused(run("calibrate", "24", "-o", tmp_path / "a.dpx"), "a.dpx: exists already; --overwrite replaces it")
    refused(run("calibrate", "25", "-o", tmp_path / "b.exr"), "expected 24 or 140 patches, got '25'")
    assert run("calibrate", "24", "-o", tmp_path / "a.dpx", "--size", "640x360", "--overwrite").code == DONE
    assert KINDS == targets.KINDS


@pytest.mark.parametrize(
    ("name", "encoding", "taken"),
    [
        ("a.exr", None, None),
        ("a.exr", "ACEScg", "ACEScg"),
        ("a b.exr", "LogC3", "ARRI Wide Gamut 3"),
        ("a.dpx", "LogC3", "ARRI Wide Gamut 3"),
        ("a.tif", "Cineon", None),
        ("a.tif", "ACEScct", "ACEScg"),
    ],
)
def test_the_command_that_calibrate_prints_finds_the_look(
    run: Any, tmp_path: Path, name: str, encoding: str | None, taken: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = run("calibrate", "24", "-o", name, "--size", "640x360", *(["--input", encoding] if encoding else []))
    words = shlex.split(made.out.splitlines()[-1])
    wanted = ["lattice", "match", str(Path(name).with_suffix(".csv")), *(["--input", taken] if taken else [])]
    assert words == [*wanted, "--display", "rec1886", "-o", "mine.toml"]
    refused(run(*words[1:]), "line 6: no patch is measured yet: write X, Y, Z, or remove the row")
    look, lines = load_profile("vision"), Path(words[2]).read_text().splitlines()
    rows = [line.split(",") for line in lines[5:]]
    light = np.array([row[1:4] for row in rows], float) @ convert(taken or "Rec.709", look.input).T
    for row, values in zip(rows, xyz_of(shown(look, light)), strict=True):
        row[4:7] = [f"{value:.9g}" for value in values]
    Path(words[2]).write_text("\n".join([*lines[:5], *map(",".join, rows)]))
    told = json.loads(run(*words[1:], "--from", "vision", "--free", "lights", "--json").out)
    assert told["fitted"] == 24
    assert told["errors"]["after"]["all"]["mean"] < 0.01


def test_stock_from_wedge_writes_a_stock_and_says_how(run: Any, tmp_path: Path) -> None:
    curves, x = load_stock("kodak_2383").curves, 0.15 * np.arange(21) - 0.7
    (tmp_path / "wedge.csv").write_text(table("step,red,green,blue", range(1, 22), read(curves, x, 1)))
    words = ("stock", "from-wedge", tmp_path / "wedge.csv", "--extends", "kodak_2383")
    made = run(*words, "-o", tmp_path / "mine.toml")
    assert made.code == DONE
    assert "21 steps" in made.out
    assert "assumed: a step is 0.15 of log exposure" in made.out
    assert run(*words, "-o", tmp_path / "mine.toml").code == DONE  # the same again: nothing to do
    refused(run(*words[:-1], "kodak_2393", "-o", tmp_path / "mine.toml"), "mine.toml: exists already; --overwrite")
    told = json.loads(run(*words, "-o", tmp_path / "own.toml", "--status", "A", "--step-density", "0.15", "--json").out)
    assert (told["steps"], told["relative"]) == (21, True)
    assert max(told["rms"].values()) < 0.015
    assert len(told["assumed"]) == 1
    refused(run(*words, "-o", tmp_path / "b.toml", "--status", "M"), "expected status A densities, as of a print")
    assert not (tmp_path / "b.toml").exists()
