"""Each rule of a file's report fails alone, each note is written alone, in one line; the text has all measurements."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lattice.inspect.domain import Domain
from lattice.inspect.foreign_report import FileReport, Finite, Ramp, Reached
from lattice.inspect.nodes import Folds, Outlier

CODES = Domain(np.zeros(3), np.ones(3), is_light=False, told=False, primaries="")
LIGHT = Domain(np.full(3, 0.01), np.full(3, 46.08), is_light=True, told=True, primaries="Rec.709")
RAMP = Ramp(fall=0.0, fall_at=0.0, jump=1.0, jump_at=0.5, rise=0.9, ends=(0.01, 0.02))
DIP = replace(RAMP, fall=0.01, fall_at=0.25)
GOOD = FileReport(
    "made up",
    ("3x3 matrix", "3D LUT 17^3, tetrahedral"),
    CODES,
    outside=(0.0, 0.0),
    finite=Finite(0, (), 0),
    range=Reached(0.0, (0.0, 0.0, 0.0), 1.0, (1.0, 1.0, 1.0), 0.8, 0.1, mirrored=False, spread=1.0),
    ramps=dict.fromkeys(("gray", "red", "green", "blue"), RAMP),
    tint=(0.012, 0.5),
    outliers=(),
    compared=(4913, 4913),
    folds=(Folds(3, 12, 24_576, 0.0004),),
    bits=None,
    change=0.2,
)
WRONG = Outlier("node 3 4 5 of the LUT3D", (3, 4, 5), 2, 0.95, 0.59)
RULES: dict[str, tuple[dict[str, Any], str]] = {
    "no number": ({"finite": Finite(7, (0.5, 0.25, 0.0), 3)}, "finite: expected numbers, got NaN or infinity of 7 "
                  "colors, such as 0.5 0.25 0"),
    "a wrong node": ({"outliers": (WRONG,)}, "nodes: expected a node like those beside it, got node 3 4 5 of the "
                     "LUT3D: blue is 0.95, its neighbours give 0.59; correct it in the file"),
    "gray dips": ({"ramps": {**GOOD.ramps, "gray": DIP}}, "gray: expected a ramp that goes back by 0.002 at most, got "
                  "0.010 up to 0.25; look at its gray ramp: lattice plot"),
    "gray falls": ({"ramps": {**GOOD.ramps, "gray": replace(DIP, rise=-0.9)}}, "gray: expected a ramp that goes back "
                   "by 0.002 at most, got 0.010 up to 0.25; it is a negative, or upside down"),
    "gray is no number": ({"ramps": {**GOOD.ramps, "gray": replace(DIP, fall=float("nan"))}}, "gray: expected a ramp "
                          "that goes back by 0.002 at most, got nan up to 0.25; look at its gray ramp: lattice plot"),
}  # fmt: skip
NOTES: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({"change": 1e-4}, "it does nothing: colors stay as they are"),
    "below the domain": ({"outside": (0.06, 0.0)}, "clipped domain: 6 % of the codes from 0 to 1 are below it, and "
                         "gray still moves there"),
    "above a domain of light": ({"outside": (0.0, 0.32), "domain": LIGHT}, "clipped domain: 32 % of natural colors are "
                                "above it, and gray still moves there"),
    "odd": ({"finite": Finite(0, (), 3)}, "NaN, infinities or numbers far beyond codes give NaN or infinity"),
    "below": ({"range": replace(GOOD.range, low=-0.01)}, "values from -0.01 to 1: files of integers cut what is below "
              "0 or above 1"),
    "above": ({"range": replace(GOOD.range, high=1.01)}, "values from 0 to 1.01: files of integers cut what is below "
              "0 or above 1"),
    "mirrored": ({"range": replace(GOOD.range, mirrored=True)}, "colors are mirrored, as where two channels are "
                 "swapped or a table is upside down"),
    "ramps": ({"ramps": {**GOOD.ramps, "red": DIP, "blue": DIP}}, "pure ramps go back: red by 0.010, blue by 0.010"),
    "jump": ({"ramps": {**GOOD.ramps, "green": replace(RAMP, jump=5.5)}}, "a step of the green ramp is 5.5 times those "
             "around it, at 0.5"),
    "folds": ({"folds": (*GOOD.folds, Folds(900, 0, 24_576, 0.02))}, "folds: 2 % of the lattice's volume is turned "
              "inside out; different colors become one"),
    "one color": ({"range": replace(GOOD.range, spread=1e-4)}, "it gives one color, whatever goes in"),
    "bits": ({"bits": 8}, "values are multiples of 1/255 (8 bits): gradients may band"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "line"), RULES.values(), ids=RULES)
def test_each_rule_fails_alone(change: dict[str, Any], line: str) -> None:
    report = replace(GOOD, **change)
    assert report.failures == (line,)
    assert not report.good
    assert f"  FAILED {line}" in str(report).splitlines()
    assert "passes" not in str(report)


@pytest.mark.parametrize(("change", "line"), NOTES.values(), ids=NOTES)
def test_each_note_is_written_alone_and_fails_nothing(change: dict[str, Any], line: str) -> None:
    report = replace(GOOD, **change)
    assert report.notes == (line,)
    assert report.good
    assert f"  NOTE {line}" in str(report).splitlines()


BOUNDS: dict[str, dict[str, Any]] = {
    "outside": {"outside": (0.01, 0.01)},
    "outside, at rest": {"outside": (0.2, 0.2), "ramps": dict.fromkeys(GOOD.ramps, replace(RAMP, ends=(0.002, 0.0)))},
    "range": {"range": replace(GOOD.range, low=-0.001, high=1.001)},
    "ramps": {"ramps": dict.fromkeys(GOOD.ramps, replace(RAMP, fall=0.002, jump=4.0))},
    "folds": {"folds": (Folds(9, 0, 24_576, 0.001),)},
    "black and white": {"range": replace(GOOD.range, mirrored=True, reached=0.001)},
}


@pytest.mark.parametrize("change", BOUNDS.values(), ids=BOUNDS)
def test_at_its_bound_a_rule_is_silent(change: dict[str, Any]) -> None:
    assert (replace(GOOD, **change).failures, replace(GOOD, **change).notes) == ((), ())


def test_the_text_has_a_line_for_each_measurement() -> None:
    assert str(GOOD).splitlines() == [
        "made up: 3x3 matrix; 3D LUT 17^3, tetrahedral",
        "  takes     codes: the file does not say it, its tables do",
        "  domain    0 to 1; all codes from 0 to 1 are inside",
        "  numbers   every half and odd floats, NaN and infinities too, give numbers",
        "  range     0 at 0 0 0 to 1 at 1 1 1",
        "  gray      never goes back; tint 0.0120 of code at most, at 0.5",
        "  ramps     red, green and blue never go back",
        "  steps     none is larger than usual",
        "  nodes     none of 4,913 out of line with those around",
        "  folds     3 of 24,576 tetrahedra are turned inside out, 0.04 % of the volume; 12 are flat",
        "  gamut     fills 80 % of the cube of codes; 10 % of colors have a channel at 0 or 1, or beyond",
        "  change    0.2000 of code at most",
        "  passes: numbers, nodes and gray are in order",
    ]


def test_the_text_of_light_has_stops_and_no_change() -> None:
    lines = str(replace(GOOD, domain=LIGHT, outside=(0.042, 0.0))).splitlines()
    assert "  takes     linear light, Rec.709 primaries" in lines
    within = "  domain    0.01 to 46.08 (-4.2 to +8.0 stops); 4.2 % of natural colors have a channel below, 0 % above"
    assert within in lines
    assert "  gray      never goes back; tint 0.0120 of code at most, at +1.5 stops" in lines
    assert not [line for line in lines if line.startswith("  change")]
    unequal = replace(LIGHT, last=np.array([1.0, 2.0, 3.0]))
    assert "  domain    red 0.01 to 1, green 0.01 to 2, blue 0.01 to 3; " in str(replace(GOOD, domain=unequal))


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"domain": replace(CODES, said="LogC3 codes, Rec.709 primaries")}, "takes     LogC3 codes, Rec.709 primaries"),
        (
            {"domain": replace(CODES, first=np.full(3, -65504.0), last=np.full(3, 65504.0))},
            "takes     codes, it is assumed: neither the file nor a table in it says what",
        ),
        ({"outside": (0.06, 0.97)}, "domain    0 to 1; 6 % of the codes from 0 to 1 have a channel below, 97 % above"),
        (
            {"finite": Finite(0, (), 9605)},
            "numbers   colors of pictures give numbers; 9,605 odd ones (NaN, infinities, far beyond codes) do not",
        ),
        (
            {"range": replace(GOOD.range, reached=2e-30)},
            "gamut     no volume, as in black and white; 10 % of colors have a channel at 0 or 1, or beyond",
        ),
        ({"range": replace(GOOD.range, high=65504.0)}, "range     0 at 0 0 0 to 65,504 at 1 1 1"),
        ({"tint": (9e-5, 0.5)}, "gray      never goes back; no tint"),
        ({"tint": (30344.98, 0.5)}, "gray      never goes back; tint 30,345 of code at most, at 0.5"),
        (
            {"ramps": {**GOOD.ramps, "red": DIP}},
            "ramps     red goes back by 0.0100 up to 0.25; green never goes back; blue never goes back",
        ),
        (
            {"ramps": {**GOOD.ramps, "red": replace(RAMP, jump=4086.2)}},
            "steps     the largest is 4,086 times those around it",
        ),
        ({"compared": (0, 8)}, "nodes     too few along a side to be compared with those around"),
        ({"folds": (Folds(0, 8, 24, 0.0),)}, "folds     none of 24 tetrahedra is turned inside out; 8 are flat"),
        ({"folds": (Folds(0, 24, 24, 0.0),)}, "folds     all 24 tetrahedra are flat"),
        ({"compared": (0, 0)}, "passes: numbers and gray are in order"),
        (
            {"ramps": {**GOOD.ramps, "red": DIP}},
            "passes: numbers, nodes and gray are in order; but pure ramps go back: red by 0.010",
        ),
    ],
)
def test_what_is_odd_is_told_in_sense(change: dict[str, Any], line: str) -> None:
    assert f"  {line}" in str(replace(GOOD, **change)).splitlines()


def test_a_file_without_nodes_has_no_line_of_them() -> None:
    assert "  nodes" not in str(replace(GOOD, compared=(0, 0)))


def test_a_name_stays_in_its_line() -> None:
    assert str(replace(GOOD, name="a\nFAILED b")).splitlines()[0].startswith("a\\nFAILED b: ")


def test_json_has_it_all() -> None:
    report = replace(GOOD, outliers=(WRONG,), domain=LIGHT)
    told = json.loads(json.dumps(report.as_dict()))
    assert told["domain"]["last"] == [46.08] * 3
    assert told["domain"]["primaries"] == "Rec.709"
    assert told["outliers"][0]["index"] == [3, 4, 5]
    assert told["failures"] == [*report.failures]
    assert told["range"]["reached"] == 0.8
    assert told["ramps"]["gray"]["rise"] == 0.9
    assert told["folds"] == [{"reversed": 3, "flat": 12, "of": 24_576, "share": 0.0004}]
    assert told["good"] is False
