"""Where a sequence's workers come from: processes of this machine, or jobs of a studio's scheduler."""

from __future__ import annotations

import signal
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from lattice.regrade.options import Options
from lattice.types import LatticeError

if TYPE_CHECKING:
    from distributed import SpecCluster

Kind = Literal["local", "slurm", "htcondor", "lsf", "pbs"]
CLASSES = {"slurm": "SLURMCluster", "htcondor": "HTCondorCluster", "lsf": "LSFCluster", "pbs": "PBSCluster"}
WALLTIME, MEMORY, DISK = "12:00:00", 2**32, "1GB"  # of a worker's job, where none are given
SPARE = 2**29  # bytes of a worker's job beside its frame
# Of a scheduler that is started here: no web page. It listens for health checks all the same, on any port.
NO_PAGES = {"dashboard": False, "dashboard_address": "127.0.0.1:0"}


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
        if self.kind == "htcondor" and (self.queue is not None or self.walltime != WALLTIME):
            raise LatticeError("htcondor: expected no queue and no walltime, which it does not have, got one")
        parts = self.walltime.split(":")
        if len(parts) != 3 or not all(part.isdigit() for part in parts):
            raise LatticeError(f"walltime: expected HH:MM:SS, got {self.walltime!r}")


def reason(error: Exception) -> str:
    """In a line; of a command that failed, what that said itself."""
    said = str(error).rpartition("stderr:\n")[2].strip().splitlines()
    return said[0] if said else " ".join(str(error).split()) or type(error).__name__


def resubmit_lost(crew: SpecCluster | None, cluster: Cluster) -> None:
    """Ask again for jobs whose workers are gone. Where that fails, the next time may not.

    crew: of `started`; None where there is none.
    """
    if crew is not None and cluster.kind != "local":
        with suppress(OSError, RuntimeError):
            crew.sync(crew._correct_state_internal)


def start_cluster(cluster: Cluster, options: Options) -> SpecCluster:
    """A Dask cluster whose workers are on their way. Raises ImportError, OSError, RuntimeError or ValueError."""
    if cluster.kind == "local":
        from distributed import LocalCluster

        return LocalCluster(n_workers=cluster.workers, threads_per_worker=1, processes=True, host="127.0.0.1",
                            memory_limit=0, scheduler_kwargs=NO_PAGES)
    crew = _job_cluster(cluster, options)
    for _ in range(cluster.workers):
        crew.worker_spec.update(crew.new_worker_spec())
    try:
        crew.sync(crew._correct_state_internal)  # which `scale` does too, but then nobody hears what goes wrong
    except BaseException:
        for name, job in list(crew.workers.items()):
            if getattr(job, "job_id", None) is None:  # it was not submitted, and cannot be cancelled
                crew._created.discard(crew.workers.pop(name))
        crew.close()
        raise
    return crew


def _job_cluster(cluster: Cluster, options: Options) -> SpecCluster:
    """A cluster whose workers are jobs; none is asked for yet. What a site needs besides stands in dask-jobqueue's own
    configuration."""
    interrupt = signal.getsignal(signal.SIGINT)
    try:
        import dask
        import dask_jobqueue
    except ImportError:
        raise LatticeError("cluster: expected dask-jobqueue, got none: pip install '.[farm]'") from None
    signal.signal(signal.SIGINT, interrupt)  # which importing it has replaced by one that ends the process
    own = dask.config.get(f"jobqueue.{cluster.kind}.scheduler-options", {})
    asked: dict[str, object] = {"cores": 1, "processes": 1, "memory": f"{(options.memory or MEMORY) + SPARE}B",
                             "scheduler_options": {**NO_PAGES, **own}}
    if cluster.kind == "htcondor":
        asked["disk"] = DISK
    else:
        hours = cluster.walltime
        asked |= {"queue": cluster.queue, "walltime": hours.rpartition(":")[0] if cluster.kind == "lsf" else hours}
    return getattr(dask_jobqueue, CLASSES[cluster.kind])(**asked)


def job_script(cluster: Cluster, options: Options) -> str:
    """The script of a worker's job, as the studio's scheduler would get it."""
    with _job_cluster(cluster, options) as crew:
        return str(crew.job_script())
