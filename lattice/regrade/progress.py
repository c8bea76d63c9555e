"""Telling a person, or a farm's log, how a sequence goes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lattice.regrade.records import FrameReport


def line(report: FrameReport) -> str:
    """One line on one frame: what was written, how long it took, and what was odd in it."""
    if report.status == "failed":
        return f"failed  {report.why}"
    odd = {"NaN": report.nan, "infinite": report.inf, "negative": report.negative, "clipped": report.clipped}
    notes = ", ".join(f"{count} {what}" for what, count in odd.items() if count)
    return f"{report.status:7} {report.target}  {report.seconds:.2f} s" + (f"  ({notes})" if notes else "")


@contextmanager
def reporter(frames: int) -> Iterator[Callable[[FrameReport], None]]:
    """What to call with each report: a progress bar under the lines on a terminal, plain flushed lines otherwise."""
    if not sys.stdout.isatty():
        yield lambda report: print(line(report), flush=True, file=sys.stderr if report.status == "failed" else None)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("regrading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        bar = progress.add_task("", total=frames)

        def show(report: FrameReport) -> None:
            progress.console.print(line(report), markup=False, highlight=False, soft_wrap=True)
            progress.advance(bar)

        yield show
