"""The floor of a regrade: the OpenEXR package reads frames and writes them again, two at a time, and does no more.

`python bench/regrade_floor.py SOURCES TARGETS`; nothing is verified, flushed to the disk or graded.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import OpenEXR

THREADS = 2


def main() -> None:
    """Copy every frame of a folder."""
    sources, targets = Path(sys.argv[1]), Path(sys.argv[2])

    def copy(source: Path) -> None:
        part = OpenEXR.File(str(source), separate_channels=True, num_threads=0).parts[0]
        OpenEXR.File(part.header, part.channels, num_threads=0).write(str(targets / source.name))

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(copy, sorted(sources.glob("s.*.exr"))))


if __name__ == "__main__":
    main()
