"""A file appears whole and verified, or not at all.

The bytes go to `.<name>.<host>.<pid>.tmp` beside the target, are flushed to the disk, read again and
judged, and only then take the target's name in one step.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lattice.types import LatticeError

BACKUP = ".orig"  # added to the name of a file that is replaced by what was made of it
INITIAL_NAMESPACE = "pid:[4026531836]"  # of processes. Source: Linux, include/linux/proc_ns.h, PROC_PID_INIT_INO
DEAD_AFTER = 86400  # seconds without a write until a temporary of another host is nobody's
WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
_in_hand: set[Path] = set()  # the temporaries that this process is writing now
_in_hand_lock = threading.Lock()


def temporary_name(target: Path) -> Path:
    """Where the bytes for `target` are gathered by this process on this host."""
    return target.with_name(f".{target.name}.{_host()}.{os.getpid()}.tmp")


def replace(target: Path, pieces: Iterable[bytes | memoryview], verify: Callable[[Path], object],
            backup: Path | None = None) -> None:
    """Write `pieces` under a temporary name; all else as for `make`."""
    make(target, lambda temporary: gather(temporary, pieces), verify, backup)


def make(target: Path, write: Callable[[Path], object], verify: Callable[[Path], object],
         backup: Path | None = None) -> None:
    """Let `write` make a file under a temporary name, call `verify` on it while it is flushed to the disk, then give it
    the target's name.

    target: followed where it is a symbolic link; an existing file is replaced and its mode kept.
    verify: raises to refuse what was written. backup: the old file keeps this name, which must be free.
    Raises LatticeError naming target and reason; on any exception, an interrupt too, the temporary is gone
    and the target is as it was.
    """
    target = Path(os.path.realpath(target))
    _check_target(target)
    temporary = temporary_name(target)
    with _in_hand_lock:
        if temporary in _in_hand:
            raise LatticeError(f"{target}: expected one writer, got two in this process")
        _in_hand.add(temporary)
    try:
        temporary.unlink(missing_ok=True)  # of a dead process with our number; or a link that somebody left there
        write(temporary)
        with _flushing(temporary):
            verify(temporary)
        if target.exists():
            shutil.copymode(target, temporary)
        _take_name(temporary, target, backup)
    except OSError as error:
        raise LatticeError(f"{target}: cannot be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            temporary.unlink()
        with _in_hand_lock:
            _in_hand.discard(temporary)


def _check_target(target: Path) -> None:
    """Refuse what must not be replaced: a folder, a pipe or a device, and a file that somebody write-protected."""
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise LatticeError(f"{target}: cannot be written: {error.strerror}") from None
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "a pipe or a device"
        raise LatticeError(f"{target}: expected a file or a free name, got {kind}")
    if not mode & WRITABLE or not os.access(target, os.W_OK):  # the superuser may write, and should not
        raise LatticeError(f"{target}: expected a file that may be written, got a write-protected one")


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
    pattern, here = re.compile(r"\.(?P<whose>.+)\.(?P<pid>\d+)\.tmp", re.DOTALL), _host()
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
        with _in_hand_lock:
            return temporary in _in_hand
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _host() -> str:
    """This host, and its container where process numbers are counted anew there."""
    host = re.sub(r"[^\w.-]", "_", socket.gethostname()) or "localhost"
    try:
        namespace = os.readlink("/proc/self/ns/pid")
    except OSError:  # no Linux
        return host
    return host if namespace == INITIAL_NAMESPACE else f"{host}-{re.sub(r'[^0-9]', '', namespace)}"


def gather(temporary: Path, pieces: Iterable[bytes | memoryview]) -> None:
    """Write the pieces, for `make`."""
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        for piece in pieces:
            rest = memoryview(piece)
            while rest:
                rest = rest[os.write(descriptor, rest):]
    finally:
        os.close(descriptor)


def _take_name(temporary: Path, target: Path, backup: Path | None) -> None:
    if backup is not None:
        _keep(target, backup)
    try:
        os.replace(temporary, target)
    except BaseException:
        if backup is not None:
            backup.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _keep(target: Path, backup: Path) -> None:
    if os.path.lexists(backup):
        if os.path.samestat(os.lstat(target), os.lstat(backup)):  # a job that was killed had kept it already
            return
        raise LatticeError(f"{target}: expected no backup yet, got {backup}")
    try:
        os.link(target, backup)
    except FileExistsError:
        raise LatticeError(f"{target}: expected no backup yet, got {backup}") from None
    except OSError:  # a disk without hard links
        copied = temporary_name(backup)
        try:
            shutil.copy2(target, copied)
            _flush(copied)
            os.replace(copied, backup)
        except BaseException:
            copied.unlink(missing_ok=True)
            raise


@contextmanager
def _flushing(path: Path) -> Iterator[None]:
    """A file goes to the disk meanwhile, which takes time and no processor. Raises what flushing it raised."""
    faults: list[BaseException] = []

    def flush() -> None:
        try:
            _flush(path)
        except BaseException as error:
            faults.append(error)

    waiting = threading.Thread(target=flush, name="flush")
    try:
        waiting.start()
    except RuntimeError:  # the system is full of threads
        flush()
    try:
        yield
    finally:
        if waiting.ident is not None:  # it was started
            waiting.join()
    if faults:
        raise faults[0]


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except PermissionError:  # files may be made there, and not listed: the file has its name
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network disks cannot, and need not
            raise
    finally:
        os.close(descriptor)
