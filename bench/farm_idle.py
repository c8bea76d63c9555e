"""What Dask's workers and its scheduler take by being there, without any task: measured for `make farm-model`."""

from __future__ import annotations

import time

import psutil
from farm_records import Idle, beats

from lattice.regrade.farm.dask import LOGGING, SETTINGS
from lattice.regrade.farm.start import started
from lattice.regrade.farm.workers import Cluster
from lattice.regrade.options import Options

FEW = 2  # workers, beside many
SETTLED = 1.0  # seconds after workers have come


def idle_costs(many: int, seconds: float) -> Idle:
    """What is taken where few and where many workers wait for so many seconds."""
    (few_head, _), (head, workers) = _parts(FEW, seconds), _parts(many, seconds)
    beat = max(0.0, head - few_head) / (beats(many) - beats(FEW))
    return Idle(workers / many, max(0.0, head - beat * beats(many)), beat)


def _parts(number: int, seconds: float) -> tuple[float, float]:
    """Cores that the head takes, and all of so many workers together."""
    import dask

    dask.config.set(LOGGING)  # the first import of distributed, next, reads it once
    from distributed import Client

    with dask.config.set(SETTINGS), started(Cluster(workers=number), Options()) as pool, Client(pool.dask_cluster):
        time.sleep(SETTLED)
        before = _taken()
        time.sleep(seconds)
        wall, head, workers = (end - start for start, end in zip(before, _taken(), strict=True))
    return head / wall, workers / wall


def _taken() -> tuple[float, float, float]:
    """Seconds of wall, and of CPU of this process and of its workers."""
    return time.perf_counter(), time.process_time(), workers_cpu()


def workers_cpu() -> float:
    """CPU seconds of the processes that this one started and that still run."""
    used = [each.cpu_times() for each in psutil.Process().children(recursive=True)]
    return sum(each.user + each.system for each in used)
