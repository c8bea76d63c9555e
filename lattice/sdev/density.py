"""Printing density as numbers of pixels: plain, or as codes of Academy Density Exchange or of Cineon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lattice.choices import DensityName
from lattice.color.adx import BASES
from lattice.errors import LatticeError, did_you_mean
from lattice.process_list import Matrix
from lattice.types import Array

STAGE, DENSITY = "stage", "density"  # facts of a stage: which, and in which encoding its densities are
OF_STAGE = (STAGE, DENSITY, "densities")  # all of them; the last is for people


@dataclass(frozen=True)
class Encoding:
    """How printing density over clear film is coded: value = scale * density + offset.

    is_code: values are of [0, 1]. title: for people.
    """

    name: DensityName
    title: str
    scale: float
    offset: float
    is_code: bool

    @property
    def most(self) -> float:
        """The largest density that it holds."""
        return (1 - self.offset) / self.scale if self.is_code else np.inf

    def decode(self, values: Array) -> Array:
        """Convert values of any shape to densities."""
        return np.asarray((values - self.offset) / self.scale)

    def encode(self, density: Array) -> Array:
        """Convert densities of any shape to values; codes are held to [0, 1]."""
        values = self.scale * density + self.offset
        return np.asarray(np.clip(values, 0, 1) if self.is_code else values)

    def coding(self) -> Matrix:
        """Return `encode` without its limits as a process node."""
        return Matrix(np.column_stack([self.scale * np.eye(3), np.full(3, self.offset)]))

    def decoding(self) -> Matrix:
        """Return `decode` as a process node."""
        return Matrix(np.column_stack([np.eye(3) / self.scale, np.full(3, -self.offset / self.scale)]))


def _codes(name: DensityName, title: str, bits: int) -> Encoding:
    base, unit = BASES[bits]
    largest = 2**bits - 1
    return Encoding(name, f"{title} codes, ({unit:g} D + {base:g}) / {largest:g}", unit / largest, base / largest, True)


# ADX of 10 bits has Cineon's codes: 0.002 of density each, clear film at 95.
ENCODINGS: Mapping[str, Encoding] = {
    "adx16": _codes("adx16", "ADX16", 16),
    "cineon": _codes("cineon", "Cineon", 10),
    "float": Encoding("float", "the density itself", 1.0, 0.0, False),
}


def encoding_of(name: object) -> Encoding:
    """Return an encoding by its name. Raises LatticeError for an unknown one."""
    if not isinstance(name, str) or name not in ENCODINGS:
        raise LatticeError(
            f"density: expected {' or '.join(ENCODINGS)}, got {name!r:.60}{did_you_mean(name, ENCODINGS)}"
        )
    return ENCODINGS[name]


def given_density(facts: Mapping[str, str]) -> Encoding | None:
    """Return the encoding of the densities that a negative gives, by its facts; None for anything else."""
    return ENCODINGS.get(facts.get(DENSITY, "")) if facts.get(STAGE) == "negative" else None


def taken_density(facts: Mapping[str, str]) -> Encoding | None:
    """Return the encoding of the densities that a print takes, by its facts; None for anything else."""
    return ENCODINGS.get(facts.get(DENSITY, "")) if facts.get(STAGE) == "print" else None
