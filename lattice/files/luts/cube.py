"""The .cube files of Iridas, Adobe and Resolve: a 1D LUT, a 3D LUT, or in Resolve's a 1D shaper before a 3D LUT.

The rows of a 3D LUT have red fastest. A domain is DOMAIN_MIN and DOMAIN_MAX, three numbers each, or Resolve's
LUT_1D_INPUT_RANGE and LUT_3D_INPUT_RANGE, two numbers each; colors outside it are held to its ends.
Source: Adobe, Cube LUT Specification 1.0; Blackmagic Design, LUT formats of Resolve.
"""

from __future__ import annotations

import re

import numpy as np

from lattice.files.luts import domain, layout, notes
from lattice.files.luts.format import LutFormat
from lattice.files.luts.line import Line
from lattice.files.luts.text import Lines
from lattice.process_list import MOST_ENTRIES, MOST_SIZE, Lut1D, Lut3D, Matrix, Node, ProcessList

KEYWORDS = {
    "TITLE": None,
    "LUT_1D_SIZE": 1,
    "LUT_3D_SIZE": 1,
    "DOMAIN_MIN": 3,
    "DOMAIN_MAX": 3,
    "LUT_1D_INPUT_RANGE": 2,
    "LUT_3D_INPUT_RANGE": 2,
}
HOLDS = (
    "a .cube, which holds one LUT1D, one LUT3D with a domain (a Matrix that scales each channel) or not, or a LUT1D "
    "with one domain for all channels before such a LUT3D"
)
LONGEST_TITLE = 200
_TITLE = re.compile(r'title\s+(?:"([^"]*)"|(.*))', re.IGNORECASE)


def parse(data: bytes) -> ProcessList:
    """Return the process list of a .cube file: a Lut1D, or a Lut3D behind a Matrix if its domain is not 0..1.

    TITLE may be beside ranges, and comments among the rows, which OpenColorIO refuses. A range of a LUT that the file
    does not have counts as none, as in OpenColorIO and colour-science.
    """
    lines = Lines(data)
    found = lines.header(KEYWORDS)
    entries = found["LUT_1D_SIZE"].whole(2, MOST_ENTRIES, after=1)[0] if "LUT_1D_SIZE" in found else 0
    size = found["LUT_3D_SIZE"].whole(2, MOST_SIZE, after=1)[0] if "LUT_3D_SIZE" in found else 0
    if not entries and not size:
        raise lines.missing("LUT_1D_SIZE or LUT_3D_SIZE before the rows")
    table = lines.exactly(3, entries + size**3)
    lines.finish()
    nodes: list[Node] = []
    if entries:
        first, last = (np.array(ends, np.float64) for ends in _domain(found, "1D", bool(size)))
        nodes.append(Lut1D(table[:entries], first, last))
    if size:
        ends = _domain(found, "3D", bool(entries))
        nodes += [] if domain.is_unit(ends) else [domain.to_matrix(*ends)]
        nodes.append(Lut3D(layout.from_red_fastest(table[entries:], size)))
    return notes.process_list(nodes, lines.comments, _title(found.get("TITLE")))


def _title(line: Line | None) -> str:
    match = _TITLE.match(line.text) if line else None
    return (match[1] if match[1] is not None else match[2].strip()) if match else ""


def _domain(found: dict[str, Line], kind: str, is_one_of_two: bool) -> tuple[list[str], list[str]]:
    """Return the ends of the domain of the 1D or 3D LUT, three numbers as text each."""
    low, high, both = found.get("DOMAIN_MIN"), found.get("DOMAIN_MAX"), found.get(f"LUT_{kind}_INPUT_RANGE")
    if (low or high) and is_one_of_two:
        raise (low or high).fault("LUT_1D_INPUT_RANGE and LUT_3D_INPUT_RANGE in a file with two LUTs")  # type: ignore[union-attr]
    if (low or high) and both:
        raise both.fault("no LUT_1D_INPUT_RANGE or LUT_3D_INPUT_RANGE beside a DOMAIN")
    if both:
        both.rising(after=1)
        return [both.words[1]] * 3, [both.words[2]] * 3
    first, last = low.words[1:] if low else ["0"] * 3, high.words[1:] if high else ["1"] * 3
    starts, ends = low.numbers(3, after=1) if low else [0.0] * 3, high.numbers(3, after=1) if high else [1.0] * 3
    if any(a >= b for a, b in zip(starts, ends, strict=True)):
        raise (high or low).fault("a domain that rises")  # type: ignore[union-attr]
    return first, last


def write(process_list: ProcessList) -> bytes:
    """Return a .cube file: comments first, TITLE unless there is a shaper, ranges only where they are not 0..1.

    Raises LatticeError for a process list of another shape than `parse` returns.
    """
    match process_list.nodes:
        case (Lut1D() as lut,) if not lut.half_domain and not lut.hue:
            ends = [layout.numbers(end).split() for end in (lut.first, lut.last)]
            return _file(
                process_list, [f"LUT_1D_SIZE {len(lut.entries)}", *_domain_lines(ends)], layout.rows(lut.entries)
            )
        case (Lut3D() as cube,) | (Matrix(), Lut3D() as cube):
            ends = _ends(process_list)
            header = [f"LUT_3D_SIZE {cube.size}", *_domain_lines(ends)]
            return _file(process_list, header, layout.rows(layout.red_fastest(cube.nodes)))
        case (Lut1D() as lut, Lut3D() as cube) | (Lut1D() as lut, Matrix(), Lut3D() as cube) if layout.is_uniform(lut):
            first, last = _ends(process_list)
            if len({*first}) + len({*last}) > 2:
                raise layout.not_held(process_list, f"{HOLDS}, whose domain is one for all channels")
            shaper = [layout.numbers(end).split() for end in (lut.first, lut.last)]
            header = [
                f"LUT_1D_SIZE {len(lut.entries)}",
                *_range_lines("1D", shaper),
                f"LUT_3D_SIZE {cube.size}",
                *_range_lines("3D", [first, last]),
            ]
            rows = layout.rows(lut.entries), layout.rows(layout.red_fastest(cube.nodes))
            return layout.text(layout.comments(notes.of_list(process_list)), header, *rows)
    raise layout.not_held(process_list, HOLDS)


def _ends(process_list: ProcessList) -> list[list[str]]:
    matrices = [node for node in process_list.nodes if isinstance(node, Matrix)]
    return [*domain.from_matrix(matrices[0])] if matrices else [["0"] * 3, ["1"] * 3]


def _domain_lines(ends: list[list[str]]) -> list[str]:
    is_unit = domain.is_unit((ends[0], ends[1]))
    return [] if is_unit else [f"DOMAIN_MIN {' '.join(ends[0])}", f"DOMAIN_MAX {' '.join(ends[1])}"]


def _range_lines(kind: str, ends: list[list[str]]) -> list[str]:
    is_unit = domain.is_unit((ends[0], ends[1]))
    return [] if is_unit else [f"LUT_{kind}_INPUT_RANGE {ends[0][0]} {ends[1][0]}"]


def _file(process_list: ProcessList, header: list[str], rows: str) -> bytes:
    title = ascii(process_list.name[:LONGEST_TITLE].replace('"', "'"))[1:-1]
    titles = [f'TITLE "{title}"'] if title else []
    return layout.text(layout.comments(notes.of_list(process_list)), titles, header, rows)


FORMAT = LutFormat("cube", (".cube",), parse, 2**27, write)
