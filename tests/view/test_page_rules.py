"""Rules of the page: types, accessibility, keys, the vendored file, scopes that count right, no color but amber."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from basics import require
from pages import Served, browser, opened, settled, write_shot

from lattice.view import wire

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["browser"]  # a fixture
PAGE = wire.PAGE
VENDOR = PAGE / "vendor"
TSC = "--allowJs --checkJs --strict --noEmit --target es2022 --module es2022 --moduleResolution bundler"
REACHED = (
    "Wipe",
    "Angle of the wipe",
    "Slot 1",
    "Look in slot 9",
    "Exposure as a number",
    "Play",
    "Frame number",
    "Fit",
)
OWN_RINGS = r"handle|knob|edge|whole|author-"  # classes whose focus is shown by more than an outline


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("shot")
    with Served((write_shot(folder, 4),), author=str(folder / "mine.toml")) as served:
        yield served


@pytest.fixture(scope="module")
def page(browser: Browser, served: Served) -> Iterator[Page]:
    with opened(browser, served, size=(1280, 800)) as page:
        yield page


def test_types_of_all_modules() -> None:
    tsc = shutil.which("tsc")
    if tsc is None:
        require("tsc", "no TypeScript compiler; npm install --global typescript")
    modules = [str(path) for path in sorted(PAGE.rglob("*.js")) if path.parent != VENDOR]
    done = subprocess.run(
        [tsc, *TSC.split(), "--lib", "es2023,dom,dom.iterable", *modules], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_no_module_is_long_and_none_is_bound_to_the_page() -> None:
    for path in PAGE.rglob("*.js"):
        if path.parent == VENDOR:
            continue
        text = path.read_text()
        assert len(text.splitlines()) <= 300, path
        if path.name not in ("main.js", "source.js", "frames.worker.js"):
            assert not re.search(r"\blocation\.|fetch\(|[\"']/(page|frame|sdev|draw)", text), path
        assert not re.search(r"\b(window|globalThis)\.\w+ *=[^=]", text), path


def test_the_vendored_file_is_of_the_recorded_versions() -> None:
    recorded = dict(line.split() for line in (VENDOR / "versions.txt").read_text().splitlines())
    first = (VENDOR / "ui.js").read_text().splitlines()[0]
    said = dict(re.findall(r"([@\w/-]+) (\d+\.\d+\.\d+)", first))
    assert {**said, "esbuild": recorded["esbuild"]} == recorded
    for name in ("preact", "htm", "signals"):
        assert (VENDOR / f"LICENSE-{name}.txt").stat().st_size > 500


def test_no_key_has_two_meanings_and_the_help_has_all(page: Page) -> None:
    keys = page.evaluate("async () => (await import('/page/keys.js')).KEYS.flatMap(({ keys }) => keys)")
    assert len(keys) == len(set(keys)) > 50
    rows = page.evaluate("async () => (await import('/page/keys.js')).helpRows().flatMap(([, rows]) => rows)")
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Keys")
    text = help_.inner_text()
    assert all(row["says"] in text for row in rows)
    page.keyboard.press("Escape")
    assert help_.count() == 0


@pytest.mark.parametrize("state", ["all that can be open", "help", "menu"])
def test_axe_finds_nothing(page: Page, state: str) -> None:
    """With the panel, whose looks have an author, and a wipe, information and marks over the picture; then over it."""
    keys = {"all that can be open": "wixzn", "help": "?", "menu": ""}[state]
    for key in keys:
        page.keyboard.press(key)
    if state == "menu":
        page.get_by_role("button", name="Look in slot 2").click()
    settled(page)
    found = Axe().run(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Home")
    assert [(each["id"], each["nodes"][0]["html"]) for each in found.response["violations"]] == []


def test_everything_is_reached_by_the_tab_key(page: Page) -> None:
    """Each control is focused once on the way round, and its ring is seen."""
    page.keyboard.press("w")
    page.locator(".place").focus()
    names: list[str] = []
    for _ in range(150):
        page.keyboard.press("Tab")
        name = page.evaluate(
            """() => { let at = document.activeElement;
            while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
            return at && [at.getAttribute("aria-label") ?? at.textContent, getComputedStyle(at).outlineStyle,
                at.className.baseVal ?? at.className].join("|"); }"""
        )
        if names and name == names[0]:
            break
        names.append(name)
    page.keyboard.press("w")
    text = " ".join(names)
    for wanted in REACHED:
        assert wanted in text, names
    ringless = [name for name in names if "|none|" in name and not re.search(OWN_RINGS, name)]
    assert not [name for name in ringless if name.split("|")[0].strip()], ringless


SCOPES = "async ([call, ...given]) => [...(await import('/page/scopes.js'))[call](...given)]"


def test_scopes_count_every_pixel_once(page: Page) -> None:
    random = np.random.default_rng(3)
    pixels = random.integers(0, 256, (12, 20, 4)).astype(np.uint8)
    flat = pixels.reshape(-1).tolist()
    bins = np.array(page.evaluate(SCOPES, ["histogram", flat])).reshape(3, 256)
    for k in range(3):
        assert (bins[k] == np.bincount(pixels[..., k].ravel(), minlength=256)).all()
    wave = np.array(page.evaluate(SCOPES, ["waveform", flat, 20, 12])).reshape(3, 256, 20)
    for k in range(3):
        for x in range(20):
            assert (wave[k, :, x] == np.bincount(pixels[:, x, k], minlength=256)).all()
    vector = np.array(page.evaluate(SCOPES, ["vectorscope", flat])).reshape(256, 256)
    assert vector.sum() == 240


def test_the_vectorscope_puts_gray_in_the_middle_and_primaries_where_they_belong(page: Page) -> None:
    cell = "async color => (await import('/page/scopes.js')).chroma(...color)"

    def place(*color: int) -> tuple[int, int]:
        found: int = page.evaluate(cell, color)
        return found % 256 - 128, 128 - found // 256

    assert max(map(abs, place(128, 128, 128))) <= 1
    blue, red, green = place(0, 0, 255), place(255, 0, 0), place(0, 255, 0)
    assert blue[0] > 120
    assert blue[1] < 0
    assert red[1] > 120
    assert red[0] < 0
    assert green[0] < 0
    assert green[1] < 0


def test_halves_are_decoded(page: Page) -> None:
    bits = [0x0000, 0x0001, 0x03FF, 0x0400, 0x3C00, 0x3555, 0x7BFF, 0xC000]
    found = page.evaluate("async bits => bits.map((await import('/page/words.js')).half)", bits)
    assert found == np.array(bits, np.uint16).view(np.float16).astype(float).tolist()


def test_what_playback_shows_next(page: Page) -> None:
    call = "async given => (await import('/page/player.js')).nextOf(...given)"

    def next_of(*given: Any) -> Any:
        return page.evaluate(call, given)

    assert next_of(3, 4, [4, 5]) == {"next": 4, "dropped": 0}
    assert next_of(3, 6, [4, 6, 7]) == {"next": 6, "dropped": 2}
    assert next_of(3, 6, [5]) == {"next": 5, "dropped": 1}
    assert next_of(3, 3, [4]) == {"next": None, "dropped": 0}


CUT = """() => [...document.querySelector("#darkroom").shadowRoot.querySelectorAll("button, .reading, .facts, .dial")]
  .filter((each) => !each.closest(".slots, .author") && each.getClientRects().length &&
    (each.scrollWidth > each.clientWidth + 1 || each.getBoundingClientRect().right > innerWidth))
  .map((each) => each.textContent)"""
OVERLAP = """() => { const all = [...document.querySelector("#darkroom").shadowRoot.querySelectorAll(
    ".top button, .top input, .status .reading, .status button, .drawing > *, .zooms > *, .facts > *")]
    .map((each) => [each, each.getBoundingClientRect()]).filter(([, box]) => box.width);
  return all.flatMap(([a, one]) => all.filter(([b, other]) => a !== b && !a.contains(b) && !b.contains(a) &&
    one.left + 1 < other.right && other.left + 1 < one.right &&
    one.top + 1 < other.bottom && other.top + 1 < one.bottom)
    .map(([b]) => a.textContent + " | " + b.textContent)); }"""


@pytest.mark.parametrize("size", [(640, 640), (970, 640), (1280, 800), (1920, 1080)])
@pytest.mark.parametrize("panel", ["with the panel", "without"])
def test_the_layout_holds(page: Page, size: tuple[int, int], panel: str) -> None:
    """Nothing overflows the window, no text of a button is cut, and no two lie on each other."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    if panel == "without":
        page.keyboard.press("\\")
    page.wait_for_timeout(100)
    found = page.evaluate(CUT), page.evaluate(OVERLAP)
    if panel == "without":
        page.keyboard.press("\\")
    page.set_viewport_size({"width": 1280, "height": 800})
    assert found == ([], [])


def test_scopes_fold_away_for_the_curves(page: Page) -> None:
    def height() -> float:
        box = page.locator(".author").bounding_box()
        assert box is not None
        return box["height"]

    low = height()
    page.keyboard.press("v")
    assert height() > low + 100
    page.get_by_role("button", name="Scopes").click()
    assert height() == low
