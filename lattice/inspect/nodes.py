"""What a LUT file's numbers show by themselves: nodes that stand out, folds, and how finely they are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lattice.process_list import InverseLut1D, InverseLut3D, Knots, Lut1D, Lut3D
from lattice.sdev.device import SDev
from lattice.sdev.load import AnySDev
from lattice.types import HALF_CODES, Array, halves

# Of the values' range, in codes of 8 bits: what a wrong node shows. The corners of fitted lattices show 2.5.
STANDS_OUT, LEAST = 3 / 255, 1 / 255
TIMES = 4.0  # as far as the neighbours stand out, by which a node is alone with it
RANK = 3  # the neighbours' third: two wrong nodes side by side stand out, too
FEWEST = 5  # nodes along a side: fewer are too far apart to tell a wrong one from a look
MOST_CANDIDATES = 4096  # nodes that are compared with their neighbours: those that bend most
MOST_TOLD = 8  # outliers of a file that are named
FLAT = 1e-6  # of a tetrahedron's volume if nothing changed it: less is clipped, or of rounding
BITS = (8, 10)  # of integers that show as bands
LEAST_VALUES, EXACT = 17, 1e-3  # different values that tell integers apart; of a code, by which texts round


@dataclass(frozen=True)
class Outlier:
    """A node, or an entry, that stands out. where: "node 3 4 5 of the LUT3D" (r, g, b from 0), "entry 17 of the LUT1D".
    index: of the node. channel: 0 to 2. value: of that channel. expected: what its neighbours make of it."""

    where: str
    index: tuple[int, ...]
    channel: int
    value: float
    expected: float

    def __str__(self) -> str:
        name = ("red", "green", "blue")[self.channel]
        return f"{self.where}: {name} is {self.value:.6g}, its neighbours give {self.expected:.6g}"


@dataclass(frozen=True)
class Folds:
    """The tetrahedra of a lattice, six a cell. reversed: turned inside out against the others; flat: without volume;
    of: all. share: of the volume of all, what the reversed have."""

    reversed: int
    flat: int
    of: int
    share: float


def lattices(device: AnySDev) -> list[NDArray[np.float32]]:
    """Return the nodes of the file's lattices, (n, n, n, 3) each."""
    if isinstance(device, SDev):
        return [device.lattice.nodes]
    inner = (node.lut if isinstance(node, InverseLut3D) else node for node in device.nodes)
    return [node.nodes for node in inner if isinstance(node, Lut3D)]


def curves(device: AnySDev) -> Iterator[tuple[Array, Array]]:
    """Yield x and y (n,) of each curve of three, of the file's 1D LUTs, in order."""
    for node in () if isinstance(device, SDev) else device.nodes:
        lut = node.lut if isinstance(node, InverseLut1D) else node
        if isinstance(lut, Knots):
            yield from zip(lut.x, lut.y, strict=True)
        elif isinstance(lut, Lut1D):
            order = _half_order() if lut.half_domain else np.arange(len(lut.entries))
            x = halves()[order].astype(np.float64) if lut.half_domain else order.astype(np.float64)
            yield from ((x, column) for column in lut.entries[order].T.astype(np.float64))


