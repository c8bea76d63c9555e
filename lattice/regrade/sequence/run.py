"""Regrade sequences, a few frames at a time, in threads of this process. A failed frame does not stop others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager

from lattice.files.storage import leftovers
from lattice.files.storage.buffers import Buffers
from lattice.regrade.frame.grade import regrade_frame
from lattice.regrade.report import FrameReport
from lattice.regrade.sequence.in_hand import FramesInHand
from lattice.regrade.sequence.plan import Plan
from lattice.regrade.sequence.shots import ShotJob, Shots

Tell = Callable[[str], object]
OnReport = Callable[[Plan, FrameReport], object]


def regrade(
    plan: Plan,
    on_report: Callable[[FrameReport], object] | None = None,
    stop: Callable[[], bool] = lambda: False,
    tell: Tell = lambda text: None,
) -> tuple[FrameReport, ...]:
    """Regrade every frame of a plan that is not done already; return the reports in the plan's order.

    on_report: called in this thread with each report as its frame ends, after its line is in `plan.ledger`; the next
    frame has started then. stop: called before a frame starts; once it returns True, the frames in hand finish, no
    other starts, and the reports so far are returned. An interrupt does the same, and is raised again. tell: gets a
    line if the ledger is locked by another process. At most `options.workers` frames are in memory.
    Raises LatticeError, before the first frame, if a run with another look or other options grades there; after the
    last one, if the ledger could not be written.
    """
    return regrade_shots([plan], lambda _, report: on_report and on_report(report), stop, tell).only()


def regrade_shots(
    plans: Sequence[Plan],
    on_report: OnReport = lambda plan, report: None,
    stop: Callable[[], bool] = lambda: False,
    tell: Tell = lambda text: None,
) -> Shots:
    """Regrade the frames of several plans, one shot after the other; return what became of them.

    plans: at least one; the first one's options say how many frames are graded at a time. Arguments as for `regrade`.
    Fewer frames than that have the cores between them.
    A shot that may not start is left out: `Shots.refused`. Nothing is raised for one shot's sake.
    """
    with _shared(plans) as workers, Shots(plans, tell) as shots:
        leftovers.remove_leftovers(job.target for plan in plans for job in plan.jobs)
        pool = ThreadPoolExecutor(workers, thread_name_prefix="regrade")
        frames = FramesInHand[ShotJob, Future[FrameReport]](
            shots.jobs(),
            lambda each: pool.submit(regrade_frame, each.job, each.plan.session),
            lambda: workers,
            lambda held: wait(held, return_when=FIRST_COMPLETED).done,
            stop,
        )
        try:
            for _, each, future in frames:
                report = future.result()
                shots.done(each, report)
                on_report(each.plan, report)
        finally:
            pool.shutdown(wait=True)
            for future, (_, each) in frames.held.items():  # after an interrupt, or an error in on_report
                shots.done(each, future.result())
    return shots


@contextmanager
def _shared(plans: Sequence[Plan]) -> Iterator[int]:
    """Let the sessions share memory, and the frames the cores if they are few, within the block; yield how many frames
    are graded at a time."""
    options, planned, room = plans[0].options, sum(len(plan.jobs) for plan in plans), Buffers()
    is_few = 0 < planned < options.workers  # cores would be idle
    with ExitStack() as after:
        for session in [plan.session for plan in plans]:
            after.callback(session.share, session.room, session.threads)
            session.share(room, max(1, options.usable_cores // planned) if is_few else session.threads)
        yield planned if is_few else options.workers
