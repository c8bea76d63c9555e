"""What `lattice view` says, in one line, of what a user got wrong."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from cli_samples import process, refused
from exr_samples import SAID, save, smooth

from lattice.view.references import MOST_SLOTS

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save(tmp_path / "a.1001.exr", {name: smooth((8, 8)) for name in "RGB"}, SAID)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "SHOT... is missing"),
        (("none.####.exr",), "expected files of this pattern"),
        (("none.exr",), "none.exr: expected a file"),
        ((".",), "expected"),
        (("a.1001.exr", "--sdev", "visoin"), "vision"),
        (("a.1001.exr", "--sdev", ",".join(["vision"] * (MOST_SLOTS + 1))), "at most 9"),
        (("a.1001.exr", "--sdev", "none.toml"), "none.toml: expected a file"),
        (("a.1001.exr", "--input", "LogC9"), "no input is named"),
        (("a.1001.exr", "--layer", "diffuse"), "--layer: expected the bare R, G, B, got diffuse"),
        (("a.1001.exr", "--author", "look.txt"), "ending in .toml"),
        (("a.1001.exr", "--port", "70000"), "--port: expected 0 to 65535"),
        (("a.1001.exr", "--port", "x"), "expected a whole number"),
        (("a.1001.exr", "--memory", "50M"), "expected more than the 100 MiB"),
        (("a.1001.exr", "--memory", "lots"), "expected a size such as 4G"),
        (("a.1001.exr", "--host", "0.0.0.0", "--insecure-host"), "one name or address of this machine"),
        (("a.1001.exr", "--host", "wall.example"), "add --tls-cert and --tls-key, or --insecure-host"),
        (("a.1001.exr", "--host", "192.0.2.1", "--insecure-host"), "cannot listen on 192.0.2.1"),
        (("a.1001.exr", "--tls-cert", "a.pem"), "go together"),
        (("a.1001.exr", "--tls-cert", "a.pem", "--tls-key", "a.pem"), "--tls-cert a.pem"),
        (("a.1001.exr", "--port", "1", "--port", "2"), "only one can count"),
    ],
)
def test_a_mistake_is_one_line(arguments: tuple[str, ...], says: str, folder: Path) -> None:
    refused(process("view", *arguments, "--no-browser", cwd=folder), says)


def test_a_port_that_is_taken_is_one_line(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused(
            process("view", "a.1001.exr", "--port", port, cwd=folder), f"127.0.0.1 port {port}: Address already in use"
        )


def test_without_the_extra_it_says_what_to_install(folder: Path) -> None:
    code = "import sys; sys.modules['uvicorn'] = None; from lattice.cli import main; main()"
    command = [sys.executable, "-c", code, "view", "a.1001.exr"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "pip install '.[view]'" in done.stderr
