"""Process lists in the native engine: each node as the numbers that `cpp/process.h` takes."""

from __future__ import annotations

from collections.abc import Callable
from ctypes import POINTER, Structure, addressof, c_float, c_int, c_ssize_t, c_void_p, sizeof
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from lattice.interp import native, shader
from lattice.interp.process import joint_of, line_of
from lattice.process_list import LARGEST, Cdl, Exponent, Knots, Log, Lut1D, Lut3D, Matrix, Node, ProcessList, Range
from lattice.types import LatticeError, Pixels

MATRIX, RANGE, CURVE, HALF_CURVE, POINTS, LATTICE, LOGARITHM, ANTILOGARITHM, EXPONENT, CDL = range(10)  # in NODES
DIAGONAL = 1  # the flags of native.h
RANGE_LOW, RANGE_HIGH = 1, 2
TETRAHEDRA, LOG_LINE = 1, 1
MIRROR, PASS, LINE = 1, 2, 4
CLAMP, INVERSE = 1, 2
NUMBERS = 24
NAN_CODE = 0x7E00
Part = tuple[int, int, int, list[float], NDArray[np.float32] | None]  # kind, flags, count, numbers, data


class _Node(Structure):
    _fields_ = [
        ("kind", c_int),
        ("flags", c_int),
        ("count", c_int),
        ("numbers", c_float * NUMBERS),
        ("data", c_void_p),
        ("device", c_void_p),
    ]


class _Process(Structure):
    _fields_ = [
        ("nodes", POINTER(_Node)),
        ("count", c_ssize_t),
        ("input", native.Picture),
        ("out", native.Picture),
        ("width", c_ssize_t),
        ("height", c_ssize_t),
    ]


def takes(device: ProcessList) -> bool:
    """True if the engine can run these nodes: it has no inverse of a LUT, and no curve that keeps hues."""
    return all(type(node) in _PARTS and not getattr(node, "hue", False) for node in device.nodes)


def _matrix(node: Matrix) -> Part:
    square = node.matrix[:, :3]
    flags = DIAGONAL * np.array_equal(square, np.diag(np.diag(square)))
    return MATRIX, flags, 0, [*node.matrix[:, :3].ravel(), *node.matrix[:, 3]], None


def _range(node: Range) -> Part:
    flags = RANGE_LOW * (node.low is not None) + RANGE_HIGH * (node.high is not None)
    return RANGE, flags, 0, [node.scale, node.offset, node.low or 0.0, node.high or 0.0], None


def _lut1d(node: Lut1D) -> Part:
    if node.half_domain:
        return HALF_CURVE, 0, 0, [*node.entries[NAN_CODE].tolist()], np.ascontiguousarray(node.entries.T)
    scale = (len(node.entries) - 1) / (node.last - node.first)
    columns = np.concatenate([node.entries, node.entries[-1:]]).T
    return CURVE, 0, len(node.entries), [*node.first, *scale], np.ascontiguousarray(columns)


def _knots(node: Knots) -> Part:
    data: list[NDArray[Any]] = []
    for x, y in zip((curve.astype(np.float32) for curve in node.x), node.y, strict=True):
        width = np.diff(x.astype(np.float64))  # of what the library has, where two x may be one
        steep = np.divide(np.diff(y), width, out=np.zeros(len(width)), where=width > 0)
        data += [x, y, np.append(np.clip(steep, -LARGEST, LARGEST), 0.0)]
    counts = [float(len(x)) for x in node.x]
    return POINTS, 0, 0, counts, np.concatenate(data).astype(np.float32)


def _log(node: Log) -> Part:
    octaves, line = float(np.log2(node.base)), node.lin_break is not None
    slope, offset, value = line_of(node) if line else np.zeros((3, 3))
    start, log_offset = (*node.lin_slope, *node.lin_offset), node.log_offset
    if node.style == "linToLog":
        at = node.lin_break if node.lin_break is not None else np.zeros(3)
        return LOGARITHM, line, 0, [*start, *(node.log_slope / octaves), *log_offset, *at, *slope, *offset], None
    return ANTILOGARITHM, line, 0, [*start, *(octaves / node.log_slope), *log_offset, *value, *slope, *offset], None


def _exponent(node: Exponent) -> Part:
    flags = MIRROR * ("Mirror" in node.style) + PASS * ("PassThru" in node.style) + LINE * node.is_joined
    is_forward = node.style.endswith("Fwd")
    if not node.is_joined:
        return EXPONENT, flags, 0, [*(node.exponent if is_forward else 1 / node.exponent)], None
    g, o, slope = joint_of(node)
    end, one, none = o / (g - 1), np.ones(3), np.zeros(3)
    if is_forward:
        parts = (g, 1 / (1 + o), o / (1 + o), end, slope, one, none)
    else:
        parts = (1 / g, one, none, end * slope, 1 / slope, 1 + o, -o)
    return EXPONENT, flags, 0, [float(number) for part in parts for number in part], None


def _cdl(node: Cdl) -> Part:
    flags = CLAMP * node.is_clamped + INVERSE * node.is_inverse
    if node.is_inverse:
        return CDL, flags, 0, [*(1 / node.slope), *node.offset, *(1 / node.power), 1 / node.saturation], None
    return CDL, flags, 0, [*node.slope, *node.offset, *node.power, node.saturation], None


_PARTS: dict[type[Node], Callable[[Any], Part]] = {
    Matrix: _matrix,
    Range: _range,
    Lut1D: _lut1d,
    Knots: _knots,
    Log: _log,
    Exponent: _exponent,
    Cdl: _cdl,
    Lut3D: lambda node: (LATTICE, TETRAHEDRA * (node.interpolation == "tetrahedral"), 0, [], None),
}


class _Plan:
    """A process list as the library takes it; owns the arrays that the structs point to."""

    def __init__(self, device: ProcessList) -> None:
        self._owned: list[object] = []
        self.c = (_Node * len(device.nodes))(*(self._node(node) for node in device.nodes))

    def _node(self, node: Node) -> _Node:
        kind, flags, count, numbers, data = _PARTS[type(node)](node)
        lattice = self._lattice(node) if isinstance(node, Lut3D) else None
        self._owned += [data, lattice]
        room = (c_float * NUMBERS)(*numbers)
        where = None if data is None else data.ctypes.data
        return _Node(kind, flags, count, room, where, None if lattice is None else addressof(lattice))

    def _lattice(self, node: Lut3D) -> native.Device:
        nodes = native.aligned(shader.padded_nodes(node.nodes))
        self._owned.append(nodes)
        return native.Device(None, nodes.ctypes.data, shader.Numbers(node.size))


_plans: WeakKeyDictionary[ProcessList, _Plan] = WeakKeyDictionary()


def runner(device: ProcessList) -> Callable[[Pixels, Pixels], None]:
    """Prepare a process list once; return the function (image, out) that applies it to an image or its rows.

    image, out: as in `native.runner`. Raises LatticeError as `native.in_use` does.
    """
    run, found = native.caller("lattice_process"), native.library()
    if found is not None and found.lattice_process_layout() != sizeof(_Process) * native.LAYOUT + sizeof(_Node):
        raise LatticeError("the native library was compiled for another version of lattice: install again")
    plan = _plans.get(device)
    if plan is None:
        plan = _plans[device] = _Plan(device)

    def apply(image: Pixels, out: Pixels) -> None:
        height, width = image.shape[:2]
        run(_Process(plan.c, len(plan.c), native.picture(image), native.picture(out), width, height))

    return apply
