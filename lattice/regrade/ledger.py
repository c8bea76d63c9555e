"""The ledger beside the output: one JSON line a frame, only ever appended to, by any number of writers."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lattice.regrade.records import FrameReport
from lattice.types import LatticeError

SUFFIX = ".sdev.jsonl"  # after what stands before the frame's number in a target's name


def as_dict(report: FrameReport) -> dict[str, Any]:
    """A report for a machine: its fields, paths as text."""
    return {name: str(value) if isinstance(value, Path) else value for name, value in asdict(report).items()}


def append(path: Path, report: FrameReport, device: dict[str, str]) -> None:
    """Add a frame's line, whole, beside what others add at the same time. Raises LatticeError where it cannot be.

    device: what the frame was graded with.
    """
    about = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "host": socket.gethostname(),
             "pid": os.getpid()}
    line = json.dumps(about | as_dict(report) | device) + "\n"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            _lock(descriptor)  # on network disks appending alone is not safe
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)
    except OSError as error:
        raise LatticeError(f"{path}: cannot be written: {error.strerror or error}") from None


def _lock(descriptor: int) -> None:
    try:
        import fcntl
    except ImportError:  # not POSIX
        return
    fcntl.lockf(descriptor, fcntl.LOCK_EX)


@dataclass(frozen=True)
class Totals:
    """A run in numbers. cpu_seconds and peak_bytes are the whole process's; clipped and nan count channel values."""

    frames: int
    ok: int
    skipped: int
    failed: int
    seconds: float
    cpu_seconds: float
    bytes_read: int
    bytes_written: int
    peak_bytes: int
    nan: int
    clipped: int

    @classmethod
    def of(cls, reports: Iterable[FrameReport], seconds: float) -> Totals:
        """seconds: wall time of the run."""
        every = list(reports)
        cpu, peak = _process()
        count = {status: sum(report.status == status for report in every) for status in ("ok", "skipped", "failed")}
        sums = {name: sum(getattr(report, name) for report in every)
                for name in ("bytes_read", "bytes_written", "nan", "clipped")}
        return cls(len(every), **count, seconds=seconds, cpu_seconds=cpu, peak_bytes=peak, **sums)

    def line(self) -> str:
        """For people."""
        parts = [f"{self.ok} graded", *(f"{number} {what}" for number, what in (
            (self.skipped, "done before"), (self.failed, "failed")) if number)]
        odd = [f"{number} {what}" for number, what in ((self.nan, "NaN"), (self.clipped, "clipped")) if number]
        mega = 1e6
        return (f"{self.frames} frames: {', '.join(parts)}; {self.seconds:.1f} s, {self.cpu_seconds:.1f} s of CPU; "
                f"{self.bytes_read / mega:.0f} MB read, {self.bytes_written / mega:.0f} MB written; "
                f"{self.peak_bytes / mega:.0f} MB of memory at most" + "".join(f"; {each}" for each in odd))


def _process() -> tuple[float, int]:
    """CPU seconds, and the most bytes that were resident; 0 where the system does not say."""
    times = os.times()
    try:
        import resource
    except ImportError:  # not POSIX
        return times.user + times.system, 0
    unit = 1 if os.uname().sysname == "Darwin" else 1024
    return times.user + times.system, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
