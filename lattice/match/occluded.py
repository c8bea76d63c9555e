"""Which blocks of a graded still show something else than the plate's grade: another picture, a logo, an ungraded part.

One grade gives a scene color one look, wherever it is. A smooth map from scene colors to looks is fitted with weights
that fall to nothing for what is far from it, then what is left is compared with colors alike elsewhere in the picture.
What disagrees in a region is left out as a region.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from lattice.build.seen import lab_slopes
from lattice.match.blocks import Mask
from lattice.types import MID_GRAY, Array

Indices = NDArray[np.integer]
FLOOR = MID_GRAY * 2.0**-9  # light added to every channel: below it film and display are black
CELL, STOPS = 0.5, 4.0  # stops along a cell of scene colors; that a unit of the map is
MOST, SEED = 3000, 23  # blocks that the map is fitted to, as many of each cell as there are, up to an equal share
DEGREE = 3
# Weights are (c^2 / (c^2 + off^2))^2, c of CIEDE2000 falling from far to near. Source: graduated non-convexity,
# Yang et al., 2020, with Geman and McClure's loss.
FAR, NEAR, STEP = 60.0, 5.0, 0.6
RIDGE = 1e-4  # of the blocks: holds the map where there are no colors
ALIKE = 25  # blocks of the nearest colors
LEAST, SCATTERS = 2.5, 4.0  # CIEDE2000, and median differences, beyond which a block disagrees
AROUND, HALF = 3.0, 0.5  # blocks; share of the blocks around that disagree, and so one is in an occluded region
MARGIN = 2  # blocks left out around a region
# Stops that a plate varies by where a still is to follow; L* of what is clipped; the least correlation.
FLAT, CLIPPED, ALIKENESS, TINY = 0.1, 5.0, 0.3, 1e-9
THIN = 1e-3  # the least share of blocks around that are compared
# Of two maps: the least share of the blocks that a second one is looked for in; CIEDE2000 that a block counts at most,
# and that it is nearer to the second.
FEW, CAP, MORE = 0.02, 10.0, 0.5
PASSES, GROWTHS, ROUNDS = 2, 4, 4
DIGITS = 6


@dataclass(frozen=True)
class Agreement:
    """off: (rows, columns) CIEDE2000 that a block is off colors alike; NaN where it was not compared. region: those of
    the picture that are occluded. kept: blocks that agree, outside it. scatter: CIEDE2000, median of those kept."""

    off: Array
    region: Mask
    kept: Mask
    scatter: float


def agreement(light: Array, lab: Array, calm: Mask, ungraded: Mask) -> Agreement:
    """Return where a still agrees with itself.

    light: (rows, columns, 3). lab: (rows, columns, 3), CIELAB of the still. calm: (rows, columns) bool, the blocks to
    compare, at least one. ungraded: (rows, columns) bool, blocks that are known to show no grade.
    """
    found = _Pair(light[calm], lab[calm], calm)
    trusted = found.apart(~(unlike(light, lab) | ungraded)[calm]) & ~ungraded[calm]
    region, where = ~trusted, np.ones(calm.shape, bool)
    off, scatter, disagrees = np.full(len(trusted), np.nan), np.inf, region
    for _ in range(PASSES):
        if not trusted.any():
            break
        off = found.off(trusted)
        scatter = float(np.median(off[trusted]))
        disagrees = off > max(LEAST, SCATTERS * scatter)
        where = _region(found.near(disagrees | region) > HALF)
        trusted = ~where[calm]
    whole = np.full(calm.shape, np.nan)
    whole[calm] = off
    kept = calm & ~where
    kept[calm] &= ~disagrees
    return Agreement(whole, where, kept, scatter)


def settled(numbers: Array) -> Array:
    """Return numbers without the last digits, in which libraries for linear algebra differ: a choice hangs on none."""
    return np.round(numbers, DIGITS) + 0.0  # no -0


def placed(light: Array) -> Array:
    """Return places (n, 3) of scene colors, in units of STOPS about mid gray."""
    return settled(np.log2((np.maximum(light, 0) + FLOOR) / MID_GRAY) / STOPS)


def shown(light: Array) -> Array:
    """Return scene colors (n, 3) on a soft curve from -1, black, over 0, mid gray, to 1: what any print makes of it."""
    return settled(1 - 2 * MID_GRAY / (np.maximum(light, 0) + MID_GRAY))


def cells(colors: Array, width: float = CELL) -> Indices:
    """Return the number (n,) of each place's cell. width: stops along a cell."""
    return np.asarray(np.unique(np.floor(colors * STOPS / width), axis=0, return_inverse=True)[1]).reshape(-1)


