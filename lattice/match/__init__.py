"""Match: a look from what was measured, or from a LUT."""

from lattice.match.patches import of_patches
from lattice.match.reference import Reference, Wedge
from lattice.match.solve import Solution, solve

__all__ = ["Reference", "Solution", "Wedge", "of_patches", "solve"]
