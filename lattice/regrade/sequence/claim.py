"""A run's claim on its output: while it lives, no run with another look or other options grades there.

A run announces itself by a line in the ledger, and holds a shared lock on a byte of it that stands for its target's
pattern and all that decides its files. Runs of one request hold the same byte together, such as the tasks of an array
job and the workers of a cluster. The lock ends with the process, also when it is killed. On a disk without such locks
the lines alone decide.
"""

from __future__ import annotations

import errno
import getpass
import hashlib
import json
import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from lattice.files.storage import locks, sequence
from lattice.files.storage.atomic import make_folder
from lattice.regrade.frame.request import STRICT
from lattice.regrade.report import FrameReport, Totals
from lattice.regrade.sequence import history
from lattice.regrade.sequence.ledger import WAYS_OUT, Ledger, open_ledger, text
from lattice.regrade.sequence.occupied import check_free
from lattice.regrade.sequence.plan import Plan
from lattice.types import LatticeError

TARGET, REQUEST = 6, 7  # hex digits of a claim: of the target's pattern, of what decides its files
FIRST, PLACES = 2**40, 16**REQUEST  # the bytes that stand for claims, far behind what is written; of one target
NOBODYS = FIRST - 1  # a byte that no run locks: if it is locked, something else locks the whole file
# Of a network disk whose locks are seen by one host alone. Source: nfs(5), mount.cifs(8), mount.lustre(8).
LOCAL_LOCKS = frozenset(("nolock", "local_lock=all", "local_lock=posix", "nobrl", "localflock"))
A_FRAME = 10 ** (sequence.MOST_DIGITS - 1)  # has the most digits, so that padding does not matter


class Claim:
    """A run that has announced itself. ledger: where its frames' lines go. reports: told to it by `done`.

    tell: gets a line once if another process holds the ledger's lock.
    """

    def __init__(self, ledger: Ledger, tell: Callable[[str], object]) -> None:
        self.ledger, self._tell = ledger, tell
        self.reports: list[FrameReport] = []
        self._is_told = False

    def done(self, report: FrameReport) -> None:
        """Take note of a frame; its line goes into the ledger."""
        self.ledger.append(report)
        self.noted(report)
        self.tell()

    def tell(self) -> None:
        """Tell that another process holds the ledger's lock, if it does and that is not told."""
        if self.ledger.is_stuck and not self._is_told:
            self._is_told = True
            self._tell(f"{self.ledger.path}: another process has held its lock for 5 s; lines are added without it")

    def noted(self, report: FrameReport) -> None:
        """Take note of a frame whose line another process wrote."""
        self.reports.append(report)


@contextmanager
def claimed(plan: Plan, tell: Callable[[str], object]) -> Iterator[Claim]:
    """Claim the plan's output within the block; the run's line of totals is written at its end.

    tell: gets a line if another process holds the ledger's lock.
    Raises LatticeError if a run with another request lives there, or left frames there since the plan was made, or if
    the ledger cannot be opened.
    """
    start, claim = time.perf_counter(), Claim(Ledger(plan.ledger if plan.jobs else None, plan.device), tell)
    if plan.options.mkdir and plan.jobs:
        make_folder(plan.jobs[0].target.parent)
    with ExitStack() as held:
        if claim.ledger.path is not None:
            held.enter_context(_announced(plan, claim.ledger, claim.ledger.path))
            claim.tell()
        try:
            yield claim
        finally:
            totals = Totals.of(claim.reports, len(plan.jobs), time.perf_counter() - start, elsewhere=True)
            claim.ledger.write({"event": history.ENDED, **asdict(totals)})


@contextmanager
def held(plan: Plan) -> Iterator[None]:
    """Hold the lock of a plan within the block, as a worker of a run that has announced itself.

    Raises LatticeError if a run with another request lives there, or the ledger cannot be opened.
    """
    if plan.ledger is None:
        yield
        return
    with _opened(plan.ledger) as descriptor:
        _take(descriptor, plan.ledger, claim_of(plan))
        yield


def claim_of(plan: Plan) -> str:
    """Return the claim of a plan with a ledger: hex digits of its target's pattern, then of what decides its files.

    Options that only refuse frames are left out, as in `Request.digest`; those that a stamp tells in other words are
    not: `missing`, `mips`, `lossy`.
    """
    request = plan.session.request
    options = {**request.options, "missing": plan.options.missing.replace("skip", "error")}
    deciding = {name: value for name, value in options.items() if value not in STRICT}
    [(_, name)] = sequence.paths(plan.target, (A_FRAME,))
    said = text(name.name), request.sha256 + json.dumps(deciding, sort_keys=True)
    target, request_digest = (hashlib.sha256(each.encode()).hexdigest() for each in said)
    return target[:TARGET] + request_digest[:REQUEST]


