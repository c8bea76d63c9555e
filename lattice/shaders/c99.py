"""The shared text for DCTL, which is the common subset of CUDA, OpenCL C and Metal."""

from __future__ import annotations

import re

from lattice.shaders.constants import constants, with_constants
from lattice.shaders.language import Frame
from lattice.shaders.numbers import BRACES
from lattice.shaders.shared import Shared
from lattice.types import SDevData


def dctl(device: SDevData, says: str) -> str:
    """Return the DCTL of an SDev, its data in the text. Raises LatticeError if they do not fit."""
    held = constants(device)
    frame = Frame("dctl.dctl", BRACES, change=lambda text: _c99(with_constants(text, held)))
    return frame.filled(device, says, held.fields("f"), held.numbers)


def _c99(text: Shared) -> Shared:
    """Return the text with typedefs for its structs, casts in C's way, and matrices that are in constant memory."""
    facts = re.sub(r"struct (\w+) (\{.*?\n?\});", r"typedef struct \2 \1;", text.facts, flags=re.DOTALL)
    functions = re.sub(r"\b(float|int)\(", r"(\1)(", text.functions)
    return Shared(facts, re.sub(r"const float (\w+)\[\d+\]", r"__CONSTANTREF__ float* \1", functions))
