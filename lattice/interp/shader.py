"""The numbers of an SDev that `pixel_shader.h` needs, for every engine that compiles it."""

from __future__ import annotations

from collections.abc import Iterator
from ctypes import Array, Structure, c_float, c_int
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from functools import cache
from itertools import pairwise
from math import cos, pi
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lattice.encodings import SRGB_EXPONENT, SRGB_OFFSET, SRGB_SLOPE, SRGB_TOE, hlg_gain, pq_gain
from lattice.interp.reference import bend
from lattice.types import MID_GRAY, MOST_STEPS, Display, FilmStage, SDevData, Step, Table

Array64 = NDArray[np.float64]
TEXT, PARTS = Path(__file__).with_name("pixel_shader.h"), ("encodings.h",)  # the shader, and what it includes
STAGES = [1 << i for i in range(13)]  # STAGE_* of pixel_shader.h
FILM, TABLE, CUBE, EXPONENT, LIGHT, ROOT, POWER, FLOOR, LOG, PQ, HLG, SIGNED, HOLD = STAGES
MOST_NODES = 255  # along an edge: a node's index stays below 2**24, which float32 counts exactly
LAST_CODE = 0x7BFF  # the half code of 65504
NAN_CODE = 0x7E00  # whose entry is that of every NaN among floats
NEGATIVE_CODES = slice(0x8000, 0xFC00)  # of -0 and the finite halves below it
NEVER = 2.0  # above every x in [0, 1]
STRAIGHT = 2.0**-22  # of a curve's largest value: how far off a line its entries may be
ROOT_TERMS = 8
CLEAR_OF_0 = 2.0**-12  # of the largest node: more than rounding takes from the smallest, at 255 nodes an edge too
DIGITS = 40  # decimal digits in a root's fit
LARGEST = float(np.finfo(np.float32).max)
SAFE_LOG2 = 125.0  # powers are computed from 2**-125 to 2**125, where every intermediate is a normal float


def text() -> str:
    """Return the pixel shader with its parts in their places, so that no compiler needs an include path."""
    whole = TEXT.read_text()
    for part in PARTS:
        whole = whole.replace(f'#include "{part}"', TEXT.with_name(part).read_text())
    return whole


class _Step(Structure):
    _fields_ = [
        ("matrix", c_float * 9),
        ("offset", c_float * 3),
        *((name, c_int) for name in ("curves", "last", "start")),
        *((name, c_float) for name in ("straight", "gain", "rise")),
        ("low", c_float * 3),
        ("high", c_float * 3),
        ("middle", c_float * 3),
    ]


class Numbers(Structure):
    """The fields of `Device` in pixel_shader.h after its DEVICE_MEMORY."""

    _fields_ = [
        ("size", c_int),
        ("stages", c_int),
        ("film", c_float * 9),
        ("light", c_float * 9),
        ("darkest", c_float),
        ("brightest", c_float),
        ("exponent", c_float),
        ("ceiling", c_float),
        ("lowest", c_float),
        ("gamma", c_float),
        ("offset", c_float),
        ("toe", c_float),
        ("slope", c_float),
        ("floor", c_float),
        ("steps", c_int),
        ("step", _Step * MOST_STEPS),
        ("root", c_float * ROOT_TERMS),
        ("peak", c_float),
    ]


def numbers(device: SDevData) -> Numbers:
    """Return the numbers of an SDev, rounded to float32."""
    exponent = device.display.exponent
    limit = SAFE_LOG2 / max(exponent, 1)
    ends = np.array(live_codes(device.table), np.uint16).view(np.float16)
    *encoding, root = _encoding(device.display)
    return Numbers(
        device.lattice.size,
        stages(device),
        _nine(device.matrix),
        _nine(device.display.matrix),
        *ends,
        exponent,
        LARGEST if exponent == 1 else 2.0**limit,
        2.0**-limit,
        *encoding,
        *_film_stage(device.table),
        root,
        _peak(device.display),
    )


