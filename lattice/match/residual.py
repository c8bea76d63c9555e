"""The residual of a look: fitted to what its film cannot show of a reference, and no farther than other colors confirm.

The offsets of a lattice are linear in the colors that they move, so that each round is sparse least squares: a color's
misfit over its noise, long ones shortened, against the offsets' second differences and the offsets themselves. How
stiff the lattice is, and whether there is one at all, colors decide that are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import cg

from lattice.build import film_exposure, make_chain
from lattice.build.corners import corners
from lattice.build.display import encode_nodes, make_display
from lattice.build.instruments import colour_science
from lattice.build.one_thread import one_thread
from lattice.build.residual import BACK, opponent, place
from lattice.build.samples import natural_colors
from lattice.build.seen import lab_slopes
from lattice.color.primaries import convert
from lattice.errors import LatticeError
from lattice.looks import Profile
from lattice.looks.display import DisplaySpec
from lattice.looks.residual import AXES, DIGITS, FEWEST, LARGEST, MOST, USUAL, Residual, apart
from lattice.match.reference import Reference, lab_of_light, seen
from lattice.types import Array

KNEE = 3.0  # noises beyond which a misfit counts as a line
# Squares of second differences, in offsets per step, that count as the square of one misfit, over all colors; from
# stiff to soft. Found by trial on LUTs of other film models: softer ones only have gradients that go back.
STIFFNESS = (1.0, 0.3, 0.1, 0.03)
RIDGE = 0.02  # of the stiffness: pull to 0, for nodes that no color is near
FOLDS, SURE = 3, 2.0  # parts of the colors; standard errors that the left out ones must gain by
ROUNDS, NUDGE = 2, 1e-3
# Of neighbors that differ by NEARLY the most that they may: the weight of their difference, and by how much it grows a
# round. After TYING rounds the whole lattice grows stiffer.
NEARLY, TIE, TIGHTER, TYING, STIFFER, MOST_ROUNDS = 0.95, 0.02, 3.0, 10, 4.0, 40
CG_STEPS, CG_TOLERANCE = 400, 1e-5
MEASURED, MEASURED_SEED = 2000, 5


@dataclass(frozen=True)
class Moved:
    """By how much a residual moves colors of scenes: CIEDE2000 on the default display."""

    mean: float
    largest: float

    def __str__(self) -> str:
        return f"moves colors by {self.mean:.2f} CIEDE2000 in the mean, {self.largest:.1f} at most"


def moved(profile: Profile) -> Moved:
    """Return by how much a look's residual moves natural colors, 7 stops under to 6 stops over mid gray; 0 without."""
    if profile.residual is None or not profile.residual.amount:
        return Moved(0.0, 0.0)
    light = natural_colors(MEASURED, np.random.default_rng(MEASURED_SEED))
    film, display = film_exposure(profile, light), DisplaySpec()
    lab = [seen(each, make_chain(each), film, display, True) for each in (profile, profile.replace(residual=None))]
    off = colour_science().difference.delta_E_CIE2000(*lab)
    return Moved(float(off.mean()), float(off.max()))


