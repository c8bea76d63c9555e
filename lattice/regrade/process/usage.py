"""The memory that this process uses."""

from __future__ import annotations

import os
from contextlib import suppress


def peak_bytes() -> int:
    """Return the peak resident memory of this process so far, in bytes; 0 if the system does not report it."""
    # On Linux, ru_maxrss also includes the peak of the parent process.
    with suppress(OSError, StopIteration), open("/proc/self/status", "rb") as status:
        return int(next(line for line in status if line.startswith(b"VmHWM")).split()[1]) * 1024
    try:
        import resource
    except ImportError:  # not POSIX
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if os.uname().sysname == "Darwin" else 1024)
