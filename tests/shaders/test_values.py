"""Exported shaders show the SDev's codes, each run by what runs its language here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from basics import ROOT, grid, make_device, one_line, random_device
from shader_samples import DRIVERS, Draw, Pixels, scene_picture
from tolerance import HDR, POWER, exact_codes
from truths import SRGB
from wide_samples import tables

from lattice.interp import native
from lattice.sdev import SDev, load
from lattice.shaders import LANGUAGES
from lattice.types import HALF_CODES, FilmStage, SDevData, Step, Table

pytestmark = pytest.mark.slow

# Of float32 without FMA, in pure and dark colors, where a print multiplies most: tests/view/test_shader_values.py.
MOST_OFF = 1e-5
# Data inside a text are at fewer places, with straight lines between: half of a 10-bit code.
MOST_LEFT_OUT = 1 / 1023 / 2
# Powers and logarithms of a renderer are approximations: of Cycles 7e-6 of a code.
RENDERERS = 2e-5
SAME_BITS = ("cuda", "msl")  # where the compiler keeps every operation as it is written
LAST_LIVE = 0x7000
ENTRIES, SHIFT = 1025, 3  # what constants.py finds for 13^3: of a curve, and of a table by half codes
DEVICES: dict[str, Callable[[], SDevData]] = {
    "premier": lambda: load("premier"),
    "premier of ACEScg": lambda: load("premier").with_input("ACEScg"),
    "premier in PQ": lambda: load("premier").with_display("pq@203"),
    "premier in HLG": lambda: load("premier").with_display("HLG"),
    "premier at gamma 2.2": lambda: load("premier").with_display("gamma 2.2"),
    "bleach-bypass": lambda: load("bleach-bypass"),
    "vision-camera": lambda: load("vision-camera"),
    "vision-scan": lambda: load("vision-scan"),
    "identity": lambda: SDev.from_device(make_device(grid(13))),
}
# Looks whose codes move slowly enough with light that one number holds for all.
NOT_STEEP = ("premier", "premier in HLG", "bleach-bypass", "vision-camera", "vision-scan", "identity")
LARGEST = ("exr-print-5248", "negative-bleach-bypass")  # of all shipped looks: without data in the text, and with them
PAGE = (ROOT / "docs" / "shaders.md").read_text()
SCENE = scene_picture()
FINITE = np.clip(np.nan_to_num(SCENE, posinf=0, neginf=0), -65504, 65504) * [1, 1, 1, 0] + [0, 0, 0, 1]


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def draw(language: str) -> Iterator[Draw]:
    with DRIVERS[language]() as made:
        yield made


def by(device: SDevData, interpolation: Any) -> SDevData:
    return replace(device, lattice=replace(device.lattice, interpolation=interpolation))


def held_by(language: str, device: SDevData) -> SDevData:
    """The device whose data are in a text: every second entry of a long curve, every eighth half of a table."""
    if LANGUAGES[language].has_files:
        return device
    if isinstance(device.table, FilmStage):
        steps = (
            step if step.curves is None or step.curves.shape[1] <= ENTRIES else Step(step.matrix, step.curves[:, ::2])
            for step in device.table.steps
        )
        return replace(device, table=FilmStage(device.table.floor, tuple(steps)))
    codes = np.arange(0x7C00)
    known = np.minimum(np.arange(0, 0x7C00 + (1 << SHIFT), 1 << SHIFT), 0x7BFF)
    values = device.table.values.copy()
    for k in range(3):
        values[:0x7C00, k] = np.interp(codes, np.arange(len(known)) << SHIFT, values[known, k])
    return replace(device, table=Table(values))


@cache
def truth(name: str, interpolation: str, embedded: bool) -> tuple[SDevData, Pixels, Pixels]:
    """The device, the definition's codes of FINITE or SCENE, and how far float32 may be from each."""
    device = by(DEVICES[name](), interpolation)
    exact, bound = exact_codes(held_by("dctl" if embedded else "glsl330", device), SCENE, interpolation)
    more = HDR if device.display.is_hdr else POWER
    return device, exact.T.reshape(*SCENE.shape[:2], 3), bound.T.reshape(*SCENE.shape[:2], 3) + more


def by_native(device: SDevData) -> Pixels:
    codes = np.empty_like(SCENE)
    native.apply(device, SCENE, codes, device.lattice.interpolation)
    return codes


