"""The NumPy definition of every process node of a LUT file, on planes (3, n) of float32 or float64."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from lattice.interp import inverse, reference
from lattice.interp.reference import BLOCK, Floats
from lattice.process_list import (
    Cdl,
    Exponent,
    InverseLut1D,
    InverseLut3D,
    Knots,
    Log,
    Lut1D,
    Lut3D,
    Matrix,
    Node,
    ProcessList,
    Range,
)

SMALLEST = float(np.finfo(np.float32).tiny)  # what a logarithm's argument is held to
LEAST_BEND = 1e-6  # of an exponent above 1 and of an offset above 0 where a curve has neither: the line's own limit
LUMA = (0.2126, 0.7152, 0.0722)  # of Rec.709. Source: ASC CDL 1.2
NAN_CODE = 0x7E00
ONE_CODE = 0x3C00
INFINITY_CODE = 0x7C00
NEGATIVE = 0x8000


def run(nodes: Iterable[Node], planes: Floats) -> Floats:
    """Return the colors (3, n) that process nodes make of colors (3, n), in the same dtype."""
    with np.errstate(all="ignore"):  # of NaN and infinities, which every node says what it makes of
        for node in nodes:
            planes = NODES[type(node)](node, planes).astype(planes.dtype, copy=False)
    return planes


def apply(device: ProcessList, image: Floats, out: Floats, dtype: DTypeLike = np.float32) -> None:
    """Apply a process list to an image, as `reference.apply` does an SDev."""
    height, width = image.shape[:2]
    rows = max(1, BLOCK // max(width, 1))
    for top in range(0, height, rows):
        for left in range(0, width, BLOCK):
            area = (slice(top, top + rows), slice(left, left + BLOCK))
            block = image[area]
            planes = np.ascontiguousarray(block[..., :3].reshape(-1, 3).T, dtype=dtype)
            with np.errstate(all="ignore"):  # of a half that is too small for a value
                out[area][..., :3] = run(device.nodes, planes).T.reshape(*block.shape[:2], 3)
            out[area][..., 3:] = block[..., 3:]


def _matrix(node: Matrix, x: Floats) -> Floats:
    if np.array_equal(node.matrix[:, :3], np.diag(np.diag(node.matrix[:, :3]))):  # NaN stays in its channel
        return x * _columns(np.diag(node.matrix[:, :3]), x) + _columns(node.matrix[:, 3], x)
    return reference.transform(node.matrix[:, :3], x) + node.matrix[:, 3:].astype(x.dtype)


def _range(node: Range, x: Floats) -> Floats:
    x = x * x.dtype.type(node.scale) + x.dtype.type(node.offset)
    if node.low is not None:
        x = np.fmax(x, x.dtype.type(node.low))
    return x if node.high is None else np.fmin(x, x.dtype.type(node.high))


def _lut1d(node: Lut1D, x: Floats) -> Floats:
    found = np.stack([(_half_curve if node.half_domain else _curve)(node, k, x[k]) for k in range(3)])
    return _same_hue(x, found) if node.hue else found


def _curve(node: Lut1D, k: int, x: Floats) -> Floats:
    first, scale = node.first[k], (len(node.entries) - 1) / (node.last[k] - node.first[k])
    position = (x - x.dtype.type(first)) * x.dtype.type(scale)
    return _between(node.entries[:, k], position)


def _between(curve: NDArray[np.float32], position: Floats) -> Floats:
    """Return the values of entries (n,) at positions, counted in entries; held to the first and last, NaN to the
    first."""
    last = position.dtype.type(len(curve) - 1)
    held = np.fmin(np.fmax(position, 0), last)
    entry = np.minimum(held.astype(np.int32), len(curve) - 2)
    low, high = curve[entry].astype(position.dtype), curve[entry + 1].astype(position.dtype)
    return low + (held - entry.astype(position.dtype)) * (high - low)


def _half_curve(node: Lut1D, k: int, x: Floats) -> Floats:
    curve, size = node.entries[:, k], np.abs(x)
    whole = np.stack([curve[:NEGATIVE], curve[NEGATIVE:]])
    found = [reference.look_up(np.broadcast_to(side, (3, NEGATIVE)), size[None].repeat(3, axis=0))[0] for side in whole]
    value = np.where(np.signbit(x), found[1], found[0])
    return np.where(np.isnan(x), x.dtype.type(curve[NAN_CODE]), value)


def _same_hue(before: Floats, after: Floats) -> Floats:
    """Return colors whose middle channel is placed between the two others as it was."""
    order = np.argsort(before, axis=0, kind="stable")
    low, middle, high = np.take_along_axis(before, order, axis=0)
    new_low, _, new_high = np.take_along_axis(after, order, axis=0)
    span = high - low
    share = np.where(span > 0, (middle - low) / np.where(span > 0, span, 1), 0)
    placed = np.array(after)
    np.put_along_axis(placed, order[1:2], (share * (new_high - new_low) + new_low)[None], axis=0)
    return placed


def _knots(node: Knots, x: Floats) -> Floats:
    curves = zip(x, node.x, node.y, strict=True)
    return np.stack([np.interp(np.where(np.isnan(value), at[0], value), at, to) for value, at, to in curves])


def _lut3d(node: Lut3D, x: Floats) -> Floats:
    nodes = np.ascontiguousarray(node.nodes.reshape(-1, 3).T, dtype=x.dtype)
    return reference.METHODS[node.interpolation](nodes, np.fmin(np.fmax(x, 0), 1), node.size)


def _columns(numbers: NDArray[np.float64], x: Floats) -> Floats:
    return numbers.astype(x.dtype)[:, None]


def line_of(node: Log) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return slope and offset of the line of a Log, and its value at the break, (3,) float64 each."""
    assert node.lin_break is not None
    argument = node.lin_slope * node.lin_break + node.lin_offset
    slope = node.linear_slope
    if slope is None:
        slope = node.log_slope * node.lin_slope / (argument * np.log(node.base))
    value = node.log_slope * np.log(argument) / np.log(node.base) + node.log_offset
    return slope, value - slope * node.lin_break, value


