"""A run's claim on its output: while it lives, no run with another look or other options grades there.

A run announces itself by a line in the ledger, and holds a shared lock on a byte of it that stands for its request.
Runs of one request hold the same byte together, such as the tasks of an array job and the workers of a cluster. The
lock ends with the process, also when it is killed. On a disk without such locks the lines alone decide.
"""

from __future__ import annotations

import getpass
import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from lattice.files.storage import locks, sequence
from lattice.files.storage.atomic import make_folder
from lattice.regrade.report import FrameReport, Totals
from lattice.regrade.sequence import history
from lattice.regrade.sequence.ledger import Ledger, open_ledger, text
from lattice.regrade.sequence.occupied import check_free
from lattice.regrade.sequence.plan import Plan
from lattice.types import LatticeError

FIRST, PLACES = 2**40, 2**28  # the bytes that stand for requests, far behind what is written
NOBODYS = FIRST - 1  # a byte that no run locks: if it is locked, something else locks the whole file


class Claim:
    """A run that has announced itself. ledger: where its frames' lines go. reports: told to it by `done`."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.reports: list[FrameReport] = []

    def done(self, report: FrameReport) -> None:
        """Take note of a frame; its line goes into the ledger."""
        self.ledger.append(report)
        self.noted(report)

    def noted(self, report: FrameReport) -> None:
        """Take note of a frame whose line another process wrote."""
        self.reports.append(report)


@contextmanager
def claimed(plan: Plan, tell: Callable[[str], object], elsewhere: bool = False) -> Iterator[Claim]:
    """Claim the plan's output within the block; the run's line of totals is written at its end.

    tell: gets a line if another process holds the ledger's lock. elsewhere: other processes grade the frames.
    Raises LatticeError if a run with another request lives there, or left frames there since the plan was made.
    """
    start, claim = time.perf_counter(), Claim(Ledger(plan.ledger if plan.jobs else None, plan.device))
    if plan.options.mkdir and plan.jobs:
        make_folder(plan.jobs[0].target.parent)
    with ExitStack() as held:
        if claim.ledger.path is not None:
            try:
                held.enter_context(_announced(plan, claim.ledger))
            except OSError as error:
                claim.ledger.lose(error)
            if claim.ledger.is_stuck:
                tell(f"{plan.ledger}: another process has held its lock for 5 s; lines are added without it")
        try:
            yield claim
        finally:
            totals = Totals.of(claim.reports, len(plan.jobs), time.perf_counter() - start, elsewhere)
            claim.ledger.write({"event": history.ENDED, **asdict(totals)})


@contextmanager
def held(path: Path | None, digest: str) -> Iterator[None]:
    """Hold the lock of a request within the block, as a worker of a run that has announced itself.

    Raises LatticeError if a run with another request lives there, OSError if the ledger cannot be opened.
    """
    if path is None:
        yield
        return
    with open_ledger(path) as descriptor:
        _take(descriptor, path, digest)
        yield


def is_living(path: Path, run: history.Run) -> bool:
    """True if a run of this ledger goes on, as far as locks, and its process on this host, can tell; without locks, a
    run of another host is gone once it is silent."""
    if run.ended:
        return False
    is_held = None
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            is_held = locks.is_locked(descriptor, _place(run.digest), 1)
        finally:
            os.close(descriptor)
    return is_held is not False and not run.is_gone(history.QUIET if is_held is None else math.inf)


def _place(digest: str) -> int:
    """Return the byte that stands for a request; of a digest that is none, a byte that no run holds."""
    try:
        return FIRST + int(digest, 16) % PLACES
    except ValueError:
        return NOBODYS


@contextmanager
def _announced(plan: Plan, ledger: Ledger) -> Iterator[None]:
    path, digest = plan.ledger or Path(), plan.session.request.digest
    with open_ledger(path) as descriptor:
        with ledger.alone():
            _take(descriptor, path, digest)
        check_free(plan.jobs, plan.session, plan.target, path)  # again: another look may have come since the plan
        with ledger.alone() as alone:
            _take(descriptor, path, digest)  # again: on a disk without locks another run may have begun
            ledger.write_to(alone, _about(plan))
        yield


def _take(descriptor: int, path: Path, digest: str) -> None:
    """Lock first and look at others after: of two that come at once, at most one stays."""
    place = _place(digest)
    others = ((FIRST, place - FIRST), (place + 1, FIRST + PLACES - place))  # one byte more, so that none is empty
    is_mine = locks.lock(descriptor, place, 1, shared=True)
    taken = [bool(span[1]) and locks.is_locked(descriptor, *span) for span in others]
    if locks.is_locked(descriptor, NOBODYS, 1) or None in taken or is_mine is None:
        _check_lines(path, digest)
    elif True in taken:
        _refuse(path, digest)


def _check_lines(path: Path, digest: str) -> None:
    """Without locks: refuse if a run with another request has not ended, as far as this host can tell."""
    for run in history.read(path).runs.values():
        if run.digest != digest and not run.is_gone():
            _refuse(path, digest)


def _refuse(path: Path, digest: str) -> None:
    living = [run.who for run in history.read(path).runs.values() if run.digest != digest and not run.ended]
    raise LatticeError(
        f"{path}: another run grades there with another look or other options"
        + (f" ({living[-1]})" if living else "")
        + "; let it end, or choose another OUT"
    )


def _about(plan: Plan) -> dict[str, object]:
    frames = [job.frame for job in plan.jobs if job.frame is not None]
    user = "?"
    with suppress(KeyError, OSError, ImportError):  # a container's user may have no name
        user = getpass.getuser()
    return {
        "event": history.BEGAN,
        "shot": plan.name,
        "user": user,
        "frames": sequence.frame_range(frames),
        "source": text(plan.source),
        "target": text(plan.target),
        "request": plan.session.request.digest,
        "options": plan.session.request.options,
    }
