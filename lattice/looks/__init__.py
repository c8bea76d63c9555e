"""Looks as artists write them: stocks and profiles, as validated records and as TOML on disk.

The package can be called: `lattice.looks()` returns the names of the shipped looks. Its names are imported on first
use: what a look is called and where its files are needs no record.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lattice.looks.load import load_profile, schemas
    from lattice.looks.profile import DensityOnly, DisplaySpec, Profile
    from lattice.looks.stock import Stock
    from lattice.looks.where import profile_names, stock_names

__all__ = ["DensityOnly", "DisplaySpec", "Profile", "Stock", "load_profile", "profile_names", "schemas", "stock_names"]
_HOMES = {
    "DensityOnly": "profile",
    "DisplaySpec": "profile",
    "Profile": "profile",
    "Stock": "stock",
    "load_profile": "load",
    "profile_names": "where",
    "schemas": "load",
    "stock_names": "where",
}


class _Looks(ModuleType):
    """A module that can be called, because `lattice.looks` is both this package and the function that lists looks."""

    def __call__(self) -> list[str]:
        names: list[str] = import_module("lattice.looks.where").profile_names()
        return names


sys.modules[__name__].__class__ = _Looks

if not TYPE_CHECKING:  # which would take any name for one of these

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            missing = f"module 'lattice.looks' has no attribute {name!r}"
            raise AttributeError(missing, name=name, obj=sys.modules[__name__])
        return getattr(import_module(f"lattice.looks.{_HOMES[name]}"), name)
