"""Resample a process list into what a format holds: a shaper of each channel, then a lattice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isqrt

import numpy as np

from lattice.export.recipe import ENTRIES, FORMS, HALDS, POINTS, USUAL_SIZE
from lattice.files.luts.domain import to_matrix
from lattice.interp import process
from lattice.process_list import Exponent, InverseLut1D, Knots, Log, Lut1D, Lut3D, Matrix, Node, ProcessList, Range
from lattice.types import Array, LatticeError, grid, held_halves

PROBES, SEED = 50_000, 5
STOPS = 14  # below the brightest light that a domain holds: even probes would nearly all be bright
NEAR = 1e-9  # how far a curve moves, of its whole span, where it counts as flat
BLOCK = 1 << 16
CURVES = (".spi1d",)  # formats of curves alone


@dataclass(frozen=True)
class Parts:
    """A process list in two: `head` takes each channel for itself, `rest` does not. low, high: (3,) float64, a domain:
    the one that the head's first node tells, else where the head moves before a lattice, or light's codes, its first
    node, move between 0 and 1, else 0 to 1."""

    head: tuple[Node, ...]
    rest: tuple[Node, ...]
    low: Array
    high: Array


def takes_each_channel(node: Node) -> bool:
    """True if a node's channels do not depend on each other."""
    if isinstance(node, Matrix):
        square = node.matrix[:, :3]
        return bool(np.array_equal(square, np.diag(np.diag(square))))
    if isinstance(node, Lut1D | InverseLut1D):
        return not (node.hue if isinstance(node, Lut1D) else node.lut.hue)
    return isinstance(node, Range | Knots | Log | Exponent)


def parts_of(given: ProcessList, domain: tuple[float, float] | None = None) -> Parts:
    """Split a process list where channels begin to mix. domain: asked for in place of the one that is found."""
    count = next((k for k, node in enumerate(given.nodes) if not takes_each_channel(node)), len(given.nodes))
    head, rest = given.nodes[:count], given.nodes[count:]
    low, high = (
        _domain(head, rest, "input" in given.provenance) if domain is None else (np.full(3, end) for end in domain)
    )
    return Parts(head, rest, low, high)


def _domain(head: tuple[Node, ...], rest: tuple[Node, ...], is_light: bool) -> tuple[Array, Array]:
    """Return where the curves of a head move, (3,) each: told by its first node, or found among the halves.

    is_light: the list takes light, whose codes a table of halves makes first.
    """
    first = head[0] if head else None
    if first is None:
        return np.zeros(3), np.ones(3)
    if isinstance(first, Lut1D) and not first.half_domain:
        return first.first, first.last
    if isinstance(first, Knots):
        return np.array([x[0] for x in first.x]), np.array([x[-1] for x in first.x])
    if not rest or not isinstance(rest[0], Lut3D):
        if not is_light or not isinstance(first, Lut1D):
            return np.zeros(3), np.ones(3)
        head = (first,)
    elif isinstance(first, Matrix) and len(head) == 1 and (scale := np.diag(first.matrix)).all():
        ends = -first.matrix[:, 3] / scale, (1 - first.matrix[:, 3]) / scale
        return np.minimum(*ends), np.maximum(*ends)
    gray = np.unique(held_halves())
    u = process.run(head, np.repeat(gray[None], 3, axis=0))
    moving = [_moving(gray, each) for each in np.clip(np.nan_to_num(u, nan=0.0), 0, 1)]
    return np.array([low for low, _ in moving]), np.array([high for _, high in moving])


def _moving(x: Array, y: Array) -> tuple[float, float]:
    """Return the first and last x between which y moves; 0 and 1 where it never does."""
    moves = np.flatnonzero(np.abs(np.diff(y)) > NEAR * max(float(np.ptp(y)), NEAR))
    return (float(x[moves[0]]), float(x[moves[-1] + 1])) if len(moves) else (0.0, 1.0)


def resampled(
    given: ProcessList, suffix: str, size: int | None = None, domain: tuple[float, float] | None = None
) -> ProcessList:
    """Return a process list that a format holds and that is near to the given one.

    suffix: of the format, with the dot. size: nodes along a side; None: those of the list's own lattice, where it has
    one alone, or else 33. domain: as for `parts_of`. Raises LatticeError if the format holds no LUT of this kind.
    """
    parts = parts_of(given, domain)
    if not parts.rest and suffix in (".cube", *CURVES):
        if size is not None:
            raise LatticeError("size: is of a lattice, and this LUT is curves alone: leave it out")
        return replace(given, nodes=(_even(parts, np.full(3, parts.low.min()), np.full(3, parts.high.max()), ENTRIES),))
    size = size or _own_size(parts, suffix)
    shaper, form = _shaper(parts, suffix), FORMS[suffix]
    if shaper is None:
        nodes = _nodes(parts, size, parts.low, parts.high, parts.head)
        mapped = _mapped(parts, suffix)
        listed: tuple[Node, ...] = (*mapped, nodes)
    else:
        span = span_of(parts)
        listed = (shaper, _nodes(parts, size, *span, ()))
    if not form.is_open:
        listed = (*listed[:-1], Lut3D(np.clip(listed[-1].nodes, 0, 1)))  # type: ignore[attr-defined]  # a Lut3D
    return replace(given, nodes=listed)


