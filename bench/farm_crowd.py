"""What each worker of a farm adds to the head's work on a frame of any of them: measured for `make farm-model`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from farm_records import Crowd

from lattice.regrade.farm.dask import SETTINGS
from lattice.regrade.farm.start import started
from lattice.regrade.farm.workers import Cluster
from lattice.regrade.options import Options

FEW, MANY = 8, 1000  # workers
TIMES = 10


def crowd_costs() -> Crowd:
    """What the calls of `lattice.regrade.farm.dask` take more where many frames are in hand, and many workers there.

    Frames are tasks that no worker may take; workers are names that the scheduler is made to tell.
    """
    import dask
    from distributed import Client

    with dask.config.set(SETTINGS), started(Cluster(workers=1), Options()) as pool, Client(pool.dask_cluster) as client:
        collect, room = (_of_each(ready, client) for ready in (_collecting, _asking))
    return Crowd(collect, room)


def _of_each(ready: Callable[[Any, int], Callable[[], object]], client: Any) -> float:
    """CPU seconds of a call for each worker more."""
    few, many = (_seconds(ready(client, number)) for number in (FEW, MANY))
    return max(0.0, many - few) / (MANY - FEW)


def _seconds(call: Callable[[], object]) -> float:
    call()
    start = time.process_time()
    for _ in range(TIMES):
        call()
    return (time.process_time() - start) / TIMES


def _collecting(client: Any, number: int) -> Callable[[], object]:
    """The call that returns the frames that have ended, of so many in hand."""
    from distributed import wait

    done = client.submit(int, pure=False)
    done.result()
    held = [done, *(client.submit(int, pure=False, resources={"none has it": 1}) for _ in range(number))]
    return lambda: wait(held, timeout=60, return_when="FIRST_COMPLETED")


def _asking(client: Any, number: int) -> Callable[[], object]:
    """The call that asks how many workers there are."""
    told = {f"tls://10.0.{each // 250}.{each % 250}:40000": 1 for each in range(number)}
    client.cluster.scheduler.handlers["ncores"] = lambda workers=None: told
    return lambda: sum(client.nthreads().values())
