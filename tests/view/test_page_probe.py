"""The darkroom page drawn at the server: looks, wipe, channels, probe, zoom and values, by hand and by keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import pytest
from exr_samples import SAID, save
from page_hands import codes, press, shows, slot, value
from pages import HEIGHT, WIDTH, Served, at, browser, fresh, opened, picture, pixel, place, settled, soon, write_shot

from lattice.sdev import SDev

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["browser"]  # a fixture
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("shot")
    layers = {f"layer{k:02d}.{name}": np.full((8, 8), 0.01 * k, np.float16) for k in range(1, 41) for name in "RGB"}
    save(folder / "many.exr", layers, SAID)
    with Served((write_shot(folder, 3), str(folder / "many.exr"))) as served:
        yield served


@pytest.fixture(scope="module")
def open_page(browser: Browser, served: Served) -> Iterator[Page]:
    with opened(browser, served, size=(900, 560)) as page:
        yield page


@pytest.fixture
def drawn(open_page: Page) -> Page:
    """The page as it opens: vision shown, premier on side B."""
    fresh(open_page)
    return open_page


def test_a_look_is_put_into_a_slot(drawn: Page, built: Callable[[str], SDev]) -> None:
    drawn.get_by_role("button", name="Look in slot 5").click()
    drawn.keyboard.press("f")
    assert drawn.evaluate("document.querySelector('#darkroom').shadowRoot.activeElement.textContent") == "fuji"
    drawn.keyboard.press("Enter")
    assert slot(drawn, 5).get_attribute("aria-pressed") == "true"
    shows(drawn, 40, 20, codes(built("fuji"), value(drawn, 40, 20)))


def test_an_empty_slot_says_so(drawn: Page) -> None:
    press(drawn, "9")
    assert "slot 9 is empty" in drawn.locator(".messages").inner_text()
    assert slot(drawn, 1).get_attribute("aria-pressed") == "true"


def test_the_wipe_turns_by_its_knob_and_by_keys(drawn: Page, built: Callable[[str], SDev]) -> None:
    press(drawn, "w")
    knob = drawn.get_by_role("slider", name="Angle of the wipe")
    box = knob.bounding_box()
    assert box is not None
    drawn.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    drawn.mouse.down()
    middle = at(drawn, 0.5, 0.5)
    drawn.mouse.move(middle[0] - 100, middle[1], steps=5)  # the knob to the left: A above
    drawn.mouse.up()
    assert knob.get_attribute("aria-valuenow") == "90"
    shows(drawn, 48, 10, codes(built("vision"), value(drawn, 48, 10)))
    shows(drawn, 48, 44, codes(built("premier"), value(drawn, 48, 44)))
    knob.press("ArrowRight")
    assert knob.get_attribute("aria-valuenow") == "91"
    drawn.get_by_role("slider", name="Wipe", exact=True).press("ArrowLeft")
    assert drawn.get_by_role("slider", name="Wipe", exact=True).get_attribute("aria-valuenow") == "49"


def test_channels(drawn: Page, built: Callable[[str], SDev]) -> None:
    press(drawn, "g")
    green = codes(built("vision"), value(drawn, 40, 20))[1]
    shows(drawn, 40, 20, np.full(3, green))
    press(drawn, "g")
    shows(drawn, 40, 20, codes(built("vision"), value(drawn, 40, 20)))


def readings(page: Page) -> dict[str, list[str]]:
    """The probe's readings by label."""
    found: dict[str, list[str]] = page.evaluate(
        """() => Object.fromEntries(
        [...document.querySelector("#darkroom").shadowRoot.querySelectorAll(".reading")].map(each => [
        each.querySelector(".label").textContent,
        [...each.querySelectorAll("output")].map(each => each.textContent)]))"""
    )
    return found


@pytest.mark.parametrize("spot", [(0, 0), (40, 20), (95, 53)])
def test_the_probe_says_the_files_halves(drawn: Page, spot: tuple[int, int], built: Callable[[str], SDev]) -> None:
    drawn.mouse.move(*at(drawn, (spot[0] + 0.5) / WIDTH, (spot[1] + 0.5) / HEIGHT))
    drawn.wait_for_function(
        "() => document.querySelector('#darkroom').shadowRoot.querySelector('.scene output').textContent !== '\u2013'"
    )
    drawn.wait_for_timeout(300)
    said = readings(drawn)
    light = value(drawn, *spot)
    assert [int(each) for each in said["x y"]] == list(spot)
    assert (np.array(said["scene"], np.float16) == light).all()
    assert [int(each) for each in said["8 bit"]] == codes(built("vision"), light).tolist()
    luminance = light.astype(float) @ [0.2126, 0.7152, 0.0722]
    assert float(said["stops"][0]) == pytest.approx(np.log2(luminance / 0.18), abs=0.006)


