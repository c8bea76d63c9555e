"""A sequence over a cluster: Dask hands the frames to workers, and what is true stands in the files on disk.

A worker does with a frame what a thread does here: it skips what is done, writes whole or not at all, and adds its own
line to the ledger. So a scheduler that dies takes nothing along, and a frame that is handed out twice is done once.
"""

from __future__ import annotations

import pickle
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager, suppress
from functools import lru_cache, partial
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING
from uuid import uuid4

from lattice.files.storage import leftovers
from lattice.regrade.farm.workers import Cluster, reason, resubmit_lost, start_cluster
from lattice.regrade.frame.grade import regrade_frame
from lattice.regrade.frame.session import Session
from lattice.regrade.options import Job, Options
from lattice.regrade.process.malloc import retain_freed_memory
from lattice.regrade.report import FrameReport
from lattice.regrade.sequence.in_hand import FramesInHand
from lattice.regrade.sequence.ledger import Ledger
from lattice.regrade.sequence.plan import Plan
from lattice.types import LatticeError

if TYPE_CHECKING:
    from distributed import Client, Future

ASK_AGAIN = 0.2  # seconds between looks at whether to stop
RESUBMIT, TELL = 5.0, 60.0  # seconds between asking for lost jobs, and between notes that there is no worker
# lease-timeout frees a dead worker's disk slot; validation-interval is how often that is checked. Dask's defaults are
# 30 s and 10 s.
SETTINGS = {"distributed.scheduler.locks.lease-timeout": "10s",
            "distributed.scheduler.locks.lease-validation-interval": "1s",
            "distributed.admin.tick.limit": "1h"}
# What goes wrong with a frame is told with the frame.
LOGGING = {"logging": dict.fromkeys(("distributed", "distributed.client"), "critical")}


def regrade_on(cluster: Cluster, plan: Plan, on_report: Callable[[FrameReport], object] | None = None,
               stop: Callable[[], bool] = lambda: False,
               tell: Callable[[str], object] = lambda text: None) -> tuple[FrameReport, ...]:
    """What `regrade` does, by the workers of a cluster; each has one frame in memory.

    A worker that dies is replaced, its job too, and its frame done again, three times at most. tell: called with a line
    each minute in which there is no worker. Raises LatticeError where the ledger could not be written, the packages are
    not installed, no job can be submitted, or no scheduler can be reached or it is lost on the way: frames that were
    finished stay, and the same call does the rest.
    """
    leftovers.remove_leftovers(job.target for job in plan.jobs)
    with ExitStack() as held:
        client, resubmit_lost = held.enter_context(_client(cluster, plan.options))
        told = _Told(on_report)
        try:
            run = held.enter_context(_shipped(client, plan, cluster.io_slots))
            _hand_out(client, run, plan.jobs, told, stop, _Watch(resubmit_lost, tell))
        except _lost_errors() as error:
            where = cluster.scheduler or cluster.kind
            raise LatticeError(f"{where}: the scheduler was lost ({type(error).__name__}) after "
                               f"{len(told.reports)} of {len(plan.jobs)}; the same command does the rest") from None
    leftovers.remove_leftovers(job.target for job in plan.jobs)  # of workers of this machine that were killed
    if told.trouble:
        raise LatticeError(told.trouble)
    return tuple(told.reports[number] for number in sorted(told.reports))


class _Told:
    """What came back: the reports by number, and the first trouble with a ledger."""

    def __init__(self, on_report: Callable[[FrameReport], object] | None) -> None:
        self.reports: dict[int, FrameReport] = {}
        self.trouble = ""
        self._on_report = on_report

    def __call__(self, number: int, report: FrameReport, trouble: str) -> None:
        self.reports[number] = report
        self.trouble = self.trouble or trouble
        if self._on_report is not None:
            self._on_report(report)


class _Watch:
    """Looks after the workers. resubmit_lost: asks for the jobs that were lost."""

    def __init__(self, resubmit_lost: Callable[[], object], tell: Callable[[str], object]) -> None:
        self._resubmit, self._tell = resubmit_lost, tell
        self._seen = self._told = self._resubmitted = time.monotonic()

    def look(self, threads: int) -> None:
        """Called often, with how many threads all workers have."""
        now = time.monotonic()
        if threads:
            self._seen = self._told = now
        if now - self._told > TELL:
            self._told = now
            self._tell(f"no worker for {now - self._seen:.0f} s; frames go on when one comes")
        if now - self._resubmitted > RESUBMIT:
            self._resubmitted = now
            self._resubmit()


class _NoWorker(Exception):
    """There is no worker, and the run is to stop: nothing in hand will end."""


