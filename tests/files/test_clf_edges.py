"""OpenColorIO shows our pixels of a look with a film stage, of what no picture should hold too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import scene
from ocio_host import host
from tolerance import OCIO, exact_codes

from lattice.types import INTERPOLATIONS, Lattice

# What a film stage must bear: black, negative light, pure and impure emitters, the ends of the half range.
EDGES = np.array(
    [
        *((0, 0, 0), (-1, -1, -1), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (0, 1, 1), (1, 0, 1)),
        *((1, -0.5, -0.5), (-0.5, 1, -0.5), (-0.5, -0.5, 1), (-0.26, 1, 0.1), (-0.05, 1, 0), (0.3, -0.03, 1)),
        *((1e-8, 1e-8, 1e-8), (6e-8, 1, 6e-8), (1e-4, 1e-4, 1e-4)),
    ]
)
ENDS = [(-65504, 65504, -65504), (65504, 65504, 65504), (65504, 0, 0), (0, 65504, 0), (0, 0, 65504)]


@pytest.mark.slow
@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
@pytest.mark.parametrize("name", ["vision", "vision-5219", "premier-5219", "exr-print-5248"])
def test_another_host_shows_our_pixels_of_a_look_with_a_film_stage(
    name: str, interpolation: Any, built: Any, ocio: Any, tmp_path: Path
) -> None:
    sdev = replace(built(name), lattice=Lattice(built(name).lattice.nodes, interpolation))
    sdev.save(tmp_path / "look.clf")
    image = scene(200_000).astype(np.float32)
    edges = np.concatenate([*(EDGES * gain for gain in (1, 0.01, 0.18, 4, 64)), ENDS]).astype(np.float32)[None]
    for pixels in (image, edges):
        off = np.abs(host(ocio, tmp_path / "look.clf", pixels) - sdev.apply(pixels))[0]
        # Where a saturated color leaves the display's gamut, what a film stage's logarithms round shows most.
        assert (off <= OCIO).mean() > 0.99999
        assert (off <= OCIO + exact_codes(sdev, pixels, interpolation)[1].T).all()
