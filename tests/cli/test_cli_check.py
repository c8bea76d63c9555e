"""The sub-command check: what it prints, and when it fails."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from basics import write_toml
from cli_samples import DONE, SOME_FAILED, refused

from lattice.inspect.quality import check
from lattice.looks import load_profile


def test_check_speaks_json_and_english(run: Any, built: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run("check", "vision", "--json")
    report = json.loads(result.out)
    assert result.code == DONE
    assert (report["good"], report["failures"]) == (True, [])
    assert report["lattice"]["natural"]["p99"] < 0.42
    assert report["usual"].keys() == report["lattice"].keys() == {"natural", "saturated", "emitters", "gray"}
    assert report["gradients"].keys() > report["paths"].keys() > {"red 630"}
    measured = check(load_profile("vision"), built("vision"))
    monkeypatch.setattr("lattice.inspect.quality.check", lambda profile: replace(measured, gray_step=2.0))
    result = run("check", "vision")
    assert result.code == SOME_FAILED
    assert "monotone gray True" in result.out
    [failure] = re.findall("^  FAILED (.*)$", result.out, re.M)
    assert failure == "gray: expected steps up to 1.5 times the exact ramp's, got 2.00 times; try size = 17"
    assert json.loads(run("check", "vision", "--json").out)["failures"] == [failure]


def test_check_fails_a_lattice_that_is_too_small(run: Any, tmp_path: Path) -> None:
    result = run("check", write_toml(tmp_path / "few.toml", 'extends = "vision"\nname = "few"\nsize = 3'))
    assert result.code == SOME_FAILED
    assert re.search(
        r"^  FAILED natural: expected a 99th percentile of at most 0\.5, got \d.*; try size = 13$", result.out, re.M
    )


def test_check_measures_a_camera_look_against_real_light(run: Any) -> None:
    result = run("check", "vision-5219", "--truth")
    assert result.code == DONE
    assert re.search(r"^  reflectances +3\.0 +8\.3 +\d+\.\d$", result.out, re.M)
    assert re.search(r"^  red 630 +0\.3 +\d\.\d   never falls, \d+ to \d+$", result.out, re.M)
    table = json.loads(run("check", "vision-5219", "--truth", "--json").out)
    assert table["groups"]["skin"]["p95"] == pytest.approx(2.7, abs=0.05)
    assert table["paths"]["neon"].keys() == {"mean", "max", "fall", "hues"}


def test_check_has_a_truth_for_camera_looks_only(run: Any) -> None:
    for name, chain in (("vision", "film-out"), ("vision-scan", "scan")):
        refused(run("check", name, "--truth"), f'{name}: expected chain = "camera"', f'"{chain}"', "vision-5219")
