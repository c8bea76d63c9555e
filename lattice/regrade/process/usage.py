"""The memory that this process uses."""

from __future__ import annotations

import os
from contextlib import suppress

PAGE = 4096  # bytes; all that the system has to say, by one call


def peak_bytes() -> int:
    """Return the peak resident memory of this process so far, in bytes; 0 if the system does not report it."""
    # On Linux, ru_maxrss also includes the peak of the parent process.
    with suppress(OSError, IndexError), open("/proc/self/status", "rb", buffering=0) as status:
        return int(status.read(PAGE).partition(b"VmHWM:")[2].split()[0]) * 1024
    try:
        import resource
    except ImportError:  # not POSIX
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if os.uname().sysname == "Darwin" else 1024)
