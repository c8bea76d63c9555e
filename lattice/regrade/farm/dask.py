"""Regrade a sequence on a cluster: Dask sends the frames to workers, and the files on disk are the only state.

A worker treats a frame as a thread does here: it skips a frame that is done, writes whole or not at all, and adds its
own line to the ledger. So a scheduler that dies loses nothing, and a frame that is sent twice is graded once.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING

from lattice.errors import one_line
from lattice.files.storage import leftovers
from lattice.regrade.farm import certificates
from lattice.regrade.farm.pool import reason
from lattice.regrade.farm.shipped import frame, lost_errors, shipped
from lattice.regrade.farm.start import started
from lattice.regrade.farm.workers import Cluster
from lattice.regrade.options import Job, Options
from lattice.regrade.report import FrameReport
from lattice.regrade.sequence.in_hand import FramesInHand
from lattice.regrade.sequence.plan import Plan
from lattice.regrade.sequence.run import OnReport
from lattice.regrade.sequence.shots import ShotJob, Shots
from lattice.types import LatticeError

if TYPE_CHECKING:
    from distributed import Client, Future

ASK_AGAIN = 0.2  # seconds between checks for a stop request
REFILL, TELL = 5.0, 60.0  # seconds between starting lost workers again, and between notes that there is no worker
CONNECT = "10s"  # that a scheduler has to answer
# What Dask raises where time runs out; the second where that cancels the call in the middle: its `result` has no value.
LATE = (TimeoutError, UnboundLocalError)
# lease-timeout frees a dead worker's disk slot; validation-interval is how often that is checked. Dask's defaults are
# 30 s and 10 s.
SETTINGS = {
    "distributed.scheduler.locks.lease-timeout": "10s",
    "distributed.scheduler.locks.lease-validation-interval": "1s",
    "distributed.admin.tick.limit": "1h",
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,  # it takes 1 % of a core all the time, for a page that is not served
}
# Dask's log is silenced: the error of a frame is in its report.
LOGGING = {"logging": dict.fromkeys(("distributed", "distributed.client"), "critical")}


def regrade_on(
    cluster: Cluster,
    plan: Plan,
    on_report: Callable[[FrameReport], object] | None = None,
    stop: Callable[[], bool] = lambda: False,
    tell: Callable[[str], object] = lambda text: None,
) -> tuple[FrameReport, ...]:
    """Regrade a plan on the workers of a cluster, each with one frame in memory; otherwise as `regrade`.

    tell, errors: as for `regrade_shots_on`, and LatticeError if the ledger could not be written.
    """
    shots = regrade_shots_on(cluster, [plan], lambda _, report: on_report and on_report(report), stop, tell)
    return shots.only()


def regrade_shots_on(
    cluster: Cluster,
    plans: Sequence[Plan],
    on_report: OnReport = lambda plan, report: None,
    stop: Callable[[], bool] = lambda: False,
    tell: Callable[[str], object] = lambda text: None,
) -> Shots:
    """Regrade several plans on the workers of a cluster, each with one frame in memory; otherwise as `regrade_shots`.

    A worker that dies is replaced, its job too, and its frame is graded again, three times at most. tell: called with a
    line when jobs are submitted, and for each minute without a worker. A scheduler, or every worker for good, that is
    lost during the run is the result's `trouble`: finished frames stay, and the same call does the rest. Raises
    LatticeError if a package is not installed, no worker can start or no job be submitted, or no scheduler can be
    reached.
    """
    targets = [job.target for plan in plans for job in plan.jobs]
    leftovers.remove_leftovers(targets)
    with ExitStack() as held:
        client, refill = held.enter_context(_client(cluster, plans[0].options))
        if cluster.scheduler is None and cluster.kind != "local":
            tell(f"{cluster.workers} workers are asked of {cluster.kind}; frames begin when the first has come")
        shots = held.enter_context(Shots(plans, tell))
        try:
            run = held.enter_context(shipped(client, plans, cluster))
            _hand_out(client, run, shots, on_report, stop, _Watch(refill, tell))
        except LatticeError as error:  # no worker can start any more
            shots.trouble = error
        except lost_errors() as error:
            shots.trouble = LatticeError(
                f"{cluster.where}: the scheduler was lost ({type(error).__name__}) after "
                f"{shots.count} of {len(targets)}; the same command does the rest"
            )
    leftovers.remove_leftovers(targets)  # from workers on this machine that were killed
    return shots


class _Watch:
    """Watches the workers. refill: starts lost ones again, returns why it cannot. tell: gets a line while there is no
    worker."""

    def __init__(self, refill: Callable[[], str], tell: Callable[[str], object]) -> None:
        self._refill, self._tell = refill, tell
        self._seen = self._told = self._refilled = time.monotonic()
        self._trouble = ""

    def look(self, threads: int) -> None:
        """Start lost workers again and note missing ones, if it is time. threads: of all workers. Call it often.

        Raises LatticeError as `Pool.refill` does.
        """
        now = time.monotonic()
        if threads:
            self._seen = self._told = now
        if now - self._told > TELL:
            self._told = now
            because = f" ({self._trouble})" if self._trouble else ""
            self._tell(f"no worker for {now - self._seen:.0f} s{because}; frames go on when one comes")
        if now - self._refilled > REFILL:
            self._refilled = now
            self._trouble = self._refill()


class _NoWorker(Exception):
    """A stop was requested and there is no worker: no frame in hand will end."""


def _hand_out(
    client: Client, run: str, shots: Shots, on_report: OnReport, stop: Callable[[], bool], watch: _Watch
) -> None:
    """Submit at most one frame per worker thread: Dask also blames queued frames when a worker dies.

    After a stop request the workers' frames finish; without a worker it returns at once, because none would end.
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
        except LATE:
            return ()

    with suppress(_NoWorker):
        for _, each, future in FramesInHand[ShotJob, "Future"](
            shots.jobs(),
            lambda each: client.submit(
                frame, run, each.shot, each.job, shots.is_stuck(each.shot), pure=False, retries=0
            ),
            room,
            ended,
            stop,
            idle=lambda: time.sleep(ASK_AGAIN),
        ):
            report, trouble = _outcome(future, each.job, room)
            shots.done(each, report, trouble)
            on_report(each.plan, report)


