"""A sequence over a cluster: Dask hands the frames to workers, and what is true stands in the files on disk.

A worker does with a frame what a thread does here: it skips what is done, writes whole or not at all, and adds its own
line to the ledger. So a scheduler that dies takes nothing along, and a frame that is handed out twice is done once.
"""

from __future__ import annotations

import pickle
import signal
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from multiprocessing import resource_tracker
from typing import Any, Literal, get_args
from uuid import uuid4

from lattice.files import atomic
from lattice.regrade.frame import regrade_frame
from lattice.regrade.grader import Grader
from lattice.regrade.heap import keep_pages
from lattice.regrade.ledger import Ledger
from lattice.regrade.records import FrameReport, Job, Options
from lattice.regrade.sequence import Plan
from lattice.types import LatticeError

Kind = Literal["local", "slurm", "htcondor", "lsf", "pbs"]
CLASSES = {"slurm": "SLURMCluster", "htcondor": "HTCondorCluster", "lsf": "LSFCluster", "pbs": "PBSCluster"}
ASK_AGAIN = 0.2  # seconds between looks at whether to stop
WALLTIME, MEMORY, DISK = "12:00:00", 2**32, "1GB"  # of a worker's job, where none are given
SPARE = 2**29  # bytes of a worker's job beside its frame
# A slot of a killed worker comes free after the first, asked for as often as the second; a minute and more by default.
SETTINGS = {"distributed.scheduler.locks.lease-timeout": "10s",
            "distributed.scheduler.locks.lease-validation-interval": "1s",
            "distributed.admin.tick.limit": "1h"}
# Of a scheduler that is started here: no web page. It listens for health checks all the same, on any port.
NO_PAGES = {"dashboard": False, "dashboard_address": "127.0.0.1:0"}
# What goes wrong with a frame is told with the frame.
LOGGING = {"logging": dict.fromkeys(("distributed", "distributed.client"), "critical")}


@dataclass(frozen=True)
class Cluster:
    """Where a sequence's workers come from.

    kind: processes of this machine, or jobs of a scheduler of the studio. workers: how many. io_slots: frames that all
    workers together read or write at a time; None does not bound them. scheduler: the address of a Dask scheduler that
    runs already, whose workers are taken as they are. queue, walltime ("HH:MM:SS"): of the jobs.
    Raises LatticeError where a value is none of these, or two of them contradict each other.
    """

    kind: Kind = "local"
    workers: int = 2
    io_slots: int | None = None
    scheduler: str | None = None
    queue: str | None = None
    walltime: str = WALLTIME

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise LatticeError(f"cluster: expected {' or '.join(get_args(Kind))}, got {self.kind!r}")
        for name, number in (("workers", self.workers), ("io-slots", self.io_slots)):
            if number is not None and number < 1:
                raise LatticeError(f"{name}: expected 1 or more, got {number}")
        parts = self.walltime.split(":")
        if len(parts) != 3 or not all(part.isdigit() for part in parts):
            raise LatticeError(f"walltime: expected HH:MM:SS, got {self.walltime!r}")


def regrade_on(cluster: Cluster, plan: Plan, on_report: Callable[[FrameReport], object] | None = None,
               stop: Callable[[], bool] = lambda: False) -> tuple[FrameReport, ...]:
    """What `regrade` does, by the workers of a cluster; each has one frame in memory.

    A worker that dies is replaced, and its frame done again, three times at most. Raises LatticeError where the ledger
    could not be written, the packages are not installed, or no scheduler can be reached or it is lost on the way:
    frames that were finished stay, and the same call does the rest.
    """
    atomic.remove_leftovers(job.target for job in plan.jobs)
    with ExitStack() as held:
        client = held.enter_context(_client(cluster, plan.options))
        setup = pickle.dumps(_Setup(plan, cluster.io_slots, f"lattice-{uuid4()}"))
        told = _Told(on_report)
        try:
            _hand_out(client, setup, deque(enumerate(plan.jobs)), told, stop)
        except _lost_errors() as error:
            where = cluster.scheduler or cluster.kind
            raise LatticeError(f"{where}: the scheduler was lost ({type(error).__name__}) after "
                               f"{len(told.reports)} of {len(plan.jobs)}; the same command does the rest") from None
    atomic.remove_leftovers(job.target for job in plan.jobs)  # of workers of this machine that were killed
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


def _hand_out(client: Any, setup: bytes, waiting: deque[tuple[int, Job]], told: _Told,
              stop: Callable[[], bool]) -> None:
    """A frame for each worker's thread and no more: one that waits beside one that kills its worker is blamed too."""
    from distributed import wait

    in_hand: dict[Any, tuple[int, Job]] = {}
    while True:
        if stop():
            waiting.clear()
        threads = max(1, sum(client.nthreads().values())) if waiting else 0
        while waiting and len(in_hand) < threads:
            number, job = waiting.popleft()
            in_hand[client.submit(_frame, setup, job, pure=False, retries=0)] = number, job
        if not in_hand:
            return
        try:
            done = wait(list(in_hand), timeout=ASK_AGAIN, return_when="FIRST_COMPLETED").done
        except TimeoutError:
            continue
        for future in done:
            number, job = in_hand.pop(future)
            told(number, *_outcome(future, job))


