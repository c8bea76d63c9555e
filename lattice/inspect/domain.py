"""What a LUT file takes: the numbers that its tables cover, and where it is measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lattice.interp import process, reference
from lattice.process_list import Cdl, InverseLut1D, InverseLut3D, Knots, Log, Lut1D, Lut3D, Node, Range
from lattice.sdev.device import SDev
from lattice.sdev.load import AnySDev
from lattice.types import HALF_MAX, MID_GRAY, Array, FilmStage, held_halves

Sides = NDArray[np.int8]
INFINITY_CODE, SIGN = 0x7C00, 0x8000  # bits of a half
MOST_CODE = 2.0  # codes are 0 to 1 with some headroom; a table that goes beyond is for light
LEAST_CODE = -1.0  # codes of legal range go a little below 0
STOPS = (-9.0, 8.0)  # of light about mid gray, as a look's table has them at most
ROUNDING = 1e-6  # of a domain's width, by which a color beside its end is still in it
HALVINGS = 40


@dataclass(frozen=True)
class Domain:
    """What a file takes. first, last: (3,) float64, the ends of what its tables cover along gray, in each channel;
    an end of 65504 is that of all halves. is_light: it takes linear light, not codes. told: the file says so.
    primaries: of the light, "" if unknown. said: what else the file says that it takes, such as codes of a curve."""

    first: Array
    last: Array
    is_light: bool
    told: bool
    primaries: str
    said: str = ""

    @property
    def is_limited(self) -> bool:
        """True if some half is outside."""
        return bool((np.abs(np.stack([self.first, self.last])) < HALF_MAX).any())

    @property
    def ends(self) -> tuple[float, float]:
        """The ends of the ramps that the file is measured on: light within STOPS, or codes."""
        first, last = float(self.first.min()), float(self.last.max())
        if not self.is_light:
            limited = self.is_limited and first < min(last, MOST_CODE)
            return (max(first, LEAST_CODE), min(last, MOST_CODE)) if limited else (0.0, 1.0)
        low, high = (MID_GRAY * 2.0**stops for stops in STOPS)
        return max(first, low), max(min(last, high), 2 * max(first, low))

    def values(self, share: Array) -> Array:
        """Return input values at shares from 0 to 1 of the ramps: even in codes, or in stops of light."""
        low, high = self.ends
        return low * (high / low) ** share if self.is_light else low + (high - low) * share


def domain_of(device: AnySDev) -> Domain:
    """Measure what a file takes, along gray."""
    gray = np.unique(held_halves())
    inside = held(device, np.repeat(gray[:, None], 3, axis=1), slack=0.0) == 0
    ends = [_ends(device, gray, inside[:, k], k) for k in range(3)]
    first, last = np.array(ends).T
    primaries = device.provenance.get("input", "") if device.codes is None else ""
    said = "" if primaries else device.provenance.get("takes", "")
    is_light = bool(primaries) or (not said and _is_for_light(device, last))
    return Domain(first, last, is_light, bool(primaries), primaries, said)


def _ends(device: AnySDev, gray: Array, inside: NDArray[np.bool_], channel: int) -> tuple[float, float]:
    """Return the first and the last gray that is inside, between halves by halving; 0 and 0 if none is."""
    found = np.flatnonzero(inside)
    if not found.size:
        return 0.0, 0.0
    return tuple(  # type: ignore[return-value]  # two
        float(gray[at]) if not 0 <= beyond < len(gray) else _between(device, gray[at], gray[beyond], channel)
        for at, beyond in ((found[0], found[0] - 1), (found[-1], found[-1] + 1))
    )


def _between(device: AnySDev, inside: float, outside: float, channel: int) -> float:
    for _ in range(HALVINGS if not isinstance(device, SDev) else 0):  # an SDev's table has an entry for each half
        middle = (inside + outside) / 2
        if held(device, np.full((1, 3), middle), slack=0.0)[0, channel]:
            outside = middle
        else:
            inside = middle
    return inside


def _is_for_light(device: AnySDev, last: Array) -> bool:
    first = None if isinstance(device, SDev) or not device.nodes else device.nodes[0]
    is_log = isinstance(first, Log) and first.style == "linToLog"
    is_half = isinstance(first, Lut1D) and first.half_domain
    return is_log or is_half or MOST_CODE < float(last.max()) < HALF_MAX


def held(device: AnySDev, colors: Array, slack: float = ROUNDING) -> Sides:
    """Return where a table holds colors (n, 3) to an end, (n, 3): -1 to its first, 1 to its last, else 0.

    Tables up to and in the first lattice count, or else the first table alone. NaN is not held. slack: of a table's
    width, by which a color beside its end is not held either.
    """
    if isinstance(device, SDev):
        return _held_by_table(device, colors)
    planes = np.ascontiguousarray(colors.T, dtype=np.float64)
    found = np.zeros(planes.shape, np.int8)
    has_lattice = any(isinstance(node, Lut3D) for node in device.nodes)
    for node in device.nodes:
        found = np.where(found == 0, _beyond(node, planes, slack), found)
        if isinstance(node, Lut3D | InverseLut3D) or (not has_lattice and isinstance(node, Lut1D | Knots)):
            break
        planes = process.run((node,), planes)
    return found.T


def _held_by_table(device: SDev, colors: Array) -> Sides:
    light = colors @ device.matrix.T
    if isinstance(device.table, FilmStage):
        u = reference.coordinates(device, reference.columns_of(device), colors.astype(np.float32), np.float64)
        curves = device.table.steps[-1].curves
        assert curves is not None
        return _sides((u <= curves[:, :1]).T | (light < device.table.floor), (u >= curves[:, -1:]).T)
    codes = np.concatenate([np.arange(INFINITY_CODE)[::-1] + SIGN, np.arange(INFINITY_CODE)]).astype(np.uint16)
    columns, halves = np.clip(device.table.values[codes], 0, 1), codes.view(np.float16).astype(np.float64)  # rising
    first = [halves[np.flatnonzero(column == column[0])[-1]] for column in columns.T]
    last = [halves[np.flatnonzero(column == column[-1])[0]] for column in columns.T]
    return _sides(light < first, light > last)


def _sides(below: NDArray[np.bool_], above: NDArray[np.bool_]) -> Sides:
    return above.astype(np.int8) - below.astype(np.int8)


def _beyond(node: Node, x: Array, slack: float) -> Sides:
    """Return where a node holds values (3, n) to an end of its own, as `held` does."""
    low, high = _limits(node)
    beside = slack * np.nan_to_num(high - low, posinf=0.0)
    with np.errstate(invalid="ignore"):
        if isinstance(node, Range):
            x = x * node.scale + node.offset
        elif isinstance(node, Cdl):
            x = x * node.slope[:, None] + node.offset[:, None]
        return _sides(x < low - beside, x > high + beside)


def _limits(node: Node) -> tuple[Array, Array]:
    """Return the ends (3, 1) of what a node takes without holding it; infinite where it has none."""
    ends: tuple[object, object] = (-np.inf, np.inf)
    match node:
        case Lut1D():
            ends = (-HALF_MAX, HALF_MAX) if node.half_domain else (node.first, node.last)
        case Knots():
            ends = [x[0] for x in node.x], [x[-1] for x in node.x]
        case InverseLut1D():
            ends = node.lut.entries.min(axis=0), node.lut.entries.max(axis=0)
        case Range():
            ends = -np.inf if node.low is None else node.low, np.inf if node.high is None else node.high
        case Lut3D():
            ends = 0, 1
        case Cdl() if node.is_clamped and not node.is_inverse:
            ends = 0, 1
    low, high = (np.broadcast_to(np.asarray(end, np.float64), (3,))[:, None] for end in ends)
    return low, high
