"""The darkroom page on the real server, drawn there and by WebGL: slots, wipe, difference, exposure, color spaces."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import pytest
from exr_samples import SAID, save
from page_hands import codes, press, shown_by, shows, slot, value
from pages import LOOKS, Served, at, browser, fresh, opened, pixel, settled, soon, write_shot

from lattice.sdev import SDev

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["browser"]  # a fixture
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("shot")
    save(folder / "wide.exr", {name: np.full((4, 9000), 0.18, np.float16) for name in "RGB"}, SAID)
    with Served((write_shot(folder, 3), str(folder / "wide.exr"))) as served:
        yield served


@pytest.fixture(scope="module", params=["server", "gl"])
def open_page(browser: Browser, served: Served, request: pytest.FixtureRequest) -> Iterator[Page]:
    with opened(browser, served, request.param) as page:
        yield page


@pytest.fixture
def page(open_page: Page) -> Page:
    """The page as it opens: vision shown, premier on side B; drawn at the server and by WebGL."""
    fresh(open_page)
    return open_page


def test_slots_by_key_and_by_hand(page: Page, built: Callable[[str], SDev]) -> None:
    light = value(page, 40, 20)
    shows(page, 40, 20, codes(built("vision"), light))
    press(page, "3")
    assert slot(page, 3).get_attribute("aria-pressed") == "true"
    shows(page, 40, 20, codes(built("bleach-bypass"), light))
    slot(page, 2).click()
    shows(page, 40, 20, codes(built("premier"), light))
    press(page, "t")  # the two last
    shows(page, 40, 20, codes(built("bleach-bypass"), light))


def test_the_wipe_keeps_its_place_in_the_picture_under_zoom(page: Page, built: Callable[[str], SDev]) -> None:
    press(page, "w")
    handle = page.get_by_role("slider", name="Wipe", exact=True)
    start, end = at(page, 0.5, 0.5), at(page, 0.3, 0.4)
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=4)
    page.mouse.up()
    assert handle.get_attribute("aria-valuetext") == "30 percent across, 40 percent down"
    left, right = value(page, 20, 10), value(page, 40, 10)
    shows(page, 20, 10, codes(built("vision"), left))
    shows(page, 40, 10, codes(built("premier"), right))
    page.mouse.move(*at(page, 0.4, 0.5))
    page.mouse.wheel(0, -300)  # twice as large, about the pointer
    settled(page)
    assert handle.get_attribute("aria-valuenow") == "30"
    box = handle.bounding_box()
    assert box is not None
    assert np.hypot(*np.subtract((box["x"] + box["width"] / 2, box["y"] + box["height"] / 2), at(page, 0.3, 0.4))) < 2
    shows(page, 26, 20, codes(built("vision"), value(page, 26, 20)))
    shows(page, 32, 20, codes(built("premier"), value(page, 32, 20)))


def test_difference(page: Page, built: Callable[[str], SDev]) -> None:
    press(page, "d")
    light = value(page, 40, 20)
    a, b = (shown_by(built(name), light) for name in LOOKS[:2])
    shows(page, 40, 20, np.rint(255 * np.clip(8 * np.abs(a - b), 0, 1)))
    press(page, "Shift+1")  # the same look on both sides
    shows(page, 40, 20, np.zeros(3))


def test_exposure_gamma_and_reset(page: Page, built: Callable[[str], SDev]) -> None:
    light = value(page, 40, 20)
    press(page, "e")
    page.keyboard.type("1.5")
    press(page, "Enter")
    dial = page.locator(".dial").first
    assert "changed" in str(dial.get_attribute("class"))
    assert page.locator("#exposure").input_value() == "+1.50"
    shows(page, 40, 20, codes(built("vision"), light * np.float32(2**1.5)))
    press(page, "Control+ArrowUp", "Control+ArrowDown", "Control+ArrowDown")
    assert page.locator("#exposure").input_value() == "+1.25"
    press(page, "Control+Home")
    assert page.locator("#exposure").input_value() == "+0.00"
    assert "changed" not in str(dial.get_attribute("class"))
    press(page, "y")
    page.keyboard.type("2")
    press(page, "Enter")
    code = codes(built("vision"), light) / 255
    shows(page, 40, 20, np.rint(255 * code**0.5))
    page.get_by_role("button", name="Reset").click()
    shows(page, 40, 20, codes(built("vision"), light))
    assert page.get_by_role("button", name="Reset").is_disabled()


def test_a_frame_larger_than_textures_is_shown_as_a_proxy(page: Page) -> None:
    press(page, "]")
    settled(page)
    press(page, "Control+1")
    assert page.locator(".limited").count() == page.get_by_text("drawn by WebGL").count()
    box = page.locator(".place").bounding_box()
    assert box is not None
    soon(page, lambda: pixel(page, box["width"] / 2, box["height"] / 2)[1] > 60)  # mid gray, not black or surround
