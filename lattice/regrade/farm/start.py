"""Start the workers that a run asks for, and end them with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from lattice.regrade.farm import certificates, jobs
from lattice.regrade.farm.pool import NO_PAGES, Pool
from lattice.regrade.farm.workers import Cluster
from lattice.regrade.options import Options

if TYPE_CHECKING:
    from distributed import Security, SpecCluster


@contextmanager
def started(cluster: Cluster, options: Options) -> Iterator[Pool]:
    """Yield the workers of a cluster, which start here and end here; jobs may still wait for their turn.

    options: `memory` is for each worker's job. Only who holds the certificates made for this run can connect to the
    scheduler or to a worker, unless `cluster.insecure_tcp`.
    Raises LatticeError if a package is not installed, this machine submits no such jobs, or no worker can start;
    OSError or RuntimeError if no scheduler can start.
    """
    with ExitStack() as held:
        security = None if cluster.insecure_tcp else certificates.temporary()
        if cluster.kind == "local":
            pool = Pool(_local(security), cluster.workers)
        else:
            jobs.check_submit_host(cluster.kind)
            if security is not None:
                held.enter_context(certificates.shipped(security, jobs.setting(cluster.kind, "shared-temp-directory")))
            pool = jobs.JobPool(jobs.dask_cluster(cluster, options, security), cluster)
        held.callback(pool.close)
        pool.start()
        yield pool


def _local(security: Security | None) -> SpecCluster:
    from distributed import LocalCluster

    return LocalCluster(
        n_workers=0,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        memory_limit=0,
        scheduler_kwargs=NO_PAGES,
        security=security,
    )
