"""Frames graded by LUT files: the pixels of `Lut.apply`, true stamps, and one line for a LUT of unknown input."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli_samples import DONE, WRONG_USE, process
from exr_samples import SAID, save, smooth
from regrade_samples import totals_of
from text_lut_samples import curve, nodes

from lattice.files.exr import file as exr
from lattice.files.exr.header import Attribute
from lattice.files.luts import register
from lattice.inspect.graded import read_grades
from lattice.process_list import Lut1D, Lut3D, ProcessList
from lattice.regrade import Options, Session, plan, regrade
from lattice.sdev import Lut, load

FACTS = {
    "title": "a look",
    "input": "Rec.709",
    "output": "Rec.709 2.4",
    "output_chromaticities": "0.64 0.33 0.3 0.6 0.15 0.06 0.3127 0.329",
}
SHAPER = Lut1D(curve(512, 0, 1), last=np.full(3, 46.0))


@pytest.fixture
def shot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two frames of linear Rec.709, one of ACEScg, a LUT that says what it takes, and one that does not."""
    light = {name: (4 * smooth((24, 32), seed=k)).astype(np.float16) for k, name in enumerate("RGB")}
    for frame in (1, 2):
        save(tmp_path / f"in.{frame}.exr", light, SAID)
    save(tmp_path / "aces.exr", light, {"colorInteropID": Attribute.text("lin_ap1_scene")})
    known = ProcessList("a look", (SHAPER, Lut3D(nodes(9, 0, 1))), FACTS)
    (tmp_path / "known.cube").write_bytes(register.text_of(known, tmp_path / "known.cube"))
    unknown = ProcessList("theirs", known.nodes)
    (tmp_path / "unknown.cube").write_bytes(register.text_of(unknown, tmp_path / "unknown.cube"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rgb(path: str) -> Any:
    channels = exr.read(path).channels
    return np.stack([channels[name] for name in "RGB"], axis=-1)


def known() -> Lut:
    found = load("known.cube")
    assert isinstance(found, Lut)
    return found


def test_a_frame_is_what_the_lut_makes_of_its_pixels(run: Any, shot: Path) -> None:
    result = run("apply", "in.1.exr", "out.exr", "--sdev", "known.cube")
    assert result.code == DONE, result.err
    assert np.array_equal(rgb("out.exr"), known().apply(rgb("in.1.exr")))
    assert run("regrade", "in.#.exr", "out.#.exr", "--sdev", "known.cube").code == DONE
    assert np.array_equal(rgb("out.2.exr"), rgb("out.exr"))
    again = run("regrade", "in.#.exr", "out.#.exr", "--sdev", "known.cube")
    assert totals_of(again.out)["done before"] == 2
    assert run("apply", "in.1.exr", "numpy.exr", "--sdev", "known.cube", "--engine", "numpy").code == DONE
    assert np.abs(rgb("numpy.exr").astype(np.float32) - rgb("out.exr")).max() <= np.spacing(np.float16(1))


def test_other_primaries_and_exposures_are_taken(run: Any, shot: Path) -> None:
    assert run("apply", "aces.exr", "aces.out.exr", "--sdev", "known.cube").code == DONE
    assert np.array_equal(rgb("aces.out.exr"), known().with_input("ACEScg").apply(rgb("aces.exr")))
    assert run("apply", "in.1.exr", "bright.exr", "--sdev", "known.cube", "--exposure", "1").code == DONE
    assert np.array_equal(rgb("bright.exr"), known().with_exposure(1).apply(rgb("in.1.exr")))


def test_the_stamps_say_which_lut_it_was(run: Any, shot: Path) -> None:
    assert run("apply", "in.1.exr", "out.exr", "--sdev", "known.cube").code == DONE
    [grade] = read_grades("out.exr")
    assert grade.facts["name"] == "a look"
    assert grade.facts["sha256"] == known().sha256
    assert grade.facts["input"] == "Rec.709"
    assert grade.facts["output"] == "Rec.709 2.4"
    assert grade.facts["interpolation"] == "tetrahedral"
    header = exr.read("out.exr").header
    assert header.text("colorInteropID") == "g24_rec709_display"
    assert "a look" in run("info", "out.exr").out


def test_a_lut_of_unknown_input_is_refused_with_what_to_type(run: Any, shot: Path) -> None:
    result = run("apply", "in.1.exr", "out.exr", "--sdev", "unknown.cube")
    assert (result.code, result.out) == (WRONG_USE, "")
    assert "its input primaries are not known: --takes NAME says what it takes" in result.err
    assert not Path("out.exr").exists()
    assert run("convert", "unknown.cube", "said.clf", "--takes", "LogC3/Rec.709", "--gives", "rec1886").code == DONE
    assert run("apply", "in.1.exr", "out.exr", "--sdev", "said.clf").code == DONE
    assert np.array_equal(rgb("out.exr"), load("said.clf").apply(rgb("in.1.exr")))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--display", "P3-DCI"), "a LUT file shows its own display"),
        (("--printer-lights", "25,25,25"), "printer_lights: needs a look that can be rebuilt"),
    ],
)
def test_what_a_lut_cannot_is_a_line(options: tuple[str, ...], says: str, run: Any, shot: Path) -> None:
    result = run("apply", "in.1.exr", "out.exr", "--sdev", "known.cube", *options)
    assert result.code == WRONG_USE
    assert says in result.err
    assert result.err.count("\n") == 1
    assert not Path("out.exr").exists()


def test_a_session_with_a_lut_goes_to_other_processes(shot: Path) -> None:
    session = Session(known(), Options())
    again = pickle.loads(pickle.dumps(session))
    assert again.sdev == session.sdev
    assert again.output == session.output == "Rec.709 2.4"
    light = rgb("in.1.exr")
    for primaries in ("Rec.709", "ACEScg"):
        mine, theirs = (each.sdev_for(primaries).apply(light) for each in (session, again))
        assert mine.tobytes() == theirs.tobytes()


@pytest.mark.slow
def test_workers_grade_the_same_pixels(run: Any, shot: Path) -> None:
    assert run("regrade", "in.#.exr", "one.#.exr", "--sdev", "known.cube").code == DONE
    result = process(
        *("regrade", "in.#.exr", "many.#.exr", "--sdev", "known.cube", "--cluster", "local", "--workers", "2"), cwd=shot
    )
    assert result.code == DONE, result.err
    for frame in (1, 2):
        assert np.array_equal(rgb(f"one.{frame}.exr"), rgb(f"many.{frame}.exr"))


def test_a_plan_in_python_takes_a_lut(shot: Path) -> None:
    [report] = regrade(plan(known(), shot / "in.1.exr", shot / "py.exr"))
    assert report.status == "ok", report.why
    assert np.array_equal(rgb("py.exr"), known().apply(rgb("in.1.exr")))


def test_dailies_show_what_a_lut_makes(run: Any, shot: Path) -> None:
    pytest.importorskip("av")
    result = run("dailies", "in.#.exr", "out.mov", "--sdev", "known.cube", "--fps", "24", "--codec", "prores4444")
    assert result.code == DONE, result.err
    assert Path("out.mov").stat().st_size > 0
    refused = run("dailies", "in.#.exr", "no.mov", "--sdev", "unknown.cube", "--fps", "24")
    assert refused.code != DONE
    assert "its input primaries are not known" in refused.out + refused.err
    assert not Path("no.mov").exists()
