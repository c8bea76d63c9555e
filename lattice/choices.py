"""Choices that several rooms name, without NumPy, so that the command line can show them."""

from typing import Literal

Interpolation = Literal["trilinear", "tetrahedral"]
Engine = Literal["auto", "native", "numpy", "cuda"]