def _log(node: Log, x: Floats) -> Floats:
    log_offset, lin_slope, lin_offset = (_columns(n, x) for n in (node.log_offset, node.lin_slope, node.lin_offset))
    octaves = np.log2(node.base)
    if node.style == "linToLog":
        held = np.fmax(lin_slope * x + lin_offset, x.dtype.type(SMALLEST))
        curve = np.log2(held) * _columns(node.log_slope / octaves, x) + log_offset
    else:
        curve = (np.exp2((x - log_offset) * _columns(octaves / node.log_slope, x)) - lin_offset) / lin_slope
    if node.lin_break is None:
        return curve
    slope, offset, value = line_of(node)
    if node.style == "linToLog":
        line, at = _columns(slope, x) * x + _columns(offset, x), node.lin_break
    else:
        line, at = (x - _columns(offset, x)) / _columns(slope, x), value
    return np.where(x <= _columns(at, x), line, curve)  # NaN takes the curve


def joint_of(node: Exponent) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return exponent, offset and slope of the line of a monCurve, (3,) float64 each; of a plain line its limit.

    The line ends at offset / (exponent - 1), times the slope for the inverse.
    """
    g, o = np.maximum(node.exponent, 1 + LEAST_BEND), np.maximum(node.offset, LEAST_BEND)
    return g, o, (g - 1) / o * (o * g / ((g - 1) * (1 + o))) ** g


def _exponent(node: Exponent, x: Floats) -> Floats:
    sign = x.dtype.type(1)
    if "Mirror" in node.style:
        sign, x = np.sign(x), np.abs(x)
    if node.is_joined:
        return sign * _joined(node, x)
    exponent = _columns(node.exponent if node.style.endswith("Fwd") else 1 / node.exponent, x)
    raised = np.power(np.fmax(x, 0), exponent)
    return np.where(x > 0, raised, x) if "PassThru" in node.style else sign * raised


def _joined(node: Exponent, x: Floats) -> Floats:
    g, o, slope = joint_of(node)
    if node.style.endswith("Fwd"):
        end = _columns(o / (g - 1), x)
        base = np.fmax(x, end) * _columns(1 / (1 + o), x) + _columns(o / (1 + o), x)
        return np.where(x > end, np.power(base, _columns(g, x)), x * _columns(slope, x))
    end = _columns(o / (g - 1) * slope, x)
    curve = np.power(np.fmax(x, end), _columns(1 / g, x))  # from its end on: a power of 0 takes eight times as long
    return np.where(x > end, curve * _columns(1 + o, x) - _columns(o, x), x / _columns(slope, x))


def _cdl(node: Cdl, x: Floats) -> Floats:
    def held(y: Floats) -> Floats:
        return np.fmin(np.fmax(y, 0), 1) if node.is_clamped else y

    def raised(y: Floats, power: NDArray[np.float64]) -> Floats:
        y = held(y)
        return np.where(y > 0, np.power(np.fmax(y, 0), _columns(power, y)), np.where(np.isnan(y), 0, y))

    def saturated(y: Floats, saturation: float) -> Floats:
        luma = y[0] * y.dtype.type(LUMA[0]) + y[1] * y.dtype.type(LUMA[1]) + y[2] * y.dtype.type(LUMA[2])
        return luma + (y - luma) * y.dtype.type(saturation)

    slope, offset = _columns(node.slope, x), _columns(node.offset, x)
    if not node.is_inverse:
        return held(saturated(raised(x * slope + offset, node.power), node.saturation))
    graded = raised(saturated(held(x), 1 / node.saturation), 1 / node.power)
    return held((graded - offset) / slope)


def _inverse_1d(node: InverseLut1D, x: Floats) -> Floats:
    found = np.stack([inverse_curve(node.lut, k)(x[k]) for k in range(3)])
    return _same_hue(x, found) if node.lut.hue else found


def inverse_curve(lut: Lut1D, k: int) -> Callable[[Floats], Floats]:
    """Return the inverse of channel k's curve, for values (n,) of float32 or float64.

    The curve rises if its last entry is above its first (of a half domain: that of 1 above that of 0), else it falls;
    entries that go the other way count as the one before. Values beyond the entries are held to theirs; a flat piece
    gives its end nearer to the first entry, one at the beginning its last. NaN counts as the first entry.
    """
    entries = lut.entries[:, k]
    if lut.half_domain:
        return _inverse_half_curve(entries)
    sign = np.float32(1 if entries[0] < entries[-1] else -1)
    first, step = lut.first[k], (lut.last[k] - lut.first[k]) / (len(entries) - 1)
    find = _positions(np.maximum.accumulate(entries * sign))

    def invert(x: Floats) -> Floats:
        below, share = find(x * x.dtype.type(sign))
        return (below + share) * x.dtype.type(step) + x.dtype.type(first)

    return invert


def _positions(curve: NDArray[np.float32]) -> Callable[[Floats], tuple[Floats, Floats]]:
    """Return the function from values to the entries below them and the shares beyond, of a curve that never falls."""
    end = int(np.searchsorted(curve, curve[-1], "left"))
    start = min(int(np.searchsorted(curve, curve[0], "right")) - 1, end)

    def find(x: Floats) -> tuple[Floats, Floats]:
        held = np.fmin(np.fmax(x, curve[start].astype(x.dtype)), curve[end].astype(x.dtype))
        below = np.maximum(start + np.searchsorted(curve[start:end].astype(x.dtype), held, "left") - 1, start)
        low, high = curve[below].astype(x.dtype), curve[np.minimum(below + 1, end)].astype(x.dtype)
        share = np.where(high > low, (held - low) / np.where(high > low, high - low, 1), 0)
        return below.astype(x.dtype), share

    return find


def _inverse_half_curve(entries: NDArray[np.float32]) -> Callable[[Floats], Floats]:
    """Return the inverse of a curve over the halves: above the entry of 0 in the positive halves, below in the
    negative ones, or where it falls the other way round."""
    rises, middle = bool(entries[0] < entries[ONE_CODE]), entries[0]
    sides = []
    for first, way in ((0, 1 if rises else -1), (NEGATIVE, -1 if rises else 1)):
        curve = np.concatenate([[middle], entries[first : first + INFINITY_CODE]]) * np.float32(way)
        sides.append((first, way, _positions(np.maximum.accumulate(curve)[1:])))

    def invert(x: Floats) -> Floats:
        values = []
        for first, way, find in sides:
            below, share = find(x * x.dtype.type(way))
            codes = (np.stack([below, below + 1]).astype(np.int32) + first).astype(np.uint16)
            low, high = codes.view(np.float16).astype(x.dtype)
            values.append(np.where(share > 0, low + share * (high - low), low))
        return np.where((x >= x.dtype.type(middle)) == rises, *values)

    return invert


def _inverse_3d(node: InverseLut3D, x: Floats) -> Floats:
    return inverse.of_lut(node, node.lut.nodes, x)


NODES: dict[type[Node], Callable[[Any, Floats], Floats]] = {
    Matrix: _matrix,
    Range: _range,
    Lut1D: _lut1d,
    Knots: _knots,
    Lut3D: _lut3d,
    Log: _log,
    Exponent: _exponent,
    Cdl: _cdl,
    InverseLut1D: _inverse_1d,
    InverseLut3D: _inverse_3d,
}