def _outcome(future: Future, job: Job, watch: Callable[[], object]) -> tuple[FrameReport, str | None]:
    """Return a frame's report and ledger error; if its workers died, a failed report that has no line yet: None.

    watch: called while the report does not come: its worker may have died with it. Raises `lost_errors()`.
    """
    from distributed import KilledWorker

    while True:
        try:
            report, trouble = future.result(timeout=ASK_AGAIN)
            return report, trouble
        except LATE:
            watch()
        except KilledWorker as error:
            why = (
                f"{job.source}: {error.allowed_failures + 1} workers died while they graded it: raise --memory, or "
                "read the jobs' logs"
            )
            return FrameReport(job.frame, job.source, job.target, "failed", why), None


@contextmanager
def _client(cluster: Cluster, options: Options) -> Iterator[tuple[Client, Callable[[], str]]]:
    """Yield a client of the cluster, and a call that starts lost workers again and returns why it cannot, or "".

    Raises LatticeError if dask.distributed is not installed, no worker can start, or no scheduler can be reached.
    """
    try:
        import dask

        dask.config.set(LOGGING)  # the first import of distributed, next, reads it once
        from distributed import Client
    except ImportError:
        raise LatticeError(f"cluster: dask.distributed is not installed: {certificates.INSTALL}") from None
    except Exception as error:  # of any kind, of a file of Dask's configuration
        raise LatticeError(f"cluster: Dask cannot be used: {one_line(error)}") from None
    with ExitStack() as held:
        held.enter_context(dask.config.set(SETTINGS))
        # Processes started here do not get the terminal's Ctrl-C, so that their frames finish.
        resource_tracker.ensure_running()  # started within, it would unblock SIGINT
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            if cluster.scheduler is None:
                pool = held.enter_context(started(cluster, options))
                client, refill = held.enter_context(Client(pool.dask_cluster, timeout=CONNECT)), pool.refill
            else:
                security = None if cluster.insecure_tcp else certificates.own(cluster.scheduler)
                client = held.enter_context(Client(cluster.scheduler, security=security, timeout=CONNECT))
                refill = str  # its owner looks after its workers
        except LatticeError:
            raise
        except Exception as error:  # also of a setting of Dask's that is of another type than Dask expects
            what = "its workers cannot be started" if cluster.scheduler is None else "no scheduler can be reached"
            raise LatticeError(f"{cluster.where}: {what}: {reason(error)}") from None
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        yield client, refill
