"""Report progress to a person or a farm's log: one line for each frame, and nothing from libraries."""

from __future__ import annotations

import faulthandler
import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import get_args

from lattice.choices import ProgressStyle
from lattice.errors import did_you_mean, printable
from lattice.regrade.report import FrameReport
from lattice.regrade.sequence.ledger import as_dict
from lattice.types import LatticeError

STDERR = 2  # file descriptor of the process's standard error, whatever `sys.stderr` is


def line(report: FrameReport, about: Path | None = None) -> str:
    """Return one line on a frame: the file written, the seconds it took, the counts of unusual values.

    about: the file to name; the frame's own target by default. A failed frame gives its reason only.
    """
    if report.status == "failed":
        return f"failed  {report.why}"
    odd = {"NaN": report.nan, "infinite": report.inf, "negative": report.negative, "clipped": report.clipped}
    notes = ", ".join(f"{count} {what}" for what, count in odd.items() if count)
    return f"{report.status:7} {about or report.target}  {report.seconds:.2f} s" + (f"  ({notes})" if notes else "")


def say(*lines: str, is_error: bool = False) -> None:
    """Print lines at once, their control characters escaped. A closed stream is ignored: the files and the ledger
    count, not the output."""
    stream = sys.stderr if is_error else sys.stdout
    if stream is None:
        return
    try:
        print(*map(printable, lines), sep="\n", flush=True, file=stream)
    except (OSError, ValueError):
        with suppress(OSError, ValueError), open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), stream.fileno())


@contextmanager
def reporter(
    frames: int, how: str = "lines", doing: str = "regrading", as_line: Callable[[FrameReport], str] = line
) -> Iterator[Callable[[FrameReport], None]]:
    """Yield a function to call with each report.

    frames: the number of reports to come. how: "lines" prints plain flushed lines, failures on standard error; on a
    terminal, all lines over a progress bar. "json" prints one JSON object a line on standard output, failures too;
    "openjd" prints the lines from which an Open Job Description host reads progress and failures. doing: label of the
    bar. as_line: makes a report's line. Raises LatticeError for another `how`.
    """
    if how not in get_args(ProgressStyle):
        raise LatticeError(
            f"progress: expected {' or '.join(get_args(ProgressStyle))}, got {how!r}"
            + did_you_mean(how, get_args(ProgressStyle))
        )
    if how == "openjd":
        yield _openjd(frames)
        return
    if how == "json":
        yield lambda report: say(json.dumps(as_dict(report)))
        return
    if sys.stdout is None or not sys.stdout.isatty():
        yield lambda report: say(as_line(report), is_error=report.status == "failed")
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        bar = progress.add_task("", total=frames)

        def show(report: FrameReport) -> None:
            progress.console.print(printable(as_line(report)), markup=False, highlight=False, soft_wrap=True)
            progress.advance(bar)

        yield show


def _openjd(frames: int) -> Callable[[FrameReport], None]:
    """Return a function that prints OpenJD messages.

    Source: openjd-specifications wiki, "How Jobs Are Run", stdout messages.
    """
    finished = 0

    def show(report: FrameReport) -> None:
        nonlocal finished
        finished += 1
        say(f"openjd_progress: {100 * finished / frames:.1f}")
        say(f"openjd_fail: {line(report)}" if report.status == "failed" else f"openjd_status: {line(report)}")

    return show


@contextmanager
def libraries_silenced() -> Iterator[None]:
    """Drop output of C libraries to the process's standard error; Python's own output still goes there.

    OpenEXR prints lines without a file name about every damaged chunk, before our one line. For the command line
    only: a program that uses the package owns its standard error. Does nothing if `sys.stderr` is not the process's.
    """
    try:
        owned = sys.stderr.fileno() == STDERR
    except (AttributeError, OSError, io.UnsupportedOperation):
        owned = False
    if not owned:
        yield
        return
    python_stderr, real = sys.stderr, os.dup(STDERR)
    with open(os.devnull, "wb") as nowhere, open(real, "w", buffering=1, errors="backslashreplace") as ours:
        os.dup2(nowhere.fileno(), STDERR)
        sys.stderr = ours
        if faulthandler.is_enabled():
            faulthandler.enable(ours)
        try:
            yield
        finally:
            sys.stderr = python_stderr
            os.dup2(real, STDERR)
            if faulthandler.is_enabled():
                faulthandler.enable(python_stderr)
