"""The public SDev and Lut: load them by name, apply them, save them; and the number of cores that they may use."""

from lattice.interp.threads import cores
from lattice.sdev.device import SDev
from lattice.sdev.load import AnySDev, load
from lattice.sdev.lut import Lut

__all__ = ["AnySDev", "Lut", "SDev", "cores", "load"]