def evenly(cell: Indices, most: int, random: np.random.Generator) -> Indices:
    """Return indices, at most `most`, rising, with as many of each cell as there are, up to an equal share."""
    mixed = random.permutation(len(cell))
    order = mixed[np.argsort(cell[mixed], kind="stable")]
    sizes = np.bincount(cell)
    rank = np.arange(len(cell)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.asarray(np.sort(order[np.argsort(rank, kind="stable")[:most]]))


def unlike(light: Array, lab: Array) -> Mask:
    """Return where (rows, columns) a still does not follow the plate's detail: neither is flat, nor the still clipped,
    and their lightness has little in common."""
    stops = np.log2(np.maximum(np.nan_to_num(light), 0).mean(axis=-1) + FLOOR)
    lightness = np.nan_to_num(lab[..., 0])

    def mean(values: Array) -> Array:
        return np.asarray(ndimage.gaussian_filter(values, AROUND))

    middle = mean(lightness)
    of_plate, of_still = mean(stops**2) - mean(stops) ** 2, mean(lightness**2) - middle**2
    together = mean(stops * lightness) - mean(stops) * middle
    follows = together / np.sqrt(np.maximum(of_plate * of_still, TINY))
    return np.asarray((of_plate > FLAT**2) & (middle > CLIPPED) & (middle < 100 - CLIPPED) & (follows < ALIKENESS))


class _Pair:
    """The blocks (n, 3) that are compared, and where they are."""

    def __init__(self, light: Array, looks: Array, calm: Mask) -> None:
        self.colors, self.terms, self.looks, self.calm = placed(light), _terms(shown(light)), looks, calm
        self.slopes = lab_slopes(looks)
        self.around = np.maximum(ndimage.gaussian_filter(calm.astype(float), AROUND), THIN)

    def near(self, values: Array | Mask) -> Array:
        """Return averages (rows, columns) of blocks' numbers (n,) around each block."""
        whole = np.zeros(self.calm.shape)
        whole[self.calm] = values
        return np.asarray(ndimage.gaussian_filter(whole, AROUND) / self.around)

    def some(self, rows: Mask) -> tuple[Indices, Indices]:
        """Return the indices of some blocks: as they come, and as many of each color."""
        random, pool = np.random.default_rng(SEED), np.flatnonzero(rows)
        by_area = evenly(np.zeros(len(pool), int), MOST, random)
        by_color = evenly(cells(self.colors[pool]), MOST, random)
        return pool[by_area], pool[by_color]

    def map(self, rows: Mask) -> Array:
        """Return the map (k, 3) of those fitted to some blocks that most of them, as they come, agree with."""
        some = self.some(rows)
        maps = [_map(self.terms[each], self.looks[each], self.slopes[each]) for each in some]
        return min(maps, key=lambda found: np.median(self.missed(found, some[0])))

    def missed(self, found: Array, rows: Indices | slice = slice(None)) -> Array:
        """Return how far (n,) a map is off, CIEDE2000."""
        return _length(self.slopes[rows], self.looks[rows] - settled(self.terms[rows] @ found))

    def apart(self, alike: Mask) -> Mask:
        """Return the blocks (n,) bool of the larger part of a picture in which two maps are, such as two grades; all
        where there is one. alike: blocks (n,) of the detail that the plate has."""
        all_of_it = np.ones(len(self.looks), bool)
        first = self.map(alike if alike.mean() > FEW else all_of_it)
        missed = self.missed(first)
        is_other = ~alike | (missed > max(NEAR, SCATTERS * float(np.median(missed))))
        for _ in range(ROUNDS):
            if is_other.mean() < FEW or is_other.mean() > 1 - FEW:
                return all_of_it
            maps = self.map(~is_other), self.map(is_other)
            one, other = (np.minimum(self.missed(each), CAP) for each in maps)
            if np.median(other[is_other]) > NEAR:
                return all_of_it
            is_other = (self.near(one - other) > MORE)[self.calm]
        return is_other if is_other.mean() > HALF else ~is_other

    def off(self, trusted: Mask) -> Array:
        """Return how far (n,) each block is off blocks of colors alike, CIEDE2000."""
        rest = self.looks - settled(self.terms @ self.map(trusted))
        some = np.union1d(*self.some(trusted))
        off = _length(self.slopes[some], rest[some])
        for _ in range(GROWTHS):
            agreeing = some[off < max(LEAST, SCATTERS * np.median(off))]
            tree = cKDTree(self.colors[agreeing])
            off = _apart(tree, rest[agreeing], self.colors[some], rest[some], self.slopes[some])
        return _apart(tree, rest[agreeing], self.colors, rest, self.slopes)


def _apart(tree: cKDTree, known: Array, colors: Array, rest: Array, slopes: Array) -> Array:
    """Return how far off the known rests of colors alike others are."""
    nearest = tree.query(colors, min(ALIKE, tree.n))[1].reshape(len(colors), -1)
    return _length(slopes, rest - np.median(known[nearest], axis=1))


def _map(terms: Array, looks: Array, slopes: Array) -> Array:
    """Return the map (k, 3) from terms to looks that the blocks which agree most say."""
    weights = np.ones(len(terms))
    for far in FAR * STEP ** np.arange(np.ceil(np.log(NEAR / FAR) / np.log(STEP)) + 1):
        found = _solved(terms, looks, weights)
        off = _length(slopes, looks - settled(terms @ found))
        weights = (far**2 / (far**2 + off**2)) ** 2
    return found


def _terms(colors: Array) -> Array:
    """Return the products (n, 20) of up to DEGREE places of channels."""
    axes = np.concatenate([np.ones((len(colors), 1)), colors], axis=1)
    picks = combinations_with_replacement(range(4), DEGREE)
    return np.stack([axes[:, list(pick)].prod(axis=1) for pick in picks], axis=-1)


def _solved(terms: Array, looks: Array, weights: Array) -> Array:
    weighed = terms * weights[:, None]
    held = RIDGE * len(terms) * np.eye(terms.shape[1])
    return settled(np.asarray(np.linalg.solve(weighed.T @ terms + held, weighed.T @ looks)))


def _length(slopes: Array, off: Array) -> Array:
    return np.asarray(np.linalg.norm(np.einsum("nij,nj->ni", slopes, off), axis=1))


def _region(most: Mask) -> Mask:
    """Return regions (rows, columns) of blocks around which most disagree, without holes, and a margin around them."""
    occluded = ndimage.binary_fill_holes(ndimage.binary_closing(most, iterations=MARGIN))
    return np.asarray(ndimage.binary_dilation(occluded, iterations=MARGIN))


def vignette(light: Array, lab: Array, kept: Mask) -> float:
    """Return by how many L* corners are brighter than the middle for the same light. Shapes as in `agreement`."""
    random, at = np.random.default_rng(SEED), np.argwhere(kept)
    some = at[evenly(cells(placed(light[kept])), MOST, random)]
    middle = (np.array(kept.shape) - 1) / 2
    radius = (((some - middle) / middle) ** 2).sum(axis=1) / 2
    rows = tuple(some.T)
    terms = np.concatenate([_terms(shown(light[rows])), radius[:, None]], axis=1)
    return float(_solved(terms, lab[rows][:, :1], np.ones(len(some)))[-1, 0])
