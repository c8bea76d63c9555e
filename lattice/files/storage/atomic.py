"""Write a file complete and verified, or not at all.

The bytes go to `.<name>.<host>.<pid>.tmp` beside the target, are flushed to the disk, read back and verified; then the
file takes the target's name in one step.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lattice.errors import LatticeWarning
from lattice.files.storage.host import this_host
from lattice.files.storage.read import read_bytes
from lattice.types import LatticeError

BACKUP = ".orig"  # suffix for the original of a file that is replaced by its own result
WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
SMALL = 1 << 18  # bytes; with fewer, starting a thread costs more than it gains
IN_HAND: set[Path] = set()  # temporaries that this process is writing now
IN_HAND_LOCK = threading.Lock()


def path_text(path: object, wanted: str = "a path") -> str:
    """Return the text of a path. Raises LatticeError if it is neither text nor path-like, is bytes, or has a NUL."""
    text = os.fspath(path) if isinstance(path, os.PathLike) else path
    if not isinstance(text, str):
        raise LatticeError(f"expected {wanted}, got {type(path).__name__}")
    if "\0" in text:
        raise LatticeError(f"{text!r}: expected {wanted}, got one with a NUL in it")
    return text


def temporary_name(target: Path) -> Path:
    """Return the path where this process on this host writes the bytes for `target`."""
    return target.with_name(f".{target.name}.{this_host()}.{os.getpid()}.tmp")


def replace(
    target: Path, pieces: Iterable[bytes | memoryview], verify: Callable[[Path], object], backup: Path | None = None
) -> None:
    """Write `pieces` to `target`; other arguments and errors as for `make`."""
    make(target, lambda temporary: gather(temporary, pieces), verify, backup)


def make(
    target: Path,
    write: Callable[[Path], object],
    verify: Callable[[Path], object],
    backup: Path | None = None,
    is_new: bool = False,
) -> None:
    """Let `write` make a file under a temporary name, call `verify` on it while it is flushed to the disk, then rename
    it to the target.

    target: a symbolic link is followed; an existing file is replaced and its mode kept.
    verify: raises to refuse the file. backup: name that keeps the old file; must be free. is_new: no file is replaced,
    nor one that comes meanwhile.
    Raises LatticeError, with target and reason, if the target is a folder, a pipe, a device or write-protected, if
    another writer of this process has it, if the backup exists, or if the disk refuses. On any exception, including an
    interrupt, the temporary is removed and the target is unchanged.
    """
    target = Path(os.path.realpath(target))
    _check_target(target)
    temporary, is_there = temporary_name(target), False
    with IN_HAND_LOCK:
        if temporary in IN_HAND:
            raise LatticeError(f"{target}: expected one writer, got two in this process")
        IN_HAND.add(temporary)
    try:
        temporary.unlink(missing_ok=True)  # from a dead process with our process ID, or a link left there
        is_there = True
        write(temporary)
        with _flushing(temporary):
            verify(temporary)
        if target.exists():
            _keep_owner(target, temporary)
            shutil.copymode(target, temporary)
        if not (is_new and _took_free_name(temporary, target)):
            _take_name(temporary, target, backup)
            is_there = False
    except OSError as error:
        if not target.parent.is_dir():
            raise LatticeError(f"{target}: expected an existing folder, got none at {target.parent}") from error
        raise LatticeError(f"{target}: cannot be written: {error.strerror or error}") from error
    finally:
        if is_there:
            with suppress(OSError):
                temporary.unlink()
        with IN_HAND_LOCK:
            IN_HAND.discard(temporary)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, if they are not there. Raises LatticeError if the disk refuses."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LatticeError(f"{folder}: cannot be made: {error.strerror or error}") from None


def check_new(target: Path, suffix: str, overwrite: bool, start: bytes) -> None:
    """Check a new file's name before the work that makes its bytes.

    start: first bytes of every such file. Raises LatticeError if the name does not end in `suffix`, or is taken by a
    file of another kind that must not be overwritten.
    """
    if target.suffix.lower() != suffix:
        raise LatticeError(f"{target}: expected a name ending in {suffix}")
    if not overwrite and os.path.lexists(target) and read_bytes(target, len(start)) != start:
        raise LatticeError(_taken(target))


def write_new(target: Path, data: bytes, overwrite: bool, verify: Callable[[Path], object] = lambda _: None) -> None:
    """Write a file under a free name. A file that has the same bytes already is left as it is.

    overwrite: replace an existing file. Raises LatticeError if the name is taken by anything else, and as `make`.
    """
    if not holds(target, data, overwrite):
        replace(target, [data], verify)


def holds(target: Path, data: bytes, overwrite: bool) -> bool:
    """True if a file of these bytes is there; False if it is to be written. Raises LatticeError if the name is taken by
    anything else, unless it may be overwritten."""
    if not os.path.lexists(target):
        return False
    with suppress(LatticeError):
        if read_bytes(target, len(data) + 1) == data:
            return True
    if not overwrite:
        raise LatticeError(_taken(target))
    return False


def _taken(target: Path) -> str:
    return f"{target}: exists already; --overwrite replaces it (in Python: overwrite=True)"


def _check_target(target: Path) -> None:
    """Raise LatticeError if the target must not be replaced: a folder, a pipe, a device or a write-protected file."""
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise LatticeError(f"{target}: cannot be written: {error.strerror}") from None
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "a pipe or a device"
        raise LatticeError(f"{target}: expected a file or a free name, got {kind}")
    if not mode & WRITABLE or not os.access(target, os.W_OK):  # root may write to it, but should not
        raise LatticeError(f"{target}: expected a file that may be written, got a write-protected one")


def gather(temporary: Path, pieces: Iterable[bytes | memoryview]) -> None:
    """Write the pieces to a new file, for `make`. Raises OSError if the disk refuses or the file exists."""
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        for piece in _joined(pieces):
            rest = memoryview(piece)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
    finally:
        os.close(descriptor)


def _joined(pieces: Iterable[bytes | memoryview]) -> Iterator[bytes | memoryview]:
    """Yield the same bytes in fewer pieces: small ones are joined, as a call for each costs more than the copy."""
    small: list[bytes | memoryview] = []
    held = 0
    for piece in pieces:
        if len(piece) <= SMALL // 8 and held + len(piece) <= SMALL:
            small.append(piece)
            held += len(piece)
            continue
        yield b"".join(small)
        yield piece
        small, held = [], 0
    yield b"".join(small)


def _keep_owner(target: Path, temporary: Path) -> None:
    """Give the new file the old one's owner and group. Tells the user, once a folder, if the owner must change."""
    if os.name != "posix":
        return
    old, new = target.stat(), temporary.stat()
    if old.st_gid != new.st_gid:
        with suppress(OSError):
            os.chown(temporary, -1, old.st_gid)
    if old.st_uid != new.st_uid:
        try:
            os.chown(temporary, old.st_uid, -1)
        except OSError:
            text = f"{target.parent}: files that belonged to user {old.st_uid} now belong to you, user {new.st_uid}"
            warnings.warn(text, LatticeWarning, stacklevel=2)


def _took_free_name(temporary: Path, target: Path) -> bool:
    """Give a file its name in one step if that is free; False on a disk without hard links. Raises LatticeError if the
    name is taken."""
    try:
        os.link(temporary, target)
    except OSError:
        if os.path.lexists(target):
            raise LatticeError(f"{target} was written meanwhile by another: --overwrite replaces it") from None
        return False
    _sync_folder(target.parent)
    return True


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
        if os.path.samestat(os.lstat(target), os.lstat(backup)):  # a killed job had kept it already
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
    """Flush a file to the disk during the block, which takes time but no CPU; a small one before it. Raises the
    exception of the flush."""
    faults: list[BaseException] = []

    def flush() -> None:
        try:
            _flush(path)
        except BaseException as error:
            faults.append(error)

    waiting = threading.Thread(target=flush, name="flush")
    try:
        if path.stat().st_size < SMALL:
            flush()
        else:
            waiting.start()
    except RuntimeError:  # no more threads available
        flush()
    try:
        yield
    finally:
        if waiting.ident is not None:  # the thread was started
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
    except PermissionError:  # the folder is writable but not readable; the file has its name already
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network disks cannot sync a folder, and need not
            raise
    finally:
        os.close(descriptor)
