"""What a ledger says: its runs, and what became of each frame at last."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from lattice.files.storage import sequence
from lattice.files.storage.host import this_host
from lattice.files.storage.read import open_plain
from lattice.types import LatticeError

Line = dict[str, Any]
BEGAN, ENDED = "began", "ended"
QUIET = 900.0  # seconds: a frame takes seconds, a large one a minute
LONGEST_LINE = 2**20  # bytes; a frame's line has some hundred


def lines(path: Path) -> Iterator[Line]:
    """Yield the lines of a ledger, in order; nothing if there is none. Lines that a killed job left torn are passed
    over. Raises LatticeError if it cannot be read, or is no plain file."""
    try:
        with open_plain(path) as file:
            while line := file.readline(LONGEST_LINE):
                with suppress(ValueError, RecursionError):
                    found = json.loads(line)
                    if isinstance(found, dict):
                        yield found
    except FileNotFoundError:
        return
    except OSError as error:
        raise LatticeError(f"{path}: cannot be read: {error.strerror or error}") from None


@dataclass
class Run:
    """A run: its first line, the time of its last, and whether it said that it ended."""

    began: Line
    last: str
    ended: bool = False

    @property
    def who(self) -> str:
        """Look, user, host, process and start, for people."""
        said = {name: str(self.began.get(name, "?")) for name in ("sdev", "user", "host", "pid", "time")}
        return f"{said['sdev']}, {said['user']} on {said['host']}, process {said['pid']}, since {local(said['time'])}"

    @property
    def digest(self) -> str:
        """Of its request."""
        return str(self.began.get("request", ""))

    @property
    def first(self) -> int | None:
        """The first of the frames that it was to do."""
        found = sequence.RANGE.match(str(self.began.get("frames", "")))
        return int(found[1]) if found else None

    @property
    def frames(self) -> tuple[int, ...]:
        """The frames that it was to do."""
        return _frames(str(self.began.get("frames", "")))

    def is_gone(self, quiet: float = QUIET) -> bool:
        """True if it ended, or its process on this host does not run any more; on another host, if it has been silent
        for `quiet` seconds."""
        if self.ended:
            return True
        if self.began.get("host") != this_host():
            return age(self.last) > quiet
        try:
            os.kill(int(self.began.get("pid", 0)), 0)
        except (ProcessLookupError, ValueError, TypeError):
            return True
        except (PermissionError, OverflowError):
            return False
        return False


@lru_cache(maxsize=8)  # the runs of an array job have others each, up to MOST_FRAMES
def _frames(text: str) -> tuple[int, ...]:
    with suppress(LatticeError):
        return sequence.parse_frames(text)
    return ()


@dataclass
class History:
    """runs: by their number, in the order they began. frames: the last line of each target, by its file name. made: the
    file names of targets that were written, whatever became of later tries."""

    runs: dict[str, Run] = field(default_factory=dict)
    frames: dict[str, Line] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)


def read(path: Path | None) -> History:
    """Return the history that a ledger tells; empty without one. Raises LatticeError if it cannot be read."""
    found = History()
    for line in lines(path) if path is not None else ():
        run, event = str(line.get("run", "")), line.get("event")
        if event == BEGAN:
            found.runs[run] = Run(line, str(line.get("time", "")))
        elif run in found.runs:
            found.runs[run].last = str(line.get("time", ""))
            found.runs[run].ended |= event == ENDED
        if event is None and "target" in line:
            name = os.path.basename(str(line["target"]))
            found.frames[name] = line
            if line.get("status") == "ok":
                found.made.add(name)
    return found


def age(time: str) -> float:
    """Return the seconds since a ledger's time; infinite if it is none."""
    try:
        return (datetime.now(UTC) - datetime.fromisoformat(time)).total_seconds()
    except (ValueError, TypeError):
        return float("inf")


def local(time: str) -> str:
    """Return a ledger's time for people of this place: `11-29 10:20`."""
    with suppress(ValueError, OverflowError, OSError):  # a year that this place's clock does not reach
        return datetime.fromisoformat(time).astimezone().strftime("%m-%d %H:%M")
    return time
