"""What a run took, in numbers."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lattice.regrade.options import FrameReport

MEGA = 1e6


@dataclass(frozen=True)
class Totals:
    """A run in numbers. planned: frames, of which `frames` were looked at. cpu_seconds, peak_bytes: of this whole
    process; where others did the frames, what those took together, and the most that one of them held. clipped and nan
    count channel values."""

    planned: int
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
    def of(cls, reports: Iterable[FrameReport], planned: int, seconds: float, elsewhere: bool = False) -> Totals:
        """seconds: wall time of the run. elsewhere: other processes did the frames."""
        every = list(reports)
        times = os.times()
        cpu, peak = times.user + times.system, peak_bytes()
        if elsewhere:
            cpu = sum(report.cpu_seconds for report in every)
            peak = max((report.peak_bytes for report in every), default=0)
        count = {status: sum(report.status == status for report in every) for status in ("ok", "skipped", "failed")}
        sums = {name: sum(getattr(report, name) for report in every)
                for name in ("bytes_read", "bytes_written", "nan", "clipped")}
        return cls(planned, len(every), **count, seconds=seconds, cpu_seconds=cpu, peak_bytes=peak, **sums)

    def table(self) -> str:
        """For people: a line of names over a line of numbers."""
        columns = {
            "frames": str(self.frames), "graded": str(self.ok), "done before": str(self.skipped),
            "failed": str(self.failed), "seconds": f"{self.seconds:.1f}", "CPU seconds": f"{self.cpu_seconds:.1f}",
            "MB read": f"{self.bytes_read / MEGA:.0f}", "MB written": f"{self.bytes_written / MEGA:.0f}",
            "peak MB": f"{self.peak_bytes / MEGA:.0f}", "NaN": str(self.nan), "clipped": str(self.clipped)}
        widths = [max(len(name), len(number)) for name, number in columns.items()]
        return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
                         for row in (columns, columns.values()))


def peak_bytes() -> int:
    """The most bytes of this process that were resident so far; 0 where the system does not say."""
    with suppress(OSError, StopIteration):  # on Linux the next holds the peak of whoever started the process, too
        lines = Path("/proc/self/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024
    try:
        import resource
    except ImportError:  # not POSIX
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if os.uname().sysname == "Darwin" else 1024)
