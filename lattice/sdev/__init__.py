"""The SDev a user holds: find it by name, apply it, save it, check it."""

from lattice.sdev.device import SDev
from lattice.sdev.load import load

__all__ = ["SDev", "load"]
