"""Made-up LUTs for the tests of `lattice check` and `lattice plot` on files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from basics import grid

from lattice.files.luts import register
from lattice.process_list import Lut1D, Lut3D, Matrix, Node, ProcessList
from lattice.sdev.lut import Lut

MIX = np.array([[0.8, 0.1, 0.1], [0.15, 0.75, 0.1], [0.05, 0.15, 0.8]])  # rows sum to 1: grays stay gray
NARROW = Matrix(np.c_[np.eye(3) * 1.25, [-0.125] * 3])  # before a lattice: its domain is 0.1 to 0.9
WRONG, AT = 0.4, (9, 12, 5)  # by which a node is wrong, and which


def look(size: int = 17) -> Any:
    """Nodes of a smooth look with a neutral gray, within 0.05 and 0.95."""
    return (grid(size) @ MIX.T) ** 1.2 * 0.9 + 0.05


def wrong_node() -> Any:
    """The look, with red wrong in one node."""
    nodes = look()
    nodes[AT][0] += WRONG
    return nodes


def lut(*nodes: Node) -> Lut:
    """A LUT of these nodes."""
    return Lut("made up", nodes)


def curve(entries: Any) -> Lut1D:
    """The same curve for each channel."""
    return Lut1D(np.repeat(np.asarray(entries)[:, None], 3, axis=1))


def cube_file(path: Path, nodes: Any) -> Path:
    """A .cube of these nodes."""
    path.write_bytes(register.text_of(ProcessList("a look", (Lut3D(nodes),)), path))
    return path
