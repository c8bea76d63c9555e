"""A process list with an SDev's stages is one, with the same pixels; all others are Luts with theirs."""

from __future__ import annotations

import numpy as np
import pytest
from lut_shapes import LUTS, SDEVS, listed, scene

from lattice.interp import process
from lattice.sdev import Lut, SDev
from lattice.sdev.fused import fused


@pytest.mark.parametrize("name", SDEVS)
def test_what_has_an_sdevs_stages_is_one_and_gives_the_same_pixels(name: str) -> None:
    given = listed(SDEVS[name])
    device = fused(given)
    assert device is not None
    image = scene()
    wanted = process.run(given.nodes, image[0].T.astype(np.float64)).T
    found = SDev.from_device(device).apply(image, engine="numpy")[0]
    # Both round a place of at most 33 nodes, and a 3x3 of light up to 2**14 before it, behind which u moves by less
    # than a cell a stop; the display's root at 0 is the steepest of all, so light is compared there.
    power = device.display.gamma if isinstance(device.display.gamma, float) else 1.0
    assert np.abs(found.astype(np.float64) ** power - np.clip(wanted, 0, 1) ** power).max() < 4e-4
    assert np.median(np.abs(found - np.clip(wanted, 0, 1))) < 1e-6


@pytest.mark.parametrize("name", LUTS)
def test_what_has_other_stages_is_a_lut_with_the_same_pixels(name: str) -> None:
    given = listed(LUTS[name])
    assert fused(given) is None
    image = scene()[:, :3000]
    wanted = process.run(given.nodes, image[0].T.astype(np.float64)).T
    lut = Lut.from_list(given)
    for engine in ("numpy", "auto"):
        found = lut.apply(image, engine=engine)[0]  # type: ignore[arg-type]  # of the two
        assert np.quantile(np.abs(found - wanted) / np.maximum(1, np.abs(wanted)), 0.99) < 1e-4
