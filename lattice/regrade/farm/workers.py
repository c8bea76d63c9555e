"""Start a sequence's workers: processes on this machine, or jobs of a studio's scheduler."""

from __future__ import annotations

import signal
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from lattice.choices import ClusterKind
from lattice.errors import did_you_mean, one_line
from lattice.regrade.options import Options
from lattice.types import LatticeError

if TYPE_CHECKING:
    from distributed import SpecCluster

CLASSES = {"slurm": "SLURMCluster", "htcondor": "HTCondorCluster", "lsf": "LSFCluster", "pbs": "PBSCluster"}
WALLTIME, MEMORY, DISK = "12:00:00", 2**32, "1GB"  # defaults of a worker's job
SPARE = 2**29  # bytes that a worker's job needs in addition to its frame
# A scheduler started here serves no web page; its health check listens on a free port of this machine only.
NO_PAGES = {"dashboard": False, "dashboard_address": "127.0.0.1:0"}


@dataclass(frozen=True)
class Cluster:
    """The workers of a sequence.

    kind: "local" starts processes on this machine, the others submit jobs to the studio's scheduler. workers: how many,
    1 or more. io_slots: the most frames that all workers together read or write at a time; None sets no limit.
    scheduler: address of a running Dask scheduler; its workers are used as they are. queue, walltime ("HH:MM:SS"):
    of each job. Raises LatticeError if a value is out of range, or two values contradict each other.
    """

    kind: ClusterKind = "local"
    workers: int = 2
    io_slots: int | None = None
    scheduler: str | None = None
    queue: str | None = None
    walltime: str = WALLTIME

    def __post_init__(self) -> None:
        if self.kind not in get_args(ClusterKind):
            raise LatticeError(
                f"cluster: expected {' or '.join(get_args(ClusterKind))}, got {self.kind!r}"
                + did_you_mean(self.kind, get_args(ClusterKind))
            )
        for name, number in (("workers", self.workers), ("io-slots", self.io_slots)):
            if number is not None and number < 1:
                raise LatticeError(f"{name}: expected 1 or more, got {number}")
        if self.kind == "htcondor" and (self.queue is not None or self.walltime != WALLTIME):
            raise LatticeError("htcondor: expected no queue and no walltime, which it does not have, got one")
        check_walltime(self.walltime)


def check_walltime(walltime: str) -> None:
    """Raise LatticeError unless `walltime` is HH:MM:SS."""
    parts = walltime.split(":")
    if len(parts) != 3 or not all(part.isdigit() for part in parts):
        raise LatticeError(f"walltime: expected HH:MM:SS, got {walltime!r}")


def reason(error: Exception) -> str:
    """Return a one-line message; for a failed scheduler command, the first line of its stderr."""
    lines = str(error).rpartition("stderr:\n")[2].strip().splitlines()
    return lines[0] if lines else one_line(error)


def resubmit_lost(dask_cluster: SpecCluster | None, cluster: Cluster) -> None:
    """Submit again the jobs whose workers are gone; a failure is ignored, because the next call tries again.

    dask_cluster: from `start_cluster`; None for an existing scheduler, whose owner manages its workers.
    """
    if dask_cluster is not None and cluster.kind != "local":
        with suppress(OSError, RuntimeError):
            dask_cluster.sync(dask_cluster._correct_state_internal)


def start_cluster(cluster: Cluster, options: Options) -> SpecCluster:
    """Start a Dask cluster and return it; its workers may still be starting.

    options: `memory` is for each worker's job. Raises LatticeError if dask-jobqueue is not installed; ImportError,
    OSError, RuntimeError or ValueError if no cluster can start.
    """
    if cluster.kind == "local":
        from distributed import LocalCluster

        return LocalCluster(
            n_workers=cluster.workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            memory_limit=0,
            scheduler_kwargs=NO_PAGES,
        )
    dask_cluster = _job_cluster(cluster, options)
    for _ in range(cluster.workers):
        dask_cluster.worker_spec.update(dask_cluster.new_worker_spec())
    try:
        dask_cluster.sync(dask_cluster._correct_state_internal)  # `scale` calls it too, but hides its errors
    except BaseException:
        for name, job in list(dask_cluster.workers.items()):
            if getattr(job, "job_id", None) is None:  # never submitted, so it cannot be cancelled
                dask_cluster._created.discard(dask_cluster.workers.pop(name))
        dask_cluster.close()
        raise
    return dask_cluster


def _job_cluster(cluster: Cluster, options: Options) -> SpecCluster:
    """Return a cluster whose workers will be jobs; none is submitted yet.

    The site's own settings come from dask-jobqueue's configuration file.
    """
    interrupt = signal.getsignal(signal.SIGINT)
    try:
        import dask
        import dask_jobqueue
    except ImportError:
        raise LatticeError("cluster: expected dask-jobqueue, got none: pip install '.[farm]'") from None
    signal.signal(signal.SIGINT, interrupt)  # the import replaced it with a handler that ends the process
    own = dask.config.get(f"jobqueue.{cluster.kind}.scheduler-options", {})
    asked: dict[str, object] = {
        "cores": 1,
        "processes": 1,
        "memory": f"{(options.memory or MEMORY) + SPARE}B",
        "scheduler_options": {**NO_PAGES, **own},
    }
    if cluster.kind == "htcondor":
        asked["disk"] = DISK
    else:
        hours = cluster.walltime
        asked |= {"queue": cluster.queue, "walltime": hours.rpartition(":")[0] if cluster.kind == "lsf" else hours}
    return getattr(dask_jobqueue, CLASSES[cluster.kind])(**asked)


def job_script(cluster: Cluster, options: Options) -> str:
    """Return the script that would be submitted for one worker.

    cluster: of any kind except "local". Raises LatticeError if dask-jobqueue is not installed.
    """
    with _job_cluster(cluster, options) as dask_cluster:
        return str(dask_cluster.job_script())
