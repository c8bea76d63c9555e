"""The shots of a run: each is claimed before its first frame and let go after its last."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import NamedTuple

from lattice.regrade.options import Job
from lattice.regrade.report import FrameReport
from lattice.regrade.sequence.claim import Claim, claimed
from lattice.regrade.sequence.plan import Plan
from lattice.types import LatticeError


class ShotJob(NamedTuple):
    """A frame of a shot. shot: number of its plan; number: of the job in the plan."""

    shot: int
    number: int
    plan: Plan
    job: Job


class Shots:
    """The plans of a run and what became of them. A context: at its end every claim is let go.

    refused: why a shot could not start, by its number. trouble: the first error of a ledger, else None.
    """

    def __init__(self, plans: Sequence[Plan], tell: Callable[[str], object]) -> None:
        self.plans = plans
        self.refused: dict[int, LatticeError] = {}
        self.trouble: LatticeError | None = None
        self._tell = tell
        self._reports: list[dict[int, FrameReport]] = [{} for _ in plans]
        self._claims: dict[int, tuple[Claim, ExitStack]] = {}

    def __enter__(self) -> Shots:
        return self

    def __exit__(self, *error: object) -> None:
        for shot in list(self._claims):
            self._let_go(shot)

    def jobs(self) -> Iterator[ShotJob]:
        """Yield the frames of every shot that may start, in order; a shot is claimed when its first is asked for."""
        for shot, plan in enumerate(self.plans):
            held = ExitStack()
            try:
                claim = held.enter_context(claimed(plan, self._tell))
            except LatticeError as error:
                self.refused[shot] = error
                continue
            self._claims[shot] = claim, held
            if not plan.jobs:
                self._let_go(shot)
            yield from (ShotJob(shot, number, plan, job) for number, job in enumerate(plan.jobs))

    def done(self, each: ShotJob, report: FrameReport, trouble: str | None = None) -> None:
        """Take a frame's report. trouble: of the ledger, "" for none, if another process wrote the line; None: it is to
        be written here."""
        self._reports[each.shot][each.number] = report
        claim, _ = self._claims[each.shot]
        if trouble is None:
            claim.done(report)
        else:
            claim.noted(report)
            self.trouble = self.trouble or (LatticeError(trouble) if trouble else None)
        if len(claim.reports) == len(each.plan.jobs):
            self._let_go(each.shot)

    def reports(self, shot: int) -> tuple[FrameReport, ...]:
        """Return the reports of one shot, in the order of its jobs."""
        return tuple(report for _, report in sorted(self._reports[shot].items()))

    def is_stuck(self, shot: int) -> bool:
        """True if another process holds the lock of a shot's ledger for good."""
        return shot in self._claims and self._claims[shot][0].ledger.is_stuck

    def only(self) -> tuple[FrameReport, ...]:
        """Return the reports of a run's only shot. Raises LatticeError if it was refused, or its ledger lost a line."""
        for error in (self.refused.get(0), self.trouble):
            if error is not None:
                raise error
        return self.reports(0)

    @property
    def count(self) -> int:
        """The number of frames that ended."""
        return sum(map(len, self._reports))

    def _let_go(self, shot: int) -> None:
        claim, held = self._claims.pop(shot)
        held.close()
        self.trouble = self.trouble or claim.ledger.trouble