def _film_stage(table: Table | FilmStage) -> tuple[float, int, Array[_Step]]:
    """Return floor, steps, step: zeros for a Table."""
    steps = (_Step * MOST_STEPS)()
    if isinstance(table, Table):
        return 0.0, 0, steps
    start = 0
    for number, (step, (offset, center)) in enumerate(zip(table.steps, _centered(table), strict=True)):
        count, entries = (0, 0) if step.curves is None else step.curves.shape
        straight, gain, rise = _straight(step)
        steps[number] = _Step(
            _nine(step.matrix[:, :3]),
            _three(offset),
            *(count, entries - 1, start, straight - center[1], gain, rise + gain * center[1]),
            *map(_three, (-center, 1 - center, center * (entries - 1))),
        )
        start += count * entries
    return table.floor, len(table.steps), steps


def _centered(table: FilmStage) -> Iterator[tuple[Array64, Array64]]:
    """Yield each step's offset and center (3,): the shader's numbers are 0 at mid gray, not somewhere from 0 to 1.

    A print multiplies what float32 rounds off, most in dark and pure colors, and near 0 it rounds off the least. The
    center is taken away in one step; where no curve follows, it is part of the next one's offset. Before a curve it is
    the entry next to mid gray.
    """
    gray, before = np.log2(np.full((3, 1), MID_GRAY)), np.zeros(3)
    for step in table.steps:
        mixed = np.clip(step.matrix[:, :3] @ gray + step.matrix[:, 3:], 0, 1)
        curves = () if step.curves is None else step.curves
        center, gray = mixed[:, 0].copy(), mixed
        for k, curve in enumerate(curves, 3 - len(curves)):
            center[k] = np.rint(center[k] * (len(curve) - 1)) / (len(curve) - 1)
            gray[k] = bend(curve, mixed[k])
        if len(curves) == 2:  # which may be one straight line: its place is one number for both
            center[1:] = center[1]
        yield step.matrix[:, :3] @ before + step.matrix[:, 3] - center, center
        before = center * (np.arange(3) < 3 - len(curves))


def _straight(step: Step) -> tuple[float, float, float]:
    """Return from where on in [0, 1] two equal curves are one straight line, its gain and rise; NEVER if they are none.

    A line is as exact as float32 holds an entry.
    """
    if step.curves is None or len(step.curves) != 2 or not np.array_equal(*step.curves):
        return NEVER, 0.0, 0.0
    curve, x = step.curves[0].astype(np.float64), np.linspace(0, 1, step.curves.shape[1])
    middle = len(x) // 2
    gain = (curve[-1] - curve[middle]) / (1 - x[middle])
    rise = curve[-1] - gain
    bent = np.flatnonzero(np.abs(gain * x + rise - curve) > STRAIGHT * np.abs(curve).max())
    first = int(bent[-1]) + 1 if len(bent) else 0
    return (float(x[first]), gain, rise) if first <= middle else (NEVER, 0.0, 0.0)


def table_memory(device: SDevData) -> NDArray[np.float32]:
    """Return what the shader reads as TABLE, (3, 65536), or as CURVE: (entries, 2), each with its step to the next."""
    if isinstance(device.table, Table):
        return np.ascontiguousarray(device.table.values.T)
    curves = [curve for step in device.table.steps if step.curves is not None for curve in step.curves]
    return np.concatenate([np.stack([curve, np.diff(curve, append=curve[-1])], axis=1) for curve in curves])


def live_codes(table: Table | FilmStage) -> tuple[int, int]:
    """Return the first and last live half code, from 0 to 65504: all columns are flat up to and from them. (0, 0) for a
    FilmStage."""
    if isinstance(table, FilmStage):
        return 0, 0
    moves = np.nonzero((np.diff(table.values[: LAST_CODE + 2], axis=0) != 0).any(axis=1))[0]
    return (int(moves[0]), min(int(moves[-1]) + 1, LAST_CODE)) if len(moves) else (0, 0)


def padded_count(size: int) -> int:
    """Return how many nodes the shader may read: size**3, and size**2 + size + 1 after the last."""
    return size**3 + size**2 + size + 1


