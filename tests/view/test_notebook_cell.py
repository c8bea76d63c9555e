"""The viewer in a notebook's cell, in a browser: the loader, the picture, slots, the wipe, keys, a busy kernel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from notebook_samples import cell
from pages import HEIGHT, WIDTH, at, browser, picture, pixel, place, settled, soon

import lattice

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["browser"]  # a fixture
pytestmark = pytest.mark.slow
TOLERANCE = 1  # of 255: the page's canvas passes the browser's color management
LOOKS = ("vision", "premier", "bleach-bypass")
IMAGE = np.stack([picture(0)[name] for name in "RGB"], axis=-1)

DRAWN = """() => [...document.querySelector("#darkroom").shadowRoot.querySelectorAll(".side canvas")].some((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value) => value > 0); })"""  # a scope


@contextmanager
def shown(browser: Browser, built: Any, has_gpu: bool = False) -> Iterator[Page]:
    """The viewer in a cell: drawn by the kernel, or by WebGL."""
    viewer = lattice.view([IMAGE, IMAGE / 2], sdev=[built(name) for name in LOOKS])
    with cell(browser, viewer, has_gpu) as page:
        yield page
    viewer.close()


@pytest.fixture(scope="module")
def page(browser: Browser, built: Any) -> Iterator[Page]:
    with shown(browser, built) as page:
        yield page


def shows(page: Page, x: int, y: int, sdev: Any, light: Any) -> None:
    """Fail unless a picture pixel is what a look makes of light."""
    origin = page.locator(".place").bounding_box()
    assert origin is not None
    i, j = at(page, (x + 0.5) / WIDTH, (y + 0.5) / HEIGHT)
    spot, codes = (i - origin["x"], j - origin["y"]), np.rint(255 * sdev.apply(light.astype(np.float32)))
    soon(page, lambda: np.abs(np.array(pixel(page, *spot)) - codes).max() <= TOLERANCE)


def uses_slots_and_a_wipe(page: Page, built: Any) -> None:
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


@pytest.mark.parametrize("has_gpu", [False, True], ids=["kernel", "gl"])
def test_slots_and_a_dragged_wipe(browser: Browser, built: Any, has_gpu: bool) -> None:
    with shown(browser, built, has_gpu) as page:
        uses_slots_and_a_wipe(page, built)


def test_keys_and_the_wheel_are_the_viewers_only_while_it_has_the_focus(page: Page) -> None:
    page.locator("h1").focus()
    page.keyboard.press("3")
    assert page.get_by_role("button", name="Slot 1:").get_attribute("aria-pressed") == "true"
    assert page.evaluate("keysOfNotebook") == ["3"]
    zoom = page.get_by_label("Zoom", exact=True)
    before = zoom.inner_text()
    page.mouse.move(*at(page, 0.5, 0.5))
    page.mouse.wheel(0, -300)
    settled(page)
    assert zoom.inner_text() == before
    page.locator(".place").click(position={"x": 9, "y": 9})
    page.keyboard.press("3")
    page.keyboard.press("u")
    assert page.get_by_role("button", name="Slot 3:").get_attribute("aria-pressed") == "true"
    assert page.evaluate("keysOfNotebook") == ["3"]
    page.mouse.move(*at(page, 0.5, 0.5))
    page.mouse.wheel(0, -300)
    soon(page, lambda: zoom.inner_text() != before)
    page.keyboard.press("f")
    page.keyboard.press("1")


def test_probe_and_scopes(page: Page, built: Any) -> None:
    page.mouse.move(*at(page, 20.5 / WIDTH, 20.5 / HEIGHT))
    code = built("vision").apply(IMAGE[20, 20].astype(np.float32))
    page.wait_for_function(
        "text => document.querySelector('#darkroom').shadowRoot.querySelector('.foot').textContent.includes(text)",
        arg=f"{code[0]:.3f}",
    )
    page.locator(".place").click(position={"x": 9, "y": 9})
    page.keyboard.press("v")
    page.wait_for_function(DRAWN)
    assert page.locator(".renderer").inner_text() == "drawn by the kernel"


def test_a_busy_kernel_is_said_and_recovers_and_the_end_leaves_nothing(browser: Browser, built: Any) -> None:
    with shown(browser, built) as page:
        page.evaluate("isBusy = true")
        page.get_by_role("button", name="Slot 2:").click()
        page.locator(".gone").wait_for(timeout=9000)
        assert "kernel does not answer" in page.locator(".gone").inner_text()
        page.evaluate("isBusy = false")
        page.get_by_role("button", name="Slot 3:").click()
        page.mouse.move(*at(page, 0.5, 0.5))
        page.locator(".gone").wait_for(state="detached")
        assert page.evaluate("sessionStorage.length + localStorage.length") == 0
        assert place(page)["width"] > 300
        page.evaluate("end()")
        assert page.evaluate("document.getElementById('cell').childElementCount + hearing.size") == 0
