"""OpenColorIO as a host of our CLFs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np


def host(ocio: Any, path: Path, image: Any) -> Any:
    """What OpenColorIO makes of float32 pixels through a CLF, without approximations."""
    ocio.ClearAllCaches()  # it keeps files by path
    transform = ocio.FileTransform(str(path), interpolation=ocio.INTERP_BEST)
    processor = ocio.Config.CreateRaw().getProcessor(transform)
    cpu = processor.getOptimizedCPUProcessor(ocio.OPTIMIZATION_LOSSLESS)
    pixels = np.ascontiguousarray(image, np.float32).copy()
    cpu.applyRGB(pixels)
    return pixels
