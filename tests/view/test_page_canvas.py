"""Who draws on the page's canvas, and in which color space: that of the monitor, as the browser says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from page_hands import press, shows, value
from pages import Served, browser, opened, write_shot

from lattice.sdev import SDev
from lattice.view.plain import plain

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["browser"]  # a fixture
pytestmark = pytest.mark.slow
NO_WEBGL = """HTMLCanvasElement.prototype.getContext = new Proxy(HTMLCanvasElement.prototype.getContext, { apply:
  (call, canvas, [kind, ...more]) => kind === "webgl2" ? null : call.apply(canvas, [kind, ...more]) });"""
WIDE = """const ask = matchMedia;
window.matchMedia = (query) => query === "(color-gamut: p3)" ? { matches: true } : ask.call(window, query);"""
APART = 2  # codes by which the two displays differ, at least, where they are compared


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served((write_shot(tmp_path_factory.mktemp("shot"), 1),)) as served:
        yield served


def status(page: Page) -> str:
    return page.locator(".drawing").inner_text()


def test_software_webgl_leaves_drawing_to_the_server(browser: Browser, served: Served) -> None:
    with opened(browser, served, "auto") as page:
        assert "drawn by the server" in status(page)
        assert "canvas sRGB" in status(page)
        assert "monitor sRGB" in status(page)


@pytest.mark.parametrize(("script", "asks"), [("", "/sdev"), (NO_WEBGL, "/draw")], ids=["gl", "no WebGL2"])
def test_a_wide_monitor_has_a_canvas_and_looks_of_its_own(
    script: str, asks: str, browser: Browser, served: Served, built: Callable[[str], SDev]
) -> None:
    with opened(browser, served, "gl", script=WIDE + script) as page:
        if script:
            assert "the server draws" in page.locator(".messages").inner_text()
        else:
            assert "SwiftShader" in str(page.locator(".renderer").get_attribute("title"))
        assert all(each in status(page) for each in ("canvas Display P3", "monitor P3"))
        asked: list[Any] = []
        page.on("request", lambda each: asked.append(each.post_data_json) if each.url.endswith(asks) else None)

        def shows_codes(sdev: SDev) -> Any:
            light = value(page, 40, 20).astype(np.float32)
            codes = 255 * sdev.apply(light[None, None])[0, 0]
            shows(page, 40, 20, codes)
            return codes

        press(page, "2")
        wide = shows_codes(built("premier").with_display("Display P3"))
        press(page, "0")
        shows_codes(plain().with_display("Display P3"))
        press(page, "2")
        page.get_by_role("button", name="canvas Display P3").click()
        assert np.abs(wide - shows_codes(built("premier"))).max() > APART
        assert "canvas raw codes" in status(page)
        references = [each.get("a", each) for each in asked]
        assert {each["canvas"] for each in references} == {"display-p3", "raw"}
        page.get_by_role("button", name="canvas raw codes").click()
        shows_codes(built("premier").with_display("Display P3"))