def usable(language: str) -> Any:
    """Which pixels can be compared: a renderer passes no NaN and no infinity."""
    return np.isfinite(SCENE).all(axis=-1) if language == "osl" else np.ones(SCENE.shape[:2], bool)


def drawn(draw: Draw, language: str, device: SDevData, text: str = "") -> Pixels:
    scene = FINITE.astype(np.float32) if language == "osl" else SCENE
    return draw(text or LANGUAGES[language].text(device), device, scene)


@pytest.mark.parametrize("name", [name for name in DEVICES if "HLG" not in name])  # which mixes channels: no bound
def test_codes_are_the_definitions(name: str, language: str, draw: Draw, interpolation: Any) -> None:
    embedded = not LANGUAGES[language].has_files
    device, exact, bound = truth(name, interpolation, embedded)
    codes, seen = drawn(draw, language, device), usable(language)
    found = codes[..., :3]
    assert (np.abs(found - exact) <= bound + RENDERERS * (language == "osl"))[seen].all()
    if language != "osl":
        assert np.array_equal(codes[..., 3], SCENE[..., 3])


@pytest.mark.parametrize("name", NOT_STEEP)
def test_codes_are_the_engines(name: str, language: str, draw: Draw) -> None:
    device = DEVICES[name]()
    wanted, codes = by_native(device), drawn(draw, language, device)
    if language in SAME_BITS:
        assert np.array_equal(codes, wanted)
    most = MOST_OFF if LANGUAGES[language].has_files else MOST_LEFT_OUT
    assert np.abs(codes - wanted)[usable(language)][:, :3].max() < most


def test_the_page_tells_the_largest_errors(language: str, draw: Draw) -> None:
    row = re.search(rf"^\| `{language}` \|.*\| (\S+)(?: \((\S+)\))?(?:, of five looks)? \|$", PAGE, re.MULTILINE)
    assert row is not None
    devices = [load(name) for name in (("premier",) if language == "osl" else LARGEST)]
    off = [np.abs(drawn(draw, language, each) - by_native(each))[usable(language)][:, :3] for each in devices]
    measured = max(each.max() for each in off), max(np.quantile(each, 0.999) for each in off)
    for found, page in zip(measured, map(float, (row[1], row[2] or 0)), strict=True):
        assert page / 2 <= found <= 1.05 * page


def test_a_random_device_is_read_in_the_right_order(language: str, draw: Draw, interpolation: Any) -> None:
    device = random_device(interpolation, 5, SRGB)
    if not LANGUAGES[language].has_files:  # whose tables rise, and end before the largest half
        rising = np.sort(device.table.values[:LAST_LIVE], axis=0)
        codes = np.minimum(np.arange(HALF_CODES), LAST_LIVE - 1)
        codes[0x7C01:] = 0  # NaN and negatives
        device = held_by(language, replace(device, table=Table(rising[codes])))
    exact, bound = (part.T.reshape(*SCENE.shape[:2], 3) for part in exact_codes(device, SCENE, interpolation))
    found = drawn(draw, language, device)[..., :3]
    assert (np.abs(found - exact) <= bound + POWER + RENDERERS * (language == "osl"))[usable(language)].all()


@pytest.mark.parametrize("name", ["noise", "falling and unbounded"])
def test_a_table_of_any_values_is_read(name: str, language: str, draw: Draw, interpolation: Any) -> None:
    device = make_device(0.05 + 0.9 * grid(16) ** 0.8, interpolation, tables()[name])
    if not LANGUAGES[language].has_files:
        one_line(lambda: LANGUAGES[language].text(device), "expected a table with one entry for all negatives and NaN")
        return
    exact, bound = (part.T.reshape(*SCENE.shape[:2], 3) for part in exact_codes(device, SCENE, interpolation))
    assert (np.abs(drawn(draw, language, device)[..., :3] - exact) <= bound + POWER).all()


def test_a_broken_text_is_caught(language: str, draw: Draw) -> None:
    device = DEVICES["vision-camera"]()
    text = LANGUAGES[language].text(device)
    sizes = "sdev_size - 1" if language == "osl" else "sdev.size - 1"
    assert text.count(sizes) == 1
    codes = drawn(draw, language, device, text.replace(sizes, sizes.removesuffix(" - 1")))
    assert np.abs(codes - by_native(device))[usable(language)][:, :3].max() > 100 * MOST_OFF
