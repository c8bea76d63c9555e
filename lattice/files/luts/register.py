"""The register of LUT formats: which module reads and writes a file, by its suffix."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lattice.errors import did_you_mean
from lattice.files.luts.format import LutFormat
from lattice.files.storage.read import read_bytes
from lattice.process_list import ProcessList
from lattice.types import LatticeError

REGISTER: tuple[LutFormat, ...] = ()
SUFFIXES = tuple(dict.fromkeys(suffix for each in REGISTER for suffix in each.suffixes))


def formats_of(path: Path) -> list[LutFormat]:
    """Return the formats of a file's suffix, in order. Raises LatticeError, with the path, if there is none."""
    suffix = path.suffix.lower()
    found = [each for each in REGISTER if suffix in each.suffixes]
    if not found:
        expected = f"expected a LUT file, {', '.join(SUFFIXES)}"
        raise LatticeError(f"{path}: {expected}, got {suffix or 'no suffix'!r}{did_you_mean(suffix, SUFFIXES)}")
    return found


def read(path: Path) -> ProcessList:
    """Read a LUT file as a process list, named by its title or else its stem.

    Raises LatticeError, with the path, and the line where there is one, if it is absent, too large or malformed.
    """
    formats = formats_of(path)
    most = max(each.most_bytes for each in formats)
    data = read_bytes(path, most + 1)
    if len(data) > most:
        raise LatticeError(f"{path}: expected a LUT of at most {most:,} bytes, got more")
    found = next((each for each in formats if each.is_it(data)), formats[-1])
    try:
        nodes = found.parse(data)
    except LatticeError as error:
        raise LatticeError(f"{path}: {error}") from None
    return nodes if nodes.name else replace(nodes, name=path.stem)
