"""The curve of the authoring panel in a browser: between its points, under a hand, by keys and by typed numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from author_hands import (
    LAYERS,
    drag,
    edits,
    keeps_the_rules,
    layer_button,
    middle,
    open_page,
    page,
    parent_curve,
    point,
    say,
)
from scipy.interpolate import PchipInterpolator

import lattice
from lattice.build.film import density
from lattice.looks import profile_names
from lattice.types import Curve

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["open_page", "page"]  # fixtures
SETTLED = 200  # ms: the drawing has its new size


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


@pytest.mark.parametrize("number", [1, 6, 12])
def test_the_rules_hold_wherever_a_point_is_dragged(page: Page, number: int) -> None:
    for by in ((300, 0), (-300, 0), (0, 400), (0, -400), (300, -400), (-300, 400)):
        drag(page, middle(point(page, "green", number)), by)
        for curve in edits(page)["changes"].values():
            assert keeps_the_rules(curve)
            assert max(curve["density"]) <= 6
        undo = page.get_by_role("button", name="Undo 1")
        if undo.count():
            undo.click()


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
