"""Locks on byte ranges of a file, held by an open file. They end with the process, also when it is killed.

On Linux they belong to the open file, and so hold between threads and across NFS; elsewhere POSIX locks exclude other
processes only.
"""

from __future__ import annotations

import errno
import struct
import sys
import time

try:
    import fcntl
except ImportError:  # not POSIX
    fcntl = None  # type: ignore[assignment]

TRIES, WAIT = 500, 0.01  # 5 s
TAKEN = (errno.EAGAIN, errno.EACCES)
LAYOUT = struct.Struct("hh4xqqi4x")  # struct flock of 64-bit Linux: kind, whence, start, length, pid
CAN_ASK = sys.platform == "linux" and struct.calcsize("P") == 8 and hasattr(fcntl, "F_OFD_SETLK")


def lock(descriptor: int, start: int, tries: int = TRIES, shared: bool = False) -> bool | None:
    """Lock one byte: True if it is ours, False if others hold it after `tries`, None if the disk has no locks."""
    for k in range(tries):
        if k:
            time.sleep(WAIT)
        try:
            _set(descriptor, shared, start)
            return True
        except OSError as error:
            if error.errno not in TAKEN:
                return None
        except AttributeError:  # without fcntl
            return None
    return False


def is_locked(descriptor: int, start: int, length: int) -> bool | None:
    """True if another open file has a lock on any of these bytes, None if that is not known here."""
    if not CAN_ASK:
        return None
    asked = LAYOUT.pack(fcntl.F_WRLCK, 0, start, length, 0)
    try:
        kind = LAYOUT.unpack(fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, asked))[0]
    except OSError:
        return None
    return bool(kind != fcntl.F_UNLCK)


def _set(descriptor: int, shared: bool, start: int) -> None:
    if CAN_ASK:
        kind = fcntl.F_RDLCK if shared else fcntl.F_WRLCK
        fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, LAYOUT.pack(kind, 0, start, 1, 0))
    else:
        fcntl.lockf(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB, 1, start)
