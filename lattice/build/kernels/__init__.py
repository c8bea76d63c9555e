"""The arithmetic of a fit in two engines that take and return the same: `by_numpy` defines it, `native` is compiled."""

from __future__ import annotations

from types import ModuleType

from lattice.build.compiled import library
from lattice.build.kernels import by_numpy, native


def chosen() -> ModuleType:
    """Return the compiled engine where there is one, else NumPy's. Raises LatticeError as `compiled.library` does."""
    return by_numpy if library() is None else native
