"""A config of a table of shots: the look of each follows $SHOT, and a shot without a look is an error."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import ROOT, one_line, write_toml
from ocio_configs import first_version, opened, shown, with_look, xyz_reference
from tolerance import OCIO

from lattice.files.ocio import prints
from lattice.hosts.chosen import sdev_of
from lattice.hosts.config import extend_config
from lattice.hosts.proof import probe
from lattice.sdev.grade import grade_text, with_grade
from lattice.sdev.relight import with_printer_lights

SHOTS = """
sdev = "premier"
[[shot]]
name = "sh010"
in = "a.####.exr"
out = "o/a.####.exr"
[[shot]]
name = "sh020"
in = "b.####.exr"
out = "o/b.####.exr"
printer-lights = "26,25,24"
exposure = 0.5
input = "ACEScg"
display = "P3-DCI"
[[shot]]
name = "sh030"
in = "c.####.exr"
out = "o/c.####.exr"
sdev = "vision"
"""
LINEAR, DISPLAY = "Linear Rec.709 (sRGB)", "sRGB - Display"

pytestmark = pytest.mark.usefixtures("ocio")


@pytest.fixture
def table(tmp_path: Path) -> str:
    return write_toml(tmp_path / "show.toml", SHOTS)


def expected(shot: str) -> Any:
    """What a shot shows, by other calls than the config's."""
    premier, vision = sdev_of("premier"), sdev_of("vision")
    lit = with_printer_lights(premier, (26, 25, 24)).with_exposure(0.5)
    return {"sh010": premier, "sh020": lit, "sh030": vision}[shot].apply(probe())


@pytest.mark.parametrize("target", ["made", "made.ocioz"])
def test_every_shot_has_its_look_and_lights(target: str, table: str, ocio: Any, tmp_path: Path) -> None:
    done = extend_config(tmp_path / target, ["vision"], shots=table)
    assert (done.views[-1], done.looks[-1], done.shots) == ("SDev shot", "shot print", ("sh010", "sh020", "sh030"))
    config = opened(ocio, done.path)
    for shot in done.shots:
        context = config.getCurrentContext()
        context.setStringVar("SHOT", shot)
        look = ocio.LookTransform(LINEAR, LINEAR, "shot print")
        for transform in (ocio.DisplayViewTransform(LINEAR, DISPLAY, "SDev shot"), look):
            processor = config.getProcessor(context, transform, ocio.TRANSFORM_DIR_FORWARD)
            codes = shown(processor, probe(), ocio.OPTIMIZATION_LOSSLESS)
            codes = sdev_of("premier").display.encode(codes) if transform is look else codes
            assert np.abs(codes - expected(shot)).max() <= OCIO


