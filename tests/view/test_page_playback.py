"""The darkroom page plays: every frame in order or counted as dropped; broken frames; a server that ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pages import Served, browser, canvas_sum, frames, fresh, opened, settled, soon, write_shot

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["browser"]  # a fixture
pytestmark = pytest.mark.slow
COUNT, SHORT = 40, 8
BROKEN = 1004


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A shot, and a short one with a frame that cannot be read."""
    whole, broken = (tmp_path_factory.mktemp(name) for name in ("whole", "broken"))
    with Served((write_shot(whole, COUNT), write_shot(broken, SHORT, broken=BROKEN))) as served:
        yield served


@pytest.fixture(scope="module", params=["server", "gl"])
def open_page(browser: Browser, served: Served, request: pytest.FixtureRequest) -> Iterator[Page]:
    with opened(browser, served, request.param, (480, 360)) as page:
        yield page


@pytest.fixture
def page(open_page: Page) -> Page:
    """The page as it opens, drawn at the server and by WebGL."""
    fresh(open_page)
    return open_page


def dropped(page: Page) -> int:
    return int(page.locator(".dropped").inner_text().split()[0])


def plays_to_the_end(page: Page) -> list[int]:
    """Play from here once, and return the frames that were shown."""
    loops = page.get_by_role("button", name="Loop").get_attribute("aria-pressed") == "true"
    if loops:
        page.keyboard.press("o")
    page.evaluate("window.frames_ = []")
    page.keyboard.press("Space")
    page.wait_for_selector("button[aria-label=Play]", timeout=30_000)
    page.keyboard.press("o")
    return frames(page)


def test_every_frame_is_shown_once_and_in_order_or_counted(page: Page) -> None:
    seen = plays_to_the_end(page)
    playing = [frame for i, frame in enumerate(seen) if i == 0 or frame != seen[i - 1]]  # the last again, at rest
    assert playing == sorted(set(playing))
    assert playing[-1] == COUNT - 1
    assert len([frame for frame in playing if frame > 0]) + dropped(page) == COUNT - 1
    assert page.get_by_label("Frame number").input_value() == str(1000 + COUNT)


def test_a_frame_that_cannot_be_read_is_said_in_its_place(page: Page) -> None:
    page.keyboard.press("]")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    fault = page.locator(".fault")
    fault.wait_for()
    assert f"shot.{BROKEN}.exr" in fault.inner_text()
    page.keyboard.press("ArrowRight")
    fault.wait_for(state="detached")
    page.keyboard.press("Home")
    settled(page)
    assert plays_to_the_end(page)[-1] == SHORT - 1


def test_a_lost_context_is_rebuilt(page: Page) -> None:
    if page.get_by_text("drawn by WebGL").count() == 0:
        return
    before = canvas_sum(page)
    page.evaluate(
        """() => new Promise(done => {
        const canvas = document.querySelector("#darkroom").shadowRoot.querySelector(".screen canvas");
        const lose = canvas.getContext("webgl2").getExtension("WEBGL_lose_context");
        canvas.addEventListener("webglcontextrestored", () => setTimeout(done, 50));
        lose.loseContext();
        setTimeout(() => lose.restoreContext(), 100); })"""
    )
    settled(page)
    assert canvas_sum(page) == before


def test_frames_are_gone_to_by_keys_field_and_timeline(browser: Browser, served: Served) -> None:
    with opened(browser, served, size=(900, 560)) as page:
        number = page.get_by_label("Frame number")
        page.keyboard.press("ArrowRight")
        assert number.input_value() == "1002"
        page.keyboard.press("Home")
        page.keyboard.press("ArrowLeft")
        assert number.input_value() == str(1000 + COUNT)
        number.fill("1030")
        number.press("Enter")
        assert page.get_by_role("slider", name="Frame", exact=True).get_attribute("aria-valuetext") == "frame 1030"
        box = page.locator(".rail").bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + box["width"] * 10.5 / COUNT, box["y"] + 12)
        assert number.input_value() == "1011"
        page.wait_for_selector(".rail .cached", state="attached")
        held = int(re.findall(rf"(\d+)/{COUNT} cached", page.locator(".facts").inner_text())[0])
        assert held > 0
        page.keyboard.press("End")  # the timeline has the focus; playback goes round, and stops where it is
        settled(page)  # no frame of before comes any more
        page.evaluate("window.frames_ = []")
        page.keyboard.press("Space")
        page.wait_for_selector("button[aria-label=Stop]")
        page.wait_for_function("() => window.frames_.some(frame => frame < 10)", timeout=15_000)
        page.keyboard.press("Space")
        assert page.get_by_role("button", name="Stop").count() == 0
        settled(page)
        assert number.input_value() == str(1001 + frames(page)[-1])


def test_a_server_that_ends_is_said_and_comes_back_or_asks_for_its_address(browser: Browser, tmp_path: Path) -> None:
    with Served((write_shot(tmp_path, 2),)) as served, opened(browser, served) as page:
        served.stop()
        gone = page.locator(".gone")
        gone.wait_for(timeout=10_000)
        assert "does not answer" in gone.inner_text()
        before = canvas_sum(page)
        page.keyboard.press("2")
        page.wait_for_timeout(300)
        assert canvas_sum(page) == before
        served.start()
        gone.wait_for(state="detached", timeout=15_000)
        soon(page, lambda: canvas_sum(page) != before)  # what was asked for meanwhile
        served.stop()
        gone.wait_for(timeout=10_000)
        assert served.door is not None
        served.door = type(served.door)(served.door.scheme, served.door.names, served.door.port)
        served.start()
        page.get_by_text("started anew").wait_for(timeout=15_000)


def test_two_tabs_do_not_disturb_each_other(browser: Browser, served: Served) -> None:
    with opened(browser, served, size=(480, 360)) as one, opened(browser, served, size=(480, 360)) as two:
        one.keyboard.press("2")
        two.keyboard.press("3")
        settled(one)
        settled(two)
        assert one.get_by_role("button", name="Slot 2:").get_attribute("aria-pressed") == "true"
        assert two.get_by_role("button", name="Slot 3:").get_attribute("aria-pressed") == "true"
        assert canvas_sum(one) != canvas_sum(two)
