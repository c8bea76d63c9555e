"""A CDL between negative and print: what it is made of, what it changes and what it leaves."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line

from lattice import load
from lattice.build import adaptation, film_exposure, make_chain, make_display
from lattice.inspect.scenes import colors
from lattice.looks import load_profile
from lattice.sdev import Lut, SDev
from lattice.sdev.grade import grade_text, with_grade
from lattice.sdev.relight import with_printer_lights

NEUTRAL = "slope 1 1 1 offset 0 0 0 power 1 1 1 saturation 1"
POINT = -0.025 * 500 / 1023  # more light from the printer, as if the negative were thinner
WARM = "slope 1.1 1 0.95 offset -0.02 0 0.01 power 1 1.1 1 saturation 1"
FILE = """<ColorCorrectionCollection xmlns="urn:ASC:CDL:v1.01">
<ColorCorrection id="warm"><SOPNode><Slope>1.1 1 0.95</Slope><Offset>-0.02 0 0.01</Offset><Power>1 1.1 1</Power>
</SOPNode></ColorCorrection>
<ColorCorrection id="pale"><SatNode><Saturation>0.9</Saturation></SatNode></ColorCorrection>
</ColorCorrectionCollection>"""


@cache
def scene(name: str) -> Any:
    return np.concatenate([each[:4000] for each in colors(load_profile(name)).values()]).astype(np.float32)


def off(one: Any, other: Any, name: str) -> Any:
    return np.abs(one.apply(scene(name)) - other.apply(scene(name))).max(axis=1)


def exact(name: str, correction: Any) -> Any:
    """Display codes of the exact chain with a grade of Cineon codes of its printing density."""
    profile = load_profile(name)
    chain = make_chain(profile)
    film = film_exposure(profile, scene(name).astype(np.float64))
    shift = np.log10(chain.negative.transmit(chain.negative.amounts[:1]))[0] + chain.timing
    density = shift - chain.print_exposure(film)
    graded = (correction((500 * density + 95) / 1023) * 1023 - 95) / 500
    assert adaptation(profile, chain).shape == (3, 3)
    display = make_display(profile, chain)
    return display.encode(chain.shown(shift - graded) * chain.base[1] / chain.base @ display.matrix.T)


@pytest.mark.parametrize("name", ["vision", "exr-print", "vision-5219", "vision-scan"])
def test_a_grade_is_the_exact_chains(name: str) -> None:
    """For looks without a gray balance, whose densities are the print's exposure itself."""
    assert load_profile(name).gray_balance == 0
    slope, offset, power = np.array([1.1, 1, 0.95]), np.array([-0.02, 0, 0.01]), np.array([1, 1.1, 1])
    wanted = exact(name, lambda code: np.maximum(code * slope + offset, 0) ** power)
    usual = np.abs(load(name).apply(scene(name)) - exact(name, lambda code: code)).max(axis=1)
    graded = with_grade(load(name), WARM).apply(scene(name))
    found = np.abs(graded - wanted).max(axis=1)
    inside = (np.abs(load(name, stage="negative", density="float").apply(scene(name)) - 0.9) < 0.7).all(axis=1)
    assert np.abs(graded - load(name).apply(scene(name))).max() > 0.1
    assert np.percentile(found[inside], 99) < 2 * np.percentile(usual[inside], 99) + 2e-3
    assert inside.sum() > 1000


@pytest.mark.parametrize("name", ["premier", "eterna", "vision-5219", "vision-scan"])
def test_a_neutral_grade_changes_nothing(name: str) -> None:
    whole = load(name)
    assert with_grade(whole, NEUTRAL) is whole
    nearly = with_grade(whole, NEUTRAL.replace("0 0 0", "0 0 1e-12"))
    assert off(nearly, whole, name).max() < (1e-5 if isinstance(nearly, SDev) else 5e-5)
    mixed = with_grade(whole, NEUTRAL.replace("saturation 1", "saturation 1.0000001"))
    assert isinstance(mixed, Lut)
    assert off(mixed, whole, name).max() < 5e-5


