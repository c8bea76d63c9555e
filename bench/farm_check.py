"""The simulated farm held against real ones: workers on this machine, with a file server made slow."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

import farm_throttle
from farm_costs import Mark, Watch, mean, planned
from farm_records import Farm, Frame, Tasks
from farm_simulation import simulate

from lattice.interp.threads import cores
from lattice.regrade.farm.dask import regrade_on
from lattice.regrade.farm.workers import Cluster
from lattice.types import LatticeError

UNLIMITED = 1e12  # bytes a second
SHARES = (1.0, 0.5)  # of the server that this machine's cores could fill
PRELOAD = "DASK_DISTRIBUTED__WORKER__PRELOAD"
LOADED = 2  # frames of each worker until all have loaded what they need
APART = 0.02  # of the bytes that a server should have moved


@dataclass(frozen=True)
class Checked:
    """A farm, and what its frames took after the first ones. predicted: seconds, as simulated on the cores that other
    processes left. cpu: seconds of CPU that the frames should take."""

    farm: Farm
    predicted: float
    cpu: float
    measured: Mark


def farms(frame: Frame, workers: int) -> Iterator[Farm]:
    """Workers of this machine: limited by its cores, and by servers, with and without slots."""
    here = Farm(workers, cores(), UNLIMITED, UNLIMITED, is_alone=False)
    yield here
    for share in SHARES:
        rate = round(share * frame.bytes * cores() / frame.seconds)
        slow = replace(here, server=rate, link=rate)
        yield from (slow, replace(slow, slots=1))
    yield replace(here, slots=1)


def checked(folder: Path, frames: Sequence[Frame], tasks: Tasks, workers: int, count: int) -> Iterator[Checked]:
    """Each farm of so many workers, run on so many frames and simulated."""
    frame, first = mean(frames), LOADED * workers
    for farm in farms(frame, workers):
        measured = _run(farm, folder, frame, count)
        left = replace(farm, cores=farm.cores - measured.others)
        ended = simulate(left, frames, tasks, count)
        predicted = ended[-1].time - ended[first - 1].time
        a_slot = 0 if farm.slots is None else tasks.slot + tasks.asking
        head = tasks.head + workers * (tasks.crowd.collect + tasks.crowd.room)
        cpu = (count - first) * (frame.seconds + head + tasks.worker + 2 * a_slot)
        yield Checked(farm, predicted, cpu + predicted * tasks.idle.of_all(workers), measured)


def _run(farm: Farm, folder: Path, frame: Frame, count: int) -> Mark:
    """What a real run took after its first frames. Raises LatticeError unless its server moved what
    frames have."""
    first = LOADED * farm.workers
    watch = Watch(first, count)
    with tempfile.NamedTemporaryFile() as file:
        book = Path(file.name)
        farm_throttle.empty(book)
        path = os.pathsep.join(filter(None, (str(Path(__file__).parent), os.environ.get("PYTHONPATH"))))
        server = {farm_throttle.SERVER: f"{farm.server}:{book}", PRELOAD: "farm_throttle", "PYTHONPATH": path}
        with patch.dict(os.environ, server):
            import dask

            dask.config.refresh()
            regrade_on(Cluster(workers=farm.workers, io_slots=farm.slots), planned(folder, count), watch.told)
        dask.config.refresh()
        moved, expected = farm_throttle.moved(book), count * frame.bytes
    if abs(moved - expected) > APART * expected:
        raise LatticeError(f"throttle: expected {expected:.0f} bytes of {count} frames, got {moved:.0f}")
    return watch.between(first, count)
