"""Match: a look from what was measured, or from a LUT."""

from lattice.match.reference import Reference, Wedge
from lattice.match.residual import moved, residual
from lattice.match.solve import Solution, solve

__all__ = ["Reference", "Solution", "Wedge", "moved", "residual", "solve"]