@pytest.mark.parametrize("name", ["vision", "vision-5219", "vision-scan"])
def test_an_offset_is_a_printer_light(name: str) -> None:
    """But for the fit of another lattice."""
    graded = with_grade(load(name), grade_text(NEUTRAL.replace("0 0 0", f"{POINT} {POINT} 0")))
    lit = with_printer_lights(load(name), (26, 26, 25))
    found = off(graded, lit, name)
    assert np.percentile(found, 99) < 8e-3
    assert np.median(found) < 5e-4
    assert np.percentile(off(graded, load(name), name), 99) > 0.02


def test_what_stays_an_sdev() -> None:
    assert isinstance(with_grade(load("premier"), WARM), SDev)
    assert isinstance(with_grade(load("premier"), WARM.replace("saturation 1", "saturation 0.9")), Lut)
    assert isinstance(with_grade(load("premier-5219"), WARM), Lut)


def test_both_ways_show_the_same() -> None:
    """Folded into the curves, and as nodes one after the other."""
    folded = with_grade(load("premier"), WARM)
    nodes = with_grade(load("premier"), WARM.replace("saturation 1", "saturation 1.0000001"))
    assert off(folded, nodes, "premier").max() < 5e-5


def test_other_displays_inputs_and_exposures() -> None:
    for name, asked in (("premier", WARM), ("premier-5219", WARM)):
        shown = with_grade(load(name).with_display("P3-DCI"), asked)
        assert shown.provenance["output"] == "P3-DCI 2.6"
        wider = shown.with_input("ACEScg").with_exposure(1)
        assert wider.provenance["input"] == "ACEScg"
        assert not np.array_equal(wider.apply(scene(name)), shown.apply(scene(name)))
    one_line(lambda: with_grade(load("premier-5219").with_display("HLG"), WARM), "cannot hold HLG")


def test_a_grade_is_made_once() -> None:
    graded = with_grade(load("premier"), WARM)
    assert with_grade(graded, WARM) is graded
    one_line(lambda: with_grade(graded, NEUTRAL.replace("1 1 1", "2 1 1", 1)), "graded already")


def test_what_a_file_says(tmp_path: Path) -> None:
    path = tmp_path / "show.ccc"
    path.write_text(FILE)
    assert grade_text(f"{path}@warm") == WARM
    assert grade_text(f"{path}@pale") == NEUTRAL.replace("saturation 1", "saturation 0.9")
    assert grade_text(WARM) == WARM
    assert grade_text(WARM.replace("1.1 1 0.95", "1.10 1.0 .95")) == WARM
    at = tmp_path / "a@b.cc"
    at.write_text(FILE.split("\n", 1)[1].split('\n<ColorCorrection id="pale"')[0])
    assert grade_text(str(at)) == WARM
    one_line(lambda: grade_text(str(path)), "holds 2 corrections, warm, pale: name one, as in", "show.ccc@warm")
    one_line(lambda: grade_text(f"{path}@pail"), "no correction has the id 'pail'")


def test_refused(tmp_path: Path) -> None:
    broken = tmp_path / "x.cc"
    broken.write_text("<ColorCorrection><SOPNode><Slope>1 1</Slope></SOPNode></ColorCorrection>")
    one_line(lambda: grade_text(str(broken)), "x.cc: line 1")
    one_line(lambda: grade_text(str(tmp_path / "no.cdl")), "no.cdl")
    one_line(lambda: grade_text("grade.cube"), "expected the path of a .cdl, .cc or .ccc")
    one_line(lambda: grade_text(3), "expected the path")
    one_line(lambda: grade_text("slope -1 1 1 offset 0 0 0 power 1 1 1 saturation 1"), "slope")
    one_line(lambda: grade_text("slope x 1 1 offset 0 0 0 power 1 1 1 saturation 1"), "grade")
    one_line(lambda: with_grade(load("premier", stage="negative"), WARM), "the negative alone")
    one_line(lambda: with_grade(load("premier").with_exposure(1).with_input("ACEScg").with_display("PQ"), "x"), "grade")
