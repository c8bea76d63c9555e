"""The .spimtx files of Sony Pictures Imageworks: a 3x4 matrix as twelve numbers, whose offsets are in 1/65535.

It has no room for comments. Source: OpenColorIO's documentation, Sony Pictures Imageworks LUT formats.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from lattice.errors import LatticeError
from lattice.files.luts import domain, layout, notes
from lattice.files.luts.format import LutFormat
from lattice.files.luts.text import Lines
from lattice.process_list import Matrix, ProcessList

OFFSET_UNIT = Fraction(1, 65535)
HOLDS = "a .spimtx, which holds one Matrix"


def parse(data: bytes) -> ProcessList:
    """Return the process list of a .spimtx file: one Matrix."""
    lines = Lines(data, has_comments=False)
    words: list[str] = []
    while line := lines.peek():
        line.numbers(len(line.words))
        words += lines.take("numbers").words
        if len(words) > 12:
            raise line.fault("twelve numbers in all")
    if len(words) < 12:
        raise LatticeError(f"line {lines.number}: expected twelve numbers, got {len(words)}")
    rows = [[*map(float, words[at : at + 3]), domain.product(words[at + 3], OFFSET_UNIT)] for at in (0, 4, 8)]
    return notes.process_list([Matrix(np.array(rows))], [])


def write(process_list: ProcessList) -> bytes:
    """Return a .spimtx file. Raises LatticeError for a process list that is not one Matrix."""
    match process_list.nodes:
        case (Matrix() as node,):
            offsets = [domain.quotient(value, OFFSET_UNIT) for value in node.matrix[:, 3]]
            rows = zip(node.matrix[:, :3], offsets, strict=True)
            return layout.text([f"{layout.numbers(row)} {offset}" for row, offset in rows])
    raise layout.not_held(process_list, HOLDS)


FORMAT = LutFormat("spimtx", (".spimtx",), parse, 2**13, write)
