"""How many workers a file server and the head of a farm feed, and which --io-slots: `make farm-model`.

Measures what frames and tasks cost here, holds a simulated farm against real runs of a few workers, and simulates up
to 3,000. Writes bench/RESULTS-FARM.md (with `--small` it runs a small part and only prints).
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from farm_check import LOADED, UNLIMITED, Checked, checked
from farm_costs import frame_costs, mean, task_costs, write_frames
from farm_records import Farm, Frame, Tasks
from farm_simulation import simulate
from report import table
from timing import cpu_model

from lattice.interp.threads import cores

RESULTS = Path(__file__).with_name("RESULTS-FARM.md")
MEMORY = Path("/dev/shm")  # where frames are, so that no disk but the slow server is waited for
FARMS = (10, 30, 100, 300, 1000, 3000)  # workers
SLOTS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)
EACH = 3  # frames measured on a core, at least
ROUNDS = 6  # frames of each worker, of which the middle counts
FULL = 0.9
GIGA, MEGA, MILLI = 1e9, 1e6, 1e-3


@dataclass(frozen=True)
class Extent:
    """How much is run. large, less: rows and columns of frames. measured, checked, tiny: how many. workers: of real
    runs; runs: how many on tiny frames; idle: seconds without a task. kinds: of frames that are simulated; most: of the
    workers then."""

    large: tuple[int, int]
    less: tuple[int, int]
    measured: int
    checked: int
    tiny: int
    workers: int
    runs: int
    idle: float
    kinds: int
    most: int


WHOLE = Extent((2160, 4096), (1080, 2048), 12, 80, 1000, 8, 2, 8.0, 2, max(FARMS))
SMALL = Extent((540, 1024), (270, 512), 6, 48, 150, 4, 1, 1.0, 1, 100)


def steady(farm: Farm, frames: Sequence[Frame], tasks: Tasks) -> tuple[float, float, float]:
    """Frames a second once a farm is under way, and the parts of its server and of its head that are busy."""
    frame = mean(frames)
    lasts = max(frame.seconds + frame.bytes / farm.link, farm.workers * frame.bytes / farm.server)
    ended = simulate(farm, frames, tasks, ROUNDS * farm.workers, starts_within=lasts)
    first, last = ended[len(ended) // 3], ended[len(ended) * 5 // 6]
    seconds = last.time - first.time
    rate = (len(ended) * 5 // 6 - len(ended) // 3) / seconds
    return rate, (last.moved - first.moved) / seconds / farm.server, (last.head - first.head) / seconds


def enough_slots(farm: Farm, frames: Sequence[Frame], tasks: Tasks) -> Farm | None:
    """The farm with the fewest slots of SLOTS that keep its server FULL; None if none do."""
    low, high = 0, len(SLOTS)
    while low < high:
        middle = (low + high) // 2
        is_full = steady(replace(farm, slots=SLOTS[middle]), frames, tasks)[1] >= FULL
        low, high = (low, middle) if is_full else (middle + 1, high)
    return None if low == len(SLOTS) else replace(farm, slots=SLOTS[low])


def limit(server: float, head: float) -> str:
    """What a farm waits for. A full server first: a head is busy beside it, for it collects as often as it can."""
    return "server" if server >= FULL else "head" if head >= FULL else "workers"


def farm_row(farm: Farm, frames: Sequence[Frame], tasks: Tasks) -> list[str]:
    """A farm without slots, and with the fewest that keep its server full."""
    rate, server, head = steady(farm, frames, tasks)
    cells = [f"{farm.workers}", f"{rate:.1f}", f"{server:.0%}", f"{head:.0%}", limit(server, head)]
    slotted = enough_slots(farm, frames, tasks) if server >= FULL else None
    if slotted is None:
        return [*cells, "none does" if server >= FULL else "", "", ""]
    rate, _, head = steady(slotted, frames, tasks)
    return [*cells, f"{slotted.slots}", f"{rate:.1f}", f"{head:.0%}"]


def farms_table(name: str, server: float, link: float, frames: Sequence[Frame], tasks: Tasks, most: int) -> str:
    """Farms of more and more workers on one server."""
    head = ["workers", "frames/s", "server", "head", "waits for", "--io-slots", "frames/s", "head"]
    rows = [farm_row(Farm(each, each, server, link), frames, tasks) for each in FARMS if each <= most]
    title = f"### {name}, a server of {server / GIGA:g} GB/s, {link / GIGA:g} GB/s to a worker"
    return f"{title}\n\n{table(head, rows)}"


def preface(tasks: Tasks) -> str:
    """What was measured, and how it is used."""
    return (
        f"# How many workers a file server and a head feed\n\n`make farm-model` on {cpu_model()}, {cores()} cores, "
        f"Python {platform.python_version()}. What frames and tasks cost is measured here; farms are simulated from "
        "it, event by event. A server's transfers share it evenly. Bytes that are read again, such as a frame's to be "
        "verified, do not go over the network: the worker still has them in memory. Names, locks and flushes cost a "
        "server nothing in the model, and a head is as quick as a core here.\n\nA frame as a task costs the head (the "
        f"command and Dask's scheduler, one process) {tasks.head / MILLI:.1f} ms of CPU, a worker "
        f"{tasks.worker / MILLI:.1f} ms besides the frame, so a head hands out {1 / tasks.head:.0f} frames/s at most "
        f"to few workers. A slot costs the head {tasks.slot / MILLI:.2f} ms, a worker {tasks.asking / MILLI:.2f} ms, "
        f"and the head {tasks.waiting / MILLI:.4f} ms for each frame that waits when one is given back. A frame takes "
        f"two: {1 / (tasks.head + 2 * tasks.slot):.0f} frames/s at most where none waits. By being there a worker "
        f"takes {tasks.idle.worker:.1%} of a core, the head {tasks.idle.head:.1%} and {tasks.idle.beat / MILLI:.2f} ms "
        f"for each heartbeat of a worker. Each worker adds {tasks.crowd.collect / MILLI:.4f} ms to the head's work "
        f"whenever it collects frames that have ended, and {tasks.crowd.room / MILLI:.4f} ms to that on each of these."
    )


def costs_table(kinds: dict[str, list[Frame]]) -> str:
    """What frames take."""
    rows = []
    for name, frames in kinds.items():
        frame = mean(frames)
        moved = [(frame.header + frame.read) / MEGA, frame.written / MEGA]
        cells = [*moved, frame.reading, frame.grading, frame.verifying]
        rows.append([name, *(f"{cell:.1f}" for cell in cells[:2]), *(f"{cell:.3f}" for cell in cells[2:])])
    head = ["frames", "MB in", "MB out", "CPU s in the first slot", "CPU s between", "CPU s in the second slot"]
    title = "## What a frame takes\n\nMeans, with a process on every core that grades one frame at a time."
    return f"{title}\n\n{table(head, rows)}"


def check_table(found: Sequence[Checked], workers: int, count: int) -> str:
    """Simulated seconds beside real ones."""
    head = ["server", "--io-slots", "simulated, s", "measured, s", "off", "CPU s told", "used", "others, cores"]
    rows = []
    for each in found:
        server = "unlimited" if each.farm.server == UNLIMITED else f"{each.farm.server / MEGA:.0f} MB/s"
        took, off = each.measured, f"{each.predicted / each.measured.wall - 1:+.0%}"
        seconds = (f"{number:.1f}" for number in (each.predicted, took.wall))
        cells = [*seconds, off, f"{each.cpu:.1f}", f"{took.cpu:.1f}", f"{took.others:.2f}"]
        rows.append([server, f"{each.farm.slots or ''}", *cells])
    return (
        f"## The simulation beside real runs\n\n{count} frames by {workers} workers of `--cluster local` on this "
        f"machine's {cores()} cores, which the head shares; what they took after the first {LOADED * workers}. Workers "
        "read and write in memory, as fast as the server lets them: it is made slow by a clock that all workers share. "
        "The simulation has the cores that other processes, in the last column, left.\n\n" + table(head, rows)
    )


def sections(extent: Extent, servers: Sequence[float], link: float) -> Iterator[str]:
    """The report's parts, each as soon as it is known."""
    with tempfile.TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as name:
        folder = Path(name)
        tasks = task_costs(folder / "tiny", extent.tiny, extent.workers, extent.runs, extent.idle)
        yield preface(tasks)
        kinds, count, measured = {}, extent.checked, max(extent.measured, EACH * cores())
        for codec, frame in (("ZIP", extent.large), ("NO", extent.large), ("ZIP", extent.less)):
            kind = f"{frame[1]}x{frame[0]} {'none' if codec == 'NO' else codec}"
            write_frames(folder / kind, max(count, measured) if frame == extent.less else measured, frame, codec)
            kinds[kind] = frame_costs(folder / kind, measured)
        yield costs_table(kinds)
        found = list(checked(folder / kind, kinds[kind], tasks, extent.workers, count))
        yield check_table(found, extent.workers, count)
    yield (
        f"## Farms\n\nEach worker on a core of its own, one frame at a time. --io-slots: the fewest of "
        f"{', '.join(map(str, SLOTS[:6]))} and on that keep {FULL:.0%} of the server busy, where it is what workers "
        "wait for; then frames/s and the busy part of the head with these."
    )
    for name in list(kinds)[: extent.kinds]:
        for server in servers:
            yield farms_table(name, server, link, kinds[name], tasks, extent.most)


def main() -> None:
    """Measure, check, simulate, print, and keep what was printed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", type=float, nargs="+", default=[1.25, 12.5], help="GB/s of the file server")
    parser.add_argument("--link", type=float, default=1.25, help="GB/s to one worker")
    parser.add_argument("--small", action="store_true", help="a small part, and nothing is written")
    asked = parser.parse_args()
    parts = []
    extent = SMALL if asked.small else WHOLE
    for part in sections(extent, [GIGA * each for each in asked.server], GIGA * asked.link):
        parts.append(part)
        print(part, end="\n\n", flush=True)
    if not asked.small:
        RESULTS.write_text("\n\n".join(parts) + "\n")


if __name__ == "__main__":
    main()
