"""Write LUT files, each whole or not at all, never over what is there unasked, and read back before it counts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from lattice.export.resample import difference
from lattice.files.luts import register
from lattice.files.storage import atomic
from lattice.files.storage.read import read_bytes
from lattice.process_list import ProcessList
from lattice.types import LatticeError

ROUNDED = 2e-3  # of a number in a format of whole numbers or halves
NEAR = 1e-6  # of a number, relative above 1: what float32 rounds
MARKS, HEAD = (b"lattice ", b"<Fact name="), 1 << 14  # what files of ours say, in so many of their first bytes


def names(target: Path, count: int) -> list[Path]:
    """Return the files of a LUT that is written as `target`: its shaper in a file of its own comes first.

    count: 1 or 2. The shaper of a .spi3d is a .spi1d; that of another format has .shaper before the suffix.
    """
    if count == 1:
        return [target]
    shaper = target.with_suffix(".spi1d" if target.suffix.lower() == ".spi3d" else f".shaper{target.suffix}")
    return [shaper, target]


def check_free(targets: Sequence[Path], overwrite: bool) -> None:
    """Raise LatticeError, before any work, if a file is there that lattice did not write, or its folder is not."""
    for target in targets:
        if not target.parent.is_dir():
            raise LatticeError(f"{target}: expected an existing folder, got none at {target.parent}")
        if overwrite or not os.path.lexists(target):
            continue
        head = read_bytes(target, HEAD)
        if not any(mark in head for mark in MARKS):
            raise LatticeError(f"{target}: exists already; --overwrite replaces it")


def write(targets: Sequence[Path], lists: Sequence[ProcessList], overwrite: bool) -> None:
    """Write process lists, each in the format of its file's suffix; files that hold the same bytes stay as they are.

    Raises LatticeError, with the path, if a format does not hold its list, a name is taken, or a file cannot be
    written or does not read back the same.
    """
    texts = [register.text_of(each, target) for target, each in zip(targets, lists, strict=True)]
    missing = [not atomic.holds(target, text, overwrite) for target, text in zip(targets, texts, strict=True)]
    _write_each(
        [each for each, is_missing in zip(zip(targets, texts, lists, strict=True), missing, strict=True) if is_missing]
    )


def _write_each(files: Sequence[tuple[Path, bytes, ProcessList]]) -> None:
    """Write files, of which none takes its name before those behind it have theirs."""
    if files:
        (target, text, listed), *others = files

        def verify(temporary: Path) -> None:
            _verify(target, listed, temporary)
            _write_each(others)

        atomic.replace(target, [text], verify)


def _verify(target: Path, wanted: ProcessList, temporary: Path) -> None:
    data = read_bytes(temporary)
    found = register.parsed(data, target).with_interpolation(wanted.interpolation)
    near = NEAR if register.format_of(data, target).is_exact else ROUNDED
    if found.sha256 != wanted.sha256 and difference(wanted, found)[1] > near:  # other nodes may give the same pixels
        raise LatticeError(f"{target}: expected to read back what was written, got other numbers")
