"""The darkroom page plays: every frame in order or counted as dropped; broken frames; a server that ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import chromium
from pages import Served, canvas_sum, frames, opened, settled, write_shot

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow
COUNT = 60
BROKEN = 1004


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served((write_shot(tmp_path_factory.mktemp("shot"), COUNT),)) as served:
        yield served


def dropped(page: Page) -> int:
    return int(page.locator(".dropped").inner_text().split()[0])


def is_playing(page: Page) -> bool:
    return page.get_by_role("button", name="Stop").count() == 1


@pytest.mark.parametrize("draw", ["server", "gl"])
def test_every_frame_is_shown_once_and_in_order_or_counted(browser: Browser, served: Served, draw: str) -> None:
    with opened(browser, served, draw, (480, 360)) as page:
        page.keyboard.press("o")  # stop at the end
        page.evaluate("window.frames_ = []")
        page.keyboard.press("Space")
        page.wait_for_selector("button[aria-label=Play]", timeout=30_000)
        seen = frames(page)
        playing = [frame for i, frame in enumerate(seen) if i == 0 or frame != seen[i - 1]]  # the last again, at rest
        assert playing == sorted(set(playing))
        assert playing[-1] == COUNT - 1
        assert len([frame for frame in playing if frame > 0]) + dropped(page) == COUNT - 1
        assert page.get_by_label("Frame number").input_value() == str(1000 + COUNT)


def test_playback_goes_round_and_stops_where_it_is(browser: Browser, served: Served) -> None:
    with opened(browser, served, size=(640, 480)) as page:
        page.keyboard.press("End")
        page.keyboard.press("Space")
        page.wait_for_function("() => window.frames_.slice(-6).join().match(/(^|,)[0-9],/)", timeout=15_000)
        page.keyboard.press("Space")
        assert not is_playing(page)
        settled(page)
        assert page.get_by_label("Frame number").input_value() == str(1001 + frames(page)[-1])


def test_frames_by_keys_field_and_timeline(browser: Browser, served: Served) -> None:
    with opened(browser, served, size=(900, 560)) as page:
        number = page.get_by_label("Frame number")
        page.keyboard.press("ArrowRight")
        assert number.input_value() == "1002"
        page.keyboard.press("Home")
        page.keyboard.press("ArrowLeft")
        assert number.input_value() == "1060"
        number.fill("1030")
        number.press("Enter")
        assert page.get_by_role("slider", name="Frame", exact=True).get_attribute("aria-valuetext") == "frame 1030"
        box = page.locator(".rail").bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + box["width"] * 10.5 / COUNT, box["y"] + 12)
        assert number.input_value() == "1011"
        page.wait_for_selector(".rail .cached", state="attached")
        held = int(re.findall(r"(\d+)/60 cached", page.locator(".facts").inner_text())[0])
        assert held > 0


@pytest.mark.parametrize("draw", ["server", "gl"])
def test_a_frame_that_cannot_be_read_is_said_in_its_place(browser: Browser, tmp_path: Path, draw: str) -> None:
    with Served((write_shot(tmp_path, 8, broken=BROKEN),)) as served, opened(browser, served, draw, (480, 360)) as page:
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        fault = page.locator(".fault")
        fault.wait_for()
        assert f"shot.{BROKEN}.exr" in fault.inner_text()
        page.keyboard.press("ArrowRight")
        fault.wait_for(state="detached")
        page.keyboard.press("o")
        page.keyboard.press("Home")
        settled(page)
        page.evaluate("window.frames_ = []")
        page.keyboard.press("Space")
        page.wait_for_selector("button[aria-label=Play]", timeout=20_000)
        assert frames(page)[-1] == 7


def test_a_server_that_ends_is_said_and_comes_back(browser: Browser, tmp_path: Path) -> None:
    with Served((write_shot(tmp_path, 4),)) as served, opened(browser, served, size=(900, 560)) as page:
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
        page.wait_for_timeout(500)
        assert canvas_sum(page) != before  # what was asked for meanwhile


def test_a_server_of_another_start_asks_for_its_address(browser: Browser, tmp_path: Path) -> None:
    with Served((write_shot(tmp_path, 2),)) as served, opened(browser, served, size=(900, 560)) as page:
        served.stop()
        page.locator(".gone").wait_for(timeout=10_000)
        assert served.door is not None
        served.door = type(served.door)(served.door.scheme, served.door.names, served.door.port)
        served.start()
        page.get_by_text("started anew").wait_for(timeout=15_000)


def test_two_tabs_do_not_disturb_each_other(browser: Browser, served: Served) -> None:
    with opened(browser, served, size=(640, 480)) as one, opened(browser, served, size=(640, 480)) as two:
        one.keyboard.press("2")
        two.keyboard.press("3")
        settled(one)
        settled(two)
        assert one.get_by_role("button", name="Slot 2:").get_attribute("aria-pressed") == "true"
        assert two.get_by_role("button", name="Slot 3:").get_attribute("aria-pressed") == "true"
        assert canvas_sum(one) != canvas_sum(two)


def test_a_lost_context_is_rebuilt(browser: Browser, served: Served) -> None:
    with opened(browser, served, "gl", (480, 360)) as page:
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
