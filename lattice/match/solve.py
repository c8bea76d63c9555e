"""Least squares from a start: a look's numbers that show the reference, held by what is usual, outliers weighed down.

Every number has a prior: an independent normal distribution around the start, `Freedom.spread` wide. A color's misfit
counts as CIEDE2000 over its noise, up to about KNEE of it as a square and beyond that as a line. All is deterministic:
no random start, linear algebra on one thread, numbers rounded as a profile holds them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count

import numpy as np
from numpy.typing import NDArray

from lattice.build import make_chain
from lattice.build.film import density
from lattice.build.film_stage import exposures
from lattice.build.one_thread import one_thread
from lattice.build.onto_film import stage_of
from lattice.build.seen import lab_slopes
from lattice.color.primaries import convert
from lattice.errors import LatticeError
from lattice.looks import Profile
from lattice.match.curve import place, settled_place
from lattice.match.descend import SETTLED, STEPS, descend
from lattice.match.freedoms import LAYERS, Freedom, rounded
from lattice.match.reference import Reference, seen
from lattice.types import Array

KNEE = 3.0  # noises: of a color in 400 of a normal distribution
ROUNDS, ROUGH = 2, 1e-3  # the second with the noise that the first has found; relative gain that ends the first
NUDGE = 1e-3  # spreads: the step of the slopes
MEDIAN_LENGTH = 1.538 / np.sqrt(3)  # of three normal numbers that are together as long as 1. Source: chi, 3 degrees
NEAR = 0.06  # of the squared standard errors that chance moves a number by
FAR = 1e3  # noises: what a look that cannot be built misses by
Told = Callable[[int, int], None]


@dataclass(frozen=True)
class Solution:
    """What a fit found.

    profile: rounded as it is written. numbers, errors: (k,) of the freedoms in order, and one standard deviation of
    each. covariance: (k, k). missed: (n,) CIEDE2000, by slopes, that each color is off. scale: noises of the reference
    that colors scatter by.
    """

    freedoms: tuple[Freedom, ...]
    start: Array
    numbers: Array
    covariance: Array
    profile: Profile
    missed: Array
    scale: float

    @cached_property
    def errors(self) -> Array:
        """One standard deviation of each number."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))


class Problem:
    """A reference, a start and what may change: numbers to residuals."""

    def __init__(self, start: Profile, free: Sequence[Freedom], reference: Reference) -> None:
        self.start, self.free, self.reference = start, tuple(free), reference
        self.spread = np.concatenate([np.full(len(each.labels), each.spread) for each in free])
        self.low = np.concatenate([np.full(len(each.labels), each.low) for each in free])
        self.high = np.concatenate([np.full(len(each.labels), each.high) for each in free])
        self.first = np.clip(
            np.concatenate([np.asarray(each.read(start), float) for each in free]), self.low, self.high
        )
        self.places = self.placed(start)
        self.slopes = lab_slopes(reference.lab)
        self.scene = reference.light @ convert(reference.primaries, start.input).T
        self._film = None if any(each.is_scene for each in free) else self._exposed(start)

    def placed(self, look: Profile) -> list[float]:
        """Return where each layer of a relative wedge fits a look's print; none for an absolute one."""
        wedge = self.reference.wedge
        if wedge is None or not wedge.is_relative:
            return []
        curves = look.print.curves
        return [place(getattr(curves, name), wedge.log_exposure, wedge.density[:, k]) for k, name in enumerate(LAYERS)]

    def _exposed(self, profile: Profile) -> Array:
        return np.asarray(exposures(stage_of(profile), 2.0**profile.exposure * self.scene))

    def profile(self, numbers: Array, is_last: bool = False) -> Profile:
        """Return the look of these numbers, rounded as it is written if it is the last. Raises LatticeError if there is
        none."""
        changes: dict[str, object] = {}
        at = 0
        for each in self.free:
            written = each.write(self.start, numbers[at : at + len(each.labels)])
            changes |= rounded(each, written) if is_last else written
            at += len(each.labels)
        return self.start.replace(**changes)

    def lab(self, profile: Profile) -> Array:
        """Return how a look shows the reference's colors: CIELAB (n, 3)."""
        film = self._exposed(profile) if self._film is None else self._film
        return seen(profile, make_chain(profile), film, self.reference.display, self.reference.is_clipped)

    def off(self, lab: Array) -> Array:
        """Return the differences (n, 3) of colors, each as long as its CIEDE2000 by the slopes at the wanted color."""
        return np.einsum("nij,nj->ni", self.slopes, lab - self.reference.lab)

    def misfit(self, lab: Array, noise: Array) -> Array:
        """Return residuals (3n,): differences over their noise, long ones shortened so that they count as a line."""
        off = self.off(lab) / noise[:, None] * np.sqrt(3)  # three numbers that are together as long as 1
        far = (off**2).sum(axis=1) / (3 * KNEE**2)
        share = np.sqrt(np.divide(2 * (np.sqrt(1 + far) - 1), far, out=np.ones_like(far), where=far > 1e-12))
        return np.asarray((off * share[:, None]).ravel())

    def wedge(self, profile: Profile) -> Array:
        """Return residuals of the print's curves on the reference's wedge; none without one.

        Each layer of a relative wedge is first put where it fits its curve best: only what no place explains counts.
        """
        wedge = self.reference.wedge
        if wedge is None:
            return np.zeros(0)
        layers = []
        for k, name in enumerate(LAYERS):
            curve, x = getattr(profile.print.curves, name), wedge.log_exposure
            at = x - settled_place(curve, x, wedge.density[:, k], self.places[k]) if self.places else x
            layers.append(density(curve, at))
        return np.asarray(((np.stack(layers, axis=-1) - wedge.density) / wedge.noise).ravel())

    def residuals(self, units: Array, noise: Array) -> Array:
        """Return all that is to be small: colors, wedge and prior. A look that cannot be built is far from all.

        units: (k,) changes from the first numbers, in spreads.
        """
        try:
            profile = self.profile(self.numbers(units))
            parts = [self.misfit(self.lab(profile), noise), self.wedge(profile)]
        except LatticeError:
            wedge = 0 if self.reference.wedge is None else self.reference.wedge.density.size
            parts = [np.full(3 * len(noise) + wedge, FAR)]
        return np.concatenate([*parts, units])

    def numbers(self, units: Array) -> Array:
        """Return the numbers (k,) of changes in spreads, within the bounds."""
        return np.clip(self.first + units * self.spread, self.low, self.high)

    def bounds(self) -> tuple[Array, Array]:
        """Return the least and the most change (k,), in spreads."""
        return (self.low - self.first) / self.spread, (self.high - self.first) / self.spread

    def jacobian(self, units: Array, here: Array, noise: Array) -> Array:
        """Return the slopes of `residuals` by one-sided steps, away from a near bound. here: the residuals there."""
        high, columns = self.bounds()[1], []
        for k in range(len(units)):
            step = -NUDGE if units[k] + NUDGE > high[k] else NUDGE
            moved = units.copy()
            moved[k] += step
            columns.append((self.residuals(moved, noise) - here) / step)
        return np.stack(columns, axis=-1)


