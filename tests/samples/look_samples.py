"""An Iridas look as text."""

from __future__ import annotations

import numpy as np

NODES = np.random.default_rng(8).normal(size=(4, 4, 4, 3)).astype(np.float32)
DIGITS = NODES.transpose(2, 1, 0, 3).astype("<f4").tobytes().hex().upper()
ROWS = "\n".join(DIGITS[first : first + 64] for first in range(0, len(DIGITS), 64))


def text(size: str = '"4"', digits: str = ROWS, more: str = "") -> bytes:
    return (
        f'<?xml version="1.0" ?>\n<look><shaders><base><visible>"1"</visible></base></shaders>{more}\n<LUT>'
        f'<size>{size}</size>\n<data>"\n{digits}"</data></LUT></look>'
    ).encode()
