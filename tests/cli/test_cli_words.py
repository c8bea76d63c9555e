"""What Typer refuses is one line too: what is wrong, and what to type."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cli_samples import WRONG_USE, process, refused
from farm_samples import make_shot


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("build vision", "--output/-o is missing; see lattice build --help"),
        ("apply a b", "--sdev/-s is missing; see lattice apply --help"),
        ("apply a --sdev vision", "OUT is missing; see lattice apply --help"),
        ("schema", "FOLDER is missing; see lattice schema --help"),
        ("build vision -o a.clf --size y", "--size: expected a whole number, got 'y'; see lattice build --help"),
        ("regrade a b -s vision --threads 2.5", "--threads: expected a whole number, got '2.5'"),
        ("regrade a b -s vision --threads " + "9" * 5000, "--threads: expected a whole number, got '9999"),
        ("regrade a b -s vision --io-slots=", "--io-slots: expected a whole number, got ''"),
        ("farm script --slurm --chunk ten -o x -- a b -s vision", "--chunk: expected a whole number, got 'ten'"),
        ("farm script --slurm --cores \u0663 -o x -- a b -s vision", "--cores: expected a whole number"),
        ("info --engins", "no option --engins; did you mean '--engines'? See lattice info --help"),
        ("--bogus", "no option --bogus; see lattice --help"),
        ("build -o", "requires an argument"),
        (
            "regrade a.exr b.exr c.exr -s vision",
            "(c.exr); a pattern needs quotes, as in 'in.####.exr'; see lattice regrade",
        ),
        ("farm script --slurm -o x -- a", "OUT is missing; see lattice regrade --help"),
        ("farm openjd -o x -- a b -s vision --bogus", "no option --bogus; see lattice regrade --help"),
        ("farm script -- a b -s vision", "--output/-o is missing; see lattice farm script --help"),
    ],
)
def test_wrong_use_is_one_line_with_what_to_type(
    words: str, says: str, run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*words.split())
    refused(result, says)
    assert result.err.startswith("lattice: ")
    assert list(tmp_path.iterdir()) == []


def test_a_command_without_words_shows_its_help(run: Any) -> None:
    for words, name in (((), "regrade"), (("farm",), "openjd")):
        result = run(*words)
        assert result.code == WRONG_USE
        assert name in result.err + result.out
        assert "Traceback" not in result.err


def test_control_characters_of_a_name_stay_in_its_line(run: Any, tmp_path: Path) -> None:
    name = "a\x1b[2J\nlattice: all is well\x85\u202eb"
    shown = r"a\x1b[2J\nlattice: all is well\x85\u202eb"
    for words in (
        ("info", tmp_path / f"{name}.toml"),
        ("apply", tmp_path / f"{name}.exr", tmp_path / "o.exr", "-s", "vision"),
        ("regrade", tmp_path / f"{name}.####.exr", tmp_path / "o.####.exr", "-s", "vision"),
        ("build", "vision", "--sampled", "-o", tmp_path / f"{name}.cube"),
        ("regrade", "a", "b", "-s", name),
        (name,),
    ):
        result = run(*words)
        refused(result)
        assert "\x1b" not in result.err
        assert shown in result.err.replace("\\\\", "\\")


def test_the_home_folder_in_a_quoted_pattern(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_shot(tmp_path, 2)
    monkeypatch.setenv("HOME", str(tmp_path))
    done = process("regrade", "~/s.####.exr", "~/g.####.exr", "-s", "premier")
    assert done.code == 0, done
    assert (tmp_path / "g.0002.exr").is_file()
