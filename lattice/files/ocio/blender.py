"""Where an installed Blender keeps its config."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

from lattice.errors import LatticeError

CONFIG = "config.ocio"
INSIDE = ("datafiles/colormanagement", "colormanagement")
VERSION = re.compile(r"\d+\.\d+")
MOST_ENTRIES = 1000  # of a folder
SYSTEM = Path("/usr/share/blender")


def blender_folder(told: Path | None = None) -> Path:
    """Return the folder of Blender's config.ocio.

    told: Blender's program, its folder, a config.ocio, or the folder of one; None: $BLENDER_SYSTEM_DATAFILES, the
    Python package bpy, `blender` among the programs, /usr/share/blender. Of several versions in a folder the newest.
    Raises LatticeError if there is none.
    """
    for place in [told] if told is not None else _usual():
        for folder in _near(place):
            if (folder / CONFIG).is_file():
                return folder
    if told is not None:
        raise LatticeError(f"--blender {told}: expected Blender's program or folder, got one without {CONFIG}")
    raise LatticeError(f"no Blender is found here: --blender names its program or its folder, with {CONFIG} inside")


def _usual() -> Iterator[Path]:
    if told := os.environ.get("BLENDER_SYSTEM_DATAFILES"):
        yield Path(told)
    package = find_spec("bpy")
    if package is not None and package.origin:
        yield Path(package.origin).parent
    if program := shutil.which("blender"):
        yield Path(program)
    yield SYSTEM


def _near(place: Path) -> Iterator[Path]:
    """Yield the folders around a program, or in a folder, where the config may be."""
    place = Path(os.path.realpath(place))
    folder = place if place.is_dir() else place.parent
    tops = (folder, *(folder / "Contents/Resources", folder.parent / "Resources", folder.parent / "share/blender"))
    yield from tops
    for top in tops:
        yield from (top / inside for inside in INSIDE)
    for inside in tops:
        versions = [name for name in _names(inside) if VERSION.fullmatch(name)]
        for name in sorted(versions, key=lambda name: [int(part) for part in name.split(".")], reverse=True):
            yield inside / name / INSIDE[0]


def _names(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in islice(entries, MOST_ENTRIES)]
    except OSError:
        return []
