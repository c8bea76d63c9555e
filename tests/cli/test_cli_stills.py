"""`lattice sheet` and `lattice watch` as typed: what they write, and one line for every bad input."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import ROOT
from cli_samples import DONE, refused
from exr_samples import SAID, save, smooth

from lattice.files.exr.header import Attribute
from lattice.files.images.png import PNG_MAGIC
from lattice.view.author import DRAG_SIZE

SHAPE = (24, 32)
LOOK = 'extends = "vision"\nprinter_lights = [25, 26, 25]\n'


@pytest.fixture
def shot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A folder with frames 3 and 4, one that is graded, a look; nothing half-written may be left in it."""
    arrays = {name: smooth(SHAPE, seed=k).astype(np.float16) for k, name in enumerate("RGB")}
    for frame in (3, 4):
        save(tmp_path / f"in.{frame:04}.exr", arrays, SAID)
    save(tmp_path / "graded.exr", arrays, {"sdev:name": Attribute.text("premier")})
    save(tmp_path / "layers.exr", arrays | {f"key.{name}": array for name, array in arrays.items()}, SAID)
    (tmp_path / "look.toml").write_text(LOOK)
    monkeypatch.chdir(tmp_path)
    before = set(os.listdir(tmp_path))
    yield tmp_path
    left = set(os.listdir(tmp_path)) - before
    assert left <= {"out.png"}, left


def words(text: str) -> list[str]:
    return text.split()


def test_a_sheet(run: Any, shot: Path) -> None:
    result = run("sheet", "in.####.exr", "out.png", "--sdev", "none,vision,premier", "--exposure", "-1,0,1")
    assert (result.code, result.err) == (DONE, "")
    assert result.out.startswith("out.png: 1920x")
    assert (shot / "out.png").read_bytes().startswith(PNG_MAGIC)
    again = run("sheet", "in.####.exr", "out.png", "--sdev", "none,vision,premier", "--exposure", "-1,0,1")
    assert again == result  # the same bytes are there
    refused(run("sheet", "in.0004.exr", "out.png", "--sdev", "vision"), "out.png: exists already; --overwrite")
    assert run("sheet", "in.0004.exr", "out.png", "--sdev", "vision", "--overwrite").code == DONE


def test_a_sheet_says_what_is_assumed_of_the_color(run: Any, shot: Path) -> None:
    save(shot / "in.0003.exr", {name: smooth(SHAPE) for name in "RGB"})
    result = run("sheet", "in.0003.exr", "out.png", "--sdev", "vision", "--width", "400")
    assert result.code == DONE
    assert "taken as Rec.709" in result.err
    assert run("sheet", "in.0003.exr", "out.png", "--sdev", "vision", "--input", "ACEScg", "--overwrite").err == ""


def test_a_layer_and_a_look_of_ones_own(run: Any, shot: Path) -> None:
    result = run(*words("sheet layers.exr out.png --sdev look.toml,none --layer key --width 500"))
    assert (result.code, result.err) == (DONE, "")


BAD_SHEETS = {
    "in.0003.exr out.png": "--sdev/-s is missing",
    "in.0003.exr out.png --sdev vison": "vison",
    "in.0003.exr out.png --sdev vision,": "sdev: expected words with a comma between them",
    "in.0003.exr out.png --sdev vision --exposure 0,x": "exposure: expected stops from -20 to 20, got 'x'",
    "in.0003.exr out.png --sdev vision --exposure 21": "exposure: expected stops from -20 to 20",
    "in.0003.exr out.png --sdev vision --exposure nan": "exposure: expected stops from -20 to 20",
    "in.0003.exr out.png --sdev vision --exposure ,": "exposure: expected words",
    "in.0003.exr out.png --sdev vision --width 10": "width: expected 160 to 16384 pixels, got 10",
    "in.0003.exr out.png --sdev vision --width wide": "--width: expected a whole number",
    "in.0003.exr out.png --sdev vision --width 16384 --exposure " + ",".join("0" * 30): "megapixels",
    "in.0003.exr out.png --sdev " + ",".join(["none"] * 401): "sheet: expected at most 400 pictures",
    "in.0003.exr out.png --sdev vision --input nothing": "nothing",
    "in.0003.exr out.png --sdev vision --transfer log": "transfer: expected",
    "in.0003.exr out.png --sdev vision --layer key": "layer key",
    "in.0003.exr out.png --sdev vision --view left": "views: expected none, got left",
    "in.0003.exr out.png --sdev vision --frame 3": "frame: expected a pattern",
    "in.####.exr out.png --sdev vision --frame 9": "in.0009.exr: missing frame",
    "in.####.exr out.png --sdev vision --frame one": "--frame: expected a whole number",
    "absent.exr out.png --sdev vision": "absent.exr: expected a file, got none",
    "absent.####.exr out.png --sdev vision": "expected files of this pattern",
    "graded.exr out.png --sdev vision": "graded with premier",
    "look.toml out.png --sdev vision": "look.toml: expected an EXR",
    "in.0003.exr out.exr --sdev vision": "out.exr: expected a name ending in .png",
    "in.0003.exr look.toml --sdev vision": "look.toml: expected a name ending in .png",
    "in.0003.exr nowhere/out.png --sdev vision": "nowhere/out.png",
}


