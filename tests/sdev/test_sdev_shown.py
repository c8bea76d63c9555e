"""An SDev on other displays and with other printer lights: exact, and nothing else changes."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import grid, make_device, one_line, scene

import lattice
from lattice.build import render
from lattice.color.displays import DISPLAYS, from_xyz
from lattice.files import clf
from lattice.looks import load_profile
from lattice.sdev import SDev
from lattice.sdev.relight import with_printer_lights

COLORS = 0.18 * 2.0 ** np.random.default_rng(2).uniform(-5, 5, (1, 5000, 3)).astype(np.float32)
SHOWN = ("Rec.1886", "P3-D65", "P3-DCI", "DCDM", "PQ@203", "PQ P3-D65@48", "HLG@203")


@pytest.mark.parametrize("name", SHOWN)
def test_the_picture_on_another_display_is_that_of_the_profile_which_names_it(name: str, built: Any) -> None:
    shown = built("premier").with_display(name)
    exact = render(load_profile("premier").replace(display=name), COLORS.astype(np.float64))
    usual = render(load_profile("premier"), COLORS.astype(np.float64))
    codes = {"as built": (built("premier").apply(COLORS), usual), name: (shown.apply(COLORS), exact)}
    off, on_it = (np.percentile(np.abs(found - wanted), 99) for found, wanted in codes.values())
    assert on_it < 2 * off + 1e-3
    assert shown.apply(COLORS).min() >= 0
    assert shown.apply(COLORS).max() <= 1


def test_light_in_numbers_is_the_same_on_every_display(built: Any) -> None:
    """Displays of a gamut that holds the picture emit the same light, but for the white that the eye is adapted to."""
    premier = built("premier")
    xyz = {}
    for name in ("Rec.1886", "P3-D65", "Rec.2020", "PQ@203", "HLG@203", "DCDM"):
        shown = premier.with_display(name)
        light = shown.display.decode(shown.apply(COLORS, engine="numpy").astype(np.float64))
        xyz[name] = light @ np.linalg.inv(from_xyz(DISPLAYS[name.partition("@")[0]].shown.primaries, None)).T
    assert max(np.abs(xyz[name] - xyz["Rec.2020"]).max() for name in ("PQ@203", "HLG@203")) < 2e-5
    assert (np.abs(xyz["DCDM"] - xyz["Rec.2020"]) < 1e-5).all(axis=-1).mean() > 0.8  # the rest is outside of Rec.2020
    inside = (np.abs(xyz["Rec.1886"] - xyz["P3-D65"]) < 1e-5).all(axis=-1)
    assert 0.2 < inside.mean() < 1


def test_a_white_of_the_look_stays_on_another_display() -> None:
    profile = load_profile("vision").replace(display={"white": "D55"})
    shown = profile.sdev().with_display("P3-D65")
    assert shown.provenance["output_white"] == "D55"
    at_once = profile.replace(display={"primaries": "Display P3", "gamma": 2.6, "white": "D55"}).sdev()
    assert np.abs(shown.display.matrix - at_once.display.matrix).max() < 1e-12
    bright = shown.display.decode(shown.apply(np.full((1, 3), 1e4, np.float32)).astype(np.float64))
    assert bright.max() == pytest.approx(1, abs=2e-2)
    assert bright[0, 2] < 0.9 * bright[0, 0]


def test_other_nodes_are_not_needed_for_another_display(built: Any) -> None:
    shown = built("vision").with_display("P3-DCI")
    assert shown.lattice is built("vision").lattice
    assert shown.table is built("vision").table
    assert np.array_equal(shown.matrix, built("vision").matrix)
    assert shown.sha256 != built("vision").sha256
    assert shown.with_exposure(1).with_input("ACEScg") == built("vision").with_input("ACEScg").with_exposure(
        1
    ).with_display("P3-DCI")


def test_a_display_that_is_not_known_cannot_be_left() -> None:
    one_line(lambda: SDev.from_device(make_device(grid(3))).with_display("pq"), "its display is not known")


def test_facts_that_somebody_edited_are_refused_in_a_line(built: Any) -> None:
    premier = built("premier")
    for fact, value, told in (
        ("output_white", "green", "output_white: expected D55, D60, D65, DCI, got 'green'"),
        ("output_chromaticities", "1 2 3", "premier: output_chromaticities: expected 8 numbers, got '1 2 3'"),
        ("output_chromaticities", "", "premier: its display is not known"),
    ):
        edited = dataclasses.replace(premier, provenance={**premier.provenance, fact: value})
        one_line(lambda edited=edited: edited.with_display("P3-DCI"), told)


@pytest.mark.parametrize("name", ["PQ@203", "PQ@48", "PQ P3-D65@99.5"])
def test_pq_is_kept_in_a_clf(name: str, built: Any, tmp_path: Path) -> None:
    shown = built("premier").with_display(name)
    shown.save(tmp_path / "pq.clf")
    read = lattice.load(tmp_path / "pq.clf")
    assert (read, read.provenance) == (shown, shown.provenance)
    assert read.with_display(name) == shown


def test_hlg_is_refused_before_a_clf_is_begun(built: Any, tmp_path: Path) -> None:
    shown = built("premier").with_display("hlg@203")
    one_line(lambda: shown.save(tmp_path / "hlg.clf"), "a CLF cannot hold HLG, which mixes channels by luminance")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("PQ 203.0", "PQ 204.0", "expected a curve of PQ as its Description says"),
        ("PQ 203.0", "HLG 203.0", "expected a curve of PQ as its Description says"),
        ("PQ 203.0", "PQ 1e9", "expected a curve of PQ as its Description says"),
        ("PQ 203.0", "PQ nan", "PQ's nits: expected a number, got 'nan'"),
        ("<Description>PQ 203.0</Description>\n", "", "expected a curve of PQ as its Description says"),
        ('<LUT1D name="gamma"', '<LUT1D rawHalfs="true" name="gamma"', "gamma: an SDev has no rawHalfs 'true'"),
    ],
)
def test_a_curve_that_is_not_the_pq_it_says_is_refused(old: str, new: str, told: str, built: Any) -> None:
    text = clf.to_xml(built("premier").with_display("pq@203"))
    assert text.count(old) == 1
    one_line(lambda: clf.from_xml(text.replace(old, new).encode()), told)


@pytest.mark.slow
def test_opencolorio_shows_our_pixels_in_pq(built: Any, tmp_path: Path) -> None:
    ocio = pytest.importorskip("PyOpenColorIO")
    for name in ("vision", "vision-scan"):
        shown = built(name).with_display("pq@203")
        shown.save(tmp_path / f"{name}.clf")
        theirs = scene(200_000).astype(np.float32)
        processor = ocio.Config.CreateRaw().getProcessor(ocio.FileTransform(str(tmp_path / f"{name}.clf")))
        wanted = shown.apply(theirs)
        processor.getOptimizedCPUProcessor(ocio.OPTIMIZATION_LOSSLESS).applyRGB(theirs)
        ours, light = (shown.display.decode(codes.astype(np.float64)) for codes in (wanted, theirs))
        assert np.abs(ours - light).max() < 5e-5  # of light: PQ is infinitely steep at black


def test_other_lights_are_those_of_a_profile_that_has_them(built: Any) -> None:
    lights = (27, 25, 22.5)
    lit = load_profile("vision").replace(printer_lights=lights).sdev()
    found = with_printer_lights(built("vision"), lights)
    assert found == lit
    assert json.loads(found.provenance["look"])["printer_lights"] == [27, 25, 22.5]
    assert with_printer_lights(found, lights) is found
    assert with_printer_lights(found, (25, 25, 25)) == built("vision")
    shown = with_printer_lights(built("vision").with_input("ACEScg").with_exposure(1).with_display("P3-DCI"), lights)
    assert shown == lit.with_input("ACEScg").with_exposure(1).with_display("P3-DCI")
    gray = np.full((1, 3), 0.18, np.float32)
    red, _, blue = (found.apply(gray) - built("vision").apply(gray))[0]
    assert red < -0.02  # more light prints darker
    assert blue > 0.02


def test_lights_need_a_look_that_can_be_rebuilt(built: Any, tmp_path: Path) -> None:
    one_line(lambda: with_printer_lights(SDev.from_device(make_device(grid(3))), (25, 25, 24)), "can be rebuilt")
    vision = built("vision")
    nodes = vision.lattice.nodes.copy()
    nodes[3, 3, 3] *= 1.01
    other = dataclasses.replace(vision, lattice=dataclasses.replace(vision.lattice, nodes=nodes))
    one_line(lambda: with_printer_lights(other, (25, 25, 24)), "printer_lights: needs a look that can be rebuilt")
    one_line(lambda: with_printer_lights(vision, (25, 25, 51)), "printer_lights.blue: expected 50 or less, got 51")
