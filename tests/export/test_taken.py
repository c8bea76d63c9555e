"""What a LUT file takes and gives: said once, kept, and no part of another look."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from basics import one_line
from text_lut_samples import corpus

import lattice
from lattice.color.inputs import INPUTS, find
from lattice.errors import LatticeWarning
from lattice.export.bake import bake, of_profile
from lattice.export.convert import convert
from lattice.export.recipe import choose
from lattice.export.write import write
from lattice.looks import load_profile


def test_a_file_is_not_converted_onto_itself(tmp_path: Path) -> None:
    target = tmp_path / "a.cube"
    target.write_bytes((corpus() / "iridas_3d.cube").read_bytes())
    (tmp_path / "b.cube").symlink_to(target)
    for name in ("a.cube", "b.cube"):
        one_line(lambda name=name: convert(target, tmp_path / name, overwrite=True), "is the file to convert")


def test_what_the_user_says_comes_before_what_a_file_says(tmp_path: Path) -> None:
    profile = load_profile("premier")
    for name, asked in (("light", None), ("codes", "LogC3/Rec.709")):
        recipe = choose(".cube", None, asked, 5, profile.input)
        write([tmp_path / f"{name}.cube"], bake(of_profile(profile), recipe), overwrite=False)
    light, codes = tmp_path / "light.cube", tmp_path / "codes.cube"
    for source, asked, says in (
        (light, {"takes": "LogC3"}, "takes linear Rec.709; it is taken to take ARRI LogC3 EI800 codes, ARRI Wide"),
        (codes, {"takes": "LogC3"}, "takes ARRI LogC3 EI800 codes, Rec.709 primaries; it is taken to take ARRI LogC3"),
        (codes, {"gives": "P3-DCI"}, "gives codes for Rec.709 sRGB; they are taken for P3-DCI 2.6"),
    ):
        with pytest.warns(LatticeWarning, match=re.escape(f"premier: the file says that it {says}")):
            found = lattice.load(source, **asked)
        assert found.provenance["input"] == ("ARRI Wide Gamut 3" if "takes" in asked else "Rec.709")
        assert found.provenance["output"] == ("P3-DCI 2.6" if "gives" in asked else "Rec.709 sRGB")
    convert(codes, tmp_path / "a.clf", takes="LogC3/Rec.709")
    found = lattice.load(tmp_path / "a.clf")
    assert found.holds_codes
    assert found.shown.gamma == "sRGB"
    assert found.with_display("sRGB") is found
    one_line(lambda: found.with_display("P3-DCI"), "its nodes hold codes for Rec.709 sRGB")


def test_what_a_lut_takes_is_part_of_what_it_is(tmp_path: Path) -> None:
    source = tmp_path / "theirs.cube"
    source.write_text("LUT_3D_SIZE 2\n" + "\n".join(f"{r} {g} {b}" for b in (0, 1) for g in (0, 1) for r in (0, 1)))
    one, other = (lattice.load(source, takes=takes) for takes in ("LogC3", "LogC3/Rec.709"))
    assert one.sha256 != other.sha256  # a picture of other primaries becomes another


@pytest.mark.parametrize("name", [each.name for each in INPUTS.values() if each.is_encoded and not each.adx_bits])
def test_every_curve_that_can_be_encoded_is_taken(name: str, tmp_path: Path) -> None:
    source = tmp_path / "theirs.cube"
    source.write_text("LUT_3D_SIZE 2\n" + "\n".join(f"{r} {g} {b}" for b in (0, 1) for g in (0, 1) for r in (0, 1)))
    light = np.array([[0.02, 0.18, 0.5], [-1.0, 0.0, 1.0]], np.float32)
    codes = lattice.load(source, takes=name).apply(light)
    with np.errstate(invalid="ignore"):
        wanted = np.clip(find(name).encode(light[0]), 0, 1)
    assert np.abs(codes[0] - wanted).max() < 1e-4  # between two halves the curve is straight
    assert np.isfinite(codes).all()
