"""The darkroom page on the real server: slots, wipe, difference, exposure, probe, zoom, by hand and by keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from browser import chromium
from exr_samples import SAID, save
from pages import HEIGHT, LOOKS, WIDTH, Served, at, opened, picture, pixel, place, settled, write_shot

from lattice.sdev import SDev

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow
TOLERANCE = 1  # of 255: the page's canvas passes the browser's color management


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served((write_shot(tmp_path_factory.mktemp("shot"), 3),)) as served:
        yield served


@pytest.fixture(params=["server", "gl"])
def page(browser: Browser, served: Served, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The page as it opens: vision shown, premier on side B; drawn at the server and by WebGL."""
    with opened(browser, served, request.param, (640, 480)) as page:
        yield page


@pytest.fixture
def drawn(browser: Browser, served: Served) -> Iterator[Page]:
    """The page, drawn at the server."""
    with opened(browser, served, size=(900, 560)) as page:
        yield page


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


def shows(page: Page, x: int, y: int, expected: Any) -> None:
    """Fail unless a picture pixel has these codes, soon."""
    settled(page)
    found = pixel(page, *in_canvas(page, x, y))
    assert np.abs(np.array(found) - expected).max() <= TOLERANCE, (found, expected)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def slot(page: Page, number: int) -> Any:
    return page.get_by_role("button", name=f"Slot {number}:")


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
    assert np.hypot(*np.subtract(at(drawn, 0.25, 0.75), spot)) < 2
    drawn.mouse.down()
    drawn.mouse.move(spot[0] + 30, spot[1] - 20)
    drawn.mouse.up()
    assert np.hypot(*np.subtract(at(drawn, 0.25, 0.75), (spot[0] + 30, spot[1] - 20))) < 2
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


def test_settings_stay_in_the_tab(drawn: Page) -> None:
    press(drawn, "2", "w", "x")
    drawn.reload()
    drawn.wait_for_selector(".overlay .display", state="attached")
    assert slot(drawn, 2).get_attribute("aria-pressed") == "true"
    assert drawn.get_by_role("button", name="Wipe").get_attribute("aria-pressed") == "true"
    assert drawn.get_by_role("button", name="False color").get_attribute("aria-pressed") == "true"


def test_software_webgl_and_none_at_all_leave_drawing_to_the_server(browser: Browser, served: Served) -> None:
    with opened(browser, served, "auto", (900, 560)) as page:
        assert page.locator(".renderer").inner_text() == "drawn by the server"
    with opened(browser, served, "gl", (900, 560)) as page:
        assert page.locator(".renderer").inner_text() == "drawn by WebGL"
        assert "SwiftShader" in str(page.locator(".renderer").get_attribute("title"))
    without = "HTMLCanvasElement.prototype.getContext = new Proxy(HTMLCanvasElement.prototype.getContext, { apply: "
    without += "(call, canvas, [kind, ...more]) => kind === 'webgl2' ? null : call.apply(canvas, [kind, ...more]) })"
    with opened(browser, served, "gl", (900, 560), script=without) as page:
        assert page.locator(".renderer").inner_text() == "drawn by the server"
        assert "the server draws" in page.locator(".messages").inner_text()


def test_a_frame_larger_than_textures_is_shown_as_a_proxy(browser: Browser, tmp_path: Path) -> None:
    wide = {name: np.full((4, 9000), 0.18, np.float16) for name in "RGB"}
    save(tmp_path / "wide.exr", wide, SAID)
    with Served((str(tmp_path / "wide.exr"),)) as served, opened(browser, served, "gl", (480, 360)) as page:
        page.keyboard.press("Control+1")
        page.locator(".limited").wait_for()
        settled(page)
        box = page.locator(".place").bounding_box()
        assert box is not None
        assert pixel(page, box["width"] / 2, box["height"] / 2)[1] > 60  # mid gray, not black or the surround


def test_forty_layers_are_chosen_by_keys(browser: Browser, tmp_path: Path) -> None:
    layers = {f"layer{k:02d}.{name}": np.full((8, 8), 0.01 * k, np.float16) for k in range(1, 41) for name in "RGB"}
    save(tmp_path / "many.exr", layers, SAID)
    with Served((str(tmp_path / "many.exr"),)) as served, opened(browser, served, size=(900, 560)) as page:
        choice = page.get_by_label("Layer")
        assert choice.locator("option").count() == 40
        first = choice.input_value()
        before = pixel(page, 400, 200)
        press(page, "PageDown")
        assert choice.input_value() != first
        settled(page)
        assert pixel(page, 400, 200) != before
