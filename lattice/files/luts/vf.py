"""The .vf files of Nuke's vector field: a 3D LUT, blue fastest, behind a 3x4 matrix or not.

`global_transform` is that matrix divided by the size of the grid, with the row 0 0 0 1, which is as it is. Comments are
lines with # behind the first. Source: OpenColorIO 2.6, which reads it so.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from lattice.files.luts import domain, layout, notes
from lattice.files.luts.format import LutFormat
from lattice.files.luts.line import Line
from lattice.files.luts.text import Lines
from lattice.process_list import MOST_SIZE, Lut3D, Matrix, Node, ProcessList

FIRST = "#Inventor V2.1 ascii"
KEYWORDS = {"grid_size": 3, "global_transform": 16}
HOLDS = "a .vf, which holds one LUT3D, behind a Matrix or not"


def parse(data: bytes) -> ProcessList:
    """Return the process list of a .vf file: a Lut3D, behind a Matrix if there is a global_transform that changes
    colors."""
    if not (line := Lines(data, has_comments=False).take(FIRST)).text.casefold().startswith("#inventor"):
        raise line.fault(FIRST)
    lines = Lines(data)
    found = lines.header(KEYWORDS, until="data")
    for key in ("grid_size", "data"):
        if key not in found:
            raise lines.missing(f"{key} before the rows")
    sizes = found["grid_size"].whole(2, MOST_SIZE, count=3, after=1)
    if len({*sizes}) > 1:
        raise found["grid_size"].fault("three equal sizes")
    nodes: list[Node] = _matrix(found["global_transform"], sizes[0]) if "global_transform" in found else []
    cube = lines.exactly(3, sizes[0] ** 3).reshape(*sizes, 3)
    lines.finish()
    return notes.process_list([*nodes, Lut3D(cube)], lines.comments[1:])


def _matrix(line: Line, size: int) -> list[Node]:
    if line.numbers(16, after=1)[12:] != [0, 0, 0, 1]:
        raise line.fault("a matrix whose last row is 0 0 0 1")
    words = np.array(line.words[1:13]).reshape(3, 4)
    rows = [[*(domain.product(word, Fraction(size)) for word in row[:3]), float(row[3])] for row in words]
    matrix = Matrix(np.array(rows))
    return [] if (matrix.matrix == np.eye(3, 4)).all() else [matrix]


def write(process_list: ProcessList) -> bytes:
    """Return a .vf file, without global_transform unless there is a Matrix.

    Raises LatticeError for a process list of another shape than `parse` returns.
    """
    match process_list.nodes:
        case (Lut3D() as cube,):
            transform = []
        case (Matrix() as node, Lut3D() as cube):
            rows = [
                " ".join([*(domain.quotient(value, Fraction(cube.size)) for value in row[:3]), layout.numbers(row[3])])
                for row in node.matrix
            ]
            transform = [f"global_transform {' '.join(rows)} 0 0 0 1"]
        case _:
            raise layout.not_held(process_list, HOLDS)
    header = [f"grid_size {cube.size} {cube.size} {cube.size}", *transform, "data"]
    told = layout.comments(notes.of_list(process_list))
    return layout.text([FIRST, *told, *header], layout.rows(cube.nodes.reshape(-1, 3)))


FORMAT = LutFormat("vf", (".vf",), parse, 2**27, write)
