"""What tests do on the authoring panel alone, and what its store then has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from author_samples import info, panel_page

import lattice
from lattice.types import Curve

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

LAYERS = ("red", "green", "blue")


@pytest.fixture(scope="module")
def open_page() -> Iterator[Page]:
    with panel_page() as page:
        yield page


@pytest.fixture
def page(open_page: Page) -> Page:
    """The panel as it opens: nothing edited, the print's curves shown."""
    open_page.evaluate("start()")
    open_page.get_by_role("slider", name="green point 6").wait_for()
    return open_page


def edits(page: Page) -> dict[str, Any]:
    """Return the edits of slot 1 as the page's store has them."""
    found: dict[str, Any] = page.evaluate("test.app.state.edits.value[1] ?? {changes: {}, undo: [], redo: []}")
    return found


def point(page: Page, layer: str, number: int) -> Locator:
    return page.get_by_role("slider", name=f"{layer} point {number} of 12")


def layer_button(page: Page, layer: str) -> Locator:
    return page.get_by_role("group", name="Layer").get_by_role("button", name=layer)


def middle(locator: Locator) -> tuple[float, float]:
    box = locator.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, start: tuple[float, float], by: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + by[0], start[1] + by[1], steps=5)
    page.mouse.up()


def keeps_the_rules(curve: dict[str, list[float]]) -> bool:
    """True if the server takes these points for a curve."""
    return bool(Curve(np.array(curve["log_exposure"]), np.array(curve["density"])).density.size == 12)


def parent_curve(stock: str, layer: str) -> dict[str, list[float]]:
    curve = getattr(getattr(lattice.profile("premier"), stock).curves, layer)
    return {"log_exposure": curve.log_exposure.tolist(), "density": curve.density.tolist()}


def say(page: Page, **facts: Any) -> None:
    """Let the server say something else of the SDev."""
    page.evaluate("facts => { test.app.state.sdevInfo.value = facts; }", {**info(), **facts})