def is_living(path: Path, run: history.Run) -> bool:
    """True if a run of this ledger goes on, as far as locks, and its process on this host, can tell; without locks, a
    run of another host is gone once it is silent."""
    if run.ended:
        return False
    is_held = None
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            if not _are_locks_local(descriptor):
                is_held = locks.is_locked(descriptor, _place(_claim(run)), 1)
        finally:
            os.close(descriptor)
    return is_held is not False and not run.is_gone(history.QUIET if is_held is None else math.inf)


def _place(claim: str) -> int:
    """Return the byte that stands for a claim; of a text that is none, a byte that no run holds."""
    try:
        return FIRST + int(claim, 16) % 16 ** (TARGET + REQUEST)
    except ValueError:
        return NOBODYS


def _claim(run: history.Run) -> str:
    return str(run.began.get("claim", ""))


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    with ExitStack() as held:
        try:
            descriptor = held.enter_context(open_ledger(path, is_claim=True))
        except OSError as error:
            if not os.path.lexists(path):
                raise LatticeError(
                    f"{path.parent}: no file can be made here: {error.strerror or error}; choose another OUT"
                ) from None
            why = "it is a link" if error.errno == errno.ELOOP else error.strerror or error
            raise LatticeError(f"{path}: cannot be opened: {why}; {WAYS_OUT}") from None
        yield descriptor


@contextmanager
def _announced(plan: Plan, ledger: Ledger, path: Path) -> Iterator[None]:
    claim = claim_of(plan)
    with _opened(path) as descriptor:
        with _alone(ledger):
            _take(descriptor, path, claim)
        # Again: another look may have come since the plan.
        check_free(plan.jobs, plan.session, plan.source, plan.target, path)
        with _alone(ledger) as alone:
            _take(descriptor, path, claim)  # again: on a disk without locks another run may have begun
            if alone is not None:
                _write(ledger, alone, _about(plan, claim))
        yield


@contextmanager
def _alone(ledger: Ledger) -> Iterator[int | None]:
    """Yield a descriptor for a line, as `Ledger.alone`; None, and the line is lost, if the ledger may only be read."""
    with ExitStack() as held:
        descriptor = None
        try:
            descriptor = held.enter_context(ledger.alone())
        except OSError as error:
            ledger.lose(error)
        yield descriptor


def _write(ledger: Ledger, descriptor: int, fields: dict[str, object]) -> None:
    try:
        ledger.write_to(descriptor, fields)
    except OSError as error:
        ledger.lose(error)


def _take(descriptor: int, path: Path, claim: str) -> None:
    """Look at others, lock, and look again: of two that come at once, at most one stays; who is refused at the first
    look was in nobody's way."""
    place = _place(claim)
    first = place - (place - FIRST) % PLACES  # of this target
    others = ((first, place - first), (place + 1, first + PLACES - place - 1))

    def look() -> bool:
        """Return whether locks tell of others here. Raises LatticeError if one is there."""
        taken = [bool(span[1]) and locks.is_locked(descriptor, *span) for span in others]
        is_whole = locks.is_locked(descriptor, NOBODYS, 1)
        if True in taken and not is_whole:
            _refuse(path, claim)
        return not is_whole and None not in taken

    look()
    is_mine = locks.lock(descriptor, place, 1, shared=True)
    if not look() or is_mine is None or _are_locks_local(descriptor):
        _check_lines(path, claim)


def _are_locks_local(descriptor: int) -> bool:
    """True if the disk is mounted so that other hosts do not see locks, as far as Linux tells."""
    device = os.fstat(descriptor).st_dev
    with suppress(OSError):
        for line in Path("/proc/self/mountinfo").read_text(errors="replace").splitlines():
            words = line.split()
            if words[2:3] == [f"{os.major(device)}:{os.minor(device)}"] and LOCAL_LOCKS & set(words[-1].split(",")):
                return True
    return False


def _check_lines(path: Path, claim: str) -> None:
    """Without locks: refuse if a run with another request has not ended, as far as this host can tell."""
    if not all(run.is_gone() for run in _others(path, claim)):
        _refuse(
            path,
            claim,
            f" (one of another host that was killed: {history.QUIET // 60:.0f} minutes after its last line)",
        )


def _others(path: Path, claim: str) -> list[history.Run]:
    """Return the runs of the same target with another request."""
    runs = history.read(path).runs.values()
    return [run for run in runs if _claim(run)[:TARGET] == claim[:TARGET] and _claim(run) != claim]


def _refuse(path: Path, claim: str, or_when: str = "") -> None:
    living = [run.who for run in _others(path, claim) if not run.ended]
    raise LatticeError(
        f"{path}: another run grades there with another look or other options"
        + (f" ({living[-1]})" if living else "")
        + f"; let it end{or_when}, or choose another OUT"
    )


def _about(plan: Plan, claim: str) -> dict[str, object]:
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
        "claim": claim,
        "options": plan.session.request.options,
    }