def _outcome(future: Any, job: Job) -> tuple[FrameReport, str]:
    """What a worker told, or that none lived to tell it. Raises what says that the scheduler is lost."""
    from distributed import KilledWorker

    try:
        report, trouble = future.result()
        return report, trouble
    except KilledWorker as error:
        why = f"{job.source}: expected a worker that lives, got {error.allowed_failures + 1} that died"
        return FrameReport(job.frame, job.source, job.target, "failed", why), ""


def _lost_errors() -> tuple[type[BaseException], ...]:
    from concurrent.futures import CancelledError

    from distributed.client import FutureCancelledError
    from distributed.comm import CommClosedError

    return CancelledError, CommClosedError, FutureCancelledError, OSError


@dataclass(frozen=True)
class _Setup:
    """What a worker must know to do frames. id: of the run, whose slots its workers share."""

    plan: Plan
    io_slots: int | None
    id: str


def _frame(setup: bytes, job: Job) -> tuple[FrameReport, str]:
    """In a worker: do a frame, keep the ledger; the report, and what was wrong with the ledger."""
    plan, grader = _ready(setup)
    report = regrade_frame(job, grader, plan.options)
    book = Ledger(plan.ledger, plan.device)
    book.append(report)
    return report, str(book.trouble or "")


@lru_cache(maxsize=4)
def _ready(setup: bytes) -> tuple[Plan, Grader]:
    made = pickle.loads(setup)
    keep_pages()
    atomic.remove_leftovers(job.target for job in made.plan.jobs)
    grader: Grader = made.plan.grader
    if made.io_slots is not None:
        from distributed import Semaphore

        slots = Semaphore(max_leases=made.io_slots, name=made.id)
        grader = grader.sharing(lambda: slots)
    return made.plan, grader


@contextmanager
def _client(cluster: Cluster, options: Options) -> Iterator[Any]:
    """A client of the cluster. Raises LatticeError where there can be none."""
    try:
        import dask

        dask.config.set(LOGGING)  # settled when the next line is run first
        from distributed import Client
    except ImportError:
        raise LatticeError("cluster: expected dask.distributed, got none: pip install 'lattice[farm]'") from None
    with ExitStack() as held:
        held.enter_context(dask.config.set(SETTINGS))
        try:
            # Who is started here does not hear the terminal's Ctrl-C: its frame is to end whole.
            resource_tracker.ensure_running()  # which would let the signal through again, were it started in between
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                address = cluster.scheduler or held.enter_context(_started(cluster, options))
                client = held.enter_context(Client(address, timeout="10s"))
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
        except (OSError, ValueError, RuntimeError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            where = cluster.scheduler or cluster.kind
            raise LatticeError(f"{where}: expected a scheduler, got none: {reason}") from None
        yield client


def _started(cluster: Cluster, options: Options) -> Any:
    if cluster.kind == "local":
        from distributed import LocalCluster

        return LocalCluster(n_workers=cluster.workers, threads_per_worker=1, processes=True, host="127.0.0.1",
                            memory_limit=0, scheduler_kwargs=NO_PAGES)
    started = _job_cluster(cluster, options)
    started.scale(jobs=cluster.workers)
    return started


def _job_cluster(cluster: Cluster, options: Options) -> Any:
    """A cluster whose workers are jobs; none is asked for yet. What a site needs besides stands in dask-jobqueue's own
    configuration."""
    interrupt = signal.getsignal(signal.SIGINT)
    try:
        import dask
        import dask_jobqueue
    except ImportError:
        raise LatticeError("cluster: expected dask-jobqueue, got none: pip install 'lattice[farm]'") from None
    signal.signal(signal.SIGINT, interrupt)  # which importing it has replaced by one that ends the process
    own = dask.config.get(f"jobqueue.{cluster.kind}.scheduler-options", {})
    asked: dict[str, Any] = {"cores": 1, "processes": 1, "memory": f"{(options.memory or MEMORY) + SPARE}B",
                             "scheduler_options": {**NO_PAGES, **own}}
    if cluster.kind == "htcondor":
        asked["disk"] = DISK
    else:
        hours = cluster.walltime
        asked |= {"queue": cluster.queue, "walltime": hours.rpartition(":")[0] if cluster.kind == "lsf" else hours}
    return getattr(dask_jobqueue, CLASSES[cluster.kind])(**asked)


def job_script(cluster: Cluster, options: Options) -> str:
    """The script of a worker's job, as the studio's scheduler would get it."""
    import dask

    with dask.config.set(SETTINGS), _job_cluster(replace(cluster, scheduler=None), options) as started:
        return str(started.job_script())