def padded_nodes(given: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return nodes (size, size, size, 3) as the shader reads them: (padded_count, 4) float32; 0 in column 3, and after
    the last node."""
    size = len(given)
    nodes = np.zeros((padded_count(size), 4), np.float32)
    nodes[: size**3, :3] = given.reshape(-1, 3)
    return nodes


def stages(device: SDevData) -> int:
    """Return the STAGE_* bits of the stages that change a pixel. Skipping the others is exact: the identity 3x3, an
    exponent of 1, and the identity table, whose values between two halves are x again."""
    display, one = device.display, np.eye(3)
    straight = Table.identity().values
    values = device.table.values if isinstance(device.table, Table) else straight
    power = not isinstance(display.gamma, str) and display.gamma < 1
    mixes = display.exponent != 1 or not np.array_equal(display.matrix, one)
    nodes = device.lattice.nodes
    found = {
        FILM: not np.array_equal(device.matrix, one),
        TABLE: not np.array_equal(values, straight),
        LOG: isinstance(device.table, FilmStage),
        CUBE: display.exponent == 3,
        EXPONENT: display.exponent not in (1, 3),
        LIGHT: not np.array_equal(display.matrix, one),
        ROOT: not display.is_hdr and display.gamma != 1 and not power,
        POWER: power,
        PQ: display.gamma == "PQ",
        HLG: display.gamma == "HLG",
        SIGNED: bool((values[NEGATIVE_CODES] != values[0]).any() or (values[NAN_CODE] != values[0]).any()),
        HOLD: bool(values.min() < 0 or values.max() > 1),
        FLOOR: mixes and nodes.min() <= CLEAR_OF_0 * np.abs(nodes).max(),
    }
    return sum(stage for stage, is_there in found.items() if is_there)


def _three(numbers: Array64) -> Array[c_float]:
    return (c_float * 3)(*numbers)


def _nine(matrix: NDArray[np.float64]) -> Array[c_float]:
    return (c_float * 9)(*matrix.ravel())


def _encoding(display: Display) -> tuple[float, float, float, float, Array[c_float]]:
    """Return gamma, offset, toe, slope, root: code = scale * x ** gamma + offset above the toe, slope * x up to it."""
    if display.gamma == "sRGB":
        scale, gamma = float(np.float32(1 + SRGB_OFFSET)), 1 / SRGB_EXPONENT
        return gamma, 1 - scale, SRGB_TOE, SRGB_SLOPE, _root(gamma, scale)  # this offset maps 1 to 1 in float32
    gamma = 1.0 if isinstance(display.gamma, str) else 1 / display.gamma  # PQ and HLG have shader text of their own
    return gamma, 0.0, 2.0 ** (-SAFE_LOG2 / max(gamma, 1)), 0.0, _root(min(gamma, 1), 1.0)


def _peak(display: Display) -> float:
    """Return the gain of light in PQ and HLG; 0 for other curves."""
    gains = {"PQ": pq_gain, "HLG": hlg_gain}
    return gains[str(display.gamma)](display.peak) if display.is_hdr else 0.0


@cache
def _root(gamma: float, scale: float) -> Array[c_float]:
    """Fit a polynomial in t to scale * (1 + t) ** gamma, exact at a Chebyshev polynomial's roots, the first at t = 0.

    So its largest relative error, 4e-8, is about the smallest possible. In decimals: every machine must find the same
    bits.
    """
    with localcontext(Context(prec=DIGITS, rounding=ROUND_HALF_EVEN, traps=[])):  # the caller's context may differ
        roots = [Decimal(f"{cos(pi * (2 * k + 1) / (2 * ROOT_TERMS)):.12f}") for k in range(ROOT_TERMS)]
        points = [(roots[0] - root) / (1 + roots[0]) for root in roots[1:]]
        above = [((1 + t) ** Decimal(gamma) - 1) / t for t in points]  # Newton's divided differences
        for k in range(1, len(points)):
            for i in range(len(points) - 1, k - 1, -1):
                above[i] = (above[i] - above[i - 1]) / (points[i] - points[i - k])
        terms = [above[-1]]
        for point, value in zip(points[-2::-1], above[-2::-1], strict=True):  # times (t - point), plus the next
            terms = [value - point * terms[0], *(a - point * b for a, b in pairwise(terms)), terms[-1]]
        return (c_float * ROOT_TERMS)(scale, *(float(Decimal(scale) * term) for term in terms))
