"""The page's shader shows the engine's values: by SwiftShader in Chromium, and by Mesa's llvmpipe.

A compiler may fuse, reorder and simplify what the engines do to the letter, so values are compared, not texts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import pytest
from gl_samples import Draw, llvmpipe, picture, swiftshader

from lattice.encodings import SRGB_SLOPE
from lattice.interp import native
from lattice.looks import profile_names
from lattice.sdev import SDev, load
from lattice.types import INTERPOLATIONS
from lattice.view import wire

# Of float32 without FMA, in pure and dark colors, where a print multiplies most: half of a 10-bit code is 50 times as
# much. A curve steeper than sRGB's toe may be off by the light that this is there.
MOST_OFF = 1e-5
MOST_LIGHT_OFF = MOST_OFF / SRGB_SLOPE
DISPLAYS = ("Rec.1886", "P3-DCI", "DCDM", "gamma 2.2", "pq@203", "HLG")
DRIVERS = {"swiftshader": swiftshader, "llvmpipe": llvmpipe}


@pytest.fixture(scope="module", params=DRIVERS)
def driver(request: pytest.FixtureRequest) -> Iterator[Draw]:
    made: AbstractContextManager[tuple[str, Draw]] = DRIVERS[request.param]()
    with made as (renderer, draw):
        assert request.param in renderer.lower()
        yield draw


def off(draw: Draw, sdev: SDev, interpolation: Any) -> float:
    """The largest difference of a code from the native engine's; 0 where light is not off."""
    image = picture().astype(np.float32)
    wanted = np.empty_like(image)
    native.apply(sdev, image, wanted, interpolation)
    codes = draw(sdev, interpolation)
    light, wanted_light = (sdev.display.decode(each.astype(np.float64)) for each in (codes, wanted))
    is_off = (sdev.display.gamma == "sRGB") | (np.abs(light - wanted_light) > MOST_LIGHT_OFF)
    return float(np.abs(codes - wanted)[is_off].max(initial=0))


@pytest.mark.slow
@pytest.mark.parametrize("look", profile_names())
def test_every_look_is_shown_as_the_engine_shows_it(look: str, driver: Draw) -> None:
    sdev = load(look)
    assert {method: off(driver, sdev, method) < MOST_OFF for method in INTERPOLATIONS} == dict.fromkeys(
        INTERPOLATIONS, True
    )


@pytest.mark.parametrize("display", DISPLAYS)
def test_every_encoding_is_shown_as_the_engine_shows_it(display: str, driver: Draw) -> None:
    assert off(driver, load("premier").with_display(display), "trilinear") < MOST_OFF


def test_an_input_of_other_primaries_is_shown_as_the_engine_shows_it(driver: Draw) -> None:
    for look in ("premier", "vision-5219"):
        assert off(driver, load(look).with_input("ACEScg"), "tetrahedral") < MOST_OFF


BROKEN = {
    "axes swapped": (
        "FMA(FMA(corner.r, size, corner.g), size, corner.b)",
        "FMA(FMA(corner.b, size, corner.g), size, corner.r)",
    ),
    "a cell off": ("float cells = float(device_a.size - 1)", "float cells = float(device_a.size)"),
    "rounded by a sum that compilers fold": ("roundEven((a) * (b))", "((a) * (b))"),
    "a table's entry off": ("(code) - device.first", "(code) + 1 - device.first"),
    "infinity as NaN": ("return half_bits == size ? HALF_MAX : -HALF_MAX;", "return 0.0;"),
}


@pytest.mark.parametrize("change", BROKEN)
def test_a_broken_shader_is_caught(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = BROKEN[change]
    text = wire.shader_text()
    assert old in text
    monkeypatch.setattr(wire, "shader_text", lambda: text.replace(old, new))
    with llvmpipe() as (_, draw):  # a scan's table; a film-out's curves
        assert max(off(draw, load(look), "trilinear") for look in ("vision-scan", "premier")) > 100 * MOST_OFF
