"""Looks as artists write them: stocks and profiles, as validated records and as TOML on disk.

The package can be called: `lattice.looks()` returns the names of the shipped looks.
"""

import sys
from types import ModuleType

from lattice.looks.load import load_profile, schemas
from lattice.looks.profile import DensityOnly, DisplaySpec, Profile
from lattice.looks.stock import Stock
from lattice.looks.toml import profile_names, stock_names

__all__ = ["DensityOnly", "DisplaySpec", "Profile", "Stock", "load_profile", "profile_names", "schemas", "stock_names"]


class _Looks(ModuleType):
    """A module that can be called, because `lattice.looks` is both this package and the function that lists looks."""

    def __call__(self) -> list[str]:
        return profile_names()


sys.modules[__name__].__class__ = _Looks
