"""A LUT whose display is known, as an SDev: it holds light, and is shown on others; what to type for that is said."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from text_lut_samples import corpus, nodes

from lattice.color import displays
from lattice.color.inputs import find
from lattice.export.convert import convert
from lattice.files.luts import register
from lattice.process_list import Lut3D, ProcessList
from lattice.sdev import SDev, load

SAME = 2e-5


def light_of_codes() -> np.ndarray:
    """Light (3000, 3) float32 whose codes are even."""
    codes = np.random.default_rng(8).uniform(0, 1, (3000, 3))
    return find("LogC3").decode(codes).astype(np.float32)


@pytest.mark.parametrize(("gives", "size"), [("rec1886", 17), ("sRGB", 17), ("p3-d65", 9), ("pq@203", 9)])
def test_a_fit_to_a_known_display_holds_light(gives: str, size: int, tmp_path: Path) -> None:
    source, clf = corpus() / "resolve_cube_LogC_Video.cube", tmp_path / "a.clf"
    said, seen = convert(source, clf, takes="LogC3", gives=gives, size=size, is_fitted=True)
    mean, most = map(float, re.findall(r"differ by (\S+), at most (\S+)", said)[0])
    sdev, lut = load(clf), load(source, takes="LogC3", gives=gives)
    assert isinstance(sdev, SDev)
    light = light_of_codes()
    codes = sdev.apply(light)
    steps = np.abs(codes - np.clip(lut.apply(light), 0, 1))
    assert steps.mean() <= 3 * mean + SAME
    assert steps.max() <= 2 * most + SAME
    numbers = [float(each) for each in seen.rpartition(": ")[2].split("/")]
    assert seen.startswith("CIEDE2000 mean/p99/max, over the same numbers: ")
    assert 0 <= numbers[0] <= numbers[1] <= numbers[2] < 10
    assert numbers[0] < 0.5
    if gives == "pq@203":
        assert sdev.holds_codes
        return
    assert sdev.provenance["output"] == lut.provenance["output"]
    other = sdev.with_display("p3-dci")
    assert np.abs(other.display.decode(other.apply(light)) - sdev.display.decode(codes)).max() > 0.01  # other primaries
    shown = displays.find("sRGB" if gives == "rec1886" else "rec1886").shown  # of the same primaries, but for P3-D65
    if gives != "p3-d65":
        again = sdev.with_display(shown)
        assert np.abs(again.display.decode(again.apply(light)) - sdev.display.decode(codes)).max() < 1e-4


def test_what_would_make_an_sdev_is_said(tmp_path: Path) -> None:
    clf = tmp_path / "a.ctf"
    clf.write_bytes(register.text_of(ProcessList("x", (Lut3D(1.1 * nodes()),)), clf))
    said = convert(clf, tmp_path / "b.clf")
    assert said[-1] == "--gives NAME, the display that its codes are for, makes an SDev of it, the same pixels"
    said = convert(clf, tmp_path / "c.clf", gives="sRGB")
    assert said == [
        f"{tmp_path / 'c.clf'}: an SDev, the same pixels",
        "it shows Rec.709 sRGB alone; --fit makes one that any --display shows",
    ]
    assert isinstance(load(tmp_path / "c.clf"), SDev)
    source = corpus() / "resolve_cube_LogC_Video.cube"
    assert convert(source, tmp_path / "d.clf")[-1] == "--fit makes one SDev of it, which every engine runs"
