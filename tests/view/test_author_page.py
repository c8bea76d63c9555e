"""The authoring panel in a browser: lights, fields, faults, charts, save."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from author_hands import drag, edits, middle, open_page, page, point, say
from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["open_page", "page"]  # fixtures
SPOTS = np.array([[0.3127, 0.329], [0.64, 0.33], [0.15, 0.06]])


def test_a_click_on_the_console_is_a_point(page: Page) -> None:
    page.get_by_role("button", name="red one point more").click()
    page.get_by_role("button", name="blue one point less").click()
    page.get_by_role("button", name="all one point less").click()
    assert edits(page)["changes"] == {"printer_lights": [25, 24, 23]}
    assert len(edits(page)["undo"]) == 3
    page.get_by_label("printer lights, green").focus()
    page.keyboard.press("+")
    page.get_by_label("printer lights, blue").fill("26.5")
    page.keyboard.press("Enter")
    assert edits(page)["changes"] == {"printer_lights": [25, 25, 26.5]}
    page.get_by_role("button", name="Reset printer lights").click()
    assert edits(page)["changes"] == {"printer_lights": [25, 25, 25]}


def test_lights_stay_in_the_range_of_the_printer(page: Page) -> None:
    page.get_by_label("printer lights, red").fill("49.5")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="red one point more").click()
    page.get_by_role("button", name="red one point more").click()
    assert edits(page)["changes"] == {"printer_lights": [50, 25, 25]}


def test_every_kind_of_field_edits_its_value(page: Page) -> None:
    page.get_by_label("print silver", exact=True).fill("0.4")
    page.keyboard.press("Enter")
    page.get_by_label("contrast, green", exact=True).fill("1.1")
    page.keyboard.press("Enter")
    page.get_by_label("aim", exact=True).select_option("cineon")
    page.get_by_label("infrared density", exact=True).fill("0.6")
    page.keyboard.press("Enter")
    page.get_by_role("tab", name="Process").click()
    page.get_by_label("description", exact=True).fill("warm")
    page.keyboard.press("Enter")
    page.get_by_role("tab", name="Display").click()
    page.get_by_label("projection", exact=True).select_option("3200")
    page.get_by_label("nodes a side, slider", exact=True).press("ArrowRight")
    assert edits(page)["changes"] == {
        "print_silver": 0.4,
        "contrast": [1, 1.1, 1],
        "aim": "cineon",
        "print_infrared": 0.6,
        "description": "warm",
        "projection": 3200,
        "size": 15,
    }


def test_an_empty_number_is_none_where_a_field_can_be_none(page: Page) -> None:
    for typed in ("0", ""):
        page.get_by_label("infrared density", exact=True).fill(typed)
        page.keyboard.press("Enter")
        assert edits(page)["changes"] == {"print_infrared": float(typed) if typed else None}
    page.get_by_label("print flash", exact=True).fill("")
    page.keyboard.press("Enter")
    assert "print_flash" not in edits(page)["changes"]


def test_a_slider_that_is_dragged_is_one_undo(page: Page) -> None:
    x, y = middle(page.get_by_label("gray balance, slider"))
    drag(page, (x, y), (-40, 0))
    assert len(edits(page)["undo"]) == 1
    assert edits(page)["changes"]["gray_balance"] < 0.5


@pytest.mark.parametrize("name", ["gray balance, slider", "gray balance", "printer lights, red", "log H of the point"])
def test_a_key_that_is_held_on_a_field_is_one_undo(page: Page, name: str) -> None:
    page.get_by_label(name, exact=True).focus()
    for _ in range(5):
        page.keyboard.down("ArrowUp")
    page.keyboard.up("ArrowUp")
    assert len(edits(page)["undo"]) == 1
    page.keyboard.press("ArrowUp")
    assert len(edits(page)["undo"]) == 2
    values = list(edits(page)["changes"].values())
    steps = {"gray balance, slider": 0.81, "gray balance": 0.81, "printer lights, red": [31, 25, 25]}
    assert values == [steps[name]] if name in steps else values[0]["log_exposure"][5] == 0.863


def test_what_differs_is_amber_and_listed(page: Page) -> None:
    assert page.get_by_text("Nothing differs from premier.").is_visible()
    page.get_by_label("print silver", exact=True).fill("0.4")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="green one point more").click()
    assert page.get_by_text("2 fields differ from premier: printer lights, print silver").is_visible()
    color = page.get_by_label("print silver", exact=True).evaluate("each => getComputedStyle(each).color")
    assert color == "rgb(230, 169, 79)"
    page.get_by_role("button", name="Reset print silver").click()
    assert page.get_by_text("1 field differs from premier: printer lights").is_visible()


def test_faults_are_beside_their_fields(page: Page) -> None:
    faults = [
        {"field": "print_flash", "message": "expected 0 to 0.5, got 0.6"},
        {"field": "print.curves.green.density", "message": "density falls at point 7"},
        {"field": "film_matrix", "message": "expected rows that sum to 1"},
    ]
    say(page, errors=faults)
    row = page.locator("[data-field=print_flash]")
    assert row.get_by_role("alert").inner_text() == "expected 0 to 0.5, got 0.6"
    entry = row.get_by_label("print flash", exact=True)
    assert entry.get_attribute("aria-invalid") == "true"
    described = entry.get_attribute("aria-describedby")
    assert row.get_by_role("alert").get_attribute("id") == described
    assert (
        page.get_by_role("region", name="print curves").get_by_role("alert").inner_text() == "density falls at point 7"
    )
    assert page.get_by_text("film_matrix: expected rows that sum to 1").is_visible()
    page.get_by_role("tab", name="Process").click()
    assert page.get_by_text("print_flash: expected 0 to 0.5, got 0.6 (and 2 more)").is_visible()


# --- save, and the panel as a whole


def test_save_sends_the_changes_and_says_where_they_went(page: Page) -> None:
    page.get_by_role("button", name="red one point more").click()
    page.get_by_label("Name").fill("warm")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("/shots/look.toml").wait_for()
    sent = page.evaluate("test.saved.map(({ slot, name, changes }) => ({ slot, name, changes }))")
    assert sent == [{"slot": 1, "name": "warm", "changes": {"printer_lights": [26, 25, 25]}}]


def test_what_a_save_said_goes_with_the_next_edit(page: Page) -> None:
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved: /shots/look.toml").wait_for()
    page.get_by_role("button", name="red one point more").click()
    assert page.get_by_text("1 field differs from premier: printer lights").is_visible()
    assert page.get_by_text("/shots/look.toml").count() == 0


def test_a_save_that_fails_says_why(page: Page) -> None:
    page.evaluate("() => { test.app.actions.save = () => Promise.reject(new Error('look.toml: the disk is full')); }")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("look.toml: the disk is full").wait_for()


def test_the_quality_of_the_lattice_is_said(page: Page) -> None:
    assert page.get_by_text("13\u00b3, fitted, mean 0.06 p99 0.28 max 0.59").is_visible()
    say(page, quality={"size": 25, "nodes": "sampled"})
    assert page.get_by_text("25\u00b3, sampled", exact=True).is_visible()


def test_charts_show_what_was_loaded_above_what_is_now(page: Page) -> None:
    for name, count in (("Gray ramp", 21), ("ColorChecker", 24)):
        fills = (
            page.get_by_role("img", name=f"{name}, before")
            .locator("rect")
            .evaluate_all("all => all.map(each => each.getAttribute('fill'))")
        )
        assert len(fills) == 2 * count
        assert fills[:count] != fills[count:]
    assert page.get_by_role("img", name="Chromaticities").locator("circle").count() == 48
    say(page, charts=None)
    page.get_by_role("img", name="Gray ramp").wait_for(state="detached")


def test_the_chromaticity_diagram_is_the_standards(open_page: Page) -> None:
    import colour

    locus, spots = open_page.evaluate(
        """async (xy) => {
            const { LOCUS, uv } = await import("/author/chromaticity.js");
            return [LOCUS, xy.map(uv)];
        }""",
        SPOTS.tolist(),
    )
    observer = colour.XYZ_to_xy(colour.MSDS_CMFS["CIE 1931 2 Degree Standard Observer"].values)
    assert all(np.abs(observer - each).max(axis=1).min() < 6e-5 for each in locus)
    assert np.abs(colour.xy_to_Luv_uv(SPOTS) - spots).max() < 1e-12


def test_a_look_without_a_profile_says_that_it_cannot_be_edited(page: Page) -> None:
    page.evaluate("test.app.state.profile.value = null")
    page.get_by_text("has no profile").wait_for()
    page.evaluate("test.app.state.profile.value = test.given.profile")
    point(page, "green", 6).wait_for()


def test_tabs_go_by_arrow_keys(page: Page) -> None:
    page.get_by_role("tab", name="Print").focus()
    page.keyboard.press("ArrowLeft")
    assert page.get_by_role("region", name="negative curves").is_visible()
    assert page.get_by_role("tab", name="Negative").get_attribute("aria-selected") == "true"


@pytest.mark.parametrize("tab", ["Negative", "Print", "Process", "Display"])
def test_axe_finds_nothing(page: Page, tab: str) -> None:
    page.get_by_role("tab", name=tab).click()
    say(page, errors=[{"field": "flare", "message": "too much"}, {"field": "print.curves", "message": "falls"}])
    found = Axe().run(page)
    assert found.response["violations"] == []
