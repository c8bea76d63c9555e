"""How long a command takes to start, beside Python with NumPy and beside the floor of one frame.

`make bench-start` prints medians of processes that take turns, in seconds of wall and of CPU, and their ratios.
The CPU's are the ones to read on a machine that is busy.
"""

from __future__ import annotations

import os
import pickle
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import fields
from pathlib import Path

import numpy as np
from regrade import write_frames

import lattice
from lattice.files.exr import file as exr
from lattice.types import SDevData

HERE, ROUNDS, LOOK = Path(__file__).parent, 9, "premier"
ROWS, COLUMNS = 1080, 2048
NUMPY, FLOOR = "import numpy", "floor of a frame"
PEER = {"--help": NUMPY, "info": NUMPY, "load": NUMPY, "apply": FLOOR, "regrade": FLOOR}


def commands(folder: Path) -> dict[str, list[str]]:
    """Return what is run, by name, after its files are made."""
    write_frames(folder, 1, (ROWS, COLUMNS), "ZIP")
    sdev = lattice.load(LOOK)
    data = SDevData(*(getattr(sdev, each.name) for each in fields(SDevData)))
    (folder / "device").write_bytes(pickle.dumps(data))
    run, program = [sys.executable, "-c"], [sys.executable, "-m", "lattice.cli"]
    look = ["--sdev", LOOK, "--force"]
    return {
        NUMPY: [*run, NUMPY],
        FLOOR: [sys.executable, str(HERE / "start_floor.py"), "s.0001.exr", "floor.exr", "device"],
        "--help": [*program, "--help"],
        "info": [*program, "info", LOOK],
        "load": [*run, f"import lattice; lattice.load({LOOK!r})"],
        "apply": [*program, "apply", "s.0001.exr", "applied.exr", *look],
        "regrade": [*program, "regrade", "s.####.exr", "graded.####.exr", *look],
    }


def seconds(command: list[str], folder: Path) -> tuple[float, float]:
    """Return the wall and the CPU seconds of one process."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Check that the floor shows what `apply` does, then time all in turn."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # without compiled modules it is the compiler that is timed
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        every = commands(folder)
        for command in every.values():
            seconds(command, folder)
        floor, applied = (exr.read(folder / f"{each}.exr").channels for each in ("floor", "applied"))
        if not all(np.array_equal(floor[channel], applied[channel]) for channel in "RGB"):
            raise SystemExit("the floor shows other pixels than lattice apply")
        rounds = [{title: seconds(command, folder) for title, command in every.items()} for _ in range(ROUNDS)]
    wall, cpu = ({title: statistics.median(each[title][k] for each in rounds) for title in every} for k in (0, 1))
    for title in every:
        peer = PEER.get(title, title)
        print(
            f"{title:18} wall {wall[title]:.3f} s, {wall[title] / wall[peer]:.2f} x {peer}; "
            f"CPU {cpu[title]:.3f} s, {cpu[title] / cpu[peer]:.2f} x"
        )


if __name__ == "__main__":
    main()