@pytest.mark.parametrize("typed", BAD_SHEETS)
def test_a_sheet_that_cannot_be_is_one_line(typed: str, run: Any, shot: Path) -> None:
    refused(run("sheet", *words(typed)), BAD_SHEETS[typed])
    assert not (shot / "out.png").exists()


def test_a_link_to_the_picture_is_not_written(run: Any, shot: Path) -> None:
    (shot / "out.png").symlink_to("in.0003.exr")
    kept = (shot / "in.0003.exr").read_bytes()
    refused(run("sheet", "in.0003.exr", "out.png", "--sdev", "vision", "--overwrite"), "another file")
    assert (shot / "in.0003.exr").read_bytes() == kept


def test_without_pillow_a_sheet_says_what_to_install(run: Any, shot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    refused(run("sheet", "in.0003.exr", "out.png", "--sdev", "vision"), "sheet: the package pillow is not installed")


BAD_WATCHES = {
    "look.toml in.0003.exr": "--output/-o is missing",
    "vision in.0003.exr -o out.png": "vision: expected the .toml of a look",
    "look.toml in.0003.exr -o out.exr": "out.exr: expected a name ending in .png",
    "look.toml in.0003.exr -o in.0003.exr": "expected a name ending in .png",
    "look.toml in.0003.exr -o out.png --size 100": "size: expected a width and a height",
    "look.toml in.0003.exr -o out.png --size 0x5": "size: expected a width and a height",
    "look.toml in.0003.exr -o out.png --exposure x": "exposure: expected stops",
    "look.toml in.0003.exr -o out.png --exposure -21": "exposure: expected stops",
    "look.toml in.0003.exr -o out.png --input nothing": "nothing",
    "look.toml in.0003.exr -o out.png --frame 3": "frame: expected a pattern",
    "look.toml absent.####.exr -o out.png": "expected files of this pattern",
}


@pytest.mark.parametrize("typed", BAD_WATCHES)
def test_a_watch_that_cannot_be_is_one_line(typed: str, run: Any, shot: Path) -> None:
    refused(run("watch", *words(typed)), BAD_WATCHES[typed])
    assert not (shot / "out.png").exists()


def test_a_watch_overwrites_nothing_unasked(run: Any, shot: Path) -> None:
    (shot / "out.png").write_bytes(PNG_MAGIC + b"somebody's")
    refused(run("watch", "look.toml", "in.0003.exr", "-o", "out.png"), "out.png: exists already", "--overwrite")
    assert (shot / "out.png").read_bytes() == PNG_MAGIC + b"somebody's"


def children(parent: int) -> list[int]:
    """The processes that a process started."""
    done = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=False)
    return [int(line) for line in done.stdout.split()]


def lives(process: int) -> bool:
    """True if a process is there and is no zombie, which only the machine's first process may take away."""
    done = subprocess.run(["ps", "-o", "stat=", str(process)], capture_output=True, text=True, check=False)
    return done.stdout.strip()[:1] not in ("", "Z")


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_watch_draws_and_stops_when_asked(number: int, code: int, shot: Path) -> None:
    command = [sys.executable, "-m", "lattice.cli", *words("watch look.toml in.0003.exr -o out.png")]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    watching = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
    )
    until = time.monotonic() + 60
    while not (shot / "out.png").exists() and time.monotonic() < until:
        time.sleep(0.05)
    started = children(watching.pid)
    os.killpg(watching.pid, number)  # as a terminal's Ctrl-C does
    out, err = watching.communicate(timeout=30)
    assert (watching.returncode, err) == (code, "")
    assert out.startswith(f"out.png: {DRAG_SIZE}^3 sampled")
    assert len(started) == 1  # the process that fits
    assert not lives(started[0])
