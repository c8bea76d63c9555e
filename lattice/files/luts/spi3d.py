"""The .spi3d files of Sony Pictures Imageworks: a 3D LUT whose rows begin with their index, in any order.

Behind the last row the file may hold anything: our comments. Source: OpenColorIO's documentation, Sony Pictures
Imageworks LUT formats.
"""

from __future__ import annotations

import numpy as np

from lattice.files.luts import layout, notes
from lattice.files.luts.format import LutFormat
from lattice.files.luts.text import Lines
from lattice.process_list import MOST_SIZE, Lut3D, ProcessList

HOLDS = "a .spi3d, which holds one LUT3D"


def parse(data: bytes) -> ProcessList:
    """Return the process list of a .spi3d file: one Lut3D. A missing or repeated index is refused."""
    lines = Lines(data)
    if not (line := lines.take("SPILUT 1.0")).text.casefold().startswith("spilut"):
        raise line.fault("SPILUT 1.0")
    lines.take("3 3").whole(3, 3, count=2)
    sizes = (line := lines.take("three sizes")).whole(2, MOST_SIZE, count=3)
    if len({*sizes}) > 1:
        raise line.fault("three equal sizes")
    size = sizes[0]
    rows = lines.exactly(6, size**3)
    index = rows[:, :3].astype(np.int32)
    inside = ((index == rows[:, :3]) & (index >= 0) & (index < size)).all(axis=1)
    if not inside.all():
        raise lines.row_fault(int(inside.argmin()), f"an index of three whole numbers from 0 to {size - 1}")
    at = np.ravel_multi_index(tuple(index.T), (size, size, size))
    if (np.bincount(at, minlength=size**3) != 1).any():
        is_first = np.zeros(len(at), bool)
        is_first[np.unique(at, return_index=True)[1]] = True
        raise lines.row_fault(int(is_first.argmin()), "each index once")
    nodes = np.empty((size**3, 3), np.float32)
    nodes[at] = rows[:, 3:]
    lines.finish()
    return notes.process_list([Lut3D(nodes.reshape(size, size, size, 3))], lines.comments)


def write(process_list: ProcessList) -> bytes:
    """Return a .spi3d file, blue fastest. Raises LatticeError for a process list that is not one Lut3D."""
    match process_list.nodes:
        case (Lut3D() as lut,):
            header = ["SPILUT 1.0", "3 3", f"{lut.size} {lut.size} {lut.size}"]
            index = np.indices((lut.size,) * 3).reshape(3, -1).T
            rows = layout.rows(np.hstack([index.astype(np.float32), lut.nodes.reshape(-1, 3)]))
            return layout.text(header, rows, layout.comments(notes.of_list(process_list)))
    raise layout.not_held(process_list, HOLDS)


FORMAT = LutFormat("spi3d", (".spi3d",), parse, 2**27, write)
