"""The SDev a user holds: find it by name, apply it, save it, check it; the cores it may use."""

from lattice.interp.threads import cores
from lattice.sdev.device import SDev
from lattice.sdev.load import load

__all__ = ["SDev", "cores", "load"]
