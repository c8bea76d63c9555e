"""Workers that are jobs of a studio's scheduler, through dask-jobqueue."""

from __future__ import annotations

import asyncio
import getpass
import re
import shlex
import shutil
import signal
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lattice.regrade.farm import certificates
from lattice.regrade.farm.environment import directive, travelling
from lattice.regrade.farm.pool import NO_PAGES, TRIES, Pool
from lattice.regrade.farm.workers import SPARE, Cluster
from lattice.regrade.options import Options
from lattice.types import LatticeError

if TYPE_CHECKING:
    from distributed import Security, SpecCluster

MEMORY, DISK = 2**32, "1GB"  # defaults of a worker's job
LOOK = 20.0  # seconds between looks at the queue: longer than Dask waits for a lost worker to come back
ANSWER = 30.0  # seconds that the queue has for its answer
NO_JOBS = "No unfinished job"  # of bjobs, which fails where there is none
# A worker's HTTP port has no routes and is of its machine only.
WORKER_NO_PAGES = ["--no-dashboard", "--dashboard-address", "127.0.0.1:0"]
NO_ROUTES = "export DASK_DISTRIBUTED__WORKER__HTTP__ROUTES='[]'"


@dataclass(frozen=True)
class Kind:
    """A scheduler. title: its name, after an article. dask_class: of dask-jobqueue. submit: its command.

    queued: prints the numbers of the user's jobs that have not ended, each at the begin of a line.
    """

    title: str
    dask_class: str
    submit: str
    queued: tuple[str, ...]


# Sources: squeue(1), condor_q(1), bjobs(1), qselect(1B) of PBS Professional.
KINDS = {
    "slurm": Kind("a Slurm", "SLURMCluster", "sbatch", ("squeue", "--noheader", "--format=%A", "--user={user}")),
    "htcondor": Kind("an HTCondor", "HTCondorCluster", "condor_submit", ("condor_q", "-format", "%d\n", "ClusterId")),
    "lsf": Kind("an LSF", "LSFCluster", "bsub", ("bjobs", "-noheader", "-o", "jobid")),
    "pbs": Kind("a PBS", "PBSCluster", "qsub", ("qselect", "-u", "{user}")),
}


class JobPool(Pool):
    """Workers that are jobs of a studio's scheduler.

    A job that ended before its worker came is known by the scheduler's queue alone: Dask never saw that worker.
    """

    def __init__(self, dask_cluster: SpecCluster, cluster: Cluster) -> None:
        super().__init__(dask_cluster, cluster.workers)
        self._kind = cluster.kind
        self._looked, self._missed = time.monotonic(), set[str]()

    def start(self) -> None:
        """Submit the jobs; their workers may come much later. Raises LatticeError if the scheduler takes none."""
        if trouble := self.fill():
            raise LatticeError(f"{self._kind}: the workers' jobs cannot be submitted: {trouble}")

    def refill(self) -> str:
        """Submit again the jobs that ended. Returns why the scheduler takes none; the next call asks it again.

        Raises LatticeError if TRIES times in a row jobs ended before their workers came, and no worker is here.
        """
        if time.monotonic() - self._looked > LOOK:
            self._looked = time.monotonic()
            self.dask_cluster.sync(self._drop_ended)
        return self.fill()

    def is_lost(self, worker: Any) -> bool:
        """True if the job was never submitted; it cannot be cancelled."""
        return worker.job_id is None

    async def _drop_ended(self) -> None:
        """Drop the jobs that two looks in a row did not find in the queue and whose workers are not here."""
        here = {worker.name for worker in self.dask_cluster.scheduler.workers.values()}
        jobs = {name: str(job.job_id) for name, job in self.dask_cluster.workers.items() if name not in here}
        queued = await self._queued() if jobs else set()
        if queued is None:
            return
        missed = {name for name, number in jobs.items() if number.partition(".")[0] not in queued}
        ended, self._missed = missed & self._missed, missed - self._missed
        for name in ended:
            del self.dask_cluster.workers[name]
        self.failures = 0 if here else self.failures + bool(ended)
        if self.failures == TRIES:
            raise LatticeError(
                f"{self._kind}: jobs ended before their workers came, {TRIES} times in a row: their logs say why; "
                "the same command does the rest"
            )

    async def _queued(self) -> set[str] | None:
        """Return the numbers of the user's jobs that have not ended; None if the queue gives no answer."""
        command = [word.format(user=getpass.getuser()) for word in KINDS[self._kind].queued]
        try:
            said = await asyncio.wait_for(self.dask_cluster.job_cls._call(command), ANSWER)
        except (OSError, RuntimeError) as error:
            return set() if NO_JOBS in str(error) else None
        return set(re.findall(r"^\s*(\d+)", said, re.MULTILINE))