def _half_order() -> NDArray[np.int64]:
    """Return the finite halves' bits from the least half to the largest, -0 left out."""
    bits = np.flatnonzero(np.isfinite(halves()))
    bits = bits[bits != HALF_CODES // 2]
    return bits[np.argsort(halves()[bits], kind="stable")]


def outliers(device: AnySDev) -> tuple[Outlier, ...]:
    """Return the nodes and entries that stand out, the farthest first in each LUT; at most MOST_TOLD of all."""
    found: list[Outlier] = []
    for nodes in lattices(device):
        found += of_lattice(nodes)
    for number, (x, y) in enumerate(curves(device)):
        found += of_curve(x, y, number % 3)
    return tuple(found[:MOST_TOLD])


def compared(device: AnySDev) -> tuple[int, int]:
    """Return how many nodes and entries `outliers` compares with those around, and how many there are."""
    sides = [(len(nodes), len(nodes) ** 3) for nodes in lattices(device)]
    counts = sides + [(len(x), len(x)) for x, _ in curves(device)]
    return sum(count for side, count in counts if side >= FEWEST), sum(count for _, count in counts)


def of_lattice(nodes: NDArray[np.float32]) -> list[Outlier]:
    """Return the outliers of a lattice (n, n, n, 3); none if it is too coarse to tell.

    A wrong node bends the straight line through its two neighbours along each axis, and bends theirs the other way by
    half as much. A crease, or a corner where colors clip, bends all of them the same way.
    """
    if len(nodes) < FEWEST:
        return []
    span = max(1.0, float(np.ptp(nodes)))
    return _few([each for channel in range(3) for each in _of_channel(nodes[..., channel], channel, span)])


def _of_channel(values: NDArray[np.float32], channel: int, span: float) -> list[tuple[float, Outlier]]:
    """Return the nodes that stand out of those around, each with how far it does, of the values' span."""
    bends = [_bend(values, axis) for axis in range(3)]
    alone = [_alone(bend, axis) for axis, bend in enumerate(bends)]
    out = np.fmax(0, np.fmax(np.minimum.reduce(alone), -np.maximum.reduce(alone)))
    order, found = np.argsort(out, axis=None)[::-1][:MOST_CANDIDATES], []
    for flat in order[out.flat[order] > LEAST * span]:
        index = tuple(int(i) for i in np.unravel_index(flat, out.shape))
        if out[index] > TIMES * np.sort(_around(out, index))[-RANK] + LEAST * span:
            value, bend = float(values[index]), float(np.median([each[index] for each in bends]))
            place = f"node {' '.join(map(str, index))} of the LUT3D"
            found.append((float(out[index]) / span, Outlier(place, index, channel, value, value - bend)))
    return found


def _bend(values: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    """Return how far each node is from the line through its neighbours along an axis, at the ends through the next
    two."""
    v = np.moveaxis(values, axis, 0)
    bend = np.empty_like(v)
    bend[1:-1] = v[1:-1] - (v[:-2] + v[2:]) / 2
    bend[0], bend[-1] = v[0] - 2 * v[1] + v[2], v[-1] - 2 * v[-2] + v[-3]
    return np.moveaxis(bend, 0, axis)


def _alone(bends: NDArray[Any], axis: int) -> NDArray[Any]:
    """Return bends as far as both neighbours along an axis bend the other way, by half as much: else 0."""
    bend = np.moveaxis(bends, axis, 0)
    sign, size = np.sign(bend), np.abs(bend)
    size[:-1] = np.minimum(size[:-1], np.maximum(-2 * bend[1:] * sign[:-1], 0))
    size[1:] = np.minimum(size[1:], np.maximum(-2 * bend[:-1] * sign[1:], 0))
    return np.moveaxis(sign * size, 0, axis)


def _around(out: NDArray[np.float32], index: tuple[int, ...]) -> NDArray[np.float32]:
    near = np.array([step for step in product((-1, 0, 1), repeat=3) if step != (0, 0, 0)]) + index
    return out[tuple(near[((near >= 0) & (near < len(out))).all(axis=1)].T)]


def of_curve(x: Array, y: Array, channel: int) -> list[Outlier]:
    """Return the outliers of a curve through points (n,), as `of_lattice` does; none of its ends is one."""
    if len(x) < FEWEST:
        return []
    span, bend = max(1.0, float(np.ptp(y))), np.zeros_like(y)
    share = (x[1:-1] - x[:-2]) / (x[2:] - x[:-2])
    bend[1:-1] = y[1:-1] - (y[:-2] * (1 - share) + y[2:] * share)
    out, found = np.abs(_alone(bend, 0)), []
    out[[0, -1]] = 0
    order = np.argsort(out)[::-1][:MOST_CANDIDATES]
    for at in order[out[order] > LEAST * span]:
        near = np.sort(np.abs(np.r_[bend[max(at - 5, 0) : max(at - 1, 0)], bend[at + 2 : at + 6]]))
        if out[at] > TIMES * (near[-RANK] if len(near) >= RANK else 0) + LEAST * span:
            value = float(y[at])
            where = f"entry {at} of the LUT1D"
            found.append((float(out[at]) / span, Outlier(where, (int(at),), channel, value, value - float(bend[at]))))
    return _few(found)


def _few(found: list[tuple[float, Outlier]]) -> list[Outlier]:
    """Return those that stand out; many nodes that do are the grain of a LUT, out of which one has to stand as well."""
    found = sorted(found, key=lambda each: -each[0])
    nodes: dict[tuple[int, ...], float] = {}
    for size, outlier in found:
        nodes.setdefault(outlier.index, size)
    grain = [*nodes.values(), *[0.0] * (MOST_TOLD + 1)][MOST_TOLD]
    return [outlier for size, outlier in found if size > max(STANDS_OUT, TIMES * grain)]


def folds(nodes: NDArray[np.float32]) -> Folds:
    """Count the tetrahedra of a lattice (n, n, n, 3) that are turned inside out, as most of its volume is not."""
    size = len(nodes)
    counts, volumes = np.zeros(3, np.int64), np.zeros(2)  # turned one way, the other way, flat
    for red in range(size - 1):
        slab = nodes[red : red + 2].astype(np.float64) * (size - 1)
        for volume in _volumes(slab):
            one, other = volume > FLAT, volume < -FLAT
            counts += one.sum(), other.sum(), (~one & ~other).sum()
            volumes += volume[one].sum(), -volume[other].sum()
    less = int(volumes[1] <= volumes[0])
    share = volumes[less] / volumes.sum() if volumes.sum() else 0.0
    return Folds(int(counts[less]), int(counts[2]), int(counts.sum()), float(share))


def volume(values: Array) -> float:
    """Return the volume (with its sign) that a lattice of values (n, n, n, 3) fills; that of the identity is 1."""
    size = len(values)
    whole = sum(float(each.sum()) for red in range(size - 1) for each in _volumes(values[red : red + 2] * (size - 1)))
    return whole / (6 * (size - 1) ** 3)


def _volumes(slab: Array) -> Iterator[Array]:
    """Yield the volumes of the six tetrahedra of every cell of a slab (2, n, n, 3), those of the identity being 1."""
    size = slab.shape[1]
    corners = {
        corner: slab[corner[0], corner[1] : size - 1 + corner[1], corner[2] : size - 1 + corner[2]]
        for corner in product((0, 1), repeat=3)
    }
    for path in permutations(range(3)):
        steps = [np.zeros(3, int)]
        for axis in path:
            steps.append(steps[-1] + np.eye(3, dtype=int)[axis])
        near, first, second, far = (corners[tuple(int(i) for i in step)] for step in steps)
        a, b, c = first - near, second - first, far - second
        sign = np.linalg.det(np.eye(3)[list(path)])
        yield sign * (np.cross(a, b) * c).sum(axis=-1)


def bits_of(device: AnySDev) -> int | None:
    """Return of how few bits the integers are that the file's last LUT holds; None if they are finer, or no LUT."""
    cubes = lattices(device)
    tables = [] if cubes else [y for _, y in curves(device)]
    values = np.unique(np.concatenate([np.ravel(each) for each in cubes[-1:] or tables[-3:] or [np.empty(0)]]))
    if len(values) < LEAST_VALUES:
        return None
    scaled = ((bits, values.astype(np.float64) * (2**bits - 1)) for bits in BITS)
    return next((bits for bits, codes in scaled if np.abs(codes - np.round(codes)).max() < EXACT), None)
