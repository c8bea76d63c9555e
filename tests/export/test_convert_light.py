"""A LUT that is told to take a curve's codes is converted over all light of these codes, not up to 1."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from basics import grid, one_line

import lattice
from lattice.color.inputs import find
from lattice.export.convert import convert
from lattice.files.luts import register
from lattice.process_list import Lut1D, Lut3D, Matrix, Node, ProcessList

MIX = Matrix(np.hstack([np.array([[0.9, 0.1, 0.0], [0.05, 0.9, 0.05], [0.0, 0.1, 0.9]]), np.zeros((3, 1))]))
LATTICE = Lut3D((0.9 * grid(17) ** 0.9).astype(np.float32))
CURVE = Lut1D(np.linspace(0, 1, 33, dtype=np.float32)[:, None].repeat(3, axis=1) ** 1.2, np.zeros(3), np.ones(3))
BEHIND: dict[str, tuple[Node, ...]] = {
    "matrix": (MIX, LATTICE),
    "curve and matrix": (CURVE, MIX, LATTICE),
    "curve": (CURVE,),
}
GRAY = np.float32([0.02, 0.18, 1, 4, 20, 50])[:, None].repeat(3, axis=1)


@pytest.mark.parametrize("behind", BEHIND)
@pytest.mark.parametrize(("suffix", "how"), [(".cube", {}), (".csp", {}), (".clf", {"is_fitted": True, "size": 33})])
def test_light_above_1_is_not_clipped(behind: str, suffix: str, how: dict[str, int], tmp_path: Path) -> None:
    source, target = tmp_path / "a.ctf", tmp_path / f"b{suffix}"
    source.write_bytes(register.text_of(ProcessList("a", BEHIND[behind]), source))
    said = convert(source, target, takes="LogC3", gives="rec1886", **how)  # type: ignore[arg-type]  # by names
    ends = find("LogC3").decode(np.array([0.0, 1.0]))
    low, high = said[0].partition("over ")[2].split(" ")[0:3:2]
    assert [float(low), float(high)] == pytest.approx(ends, abs=0.1)
    wanted = np.clip(lattice.load(source, takes="LogC3", gives="rec1886").apply(GRAY), 0, 1)
    found = np.clip(lattice.load(target).apply(GRAY), 0, 1)
    assert np.ptp(wanted[2:], axis=0).max() > 0.05
    assert np.abs(found - wanted).max() < 0.02


def test_a_correction_is_converted_over_the_light_of_codes(tmp_path: Path) -> None:
    source, target = tmp_path / "a.ccc", tmp_path / "w.cube"
    source.write_text(
        '<ColorCorrectionCollection><ColorCorrection id="w"><SOPNode><Slope>0.9 0.8 0.9</Slope><Offset>0 0 0</Offset>'
        "<Power>1.1 1 1</Power></SOPNode></ColorCorrection></ColorCorrectionCollection>"
    )
    convert(Path(f"{source}@w"), target, takes="LogC3")
    wanted = lattice.load(f"{source}@w", takes="LogC3").apply(GRAY)
    assert np.abs(lattice.load(target).apply(GRAY) - wanted).max() < 0.01


def test_what_a_hand_wrote_in_a_file_is_what_it_gives(tmp_path: Path) -> None:
    source, target = tmp_path / "a.cube", tmp_path / "b.clf"
    rows = "\n".join(" ".join(map(str, row)) for row in LATTICE.nodes.transpose(2, 1, 0, 3).reshape(-1, 3))
    source.write_text(f"# lattice gives: rec1886\nLUT_3D_SIZE 17\n{rows}\n")
    convert(source, target)
    assert lattice.load(target).provenance["output"] == "Rec.709 2.4"
    convert(source, tmp_path / "c.cube", gives="P3-DCI")
    assert lattice.load(tmp_path / "c.cube").provenance["output"] == "P3-DCI 2.6"


def test_an_sdev_that_does_not_say_it_is_told_what_it_takes(tmp_path: Path) -> None:
    source, first, again = tmp_path / "a.ctf", tmp_path / "fit.clf", tmp_path / "again.clf"
    source.write_bytes(register.text_of(ProcessList("a", (MIX, LATTICE)), source))
    convert(source, first, is_fitted=True)
    assert not {"input", "output"} & lattice.load(first).provenance.keys()
    convert(first, again, takes="LogC3", gives="sRGB")
    found, wanted = lattice.load(again), lattice.load(first, takes="LogC3", gives="sRGB")
    assert (found.provenance["input"], found.provenance["output"]) == ("ARRI Wide Gamut 3", "Rec.709 sRGB")
    assert np.abs(found.apply(GRAY) - wanted.apply(GRAY)).max() < 0.02
    for how in ({"takes": "LogC3"}, {"gives": "sRGB"}):
        one_line(lambda how=how: convert(again, tmp_path / "c.clf", **how), "it says what it takes and gives itself")