def _hand_out(client: Client, run: str, jobs: Sequence[Job], told: _Told, stop: Callable[[], bool],
              watch: _Watch) -> None:
    """Submit at most one frame per worker thread: Dask also blames queued frames when a worker dies.

    Once it is to stop, frames that workers have end; where there is no worker nothing does.
    """
    from distributed import wait

    def room() -> int:
        threads = sum(client.nthreads().values())
        if not stop():
            watch.look(threads)
        elif not threads:
            raise _NoWorker
        return threads

    def ended(held: list[Future]) -> Iterable[Future]:
        try:
            return list(wait(held, timeout=ASK_AGAIN, return_when="FIRST_COMPLETED").done)
        except TimeoutError:
            return ()

    with suppress(_NoWorker):
        for number, job, future in FramesInHand(
                jobs, lambda job: client.submit(_frame, run, job, pure=False, retries=0), room, ended, stop,
                idle=lambda: time.sleep(ASK_AGAIN)):
            told(number, *_outcome(future, job))


def _outcome(future: Future, job: Job) -> tuple[FrameReport, str]:
    """A frame's report and its ledger's fault; a failed report where its workers died. Raises `_lost_errors()`."""
    from distributed import KilledWorker

    try:
        report, trouble = future.result()
        return report, trouble
    except KilledWorker as error:
        why = (f"{job.source}: expected a graded frame, got {error.allowed_failures + 1} workers that died on it: "
               "raise --memory, or read the jobs' logs")
        return FrameReport(job.frame, job.source, job.target, "failed", why), ""


def _lost_errors() -> tuple[type[BaseException], ...]:
    """The errors that say that the scheduler is lost."""
    from distributed.client import FutureCancelledError
    from distributed.comm import CommClosedError

    return CancelledError, CommClosedError, FutureCancelledError, OSError


@contextmanager
def _shipped(client: Client, plan: Plan, io_slots: int | None) -> Iterator[str]:
    """Send the plan and the disk slots once to every worker, later ones too; yields the name it has there."""
    from distributed import WorkerPlugin

    class Shipped(WorkerPlugin):  # type: ignore[misc]  # distributed is not typed
        def __init__(self) -> None:
            self.name, self.packed = f"lattice-{uuid4()}", pickle.dumps((plan, io_slots))

    shipped = Shipped()
    client.register_plugin(shipped)
    try:
        yield shipped.name
    finally:
        with suppress(Exception):  # the scheduler may be gone, and a name that is left does no harm
            client.unregister_worker_plugin(shipped.name)


def _frame(run: str, job: Job) -> tuple[FrameReport, str]:
    """Runs in a worker: grade a frame and add its line to the ledger; the report, and the ledger's fault or ""."""
    plan, session = _ready(run)
    report = regrade_frame(job, session)
    book = Ledger(plan.ledger, plan.device)
    book.append(report)
    return report, str(book.trouble or "")


@lru_cache(maxsize=4)
def _ready(run: str) -> tuple[Plan, Session]:
    from distributed import Semaphore, get_worker

    plan, io_slots = pickle.loads(get_worker().plugins[run].packed)
    retain_freed_memory()
    leftovers.remove_leftovers(job.target for job in plan.jobs)
    session: Session = plan.session
    if io_slots is not None:
        slots = Semaphore(max_leases=io_slots, name=run)
        session = session.with_disk_slots(lambda: slots)
    return plan, session


@contextmanager
def _client(cluster: Cluster, options: Options) -> Iterator[tuple[Client, Callable[[], object]]]:
    """A client of the cluster, and a call that submits lost jobs again. Raises LatticeError where none can start."""
    try:
        import dask

        dask.config.set(LOGGING)  # settled when the next line is run first
        from distributed import Client
    except ImportError:
        raise LatticeError("cluster: expected dask.distributed, got none: pip install '.[farm]'") from None
    with ExitStack() as held:
        held.enter_context(dask.config.set(SETTINGS))
        try:
            # Who is started here does not hear the terminal's Ctrl-C: its frame is to end whole.
            resource_tracker.ensure_running()  # which would let the signal through again, were it started in between
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                crew = None if cluster.scheduler else held.enter_context(start_cluster(cluster, options))
                client = held.enter_context(Client(crew or cluster.scheduler, timeout="10s"))
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
        except (OSError, ValueError, RuntimeError) as error:
            where = cluster.scheduler or cluster.kind
            raise LatticeError(f"{where}: expected a scheduler, got none: {reason(error)}") from None
        yield client, partial(resubmit_lost, crew, cluster)
