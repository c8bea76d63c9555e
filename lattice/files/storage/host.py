"""The name of this host, as temporaries, ledgers and certificates have it."""

from __future__ import annotations

import os
import platform
import re
from functools import cache

INITIAL_NAMESPACE = "pid:[4026531836]"  # of process IDs. Source: Linux, include/linux/proc_ns.h, PROC_PID_INIT_INO


@cache
def this_host() -> str:
    """Return this host's name, with its container's number if the container counts process IDs separately."""
    host = re.sub(r"[^\w.-]", "_", platform.node()) or "localhost"
    try:
        namespace = os.readlink("/proc/self/ns/pid")
    except OSError:  # not Linux
        return host
    return host if namespace == INITIAL_NAMESPACE else f"{host}-{re.sub(r'[^0-9]', '', namespace)}"
