"""The .lut files of Houdini: a curve for all channels (type C), one for each (RGB), a 3D LUT, or a curve before one.

Rows of a 3D LUT have red fastest. It has no room for comments. Source: SideFX, HDK, LUT files; OpenColorIO 2.6.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from lattice.files.luts import layout, notes
from lattice.files.luts.format import LutFormat
from lattice.files.luts.line import Line
from lattice.files.luts.text import Lines
from lattice.process_list import MOST_ENTRIES, MOST_SIZE, Lut1D, Lut3D, Node, ProcessList

KEYWORDS = {"Version": 1, "Format": 1, "Type": 1, "From": 2, "To": 2, "Black": 1, "White": 1, "Length": None}
UNITS = {"To": [0.0, 1.0], "Black": [0.0], "White": [1.0]}  # the only ones that OpenColorIO means
BLOCKS = {"c": ("rgb",), "rgb": ("r", "g", "b"), "3d": ("3d",), "3d+1d": ("pre", "3d")}
VERSIONS = {"c": 1, "3d": 2, "3d+1d": 3}
HOLDS = "a Houdini .lut, which holds a LUT1D with one curve for all channels, a LUT3D, or such a LUT1D before a LUT3D"
_BLOCK = re.compile(rb"\s*(?:(\w{1,8})\s*)?\{([^{}]*)\}\s*")


def is_it(data: bytes) -> bool:
    """True if the bytes begin with a keyword of a Houdini LUT."""
    words = data[:1000].split(None, 1)
    return bool(words) and words[0].decode("latin-1").casefold() in {word.casefold() for word in KEYWORDS}


def parse(data: bytes) -> ProcessList:
    """Return the process list of a Houdini LUT: a Lut1D, a Lut3D, or both.

    Raises LatticeError for values in other units than 0..1 (To, Black, White), and for a domain (From) of a 3D LUT,
    which OpenColorIO passes over.
    """
    lines = Lines(data, has_comments=False)
    found = lines.header(KEYWORDS, until="LUT:")
    for key in (*KEYWORDS, "LUT:"):
        if key not in found:
            raise lines.missing(f"{key} before the values")
    kind = found["Type"].words[1].casefold()
    if kind not in BLOCKS:
        raise found["Type"].fault("Type C, RGB, 3D or 3D+1D")
    for key, wanted in (UNITS | {"From": [0.0, 1.0]} if kind == "3d" else UNITS).items():
        if found[key].numbers(len(wanted), after=1) != wanted:
            raise found[key].fault(f"{key} {layout.numbers(wanted)}")
    first, last = found["From"].rising(after=1)
    blocks = _blocks(lines, BLOCKS[kind], _sizes(found["Length"], kind))
    nodes: list[Node] = []
    if kind != "3d":
        curves = [block for name, block in blocks.items() if name != "3d"]
        nodes.append(Lut1D(np.hstack(curves if len(curves) == 3 else curves * 3), first, last))
    if "3d" in blocks:
        size = round(len(blocks["3d"]) ** (1 / 3))
        nodes.append(Lut3D(layout.from_red_fastest(blocks["3d"], size)))
    return notes.process_list(nodes, [])


def _sizes(line: Line, kind: str) -> list[int]:
    """Return the number of rows of each block."""
    if kind == "3d+1d":
        size, entries = line.whole(2, MOST_ENTRIES, count=2, after=1)
        if size > MOST_SIZE:
            raise line.fault(f"a size from 2 to {MOST_SIZE}, then entries")
        return [entries, size**3]
    if kind == "3d":
        return [line.whole(2, MOST_SIZE, after=1)[0] ** 3]
    return line.whole(2, MOST_ENTRIES, after=1) * len(BLOCKS[kind])


def _blocks(lines: Lines, names: tuple[str, ...], counts: list[int]) -> dict[str, NDArray[np.float32]]:
    """Return the rows of each block between braces: (n, 3) of a 3D LUT, which may have no name, else (n, 1)."""
    found: dict[str, NDArray[np.float32]] = {}
    at, number = lines.at, lines.number
    for name, count in zip(names, counts, strict=True):
        block = _BLOCK.match(lines.data, at)
        if block is None or (block[1] or b"3d").decode("ascii").casefold() != name:
            raise lines.missing(f"{name.upper()} {{ ... }} next, among {', '.join(names).upper()}")
        inside = Lines(block[2], has_comments=False, number=number + lines.data.count(b"\n", at, block.start(2)))
        found[name] = inside.exactly(3 if name == "3d" else 1, count)
        inside.finish()
        number += lines.data.count(b"\n", at, block.end())
        at = block.end()
        lines.at, lines.number = at, number
    lines.finish()
    return found


def write(process_list: ProcessList) -> bytes:
    """Return a Houdini LUT. Raises LatticeError for a process list of another shape: of types C, 3D and 3D+1D."""
    match process_list.nodes:
        case (Lut3D() as cube,):
            return layout.text(_header("3D", str(cube.size)), " {\n", _cube(cube), " }\n")
        case (Lut1D() as lut,) if layout.is_uniform(lut) and layout.is_one_curve(lut):
            return layout.text(
                _header("C", str(len(lut.entries)), lut), "RGB {\n", layout.rows(lut.entries[:, :1]), "}\n"
            )
        case (Lut1D() as lut, Lut3D() as cube) if layout.is_uniform(lut) and layout.is_one_curve(lut):
            header = _header("3D+1D", f"{cube.size} {len(lut.entries)}", lut)
            return layout.text(header, "Pre {\n", layout.rows(lut.entries[:, :1]), "}\n3D {\n", _cube(cube), " }\n")
    raise layout.not_held(process_list, HOLDS)


def _cube(cube: Lut3D) -> str:
    return layout.rows(layout.red_fastest(cube.nodes))


def _header(kind: str, length: str, lut: Lut1D | None = None) -> list[str]:
    domain = layout.numbers([lut.first[0], lut.last[0]]) if lut else "0 1"
    return [
        f"Version\t\t{VERSIONS[kind.casefold()]}",
        "Format\t\tany",
        f"Type\t\t{kind}",
        f"From\t\t{domain}",
        "To\t\t0 1",
        "Black\t\t0",
        "White\t\t1",
        f"Length\t\t{length}",
        "LUT:",
    ]


FORMAT = LutFormat("Houdini LUT", (".lut",), parse, 2**27, write, is_it)
