"""Run a command and print what it took: wall seconds, CPU seconds, peak resident bytes.

`python bench/regrade_run.py [--one-core] COMMAND...`. A process of its own, because Linux counts into a process's peak
that of whoever starts it; this one takes 10 MB. Exits as the command does.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

PINNED = "--one-core"


def main() -> None:
    """Run it, its output dropped."""
    words = sys.argv[1:]
    if words[0] == PINNED:
        words = words[1:]
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # the command inherits it
    start = time.perf_counter()
    child = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    print(time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)
    sys.exit(child.returncode)


if __name__ == "__main__":
    main()
