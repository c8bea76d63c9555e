"""Remove the temporaries that killed jobs left behind; keep temporaries that are being written."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from lattice.files.storage.atomic import BACKUP, IN_HAND, IN_HAND_LOCK
from lattice.files.storage.host import this_host

DEAD_AFTER = 86400  # seconds without a write after which another host's temporary counts as abandoned


def remove_leftovers(targets: Iterable[Path]) -> list[Path]:
    """Remove the temporaries that dead jobs left for these targets and their backups; return the removed paths.

    Temporaries of living processes stay. Processes of another host cannot be checked from here: their temporaries stay
    for a day after the last write. Does nothing on systems other than POSIX.
    """
    if os.name != "posix":  # elsewhere os.kill(pid, 0) may end the process
        return []
    folders: dict[Path, set[str]] = {}
    for target in targets:
        resolved = Path(os.path.realpath(target))
        folders.setdefault(resolved.parent, set()).update((resolved.name, resolved.name + BACKUP))
    removed = []
    for folder, names in folders.items():
        for leftover in _leftovers(folder, names):
            with suppress(OSError):
                leftover.unlink()
                removed.append(leftover)
    return removed


def _leftovers(folder: Path, names: set[str]) -> list[Path]:
    pattern, here = re.compile(r"\.(?P<whose>.+)\.(?P<pid>\d+)\.tmp", re.DOTALL), this_host()
    found = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            match = pattern.fullmatch(entry.name)
            host = match and _host_of(match["whose"], names)
            if match is None or not host:
                continue
            if not (_alive(int(match["pid"]), Path(entry.path)) if host == here else _is_fresh(entry)):
                found.append(Path(entry.path))
    return found


def _host_of(whose: str, names: set[str]) -> str:
    """Return the text after one of the names and a dot; empty if no name matches."""
    words = whose.split(".")
    cuts = (k for k in range(len(words) - 1, 0, -1) if ".".join(words[:k]) in names)
    return ".".join(words[next(cuts, len(words)) :])


def _is_fresh(entry: os.DirEntry[str]) -> bool:
    return time.time() - entry.stat(follow_symlinks=False).st_mtime < DEAD_AFTER


def _alive(pid: int, temporary: Path) -> bool:
    if pid == os.getpid():  # process IDs are reused, in containers soon
        with IN_HAND_LOCK:
            return temporary in IN_HAND
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
