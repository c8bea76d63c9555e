"""The sub-commands check and plot on LUT files: what they print, write and refuse."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from basics import require
from cli_samples import DONE, SOME_FAILED, refused
from foreign_samples import cube_file, look, wrong_node
from text_lut_samples import corpus


def test_check_measures_a_saved_look(run: Any, built: Any, tmp_path: Path) -> None:
    built("premier").save(tmp_path / "premier.clf")
    result = run("check", tmp_path / "premier.clf")
    assert result.code == DONE
    assert "takes     linear light, Rec.709 primaries" in result.out
    assert re.search(
        r"^  domain    0\.0013\d* to 46\.\d+ \(-7\.1 to \+8\.0 stops\); 4\.\d % of natural colors have a channel below",
        result.out,
        re.M,
    )
    assert result.out.splitlines()[-1] == "  passes: numbers, nodes and gray are in order"


def test_check_fails_a_cube_with_a_wrong_node(run: Any, tmp_path: Path) -> None:
    good, bad = (cube_file(tmp_path / f"{k}.cube", nodes) for k, nodes in enumerate((look(), wrong_node())))
    assert run("check", good).code == DONE
    result = run("check", bad)
    assert result.code == SOME_FAILED
    [failure] = re.findall("^  FAILED (.*)$", result.out, re.M)
    assert "node 9 12 5 of the LUT3D: red is 0.895" in failure
    told = run("check", bad, "--json")
    assert told.code == SOME_FAILED
    assert json.loads(told.out)["failures"] == [failure]
    assert json.loads(run("check", good, "--json").out)["good"] is True


def test_check_takes_a_hald_image(run: Any) -> None:
    result = run("check", corpus() / "hald.6.hefe.png")
    assert result.code == DONE
    assert "lattice 36^3" in result.out
    assert "NOTE values are multiples of 1/255 (8 bits)" in result.out


def test_plot_draws_a_lut(run: Any, tmp_path: Path) -> None:
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        require("plot", "matplotlib is not installed")
    file = cube_file(tmp_path / "a.cube", look())
    result = run("plot", file, "-o", tmp_path / "sheet.png")
    assert (result.code, result.out) == (DONE, f"{tmp_path / 'sheet.png'}\n")
    first = (tmp_path / "sheet.png").read_bytes()
    assert len(first) > 50_000
    assert run("plot", file, "-o", tmp_path / "sheet.png").code == DONE  # the same picture again
    other = cube_file(tmp_path / "b.cube", 1 - look())
    refused(run("plot", other, "-o", tmp_path / "sheet.png"), "sheet.png", "--overwrite")
    assert (tmp_path / "sheet.png").read_bytes() == first
    assert run("plot", other, "-o", tmp_path / "sheet.png", "--overwrite").code == DONE


@pytest.mark.parametrize("command", ["check", "plot"])
def test_a_file_that_cannot_be_read_is_one_line(command: str, run: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.cube").write_text("LUT_3D_SIZE 2\n0 0 0\n1 1\n")
    options = ["-o", tmp_path / "x.png"] if command == "plot" else []
    refused(run(command, tmp_path / "bad.cube", *options), "bad.cube", "line 3")
    refused(run(command, tmp_path / "absent.cube", *options), "absent.cube")
    assert not (tmp_path / "x.png").exists()


def test_a_lut_has_no_truth(run: Any, tmp_path: Path) -> None:
    refused(run("check", cube_file(tmp_path / "a.cube", look()), "--truth"), "a.cube", "--truth")
