"""The authoring panel in a browser: the curve under a hand, typed numbers, keys, lights, faults, undo, save."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from author_samples import info, panel_page
from axe_playwright_python.sync_playwright import Axe
from scipy.interpolate import PchipInterpolator

import lattice
from lattice.build.film import density
from lattice.looks import profile_names
from lattice.types import Curve

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

SPOTS = np.array([[0.3127, 0.329], [0.64, 0.33], [0.15, 0.06]])
SETTLED = 200  # ms: the drawing has its new size
LAYERS = ("red", "green", "blue")


@pytest.fixture(scope="module")
def open_page() -> Iterator[Page]:
    with panel_page() as page:
        yield page


@pytest.fixture
def page(open_page: Page) -> Page:
    """The panel as it opens: nothing edited, the print's curves shown."""
    open_page.reload()
    open_page.wait_for_selector("body[data-ready=yes]", state="attached")
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


# --- the curve between its points


def random_curves() -> list[Curve]:
    random = np.random.default_rng(7)
    steps = random.uniform(0.001, 1, (40, 12))
    rises = random.uniform(0, 0.5, (40, 12)) * (random.random((40, 12)) > 0.3)
    return [Curve(-3 + np.cumsum(x), np.cumsum(d)) for x, d in zip(steps, rises, strict=True)]


def shipped_curves() -> list[Curve]:
    profiles = map(lattice.profile, profile_names())
    return [curve for each in profiles for stock in (each.negative, each.print) for _, curve in stock.curves]


@pytest.mark.parametrize("curves", [shipped_curves, random_curves])
def test_the_curve_is_the_one_that_is_built(open_page: Page, curves: Any) -> None:
    for curve in curves():
        x = np.linspace(curve.log_exposure[0] - 0.3, curve.log_exposure[-1] + 0.3, 157)
        points = {"log_exposure": curve.log_exposure.tolist(), "density": curve.density.tolist()}
        drawn, slope = open_page.evaluate(
            """async ([points, x]) => {
                const { characteristic } = await import("/author/pchip.js");
                const curve = characteristic(points);
                return [x.map(curve.density), x.map(curve.gamma)];
            }""",
            [points, x.tolist()],
        )
        within = (x > curve.log_exposure[0]) & (x < curve.log_exposure[-1])
        wanted = PchipInterpolator(curve.log_exposure, curve.density).derivative()(x) * within
        assert np.abs(np.array(drawn) - density(curve, x)).max() < 1e-12
        assert np.abs(np.array(slope) - wanted).max() < 1e-9 * max(1, wanted.max())


# --- a hand on the points


def test_a_drag_is_one_undo_and_undo_brings_the_curve_back(page: Page) -> None:
    drag(page, middle(point(page, "green", 6)), (4, -12))
    after = edits(page)
    assert list(after["changes"]) == ["print.curves.green"]
    assert len(after["undo"]) == 1
    curve, parent = after["changes"]["print.curves.green"], parent_curve("print", "green")
    assert keeps_the_rules(curve)
    moved = [k for k in range(12) if curve["density"][k] != parent["density"][k]]
    assert moved == [5]
    assert curve["density"][5] > parent["density"][5]
    assert curve["log_exposure"][5] > parent["log_exposure"][5]
    page.get_by_role("button", name="Undo 1").click()
    assert edits(page)["changes"] == {}
    page.get_by_role("button", name="Redo 1").click()
    assert edits(page)["changes"] == after["changes"]


def test_a_drag_tells_the_server_while_it_goes_on_and_once_at_its_end(page: Page) -> None:
    drag(page, middle(point(page, "green", 6)), (4, -12))
    how = [each[3]["dragging"] for each in page.evaluate("test.calls")]
    assert how == [True] * (len(how) - 1) + [False]
    assert len(how) >= 5


@pytest.mark.parametrize("by", [(300, 0), (-300, 0), (0, 400), (0, -400), (300, -400), (-300, 400)])
@pytest.mark.parametrize("number", [1, 6, 12])
def test_the_rules_hold_wherever_a_point_is_dragged(page: Page, number: int, by: tuple[float, float]) -> None:
    drag(page, middle(point(page, "green", number)), by)
    for curve in edits(page)["changes"].values():
        assert keeps_the_rules(curve)
        assert max(curve["density"]) <= 6


def test_only_the_active_layer_takes_the_pointer(page: Page) -> None:
    layer_button(page, "blue").click()
    place = middle(point(page, "blue", 6))
    layer_button(page, "red").click()
    drag(page, place, (0, -8))
    assert list(edits(page)["changes"]) in ([], ["print.curves.red"])
    layer_button(page, "blue").click()
    drag(page, place, (0, -8))
    assert "print.curves.blue" in edits(page)["changes"]


def test_points_of_all_layers_can_be_taken_at_480_pixels(page: Page) -> None:
    for layer in LAYERS:
        layer_button(page, layer).click()
        for number in range(1, 13):
            page.mouse.click(*middle(point(page, layer, number)))
            focused = page.evaluate(
                "document.getElementById('room').shadowRoot.activeElement.getAttribute('aria-label')"
            )
            assert focused == f"{layer} point {number} of 12"
    assert edits(page)["changes"] == {}


