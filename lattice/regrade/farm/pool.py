"""The workers of a cluster: those that are lost start again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lattice.errors import one_line
from lattice.types import LatticeError

if TYPE_CHECKING:
    from distributed import SpecCluster

TRIES = 3  # starts in a row that fail before the run ends
# A scheduler started here serves no web page; its HTTP port has no routes and is of this machine only.
NO_PAGES = {"dashboard": False, "dashboard_address": "127.0.0.1:0"}


def reason(error: BaseException) -> str:
    """Return a one-line message; for a failed scheduler command, the first line of its stderr."""
    lines = str(error).rpartition("stderr:\n")[2].strip().splitlines()
    return lines[0] if lines else one_line(error)


class Pool:
    """The worker processes of this machine that belong to a Dask cluster.

    dask_cluster: started without workers. workers: how many to start.
    """

    def __init__(self, dask_cluster: SpecCluster, workers: int) -> None:
        self.dask_cluster = dask_cluster
        self.failures = 0  # in a row
        for _ in range(workers):
            dask_cluster.worker_spec.update(dask_cluster.new_worker_spec())

    def start(self) -> None:
        """Start the workers. Raises LatticeError if TRIES times in a row not one could start."""
        while self.refill():
            continue

    def refill(self) -> str:
        """Start the workers that are lost. Returns why they cannot start, "" if they do.

        After TRIES failures in a row, those that are left do all the work.
        Raises LatticeError if none is left then.
        """
        if self.failures < TRIES:
            trouble = self.fill()
            self.failures = self.failures + 1 if trouble else 0
            return trouble
        if not self.dask_cluster.scheduler.workers:
            raise LatticeError(
                f"local: the worker processes died while they started, {TRIES} times in a row: "
                "fewer --workers need less memory; the same command does the rest"
            )
        return ""

    def fill(self) -> str:
        """Start the workers that lack. Returns why one did not start, or ""."""
        try:
            self.dask_cluster.sync(self._fill)
        except (OSError, RuntimeError) as error:
            return reason(error)
        return ""

    async def _fill(self) -> None:
        """Dask counts a worker whose start failed among the started ones, so it is dropped before."""
        self._drop_lost()
        await self.dask_cluster._correct_state_internal()  # `scale` calls it too, but hides its errors

    def _drop_lost(self) -> None:
        workers = self.dask_cluster.workers
        for name in [name for name, worker in workers.items() if self.is_lost(worker)]:
            del workers[name]

    def is_lost(self, worker: Any) -> bool:
        """True if one of the cluster's workers has ended, or never started."""
        from distributed.core import Status

        return worker.status in (Status.failed, Status.closed)

    def close(self) -> None:
        """End the workers."""
        self._drop_lost()
        self.dask_cluster._created.clear()  # serves one assertion, which a job that has ended may fail
        self.dask_cluster.close()
