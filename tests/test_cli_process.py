"""The command line as a shell sees it, where only a process of its own can tell."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from exr_samples import save, smooth
from test_cli import process, refused


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """A whole EXR with one byte of a compressed block changed."""
    path = tmp_path / "in.exr"
    save(path, {name: smooth((40, 40)) for name in "RGB"})
    content = bytearray(path.read_bytes())
    content[-200:-150] = bytes(50)
    path.write_bytes(content)
    return path


def test_a_damaged_block_is_one_line_that_names_the_file(damaged: Path) -> None:
    result = process("apply", damaged, damaged.with_name("out.exr"), "-s", "vision")
    refused(result, "in.exr", "cannot be decoded", code=1)
    assert [path.name for path in damaged.parent.iterdir()] == ["in.exr"]


LISTENING = """
import threading
from lattice.files.overheard import overheard
stop = threading.Event()
def listen():
    while not stop.is_set():
        with overheard():
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
