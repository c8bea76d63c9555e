"""A device in the numbers that `pixel_shader.h` asks for, whatever engine compiles it."""

from __future__ import annotations

from ctypes import Array, Structure, c_float, c_int
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from functools import cache
from itertools import pairwise
from math import cos, pi
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lattice.types import SRGB_EXPONENT, SRGB_OFFSET, SRGB_SLOPE, SRGB_TOE, Display, SDevData, Table

TEXT = Path(__file__).with_name("pixel_shader.h")
FILM, TABLE, CUBE, EXPONENT, LIGHT, ROOT, POWER, FLOOR = (1 << i for i in range(8))  # STAGE_* of the text
MOST_NODES = 255  # along an edge: a node's number stays below 2**24, which float32 counts exactly
LAST_CODE = 0x7BFF  # 65504
ROOT_TERMS = 8
CLEAR_OF_0 = 2.0**-12  # of the largest node: more than what rounding takes from the smallest, of 255 nodes too
DIGITS = 40  # of a root's fit
LARGEST = float(np.finfo(np.float32).max)
SAFE_LOG2 = 125.0  # powers are taken between 2**-125 and 2**125, where every step of theirs is a normal float


class Numbers(Structure):
    """The text's `Device` after its DEVICE_MEMORY."""

    _fields_ = [("size", c_int), ("stages", c_int), ("film", c_float * 9), ("light", c_float * 9),
                ("darkest", c_float), ("brightest", c_float), ("exponent", c_float), ("ceiling", c_float),
                ("lowest", c_float), ("gamma", c_float), ("offset", c_float), ("toe", c_float), ("slope", c_float),
                ("root", c_float * ROOT_TERMS)]


def numbers(device: SDevData) -> Numbers:
    """A device's numbers, rounded to float32."""
    exponent = device.display.exponent
    limit = SAFE_LOG2 / max(exponent, 1)
    ends = np.array(live_codes(device.table), np.uint16).view(np.float16)
    return Numbers(device.lattice.size, stages(device), _nine(device.matrix), _nine(device.display.matrix), *ends,
                   exponent, LARGEST if exponent == 1 else 2.0**limit, 2.0**-limit, *_encoding(device.display))


def live_codes(table: Table) -> tuple[int, int]:
    """The half codes from 0 to 65504 between which the columns move: up to the first and from the last all are flat."""
    moves = np.nonzero((np.diff(table.values[:LAST_CODE + 2], axis=0) != 0).any(axis=1))[0]
    return (int(moves[0]), min(int(moves[-1]) + 1, LAST_CODE)) if len(moves) else (0, 0)


def padded_count(size: int) -> int:
    """How many nodes the text may read of a lattice: size**3, and what lies past the last."""
    return size**3 + size**2 + size + 1


def padded_nodes(device: SDevData) -> NDArray[np.float32]:
    """The nodes as the text reads them: (padded_count, 4) float32; 0 in column 3, and past the last."""
    size = device.lattice.size
    nodes = np.zeros((padded_count(size), 4), np.float32)
    nodes[:size**3, :3] = device.lattice.nodes.reshape(-1, 3)
    return nodes


def stages(device: SDevData) -> int:
    """The stages that change a pixel. The others are exact to skip: a 3x3 of 0 and 1, x to the power of 1, and a
    table of u = x, whose values between two halves are x again."""
    display, one = device.display, np.eye(3)
    straight = Table.identity().values
    power = display.gamma != "sRGB" and display.gamma < 1
    mixes = display.exponent != 1 or not np.array_equal(display.matrix, one)
    nodes = device.lattice.nodes
    found = {FILM: not np.array_equal(device.matrix, one), TABLE: not np.array_equal(device.table.values, straight),
             CUBE: display.exponent == 3, EXPONENT: display.exponent not in (1, 3),
             LIGHT: not np.array_equal(display.matrix, one), ROOT: display.gamma != 1 and not power, POWER: power,
             FLOOR: mixes and nodes.min() <= CLEAR_OF_0 * np.abs(nodes).max()}
    return sum(stage for stage, is_there in found.items() if is_there)


def _nine(matrix: NDArray[np.float64]) -> Array[c_float]:
    return (c_float * 9)(*matrix.ravel())


def _encoding(display: Display) -> tuple[float, float, float, float, Array[c_float]]:
    """gamma, offset, toe, slope, root: code = scale * x ** gamma + offset above the toe, slope * x up to it."""
    if display.gamma == "sRGB":
        scale, gamma = float(np.float32(1 + SRGB_OFFSET)), 1 / SRGB_EXPONENT
        return gamma, 1 - scale, SRGB_TOE, SRGB_SLOPE, _root(gamma, scale)  # the offset that takes 1 to 1 in float32
    gamma = 1 / float(display.gamma)
    return gamma, 0.0, 2.0 ** (-SAFE_LOG2 / max(gamma, 1)), 0.0, _root(min(gamma, 1), 1.0)


@cache
def _root(gamma: float, scale: float) -> Array[c_float]:
    """The polynomial in t that is scale * (1 + t) ** gamma at Chebyshev's polynomial's roots, the first of them at 0.

    So its largest error is about the smallest, 4e-8 relatively. By decimals: every machine must find the same bits.
    """
    with localcontext(Context(prec=DIGITS, rounding=ROUND_HALF_EVEN, traps=[])):  # whatever the caller's is
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
