"""The .itx files of Iridas: a 3D LUT, red fastest, without comments or domain."""

from __future__ import annotations

from lattice.files.luts import layout, notes
from lattice.files.luts.format import LutFormat
from lattice.files.luts.text import Lines
from lattice.process_list import MOST_SIZE, Lut3D, ProcessList

SIZE = "LUT_3D_SIZE"
HOLDS = "an .itx, which holds one LUT3D"


def parse(data: bytes) -> ProcessList:
    """Return the process list of an .itx file: one Lut3D. Comments are read, too."""
    lines = Lines(data)
    found = lines.header({SIZE: 1})
    if SIZE not in found:
        raise lines.missing(f"{SIZE} before the rows")
    size = found[SIZE].whole(2, MOST_SIZE, after=1)[0]
    nodes = layout.from_red_fastest(lines.exactly(3, size**3), size)
    lines.finish()
    return notes.process_list([Lut3D(nodes)], lines.comments)


def write(process_list: ProcessList) -> bytes:
    """Return an .itx file. Raises LatticeError for a process list that is not one Lut3D."""
    match process_list.nodes:
        case (Lut3D() as lut,):
            return layout.text([f"{SIZE} {lut.size}"], layout.rows(layout.red_fastest(lut.nodes)))
    raise layout.not_held(process_list, HOLDS)


FORMAT = LutFormat("itx", (".itx",), parse, 2**27, write)