def test_shift_makes_a_drag_finer(page: Page) -> None:
    place = middle(point(page, "green", 6))
    page.keyboard.down("Shift")
    drag(page, place, (0, -20))
    page.keyboard.up("Shift")
    fine = edits(page)["changes"]["print.curves.green"]["density"][5] - 1.563
    page.get_by_role("button", name="Undo 1").click()
    drag(page, place, (0, -20))
    coarse = edits(page)["changes"]["print.curves.green"]["density"][5] - 1.563
    assert fine == pytest.approx(coarse / 10, abs=2e-3)


# --- keys and typed numbers


def test_arrows_move_a_point_and_a_key_that_is_held_is_one_move(page: Page) -> None:
    point(page, "green", 6).focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowRight")
    curve = edits(page)["changes"]["print.curves.green"]
    assert (curve["log_exposure"][5], curve["density"][5]) == (0.8578, 1.573)
    assert len(edits(page)["undo"]) == 2
    for _ in range(4):
        page.keyboard.down("ArrowDown")
    page.keyboard.up("ArrowDown")
    after = edits(page)
    assert after["changes"]["print.curves.green"]["density"][5] == 1.533
    assert len(after["undo"]) == 3


def test_tab_goes_to_the_next_layer_and_page_keys_to_the_next_point(page: Page) -> None:
    point(page, "green", 6).focus()
    page.keyboard.press("Tab")
    assert layer_button(page, "blue").get_attribute("aria-pressed") == "true"
    page.keyboard.press("PageUp")
    page.keyboard.press("ArrowUp")
    curve, parent = edits(page)["changes"]["print.curves.blue"], parent_curve("print", "blue")
    assert [k for k in range(12) if curve["density"][k] != parent["density"][k]] == [6]
    page.keyboard.press("Shift+Tab")
    assert layer_button(page, "green").get_attribute("aria-pressed") == "true"


def test_a_point_says_where_it_is(page: Page) -> None:
    assert point(page, "green", 6).get_attribute("aria-valuetext") == "log H 0.857, density 1.563"


def test_enter_gives_the_curve_the_window_and_back(page: Page) -> None:
    graph = page.get_by_role("region", name="print curves")
    narrow = graph.bounding_box()
    point(page, "green", 6).focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(SETTLED)
    wide = graph.bounding_box()
    assert narrow
    assert wide
    assert wide["width"] == 480 > narrow["width"]
    assert wide["height"] == 1400
    drag(page, middle(point(page, "green", 6)), (0, -10))
    page.mouse.click(1100, 30)
    page.keyboard.press("Escape")
    page.wait_for_timeout(SETTLED)
    assert graph.bounding_box() == narrow
    assert len(edits(page)["undo"]) == 1


def test_a_typed_point_is_taken_and_held_by_its_neighbors(page: Page) -> None:
    page.mouse.click(*middle(point(page, "green", 6)))
    for typed, taken in (("1.6", 1.6), ("9", 2.4405), ("-3", 0.78)):
        page.get_by_label("density of the point").fill(typed)
        page.keyboard.press("Enter")
        assert edits(page)["changes"]["print.curves.green"]["density"][5] == taken
    page.get_by_label("log H of the point").fill("5")
    page.keyboard.press("Enter")
    curve = edits(page)["changes"]["print.curves.green"]
    assert curve["log_exposure"][5] == pytest.approx(1.0696 - 0.001)
    assert keeps_the_rules(curve)
    assert len(edits(page)["undo"]) == 4


def test_what_is_typed_stays_while_the_fit_arrives_and_escape_takes_it_back(page: Page) -> None:
    entry = page.get_by_label("density of the point")
    entry.press("Control+A")
    entry.press_sequentially("1.7")
    say(page, quality={"size": 13, "nodes": "fitted", "mean": 0.1, "p99": 0.2, "max": 0.3})
    page.get_by_text("mean 0.10").wait_for()
    assert entry.input_value() == "1.7"
    page.keyboard.press("Escape")
    assert entry.input_value() == "1.563"
    assert edits(page)["changes"] == {}


def test_resets_bring_back_a_point_a_layer_and_all(page: Page) -> None:
    for layer in LAYERS:
        layer_button(page, layer).click()
        for number in (5, 7):
            drag(page, middle(point(page, layer, number)), (0, -6))
    page.get_by_role("button", name="Reset point").click()
    curve, parent = edits(page)["changes"]["print.curves.blue"], parent_curve("print", "blue")
    assert [k for k in range(12) if curve["density"][k] != parent["density"][k]] == [4]
    page.get_by_role("button", name="Reset layer").click()
    assert edits(page)["changes"]["print.curves.blue"] == parent
    assert edits(page)["changes"]["print.curves.red"] != parent_curve("print", "red")
    page.get_by_role("button", name="Reset all layers").click()
    assert edits(page)["changes"] == {f"print.curves.{each}": parent_curve("print", each) for each in LAYERS}
    assert page.get_by_role("button", name="Reset all layers").is_disabled()


# --- lights and fields


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
