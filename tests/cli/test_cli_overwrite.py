"""Nothing is overwritten unasked: every command that writes a file of its own, and a plate, a look, a job before it."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from basics import ROOT
from cli_samples import DONE, refused
from exr_samples import save, smooth

import lattice

WRITERS = {  # the words before a name, the name, and the words that write another file
    "build": ("build vision --sampled -o", "look.clf", "build premier --sampled -o"),
    "plot": ("plot vision -o", "look.png", "plot premier -o"),
}


@pytest.fixture
def shot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for frame in (1, 2):
        save(tmp_path / f"in.{frame:04}.exr", {name: smooth((8, 8)) for name in "RGB"})
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("kind", WRITERS)
def test_a_file_is_not_overwritten_unless_asked(kind: str, run: Any, shot: Path) -> None:
    words, name, others = WRITERS[kind]
    assert run(*words.split(), name).code == DONE
    made = Path(name).read_bytes()
    status = Path(name).stat()
    assert run(*words.split(), name).code == DONE  # the same again: nothing to do
    assert Path(name).stat() == status
    refused(run(*others.split(), name), f"{name}: exists already; --overwrite replaces it")
    assert Path(name).read_bytes() == made
    Path(name).write_bytes(b"somebody's")
    refused(run(*words.split(), name), f"{name}: exists already; --overwrite replaces it")
    assert Path(name).read_bytes() == b"somebody's"
    command, _, rest = words.rpartition(" ")
    assert run(*command.split(), "--overwrite", rest, name).code == DONE
    assert Path(name).read_bytes() == made


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("name", ["in.0001.exr", "plate.exr", "look.toml", "movie.mov", "plate.dpx"])
def test_a_name_of_another_kind_is_refused_before_the_work(
    name: str, kind: str, run: Any, shot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lattice.build.device.build_device", lambda *words: pytest.fail("built"))
    words, _, _ = WRITERS[kind]
    before = (shot / "in.0001.exr").read_bytes()
    refused(run(*words.replace(" -o", " --overwrite -o").split(), name), f"{name}: expected ")
    assert sorted(os.listdir(shot)) == ["in.0001.exr", "in.0002.exr"]
    assert (shot / "in.0001.exr").read_bytes() == before


def test_a_taken_name_is_refused_before_a_look_is_built(run: Any, shot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lattice.build.device.build_device", lambda *words: pytest.fail("built"))
    for name, command in (("a.clf", "build"), ("a.png", "plot")):
        (shot / name).write_bytes(b"somebody's")
        refused(run(command, "vision", "-o", name), f"{name}: exists already")


def test_schemas_are_written_both_or_not_at_all(run: Any, shot: Path) -> None:
    (shot / "s").mkdir()
    (shot / "s" / "stock.schema.json").write_text("{}")
    refused(run("schema", "s"), "stock.schema.json: exists already; --overwrite")
    assert os.listdir("s") == ["stock.schema.json"]
    for words in (("--overwrite",), ()):
        assert run("schema", *words, "s").code == DONE
        assert len(os.listdir("s")) == 2


def test_python_overwrites_only_what_it_is_told_to(shot: Path, built: Any) -> None:
    sdev, look = built("vision"), lattice.profile("vision")
    for thing, other, name in ((sdev, built("premier"), "a.clf"), (look, lattice.profile("premier"), "a.toml")):
        thing.save(name)
        thing.save(name)
        made = Path(name).read_bytes()
        with pytest.raises(lattice.LatticeError, match=r"exists already.*overwrite=True"):
            other.save(name)
        assert Path(name).read_bytes() == made
        other.save(name, overwrite=True)
        assert Path(name).read_bytes() != made


def on_a_terminal(*words: str, folder: Path) -> tuple[int, str]:
    """Run the program with a terminal as its standard error; return the exit code and what was shown there."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "lattice.cli", *words]
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "XDG_CACHE_HOME": str(folder)},
        stderr=theirs,
    ) as child:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 1000):
                shown += piece
        except OSError:  # the other end closed
            pass
    os.close(ours)
    return child.returncode, shown.decode()


@pytest.mark.slow
def test_the_longest_wait_shows_on_a_terminal_that_it_works(shot: Path) -> None:
    (shot / "new.toml").write_text("extends = 'vision'\nsize = 33\nflare = 0.0123\n")
    code, shown = on_a_terminal("build", "new.toml", "-o", "new.clf", folder=shot)
    assert code == DONE
    assert "building new ..." in shown
    code, shown = on_a_terminal("info", "--engines", folder=shot)
    assert (code, shown) == (DONE, "")
