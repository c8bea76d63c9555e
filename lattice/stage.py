"""The film stage: scene light to lattice coordinates where channels mix, for film that a table alone cannot hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lattice.axes import HALF_MAX
from lattice.errors import LatticeError
from lattice.record import LARGEST_ENTRY, Shippable, frozen

MOST_STEPS, MOST_ENTRIES = 4, 4096  # of a FilmStage, of each curve; the GPUs of hosts take no longer curves


@dataclass(frozen=True, eq=False)
class Step(Shippable):
    """One step of a FilmStage: a matrix, then a curve for each channel. Values are held to [0, 1] between the two.

    matrix: (3, 4) float64 up to 1e9; column 3 is added. curves: float32 up to 1e9, 2 to 4,096 entries, even over [0, 1]
    and linear between, never falling: (3, n), or (2, n) for the second and third channel alone, while the first passes;
    None: all pass.
    """

    matrix: NDArray[np.float64]
    curves: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "matrix", frozen(self.matrix, np.float64, (3, 4), "step matrix", LARGEST_ENTRY))
        if self.curves is None:
            return
        curves = frozen(self.curves, np.float32, (None, None), "step curves", LARGEST_ENTRY)
        if curves.shape[0] not in (2, 3) or not 2 <= curves.shape[1] <= MOST_ENTRIES:
            raise LatticeError(f"step curves: expected 2 or 3 of 2 to {MOST_ENTRIES} entries, got {curves.shape}")
        if (np.diff(curves) < 0).any():
            raise LatticeError("step curves: expected entries that never fall, got some that do")
        object.__setattr__(self, "curves", curves)


@dataclass(frozen=True, eq=False)
class FilmStage(Shippable):
    """What a Table cannot be: scene light to lattice coordinates where channels mix after their logarithm.

    Each channel becomes log2 of its light, held from `floor` to 65504 before, NaN as `floor`; then the steps follow.
    A difference of two logs does not change with exposure, so a step may bend it.
    floor: a positive half float. steps: 1 to 4; the last has three curves, in [0, 1], the others two or none.
    """

    floor: float
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "floor", float(self.floor))
        object.__setattr__(self, "steps", tuple(self.steps))
        if not 0 < self.floor < HALF_MAX or float(np.float16(self.floor)) != self.floor:
            raise LatticeError(f"film stage floor: expected a positive half float, got {self.floor!r}")
        if not 1 <= len(self.steps) <= MOST_STEPS:
            raise LatticeError(f"film stage steps: expected 1 to {MOST_STEPS}, got {len(self.steps)}")
        *others, last = (step.curves for step in self.steps)
        if last is None or len(last) != 3 or last.min() < 0 or last.max() > 1:
            raise LatticeError("film stage: expected three curves in [0, 1] in the last step, got others")
        if any(curves is not None and len(curves) != 2 for curves in others):
            raise LatticeError("film stage: expected two curves, or none, in a step before the last, got three")

    def content(self) -> Iterator[bytes]:
        """Yield what the digest of an SDev has of it."""
        yield f"film stage {self.floor!r} {len(self.steps)}".encode()
        for step in self.steps:
            yield step.matrix.tobytes()
            yield b"" if step.curves is None else f"{step.curves.shape}".encode() + step.curves.tobytes()
