"""`lattice view` in a process of its own, and a client of it."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from exr_samples import SAID, noise, save


class Server(NamedTuple):
    """A running command. link: that it printed; cookie: that the link gave."""

    process: subprocess.Popen[str]
    link: str
    port: int
    cookie: str

    def ask(self, path: str, method: str = "GET", body: str | None = None, **headers: str) -> tuple[int, bytes]:
        """The status and the body of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, {"Cookie": self.cookie, **headers})
        answer = connection.getresponse()
        return answer.status, answer.read()

    def stop(self, number: int = signal.SIGINT) -> float:
        """Send a signal; return the seconds until the process has ended."""
        start = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(30)
        return time.monotonic() - start


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    folder = tmp_path / "shots"
    folder.mkdir()
    for k in range(4):
        save(folder / f"a.{1001 + k}.exr", {name: noise((30, 44), "float16", k) for name in "RGB"}, SAID)
    return folder


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(folder), "HOME": str(folder)}


@pytest.fixture
def start(shots: Path, tmp_path: Path) -> Iterator[Any]:
    """Start the command on the folder's shot; what it leaves running is killed."""
    running: list[subprocess.Popen[str]] = []

    def started(*arguments: str | Path) -> Server:
        command = [sys.executable, "-m", "lattice.cli", "view", *map(str, arguments or ["a.####.exr"]), "--no-browser"]
        found = subprocess.Popen(
            command,
            cwd=shots,
            env=environment(tmp_path),
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        running.append(found)
        assert found.stdout is not None
        assert found.stderr is not None
        line = found.stdout.readline()
        match = re.fullmatch(r"(http://127\.0\.0\.1:(\d+)/\?token=\S+)  \(Ctrl-C stops it\)\n", line)
        assert match, line + found.stderr.read()
        return Server(found, match[1], int(match[2]), entered(match[1], int(match[2])))

    yield started
    for each in running:
        each.kill()
        each.communicate()


def entered(link: str, port: int) -> str:
    """The cookie that a link gives."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", link.partition(str(port))[2])
    answer = connection.getresponse()
    assert (answer.status, answer.headers["location"]) == (303, "/")
    return answer.headers["set-cookie"].partition(";")[0]


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