class Problem:
    """A look without a residual and a reference: offsets to misfits."""

    def __init__(self, profile: Profile, reference: Reference, size: int) -> None:
        chain = make_chain(profile)
        light = reference.light @ convert(reference.primaries, profile.input).T
        self.reference, self.size = reference, size
        self.color = opponent(encode_nodes(chain.project(film_exposure(profile, light)), chain))
        self.matrix = make_display(profile.replace(display=reference.display), chain).matrix
        numbers, weights = corners(place(self.color), size, "trilinear")
        ends = np.arange(0, weights.size + 1, weights.shape[1])
        self.near = sparse.csr_matrix((weights.ravel(), numbers.ravel(), ends), (len(light), size**3))
        self.slopes, self.prior = lab_slopes(reference.lab) / reference.noise[:, None, None], _prior(size)
        self.rises, self.held = _rises(size), np.zeros((3, len(AXES) * size * size * (size - 1)))

    def off(self, color: Array) -> Array:
        """Return differences (n, 3) of colors from the reference, each as long as its CIEDE2000 in noises."""
        linear = np.maximum(color @ BACK.T, 0) ** 3 @ self.matrix.T
        lab = lab_of_light(np.clip(linear, 0, 1) if self.reference.is_clipped else linear, self.reference.display)
        return np.einsum("nij,nj->ni", self.slopes, lab - self.reference.lab)

    def moved(self, offsets: Array) -> Array:
        """Return the differences with offsets (size**3, 3)."""
        return self.off(self.color + self.near @ offsets)

    def step(self, offsets: Array, rows: NDArray[np.intp], stiffness: float) -> Array:
        """Return the next offsets (size**3, 3) by some of the colors."""
        color, near = (self.color + self.near @ offsets), self.near[rows]
        off = self.off(color)[rows]
        nudged = NUDGE * np.eye(3)
        slope = np.stack([self.off(color + n)[rows] - self.off(color - n)[rows] for n in nudged], -1) / (2 * NUDGE)
        weight = 1 / np.sqrt(1 + (off**2).sum(axis=1) / KNEE**2)
        across = np.einsum("n,nij,nik->njk", weight, slope, slope)
        pull = np.einsum("n,nij,ni->nj", weight, slope, off)
        data = [[near.T @ sparse.diags_array(across[:, j, k]) @ near for k in range(3)] for j in range(3)]
        held = [stiffness * self.prior + self.rises.T @ sparse.diags_array(each) @ self.rises for each in self.held]
        normal = (sparse.block_array(data) + sparse.block_diag(held)).tocsr()
        wanted = -np.concatenate([near.T @ pull[:, k] + held[k] @ offsets[:, k] for k in range(3)])
        scale = sparse.diags_array(1 / normal.diagonal())
        found = cg(normal, wanted, rtol=CG_TOLERANCE, maxiter=CG_STEPS, M=scale)[0]
        return np.asarray(offsets + found.reshape(3, -1).T)

    def solved(self, stiffness: float) -> Array:
        """Return offsets (size, size, size, 3) by all colors. Where neighbors differ by more than they may, they are
        tied, and more tightly each round; if that does not do, all are stiffer."""
        offsets, rows = np.zeros((self.size**3, 3)), np.arange(len(self.color))
        for number in range(MOST_ROUNDS):
            offsets = self.step(offsets, rows, stiffness * STIFFER ** max(0, number - TYING))
            nodes = np.clip(np.round(offsets, DIGITS), -LARGEST, LARGEST).reshape((self.size,) * 3 + (len(AXES),))
            found = np.concatenate([each.reshape(-1, 3) for each in apart(nodes, self.size)]).T
            if number >= ROUNDS and (found <= 1).all():
                return nodes
            self.held = np.where(found > NEARLY, np.maximum(self.held * TIGHTER, TIE), self.held)
        return np.zeros_like(nodes)

    def left_out(self, stiffness: float) -> Array:
        """Return how far each color is off (n,), in noises, long ones shortened, by offsets that it has no part in."""
        found, part = np.zeros(len(self.color)), np.arange(len(self.color)) % FOLDS
        for number in range(FOLDS):
            offsets = self.step(np.zeros((self.size**3, 3)), np.flatnonzero(part != number), stiffness)
            found[part == number] = _cost(self.moved(offsets))[part == number]
        return found


def residual(profile: Profile, reference: Reference, size: int = USUAL) -> Profile:
    """Return a look with the residual that brings it nearest to a reference; without one if none is sure to.

    size: nodes a side, odd, 3 to 15. The residual that the look has does not count. Raises LatticeError for another
    size, or if the look cannot be built.
    """
    if not (FEWEST <= size <= MOST and size % 2):
        raise LatticeError(f"size: expected an odd number from {FEWEST} to {MOST}, got {size}")
    film = profile.replace(residual=None)
    with one_thread():
        problem = Problem(film, reference, size)
        alone = _cost(problem.off(problem.color))
        left = {stiffness: problem.left_out(stiffness) for stiffness in STIFFNESS}
        best = min(left, key=lambda stiffness: float(left[stiffness].mean()))
        gain = alone - left[best]
        is_sure = gain.mean() > SURE * gain.std() / np.sqrt(len(gain))
        nodes = problem.solved(best) if is_sure else np.zeros(0)
    return film.replace(residual=Residual(size=size, offsets=nodes)) if nodes.any() else film


def _cost(off: Array) -> Array:
    """Return lengths (n,) as they count: a square up to the knee, then a line."""
    return np.asarray(2 * KNEE**2 * (np.sqrt(1 + (off**2).sum(axis=1) / KNEE**2) - 1))


def _prior(size: int) -> sparse.csr_matrix:
    """Return the squares of second differences along and across the axes, and a little of the offsets' own."""
    second, first, same = (sparse.csr_matrix(np.diff(np.eye(size), order, axis=0)) for order in (2, 1, 0))
    root = np.sqrt(2) * first
    bends = [(second, same, same), (same, second, same), (same, same, second)]
    bends += [(root, first, same), (root, same, first), (same, root, first)]
    all_of = sparse.vstack([sparse.kron(sparse.kron(a, b), c) for a, b, c in bends]).tocsr()
    return (all_of.T @ all_of + RIDGE * sparse.identity(size**3)).tocsr()


def _rises(size: int) -> sparse.csr_matrix:
    """Return the matrix from offsets to the differences of neighbors, in the order of `apart`."""
    first, same = (sparse.csr_matrix(np.diff(np.eye(size), order, axis=0)) for order in (1, 0))
    along = [(first, same, same), (same, first, same), (same, same, first)]
    return sparse.vstack([sparse.kron(sparse.kron(a, b), c) for a, b, c in along]).tocsr()
