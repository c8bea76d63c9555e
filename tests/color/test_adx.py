"""Academy Density Exchange: known densities, and OpenColorIO's own transforms."""

from __future__ import annotations

import numpy as np
import pytest

from lattice.color.adx import decode_adx


@pytest.mark.parametrize(("bits", "gray"), [(10, 445), (16, 7120)])
def test_mid_gray_is_mid_gray(bits, gray):
    np.testing.assert_allclose(decode_adx(np.full((1, 3), gray), bits), 0.18, rtol=1e-4)


def test_light_rises_with_density():
    light = decode_adx(np.arange(1024)[:, None] * np.ones(3), 10)
    assert light.dtype == np.float64
    assert (np.diff(light, axis=0) >= 0).all()
    assert (light > 0).all()


@pytest.mark.parametrize(("bits", "most"), [(10, 1023), (16, 20_000)])  # OpenColorIO holds light at a half's largest
def test_opencolorios_transform(ocio, bits, most):
    codes = np.random.default_rng(bits).integers(0, most + 1, (2000, 3))
    config = ocio.Config.CreateRaw()
    transform = config.getProcessor(ocio.BuiltinTransform(f"ADX{bits}_to_ACES2065-1")).getDefaultCPUProcessor()
    theirs = (codes / (2**bits - 1)).astype(np.float32)
    transform.applyRGB(theirs)
    np.testing.assert_allclose(decode_adx(codes, bits), theirs, rtol=2e-5, atol=2e-6)
