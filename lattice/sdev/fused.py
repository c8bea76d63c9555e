"""A process list as an SDev, where that is exact: matrix, table, lattice, display."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lattice.encodings import SRGB_EXPONENT, SRGB_OFFSET, Gamma
from lattice.process_list import Exponent, Lut1D, Lut3D, Matrix, Node, ProcessList, Range
from lattice.types import HALF_MAX, Display, Lattice, LatticeError, SDevData, Table, halves, held_halves

Nodes = list[Node]
NAN_CODE, INFINITIES = 0x7E00, (0x7C00, 0xFC00)
UNIT = Range(0.0, 1.0)


def fused(given: ProcessList) -> SDevData | None:
    """Return the SDev of a process list that has an SDev's stages and no other; None if it has others.

    The stages, each of which may be missing but the lattice: a 3x3; a half-domain LUT1D, or a scale and an offset of
    each channel (a domain); a LUT3D; an Exponent basicFwd, a 3x3, a Range from 0 to 1, an Exponent basicRev or that of
    sRGB. Without a Range at the end the nodes must be in [0, 1], or the list must say what display it gives codes of,
    which shows no others.
    """
    left = list(given.nodes)
    matrix = _plain(left)
    table = _table(left)
    lut = left.pop(0) if left else None
    if table is None or not isinstance(lut, Lut3D):
        return None
    display = _display(left, lut.nodes, "output" in given.provenance)
    if display is None or left:
        return None
    try:
        lattice = Lattice(lut.nodes, lut.interpolation)
        return SDevData(given.name, matrix, table, lattice, display, given.provenance)
    except LatticeError:  # of a number that a record does not take
        return None


def _plain(left: Nodes) -> NDArray[Any]:
    """Take a 3x3 that is more than a scale of each channel from the front; the identity without one."""
    first = left[0] if left else None
    if isinstance(first, Matrix) and not first.matrix[:, 3].any() and not _is_diagonal(first.matrix[:, :3]):
        left.pop(0)
        return first.matrix[:, :3]
    return np.eye(3)


def _is_diagonal(matrix: NDArray[Any]) -> bool:
    return np.array_equal(matrix, np.diag(np.diag(matrix)))


def _table(left: Nodes) -> Table | None:
    """Take what acts on each channel from the front, as a table that is exact; None if it is not."""
    first = left[0] if left else None
    if isinstance(first, Lut1D) and first.half_domain and not first.hue:
        left.pop(0)
        entries = np.array(first.entries)
        for ends, last in ((INFINITIES[0], 0x7BFF), (INFINITIES[1], 0xFBFF)):  # which count as the largest halves
            entries[ends] = entries[last]
        entries[np.isnan(halves())] = entries[NAN_CODE]
        return _checked(entries)
    scale, offset = _domain(left)
    if (scale == 0).any() or np.abs((np.array([[0.0], [1.0]]) - offset) / scale).max() > HALF_MAX:
        return None
    if np.array_equal(scale, np.ones(3)) and not offset.any():
        return Table.identity()
    values = held_halves()[:, None] * scale + offset
    values[np.isnan(halves())] = 0  # as a LUT3D counts NaN
    return _checked(values)


def _domain(left: Nodes) -> tuple[NDArray[Any], NDArray[Any]]:
    """Take a scale and an offset of each channel from the front; limits that a LUT3D has itself do not count."""
    first = left[0] if left else None
    if isinstance(first, Matrix) and _is_diagonal(first.matrix[:, :3]):
        left.pop(0)
        return np.diag(first.matrix[:, :3]), first.matrix[:, 3]
    if (
        isinstance(first, Range)
        and first.low is not None
        and first.low <= 0
        and (first.high is None or first.high >= 1)
    ):
        left.pop(0)
        return np.full(3, first.scale), np.full(3, first.offset)
    return np.ones(3), np.zeros(3)


def _checked(values: NDArray[Any]) -> Table | None:
    try:
        return Table(values.astype(np.float32))
    except LatticeError:
        return None


def _display(left: Nodes, nodes: NDArray[Any], is_shown: bool) -> Display | None:
    exponent, matrix, gamma = 1.0, np.eye(3), 1.0
    first = left[0] if left else None
    if isinstance(first, Exponent) and first.style == "basicFwd" and len(set(first.exponent)) == 1:
        exponent = float(first.exponent[0])
        left.pop(0)
    second = left[0] if left else None
    if isinstance(second, Matrix) and not second.matrix[:, 3].any():
        left.pop(0)
        matrix = second.matrix[:, :3]
    held = bool(left) and left[0] == UNIT
    if held:
        left.pop(0)
    held = held or is_shown
    code: Gamma | None = _gamma(left)
    mixes = not np.array_equal(matrix, np.eye(3))
    if mixes and exponent == 1 and nodes.min() < 0:  # which an SDev's display takes for 0 before its 3x3
        return None
    if not held and (mixes or exponent != 1 or nodes.min() < 0 or nodes.max() > 1):
        return None
    try:
        return Display(exponent, matrix, gamma if code is None else code)
    except LatticeError:
        return None


def _gamma(left: Nodes) -> Gamma | None:
    """Take the display's encoding from the front; None without one."""
    first = left[0] if left else None
    if not isinstance(first, Exponent) or len(set(first.exponent)) != 1 or len(set(first.offset)) != 1:
        return None
    if first.style == "basicRev":
        left.pop(0)
        return float(first.exponent[0])
    if first.style == "monCurveRev" and first.exponent[0] == SRGB_EXPONENT and first.offset[0] == SRGB_OFFSET:
        left.pop(0)
        return "sRGB"
    return None
