"""The ledger beside the output: one JSON line for each frame; any number of writers append, none rewrites."""

from __future__ import annotations

import errno
import json
import os
import socket
import stat
import threading
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from lattice.regrade.report import FrameReport
from lattice.types import LatticeError

LOCK_TRIES, LOCK_WAIT = 500, 0.01  # 5 s
_here = threading.Lock()  # file locks exclude other processes only, not threads of this one
SUFFIX = ".sdev.jsonl"  # added to the part of a target's name before the frame number


def as_dict(report: FrameReport) -> dict[str, object]:
    """Return a report's fields by name, for JSON; paths as text."""
    return {
        name: _text(str(value)) if isinstance(value, str | Path) else value for name, value in asdict(report).items()
    }


def _text(name: str) -> str:
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")  # a name may not be UTF-8


class Ledger:
    """The ledger of a run.

    path: of the file; None keeps no ledger. device: fields of the SDev, added to every line. trouble: the first error
    that lost a line, else None; frames go on without the line.
    """

    def __init__(self, path: Path | None, device: dict[str, str]) -> None:
        self.path, self.device = path, device
        self.trouble: LatticeError | None = None
        self._tries = LOCK_TRIES

    def append(self, report: FrameReport) -> None:
        """Append a frame's line whole, also while others append. If the disk refuses, set `trouble`, raise nothing."""
        if self.path is None:
            return
        about = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "host": socket.gethostname(),
            "pid": os.getpid(),
        }
        try:
            line = json.dumps(about | as_dict(report) | self.device).encode() + b"\n"
            if not _append(self.path, line, self._tries):
                self._tries = 1  # after one wait in vain, do not wait again
        except OSError as error:
            self.trouble = self.trouble or LatticeError(f"{self.path}: cannot be written: {error.strerror or error}")


def _append(path: Path, line: bytes, tries: int) -> bool:
    """True if other processes were locked out. Raises OSError; with the lock, no part of the line is left then."""
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    with _here:
        descriptor = os.open(path, flags, 0o666)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError(errno.EINVAL, "expected a file, got a pipe or a device")
            is_alone = _lock(descriptor, tries)
            end = os.fstat(descriptor).st_size
            if end and os.pread(descriptor, 1, end - 1) != b"\n":
                line = b"\n" + line  # a killed job's partial line stays on a line of its own
            try:
                rest = memoryview(line)
                while rest:
                    rest = rest[os.write(descriptor, rest) :]
            except OSError:
                if is_alone:
                    os.ftruncate(descriptor, end)
                raise
            return is_alone
        finally:
            os.close(descriptor)


def _lock(descriptor: int, tries: int) -> bool:
    """True if other processes are locked out. Without locks or with a stuck one go on: appending is nearly as safe."""
    try:
        import fcntl
    except ImportError:  # not POSIX
        return False
    for k in range(tries):
        time.sleep(LOCK_WAIT if k else 0)
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                return False
    return False
