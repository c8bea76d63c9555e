"""The register of measured files: which module reads a file, by its suffix and by what it holds.

A new format is a module here and a record in REGISTER.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lattice.errors import LatticeError, did_you_mean
from lattice.files.measured import cgats, cxf
from lattice.files.measured.columns import measured_of
from lattice.files.measured.measured import Measured
from lattice.files.measured.text import read_text, table_of


@dataclass(frozen=True)
class MeasuredFormat:
    """A format. is_it: whether a text is it. parse: a text and its path, for messages, to what it holds."""

    name: str
    suffixes: tuple[str, ...]
    is_it: Callable[[str], bool]
    parse: Callable[[str, str], Measured]


def _of_table(text: str, path: str) -> Measured:
    return measured_of(table_of(text, path), "table")


REGISTER = (
    MeasuredFormat("CxF3", (".cxf", ".xml"), cxf.is_it, cxf.parse),
    MeasuredFormat("CGATS", (".ti3", ".ti2", ".ti1", ".cgats", ".it8", ".txt"), cgats.is_it, cgats.parse),
    MeasuredFormat("table", (".csv", ".tsv", ".txt"), lambda text: True, _of_table),
)
SUFFIXES = tuple(dict.fromkeys(suffix for each in REGISTER for suffix in each.suffixes))


def read(path: str | os.PathLike[str]) -> Measured:
    """Read a file of measured patches: CxF3, CGATS, Argyll's .ti3, or a table with commas, semicolons or tabs.

    Of a known suffix, what the file holds says which it is. Raises LatticeError, one line with file and place, for
    another suffix, a file that `read_text` refuses, and a malformed one; bounded in time and memory.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise LatticeError(
            f"{path}: expected a file of measured patches, {', '.join(SUFFIXES)}{did_you_mean(suffix, SUFFIXES)}"
        )
    text = read_text(path)
    return next(each for each in REGISTER if each.is_it(text)).parse(text, str(path))
