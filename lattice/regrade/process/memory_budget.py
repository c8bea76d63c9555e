"""The memory that the frames in hand may use together."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lattice.types import LatticeError, shortened

SHARE = 0.75  # of the free memory, if no budget is given
PROGRAM = 100 * 2**20  # bytes of the program itself: Python and its libraries, with those for images
SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)\s*([KMGT]?)(?:i?B)?", re.IGNORECASE | re.ASCII)
LONGEST = 40  # characters of the text in a message
UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


def parse_size(text: str) -> int:
    """Return the bytes of "4G", "800M", "2.5GiB" or "1000000"; units are powers of 1024.

    Raises LatticeError for other text and for 0.
    """
    match = SIZE.fullmatch(text.strip())
    size = int(float(match[1]) * UNITS[match[2].upper()]) if match else 0
    if size <= 0:
        raise LatticeError(f"memory: expected a size such as 4G or 800M, got {shortened(text, LONGEST)}")
    return size


def frames_memory(text: str) -> int:
    """Return the bytes that frames may use where the whole program may use `text`, such as "4G".

    Raises LatticeError as `parse_size`, and if nothing is left for frames.
    """
    size = parse_size(text) - PROGRAM
    if size <= 0:
        raise LatticeError(
            f"memory: expected more than the {size_said(PROGRAM)} that the program takes itself, got {text}"
        )
    return size


class Budget:
    """The memory that frames share: each frame waits until the bytes it needs are free.

    limit: bytes; None: three quarters of the memory that is free now. A frame that needs more than those, but not more
    than is free, runs alone.
    """

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self._all = _free() if limit is None else limit
        self._most = self._all if limit or self._all is None else int(SHARE * self._all)
        self._held = 0
        self._changed = threading.Condition()

    @property
    def most(self) -> int | None:
        """The bytes to share: the limit, or the share of what was free; None if the system does not report that."""
        return self._most

    def check(self, size: int, where: str) -> None:
        """Raise LatticeError if `size` bytes are more than the limit, or than was free. where: the file's name, for
        the message."""
        if self._all is None or size <= self._all:
            return
        room = f"{size_said(self._all)} of {'free ' if self.limit is None else ''}memory"
        raise LatticeError(
            f"{where}: expected a frame that fits in {room}, got one that takes about {size_said(size)}; "
            f"--memory {(size + PROGRAM >> 20) + 1}M would take it"
        )

    @contextmanager
    def holding(self, size: int) -> Iterator[None]:
        """Wait until `size` bytes are free, and reserve them within the block; a size over the limit runs alone."""
        with self._changed:
            self._changed.wait_for(lambda: not self._held or self._most is None or self._held + size <= self._most)
            self._held += size
        try:
            yield
        finally:
            with self._changed:
                self._held -= size
                self._changed.notify_all()


def _free() -> int | None:
    """Return the bytes that are free now; None if the system does not report them."""
    free: list[int] = []
    with suppress(OSError, ValueError, StopIteration):
        line = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemAvailable"))
        free.append(int(line.split()[1]) * 1024)
    for group in _groups():  # a farm job may use less memory than its machine has
        with suppress(OSError, ValueError):
            free.append(int((group / "memory.max").read_text()) - int((group / "memory.current").read_text()))
    return max(0, min(free)) if free else None


def _groups(root: Path = Path("/sys/fs/cgroup"), told: Path = Path("/proc/self/cgroup")) -> list[Path]:
    """Return the folders of this process's control group and of its parents."""
    with suppress(OSError, StopIteration):
        line = next(line for line in told.read_text().splitlines() if line.startswith("0::/"))
        inside = Path(line.removeprefix("0::/"))
        return [root / inside, *(root / parent for parent in inside.parents)]
    return [root]


def size_said(size: int) -> str:
    """Return a number of bytes for people."""
    return f"{size / 2**20:.0f} MiB" if size >= 2**23 else f"{size / 2**10:.0f} KiB"
