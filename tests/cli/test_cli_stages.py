"""Stages and grades as typed: negative, densities in files, print, and a CDL between."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import ROOT
from cli_samples import DONE, SOME_FAILED, refused
from exr_samples import SAID, save, smooth

from lattice.files.exr import file as exr
from lattice.files.luts import register

CDL = """<ColorCorrection id="a"><SOPNode><Slope>1.1 1 1</Slope><Offset>0 0 -0.01</Offset><Power>1 1 1</Power></SOPNode>
<SatNode><Saturation>{}</Saturation></SatNode></ColorCorrection>"""
SHAPE = (16, 20)


@pytest.fixture
def shot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    save(tmp_path / "in.exr", {name: smooth(SHAPE, seed=k).astype(np.float32) for k, name in enumerate("RGB")}, SAID)
    for name, saturation in (("g.cc", 1), ("pale.cc", 0.9)):
        (tmp_path / name).write_text(CDL.format(saturation))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rgb(path: Path) -> Any:
    channels = exr.read(path).channels
    return np.stack([channels[name] for name in "RGB"], axis=-1)


def asked(run: Any, text: str) -> Any:
    return run(*text.split())


def typed(run: Any, text: str) -> Any:
    result = asked(run, text)
    assert result.code == DONE, result
    return result


@pytest.mark.parametrize("look", ["premier", "premier-5219"])
def test_negative_then_print_is_the_whole(look: str, run: Any, shot: Path) -> None:
    told = typed(run, f"build {look} -o neg.clf --stage negative").out
    assert "gives printing density, ADX16 codes, (8000 D + 1520) / 65535" in told
    assert "densities 0 to 1.76, 1.98, 1.82 over clear film" in told
    assert "takes printing density, ADX16" in typed(run, f"build {look} -o print.clf --stage print").out
    typed(run, "apply in.exr neg.exr --sdev neg.clf")
    typed(run, "apply neg.exr out.exr --sdev print.clf")
    typed(run, f"apply in.exr whole.exr --sdev {look}")
    assert np.abs(rgb(shot / "out.exr") - rgb(shot / "whole.exr")).max() < 1e-4
    header = exr.read(shot / "neg.exr").header
    assert "chromaticities" not in header.attributes
    assert "output             printing density, ADX16" in typed(run, "info neg.exr").out
    assert "density       adx16" in typed(run, "info neg.clf").out


def test_the_commands_of_the_page_grade_between_stages(run: Any, shot: Path) -> None:
    decision = f"<ColorDecision>{CDL.format(0.9)}</ColorDecision>"
    (shot / "warm.cdl").write_text(f"<ColorDecisionList>{decision}</ColorDecisionList>")
    _, page = (ROOT / "docs/luts.md").read_text().split("**A CDL between stages**")
    lines = [line.removeprefix("lattice ") for line in map(str.strip, page.splitlines()) if line.startswith("lattice ")]
    for line in lines[:5]:
        typed(run, line)
    assert np.abs(rgb(shot / "out.exr") - rgb(shot / "same.exr")).max() < 1e-4
    typed(run, "apply in.exr plain.exr --sdev premier")
    assert np.abs(rgb(shot / "out.exr") - rgb(shot / "plain.exr")).max() > 0.01
    refused(asked(run, "apply neg.exr x.exr --sdev warm.cdl"), "it is the --grade of the whole look or of the print")
    refused(asked(run, "apply in.exr x.exr --sdev neg.clf --grade warm.cdl"), "got one that is the negative alone")


@pytest.mark.parametrize("density", ["cineon", "float"])
def test_a_print_of_any_density_is_graded_on_cineon_codes(density: str, run: Any, shot: Path) -> None:
    typed(run, f"build premier -o neg.clf --stage negative --density {density}")
    typed(run, f"build premier -o print.clf --stage print --density {density}")
    typed(run, "apply in.exr neg.exr --sdev neg.clf")
    typed(run, "apply neg.exr out.exr --sdev print.clf --grade g.cc")
    typed(run, "apply in.exr whole.exr --sdev premier --grade g.cc")
    assert np.abs(rgb(shot / "out.exr") - rgb(shot / "whole.exr")).max() < 1e-4


def test_densities_in_dpx_and_tiff(run: Any, shot: Path) -> None:
    told = typed(run, "build premier -o neg.clf --stage negative --density cineon").out
    assert "cineon codes end at 1.856: green is clipped from +6.9 stops" in told
    typed(run, "apply in.exr whole.exr --sdev premier")
    for name, suffix, bound in (("cineon", "dpx", 3e-3), ("adx16", "tif", 3e-4)):  # in grays, nearly
        for stage in ("negative", "print"):
            typed(run, f"build premier -o {stage}-{name}.clf --stage {stage} --density {name}")
        typed(run, f"apply in.exr neg.{suffix} --sdev negative-{name}.clf")
        typed(run, f"apply neg.{suffix} out-{name}.exr --sdev print-{name}.clf --force")
        found = np.abs(rgb(shot / f"out-{name}.exr").astype(np.float32) - rgb(shot / "whole.exr"))
        assert found.max() < bound
        assert found.mean() < bound / 4
    refused(asked(run, "apply in.exr x.dpx --sdev negative-adx16.clf"), "--density cineon")
    typed(run, "build premier -o f.clf --stage negative --density float")
    refused(asked(run, "apply in.exr x.tif --sdev f.clf"), "--density adx16")


def test_what_a_print_refuses(run: Any, shot: Path) -> None:
    for stage, density in (("negative", "adx16"), ("print", "cineon")):
        typed(run, f"build premier -o {stage}.clf --stage {stage} --density {density}")
    typed(run, "apply in.exr neg.exr --sdev negative.clf")
    failed = asked(run, "apply neg.exr out.exr --sdev print.clf")
    assert failed.code == SOME_FAILED
    assert "expected printing density, Cineon codes, (500 D + 95) / 1023, got printing density, ADX16" in (
        failed.out + failed.err
    )
    for option in ("--input ACEScg", "--exposure 1", "--transfer cineon"):
        refused(asked(run, f"apply neg.exr out.exr --sdev print.clf {option}"), "takes printing density", "leave out")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("x.ctf --stage print", "a stage is written as a .clf, or as a LUT"),
        ("x.cube --stage print --density float", "--density float: a LUT is of codes"),
        (
            "x.3dl --stage negative",
            "a .3dl needs a value above 0.5, for readers guess its bit depth, and adx16 codes of film stay",
        ),
        ("x.cube --stage print --input LogC3", "a print takes printing density, not light"),
        ("x.cube --stage negative --for resolve", "of whole looks"),
        ("x.clf --stage negative --for nuke", "of whole looks"),
        ("x.cube --stage print --split", "of whole looks"),
        ("x.clf --stage negative --display pq", "--stage print"),
        ("x.clf --density float", "add --stage"),
        ("x.clf --stage prnt", "expected full or negative or print"),
        ("x.clf --stage print --density adx10", "expected adx16 or cineon or float"),
        ("x.clf --stage print --exposure 1", "expose the negative"),
        ("x.clf --stage print --input ACEScg", "not light"),
        ("x.clf --stage print --sampled", "leave it out"),
    ],
)
def test_refused_of_build(words: str, says: str, run: Any, shot: Path) -> None:
    refused(run("build", "premier", "-o", *words.split()), says)
    assert not (shot / "x.clf").exists()


def test_a_negatives_shaper_is_no_negative(run: Any, shot: Path) -> None:
    typed(run, "build premier -o y.spi3d --stage negative --density cineon --size 5")
    assert "stage         negative" in typed(run, "info y.spi3d").out
    facts = register.read(shot / "y.spi1d").provenance
    assert facts["gives"] == "what the lattice behind it takes"
    assert not {"stage", "density", "densities", "output"} & facts.keys()


def test_why_a_stages_lut_loses_is_said(run: Any, shot: Path) -> None:
    said = typed(run, "build premier -o n.cube --stage negative --input ACEScg --size 9").out
    assert "LEDs and lasers" in said
    assert "emitters" not in said
    assert (
        "the loss: light below 0 and above 46.08 is held to these ends; between 9 nodes a side it is straight" in said
    )
    assert "ACEScg primaries inside a LUT cost most of this" in said
    assert "--input LogC3/Rec.709, or --size 65" in said
    assert "cost most" not in typed(run, "build premier -o o.cube --stage negative --size 9").out
    said = typed(run, "build premier -o p.cube --stage print --size 9").out
    assert "LEDs and lasers" in said
    assert "the loss: density below 0 and above 2.6 over clear film is held to these ends; between 9 nodes" in said
    assert (
        "the loss: between 9 nodes" in typed(run, "build premier -o p.3dl --stage print --size 9 --density cineon").out
    )
    typed(run, "build premier -o n.3dl --stage negative --density cineon --size 9")


def test_a_grade(run: Any, shot: Path) -> None:
    for name, look, grade in (("a", "premier", "g.cc"), ("b", "premier", "pale.cc"), ("c", "premier-5219", "g.cc")):
        typed(run, f"apply in.exr {name}.exr --sdev {look} --grade {grade}")
        typed(run, f"apply in.exr whole.exr --sdev {look} --replace")
        assert np.abs(rgb(shot / f"{name}.exr") - rgb(shot / "whole.exr")).max() > 0.01
    told = typed(run, "info a.exr").out
    assert "grade=slope 1.1 1 1 offset 0 0 -0.01 power 1 1 1 saturation 1" in told
    assert "skip" in typed(run, "apply in.exr a.exr --sdev premier --grade g.cc").out
    assert "graded" in asked(run, "apply in.exr a.exr --sdev premier --grade pale.cc").err
    again = typed(run, "apply in.exr a.exr --sdev premier --grade pale.cc --replace")
    assert np.array_equal(rgb(shot / "a.exr"), rgb(shot / "b.exr")), again
    refused(asked(run, "apply in.exr d.exr --sdev premier --grade in.exr"), "expected the path of a .cdl")
    refused(asked(run, "apply in.exr d.exr --sdev premier --grade none.cdl"), "none.cdl")
