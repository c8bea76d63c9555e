"""Deep EXRs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR


def save_deep(
    path: Path, parts: int = 1, compression: Any = OpenEXR.ZIPS_COMPRESSION, kind: Any = OpenEXR.deepscanline
) -> bytes:
    """Deep scanlines or tiles with 0 to 3 samples a pixel."""
    about: dict[str, Any] = {"type": kind, "compression": compression}
    if kind == OpenEXR.deeptile:
        about["tiles"] = OpenEXR.TileDescription()
        about["tiles"].xSize, about["tiles"].ySize, about["tiles"].mode = 4, 2, OpenEXR.ONE_LEVEL
    random = np.random.default_rng(0)

    def samples() -> Any:
        pixels = np.empty((5, 7), object)
        for place in np.ndindex(5, 7):
            pixels[place] = random.uniform(0, 9, (place[0] + place[1]) % 4).astype(np.float32)
        return pixels

    made = [OpenEXR.Part(dict(about), {"Z": samples()}, f"p{k}") for k in range(parts)]
    OpenEXR.File(made).write(str(path))
    return path.read_bytes()
