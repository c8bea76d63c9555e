"""A look is edited on the page: the picture follows the hand, undo takes it back, save writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pages import Served, browser, canvas_sum, fresh, opened, settled, write_shot

import lattice

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["browser"]  # a fixture
pytestmark = pytest.mark.slow
SAVED = re.compile("^Saved: ")
FITTED = 60_000  # ms that a fit may take on a busy machine
SHOWN = """() => {
  window.shown_ = [];
  addEventListener("frame", () => window.shown_.push(1), true);
}"""
FOCUSED = """() => document.querySelector("#darkroom").shadowRoot.activeElement.getAttribute("aria-label")"""


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("looks") / "mine.toml"


@pytest.fixture(scope="module")
def open_page(browser: Browser, tmp_path_factory: pytest.TempPathFactory, mine: Path) -> Iterator[Page]:
    with (
        Served((write_shot(tmp_path_factory.mktemp("shot"), 2),), ("premier",), str(mine)) as served,
        opened(browser, served, size=(1280, 800)) as page,
    ):
        yield page


@pytest.fixture
def page(open_page: Page) -> Page:
    """The page with the panel; a drag of an earlier test is undone."""
    fresh(open_page)
    open_page.keyboard.press("Control+z")
    open_page.get_by_role("slider", name="green point 6 of 12").wait_for()
    settled(open_page)
    return open_page


def drag_a_point(page: Page) -> None:
    box = page.get_by_role("slider", name="green point 6 of 12").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 24, steps=6)


def test_the_picture_follows_the_hand_rests_fitted_and_undo_takes_it_back(page: Page) -> None:
    before = canvas_sum(page)
    drag_a_point(page)
    settled(page)
    dragged = canvas_sum(page)
    assert dragged != before
    assert "sampled" in page.locator(".sdev").inner_text()
    page.mouse.up()
    page.get_by_text("fitted").first.wait_for(timeout=FITTED)
    assert page.get_by_role("button", name="Slot 1: premier, edited").count() == 1
    page.locator(".place").focus()
    page.keyboard.press("Control+z")
    settled(page)
    assert canvas_sum(page) == before
    page.keyboard.press("Control+Shift+z")
    settled(page)
    assert canvas_sum(page) != before


def test_the_look_is_saved_where_the_command_line_said(page: Page, mine: Path) -> None:
    drag_a_point(page)
    page.mouse.up()
    page.locator(".author").get_by_role("button", name="Save").click()
    page.get_by_text("mine.toml").first.wait_for(timeout=FITTED)
    saved, parent = lattice.profile(str(mine)), lattice.profile("premier")
    assert saved.name == "mine", "not that of the look it began as"
    assert saved.print.curves.green != parent.print.curves.green
    assert saved.print.curves.red == parent.print.curves.red


def test_the_sdev_is_saved_as_clf(page: Page) -> None:
    page.get_by_role("button", name="Look in slot 1").click()
    with page.expect_download(timeout=FITTED) as download:
        item = page.get_by_role("menuitem", name=re.compile(r"^\w+\.clf$"))
        name = item.inner_text()
        item.click()
    assert download.value.suggested_filename == name
    assert name in ("premier.clf", "mine.clf"), "by then it may be saved"


def test_a_key_draws_once_while_it_is_held_and_once_at_rest(browser: Browser, tmp_path: Path) -> None:
    with (
        Served((write_shot(tmp_path, 1),), ("premier",), str(tmp_path / "new.toml")) as served,
        opened(browser, served, size=(1280, 800)) as page,
    ):
        page.get_by_role("slider", name="green point 6 of 12").focus()
        settled(page)
        page.evaluate(SHOWN)
        page.keyboard.down("ArrowUp")
        page.wait_for_function("() => window.shown_.length")
        page.keyboard.up("ArrowUp")
        page.wait_for_timeout(100)  # less than the rest before a fit
        assert page.evaluate("window.shown_.length") == 1
        page.get_by_text("fitted").first.wait_for(timeout=FITTED)
        settled(page)
        assert page.evaluate("window.shown_.length") == 2


def test_after_a_look_is_chosen_by_mouse_space_plays(page: Page) -> None:
    page.get_by_role("button", name="Look in slot 1").click()
    page.get_by_role("menuitemradio", name="premier", exact=True).click()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Stop").wait_for()
    assert page.get_by_role("menu").count() == 0
    assert page.evaluate(FOCUSED) == "Picture"
    page.keyboard.press("Space")
    page.get_by_role("button", name="Look in slot 1").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    assert page.evaluate(FOCUSED) == "Look in slot 1", "by keys one goes on from the menu"


def test_undo_goes_back_past_a_save(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('extends = "premier"\nname = "mine"\nexposure = 0.25\n')
    with (
        Served((write_shot(tmp_path, 1),), ("premier",), str(path)) as served,
        opened(browser, served, size=(1280, 800)) as page,
    ):
        saved, bar = page.get_by_text(SAVED), page.locator(".author")
        page.get_by_role("tab", name="Process").click()
        field = page.locator("[data-field=exposure] input:not([type=range])")
        field.fill("0.5")
        field.press("Enter")
        bar.get_by_role("button", name="Save").click()
        saved.wait_for()
        assert lattice.profile(str(path)).exposure == 0.5
        page.wait_for_timeout(500)  # the page has read what it saved
        bar.get_by_role("button", name="Undo").click()
        saved.wait_for(state="detached")
        assert float(field.input_value()) == 0.25
        field.fill("0.75")
        field.press("Enter")
        page.get_by_text("1 field differs from premier: exposure").wait_for()  # as many steps as at the save
        bar.get_by_role("button", name="Undo").click()
        page.wait_for_timeout(200)
        assert float(field.input_value()) == 0.25
        bar.get_by_role("button", name="Save").click()
        saved.wait_for()
        assert lattice.profile(str(path)).exposure == 0.25
        path.unlink()
        bar.get_by_role("button", name="Redo").click()
        saved.wait_for(state="detached")
        bar.get_by_role("button", name="Save").click()
        saved.wait_for()
        assert lattice.profile(str(path)).exposure == 0.75


def test_a_typed_value_is_undone_by_the_key_and_escape_leaves_the_field(page: Page) -> None:
    page.get_by_role("tab", name="Process").click()
    field = page.locator("[data-field=exposure] input:not([type=range])")
    before = field.input_value()
    field.fill("0.5")
    field.press("Enter")
    page.get_by_role("button", name=re.compile("^Slot 1: .*, edited")).wait_for()
    field.press("Control+z")
    page.get_by_role("button", name=re.compile("^Slot 1: .*, edited")).wait_for(state="detached")
    assert field.input_value() == before
    field.press("Escape")
    assert page.evaluate(FOCUSED.replace("activeElement", "activeElement?")) is None
    page.get_by_role("tab", name="Print").click()


def test_a_page_that_starts_again_shows_what_was_saved(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    with (
        Served((write_shot(tmp_path, 1),), ("vision", "premier"), str(path)) as served,
        opened(browser, served, size=(1280, 800)) as page,
    ):
        page.locator(".place").focus()
        page.keyboard.press("2")
        page.get_by_role("heading", name="premier").wait_for()
        page.get_by_role("slider", name="green point 6 of 12").focus()
        page.keyboard.press("ArrowUp")
        for again in (False, True):
            page.locator(".author").get_by_role("button", name="Save").click()
            page.get_by_text(SAVED).wait_for()
            page.get_by_role("button", name="Slot 2: new", exact=True).wait_for()
            page.reload()
            page.get_by_role("button", name="Slot 2: new", exact=True).wait_for()
            page.locator(".slot.on", has_text="new").wait_for()
            if not again:
                page.get_by_text("1 field differs from premier: print green curve").wait_for()
                page.get_by_role("slider", name="green point 3 of 12").focus()
                page.keyboard.press("ArrowUp")
        page.keyboard.press("1")
        page.get_by_role("heading", name="vision").wait_for()
        page.get_by_role("slider", name="green point 6 of 12").focus()
        page.keyboard.press("ArrowUp")
        its = path.read_bytes()
        page.locator(".author").get_by_role("button", name="Save").click()
        page.get_by_text("it holds the look of slot 2").first.wait_for()
        assert path.read_bytes() == its
    saved, parent = (lattice.profile(each).print.curves.green.density for each in (str(path), "premier"))
    assert [k for k in range(12) if saved[k] != parent[k]] == [2, 5]


def test_an_edit_is_of_the_look_that_the_panel_shows(browser: Browser, tmp_path: Path) -> None:
    with (
        Served((write_shot(tmp_path, 1),), ("vision", "premier"), str(tmp_path / "new.toml")) as served,
        opened(browser, served, size=(1280, 800)) as page,
    ):
        page.get_by_role("slider", name="green point 6 of 12").wait_for()
        page.route("**/profile/2*", lambda route: None)  # it never comes
        page.locator(".place").focus()
        page.keyboard.press("2")
        page.get_by_role("slider", name="green point 6 of 12").focus()
        page.keyboard.press("ArrowUp")
        page.get_by_role("button", name="Slot 1: vision, edited").wait_for()
        assert page.get_by_role("button", name="Slot 2: premier", exact=True).count() == 1


def test_two_tabs_do_not_replace_each_others_file_unseen(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    with (
        Served((write_shot(tmp_path, 1),), ("premier",), str(path)) as served,
        opened(browser, served, size=(1280, 800)) as one,
        opened(browser, served, size=(1280, 800)) as other,
    ):
        for page in (one, other):
            page.get_by_role("slider", name="green point 6 of 12").focus()
            page.keyboard.press("ArrowUp")
        other.locator(".author").get_by_role("button", name="Save").click()
        other.get_by_text(SAVED).wait_for()
        its = path.read_bytes()
        one.keyboard.press("ArrowUp")
        one.locator(".author").get_by_role("button", name="Save").click()
        one.get_by_text("another tab or program wrote it").first.wait_for()
        assert path.read_bytes() == its
        one.locator(".author").get_by_role("button", name="Save").click()
        one.get_by_text(SAVED).wait_for()
        assert path.read_bytes() != its