def test_without_a_shot_the_first_one_shows(table: str, ocio: Any, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.delenv("SHOT", raising=False)
    done = extend_config(tmp_path / "made", (), shots=table)
    assert done.notes == ("without $SHOT hosts show sh010",)
    processor = with_look(ocio, opened(ocio, done.path), LINEAR, DISPLAY, "Un-tone-mapped", "shot print")
    assert np.abs(shown(processor, probe(), ocio.OPTIMIZATION_LOSSLESS) - expected("sh010")).max() <= OCIO


def test_a_shot_that_has_no_look_is_an_error_in_the_host(
    table: str, ocio: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    done = extend_config(tmp_path / "made", (), shots=table)
    monkeypatch.setenv("SHOT", "sh999")
    config = opened(ocio, done.path)
    with pytest.raises(ocio.ExceptionMissingFile, match="could not be located"):
        config.getProcessor(ocio.DisplayViewTransform(LINEAR, DISPLAY, "SDev shot"))


def test_the_environment_of_the_writer_changes_nothing(table: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("SHOT", "sh999")
    extend_config(tmp_path / "made", ["vision"], shots=table)
    assert (tmp_path / "made" / "sdev" / "sh030" / "shot-sh030-light.clf").is_file()


def test_blenders_looks_follow_the_shot(table: str, ocio: Any, tmp_path: Path, monkeypatch: Any) -> None:
    done = extend_config(tmp_path / "made", (), str(xyz_reference(tmp_path / "base")), shots=table)
    monkeypatch.setenv("SHOT", "sh030")
    config = opened(ocio, done.path)
    for view, look in (("SDev shot", ""), ("Standard", "Standard - shot print")):
        processor = with_look(ocio, config, "Linear Rec.709", "sRGB", view, look)
        assert np.abs(shown(processor, probe(), ocio.OPTIMIZATION_LOSSLESS) - expected("sh030")).max() <= OCIO


def test_variables_of_the_base_stay_free(table: str, ocio: Any, tmp_path: Path, monkeypatch: Any) -> None:
    base = first_version(tmp_path / "base", search_path="grades/${SHOW}:luts", source="shown.spi1d")
    for show in ("ours", "theirs"):
        (tmp_path / "base" / "grades" / show).mkdir(parents=True)
        shutil.copy(tmp_path / "base" / "luts" / "gain.spi1d", tmp_path / "base" / "grades" / show / "shown.spi1d")
    monkeypatch.setenv("SHOW", "ours")
    done = extend_config(tmp_path / "made", (), str(base), shots=table)
    monkeypatch.setenv("SHOT", "sh020")
    config = opened(ocio, done.path)
    view = ocio.DisplayViewTransform("Utility - Linear - sRGB", "ACES", "SDev shot")
    codes = shown(config.getProcessor(view), probe(), ocio.OPTIMIZATION_LOSSLESS)
    assert np.abs(codes - expected("sh020")).max() <= OCIO
    for show, is_there in (("theirs", True), ("nobody", False)):
        monkeypatch.setenv("SHOW", show)
        config = opened(ocio, done.path)
        if is_there:
            assert config.getProcessor("graded", "ACES - ACES2065-1")
        else:
            with pytest.raises(ocio.ExceptionMissingFile):
                config.getProcessor("graded", "ACES - ACES2065-1")


REFUSED = {
    "a folder in a name": ('"sh020"', '"a/b"', "shot a/b: a config takes names of letters"),
    "a variable in a name": ('"sh020"', '"$SHOT"', "shot $SHOT: a config takes names of letters"),
    "names that differ by case": ('"sh020"', '"SH010"', "shot SH010: expected a name that differs from sh010"),
    "no look": ('"vision"', '"visio"', "shot sh030: no look named 'visio'"),
    "lights that are none": ('"26,25,24"', '"26,25"', "printer_lights: expected three numbers"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_table_that_no_config_can_hold_is_refused(fault: str, tmp_path: Path) -> None:
    old, new, says = REFUSED[fault]
    table = write_toml(tmp_path / "show.toml", SHOTS.replace(old, new, 1))
    one_line(lambda: extend_config(tmp_path / "made", (), shots=table), says)
    assert [each.name for each in tmp_path.iterdir()] == ["show.toml"]


@pytest.mark.parametrize("spoiled", ["", "vision"])
def test_a_shot_that_shows_anything_else_is_not_written(
    spoiled: str, table: str, tmp_path: Path, monkeypatch: Any
) -> None:
    """The file of the last shot is missing, or that of another look."""
    good, last = prints.light_clf, sdev_of("vision").sha256
    other = good(sdev_of("premier")) if spoiled else b""
    monkeypatch.setattr(prints, "light_clf", lambda sdev: other if sdev.sha256 == last else good(sdev))
    call = lambda: extend_config(tmp_path / "made", (), shots=table)  # noqa: E731
    one_line(call, "look 'shot print': shows codes that are" if spoiled else "shot-sh030-light.clf")
    assert [each.name for each in tmp_path.iterdir()] == ["show.toml"]


CDL = """<ColorCorrection id="a"><SOPNode><Slope>1.1 1 1</Slope><Offset>0 0 -0.01</Offset><Power>1 1 1</Power></SOPNode>
<SatNode><Saturation>{}</Saturation></SatNode></ColorCorrection>"""


def test_the_graded_table_of_the_page_makes_a_config(
    ocio: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")  # paths are relative to the table
    (block,) = re.findall(r"```toml\n(.*?)```", (ROOT / "docs/hosts.md").read_text(), re.DOTALL)
    table = write_toml(tmp_path / "show.toml", block)
    (tmp_path / "sh010.cdl").write_text(CDL.format(1))
    done = extend_config(tmp_path / "made", (), shots=table)
    config = opened(ocio, done.path)
    graded = with_grade(sdev_of("premier"), grade_text(str(tmp_path / "sh010.cdl")))
    for shot, wanted in (("sh010", graded.apply(probe())), ("sh020", expected("sh020"))):
        context = config.getCurrentContext()
        context.setStringVar("SHOT", shot)
        view = ocio.DisplayViewTransform(LINEAR, DISPLAY, "SDev shot")
        processor = config.getProcessor(context, view, ocio.TRANSFORM_DIR_FORWARD)
        assert np.abs(shown(processor, probe(), ocio.OPTIMIZATION_LOSSLESS) - wanted).max() <= OCIO
    assert np.abs(graded.apply(probe()) - sdev_of("premier").apply(probe())).max() > 0.01


def test_a_grade_that_no_single_sdev_holds_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    (tmp_path / "a.cc").write_text(CDL.format(0.9))
    table = write_toml(tmp_path / "show.toml", SHOTS.replace('"vision"', '"vision"\ngrade = "a.cc"'))
    one_line(lambda: extend_config(tmp_path / "made", (), shots=table), "shot sh030: grade: ", "lattice regrade")
