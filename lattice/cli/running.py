"""Run planned shots from the command line: a line for each frame, and at the end what became of all."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from lattice.cli.app import DONE, FAILED, SIGNALLED
from lattice.errors import LatticeError
from lattice.regrade.report import MOST_REASONS, Totals, reasons, table

if TYPE_CHECKING:
    from lattice.regrade import FrameReport, Plan
    from lattice.regrade.sequence.shots import Shots
    from lattice.regrade.sequence.signals import Stop

Work = Callable[..., "Shots"]


def run(
    plans: Sequence[Plan], refused: Mapping[str, str], progress: str, stop: Stop, work: Work, elsewhere: bool
) -> int:
    """Regrade, print each frame's report and the totals; return the exit code.

    plans: of the shots that can start; one without a name is a run of one sequence. refused: why others cannot, by
    their name. elsewhere: True if on a cluster. Raises LatticeError if there is one sequence and it may not
    start, or if the cluster does not.
    """
    from lattice.regrade.frame.input import assumptions
    from lattice.regrade.process.malloc import retain_freed_memory
    from lattice.regrade.sequence.progress import libraries_silenced, reporter, say

    start, planned = time.perf_counter(), sum(len(plan.jobs) for plan in plans)
    reports: list[FrameReport] = []
    as_json, is_show = progress == "json", bool(refused or plans[0].name)
    if planned > 1 and not as_json:
        say(_first_line(plans, planned, is_show))
    retain_freed_memory()
    with libraries_silenced(), reporter(planned, progress) as show:

        def told(plan: Plan, report: FrameReport) -> None:
            reports.append(report)
            show(report)

        shots = _worked(work, plans, told, stop, reports)
    if not is_show and shots.refused:
        raise shots.refused[0]
    refused = {**refused, **{plans[shot].name: str(error) for shot, error in shots.refused.items()}}
    totals = Totals.of(reports, planned, time.perf_counter() - start, elsewhere)
    if as_json:
        say(json.dumps(_as_dict(shots, refused, totals, is_show)))
    elif is_show or planned > 1:
        _say_end(shots, refused, totals, is_show)
    for line in (*assumptions(reports), *([] if shots.trouble is None else [shots.trouble])):
        say(f"lattice: {line}", is_error=True)
    if stop() and len(reports) < planned:
        left = f"{planned - len(reports)} of {planned} frames to do"
        say(f"lattice: stopped with {left}; the same command does them", is_error=True)
        return int(SIGNALLED + (stop.signal or 0))
    return FAILED if totals.failed or refused or shots.trouble is not None else DONE


def _worked(
    work: Work, plans: Sequence[Plan], told: Callable[..., None], stop: Stop, reports: Sequence[FrameReport]
) -> Shots:
    """Let the shots be graded; what stops all of them, such as workers that die, is their trouble.

    reports: filled as frames end. Raises LatticeError if no frame ended, as on a cluster that does not start.
    """
    from lattice.regrade.sequence.progress import say
    from lattice.regrade.sequence.shots import Shots

    def tell(text: str) -> None:
        say(f"lattice: {text}", is_error=True)

    try:
        return work(plans, told, stop, tell)
    except LatticeError as error:
        if not reports:
            raise
        shots = Shots(plans, tell)
        shots.trouble = error
        return shots


def _first_line(plans: Sequence[Plan], planned: int, is_show: bool) -> str:
    first = next(job for plan in plans for job in plan.jobs)
    shots = f" of {len(plans)} shots" if is_show else ""
    return f"{planned} frames{shots}, first {first.source} -> {first.target}"


def _named(shots: Shots) -> dict[str, tuple[FrameReport, ...]]:
    return {plan.name: shots.reports(shot) for shot, plan in enumerate(shots.plans)}


def _totals(shots: Shots) -> dict[str, Totals]:
    return {
        plan.name: Totals.of(shots.reports(shot), len(plan.jobs), elsewhere=True)
        for shot, plan in enumerate(shots.plans)
    }


def _as_dict(shots: Shots, refused: Mapping[str, str], totals: Totals, is_show: bool) -> dict[str, object]:
    found: dict[str, object] = {"totals": asdict(totals)}
    if is_show:
        found["shots"] = {name: asdict(each) for name, each in _totals(shots).items()}
        found["refused"] = dict(refused)
    return found


def _say_end(shots: Shots, refused: Mapping[str, str], totals: Totals, is_show: bool) -> None:
    from lattice.regrade.sequence.progress import say

    lines = [
        f"failed {f'{name} ' if is_show else ''}{_range(frames)}: {why}"
        for name, reports in _named(shots).items()
        for why, frames in reasons(reports).items()
    ]
    for text in lines[:MOST_REASONS]:
        say(text)
    if len(lines) > MOST_REASONS:
        say(f"and {len(lines) - MOST_REASONS} more reasons; the ledger has every frame's")
    for name, why in refused.items():
        say(f"failed {name}: {why}")
    if not is_show:
        say(*table([totals.columns()]).splitlines())
        return
    rows = [{"shot": name} | each.columns("frame seconds") for name, each in _totals(shots).items()]
    every = Totals.of((report for each in _named(shots).values() for report in each), totals.planned, elsewhere=True)
    say(*table([*rows, {"shot": "all"} | every.columns("frame seconds")]).splitlines())
    say(f"{totals.frames} frames in {totals.seconds:.1f} s")


def _range(frames: Sequence[int | None]) -> str:
    from lattice.files.storage.sequence import frame_range

    return frame_range([frame for frame in frames if frame is not None])
