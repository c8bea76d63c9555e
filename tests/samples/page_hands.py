"""What tests do on the darkroom page, and what it must show then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pages import HEIGHT, WIDTH, at, picture, pixel, soon

from lattice.sdev import SDev

if TYPE_CHECKING:
    from playwright.sync_api import Page

TOLERANCE = 1  # of 255: the page's canvas passes the browser's color management


def value(page: Page, x: int, y: int) -> Any:
    """The scene values of a pixel of the first frame."""
    return np.array([plane[y, x] for name, plane in sorted(picture(0).items(), key=lambda each: "RGB".index(each[0]))])


def shown_by(sdev: SDev, light: Any) -> Any:
    """The codes of a look on the canvas, 0 to 1."""
    return sdev.with_display("sRGB").apply(np.asarray(light, np.float32)[None, None])[0, 0]


def codes(sdev: SDev, light: Any) -> Any:
    """What a look shows, 0 to 255."""
    return np.rint(255 * np.clip(shown_by(sdev, light), 0, 1))


def in_canvas(page: Page, x: int, y: int) -> tuple[float, float]:
    """The middle of a picture pixel, in canvas pixels."""
    origin = page.locator(".place").bounding_box()
    assert origin is not None
    i, j = at(page, (x + 0.5) / WIDTH, (y + 0.5) / HEIGHT)
    return i - origin["x"], j - origin["y"]


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def slot(page: Page, number: int) -> Any:
    return page.get_by_role("button", name=f"Slot {number}:")


def shows(page: Page, x: int, y: int, expected: Any) -> None:
    """Fail unless a picture pixel has these codes, soon."""

    def off() -> Any:
        return np.abs(np.array(pixel(page, *in_canvas(page, x, y))) - expected).max()

    soon(page, lambda: off() <= TOLERANCE)
