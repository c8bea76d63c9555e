"""Write a config with its LUT files as a folder or a .ocioz archive, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from lattice.errors import LatticeError
from lattice.files.ocio.blender import CONFIG
from lattice.files.ocio.library import asking
from lattice.files.storage import atomic
from lattice.files.storage.read import json_object, read_bytes

ARCHIVE, MANIFEST = ".ocioz", "lattice-files.json"  # the second lists what was written, for --overwrite
MARK = "Made by lattice"  # in the description of every config that is written here
MOST_BYTES = 2**24


def check_target(target: Path, overwrite: bool) -> None:
    """Check the name of a config's folder or archive before the work.

    Raises LatticeError if it has another suffix, its folder is not there, or it is taken; by a folder that this program
    did not make even with `overwrite`.
    """
    suffix = target.suffix.lower()
    if suffix == ".ocio":
        raise LatticeError(f"{target}: expected a folder's name or one ending in {ARCHIVE}: a config has LUT files too")
    if not target.parent.is_dir():
        raise LatticeError(f"{target}: expected an existing folder, got none at {target.parent}")
    if not os.path.lexists(target):
        return
    if suffix != ARCHIVE and not _is_ours(target):
        raise LatticeError(f"{target}: exists already, and is no folder of a lattice config alone; name a new one")
    if suffix == ARCHIVE and not target.is_file():
        raise LatticeError(f"{target}: expected a file or a free name, got a folder")
    if not overwrite:
        raise LatticeError(f"{target}: exists already; --overwrite replaces it (in Python: overwrite=True)")


def _is_ours(folder: Path) -> bool:
    """True if a folder holds the files that were written here, as they were, and no other."""
    with suppress(LatticeError):
        told = {} if folder.is_symlink() else json_object(_text_of(folder / MANIFEST))
        return bool(told) and told == _digests(folder)
    return False


def _text_of(path: Path) -> str:
    return read_bytes(path, MOST_BYTES).decode("utf-8", "replace")


def _digests(folder: Path) -> dict[str, str]:
    """Return the digests of a folder's files but the list of them, by their paths in it."""
    found = {}
    for path in sorted(path for path in folder.rglob("*") if not path.is_dir() and path != folder / MANIFEST):
        found[path.relative_to(folder).as_posix()] = hashlib.sha256(read_bytes(path)).hexdigest()
    return found


def write_config(
    target: Path,
    config: Any,
    files: Iterable[tuple[str, bytes]],
    copied: Mapping[Path, Path],
    check: Callable[[Any], None],
    overwrite: bool = False,
) -> None:
    """Write a config and its files.

    files: path relative to the config, and bytes. copied: files on disk by such a path. check: gets the config as it is
    read back, and raises to refuse it. The target takes its name only after that.
    Raises LatticeError as `check_target`, and if the disk or OpenColorIO refuses.
    """
    check_target(target, overwrite)
    target = Path(os.path.abspath(target))
    folder = atomic.temporary_name(target.with_name(f"{target.name}.folder"))
    try:
        _fill(folder, config, files, copied)
        if target.suffix.lower() == ARCHIVE:
            config.setWorkingDir(str(folder))
            atomic.make(target, partial(_pack, config), lambda made: check(_read_back(made)), is_new=not overwrite)
        else:
            check(_read_back(folder / CONFIG))
            _take_name(folder, target)
    except OSError as error:
        raise LatticeError(f"{target}: cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _pack(config: Any, made: Path) -> None:
    with asking(made):
        config.archive(str(made))


def _read_back(path: Path) -> Any:
    with asking(path) as ocio:
        ocio.ClearAllCaches()  # it keeps files by path
        config = ocio.Config.CreateFromFile(str(path))
        config.validate()
        return config


def _fill(folder: Path, config: Any, files: Iterable[tuple[str, bytes]], copied: Mapping[Path, Path]) -> None:
    shutil.rmtree(folder, ignore_errors=True)  # of a dead process with our process ID
    folder.mkdir()
    for name, source in copied.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, folder / name)
    for path, data in chain(files, [(CONFIG, config.serialize().encode())]):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        atomic.replace(folder / path, [data], verify=lambda _: None)
    listed = json.dumps(_digests(folder), indent=1).encode()
    atomic.replace(folder / MANIFEST, [listed], verify=lambda _: None)


def _take_name(made: Path, target: Path) -> None:
    """Give a folder its name; a folder that had it is removed after that."""
    old = made.with_name(f"{made.name}.old")
    if os.path.lexists(target):
        os.rename(target, old)
    try:
        os.rename(made, target)
    except OSError:
        if old.exists():
            os.rename(old, target)
        raise
    shutil.rmtree(old, ignore_errors=True)
