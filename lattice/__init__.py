"""lattice: makes a monitor show what a projected film print would show.

    sdev = lattice.load("premier")     # a shipped profile's name, a profile .toml or a .clf
    graded = sdev.apply(image)         # (H, W, 3 or 4) float16 or float32, scene-linear to display
    sdev.save("premier.clf")           # opens in any OpenColorIO 2 host, the same pixels
    look = lattice.profile("premier")  # a Profile; lattice.Profile(...) makes one in Python

Names are imported when they are first used, so that `import lattice` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lattice.version import __version__

if TYPE_CHECKING:
    from lattice.looks import Profile, Stock
    from lattice.looks import load_profile as profile
    from lattice.sdev import SDev, load
    from lattice.types import LatticeError

__all__ = ["LatticeError", "Profile", "SDev", "Stock", "__version__", "load", "profile"]
_HOMES = {"LatticeError": ("types", "LatticeError"), "Profile": ("looks", "Profile"), "Stock": ("looks", "Stock"),
          "profile": ("looks", "load_profile"), "SDev": ("sdev", "SDev"), "load": ("sdev", "load")}


def __getattr__(name: str) -> Any:
    if name == "build":
        return import_module("lattice.build")
    if name not in _HOMES:
        raise AttributeError(f"module 'lattice' has no attribute {name!r}")
    module, attribute = _HOMES[name]
    return getattr(import_module(f"lattice.{module}"), attribute)
