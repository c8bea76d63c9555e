"""The result of a frame, and of a run, in numbers."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from lattice.regrade.process.usage import peak_bytes

Status = Literal["ok", "skipped", "failed"]
MEGA = 1e6
MOST_REASONS = 20  # lines on failures that are shown


@dataclass(frozen=True)
class Counts:
    """The number of unusual channel values among the graded channels of a frame.

    nan, inf (either sign), negative (finite): in the source. clipped: results beyond half's range, clamped.
    """

    nan: int = 0
    inf: int = 0
    negative: int = 0
    clipped: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.nan + other.nan, self.inf + other.inf, self.negative + other.negative, self.clipped + other.clipped
        )


@dataclass(frozen=True)
class FrameReport:
    """The result of one frame.

    status: "skipped" if it was done already. why: the reason if it failed. seconds: wall time. cpu_seconds: of the
    frame's own thread and of all that decode, grade, encode and verify shares of it, and of no other frame; a library's
    own threads are not included, such as those of an image file's codec. bytes_read: size of the source.
    bytes_written: size of the target; 0 unless "ok". peak_bytes: peak resident memory so far of the process that graded
    it. assumed: what neither the options nor the file say of its color, by the option that says it, such as
    {"input": "Rec.709", "transfer": "cineon"}; with "profile" if an ICC profile says it, which is not used.
    {"codes": NAME} if the file's header names codes of an input. verified: how, as in `Options.verify`; "crc" of a deep
    file that was copied; empty unless the frame was written. The rest as in Job and Counts.
    """

    frame: int | None
    source: Path
    target: Path
    status: Status
    why: str = ""
    nan: int = 0
    inf: int = 0
    negative: int = 0
    clipped: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    bytes_read: int = 0
    bytes_written: int = 0
    peak_bytes: int = 0
    assumed: Mapping[str, str] = field(default_factory=dict)
    verified: str = ""


@dataclass(frozen=True)
class Totals:
    """The totals of a run.

    planned: frames in the plan. frames: those with a report. seconds: wall time. cpu_seconds, peak_bytes: of this whole
    process; if other processes graded the frames, the sum and the maximum of their reports. nan, clipped: channel
    values.
    """

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
    def of(
        cls, reports: Iterable[FrameReport], planned: int, seconds: float | None = None, elsewhere: bool = False
    ) -> Totals:
        """Return the totals of `reports`.

        seconds: wall time; None: the sum of the frames' own. elsewhere: True if other processes graded the frames, or
        other frames are graded beside these: CPU seconds are then the sum of the frames', too.
        """
        every = list(reports)
        seconds = sum(report.seconds for report in every) if seconds is None else seconds
        times = os.times()
        cpu, peak = times.user + times.system, peak_bytes()
        if elsewhere:
            cpu = sum(report.cpu_seconds for report in every)
            peak = max((report.peak_bytes for report in every), default=0)
        count = {status: sum(report.status == status for report in every) for status in ("ok", "skipped", "failed")}
        sums = {
            name: sum(getattr(report, name) for report in every)
            for name in ("bytes_read", "bytes_written", "nan", "clipped")
        }
        return cls(planned, len(every), **count, seconds=seconds, cpu_seconds=cpu, peak_bytes=peak, **sums)

    def columns(self, time: str = "seconds") -> dict[str, str]:
        """Return the numbers for people, by name. time: the name of the seconds."""
        return {
            "frames": str(self.frames),
            "graded": str(self.ok),
            "done before": str(self.skipped),
            "failed": str(self.failed),
            time: f"{self.seconds:.1f}",
            "CPU seconds": f"{self.cpu_seconds:.1f}",
            "MB read": f"{self.bytes_read / MEGA:.0f}",
            "MB written": f"{self.bytes_written / MEGA:.0f}",
            "peak MB": f"{self.peak_bytes / MEGA:.0f}",
            "NaN": str(self.nan),
            "clipped": str(self.clipped),
        }


def table(rows: Sequence[Mapping[str, str]]) -> str:
    """Return rows of the same columns as text: a line of names, a line for each row; all but texts to the right."""
    lines = [{name: name for name in rows[0]}, *rows]
    widths = {name: max(len(line[name]) for line in lines) for name in rows[0]}
    left = {name for name in rows[0] if not all(row[name].replace(".", "", 1).isdecimal() for row in rows)}
    return "\n".join(
        "  ".join(
            cell.ljust(widths[name]) if name in left else cell.rjust(widths[name]) for name, cell in line.items()
        ).rstrip()
        for line in lines
    )


def reasons(reports: Iterable[FrameReport]) -> dict[str, list[int | None]]:
    """Return the frames that failed, in order, by the reason without the file's name."""
    found: dict[str, list[int | None]] = {}
    for report in reports:
        if report.status == "failed":
            found.setdefault(reason(report.why, report.source, report.target), []).append(report.frame)
    return found


def reason(why: str, *files: str | os.PathLike[str]) -> str:
    """Return why a frame failed, without its files' names: what many frames share is told once."""
    for name in filter(None, map(os.path.basename, files)):
        why = why.partition(f"{name}: ")[2] or why
    return why
