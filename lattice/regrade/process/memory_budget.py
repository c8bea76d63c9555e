"""The memory that the frames in hand may use together."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from lattice.files.exr import luma_chroma
from lattice.files.frame import FrameHeader
from lattice.types import LatticeError, shortened

# A frame's peak memory, when its output is read again: COPIES times its pixels and its file, as measured on 4K frames
# of every codec, with a tenth added. A luminance-chroma frame becomes RGB in float32: LUMA_BYTES more for each pixel.
COPIES = 3.3
LUMA_BYTES = 80
IMAGE_BYTES = 32  # per pixel if source or output is not EXR: code values, their light, code values read again
# Per pixel of the display window beyond the data window, if the output is not EXR: the picture that is filled up, its
# code values, and these read again. As measured on TIFFs of floats with alpha, with a tenth added.
SHOWN_BYTES = 72
SHARE = 0.75  # of the free memory, if no budget is given
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


def needed(headers: Sequence[FrameHeader], file_bytes: int, is_image: bool = False) -> int:
    """Return the bytes of memory that regrading a file needs at its peak.

    headers: of the stored parts. file_bytes: size of the source. is_image: True if the output is not EXR.
    """
    pixels = other = shown = 0
    for header in headers:
        left, top, right, bottom = header.display
        shown = max(shown, (right - left + 1) * (bottom - top + 1) - header.shape[0] * header.shape[1])
        area = sum(image.shape[0] * image.shape[1] for image in header.images)
        channels = luma_chroma.rgb_header(header).channels
        pixels += area * sum(np.dtype(channel.dtype).itemsize for channel in channels)
        other += area * LUMA_BYTES if luma_chroma.is_luma(header) else 0
        other += area * IMAGE_BYTES if is_image or header.exr is None else 0
    return int(COPIES * (pixels + file_bytes)) + other + SHOWN_BYTES * shown * is_image


class Budget:
    """The memory that frames share: each frame waits until the bytes it needs are free.

    limit: bytes; None: three quarters of the memory that is free now, and a frame that needs more runs alone.
    """

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self._most = limit or _free()
        self._held = 0
        self._changed = threading.Condition()

    @property
    def most(self) -> int | None:
        """The bytes to share: the limit, or the share of what was free; None if the system does not report that."""
        return self._most

    def check(self, size: int, where: str) -> None:
        """Raise LatticeError if a given limit is below `size` bytes. where: the file's name, for the message."""
        if self.limit is not None and size > self.limit:
            raise LatticeError(
                f"{where}: expected a frame that fits in {size_said(self.limit)} of memory, got one that "
                f"takes about {size_said(size)}; a larger budget would do"
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
    """Return the bytes to share by default; None if the system does not report free memory."""
    free: list[int] = []
    with suppress(OSError, ValueError, StopIteration):
        line = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemAvailable"))
        free.append(int(line.split()[1]) * 1024)
    for group in _groups():  # a farm job may use less memory than its machine has
        with suppress(OSError, ValueError):
            free.append(int((group / "memory.max").read_text()) - int((group / "memory.current").read_text()))
    return int(SHARE * max(0, min(free))) if free else None


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
