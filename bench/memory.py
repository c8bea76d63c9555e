"""Peak memory of one native apply beyond its picture in and out, in a process of its own.

python bench/memory.py premier 2160 4096 1     # look, height, width, threads; prints KiB
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from work import ALONE, sdev_by_name

PEAK_AGAIN = "5"  # written to clear_refs, the peak starts again. Source: man 5 proc_pid_clear_refs
# Every array gets pages of its own, not some that an earlier one left behind and that count already.
APART = {"MALLOC_MMAP_THRESHOLD_": "65536"}


def resident(field: str) -> int:
    """KiB of a field of the process's status, such as VmHWM."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field))


def measure(look: str, height: int, width: int, threads: int) -> int:
    """KiB that the first apply of this process adds at its peak; what it keeps for the next one counts too."""
    sdev = sdev_by_name(look, "tetrahedral")
    dtype = np.float32 if look == ALONE else np.float16
    image, out = np.full((height, width, 4), 0.5, dtype), np.full((height, width, 4), 0.5, dtype)
    Path("/proc/self/clear_refs").write_text(PEAK_AGAIN)
    before = resident("VmRSS")
    sdev.apply(image, out, "tetrahedral", "native", threads)
    return resident("VmHWM") - before


def measure_apart(look: str, height: int, width: int, threads: int) -> int:
    """The same in a fresh process."""
    command = [sys.executable, __file__, look, str(height), str(width), str(threads)]
    done = subprocess.run(command, env=os.environ | APART, capture_output=True, text=True, check=True)
    return int(done.stdout)


if __name__ == "__main__":
    print(measure(sys.argv[1], *map(int, sys.argv[2:])))
