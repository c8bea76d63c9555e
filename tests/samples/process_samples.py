"""Process nodes of every kind and style, and how far float32 may be from what the definition makes of each."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, get_args

import numpy as np
from basics import halves
from tolerance import EPS, MATRIX_ROUNDINGS, SECOND_ORDER, TABLE_ROUNDINGS, node_bound

from lattice.interp import process
from lattice.interp.process import joint_of, line_of
from lattice.process_list import (
    Cdl,
    Exponent,
    ExponentStyle,
    Knots,
    Log,
    Lut1D,
    Lut3D,
    Matrix,
    Node,
    ProcessList,
    Range,
)

LOG_POLYNOMIAL = 5e-8  # of log2 of a mantissa (bench/power_fit.py); its sum rounds once, relative to the logarithm
LARGE, HUGE = 1e37, 1e36  # past the one float32 may have gone to infinity on the way, and is past the other
MOST = 1e30  # of a color in float32 whose bound is computed
EXP_POLYNOMIAL = 3e-8  # of 2 ** f, relative (bench/power_fit.py); its last sum rounds once more


def three(*values: float) -> Any:
    return np.array(values, np.float64)


def _nodes() -> dict[str, Node]:
    random = np.random.default_rng(1)
    h = np.clip(np.nan_to_num(halves().astype(np.float64), nan=0.3), -65504, 65504)
    x, y = three(-1, 0, 1, 4), three(0, 0.3, 0.4, 1)
    camera = {"base": 10.0, "log_slope": 0.25, "log_offset": 0.38, "lin_slope": 5.5, "lin_offset": 0.05}
    slope, offset, power = three(1.1, 0.9, 1), three(0.1, -0.1, 0), three(1.2, 0.8, 1)
    found: dict[str, Node] = {
        "matrix": Matrix(random.normal(size=(3, 4))),
        "matrix of a scale": Matrix(np.hstack([np.diag([2.0, -1.0, 0.3]), random.normal(size=(3, 1))])),
        "range": Range(0.1, 0.8, 1.3, -0.1),
        "range from below": Range(low=0.1),
        "range from above": Range(high=0.9),
        "range without limits": Range(scale=2, offset=0.3),
        "curve": Lut1D(random.uniform(-1, 2, (1024, 3)), three(-0.1, 0, 0.2), three(1, 1.5, 0.9)),
        "curve of two": Lut1D(np.array([[0, 1, 0.5], [1, 0, 0.5]]), three(-9, 0, 0), three(46, 1, 1)),
        "curve over halves": Lut1D(
            np.stack([np.sin(h), h / 65504, random.uniform(0, 1, h.shape)], axis=1), half_domain=True
        ),
        "points": Knots((x, three(0, 0.2, 1), three(0, 1)), (y, three(0, 0.5, 1), three(1, 0))),
        "trilinear": Lut3D(random.uniform(-1, 2, (33, 33, 33, 3)), "trilinear"),
        "tetrahedra": Lut3D(random.uniform(-1, 2, (16, 16, 16, 3))),
        "tetrahedra of two": Lut3D(random.uniform(size=(2, 2, 2, 3))),
        "CDL": Cdl(slope, offset, power, 0.7),
        "CDL without clamp": Cdl(slope, offset, power, 1.3, is_clamped=False),
        "CDL back": Cdl(slope, offset, power, 0.7, is_inverse=True),
        "CDL back without clamp": Cdl(slope, offset, power, 1.3, is_clamped=False, is_inverse=True),
    }
    for style in ("linToLog", "logToLin"):
        found |= {
            f"{style} 2": Log(style),
            f"{style} falling": Log(style, log_slope=three(-1, -0.5, 2), lin_slope=three(-1, 2, 1)),
            f"{style} with a line": Log(style, **camera, lin_break=0.01),
            f"{style} with a slope": Log(style, **camera, lin_break=0.01, linear_slope=5.0),
        }
    for style in get_args(ExponentStyle):
        joined = style.startswith("monCurve")
        found[style] = Exponent(
            style, three(2.4, 1, 3) if joined else three(2.2, 1, 0.5), three(0.055, 0, 0.1) * joined
        )
    return found


NODES = _nodes()
"""Nodes by name: every kind, and every branch of its text."""


def every_kind() -> ProcessList:
    """All nodes, one after the other, with none that makes all colors alike."""
    return ProcessList("every kind", tuple(NODES.values()))


def colors() -> Any:
    """Colors (n, 3) float32: in and around [0, 1], over 36 octaves of both signs, and odd ones."""
    random = np.random.default_rng(1)
    near = random.uniform(-0.2, 1.2, (3000, 3))
    far = 2.0 ** random.uniform(-20, 16, (1500, 3)) * random.choice([-1, 1], (1500, 3))
    odd = [0, -0.0, 1, np.nan, np.inf, -np.inf, 65504, 1e30, -1e30, 1e-40, -1e-40, 3e-6, 0.01]
    mixed = random.permuted(np.repeat(np.array(odd)[:, None], 3, axis=1), axis=0)
    grays = np.repeat(np.array(odd)[:, None], 3, axis=1)
    return np.concatenate([near, far, grays, mixed]).astype(np.float32)


def _column(numbers: Any) -> Any:
    return np.asarray(numbers, np.float64)[:, None]


def _matrix(node: Matrix, x: Any, y: Any) -> Any:
    return (MATRIX_ROUNDINGS + 1) * EPS * (np.abs(node.matrix[:, :3]) @ np.abs(x) + np.abs(node.matrix[:, 3:]))


def _range(node: Range, x: Any, y: Any) -> Any:
    """Scale, offset and limits round; the sum of the two once more."""
    return 3 * EPS * (np.abs(node.scale * x) + abs(node.offset)) + EPS * np.abs(y)


def _curve(node: Lut1D, x: Any, y: Any) -> Any:
    """The place errs by the roundings of its domain's start, difference, scale and product; a curve over halves has
    exact places. The value is that error times the steepest step, and three roundings."""
    entries = node.entries.astype(np.float64)
    value = TABLE_ROUNDINGS * EPS * np.abs(entries).max(axis=0) * 2
    if node.half_domain:
        return _column(value) + 0 * y
    steps = np.abs(np.diff(entries, axis=0)).max(axis=0) * (len(entries) - 1)
    place = EPS * (np.abs(node.first) / (node.last - node.first) + 3)
    return _column(steps * place + value) + 0 * y


def _points(node: Knots, x: Any, y: Any) -> Any:
    """Points whose x round are a curve that is shifted by as much; the value: slope, difference, sum and y."""
    found = []
    for at, to in zip(node.x, node.y, strict=True):
        steep = np.abs(np.diff(to) / np.diff(at)).max()
        found.append(steep * EPS * np.abs(at).max() + 6 * EPS * np.abs(to).max())
    return _column(found) + 0 * y


def _lattice(node: Lut3D, x: Any, y: Any) -> Any:
    return node_bound(SimpleNamespace(lattice=node), 0.0) + 0 * y


def _log2_error(argument: Any, error: Any) -> Any:
    """log2 of an argument that errs by so much; held to the smallest normal float."""
    held, low, high = (np.fmax(argument + shift, process.SMALLEST) for shift in (0, -error, error))
    moved = np.maximum(np.log2(high) - np.log2(held), np.log2(held) - np.log2(low))
    return moved + EPS * np.abs(np.log2(held)) + LOG_POLYNOMIAL


def _log(node: Log, x: Any, y: Any) -> Any:
    octaves, slope, offset = np.log2(node.base), _column(node.lin_slope), _column(node.lin_offset)
    at = _column(node.log_offset)
    if node.style == "linToLog":
        argument = np.where(np.isnan(x), 0, slope * x + offset)
        log = _log2_error(argument, 2 * EPS * (np.abs(slope * x) + np.abs(offset)))
        scale = np.abs(_column(node.log_slope)) / octaves
        size = scale * np.abs(np.log2(np.fmax(argument, process.SMALLEST)))
        curve = scale * log + 2 * EPS * size + EPS * (np.abs(at) + np.abs(y))
    else:
        power = (x - at) * octaves / _column(node.log_slope)
        far = EPS * (2 * np.abs(power) + np.abs(at * octaves / _column(node.log_slope)))
        light = np.exp2(power)
        relative = np.expm1(np.log(2) * far) + EXP_POLYNOMIAL + 2 * EPS
        curve = (np.where(light > 0, light * relative, 0) + 2 * EPS * (light + np.abs(offset))) / np.abs(
            slope
        ) + 2 * EPS * np.abs(y)
    if node.lin_break is None:
        return curve
    line_slope, line_offset, _ = (_column(numbers) for numbers in line_of(node))
    if node.style == "linToLog":
        line = 3 * EPS * (np.abs(line_slope * x) + np.abs(line_offset))
    else:
        line = 4 * EPS * (np.abs(x) + np.abs(line_offset)) / np.abs(line_slope)
    return np.fmax(np.where(np.isfinite(curve), curve, 0), np.nan_to_num(line))


def _power(base: Any, error: Any, exponent: Any) -> Any:
    """base ** exponent of a base that errs by so much; 0 up to the smallest normal float."""
    base = np.fmax(base, 0)
    logs = np.log2(np.fmax(base, process.SMALLEST))
    octaves = exponent * (_log2_error(base, error) + 2 * EPS * np.abs(logs))
    relative = np.expm1(np.log(2) * octaves) + EXP_POLYNOMIAL + 2 * EPS
    return base**exponent * relative + np.where(base <= 2 * process.SMALLEST, (2 * process.SMALLEST) ** exponent, 0)


def _exponent(node: Exponent, x: Any, y: Any) -> Any:
    size = np.abs(x) if "Mirror" in node.style else x
    if not node.is_joined:
        exponent = _column(node.exponent if node.style.endswith("Fwd") else 1 / node.exponent)
        return _power(size, 0.0, exponent)
    g, o = (_column(numbers) for numbers in joint_of(node)[:2])
    line = 2 * EPS * np.abs(y)
    if node.style.endswith("Fwd"):
        base = np.fmax((size + o) / (1 + o), 0)
        return line + _power(base, 3 * EPS * (np.abs(size) + o) / (1 + o), g)
    return line + (1 + o) * _power(size, 0.0, 1 / g) + 3 * EPS * (np.abs(y) + 2 * o)


def _cdl(node: Cdl, x: Any, y: Any) -> Any:
    """The powers of what errs, and the luma's four roundings, mixed by saturation."""
    slope, offset, power = _column(node.slope), _column(node.offset), _column(node.power)
    luma = np.array(process.LUMA)[None]

    def mixed(values: Any, error: Any, saturation: float) -> Any:
        mix = abs(saturation) * np.eye(3) + abs(1 - saturation) * luma
        return mix @ error + 8 * EPS * (mix @ np.abs(values))

    def held(values: Any) -> Any:
        return np.clip(values, 0, 1) if node.is_clamped else values

    if not node.is_inverse:
        graded = slope * x + offset
        error = 3 * EPS * (np.abs(slope * x) + np.abs(offset))
        raised = _power(held(graded), error, power) + np.where(graded < 0, error, 0)
        values = np.where(graded > 0, np.fmax(held(graded), 0) ** power, held(graded))
        return mixed(values, raised, node.saturation) + EPS * np.abs(y)
    given = held(x)
    start = given / node.saturation + (1 - 1 / node.saturation) * (luma @ given)
    error = mixed(given, 0 * given, 1 / node.saturation)
    raised = _power(held(start), error, 1 / power) + np.where(start < error, error ** np.fmin(1, 1 / power), 0)
    values = np.where(start > 0, np.fmax(held(start), 0) ** (1 / power), held(start))
    return (
        raised + np.where(start < 0, error, 0) + 4 * EPS * (np.abs(values) + np.abs(offset))
    ) / slope + EPS * np.abs(y)


