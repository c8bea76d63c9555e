"""How near a look is to a reference, by groups of colors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from lattice.build import film_exposure, make_chain
from lattice.build.instruments import colour_science
from lattice.color.primaries import convert
from lattice.looks import Profile
from lattice.match.reference import Reference, seen
from lattice.types import Array

ALL = "all"


@dataclass(frozen=True)
class Errors:
    """CIEDE2000 of a group of colors: how many, mean, 95th percentile, largest."""

    count: int
    mean: float
    p95: float
    worst: float

    def __str__(self) -> str:
        return f"{self.mean:.2f} / {self.p95:.2f}"


def shown(profile: Profile, reference: Reference) -> Array:
    """Return how a look shows a reference's colors: CIELAB (n, 3). Raises LatticeError if it cannot be built."""
    light = reference.light @ convert(reference.primaries, profile.input).T
    film = film_exposure(profile, light)
    return seen(profile, make_chain(profile), film, reference.display, reference.is_clipped)


def differences(lab: Array, reference: Reference) -> Array:
    """Return the CIEDE2000 (n,) of shown colors (n, 3), CIELAB, from the reference's."""
    return np.asarray(colour_science().difference.delta_E_CIE2000(lab, reference.lab))


def by_group(off: Array, reference: Reference) -> Mapping[str, Errors]:
    """Return the errors of all colors and of each group of them. off: (n,) CIEDE2000."""
    groups = np.array(reference.groups)
    found = {ALL: _errors(off)}
    found |= {group: _errors(off[groups == group]) for group in dict.fromkeys(reference.groups)}
    return found


def _errors(off: Array) -> Errors:
    return Errors(len(off), float(off.mean()), float(np.percentile(off, 95)), float(off.max()))


def as_numbers(errors: Mapping[str, Errors]) -> dict[str, dict[str, float]]:
    """Return errors for JSON."""
    return {group: {key: round(value, 4) for key, value in asdict(each).items()} for group, each in errors.items()}
