"""The ledger beside the output: a JSON line for each frame done or failed, and two for each run.

Any number of writers append, none rewrites. The first line of a run is its claim: see `claim.py`.
"""

from __future__ import annotations

import errno
import json
import os
import stat
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lattice.files.storage import locks
from lattice.files.storage.host import this_host
from lattice.regrade.report import FrameReport
from lattice.types import LatticeError

APPEND = 0  # the byte whose lock a writer holds; what is in the file does not matter
_here = threading.Lock()  # where locks exclude other processes only, not threads of this one
SUFFIX = ".sdev.jsonl"  # added to the part of a target's name before the frame number
SKIPPED = "skipped"
WAYS_OUT = "it says who grades there: make it a file that you may read (chmod a+r), or choose another OUT"


def as_dict(report: FrameReport) -> dict[str, object]:
    """Return a report's fields by name, for JSON; paths as text."""
    return {name: text(str(value)) if isinstance(value, str | Path) else value for name, value in vars(report).items()}


def text(name: str) -> str:
    """Return a name as JSON can hold it: bytes that are no UTF-8 as backslashes."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


class Ledger:
    """The ledger of a run.

    path: of the file; None keeps no ledger. about: fields added to every line. trouble: the first error that lost a
    line, else None; frames go on without the line. is_stuck: True once another process held the lock for 5 seconds;
    lines are then appended without it.
    """

    def __init__(self, path: Path | None, about: Mapping[str, Any]) -> None:
        self.path, self.about = path, about
        self.trouble: LatticeError | None = None
        self.is_stuck = False

    def append(self, report: FrameReport) -> None:
        """Append a frame's line unless it was done before; its source as an absolute path, to be found from any folder.
        If the disk refuses, set `trouble`, raise nothing."""
        if report.status != SKIPPED:
            source = str(report.source)
            with suppress(OSError):  # the working folder may be gone
                source = os.path.abspath(source)
            self.write({**as_dict(report), "source": text(source)})

    def write(self, fields: Mapping[str, Any]) -> None:
        """Append a line whole, also while others append. If the disk refuses, set `trouble`, raise nothing."""
        if self.path is None:
            return
        try:
            with self.alone() as descriptor:
                self.write_to(descriptor, fields)
        except OSError as error:
            self.lose(error)

    def lose(self, error: OSError) -> None:
        """Note that a line was lost."""
        self.trouble = self.trouble or LatticeError(f"{self.path}: cannot be written: {error.strerror or error}")

    @contextmanager
    def alone(self) -> Iterator[int]:
        """Yield a descriptor of the file, which is made if needed; other writers wait. Raises OSError."""
        with _here, open_ledger(self.path or Path()) as descriptor:
            if locks.lock(descriptor, APPEND, 1 if self.is_stuck else locks.TRIES) is False:
                self.is_stuck = True
            yield descriptor

    def write_to(self, descriptor: int, fields: Mapping[str, Any]) -> None:
        """Append a line to a descriptor from `alone`. Raises OSError; alone, no part of the line is left then."""
        when = datetime.now(UTC).isoformat(timespec="milliseconds")
        about = {"time": when, "host": this_host(), "pid": os.getpid()}
        line = json.dumps({**about, **fields, **self.about}).encode() + b"\n"
        end = os.fstat(descriptor).st_size
        if end and os.pread(descriptor, 1, end - 1) != b"\n":
            line = b"\n" + line  # a killed job's partial line stays on a line of its own
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
        except OSError:
            if not self.is_stuck:
                os.ftruncate(descriptor, end)
            raise


@contextmanager
def open_ledger(path: Path, is_claim: bool = False) -> Iterator[int]:
    """Yield a descriptor of a ledger, which is made if needed. Raises OSError if it is no plain file.

    is_claim: a ledger that may only be read will do, as another user's: shared locks need no more.
    """
    safely = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | safely, 0o666)
    except OSError as error:
        if not is_claim or error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS) or not path.exists():
            raise
        descriptor = os.open(path, os.O_RDONLY | safely)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "expected a file, got a pipe or a device")
        yield descriptor
    finally:
        os.close(descriptor)
