"""The inverse of an SDev and of a 3D LUT: from values back to places, from code values back to scene light.

Exact, in float64: nothing is resampled. `search.py`, `surface.py` and `stage.py` are the definition, in NumPy; the
compiled library (`cpp/inverse.cpp`) gives the same answers. A value's answer depends on nothing but the value.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from lattice.interp import reference
from lattice.interp.inverse import native
from lattice.interp.inverse.cell import Floats
from lattice.interp.inverse.plan import GRID, Plan, make_plan
from lattice.interp.inverse.search import search, walk
from lattice.interp.inverse.stage import expose_back, inverse_matrix, make_stage, mixed_back
from lattice.interp.inverse.surface import nearest
from lattice.types import Display, Interpolation, Pixels, SDevData

Bools = NDArray[np.bool_]
Places = Callable[[Floats], tuple[Floats, Bools]]  # values (3, m) to places in cells, and which are the values' own
TOGETHER = 4096  # colors at a time: their planes stay in a core's cache
HDR_WHITE = 1e-5  # of light in PQ and HLG: the code of white, in float32, is within this of it


_finders: WeakKeyDictionary[Hashable, Places] = WeakKeyDictionary()


def invert_nodes(nodes: Pixels, interpolation: Interpolation, values: Pixels) -> tuple[Floats, Bools]:
    """Return the coordinates (3, m), 0 to 1, at which nodes have values, and which of the values they have.

    nodes: (n, n, n, 3) float32, n from 2. values: (3, m), any float; NaN counts as 0, and what is farther
    from the nodes' values than 1,000, or 1,000 times their range, as that far.
    Where the nodes fold, so that several places have the value, it is the first on the way from a nearby one. A value
    that they have nowhere gets the place on their surface, the six faces, that has the nearest value.
    """
    plan = make_plan(nodes, interpolation)
    places, found = finder(plan)(values.astype(np.float64))
    return places / (plan.size - 1), found


def of_lut(owner: Hashable, nodes: Pixels, values: Pixels) -> Floats:
    """Return what `invert_nodes` does by tetrahedra, prepared once for as long as `owner`, whose nodes they are, is
    there."""
    if owner not in _finders:
        _finders[owner] = finder(make_plan(nodes, "tetrahedral"))
    return _finders[owner](values.astype(np.float64))[0] / (len(nodes) - 1)


def finder(plan: Plan, by_numpy: bool = False) -> Places:
    """Return the function that finds values' places: compiled where it can be, and is not asked to be NumPy."""
    library = None if by_numpy else native.library()
    return (lambda values: find(plan, values)) if library is None else native.NativeSearch(plan, library)


def find(plan: Plan, values: Floats) -> tuple[Floats, Bools]:
    """Return the places (3, m), counted in cells, of values (3, m), and which are the values' own, by NumPy."""
    values = plan.held(values)
    places, found = np.empty_like(values), np.zeros(values.shape[1], np.bool_)
    for first in range(0, values.shape[1], TOGETHER):
        part = slice(first, first + TOGETHER)
        with np.errstate(all="ignore"):  # of flat cells, in which no value is alone
            places[:, part], found[part] = _find_some(plan, values[:, part])
    return places, found


def _find_some(plan: Plan, values: Floats) -> tuple[Floats, Bools]:
    part = np.clip((values - plan.origin[:, None]) * plan.scale[:, None], 0, GRID - 1).astype(np.int64)
    places = plan.starts[tuple(part)].T.astype(np.float64)
    found = walk(plan, values, places)
    left = np.flatnonzero(~found & plan.is_reached[tuple(part)])
    looked = places[:, left]
    found[left] = search(plan, values[:, left], looked)
    places[:, left] = looked
    left = np.flatnonzero(~found)
    if left.size:
        places[:, left], away = nearest(plan, values[:, left])
        found[left] = away <= plan.near
    return places, found


@dataclass(frozen=True, eq=False)
class Inverse:
    """An SDev's inverse, prepared. Call it with codes (3, n) of any float dtype; it returns scene light (3, n) float64
    of the SDev's input primaries, and which codes the SDev gives for just this light."""

    display: Display
    to_values: Floats
    size: int
    places: Places
    exposed: Places

    def __call__(self, codes: Pixels) -> tuple[Floats, Bools]:
        scene, found = np.empty(codes.shape), np.empty(codes.shape[1], np.bool_)
        for first in range(0, codes.shape[1], TOGETHER):
            part = slice(first, first + TOGETHER)
            values, inside = node_values(self.display, self.to_values, codes[:, part])
            places, has_place = self.places(values)
            scene[:, part], is_one = self.exposed(places / (self.size - 1))
            found[part] = inside & has_place & is_one
        return scene, found


_kept: WeakKeyDictionary[SDevData, dict[tuple[Interpolation, bool], Inverse]] = WeakKeyDictionary()


def inverse_of(device: SDevData, interpolation: Interpolation, by_numpy: bool = False) -> Inverse:
    """Prepare the inverse of an SDev, once. Raises LatticeError if one of its matrices has no inverse."""
    kept, key = _kept.setdefault(device, {}), (interpolation, by_numpy)
    if key not in kept:
        kept[key] = _prepared(device, interpolation, by_numpy)
    return kept[key]


def _prepared(device: SDevData, interpolation: Interpolation, by_numpy: bool) -> Inverse:
    stage, library = make_stage(device), None if by_numpy else native.library()
    back = inverse_matrix(device.display.matrix, "display matrix")
    places = finder(make_plan(device.lattice.nodes, interpolation), by_numpy)
    if library is None:
        return Inverse(device.display, back, device.lattice.size, places, lambda u: expose_back(stage, u))
    compiled = native.NativeStage(stage, library)
    return Inverse(device.display, back, device.lattice.size, places, lambda u: mixed_back(stage, *compiled(u)))


def node_values(display: Display, back: Floats, codes: Pixels) -> tuple[Floats, Bools]:
    """Return the lattice values (3, n) that show as codes (3, n), and which codes no clip has made.

    back: inverse of the display's matrix. Codes are held to [0, 1], NaN to 0; a code of 0 or 1 is of any darker or
    brighter light, and in PQ and HLG so is the light of white. Negative powers have negative roots.
    """
    held = np.clip(np.nan_to_num(codes.astype(np.float64), nan=0.0), 0, 1)
    light = display.decode(held, axis=0)
    is_below = light < 1 - HDR_WHITE if display.is_hdr else held < 1
    powers = reference.transform(back, np.minimum(light, 1))
    inside = np.asarray(((held > 0) & is_below & (powers >= 0)).all(axis=0))
    if display.exponent == 3:
        return np.cbrt(powers), inside
    return np.copysign(np.abs(powers) ** (1 / display.exponent), powers), inside
