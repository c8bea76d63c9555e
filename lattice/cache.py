"""The user's cache folder: files kept between runs that can be made again."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

import platformdirs


def cache_folder() -> Path:
    """Return this program's folder in the user's cache; it may not exist. Raises RuntimeError without a home folder."""
    folder = platformdirs.user_cache_path("lattice")
    if not folder.is_absolute():
        raise RuntimeError("no home folder")
    return folder


def keep(path: Path, data: bytes) -> None:
    """Write a cache file completely or not at all. A failure is ignored: the content is made again next time."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.replace(part, path)
        except BaseException:
            os.unlink(part)
            raise