def _own_size(parts: Parts, suffix: str) -> int:
    sizes = [node.size for node in parts.rest if isinstance(node, Lut3D)]
    size = sizes[0] if len(sizes) == 1 else USUAL_SIZE
    return (isqrt(size - 1) + 1) ** 2 if suffix in HALDS else size


def span_of(parts: Parts) -> tuple[Array, Array]:
    """Return between what the head gives, (3,) each; [0, 1] before a lattice, which holds values to it."""
    if parts.rest and isinstance(parts.rest[0], Lut3D):
        return np.zeros(3), np.ones(3)
    inside = np.linspace(parts.low, parts.high, ENTRIES).T
    found = process.run(parts.head, inside)
    low, high = found.min(axis=1), found.max(axis=1)
    return low, np.where(high > low, high, low + 1)


def _shaper(parts: Parts, suffix: str) -> Lut1D | Knots | None:
    """Return the head as a shaper to [0, 1] that the format holds; None where it holds none, or the head does
    nothing but scale."""
    form = FORMS[suffix].shaper
    is_scale = all(isinstance(node, Matrix | Range) for node in parts.head)
    is_unit = not parts.low.any() and (parts.high == 1).all()
    if form == "none" or suffix == ".spi3d" or (is_scale and (form == "uniform" or is_unit)):
        return None
    low, high = span_of(parts)
    scaled = replace_head(parts, low, high)
    if form == "points" and len(parts.head) == 1 and isinstance(parts.head[0], Knots):
        return parts.head[0]
    if form == "points":
        steps = [np.linspace(a, b, _points(parts)) for a, b in zip(parts.low, parts.high, strict=True)]
        values = process.run(scaled.head, np.stack(steps))
        return Knots(tuple(steps), tuple(np.clip(values, 0, 1)))  # type: ignore[arg-type]  # three each
    shaper = _even(scaled, np.full(3, parts.low.min()), np.full(3, parts.high.max()), ENTRIES)
    shaper = replace(shaper, entries=np.clip(shaper.entries, 0, 1))
    is_one = bool((shaper.entries == shaper.entries[:, :1]).all())
    return shaper if suffix == ".cube" or is_one else None


def _points(parts: Parts) -> int:
    """Return how many points a curve gets: those of a LUT1D, so that it stays what it is."""
    only = parts.head[0] if len(parts.head) == 1 else None
    return len(only.entries) if isinstance(only, Lut1D) and not only.half_domain else POINTS


def replace_head(parts: Parts, low: Array, high: Array) -> Parts:
    """Return parts whose head gives 0 at `low` and 1 at `high`."""
    if not low.any() and (high == 1).all():
        return parts
    return replace(parts, head=(*parts.head, _to_unit(low, high)))


def _to_unit(low: Array, high: Array) -> Matrix:
    return to_matrix(map(repr, low.tolist()), map(repr, high.tolist()))


def _even(parts: Parts, low: Array, high: Array, count: int) -> Lut1D:
    values = process.run(parts.head, np.linspace(low, high, count).T)
    return Lut1D(values.T.astype(np.float32), low, high)


def _mapped(parts: Parts, suffix: str) -> tuple[Node, ...]:
    """Return the domain as the Matrix before a lattice; where the format has none it is 0..1."""
    is_unit = not parts.low.any() and (parts.high == 1).all()
    if suffix in (".cube", ".vf") or is_unit:
        return () if is_unit else (_to_unit(parts.low, parts.high),)
    raise LatticeError(
        f"a {suffix} takes 0 to 1, and the LUT takes {parts.low.min():.6g} to {parts.high.max():.6g}: "
        "a .cube or a .csp holds that"
    )


def _nodes(parts: Parts, size: int, low: Array, high: Array, head: tuple[Node, ...]) -> Lut3D:
    """Return the lattice from `low` to `high`, through a head and the rest."""
    if not head and len(parts.rest) == 1 and isinstance(parts.rest[0], Lut3D) and parts.rest[0].size == size:
        return parts.rest[0]
    places = grid(np.linspace(low, high, size)).reshape(-1, 3)
    blocks = (places[at : at + BLOCK].T for at in range(0, len(places), BLOCK))
    found = np.concatenate([process.run((*head, *parts.rest), np.ascontiguousarray(block)).T for block in blocks])
    return Lut3D(found.reshape(size, size, size, 3).astype(np.float32))


def probe(of: ProcessList, parts: Parts) -> Array:
    """Return random numbers (3, n) of a domain, on which two lists are compared: even, or of light in stops."""
    at = np.random.default_rng(SEED).uniform(0, 1, (PROBES, 3))
    at = 2 ** (STOPS * (at - 1)) if "input" in of.provenance else at
    return np.asarray((parts.low + at * (parts.high - parts.low)).T)


def difference(one: ProcessList, other: ProcessList, over: Parts | None = None) -> tuple[float, float]:
    """Return the mean and the largest difference of two lists, relative above 1, over the domain of the first.

    over: its parts, where their domain is another than the one that is found.
    """
    given = probe(one, over or parts_of(one))
    wanted = process.run(one.nodes, given)
    steps = np.abs(process.run(other.nodes, given) - wanted) / np.maximum(1, np.abs(wanted))
    return float(steps.mean()), float(steps.max())