_BOUNDS: dict[type[Node], Callable[[Any, Any, Any], Any]] = {
    Matrix: _matrix,
    Range: _range,
    Lut1D: _curve,
    Knots: _points,
    Lut3D: _lattice,
    Log: _log,
    Exponent: _exponent,
    Cdl: _cdl,
}


def defined(node: Node, pixels: Any) -> tuple[Any, Any]:
    """What the definition makes of colors (n, 3) in float64, and how far float32 may be from each: (n, 3) both."""
    x = pixels.T.astype(np.float64)
    y = process.run((node,), x)
    finite = np.clip(x if isinstance(node, Log) else np.nan_to_num(x, nan=0.0), -MOST, MOST)
    with np.errstate(all="ignore"):
        return y.T, SECOND_ORDER * (_BOUNDS[type(node)](node, finite, np.nan_to_num(y)).T + process.SMALLEST)


def wrong(found: Any, wanted: Any, bound: Any) -> Any:
    """Where float32 values are not as near to the definition's as the bound asks, or not as infinite or as NaN."""
    with np.errstate(invalid="ignore"):
        is_large, is_near = ~(np.abs(wanted) < LARGE), np.abs(found.astype(np.float64) - wanted) <= bound
    same = (np.isnan(found) & np.isnan(wanted)) | ((np.abs(found) > HUGE) & (np.sign(found) == np.sign(wanted)))
    return np.where(is_large, ~same, ~is_near)
