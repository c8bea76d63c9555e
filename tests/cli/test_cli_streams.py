"""A report that cannot be printed is no success, and a reader that has seen enough is no failure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from basics import ROOT, require
from cli_samples import DONE, SOME_FAILED
from exr_samples import SAID, save, smooth

pytestmark = pytest.mark.slow
FULL = Path("/dev/full")
LATTICE = f"{sys.executable} -m lattice.cli"


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    for frame in (1, 2):
        save(tmp_path / f"in.{frame:04}.exr", {name: smooth((8, 8)) for name in "RGB"}, SAID)
    return tmp_path


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line in a shell whose pipelines fail where any of their commands does."""
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line.replace('lattice ', f'{LATTICE} ', 1)}"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    "words",
    [
        "list",
        "info vision",
        "info --engines",
        "--help",
        "--version",
        "regrade --help",
        "apply in.0001.exr out.exr --sdev vision --json",
        "regrade in.####.exr out.####.exr --sdev vision",
        "regrade in.####.exr out.####.exr --sdev vision --json",
        "regrade in.####.exr out.####.exr --sdev vision --dry-run",
        "farm openjd -o job.json -- in.####.exr out.####.exr --sdev vision",
    ],
)
def test_a_report_that_is_lost_is_a_failure(words: str, shot: Path) -> None:
    if not FULL.exists():
        require("full", f"no {FULL}")
    done = shell(f"lattice {words} > {FULL}", shot)
    assert done.returncode == SOME_FAILED
    assert done.stderr == "lattice: standard output could not be written: No space left on device\n"
    if "out.####" in words and "dry-run" not in words and "farm" not in words:
        assert len(list(shot.glob("out.*.exr"))) == 2  # the frames are done all the same


@pytest.mark.parametrize(
    "words", ["list", "--help", "info vision", "regrade in.####.exr out.####.exr --sdev vision --json"]
)
def test_a_reader_that_wants_no_more_is_no_failure(words: str, shot: Path) -> None:
    done = shell(f"lattice {words} | head -c 1", shot)
    assert (done.returncode, done.stderr) == (DONE, "")
    done = shell(f"lattice {words} | true", shot)
    assert (done.returncode, done.stderr) == (DONE, "")


def test_a_stream_that_is_closed_is_no_failure(shot: Path) -> None:
    assert shell("lattice regrade in.####.exr out.####.exr --sdev vision >&- 2>&-", shot).returncode == DONE
    assert len(list(shot.glob("out.*.exr"))) == 2


def test_the_code_of_a_failure_stays(shot: Path) -> None:
    assert shell(f"lattice info nosuch > {FULL}", shot).returncode == 2
    assert shell("lattice info nosuch 2>&-", shot).returncode == 2
    assert shell(f"lattice info nosuch 2> {FULL}", shot).returncode == 2


def test_a_working_folder_that_is_gone_is_one_line(shot: Path) -> None:
    (shot / "gone").mkdir()
    done = shell("cd gone; rmdir ../gone; lattice apply ../in.0001.exr o.exr --sdev vision", shot)
    assert done.returncode == 2
    assert done.stderr == "lattice: the working folder is gone; cd to one that exists, or give absolute paths\n"
    done = shell(
        f"mkdir gone; cd gone; rmdir ../gone; lattice apply {shot}/in.0001.exr {shot}/o.exr --sdev vision", shot
    )
    assert (done.returncode, done.stderr) == (DONE, "")


def test_memory_or_threads_that_are_not_to_be_had_are_one_line(shot: Path) -> None:
    for limit in range(300, 900, 100):
        done = shell(
            f"ulimit -v {limit}000; lattice regrade in.####.exr out.{limit}.####.exr --sdev vision --threads 4", shot
        )
        said = [line for line in done.stderr.splitlines() if "OpenBLAS" not in line]
        assert "Traceback" not in done.stderr, (limit, done.stderr)
        assert len(said) <= 1 or done.returncode == SOME_FAILED, (limit, done.stderr)
