"""A look in two: the SDev or Lut of its negative, to printing density, and that of its print, from there to codes.

Both are made of the whole look's SDev: the print has its lattice, and a curve that undoes the negative's. So one after
the other they show what the whole shows, and a graded density is shown as the same lattice shows it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lattice.choices import StageName
from lattice.files import clf
from lattice.files.luts import clf_read
from lattice.process_list import Exponent, Log, Lut1D, Lut3D, Matrix, Node, ProcessList, Range
from lattice.sdev.density import DENSITY, STAGE, Encoding
from lattice.sdev.device import SDev
from lattice.sdev.fused import fused
from lattice.sdev.lut import AnySDev, Lut
from lattice.types import (
    HALF_CODES,
    MID_GRAY,
    Array,
    Display,
    FilmStage,
    Lattice,
    LatticeError,
    Step,
    grid,
    held_halves,
)

if TYPE_CHECKING:
    from lattice.build.stages import Densities
    from lattice.looks import Profile

ENTRIES = 65536  # of the curve from layers to the lattice
OF_A_DISPLAY = ("output", "output_chromaticities", "output_white")
OF_LIGHT = ("input", "exposure")


def stage_of(profile: Profile, whole: SDev, stage: StageName, encoding: Encoding) -> AnySDev:
    """Return a stage of a look. profile: the look's. whole: its SDev.

    A film-out's stages are SDevs, but for a negative that gives densities as they are; others mix channels between two
    curves, and are Luts. Raises LatticeError if the negative cannot be built, or a Lut does not hold the display.
    """
    seen = densities_of(profile)
    made = (_negative if stage == "negative" else _print)(whole, seen, encoding)
    return replace(made, provenance={**made.provenance, "densities": _limits(seen, encoding)})


def densities_of(profile: Profile) -> Densities:
    """Return the printing densities of a look's negative. Raises LatticeError if it cannot be built."""
    from lattice.build import make_chain
    from lattice.build.one_thread import one_thread
    from lattice.build.stages import densities

    with one_thread():
        return densities(profile, make_chain(profile))


def _limits(seen: Densities, encoding: Encoding) -> str:
    """Return a text for people: which densities of grays a stage gives or takes, and what its encoding clips."""
    top = seen.of_grays[-1]
    told = f"0 to {top[0]:.2f}, {top[1]:.2f}, {top[2]:.2f} over clear film, red, green, blue"
    for k, name in enumerate(("red", "green", "blue")):
        if top[k] > encoding.most:
            stops = np.interp(encoding.most, seen.of_grays[:, k], seen.stops)
            told += f"; {encoding.name} codes end at {encoding.most:.3f}: {name} is clipped from {stops:+.1f} stops"
    return told


def split_nodes(whole: SDev, seen: Densities) -> tuple[list[Node], list[Node], list[Node]]:
    """Return a look's process nodes in three: scene light to printing density over clear film, from there to lattice
    coordinates, and from there to display codes. Raises LatticeError for a display that a CLF does not hold."""
    nodes = list(clf_read.parse(clf.to_xml(whole).encode()).nodes)
    at = next(k for k, node in enumerate(nodes) if isinstance(node, Lut3D))
    back = _back(seen, coordinates(whole, seen))
    return [*nodes[: at - 1], _to_layers(whole, seen), *_mixing(seen)], [*_unmixing(seen), *back], nodes[at:]


def coordinates(whole: SDev, seen: Densities) -> Array:
    """Return the lattice coordinates (n, 3) at the stops of the densities."""
    if isinstance(whole.table, FilmStage):
        u = whole.table.steps[-1].curves
        if u is None or u.shape != (3, len(seen.stops)):
            raise LatticeError(f"{whole.name}: expected the curves that this version builds, got others")
        return u.T.astype(np.float64)
    film = MID_GRAY * 2.0**seen.stops
    halves, rows = held_halves()[:0x7C00], whole.table.values[:0x7C00].astype(np.float64)
    return np.stack([np.interp(film, halves, rows[:, k]) for k in range(3)], axis=-1)


def _negative(whole: SDev, seen: Densities, encoding: Encoding) -> AnySDev:
    facts = {key: fact for key, fact in whole.provenance.items() if key not in OF_A_DISPLAY}
    facts |= {STAGE: "negative", DENSITY: encoding.name, "output": f"printing density, {encoding.title}"}
    name = f"{whole.name} negative"
    if not seen.rounds and encoding.is_code and isinstance(whole.table, FilmStage):
        *others, last = whole.table.steps
        curves = encoding.encode(seen.layers).T.astype(np.float32)
        stage = replace(whole.table, steps=(*others, Step(last.matrix, curves)))
        return replace(whole, name=name, table=stage, lattice=_as_it_is(), display=_straight(), provenance=facts)
    held = [Range(0.0, 1.0)] if encoding.is_code else []
    return Lut(name, (*split_nodes(whole, seen)[0], encoding.coding(), *held), facts)


