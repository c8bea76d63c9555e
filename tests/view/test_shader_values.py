"""The page's shader shows the engine's values: by SwiftShader in Chromium, and by Mesa's llvmpipe.

A compiler may fuse, reorder and simplify what the engines do to the letter, so values are compared, not texts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import pytest
from basics import grid, make_device
from gl_samples import Draw, llvmpipe, picture, swiftshader
from wide_samples import tables

from lattice.encodings import SRGB_SLOPE
from lattice.interp import native
from lattice.looks import profile_names
from lattice.sdev import SDev, load
from lattice.types import HALF_MAX, INTERPOLATIONS
from lattice.view import wire

# Of float32 without FMA, in pure and dark colors, where a print multiplies most: half of a 10-bit code is 50 times as
# much. A curve steeper than sRGB's toe may be off by the light that this is there.
MOST_OFF = 1e-5
LARGEST = 129  # nodes along a side, as in a CLF
MOST_LIGHT_OFF = MOST_OFF / SRGB_SLOPE
SMOOTH = ("from -4 to 12", "unbounded", "falling", "falling and unbounded")  # tables without noise
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
    image = np.nan_to_num(picture(), nan=0.0, posinf=HALF_MAX, neginf=-HALF_MAX).astype(np.float32)  # as viewers do
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


# A table of noise multiplies what a 3x3 without FMA rounds; where none comes first, a half's place is exact.
@pytest.mark.parametrize(
    ("name", "size", "matrix"),
    [
        *zip(tables(), (2, 4, 16, 32, 36, 64, 64, LARGEST), (None,) * 8, strict=True),
        *((name, 64, np.array([[0.9, 0.2, -0.1], [-0.2, 1.1, 0.1], [0.1, -0.3, 1.2]])) for name in SMOOTH),
    ],
)
def test_tables_and_lattices_of_any_kind_are_shown_as_the_engine_shows_them(
    name: str, size: int, matrix: Any, driver: Draw
) -> None:
    device = make_device(0.05 + 0.9 * grid(size) ** 0.8, "trilinear", tables()[name], matrix=matrix)
    methods = INTERPOLATIONS if size < LARGEST else INTERPOLATIONS[-1:]  # both find the same nodes; one is 34 MB
    assert {method: off(driver, SDev.from_device(device), method) < MOST_OFF for method in methods} == (
        dict.fromkeys(methods, True)
    )


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


BROKEN_FOR_THE_WIDE = {
    "no halves below 0": ("BITS(scene) < 0 ? HALF_SIGN_BIT : 0", "false ? 1 : 0"),
    "not held": ("hold(u.g, 0.0f, 1.0f)", "hold(u.g, 0.0f, 0.9f)"),
    "a row of nodes off": ("number >> 11", "(number + 1) >> 11"),
}


@pytest.mark.parametrize("change", BROKEN_FOR_THE_WIDE)
def test_a_shader_that_is_broken_for_the_wide_alone_is_caught(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = BROKEN_FOR_THE_WIDE[change]
    text = wire.shader_text()
    assert old in text
    monkeypatch.setattr(wire, "shader_text", lambda: text.replace(old, new))
    device = make_device(grid(16), "trilinear", tables()["unbounded"])
    with llvmpipe() as (_, draw):
        assert off(draw, SDev.from_device(device), "trilinear") > 100 * MOST_OFF