def test_the_probe_takes_the_mean_of_an_area_and_moves_by_keys(drawn: Page) -> None:
    drawn.mouse.move(*at(drawn, 10.5 / WIDTH, 10.5 / HEIGHT))
    drawn.keyboard.down("Shift")
    drawn.mouse.down()
    drawn.mouse.move(*at(drawn, 19.5 / WIDTH, 14.5 / HEIGHT), steps=3)
    drawn.mouse.up()
    drawn.keyboard.up("Shift")
    drawn.wait_for_timeout(400)
    said = readings(drawn)
    assert said["area at"] == ["10", "10"]
    assert said["of"] == ["10 \u00d7 5"]
    mean = picture(0)["R"][10:15, 10:20].astype(float).mean()
    assert float(said["mean"][0]) == pytest.approx(mean, rel=1e-4)
    press(drawn, "Escape")
    assert "x y" in readings(drawn)
    before = [int(each) for each in readings(drawn)["x y"]]
    press(drawn, "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowDown")
    assert [int(each) for each in readings(drawn)["x y"]] == [before[0] + 2, before[1] + 1]


def test_zoom_is_about_the_pointer_and_fit_comes_back(drawn: Page) -> None:
    fit = place(drawn)
    spot = at(drawn, 0.25, 0.75)
    drawn.mouse.move(*spot)
    drawn.mouse.wheel(0, -600)
    settled(drawn)
    assert place(drawn)["width"] == pytest.approx(4 * fit["width"], abs=3)
    assert np.hypot(*np.subtract(at(drawn, 0.25, 0.75), spot)) < 4  # outlines are on whole pixels, of a quarter now
    drawn.mouse.down()
    drawn.mouse.move(spot[0] + 30, spot[1] - 20)
    drawn.mouse.up()
    assert np.hypot(*np.subtract(at(drawn, 0.25, 0.75), (spot[0] + 30, spot[1] - 20))) < 4
    press(drawn, "Control+1")
    assert drawn.get_by_label("Zoom", exact=True).inner_text() == "100%"
    assert place(drawn)["width"] == pytest.approx(WIDTH, abs=1.5)
    press(drawn, "f")
    assert place(drawn) == pytest.approx(fit, abs=1)


def test_values_are_written_into_large_pixels(drawn: Page) -> None:
    drawn.mouse.move(*at(drawn, 40.5 / WIDTH, 20.5 / HEIGHT))
    for _ in range(4):
        drawn.mouse.wheel(0, -300)
    drawn.wait_for_selector(".values text", state="attached")
    texts = drawn.locator(".values text").all_text_contents()
    shown_values = {float(text) for text in texts}
    assert any(abs(each - float(picture(0)["R"][20, 40])) < 6e-4 for each in shown_values)


def test_the_picture_is_saved_as_png(drawn: Page) -> None:
    with drawn.expect_download() as download:
        press(drawn, "s")
    assert download.value.suggested_filename == "shot.1001.vision.png"


def test_forty_layers_are_chosen_by_keys(drawn: Page) -> None:
    press(drawn, "]")
    settled(drawn)
    choice = drawn.get_by_label("Layer")
    assert choice.locator("option").count() == 40
    first, before = choice.input_value(), pixel(drawn, 400, 200)
    press(drawn, "PageDown")
    assert choice.input_value() != first
    soon(drawn, lambda: pixel(drawn, 400, 200) != before)


def test_settings_stay_in_the_tab(drawn: Page) -> None:
    press(drawn, "2", "w", "x")
    drawn.reload()
    drawn.wait_for_selector(".overlay .display", state="attached")
    assert slot(drawn, 2).get_attribute("aria-pressed") == "true"
    assert drawn.get_by_role("button", name="Wipe").get_attribute("aria-pressed") == "true"
    assert drawn.get_by_role("button", name="False color").get_attribute("aria-pressed") == "true"
