"""lattice: makes a monitor show what a projected film print would show.

    sdev = lattice.load("premier")     # a shipped look's name, a profile .toml, a LUT file or a Profile
    graded = sdev.apply(image)         # (..., 3 or 4) numbers, scene-linear to display
    sdev.save("premier.clf")           # opens in any OpenColorIO 2 host, the same pixels
    look = lattice.profile("premier")  # a Profile; lattice.Profile(...) makes one in Python
    harder = look.replace(print_silver=0.35)
    harder.sdev()                      # the SDev of a Profile, same as lattice.load(harder)
    harder.save("harder.toml")         # TOML that extends premier, with only the changed fields
    light = lattice.to_linear(codes, "LogC3")  # a camera's codes, for sdev.with_input("ARRI Wide Gamut 3")
    lattice.looks(), lattice.stocks()  # names of the shipped looks and stocks
    lattice.match.fit(lattice.match.references("patches.csv"))  # a look from what was measured, or from a LUT
    lattice.view("shot.exr", sdev="premier")  # in a notebook: the picture through the look, with slots, wipe, probe

Names are imported on first use, so that `import lattice` takes almost no time.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from lattice.version import __version__

if TYPE_CHECKING:
    from lattice import build, match
    from lattice.color.decoded import to_linear
    from lattice.looks import Profile, Stock
    from lattice.looks import load_profile as profile
    from lattice.looks import stock_names as stocks
    from lattice.sdev.device import SDev
    from lattice.sdev.load import load
    from lattice.sdev.lut import Lut
    from lattice.types import LatticeError
    from lattice.view.notebook import show as view

    def looks() -> list[str]: ...


__all__ = [
    "LatticeError",
    "Lut",
    "Profile",
    "SDev",
    "Stock",
    "__version__",
    "build",
    "load",
    "looks",
    "match",
    "profile",
    "stocks",
    "to_linear",
    "view",
]
_HOMES = {
    "LatticeError": ("types", "LatticeError"),
    "Lut": ("sdev", "Lut"),
    "Profile": ("looks", "Profile"),
    "Stock": ("looks", "Stock"),
    "profile": ("looks", "load_profile"),
    "stocks": ("looks", "stock_names"),
    "SDev": ("sdev", "SDev"),
    "load": ("sdev", "load"),
    "to_linear": ("color.decoded", "to_linear"),
}

if not TYPE_CHECKING:  # a type checker that sees __getattr__ accepts any name

    def __getattr__(name: str) -> Any:
        if name in ("build", "looks", "match", "view"):
            return import_module(f"lattice.{name}")
        if name not in _HOMES:
            raise AttributeError(f"module 'lattice' has no attribute {name!r}", name=name, obj=sys.modules[__name__])
        module, attribute = _HOMES[name]
        return getattr(import_module(f"lattice.{module}"), attribute)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__} - {"Any", "TYPE_CHECKING", "annotations", "import_module", "sys", "_HOMES"})