def check_submit_host(kind: str) -> None:
    """Raise LatticeError if this machine has no command that submits such jobs."""
    found = KINDS[kind]
    if shutil.which(found.submit) is None:
        raise LatticeError(f"{found.submit} is not on the PATH: is this {found.title} submit host?")


def setting(kind: str, name: str) -> Any:
    """Return a setting of the site's from dask-jobqueue's configuration; None if it has none.

    Raises LatticeError if dask-jobqueue is not installed.
    """
    interrupt = signal.getsignal(signal.SIGINT)
    try:
        import dask_jobqueue  # noqa: F401  # reads its configuration
    except ImportError:
        raise LatticeError(f"cluster: dask-jobqueue is not installed: {certificates.INSTALL}") from None
    signal.signal(signal.SIGINT, interrupt)  # the import replaced it with a handler that ends the process
    import dask

    return dask.config.get(f"jobqueue.{kind}.{name}", None)


def dask_cluster(cluster: Cluster, options: Options, security: Security | None) -> SpecCluster:
    """Return a cluster whose workers will be jobs; none is submitted yet.

    security: its certificates of workers are files, which jobs read; None: plain TCP.
    The site's own settings come from dask-jobqueue's configuration file.
    Raises LatticeError if dask-jobqueue is not installed.
    """
    kind = cluster.kind
    own_options, own_arguments, own_prologue, own_directives, own_python = (
        setting(kind, name)
        for name in ("scheduler-options", "worker-extra-args", "job-script-prologue", "job-extra-directives", "python")
    )
    shipped = directive(kind, travelling(of_workers=True))
    # After the site's own options, so that none of them opens a port without TLS.
    tls = {} if security is None else {"security": security, "protocol": "tls://"}
    asked: dict[str, object] = {
        "cores": 1,
        "processes": 1,
        "memory": f"{(options.memory or MEMORY) + SPARE}B",
        "security": security,
        "scheduler_options": {**NO_PAGES, **(own_options or {}), **tls},
        "worker_extra_args": [*WORKER_NO_PAGES, *(own_arguments or [])],
        "job_script_prologue": [NO_ROUTES, *(own_prologue or [])],
        "job_extra_directives": [shipped, *(own_directives or [])],  # the site's own comes last and counts
        "python": own_python or shlex.quote(sys.executable),
    }
    if kind == "htcondor":
        name, _, names = shipped.partition(" = ")
        asked |= {"disk": DISK, "job_extra_directives": {name: names, **(own_directives or {})}}
    else:
        hours = cluster.walltime
        asked |= {"queue": cluster.queue, "walltime": hours.rpartition(":")[0] if kind == "lsf" else hours}
    import dask_jobqueue

    return getattr(dask_jobqueue, KINDS[kind].dask_class)(**asked)


def job_script(cluster: Cluster, options: Options, security: Security | None = None) -> str:
    """Return the script that would be submitted for one worker.

    cluster: of any kind except "local". security: as `certificates.shipped` yields it.
    Raises LatticeError if dask-jobqueue is not installed.
    """
    with dask_cluster(cluster, options, security) as made:
        return str(made.job_script())
