"""The command line as a shell sees it, where only a process of its own can tell."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from basics import require
from cli_samples import process, refused
from exr_samples import SAID, save, smooth

from lattice.interp import native
from lattice.sdev.engines import engine_facts

pytestmark = pytest.mark.slow


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """A whole EXR with one byte of a compressed chunk changed."""
    path = tmp_path / "in.exr"
    save(path, {name: smooth((40, 40)) for name in "RGB"}, SAID)
    content = bytearray(path.read_bytes())
    content[-200:-150] = bytes(50)
    path.write_bytes(content)
    return path


def test_a_damaged_block_is_one_line_that_names_the_file(damaged: Path) -> None:
    result = process("apply", damaged, damaged.with_name("out.exr"), "-s", "vision")
    refused(result, "in.exr", "cannot be decoded", code=1)
    refused(process("apply", damaged, damaged.with_name("out.exr"), "-s", "visio"), "visio")  # decoded meanwhile
    assert [path.name for path in damaged.parent.iterdir()] == ["in.exr"]


LISTENING = """
import threading
from lattice.files.exr.captured_stdout import capture_stdout
stop = threading.Event()
def listen():
    while not stop.is_set():
        with capture_stdout():
            pass
threads = [threading.Thread(target=listen) for _ in range(2)]
for thread in threads: thread.start()
for _ in range(50_000): print("x" * 40, flush=True)
stop.set()
"""


def test_printing_while_other_threads_listen_is_safe() -> None:
    done = subprocess.run([sys.executable, "-c", LISTENING], capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(b"x" * 40) == 50_000


def engines(**environment: str) -> Any:
    return process("info", "--engines", env={**os.environ, **environment})


def test_info_says_which_engine_is_in_use_and_why() -> None:
    if (reason := native.unavailable_reason()) is not None:
        require("native", reason)
    here = [name for name, is_here in native.instruction_sets().items() if is_here]
    assert f"{here[0]:8} in use, the fastest" in engines(LATTICE_NATIVE="").out
    for name in here:
        assert f"{name:8} in use, asked for by LATTICE_NATIVE" in engines(LATTICE_NATIVE=name).out
    refused(engines(LATTICE_NATIVE="sse9"), "LATTICE_NATIVE", "sse9", *here, code=2)
    refused(process("info"), "--engines", code=2)
    refused(process("info", "vision", "--engines"), "--engines", code=2)


def test_info_says_that_native_is_not_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "_library", lambda path: "not compiled")
    assert engine_facts()[0] == "numpy      in use, native is not here: not compiled"


@pytest.mark.parametrize(
    "environment",
    [{"LATTICE_NATIVE": "sse9"}, {"LATTICE_NATIVE_LIBRARY": "none.so"}, {"LATTICE_NATIVE_LIBRARY": "\udcff.so"}],
    ids=["set", "library", "no text"],
)
def test_an_engine_that_is_asked_for_but_not_here_is_wrong_use_found_once(
    environment: dict[str, str], tmp_path: Path
) -> None:
    for frame in (1, 2):
        save(tmp_path / f"in.{frame:04}.exr", {name: smooth((4, 4)) for name in "RGB"}, SAID)
    for dry in ((), ("--dry-run",)):
        result = process(
            "regrade",
            tmp_path / "in.####.exr",
            tmp_path / "out.####.exr",
            "-s",
            "vision",
            *dry,
            env={**os.environ, **environment},
        )
        refused(result, next(iter(environment)), code=2)
    assert len(list(tmp_path.iterdir())) == 2
