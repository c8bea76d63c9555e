"""The .csp files of cineSpace: a curve for each channel through points of its own, then a 1D or a 3D LUT over 0..1.

The points are joined by straight lines and hold colors outside to their ends, as in most hosts; OpenColorIO joins
three or more by a cubic. Rows have red fastest. Metadata is comments.
Source: Rising Sun Research, cineSpace LUT format.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lattice.files.luts import layout, notes
from lattice.files.luts.format import LutFormat
from lattice.files.luts.text import Lines
from lattice.process_list import MOST_ENTRIES, MOST_SIZE, Knots, Lut1D, Lut3D, Node, ProcessList

FIRST = "CSPLUTV100"
MOST_POINTS = 65536
UNIT = np.array([0.0, 1.0])
HOLDS = "a .csp, which holds a LUT1D over 0..1 or a LUT3D, behind a curve of points or not"


def parse(data: bytes) -> ProcessList:
    """Return the process list of a .csp file: a Lut1D or a Lut3D, behind Knots unless all curves run from 0,0 to 1,1.

    A channel of no points passes 0..1 as it is.
    """
    lines = Lines(data, has_comments=False)
    if not (line := lines.take(FIRST)).text.upper().startswith(FIRST):
        raise line.fault(FIRST)
    if (kind := (line := lines.take("1D or 3D")).text.upper()) not in ("1D", "3D"):
        raise line.fault("1D or 3D")
    comments = _metadata(lines)
    curves = [_curve(lines) for _ in range(3)]
    table: Node = Lut1D(_entries(lines)) if kind == "1D" else Lut3D(_nodes(lines))
    lines.finish()
    passes = all(np.array_equal(x, UNIT) and np.array_equal(y, UNIT) for x, y in curves)
    before: list[Node] = [] if passes else [Knots(*zip(*curves, strict=True))]
    return notes.process_list([*before, table], comments)


def _metadata(lines: Lines) -> list[str]:
    found: list[str] = []
    line = lines.peek()
    if line is None or line.text.upper() != "BEGIN METADATA":
        return found
    lines.take("BEGIN METADATA")
    while (text := lines.take("END METADATA").text).upper() != "END METADATA":
        found.append(text)
    return found


def _curve(lines: Lines) -> tuple[NDArray[Any], NDArray[Any]]:
    count = (line := lines.take("the number of points of a channel")).whole(0, MOST_POINTS)[0]
    if count == 0:
        return UNIT, UNIT
    if count == 1:
        raise line.fault("0 or at least 2 points")
    x = (line := lines.take("the points' x")).numbers(count)
    if (np.diff(x) <= 0).any():
        raise line.fault("x that rises")
    return np.array(x), np.array(lines.take("the points' y").numbers(count))


def _entries(lines: Lines) -> NDArray[np.float32]:
    return lines.exactly(3, lines.take("the number of entries").whole(2, MOST_ENTRIES)[0])


def _nodes(lines: Lines) -> NDArray[np.float32]:
    sizes = (line := lines.take("three sizes")).whole(2, MOST_SIZE, count=3)
    if len({*sizes}) > 1:
        raise line.fault("three equal sizes")
    return layout.from_red_fastest(lines.exactly(3, sizes[0] ** 3), sizes[0])


def write(process_list: ProcessList) -> bytes:
    """Return a .csp file, with metadata, without which colour-science does not read it.

    Raises LatticeError for a process list of another shape than `parse` returns.
    """
    match process_list.nodes:
        case (Lut1D() | Lut3D() as table,):
            curves = [(UNIT, UNIT)] * 3
        case (Knots() as points, Lut1D() | Lut3D() as table):
            curves = [*zip(points.x, points.y, strict=True)]
        case _:
            raise layout.not_held(process_list, HOLDS)
    if isinstance(table, Lut3D):
        kind, size, rows = "3D", f"{table.size} {table.size} {table.size}", layout.red_fastest(table.nodes)
    elif layout.is_over_unit(table):
        kind, size, rows = "1D", f"{len(table.entries)}", table.entries
    else:
        raise layout.not_held(process_list, HOLDS)
    told = ["BEGIN METADATA", *notes.of_list(process_list), "END METADATA", ""]
    points_text = [line for x, y in curves for line in (str(len(x)), layout.numbers(x), layout.numbers(y))]
    return layout.text([FIRST, kind, "", *told, *points_text, "", size], layout.rows(rows))


FORMAT = LutFormat("csp", (".csp",), parse, 2**27, write)
