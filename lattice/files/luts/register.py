"""The register of LUT formats: which module reads and writes a file, by its suffix.

A new format is a module here and one place in REGISTER; `lattice.load`, `lattice convert` and the tests read it.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

from lattice.errors import did_you_mean
from lattice.files.luts import (
    cdl,
    clf,
    csp,
    ctf,
    cub,
    cube,
    discreet,
    hald,
    houdini,
    icc,
    itx,
    look,
    m3d,
    spi1d,
    spi3d,
    spimtx,
    strip,
    three_dl,
    vf,
)
from lattice.files.luts.format import LutFormat
from lattice.files.storage.read import read_bytes
from lattice.process_list import ProcessList
from lattice.types import LatticeError

PICTURES = (strip.FORMAT, hald.FORMAT, hald.TIFF)  # LUTs that are images: read as LUTs only where a LUT is asked for
REGISTER: tuple[LutFormat, ...] = (
    *(clf.FORMAT, ctf.FORMAT, cube.FORMAT, csp.FORMAT, spi1d.FORMAT, spi3d.FORMAT, spimtx.FORMAT),
    *(three_dl.FORMAT, vf.FORMAT, cub.FORMAT, discreet.FORMAT, houdini.FORMAT, m3d.FORMAT, itx.FORMAT, look.FORMAT),
    *(cdl.FORMAT, cdl.CORRECTION, cdl.COLLECTION, icc.FORMAT),
    *PICTURES,
)
BY_SUFFIX = {
    suffix: [each for each in REGISTER if suffix in each.suffixes] for one in REGISTER for suffix in one.suffixes
}
SUFFIXES = tuple(suffix for suffix, found in BY_SUFFIX.items() if found[0] not in PICTURES)  # of LUTs alone
CDLS = (cdl.FORMAT, cdl.CORRECTION, cdl.COLLECTION)
CORRECTION = re.compile(r"(.+\.(?:cdl|ccc?))@(.+)", re.IGNORECASE | re.DOTALL)
LONGEST_NAME = 120  # characters


def split(name: str) -> tuple[Path, str]:
    """Return the path of a LUT file and the id of a correction in it: `x.ccc@id`; "" without one.

    Of a name that ends as a LUT file's does, `x.ccc@a.cube`, it is one if there is x.ccc and no such file."""
    found = CORRECTION.fullmatch(name)
    if found and Path(name).suffix.lower() in BY_SUFFIX and (os.path.isfile(name) or not os.path.isfile(found[1])):
        found = None
    return (Path(found[1]), found[2]) if found else (Path(name), "")


def title(text: str, path: Path) -> str:
    """Return the name of what a file holds: its title in one line without control characters, at most LONGEST_NAME
    long, or else the file's stem."""
    for each in (text, path.stem):
        words = "".join(letter if letter.isprintable() else " " for letter in each).split()
        if words:
            return " ".join(words)[:LONGEST_NAME].rstrip()
    return "LUT"


def formats_of(path: Path) -> list[LutFormat]:
    """Return the formats of a file's suffix, in order. Raises LatticeError, with the path, if there is none."""
    suffix = path.suffix.lower()
    if suffix not in BY_SUFFIX:
        raise LatticeError(f"{path}: expected a LUT file{did_you_mean(suffix, BY_SUFFIX)}; lattice luts lists all")
    return BY_SUFFIX[suffix]


def read(path: Path, correction: str = "") -> ProcessList:
    """Read a LUT file as a process list, named by its title or else its stem.

    correction: the id of one, in a CDL. Raises LatticeError, with the path, and the line where there is one, if it is
    absent, too large or malformed, or if it holds several corrections and none is named.
    """
    most = max(each.most_bytes for each in formats_of(path))
    return parsed(read_bytes(path, most + 1), path, correction)


def format_of(data: bytes, path: Path) -> LutFormat:
    """Return the format of a file's bytes. Raises LatticeError as `formats_of`."""
    formats = formats_of(path)
    return next((each for each in formats if each.is_it(data)), formats[-1])


def parsed(data: bytes, path: Path, correction: str = "") -> ProcessList:
    """Return the process list of a file's bytes, as `read` does."""
    found = format_of(data, path)
    if len(data) > found.most_bytes:
        raise LatticeError(f"{path}: expected a LUT of at most {found.most_bytes:,} bytes, got more")
    try:
        nodes = cdl.parse(data, correction, str(path)) if found in CDLS else found.parse(data)
    except LatticeError as error:
        raise LatticeError(f"{path}: {error}") from None
    return replace(nodes, name=title(nodes.name, path))


def text_of(nodes: ProcessList, target: Path) -> bytes:
    """Return the bytes of a file that holds a process list. Raises LatticeError, with the path, if its format does not
    hold the list, or is only read."""
    found = [each for each in formats_of(target) if each.write is not None]
    if not found:
        raise LatticeError(f"{target}: expected a LUT format that is written, got one that is only read (lattice luts)")
    faults = []
    for each in sorted(found, key=lambda each: not each.is_exact):
        try:
            return each.write(nodes)  # type: ignore[misc]  # those without are left out above
        except LatticeError as error:
            faults.append(str(error))
    raise LatticeError(f"{target}: {'; or '.join(faults)}")
