"""What the page shows of an edited look: a sketch while a hand moves, its error, a gray ramp and a color chart."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

from lattice.build.device import build_device
from lattice.build.instruments import colour_science
from lattice.build.samples import natural_colors
from lattice.inspect.quality import check
from lattice.inspect.sheet import chart_reflectances
from lattice.looks import load_profile
from lattice.sdev import SDev
from lattice.view import author
from lattice.view.charts import checker


@pytest.mark.parametrize("name", ["vision", "vision-5219", "premier-scan", "eterna"])
def test_a_sketch_is_near_the_exact_chain_and_near_the_fit(name: str, built: Callable[[str], SDev]) -> None:
    profile = load_profile(name)
    sketched = author.sketch(profile)
    assert sketched.lattice.size == author.DRAG_SIZE
    assert sketched == author.sketch(profile.replace(size=3))
    error = author.error(sketched, profile)
    assert 0 < error["mean"] < 0.06
    assert error["mean"] < error["p99"] < 0.25
    assert error["p99"] < error["max"] < 0.5
    scene = natural_colors(5000, np.random.default_rng(0)).astype(np.float32)
    jump = 255 * np.abs(SDev.from_device(sketched).apply(scene) - built(name).apply(scene)).max(axis=1)
    assert np.percentile(jump, 99) < 1


def test_the_error_is_that_of_a_check_and_always_the_same(built: Callable[[str], SDev]) -> None:
    profile = load_profile("vision")
    found, checked = author.error(built("vision"), profile), check(profile, built("vision")).lattice["natural"]
    assert found == author.error(built("vision"), profile.replace(display="P3-DCI"))
    assert found["mean"] == pytest.approx(checked.mean, rel=0.05)
    assert found["p99"] == pytest.approx(checked.p99, rel=0.1)
    assert found["max"] <= checked.max


def test_the_chart_is_the_color_checker() -> None:
    published = colour_science().CCS_COLOURCHECKERS["ColorChecker24 - After November 2014"]
    from lattice.view.charts import CHECKER

    assert np.abs(CHECKER - np.array(list(published.data.values()))).max() <= 0.5e-5 + 1e-12
    assert checker("Rec.709") == pytest.approx(chart_reflectances().reshape(24, 3), abs=2e-3)
    assert np.ptp(checker("ACEScg")[20:22], axis=1).max() < 0.01  # grays


def test_charts_show_the_ramp_and_the_patches_as_srgb(built: Callable[[str], SDev]) -> None:
    profile, sdev = load_profile("premier"), built("premier")
    found = json.loads(json.dumps(author.charts(sdev, profile)))
    assert [len(found[name]) for name in ("ramp", "stops", "checker", "chromaticity")] == [57, 57, 24, 24]
    ramp = np.array(found["ramp"])
    assert (np.diff(ramp, axis=0) >= 0).all()
    assert ramp[0].max() < 2
    assert ramp[-1].min() > 250
    assert found["stops"][28] == 0
    gray = 255 * sdev.apply(np.full((1, 3), 0.18, np.float32))[0]
    assert ramp[28] == pytest.approx(gray, abs=0.02)
    x, y = np.array(found["chromaticity"]).T
    assert x.argmax() == 14  # red
    assert y.argmax() in (10, 13)  # yellow green, green
    assert np.array(found["chromaticity"])[20:22] == pytest.approx(np.array([[0.3127, 0.329]] * 2), abs=0.01)
    on_p3 = author.charts(sdev.with_display("P3-D65"), profile.replace(display="P3-D65"))
    assert np.abs(np.array(on_p3["checker"]) - found["checker"])[[0, 1, 20]].max() < 0.1  # what sRGB can show too


def test_charts_take_the_scene_in_the_looks_own_input() -> None:
    profile = load_profile("vision-scan").replace(input="ACEScg")
    found, plain = (author.charts(author.sketch(each), each) for each in (profile, load_profile("vision-scan")))
    assert found["ramp"] == plain["ramp"]
    assert found["checker"] != plain["checker"]


def test_an_edit_after_warming_imports_nothing_more() -> None:
    program = (
        "import sys\nfrom lattice.view import author\nfrom lattice.looks import load_profile\n"
        "profile = load_profile('premier')\nauthor.warm(profile)\nbefore = set(sys.modules)\n"
        "found = author.revised(profile, {'printer_lights': [25, 26, 25], 'gray_balance': 0.5})\n"
        "device = author.sketch(found)\nauthor.charts(device, found), author.error(device, found)\n"
        "author.describe(found)\nprint(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_sketch_is_the_sampled_build() -> None:
    profile = load_profile("fuji")
    assert author.sketch(profile) == build_device(profile.replace(size=25), sampled=True)
