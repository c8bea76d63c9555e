"""Whether a frame costs the same however many there are, or are in flight, and a pixel in however large a frame.

`make bench-scale`: checks pixels, then counts CPU time, and writes bench/RESULTS-SCALE.md (with `--small` it runs a
small part and only prints). Ratios of CPU time say most where a machine does other work beside.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import regrade
from farm_costs import TINY, Watch, planned, write_frames
from report import table
from timing import cpu_model

from lattice.interp.threads import cores
from lattice.regrade import regrade as regrade_here
from lattice.regrade.farm.dask import regrade_on
from lattice.regrade.farm.workers import Cluster
from lattice.regrade.frame.plan import plan_frame

RESULTS = Path(__file__).with_name("RESULTS-SCALE.md")
MEGA, MILLI, NANO = 1e6, 1e-3, 1e-9
PROGRAM = 100 * 2**20  # bytes of the program itself. Source: the help of --memory


@dataclass(frozen=True)
class Extent:
    """How much is run. frames, tiny: how many. part: of tiny ones, the first and the last. sides: times 4K."""

    threads: Sequence[int]
    workers: Sequence[int]
    frames: int
    frame: tuple[int, int]
    tiny: int
    part: int
    base: tuple[int, int]
    sides: Sequence[int]


WHOLE = Extent((1, 2, 4, 8, 16, 32, 64), (2, 4, 8), 128, (540, 1024), 5000, 500, (2160, 3840), (1, 2, 4))
SMALL = Extent((1, 8), (2,), 24, (270, 512), 300, 50, (540, 960), (1, 2))


def in_flight(folder: Path, extent: Extent) -> str:
    """Threads of one process, a frame each; one thread has one core, since a frame that is alone takes all."""
    write_frames(folder, extent.frames, extent.frame, "ZIP")
    start = command_cost(folder, 1, 1).cpu
    rows = []
    for threads in extent.threads:
        took = command_cost(folder, extent.frames, threads)
        a_frame = (took.cpu - start) / (extent.frames - 1)
        rate = extent.frames / took.seconds
        rows.append([f"{threads}", f"{rate:.1f}", f"{a_frame / MILLI:.1f}", f"{took.peak / MEGA:.0f}"])
    height, width = extent.frame
    return (
        f"## Frames in flight\n\n`lattice regrade --threads N` of {extent.frames} frames of {width}x{height}, its "
        "start counted into frames/s but not into a frame's CPU time; where N is 1 on one core, since a frame that is "
        "alone is graded by all.\n\n" + table(["N", "frames/s", "CPU ms a frame", "peak MB"], rows)
    )


def command_cost(folder: Path, count: int, threads: int) -> regrade.Run:
    """What a regrade of a folder's first frames takes, as a process of its own, with one thread on one core; its first
    frame is checked."""
    [ours] = regrade.commands(folder, folder, count, "ZIP")[regrade.OURS]
    took = regrade.run([[*ours, "--threads", f"{threads}"]], folder / "out", is_pinned=threads == 1)
    regrade.check("ZIP", regrade.OURS, folder)
    return took


def workers(folder: Path, extent: Extent) -> str:
    """Workers of a local cluster, a frame each; the folder is that of `in_flight`."""
    rows = []
    for number in extent.workers:
        first, watch = 2 * number, Watch(2 * number, extent.frames)
        regrade_on(Cluster(workers=number), planned(folder, extent.frames), watch.told)
        regrade.check("ZIP", regrade.OURS, folder)
        each = watch.each(first, extent.frames)
        parts = each.frames, each.workers - each.frames, each.head
        rows.append([f"{number}", f"{1 / each.wall:.1f}", *(f"{cpu / MILLI:.1f}" for cpu in parts)])
    head = ["workers", "frames/s", "CPU ms: the frame", "its task, in the worker", "in the head"]
    return (
        "## Workers\n\n`--cluster local` on the same frames, after the first two of each worker; the head is the "
        f"command and Dask's scheduler.\n\n{table(head, rows)}"
    )


def many(folder: Path, extent: Extent) -> str:
    """Many tiny frames, by threads, again when they are done, and by two workers."""
    write_frames(folder, extent.tiny, TINY, "ZIP")
    part, last = extent.part, extent.tiny
    marks = (1, part, last - part, last)
    ways: dict[str, tuple[str, bool, Any]] = {
        "graded by threads": ("ok", False, regrade_here),
        "found done by threads": ("skipped", True, regrade_here),
        "graded by 2 workers": ("ok", False, lambda asked, told: regrade_on(Cluster(), asked, told)),
    }
    rows = []
    for name, (status, again, work) in ways.items():
        watch = Watch(*marks, status=status)
        work(planned(folder, last, again), watch.told)
        ends = watch.each(1, part), watch.each(last - part, last)
        first, end = (each.cpu for each in ends)
        rows.append([name, f"{first / MILLI:.2f}", f"{end / MILLI:.2f}", f"{end / first:.2f}"])
    return (
        f"## {last} frames of {TINY[1]}x{TINY[0]}\n\nCPU time a frame, of all processes, after the first frame.\n\n"
        + table(["", f"first {part}, ms", f"last {part}, ms", "last / first"], rows)
    )


def huge(folder: Path, extent: Extent) -> str:
    """One frame of each size, of the same pixels again and again, alone in its process, on one core."""
    write_frames(folder, 1, extent.base, "ZIP")
    write_frames(folder / "tiny", 1, TINY, "ZIP")
    start = command_cost(folder / "tiny", 1, 1).cpu
    command_cost(folder, 1, 1)
    base, graded = planes(folder / "s.0001.exr"), planes(folder / "out" / "s.0001.exr")
    rows = []
    for side in extent.sides:
        write_tiled(base, side, folder / "s.0001.exr")
        took, most = bounded(folder)
        shown = planes(folder / "out" / "s.0001.exr")
        if not all(is_tiled(shown[name], plane, side) for name, plane in graded.items()):
            sys.exit(f"a frame of {side} x {side}: expected the smallest one's pixels so many times")
        height, width = (side * each for each in extent.base)
        nanoseconds = (took.cpu - start) / (width * height) / NANO
        sizes = (f"{took.peak / MEGA:.0f}", f"{most / MEGA:.0f}", f"{took.peak / (width * height):.0f}")
        rows.append([f"{width}x{height}", f"{took.seconds:.1f}", f"{nanoseconds:.1f}", *sizes])
    return (
        "## Huge frames\n\nOne frame in a process of its own, on one core, under `--memory` of what the plan says it "
        "needs and the program's own; CPU time without the start.\n\n"
        + table(["frame", "s", "CPU ns a pixel", "peak MB", "--memory, MB", "peak, bytes a pixel"], rows)
    )


def bounded(folder: Path) -> tuple[regrade.Run, int]:
    """What a regrade of one frame takes under the memory that its plan asks for, and that memory; it must not take
    more."""
    asked = planned(folder, 1)
    most = plan_frame(asked.jobs[0], asked.session).bytes_needed + PROGRAM
    [ours] = regrade.commands(folder, folder, 1, "ZIP")[regrade.OURS]
    took = regrade.run([[*ours, "--threads", "1", "--memory", f"{most}"]], folder / "out", is_pinned=True)
    if took.peak > most:
        sys.exit(f"a frame took {took.peak / MEGA:.0f} MB, expected {most / MEGA:.0f} at most")
    return took, most


def planes(path: Path) -> dict[str, Any]:
    """The channels of a file by name, (H, W) half."""
    channels = OpenEXR.File(str(path), separate_channels=True).channels()
    return {name: channels[name].pixels for name in "RGB"}


def write_tiled(base: dict[str, Any], side: int, path: Path) -> None:
    """Write a picture side x side times as one."""
    header = {"type": OpenEXR.scanlineimage, "compression": OpenEXR.ZIP_COMPRESSION}
    tiled = {name: np.tile(plane, (side, side)) for name, plane in base.items()}
    OpenEXR.File(header, tiled).write(str(path))


def is_tiled(plane: Any, base: Any, side: int) -> bool:
    """Whether a plane is another side x side times, to the bit."""
    height, width = base.shape
    parts = plane.view(np.uint16).reshape(side, height, side, width)
    return bool((parts == base.view(np.uint16)[None, :, None, :]).all())


def sections(extent: Extent) -> Iterator[str]:
    """The report's parts, each as soon as it is measured."""
    yield (
        f"# Scale\n\n`make bench-scale` on {cpu_model()}, {cores()} cores, Python {platform.python_version()}. Pixels "
        "are checked first. Half R, G, B, ZIP."
    )
    with tempfile.TemporaryDirectory() as name:
        yield in_flight(Path(name, "frames"), extent)
        yield workers(Path(name, "frames"), extent)
        yield many(Path(name, "many"), extent)
        yield huge(Path(name, "huge"), extent)


def main() -> None:
    """Measure, print, and keep what was printed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a small part, and nothing is written")
    small = parser.parse_args().small
    parts = []
    for part in sections(SMALL if small else WHOLE):
        parts.append(part)
        print(part, end="\n\n", flush=True)
    if not small:
        RESULTS.write_text("\n\n".join(parts) + "\n")


if __name__ == "__main__":
    main()
