"""Stages as LUT files: one behind the other they show the whole look; the loss that is told is that of the files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line
from export_samples import natural, seen

from lattice.export.recipe import choose
from lattice.export.stages import export_stage
from lattice.files.luts import register
from lattice.interp import process
from lattice.looks import load_profile
from lattice.sdev import load
from lattice.sdev.density import encoding_of
from lattice.sdev.load import load_stage

NUMBERS = re.compile(r"natural ([\d.]+)/([\d.]+)/([\d.]+)")


def written(look: str, density: Any, suffix: str, folder: Path) -> tuple[dict[str, list[Path]], dict[str, Any]]:
    """The files of both stages, in the order in which they act, and what was said."""
    profile = load_profile(look)
    stages = {stage: load_stage(profile, stage, density) for stage in ("negative", "print")}
    files, said = {}, {}
    for stage, made in stages.items():
        asked = "sRGB" if stage == "print" else None
        target, before = folder / f"{stage}{suffix}", set(folder.iterdir())
        recipe = choose(suffix, None, asked, 33, profile.input)
        said[stage] = export_stage(stages["negative"], made, recipe, target, {"natural": natural()[:5000]}, False)
        files[stage] = sorted(set(folder.iterdir()) - before, key=lambda path: path == target)
    return files, said


def through(files: list[Path], values: Any) -> Any:
    planes = np.ascontiguousarray(values.T, np.float64)
    for path in files:
        planes = process.run(register.read(path).nodes, planes)
    return planes.T


@pytest.mark.parametrize(
    ("look", "density", "suffix"),
    [("premier", "adx16", ".cube"), ("premier", "cineon", ".spi3d"), ("premier-5219", "adx16", ".csp")],
)
def test_both_stages_are_near_to_the_whole(look: str, density: Any, suffix: str, tmp_path: Path) -> None:
    import colour

    files, said = written(look, density, suffix, tmp_path)
    profile, light = load_profile(look), natural()[:5000]
    codes = through(files["negative"], light)
    exact = load_stage(profile, "negative", density).apply(light)
    steps = np.abs(codes - exact).max(axis=1) / encoding_of(density).scale
    told = [float(each) for each in NUMBERS.search(said["negative"][2]).groups()]  # type: ignore[union-attr]
    assert "printing density mean/p99/max" in said["negative"][2]
    assert told == pytest.approx([steps.mean(), np.percentile(steps, 99), steps.max()], rel=0.2, abs=3e-4)
    assert told[1] < 0.05
    shown, wanted = through(files["print"], exact), load_stage(profile, "print", density).apply(exact)
    apart = colour.difference.delta_E_CIE2000(seen(shown), seen(wanted))
    told = [float(each) for each in NUMBERS.search(said["print"][2]).groups()]  # type: ignore[union-attr]
    assert "CIEDE2000 mean/p99/max" in said["print"][2]
    assert told == pytest.approx([apart.mean(), np.percentile(apart, 99), apart.max()], rel=0.2, abs=0.02)
    whole = load(look).apply(light)
    found = colour.difference.delta_E_CIE2000(seen(through(files["print"], codes)), seen(whole))
    assert (found.mean() < 0.5, np.percentile(found, 99) < 2) == (True, True), (found.mean(), np.percentile(found, 99))
    facts = register.read(files["print"][-1]).provenance
    assert facts["stage"] == "print"
    assert facts["density"] == density


def test_a_print_of_densities_as_they_are_is_refused(tmp_path: Path) -> None:
    one_line(lambda: written("premier", "float", ".3dl", tmp_path), "")
    one_line(lambda: written("premier", "float", ".cube", tmp_path), "--density float: a LUT is of codes")
    assert [path.name for path in tmp_path.iterdir()] == ["negative.cube"]
