"""The .m3d and .mga files of Pandora: a 3D LUT in whole numbers, blue fastest; each row begins with its number.

`out` is the number of codes, so the largest is one less. Source: OpenColorIO 2.6, which reads it so.
"""

from __future__ import annotations

import numpy as np

from lattice.files.luts import layout, notes
from lattice.files.luts.format import LutFormat
from lattice.files.luts.text import Lines
from lattice.process_list import MOST_SIZE, Lut3D, ProcessList

KEYWORDS = {"channel": 1, "in": 1, "out": 1, "format": 1}
CHOICES = {"channel": "3d", "format": "lut", "values": "red green blue"}
MOST_CODES = 2**16
HOLDS = "a .m3d, which holds one LUT3D"


def parse(data: bytes) -> ProcessList:
    """Return the process list of a .m3d or .mga file: one Lut3D. Numbers may go beyond `out`."""
    lines = Lines(data)
    found = lines.header(KEYWORDS, until="values")
    for key in ("in", "out", "values"):
        if key not in found:
            raise lines.missing(f"{key} before the rows")
    for key, choice in CHOICES.items():
        if key in found and " ".join(found[key].words[1:]).casefold() != choice:
            raise found[key].fault(f"{key} {choice}")
    count = found["in"].whole(2**3, MOST_SIZE**3, after=1)[0]
    size = round(count ** (1 / 3))
    if size**3 != count:
        raise found["in"].fault("the number of nodes of a cube")
    codes = found["out"].whole(2, MOST_CODES, after=1)[0]
    rows = lines.exactly(4, count, whole=True)
    misplaced = rows[:, 0] != np.arange(count)
    if misplaced.any():
        raise lines.row_fault(int(misplaced.argmax()), f"row {misplaced.argmax()}")
    lines.finish()
    nodes = (rows[:, 1:] / (codes - 1)).astype(np.float32).reshape(size, size, size, 3)
    return notes.process_list([Lut3D(nodes)], lines.comments)


def write(process_list: ProcessList) -> bytes:
    """Return a .m3d file of 16 bits. Raises LatticeError for a process list that is not one Lut3D with values in
    0..1."""
    match process_list.nodes:
        case (Lut3D() as lut,):
            codes = layout.codes(lut.nodes.reshape(-1, 3), MOST_CODES - 1, "a .m3d")
            rows = layout.whole_rows(np.column_stack([np.arange(len(codes)), codes]))
            header = ["channel 3d", f"in {lut.size**3}", f"out {MOST_CODES}", "format lut", "values red green blue"]
            return layout.text(header, rows)
    raise layout.not_held(process_list, HOLDS)


FORMAT = LutFormat("m3d", (".m3d", ".mga"), parse, 2**27, write, is_exact=False)
