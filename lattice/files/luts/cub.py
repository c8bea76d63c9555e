"""The .cub files of FilmLight's Truelight: an optional 1D InputLUT and a 3D LUT, red fastest.

Tags are comment lines. InputLUT is in numbers of nodes, 0 to size - 1. Source: FilmLight, Truelight Cube format 2.0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lattice.files.luts import layout, notes
from lattice.files.luts.format import LutFormat
from lattice.files.luts.line import Line
from lattice.files.luts.text import Lines
from lattice.process_list import MOST_ENTRIES, MOST_SIZE, Lut1D, Lut3D, Node, ProcessList

FIRST = "# Truelight Cube"
HOLDS = "a .cub, which holds one LUT3D, behind a LUT1D over 0..1 or not"
TAGS = ("lutlength", "idims", "odims", "width", "inputlut", "cube", "end")


def parse(data: bytes) -> ProcessList:
    """Return the process list of a .cub file: a Lut3D, behind a Lut1D if there is an InputLUT that changes colors; or
    a Lut1D alone."""
    lines = Lines(data, has_comments=False)
    if not (line := lines.take(FIRST)).text.casefold().startswith(FIRST.casefold()):
        raise line.fault(FIRST)
    found: dict[str, Line] = {}
    tables: dict[str, NDArray[np.float64]] = {}
    comments: list[str] = []
    while "end" not in found and lines.peek():
        line = lines.take("a tag")
        words = line.text[1:].split() if line.text[0] == "#" else []
        tag = words[0].casefold() if words else ""
        if line.text[0] != "#" or tag in found:
            raise line.fault("a tag such as # Cube, once" if words else "a tag such as # Cube before the rows")
        if tag not in TAGS:
            comments.append(line.text[1:].strip())
            continue
        found[tag] = line
        if tag in ("inputlut", "cube"):
            tables[tag] = lines.exactly(3, _count(found, tag, line), dtype=np.float64)
    lines.finish()
    if not tables or ("width" in found) != ("cube" in tables):
        raise lines.missing("# Cube and its rows")
    return notes.process_list(_nodes(tables), comments)


def _count(found: dict[str, Line], tag: str, line: Line) -> int:
    """Return the number of rows behind a tag."""
    for key in ("idims", "odims"):
        if key in found and found[key].words[2:] != ["3"]:
            raise found[key].fault("3 dimensions")
    size = "lutlength" if tag == "inputlut" else "width"
    if size not in found:
        raise line.fault(f"# {size} before the rows")
    if tag == "inputlut":
        return found[size].whole(2, MOST_ENTRIES, after=2)[0]
    sizes = found[size].whole(2, MOST_SIZE, count=3, after=2)
    if len({*sizes}) > 1:
        raise found[size].fault("three equal sizes")
    return sizes[0] ** 3


def _nodes(tables: dict[str, NDArray[np.float64]]) -> list[Node]:
    rows = tables.get("cube")
    size = 2 if rows is None else round(len(rows) ** (1 / 3))
    nodes: list[Node] = []
    if "inputlut" in tables:
        entries = (tables["inputlut"] / (size - 1)).astype(np.float32)
        if rows is None or len(entries) > 2 or not np.array_equal(entries, [[0] * 3, [1] * 3]):
            nodes.append(Lut1D(entries))
    return nodes if rows is None else [*nodes, Lut3D(layout.from_red_fastest(rows.astype(np.float32), size))]


def write(process_list: ProcessList) -> bytes:
    """Return a .cub file, with an InputLUT of two entries that changes nothing if there is no Lut1D.

    Raises LatticeError for a process list of another shape than `parse` returns.
    """
    match process_list.nodes:
        case (Lut3D() as cube,):
            entries = np.repeat(np.array([[0.0], [1.0]], np.float32), 3, axis=1)
        case (Lut1D() as lut, Lut3D() as cube) if layout.is_over_unit(lut):
            entries = lut.entries
        case _:
            raise layout.not_held(process_list, HOLDS)
    header = [
        f"{FIRST} v2.0",
        *layout.comments(notes.of_list(process_list)),
        f"# lutLength {len(entries)}",
        "# iDims     3",
        "# oDims     3",
        f"# width     {cube.size} {cube.size} {cube.size}",
        "",
        "# InputLUT",
    ]
    shaper = layout.rows(entries.astype(np.float64) * (cube.size - 1))
    return layout.text(header, shaper, ["", "# Cube"], layout.rows(layout.red_fastest(cube.nodes)), "# end\n")


FORMAT = LutFormat("cub", (".cub",), parse, 2**27, write)
