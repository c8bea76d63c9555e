"""Temporaries that killed jobs left behind: told from those that are being written, and removed."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from lattice.files.storage.atomic import BACKUP, IN_HAND, IN_HAND_LOCK, this_host

DEAD_AFTER = 86400  # seconds without a write until a temporary of another host is nobody's


def remove_leftovers(targets: Iterable[Path]) -> list[Path]:
    """Remove the temporaries that dead jobs left for these targets and their backups; return what was removed.

    Those of living processes stay. Whether one of another host is alive cannot be known from here: those stay for a day
    after they were written to.
    """
    if os.name != "posix":  # elsewhere asking whether a process lives may end it
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
    """What stands after one of the names and a dot; empty where none does."""
    words = whose.split(".")
    cuts = (k for k in range(len(words) - 1, 0, -1) if ".".join(words[:k]) in names)
    return ".".join(words[next(cuts, len(words)):])


def _is_fresh(entry: os.DirEntry[str]) -> bool:
    return time.time() - entry.stat(follow_symlinks=False).st_mtime < DEAD_AFTER


def _alive(pid: int, temporary: Path) -> bool:
    if pid == os.getpid():  # numbers come round again, in containers soon
        with IN_HAND_LOCK:
            return temporary in IN_HAND
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True

