"""A command starts with its own module alone, and reads its words as Typer does, without what Typer imports for it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from lattice.cli.app import COMMANDS, app, load_commands, outline


def whole() -> TyperGroup:
    load_commands()
    command = get_command(app)
    assert isinstance(command, TyperGroup)
    return command


def test_every_command_is_listed_with_its_module() -> None:
    group = whole()
    assert list(COMMANDS) == group.list_commands(group.make_context("lattice", ["list"]))
    for info in app.registered_commands:
        assert info.callback is not None
        name = info.name or info.callback.__name__
        assert info.callback.__module__ == f"lattice.cli.{COMMANDS[name]}"


def test_help_is_that_of_the_whole_program(run: Any) -> None:
    group = whole()
    shown = run("--help").out
    assert shown == group.get_help(group.make_context("lattice", [], resilient_parsing=True)) + "\n"
    for name in COMMANDS:
        assert f"\n  {name} " in shown
    assert get_command(outline()).get_help(group.make_context("lattice", [], resilient_parsing=True)) + "\n" == shown


def parameters(command: Any) -> list[Any]:
    found = command.get_params(command.context_class(command))
    return found + [each for below in getattr(command, "commands", {}).values() for each in parameters(below)]


def test_words_become_what_typer_makes_of_them() -> None:
    group, compared = whole(), 0
    context = group.make_context("lattice", [], resilient_parsing=True)
    for each in parameters(group):
        if not hasattr(each, "_runtime_param"):
            pytest.skip("this Typer imports nothing for them")
        plain, is_many = each.get_runtime_param(), each.multiple or each.nargs == -1
        each._runtime_param = None
        own = each.get_runtime_param()
        assert type(own) is not type(plain)
        is_flag = getattr(each, "is_flag", False)
        for word in (None,) if is_flag else (None, "12", "\N{LATIN SMALL LETTER O WITH DIAERESIS} \udc80"):
            value = [word, "7"] if is_many and word is not None else word
            results = []
            for reader in (plain, own):
                try:
                    results.append(repr(reader.coerce(value, param=each, ctx=context)))
                except Exception as error:
                    results.append(f"{type(error).__name__}: {error}")
            assert results[0] == results[1], (each.name, word)
            compared += 1
    assert compared > 500


def test_a_command_after_another_in_one_process_is_the_same(run: Any) -> None:
    first = run("list", "--help").out
    assert run("regrade", "--help").code == 0
    assert run("list", "--help").out == first


def test_what_info_says_is_kept_and_said_again(
    run: Any, built: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    built("vision")
    first = run("info", "vision")
    assert first.code == 0
    assert f"{'sha256':18} {built('vision').sha256}\n" in first.out
    monkeypatch.setattr("lattice.cli.facts.load_sdev", lambda *words: pytest.fail("loaded"))
    assert run("info", "vision") == first
    assert run("info", "premier", "--takes", "LogC3").code == 2


def test_info_says_what_changed(run: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "look.toml"
    path.write_text('extends = "vision"\ndescription = "one"\n')
    said = []
    for word in ("one", "two", "one"):
        path.write_text(f'extends = "vision"\ndescription = "{word}"\nprinter_lights = [25, 25, 25]\n')
        said.append(run("info", path).out)
        assert f"{'description':18} {word}\n" in said[-1]
    assert said[0] == said[2]


def test_a_frame_starts_no_threads_of_linear_algebra() -> None:
    code = (
        "import os\nfrom lattice.regrade.process.algebra import start_no_threads\nstart_no_threads()\nimport numpy\n"
        "print(os.environ.get('OPENBLAS_NUM_THREADS'), os.environ.get('OMP_NUM_THREADS'))"
    )
    env = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    asked = [({}, "1 None"), ({"OPENBLAS_NUM_THREADS": "3"}, "3 None"), ({"OMP_NUM_THREADS": "2"}, "None 2")]
    for given, wanted in asked:
        told = {**env, **given}
        done = subprocess.run([sys.executable, "-c", code], env=told, capture_output=True, text=True, check=True)
        assert done.stdout.split() == wanted.split()