def _print(whole: SDev, seen: Densities, encoding: Encoding) -> AnySDev:
    facts = {key: fact for key, fact in whole.provenance.items() if key not in OF_LIGHT}
    facts |= {STAGE: "print", DENSITY: encoding.name, "takes": f"printing density, {encoding.title}"}
    _, to_lattice, rest = split_nodes(whole, seen)
    if seen.rounds:
        return Lut(f"{whole.name} print", (encoding.decoding(), *to_lattice, *rest), facts)
    table = _table(seen, coordinates(whole, seen), encoding)
    listed = ProcessList(f"{whole.name} print", (Lut1D(table, half_domain=True), *rest), facts)
    device = fused(listed)
    if device is None:
        return Lut.from_list(listed)
    return replace(SDev.from_device(device), display=whole.display)


def _table(seen: Densities, u: Array, encoding: Encoding) -> NDArray[np.float32]:
    """Return the lattice coordinates of every half, as a Table has them; the error between two halves is shared out to
    them, so that it is smaller."""
    values = encoding.decode(held_halves()[:0x7C01])
    table = np.zeros((HALF_CODES, 3))
    for k in range(3):
        at, between = (np.interp(each, seen.layers[:, k], u[:, k]) for each in (values, (values[1:] + values[:-1]) / 2))
        error = between - (at[1:] + at[:-1]) / 2
        at[1:-1] += (error[1:] + error[:-1]) / 4
        table[1 : len(at), k] = np.maximum.accumulate(np.clip(at[1:], 0, 1))
    table[0x7C00] = 1
    return table.astype(np.float32)


def _to_layers(whole: SDev, seen: Densities) -> Lut1D:
    """Return the node that takes the place of the look's last curve: to layers, not to the lattice."""
    if isinstance(whole.table, FilmStage):
        return Lut1D(seen.layers.astype(np.float32))
    with np.errstate(divide="ignore", invalid="ignore"):
        stops = np.nan_to_num(np.log2(held_halves() / MID_GRAY), nan=-np.inf)
    entries = np.stack([np.interp(stops, seen.stops, seen.layers[:, k]) for k in range(3)], axis=-1)
    return Lut1D(entries.astype(np.float32), half_domain=True)


def _back(seen: Densities, u: Array) -> list[Node]:
    """Return the curve from layers to lattice coordinates; by their square roots, since it is steep near clear film."""
    roots = np.sqrt(np.maximum(seen.layers, 0))
    grid = np.linspace(roots[0], roots[-1], ENTRIES)
    entries = np.stack([np.interp(grid[:, k] ** 2, seen.layers[:, k], u[:, k]) for k in range(3)], axis=-1)
    return [Exponent("basicRev", np.full(3, 2.0)), Lut1D(entries.astype(np.float32), roots[0], roots[-1])]


def _mixing(seen: Densities) -> list[Node]:
    """Return the nodes from layers to printing densities; none where layers are densities."""
    if not seen.rounds:
        return []
    nodes = [node for each in seen.rounds for node in (Matrix(each.matrix), _bent(each.bend, "logToLin"))]
    return [*nodes, Matrix(seen.last)]


def _unmixing(seen: Densities) -> list[Node]:
    """Return the inverse of `_mixing`."""
    if not seen.rounds:
        return []
    nodes: list[Node] = [Matrix(_inverse(seen.last))]
    for each in reversed(seen.rounds):
        nodes += [_bent(each.bend, "linToLog"), Matrix(_inverse(each.matrix))]
    return nodes


def _inverse(matrix: Array) -> Array:
    return np.asarray(np.linalg.inv(matrix), np.float64)


def _bent(bend: Array, style: str) -> Log:
    """Return (1 - exp(-bend x)) / bend as a node, or its inverse, which is a logarithm."""
    return Log(style, 2.0, -np.log(2.0) / bend, np.zeros(3), -bend, np.ones(3))  # type: ignore[arg-type]


def _as_it_is() -> Lattice:
    """Return the lattice that gives its own coordinates."""
    return Lattice(grid(np.linspace(0, 1, 3, dtype=np.float32)), "trilinear")


def _straight() -> Display:
    return Display(1.0, np.eye(3), 1.0)
