"""Regrade a sequence, a few frames at a time, in threads of this process. A failed frame does not stop others."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from lattice.files.storage import leftovers
from lattice.regrade.frame.grade import regrade_frame
from lattice.regrade.report import FrameReport
from lattice.regrade.sequence import ledger
from lattice.regrade.sequence.in_hand import FramesInHand
from lattice.regrade.sequence.plan import Plan


def regrade(
    plan: Plan, on_report: Callable[[FrameReport], object] | None = None, stop: Callable[[], bool] = lambda: False
) -> tuple[FrameReport, ...]:
    """Regrade every frame of a plan that is not done already; return the reports in the plan's order.

    on_report: called in this thread with each report as its frame ends, after its line is in `plan.ledger`. stop:
    called when a frame has ended; once it returns True, the frames in hand finish, no other starts, and the reports so
    far are returned. An interrupt does the same, and is raised again. At most `options.workers` frames are in memory.
    Raises LatticeError, after the last frame, if the ledger could not be written.
    """
    leftovers.remove_leftovers(job.target for job in plan.jobs)
    reports: dict[int, FrameReport] = {}
    book = ledger.Ledger(plan.ledger, plan.device)
    pool = ThreadPoolExecutor(plan.options.workers, thread_name_prefix="regrade")
    frames = FramesInHand[Future[FrameReport]](
        plan.jobs,
        lambda job: pool.submit(regrade_frame, job, plan.session),
        lambda: plan.options.workers,
        lambda held: wait(held, return_when=FIRST_COMPLETED).done,
        stop,
    )
    try:
        for number, _, future in frames:
            report = reports[number] = future.result()
            book.append(report)
            if on_report is not None:
                on_report(report)
    finally:
        pool.shutdown(wait=True)
        for future in frames.held:  # after an interrupt, or an error in on_report
            book.append(future.result())
    if book.trouble is not None:
        raise book.trouble
    return tuple(reports[number] for number in sorted(reports))
