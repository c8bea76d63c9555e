"""What the data of a match do not say: numbers that the prior holds, numbers that trade against each other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lattice.match.freedoms import FREEDOMS, POINTS, mixing
from lattice.match.solve import Solution
from lattice.types import Array

UNSAID = 0.8  # of the prior's spread: a number whose error is wider is the start's
TRADED, WORTH = 0.95, 0.2  # of a number's error that another group explains; of the prior's spread that it is at least


def places(solution: Solution) -> dict[str, slice]:
    """Return where each freedom's numbers are."""
    ends = np.cumsum([len(each.labels) for each in solution.freedoms])
    return {each.name: slice(end - len(each.labels), end) for each, end in zip(solution.freedoms, ends, strict=True)}


def unsaid(solution: Solution) -> list[str]:
    """Return the numbers that the data do not say, for people; those of curves are counted by `unsaid_points`."""
    found = []
    for name, place in places(solution).items():
        each, errors = FREEDOMS[name], solution.errors[place]
        if name == "curves":
            continue
        wide = [label for label, error in zip(each.labels, errors, strict=True) if error > UNSAID * each.spread]
        if wide:
            found.append(name if len(wide) == len(each.labels) else f"{name} {', '.join(wide)}")
    return found


def unsaid_points(solution: Solution) -> Array:
    """Return which points of the curves the data do not say: (3, 12) bool; none if curves were not free."""
    place = places(solution).get("curves")
    if place is None:
        return np.zeros((3, POINTS), bool)
    mixed = mixing()
    error = np.sqrt(np.einsum("ij,jk,ik->i", mixed, solution.covariance[place, place], mixed))
    usual = np.sqrt((mixed**2).sum(axis=1))
    return np.asarray((error > UNSAID * usual).reshape(3, POINTS))


def trades(solution: Solution) -> Iterator[str]:
    """Yield pairs that trade against each other: a change of the one looks as a change of the other, for people."""
    every = list(places(solution).items())
    for k, (name, place) in enumerate(every):
        for other, beside in every[k + 1 :]:
            is_wide = (solution.errors[place] > WORTH * FREEDOMS[name].spread).any()
            if is_wide and (share := _explained(solution.covariance, place, beside)) > TRADED:
                yield f"{name} and {other} ({share:.2f})"


def _explained(covariance: Array, place: slice, beside: Array | slice) -> float:
    """Return the largest correlation of a group's numbers with the best mix of another group's."""
    own, others, both = covariance[place, place], covariance[beside, beside], covariance[place, beside]
    explained = np.einsum("ij,jk,ik->i", both, np.linalg.pinv(others), both) / np.diag(own)
    return float(np.sqrt(np.clip(explained.max(), 0, 1)))
