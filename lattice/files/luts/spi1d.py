"""The .spi1d files of Sony Pictures Imageworks: a 1D LUT of 1, 2 or 3 components, between braces.

One component is for all channels; the third of two is 0. Comments are behind the closing brace, where OpenColorIO no
longer reads. Source: OpenColorIO's documentation, Sony Pictures Imageworks LUT formats.
"""

from __future__ import annotations

import numpy as np

from lattice.files.luts import layout, notes
from lattice.files.luts.format import LutFormat
from lattice.files.luts.text import Lines
from lattice.process_list import MOST_ENTRIES, Lut1D, ProcessList

KEYWORDS = {"Version": 1, "From": 2, "Length": 1, "Components": 1}
HOLDS = "a .spi1d, which holds one LUT1D with one domain for all channels"


def parse(data: bytes) -> ProcessList:
    """Return the process list of a .spi1d file: one Lut1D. Its domain is From, or 0..1 without it."""
    lines = Lines(data)
    found = lines.header(KEYWORDS, until="{")
    for key in ("Version", "Length", "Components", "{"):
        if key not in found:
            raise lines.missing(f"{key} before the rows")
    found["Version"].whole(1, 1, after=1)
    count = found["Length"].whole(2, MOST_ENTRIES, after=1)[0]
    components = found["Components"].whole(1, 3, after=1)[0]
    first, last = found["From"].rising(after=1) if "From" in found else (np.zeros(3), np.ones(3))
    rows = lines.exactly(components, count)
    if (brace := lines.take("}")).text != "}":
        raise brace.fault(f"}} behind {count:,} rows")
    lines.finish()
    entries = np.repeat(rows, 3, axis=1) if components == 1 else np.pad(rows, ((0, 0), (0, 3 - components)))
    return notes.process_list([Lut1D(entries, first, last)], lines.comments)


def write(process_list: ProcessList) -> bytes:
    """Return a .spi1d file of one component if all channels have the same entries, else of three.

    Raises LatticeError for a process list that is not one Lut1D with one domain for all channels.
    """
    match process_list.nodes:
        case (Lut1D() as lut,) if layout.is_uniform(lut):
            table = lut.entries[:, :1] if layout.is_one_curve(lut) else lut.entries
            header = [
                "Version 1",
                f"From {layout.numbers([lut.first[0], lut.last[0]])}",
                f"Length {len(table)}",
                f"Components {table.shape[1]}",
                "{",
            ]
            return layout.text(header, layout.rows(table), "}\n", layout.comments(notes.of_list(process_list)))
    raise layout.not_held(process_list, HOLDS)


FORMAT = LutFormat("spi1d", (".spi1d",), parse, 2**24, write)
