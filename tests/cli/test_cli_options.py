"""Options come from the record: every field has its flag, its choices are shown, nothing is given twice in silence."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from cli_samples import refused

from lattice.cli.record_options import FLAGS, PARAMETERS, choices_of
from lattice.regrade import Options

CHOSEN = [each.name for each in fields(Options) if choices_of(each.name)]


def test_every_field_of_a_regrades_options_has_a_flag_and_help(run: Any) -> None:
    shown = run("regrade", "--help").out
    for each in fields(Options):
        assert FLAGS.get(each.name, f"--{each.name}").partition("/")[0] in shown
        assert each.metadata["help"].split()[0] in shown
    assert PARAMETERS.keys() <= {each.name for each in fields(Options)}


@pytest.mark.parametrize("name", CHOSEN)
def test_help_shows_the_choices_and_a_wrong_one_is_told(name: str, run: Any, tmp_path: Path) -> None:
    words = choices_of(name)
    assert f"<{'|'.join(words)}>" in run("regrade", "--help").out
    wrong = words[0][:-1] + "x"
    refused(run("regrade", tmp_path / "a.exr", tmp_path / "b.exr", "--sdev", "premier", f"--{name}", wrong),
            f"{name}: expected {' or '.join(words)}, got {wrong!r}; did you mean {words[0]!r}?")


@pytest.mark.parametrize("twice", [["--sdev", "vision"], ["-s", "vision"], ["--premult", "off", "--premult", "auto"],
                                   ["--force", "--resume"], ["--frames", "1", "--frames", "2"]])
def test_an_option_given_twice_is_refused(twice: list[str], run: Any, tmp_path: Path) -> None:
    refused(run("regrade", tmp_path / "a.exr", tmp_path / "b.exr", "--sdev", "premier", *twice), "once, got it 2 times")


def test_lists_may_be_repeated(run: Any, tmp_path: Path) -> None:
    refused(run("regrade", tmp_path / "a.exr", tmp_path / "b.exr", "--sdev", "premier", "--views", "left", "--views",
                "right"), "a.exr")


def test_a_misspelt_command_is_answered_with_the_right_one(run: Any) -> None:
    result = run("regrde")
    assert result.code == 2
    assert re.search("Did you mean 'regrade'", result.err)
