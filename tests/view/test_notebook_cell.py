"""The viewer in a notebook's cell, in a browser: the loader, the picture, slots, the wipe, keys, a busy kernel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from browser import chromium
from notebook_samples import cell
from pages import HEIGHT, WIDTH, at, picture, pixel, place, settled

import lattice

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow
TOLERANCE = 1  # of 255: the page's canvas passes the browser's color management
LOOKS = ("vision", "premier", "bleach-bypass")
IMAGE = np.stack([picture(0)[name] for name in "RGB"], axis=-1)

DRAWN = """() => [...document.querySelector("#darkroom").shadowRoot.querySelectorAll(".side canvas")].some((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value) => value > 0); })"""  # a scope


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(params=[False, True], ids=["kernel", "gl"])
def page(browser: Browser, built: Any, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The viewer in a cell: drawn by the kernel, and by WebGL."""
    viewer = lattice.view([IMAGE, IMAGE / 2], sdev=[built(name) for name in LOOKS])
    with cell(browser, viewer, request.param) as page:
        yield page
    viewer.close()


def shows(page: Page, x: int, y: int, sdev: Any, light: Any) -> None:
    """Fail unless a picture pixel is what a look makes of light."""
    settled(page)
    origin = page.locator(".place").bounding_box()
    assert origin is not None
    i, j = at(page, (x + 0.5) / WIDTH, (y + 0.5) / HEIGHT)
    found = pixel(page, i - origin["x"], j - origin["y"])
    assert np.abs(np.array(found) - np.rint(255 * sdev.apply(light.astype(np.float32)))).max() <= TOLERANCE


def test_slots_and_a_dragged_wipe(page: Page, built: Any) -> None:
    light, right = IMAGE[20, 20], IMAGE[20, 80]
    shows(page, 20, 20, built("vision"), light)
    page.locator(".place").click(position={"x": 9, "y": 9})
    page.keyboard.press("3")
    shows(page, 20, 20, built("bleach-bypass"), light)
    page.get_by_role("button", name="Slot 1:").click()
    page.keyboard.press("w")
    page.mouse.move(*at(page, 0.5, 0.5))
    page.mouse.down()
    page.mouse.move(*at(page, 0.3, 0.4), steps=4)
    page.mouse.up()
    wipe = page.get_by_role("slider", name="Wipe", exact=True)
    assert wipe.get_attribute("aria-valuetext") == "30 percent across, 40 percent down"
    shows(page, 20, 20, built("vision"), light)
    shows(page, 80, 20, built("bleach-bypass"), right)
    page.locator(".place").focus()
    page.keyboard.press("w")
    page.keyboard.press("ArrowRight")
    shows(page, 20, 20, built("vision"), (IMAGE / 2)[20, 20])


def test_keys_are_the_viewers_only_while_it_has_the_focus(page: Page) -> None:
    page.locator("h1").focus()
    page.keyboard.press("3")
    assert page.get_by_role("button", name="Slot 1:").get_attribute("aria-pressed") == "true"
    assert page.evaluate("keysOfNotebook") == ["3"]
    page.locator(".place").click(position={"x": 9, "y": 9})
    page.keyboard.press("3")
    page.keyboard.press("u")
    assert page.get_by_role("button", name="Slot 3:").get_attribute("aria-pressed") == "true"
    assert page.evaluate("keysOfNotebook") == ["3"]


def test_probe_and_scopes(page: Page, built: Any) -> None:
    page.mouse.move(*at(page, 20.5 / WIDTH, 20.5 / HEIGHT))
    code = built("vision").apply(IMAGE[20, 20].astype(np.float32))
    page.wait_for_function(
        "text => document.querySelector('#darkroom').shadowRoot.querySelector('.foot').textContent.includes(text)",
        arg=f"{code[0]:.3f}",
    )
    page.locator(".place").click(position={"x": 9, "y": 9})
    page.keyboard.press("\\")
    page.wait_for_function(DRAWN)


def test_a_busy_kernel_is_said_and_recovers(browser: Browser, built: Any) -> None:
    viewer = lattice.view(IMAGE, sdev=[built(name) for name in LOOKS])
    with cell(browser, viewer) as page:
        page.evaluate("isBusy = true")
        page.get_by_role("button", name="Slot 2:").click()
        page.locator(".gone").wait_for(timeout=9000)
        assert "kernel does not answer" in page.locator(".gone").inner_text()
        page.evaluate("isBusy = false")
        page.get_by_role("button", name="Slot 3:").click()
        page.mouse.move(*at(page, 0.5, 0.5))
        page.locator(".gone").wait_for(state="detached")
    viewer.close()


def test_settings_stay_in_the_cell_and_the_end_leaves_nothing(browser: Browser, built: Any) -> None:
    viewer = lattice.view(IMAGE, sdev=[built(name) for name in LOOKS])
    with cell(browser, viewer) as page:
        page.get_by_role("button", name="Slot 2:").click()
        assert page.evaluate("sessionStorage.length + localStorage.length") == 0
        assert place(page)["width"] > 300
        page.evaluate("end()")
        assert page.evaluate("document.getElementById('cell').childElementCount + hearing.size") == 0
    viewer.close()
