"""What the tests of the farm share: a shot of small frames, the command on it, and what was read and written when."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from exr_samples import SAID, save, smooth
from ledger_samples import lines

from lattice.files.exr import file as exr

SLOW = 0.05  # seconds that each reading and writing lasts longer, so that they meet
# Run in each worker before it works: slows what touches the disk and tells when it began and ended.
WATCH = """
import os, threading, time
from lattice.files.exr import file as exr
from lattice.files.storage import atomic
inside = threading.local()
def told(real, counts):
    def call(*args, **kwargs):
        if getattr(inside, "deep", False) or not counts(*args):
            return real(*args, **kwargs)
        inside.deep = True
        tell("+")
        try:
            time.sleep({slow})
            return real(*args, **kwargs)
        finally:
            tell("-")
            inside.deep = False
    return call
def tell(what):
    with open({log!r}, "ab", buffering=0) as log:
        log.write(f"{{time.monotonic()}} {{what}} {{os.getpid()}}\\n".encode())
exr.read_bytes = told(exr.read_bytes, lambda path, most=-1: most < 0)
exr.read_into = told(exr.read_into, lambda *args: True)
atomic.replace = told(atomic.replace, lambda *args: True)
"""


def make_shot(folder: Path, frames: int) -> None:
    for frame in range(1, frames + 1):
        save(folder / f"s.{frame:04d}.exr", {n: smooth((48, 64), seed=frame + k) for k, n in enumerate("RGB")}, SAID)


def watched(folder: Path, slow: float = SLOW) -> dict[str, str]:
    """The environment in which workers tell of what they read and write, in folder/io.log."""
    preload = folder / "watch.py"
    preload.write_text(WATCH.format(slow=slow, log=str(folder / "io.log")))
    return {**os.environ, "DASK_DISTRIBUTED__WORKER__PRELOAD": json.dumps([str(preload)])}


def most_at_a_time(folder: Path) -> int:
    """How many readings and writings went on together, those of killed processes left out."""
    events = [line.split() for line in (folder / "io.log").read_text().splitlines()]
    ends = {(pid, k) for k, (_, what, pid) in enumerate(events) if what == "-"}
    now = most = 0
    open_by: dict[str, int] = {}
    for k, (_, what, pid) in sorted(enumerate(events), key=lambda event: float(event[1][0])):
        if what == "+" and any(p == pid and later > k for p, later in ends):
            now += 1
            open_by[pid] = k
        elif what == "-":
            now -= 1
        most = max(most, now)
    return most


def command(folder: Path, *more: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "lattice.cli",
        "regrade",
        str(folder / "s.####.exr"),
        str(folder / "g.####.exr"),
        "-s",
        "premier",
        *more,
    ]


def start(
    folder: Path, *more: str, environment: dict[str, str] | None = None, alone: bool = False
) -> subprocess.Popen[str]:
    """The command, in the folder, where a scheduler's logs go. alone: in a group of processes of its own."""
    return subprocess.Popen(
        command(folder, *more),
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=alone,
    )


def told(folder: Path) -> list[dict[str, object]]:
    """The ledger's lines of frames."""
    path = folder / "g.sdev.jsonl"
    return lines(path) if path.exists() else []


def wait_for(true: object, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < end, "too slow"
        time.sleep(0.02)


def wait_for_lines(folder: Path, count: int, child: subprocess.Popen[str]) -> list[dict[str, object]]:
    """The ledger, once it has so many lines and while the command still runs."""
    wait_for(lambda: len(told(folder)) >= count or child.poll() is not None)
    assert child.poll() is None, child.communicate()
    return told(folder)


def finished(folder: Path) -> dict[str, tuple[int, int]]:
    """The outputs, each read whole, by what tells one writing from another."""
    found = {}
    for path in sorted(folder.glob("g.*.exr")):
        exr.read(path)
        found[path.name] = (path.stat().st_ino, path.stat().st_mtime_ns)
    return found


def temporaries(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.endswith(".tmp")]
