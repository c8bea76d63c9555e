"""What a worker of a cluster gets once, the plans of a run, and does with each frame."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import uuid4

from lattice.files.storage import leftovers
from lattice.files.storage.buffers import Buffers
from lattice.regrade.farm.pool import reason
from lattice.regrade.farm.workers import Cluster
from lattice.regrade.frame.grade import regrade_frame
from lattice.regrade.frame.session import Session
from lattice.regrade.options import Job
from lattice.regrade.process.malloc import retain_freed_memory
from lattice.regrade.report import FrameReport
from lattice.regrade.sequence import claim
from lattice.regrade.sequence.ledger import Ledger
from lattice.regrade.sequence.plan import Plan
from lattice.types import LatticeError

if TYPE_CHECKING:
    from distributed import Client

NO_LATTICE = "No module named 'lattice"
ROOM = Buffers()  # of all runs in this process: what one has left the next one takes or frees


def lost_errors() -> tuple[type[BaseException], ...]:
    """Return the errors that mean that the scheduler is lost."""
    from distributed.client import FutureCancelledError
    from distributed.comm import CommClosedError

    return CancelledError, CommClosedError, FutureCancelledError, OSError


@contextmanager
def shipped(client: Client, plans: Sequence[Plan], cluster: Cluster) -> Iterator[str]:
    """Send the plans and the disk slots once to every worker, also to later ones; yield their name on the workers.

    Raises LatticeError if the workers cannot take them, such as workers without lattice.
    """
    from distributed import WorkerPlugin

    class Shipped(WorkerPlugin):  # type: ignore[misc]  # distributed is not typed
        def __init__(self) -> None:
            self.name, self.packed = f"lattice-{uuid4()}", pickle.dumps((tuple(plans), cluster.io_slots))

    plugin = Shipped()
    try:
        client.register_plugin(plugin)
    except lost_errors():
        raise
    except Exception as error:  # of a worker, whose class may not survive the way
        if NO_LATTICE in str(error):
            raise LatticeError(f"the workers of {cluster.where} have no lattice: install it there") from None
        raise LatticeError(f"{cluster.where}: the workers cannot take the frames: {reason(error)}") from None
    try:
        yield plugin.name
    finally:
        with suppress(Exception):  # the scheduler may be gone; a leftover name is harmless
            client.unregister_worker_plugin(plugin.name)


def frame(run: str, shot: int, job: Job, is_stuck: bool) -> tuple[FrameReport, str]:
    """Grade a frame in a worker, and add its line to the ledger; return the report, and the ledger error or "".

    is_stuck: the ledger's lock is held for good, so it is not waited for.
    """
    plan, session, book = _ready(run)[shot]
    book.is_stuck = book.is_stuck or is_stuck
    try:
        with claim.held(plan):
            report = regrade_frame(job, session)
    except LatticeError as error:
        report = FrameReport(job.frame, job.source, job.target, "failed", str(error))
    book.append(report)
    return report, str(book.trouble or "")


@lru_cache(maxsize=4)
def _ready(run: str) -> tuple[tuple[Plan, Session, Ledger], ...]:
    """Return each shot's plan, session and ledger in this worker."""
    from distributed import Semaphore, get_worker

    plans, io_slots = pickle.loads(get_worker().plugins[run].packed)
    retain_freed_memory()
    leftovers.remove_leftovers(job.target for plan in plans for job in plan.jobs)
    sessions: dict[int, Session] = {id(plan.session): plan.session for plan in plans}
    if io_slots is not None:
        slots = Semaphore(max_leases=io_slots, name=run)
        sessions = {key: session.with_disk_slots(lambda: slots) for key, session in sessions.items()}
    for session in sessions.values():
        session.room = ROOM
    return tuple((plan, sessions[id(plan.session)], Ledger(plan.ledger, plan.device)) for plan in plans)
