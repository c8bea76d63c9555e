"""Each rule of a report fails alone, in one line that says what was expected, what came and what to do."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from lattice.inspect.gradients import Drift, Reversal
from lattice.inspect.report import Difference, Report

SEEN = Difference(0.2, 0.6, 1.1)
GOOD = Report(
    "made-up",
    13,
    "trilinear",
    lattice=dict.fromkeys(("natural", "emitters"), Difference(0.1, 0.3, 0.6)),
    usual=dict.fromkeys(("natural", "emitters"), Difference(0.1, 0.4, 0.8)),
    gradients={"sky": Reversal(7, 3.0, 0.3, 0.1), "gray": Reversal(0, 0.0, 0.0, 0.0)},
    paths={"red 630": Drift(0.5, 0.0), "neon": Drift(2.5, 0.1)},
    gray_fall=0.0,
    gray_step=1.2,
    finite=True,
    remedy="try size = 17",
)
RULES: dict[str, tuple[dict[str, Any], str]] = {
    "p99": ({"lattice": {**GOOD.lattice, "natural": replace(SEEN, max=0.9)}}, "natural: expected a 99th percentile of "
            "at most 0.5, got 0.60"),
    "p99 of the usual": (
        {"lattice": {"natural": replace(SEEN, max=0.9)}, "usual": {"natural": Difference(0.1, 0.55, 0.8)}},
        "natural: expected a 99th percentile of at most 0.55, the usual table's, got 0.60",
    ),
    "worst": ({"lattice": {**GOOD.lattice, "emitters": replace(SEEN, p99=0.4)}}, "emitters: expected no color off by "
              "more than 1, got 1.10"),
    "no number": ({"lattice": {**GOOD.lattice, "natural": replace(SEEN, p99=float("nan"), max=0.9)}}, "natural: "
                  "expected a 99th percentile of at most 0.5, got nan"),
    "no lightness": ({"gradients": {**GOOD.gradients, "blend": Reversal(9, 8.0, 0.3, float("nan"))}},
                     "gradients: expected L* to go back by 0.2 at most, got nan on blend"),
    "no difference": ({"gradients": {**GOOD.gradients, "blend": Reversal(9, 8.0, float("nan"), 0.1)}},
                      "gradients: expected channels to go back by a CIEDE2000 of 0.5 at most, got nan on blend"),
    "no hue": ({"paths": {**GOOD.paths, "blue 460": Drift(float("nan"), 0.0)}},
               "paths: expected hues within 3 degrees of the exact chain's, got nan on blue 460"),
    "no fall": ({"paths": {**GOOD.paths, "blue 460": Drift(0.0, float("nan"))}}, "paths: expected L* to fall by 0.2 at "
                "most where the exact chain does not, got nan on blue 460"),
    "lightness": ({"gradients": {**GOOD.gradients, "blend": Reversal(9, 8.0, 0.3, 0.21)}},
                  "gradients: expected L* to go back by 0.2 at most, got 0.21 on blend"),
    "difference": ({"gradients": {**GOOD.gradients, "blend": Reversal(9, 8.0, 0.51, 0.1)}},
                   "gradients: expected channels to go back by a CIEDE2000 of 0.5 at most, got 0.51 on blend"),
    "hue": ({"paths": {**GOOD.paths, "blue 460": Drift(3.1, 0.0)}}, "paths: expected hues within 3 degrees of the "
            "exact chain's, got 3.10 on blue 460"),
    "fall": ({"paths": {**GOOD.paths, "blue 460": Drift(0.0, 0.25)}}, "paths: expected L* to fall by 0.2 at most "
             "where the exact chain does not, got 0.25 on blue 460"),
    "gray falls": ({"gray_fall": 2e-5}, "gray: expected a ramp that never falls, got a step down of 0.00002 of white"),
    "gray steps": ({"gray_step": 1.6}, "gray: expected steps up to 1.5 times the exact ramp's, got 1.60 times"),
    "halves": ({"finite": False}, "halves: expected code values from 0 to 1 for every half, got others"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "line"), RULES.values(), ids=RULES)
def test_each_rule_fails_alone(change: dict[str, Any], line: str) -> None:
    report = replace(GOOD, **change)
    assert report.failures == (f"{line}; try size = 17",)
    assert not report.good
    assert f"  FAILED {line}; try size = 17" in str(report).splitlines()
    assert json.loads(json.dumps(report.as_dict()))["failures"] == [*report.failures]


def test_a_good_report_has_no_failure() -> None:
    assert GOOD.failures == ()
    assert GOOD.good
    assert "FAILED" not in str(GOOD)
    assert "7 steps go back; codes of 10 bits at most: 3.00 on sky; CIEDE2000: 0.30; L*: 0.10" in str(GOOD)


def test_worse_than_the_usual_table_is_good_where_nobody_sees_it() -> None:
    assert replace(GOOD, usual=dict.fromkeys(GOOD.usual, Difference(0.01, 0.02, 0.03))).good


def test_worse_than_what_is_seen_is_good_where_the_usual_table_is_worse() -> None:
    worse = dict.fromkeys(GOOD.usual, Difference(1.0, 3.0, 6.0))
    assert replace(GOOD, lattice=dict.fromkeys(GOOD.lattice, SEEN), usual=worse).good
