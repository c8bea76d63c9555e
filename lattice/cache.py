"""The user's cache: results kept between runs, each of which can be made again.

A kept file is used only if nobody else can have written it: its folder and the file belong to this user, no other user
may write them, and the seal in the file fits its name and its content.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import platformdirs

from lattice.errors import LatticeWarning

SEAL = 32  # bytes at the start of a file: the SHA-256 of its name and of what follows
MOST_BYTES = 50_000_000  # of a file; a look of 65 nodes would be 12 MB
WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
NO_LINK = getattr(os, "O_NOFOLLOW", 0)


class _Unsafe(OSError):
    """A folder or file that somebody else may have written. The message says why."""


@dataclass(frozen=True)
class Shelf:
    """A folder of the user's cache for one kind of result.

    kind: name of the folder, and suffix of its files. most: files that it keeps; the oldest are deleted first.

    A cache that cannot be used (no home folder, a full disk, a system that is not POSIX) only costs the time to make
    the result again. Nor is a cache used that others can write; a LatticeWarning says so, once.
    """

    kind: str
    most: int

    def find(self, key: str) -> bytes | None:
        """Return what was kept for a key, or None. key: text that holds all that the result depends on."""
        with _only_costing_time(), self._opened() as folder:
            name = self._name(key)
            descriptor = os.open(name, os.O_RDONLY | NO_LINK | os.O_NONBLOCK, dir_fd=folder)  # a pipe would wait
            with open(descriptor, "rb") as file:
                _check(os.fstat(descriptor), self._folder() / name)
                data = file.read(MOST_BYTES)
            if data[:SEAL] == _seal(name, data[SEAL:]):
                return data[SEAL:]
        return None

    def keep(self, key: str, data: bytes) -> None:
        """Keep the result for a key, completely or not at all, and delete the oldest results of this kind."""
        with _only_costing_time(), self._opened(make=True) as folder:
            name = self._name(key)
            _write(folder, name, _seal(name, data) + data)
            for old in self._by_age(folder)[: -self.most]:
                os.unlink(old, dir_fd=folder)

    def _name(self, key: str) -> str:
        return f"{hashlib.sha256(key.encode()).hexdigest()}.{self.kind}"

    def _folder(self) -> Path:
        """Return the path of the folder. Raises RuntimeError if the user has no home folder."""
        home = platformdirs.user_cache_path("lattice")
        # Source: XDG Base Directory Specification, a relative path is invalid and ignored.
        return (home if home.is_absolute() else Path.home() / ".cache" / "lattice") / self.kind

    @contextmanager
    def _opened(self, make: bool = False) -> Iterator[int]:
        """Yield a descriptor of the folder: no link leads elsewhere what is done through it. make: make the folder.

        Raises OSError if there is none or it is not safe, RuntimeError without a home folder or descriptors.
        """
        if os.name != "posix":
            raise RuntimeError("files have no owners")
        folder = self._folder()
        for path in (folder.parent, folder):
            if path.is_symlink():
                _check(path.lstat(), path)
        if make:
            folder.parent.mkdir(parents=True, exist_ok=True)
            folder.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            _check(os.fstat(descriptor), folder)
            yield descriptor
        finally:
            os.close(descriptor)

    def _by_age(self, folder: int) -> list[str]:
        """Return the names of the files that this class made in the folder, oldest first."""
        ours = re.compile(rf"[0-9a-f]{{64}}\.{self.kind}(\.[0-9a-f]{{8}})?")
        names = [name for name in os.listdir(folder) if ours.fullmatch(name)]
        return sorted(names, key=lambda name: os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime_ns)


def _seal(name: str, data: bytes) -> bytes:
    return hashlib.sha256(name.encode() + data).digest()


def _write(folder: int, name: str, data: bytes) -> None:
    part = f"{name}.{os.urandom(4).hex()}"
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_LINK, 0o600, dir_fd=folder)
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
        os.replace(part, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        os.unlink(part, dir_fd=folder)
        raise


def _check(status: os.stat_result, path: Path) -> None:
    """Raise _Unsafe unless this user alone may write the folder or file, or made the link."""
    if status.st_uid != os.geteuid():
        raise _Unsafe(f"{path} belongs to another user, number {status.st_uid}")
    if not stat.S_ISLNK(status.st_mode) and status.st_mode & WRITABLE_BY_OTHERS:
        raise _Unsafe(f"{path} can be written by others (chmod go-w would close it)")


@contextmanager
def _only_costing_time() -> Iterator[None]:
    try:
        yield
    except _Unsafe as error:
        _tell(str(error))
    except (OSError, RuntimeError):
        pass


@cache
def _tell(why: str) -> None:
    warnings.warn(f"{why}: it is not used as a cache, which only costs time", LatticeWarning, stacklevel=2)
