"""Options come from the record: every field has its flag, its choices are shown, nothing is given twice in silence."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import pytest
from basics import ROOT
from cli_samples import refused
from typer.main import get_command

from lattice.choices import ClusterKind, CodecName
from lattice.cli.app import Command, app
from lattice.cli.record_options import PARAMETERS, choices_of, flag_of
from lattice.color.adx import ADX
from lattice.color.transfer import TRANSFERS
from lattice.files.movie.codecs import CODECS
from lattice.regrade import Options
from lattice.regrade.farm.jobs import KINDS
from lattice.regrade.options import Transfer

CHOSEN = [each.name for each in fields(Options) if choices_of(each.name)]


def table() -> str:
    """The options of a regrade as docs/regrade.md lists them."""
    rows = ["| option | takes | by default | |", "| --- | --- | --- | --- |"]
    for each in fields(Options):
        default = "auto" if each.name == "input" else "" if each.default in (None, ()) else each.default
        default = {True: "on", False: "off"}[default] if isinstance(default, bool) else default
        rows.append(
            f"| `{flag_of(each.name)}` | {', '.join(choices_of(each.name))} | {default} | {each.metadata['help']} |"
        )
    return "\n".join(rows) + "\n"


def test_the_table_of_options_in_the_docs_is_the_records() -> None:
    assert table() in (ROOT / "docs/regrade.md").read_text(), f"docs/regrade.md: expected\n{table()}"


@pytest.mark.parametrize(
    ("literal", "register"),
    [(CodecName, CODECS), (ClusterKind, ["local", *KINDS]), (Transfer, ["auto", *TRANSFERS, ADX])],
)
def test_choices_name_what_the_register_holds(literal: Any, register: Any) -> None:
    assert sorted(get_args(literal)) == sorted(register)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("lattice regrade a b --sdev pre", "premier"),
        ("lattice regrade a b --input AC", "ACEScg"),
        ("lattice regrade a b --premult o", "off"),
        ("lattice regrade a b --cluster sl", "slurm"),
        ("lattice dailies a b --codec pro", "prores422"),
        ("lattice regr", "regrade"),
    ],
)
def test_the_shell_completes_commands_choices_looks_and_primaries(words: str, expected: str) -> None:
    asking = {
        **os.environ,
        "_LATTICE_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }
    answer = subprocess.run(
        [Path(sys.executable).with_name("lattice")], env=asking, capture_output=True, text=True, check=False
    )
    assert expected in answer.stdout.split()


def test_every_field_of_a_regrades_options_has_a_flag_and_help(run: Any) -> None:
    shown = run("regrade", "--help").out
    for each in fields(Options):
        assert flag_of(each.name).partition("/")[0] in shown
        assert each.metadata["help"].split()[0] in shown
    assert PARAMETERS.keys() <= {each.name for each in fields(Options)}


@pytest.mark.parametrize("name", CHOSEN)
def test_help_shows_the_choices_and_a_wrong_one_is_told(name: str, run: Any, tmp_path: Path) -> None:
    words = choices_of(name)
    assert f"<{'|'.join(words)}>" in run("regrade", "--help").out
    wrong = words[0][:-1] + "x"
    refused(
        run("regrade", tmp_path / "a.exr", tmp_path / "b.exr", "--sdev", "premier", f"--{name}", wrong),
        f"{name}: expected {' or '.join(words)}, got {wrong!r}; did you mean {words[0]!r}?",
    )


@pytest.mark.parametrize(
    "twice",
    [
        ["--sdev", "vision"],
        ["-s", "vision"],
        ["--premult", "off", "--premult", "auto"],
        ["--force", "--resume"],
        ["--frames", "1", "--frames", "2"],
    ],
)
def test_an_option_given_twice_is_refused(twice: list[str], run: Any, tmp_path: Path) -> None:
    refused(
        run("regrade", tmp_path / "a.exr", tmp_path / "b.exr", "--sdev", "premier", *twice),
        "was given 2 times",
        "give it once",
    )


@pytest.mark.parametrize(
    "words",
    [
        "apply a.exr b.exr -s vision --sdev vision",
        "dailies in.####.exr a.mov --sdev premier --fps 24 --fps 25",
        "build vision -o a.clf --output b.clf",
        "check vision --json --json",
        "plot vision -o a.png -o a.png",
        "info --engines --engines",
        "farm script --slurm --chunk 2 --chunk 3 -o job.sh -- a.####.exr b.####.exr --sdev vision",
        "farm script --slurm -o job.sh -- a.####.exr b.####.exr --sdev vision --sdev premier",
        "farm openjd -o job.json -o job2.json -- a.####.exr b.####.exr --sdev vision",
    ],
)
def test_no_command_takes_an_option_twice(
    words: str, run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    refused(run(*words.split()), "was given 2 times")
    assert list(tmp_path.iterdir()) == []


def test_every_command_refuses_an_option_given_twice() -> None:
    def commands(group: Any) -> Any:
        for command in group.commands.values():
            yield from commands(command) if hasattr(command, "commands") else [command]

    every = list(commands(get_command(app)))
    assert len(every) > 8
    assert all(isinstance(command, Command) for command in every)


@pytest.mark.parametrize("name", ["compression", "tiles", "verify", "lossy"])
def test_a_movie_takes_no_option_that_says_how_an_exr_is_written(name: str, run: Any, tmp_path: Path) -> None:
    """Which would do nothing there."""
    flag, word = flag_of(name), (choices_of(name) or ("zip",))[-1]
    assert flag not in run("dailies", "--help").out
    refused(run("dailies", tmp_path / "a.exr", tmp_path / "b.mov", flag, word), f"no option {flag}")


def test_lists_may_be_repeated(run: Any, tmp_path: Path) -> None:
    refused(
        run(
            "regrade",
            tmp_path / "a.exr",
            tmp_path / "b.exr",
            "--sdev",
            "premier",
            "--views",
            "left",
            "--views",
            "right",
        ),
        "a.exr",
    )


def test_a_misspelt_command_is_answered_with_the_right_one(run: Any) -> None:
    refused(run("regrde"), "no command 'regrde'; did you mean 'regrade'? lattice has ")
    refused(run("farm", "scripts"), "no command 'scripts'; did you mean 'script'? lattice farm has script, openjd")
    refused(run("grade"), "no command 'grade'", "regrade")