def solve(
    start: Profile, free: Sequence[Freedom], reference: Reference, told: Told = lambda done, of: None
) -> Solution:
    """Return the look nearest to a reference. told: called with the slopes evaluated so far, and the most there are.

    Raises LatticeError if the start cannot be built.
    """
    with one_thread():
        problem, done = Problem(start, free, reference), count(1)
        make_chain(start)  # a start that cannot be built is a mistake; a trial that cannot is only far
        units, scale, rounds = np.zeros(len(problem.first)), 1.0, ROUNDS + bool(problem.places)

        def tell() -> None:
            told(next(done), rounds * STEPS)

        if problem.places:  # the colors alone say first about where the wedge is: it fits a far curve in several places
            units, _ = _least(Problem(start, free, replace(reference, wedge=None)), units, reference.noise, tell, ROUGH)
            problem.places = problem.placed(problem.profile(problem.numbers(units)))
        for settled in ROUGH, SETTLED:
            units, slopes = _least(problem, units, scale * reference.noise, tell, settled)
            missed = np.linalg.norm(problem.off(problem.lab(problem.profile(problem.numbers(units)))), axis=1)
            scale = _scatter(missed / reference.noise, _found(slopes))
        return _solution(problem, units, missed, scale)


def _least(
    problem: Problem, units: Array, noise: Array, told: Callable[[], None], settled: float
) -> tuple[Array, Array]:
    """Return what a descent finds from these changes, and the slopes. told: called with each evaluation of them."""
    return descend(
        lambda at: problem.residuals(at, noise),
        lambda at, here: problem.jacobian(at, here, noise),
        units,
        *problem.bounds(),
        told,
        settled,
    )


def held(found: Solution, start: Profile, reference: Reference, name: str) -> Profile:
    """Return the look nearest to a reference with one freedom held at the start: `found` is where the search begins."""
    with one_thread():
        free = [each for each in found.freedoms if each.name != name]
        problem, noise = Problem(start, free, reference), found.scale * reference.noise
        is_left = np.concatenate([np.full(len(each.labels), each.name != name) for each in found.freedoms])
        problem.places = problem.placed(found.profile)
        begun = (found.numbers - found.start)[is_left] / problem.spread
        units, _ = _least(problem, begun, noise, lambda: None, ROUGH)
        return problem.profile(problem.numbers(units))


def _found(slopes: Array) -> float:
    """Return how many numbers the data say, and not the prior. slopes: (n, k), the prior's own among them."""
    return float(slopes.shape[1] - np.trace(np.linalg.inv(slopes.T @ slopes)))


def _scatter(missed: Array, found: float) -> float:
    """Return how many noises colors scatter by: from the median, so that outliers do not count; 1 or more.

    missed: (n,) in noises. found: how many numbers the same colors gave.
    """
    share = 3 * len(missed) / max(3 * len(missed) - found, len(missed))
    return max(1.0, float(np.median(missed) / MEDIAN_LENGTH * np.sqrt(share)))


def _settled(problem: Problem, numbers: Array, covariance: NDArray[np.floating]) -> Array:
    """Return the numbers, those of groups that are hardly off the start set to it: chance alone moves them farther."""
    settled, at = numbers.copy(), 0
    for each in problem.free:
        place = slice(at, at := at + len(each.labels))
        off = (numbers - problem.first)[place]
        if off @ np.linalg.solve(covariance[place, place], off) < NEAR * len(off):
            settled[place] = problem.first[place]
    return settled


def _solution(problem: Problem, units: Array, missed: Array, scale: float) -> Solution:
    noise, numbers = scale * problem.reference.noise, problem.numbers(units)
    slopes = problem.jacobian(units, problem.residuals(units, noise), noise)
    covariance = np.linalg.inv(slopes.T @ slopes) * np.outer(problem.spread, problem.spread)
    numbers = _settled(problem, numbers, covariance)
    return Solution(
        problem.free,
        problem.first,
        numbers,
        np.asarray(covariance),
        problem.profile(numbers, is_last=True),
        missed,
        scale,
    )
