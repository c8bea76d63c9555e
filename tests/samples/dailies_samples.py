"""A look and a movie's planes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from basics import random_device

from lattice.sdev import SDev
from lattice.types import Display

XY = "output_chromaticities"
FACTS = {"input": "Rec.709", "output": "Rec.709 sRGB", XY: "0.64 0.33 0.3 0.6 0.15 0.06 0.3127 0.329"}


def look(gamma: Any = "sRGB", **facts: str) -> SDev:
    """A device of random nodes that takes Rec.709; the display is as told."""
    device = random_device("trilinear", 5, Display(1.0, np.eye(3), gamma))
    return SDev.from_device(replace(device, provenance={**FACTS, **facts}))


def planes_of(picture: Any) -> dict[str, Any]:
    return {name: np.ascontiguousarray(plane) for name, plane in zip("RGB", picture, strict=True)}
