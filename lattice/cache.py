"""The user's cache folder: what can be made again, kept between runs."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

import platformdirs


def cache_folder() -> Path:
    """The folder of this program in the user's cache; it may not exist yet. Raises RuntimeError without a home."""
    folder = platformdirs.user_cache_path("lattice")
    if not folder.is_absolute():
        raise RuntimeError("no home folder")
    return folder


def keep(path: Path, data: bytes) -> None:
    """Write a file of the cache, whole or not at all. A failure is no error: the content is made again next time."""
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
