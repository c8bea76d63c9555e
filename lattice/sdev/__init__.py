"""The public SDev: load it by name, apply it, save it; and the number of cores that it may use."""

from lattice.interp.threads import cores
from lattice.sdev.device import SDev
from lattice.sdev.load import load

__all__ = ["SDev", "cores", "load"]
