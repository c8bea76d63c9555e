"""Frames on another display and with other printer lights: pixels, tags, what counts as done, what is refused."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line
from cli_samples import DONE, WRONG_USE
from exr_samples import save
from regrade_samples import production_frame

import lattice
from lattice.files import source
from lattice.files.exr import file as exr
from lattice.files.exr.header import Attribute
from lattice.regrade import Options, Session, plan, regrade
from lattice.sdev.relight import with_printer_lights

SMALL = (8, 6)


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    for frame in (1, 2):
        save(tmp_path / f"in.{frame}.exr", production_frame(SMALL))
    return tmp_path


def graded(shot: Path, sdev: Any, suffix: str = "exr", **options: Any) -> list[str]:
    settled = plan(sdev, shot / "in.#.exr", shot / f"out.#.{suffix}", options=Options(**options))
    return [report.status for report in regrade(settled)]


def rgb(path: Path) -> Any:
    channels = exr.read(path).channels
    return np.stack([channels[name] for name in "RGB"], axis=-1)


def test_frames_are_shown_as_by_the_sdev_on_that_display(shot: Path, premier: Any) -> None:
    pixels = rgb(shot / "in.1.exr")
    for name in ("P3-DCI", "PQ@203", "HLG@203"):
        assert graded(shot, premier, display=name.lower(), replace=True, premult="off") == ["ok"] * 2
        wanted = premier.with_display(name).apply(pixels, engine="native")
        assert np.array_equal(rgb(shot / "out.1.exr"), wanted)
        assert graded(shot, premier, display=name, premult="off") == ["skipped"] * 2


@pytest.mark.parametrize(
    ("display", "id", "output"),
    [
        ("pq@203", "pq_rec2020_display", "Rec.2020 PQ@203"),
        ("hlg", "hlg_rec2020_display", "Rec.2020 HLG@100"),
        ("dcdm", "g26_xyzd65_display", "CIE XYZ-D65 2.6"),
        ("p3-d65", "g26_p3d65_display", "Display P3 2.6"),
    ],
)
def test_an_exr_says_its_display(display: str, id: str, output: str, shot: Path, premier: Any) -> None:
    assert graded(shot, premier, display=display) == ["ok"] * 2
    header = exr.read_headers(shot / "out.1.exr")[0]
    assert header.text("colorInteropID") == id
    assert header.text("sdev:output") == output


def test_lights_are_those_of_the_look_printed_so(shot: Path, built: Any) -> None:
    vision, lights = built("vision"), (27, 25, 23)
    assert graded(shot, vision, printer_lights=lights, premult="off") == ["ok"] * 2
    wanted = with_printer_lights(vision, lights).apply(rgb(shot / "in.1.exr"), engine="native")
    assert np.array_equal(rgb(shot / "out.1.exr"), wanted)
    assert graded(shot, vision, printer_lights="27.0, 25;23", premult="off") == ["skipped"] * 2
    one_line(
        lambda: graded(shot, vision, printer_lights="27,25,24", premult="off"),
        "were graded with vision",
        "(printer_lights 27,25,23, not 27,25,24); --replace replaces them",
    )


def test_a_session_travels_with_its_display_and_lights(built: Any) -> None:
    import pickle

    session = Session(built("vision"), Options(display="pq@203", printer_lights=(26, 25, 25)))
    again = pickle.loads(pickle.dumps(session))
    assert again.sdev == session.sdev
    assert session.with_disk_slots(lambda: None).sdev == session.sdev  # type: ignore[arg-type,return-value]


def test_frames_of_another_display_are_told_and_replaced_when_asked(shot: Path, premier: Any) -> None:
    assert graded(shot, premier) == ["ok"] * 2
    one_line(lambda: graded(shot, premier, display="p3-dci"), "(display auto, not P3-DCI); --replace")
    assert graded(shot, premier, display="p3-dci", replace=True) == ["ok"] * 2
    one_line(lambda: graded(shot, premier), "(display P3-DCI, not auto); --replace")


@pytest.mark.parametrize("suffix", ["dpx", "cin"])
def test_formats_of_printing_density_hold_no_codes_above_white(suffix: str, shot: Path, premier: Any) -> None:
    pytest.importorskip("OpenImageIO")
    for display, output in (("pq", "Rec.2020 PQ@100"), ("hlg", "Rec.2020 HLG@100"), ("dcdm", "CIE XYZ-D65 2.6")):
        one_line(
            lambda asked=display: graded(shot, premier, suffix, display=asked),
            f"{'DPX' if suffix == 'dpx' else 'Cineon'} holds printing density, not the codes of {output}: write .exr",
        )
    assert graded(shot, premier, suffix, display="p3-dci") == ["ok"] * 2


def test_a_png_says_pq_and_a_tiff_that_it_cannot(shot: Path, premier: Any) -> None:
    pytest.importorskip("OpenImageIO")
    assert graded(shot, premier, "png", display="pq@203") == ["ok"] * 2
    assert b"cICP" + bytes((9, 16, 0, 1)) in (shot / "out.1.png").read_bytes()
    settled = plan(premier, shot / "in.#.exr", shot / "out.#.tif", options=Options(display="hlg"))
    assert any("a TIFF cannot say that its codes are of Rec.2020 HLG@100" in line for line in settled.notes)
    for display, told in (
        ("pq", "8 bits are too few for Rec.2020 PQ@100"),
        ("dcdm", "a PNG cannot say that its codes are of CIE XYZ-D65 2.6"),
    ):
        shown = plan(premier, shot / "in.#.exr", shot / "p.#.png", options=Options(display=display))
        assert any(told in line for line in shown.notes)
    assert [report.status for report in regrade(settled)] == ["ok"] * 2
    assert source.read_headers(shot / "out.1.tif", "auto")[0].shape == SMALL


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"display": "p4"}, "no display is named 'p4'"),
        ({"printer_lights": "25,25"}, "printer_lights: expected three numbers from 0 to 50, such as 25,24.5,26"),
        ({"printer_lights": "25,25,x"}, "expected three numbers"),
        ({"printer_lights": "25,25,51"}, "expected three numbers from 0 to 50"),
        ({"printer_lights": (25, 25, True)}, "expected three numbers"),
        ({"printer_lights": (True, 25, 25, 25)}, "expected three numbers"),
        ({"printer_lights": {1: 1, 2: 2, 3: 3}}, "expected three numbers"),
        ({"display": 5}, "display: expected a name, such as 'P3-DCI', got 5"),
        ({"display": {"primaries": "P3-DCI"}}, "a profile takes a table"),
        ({"printer_lights": 25}, "expected three numbers"),
        ({"printer_lights": "nan,25,25"}, "expected three numbers"),
        ({"printer_lights": ""}, "expected three numbers"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_line(options: Any, told: str) -> None:
    one_line(lambda: Options(**options), told)


def test_the_command_line_takes_them(shot: Path, run: Any) -> None:
    shown = ("--printer-lights", "26,25,24", "--display")
    result = run("apply", shot / "in.1.exr", shot / "a.exr", "--sdev", "vision", *shown, "PQ@203")
    assert result.code == DONE
    assert exr.read_headers(shot / "a.exr")[0].text("sdev:output") == "Rec.2020 PQ@203"
    wrong = run("apply", shot / "in.1.exr", shot / "b.exr", "--sdev", "vision", "--display", "nope")
    assert (wrong.code, wrong.err.count("\n")) == (WRONG_USE, 1)
    wrong = run("apply", shot / "in.1.exr", shot / "b.exr", "--sdev", "vision", "--exposure", "half")
    assert (wrong.code, wrong.err.count("\n")) == (WRONG_USE, 1)
    assert "--exposure: expected a number, got 'half'" in wrong.err
    built = run("build", "vision", "-o", shot / "v.clf", "--exposure", "1", *shown, "p3-dci")
    assert (built.code, built.err) == (DONE, "")
    sdev = lattice.load(shot / "v.clf")
    wanted = lattice.looks.load_profile("vision").replace(printer_lights=(26, 25, 24)).sdev()
    assert sdev == wanted.with_display("p3-dci").with_exposure(1)
    hlg = run("build", "vision", "-o", shot / "h.clf", "--display", "hlg")
    assert hlg.code == WRONG_USE
    assert "a CLF cannot hold HLG" in hlg.err
    assert not (shot / "h.clf").exists()


def test_the_white_that_is_shown_is_the_adopted_neutral(shot: Path, built: Any) -> None:
    neutral = {"adoptedNeutral": Attribute.floats("v2f", 0.32168, 0.33767)}
    save(shot / "n.exr", production_frame(SMALL), neutral)
    d60 = lattice.looks.load_profile("premier").replace(display={"white": "D60"}).sdev()
    for sdev, display, white in (
        (built("premier"), None, (0.3127, 0.3290)),
        (built("premier"), "dcdm", (0.3127, 0.3290)),
        (built("premier"), "p3-dci", (0.314, 0.351)),
        (d60, None, (0.32168, 0.33767)),
    ):
        settled = plan(sdev, shot / "n.exr", shot / "o.exr", options=Options(display=display, replace=True))
        assert [report.status for report in regrade(settled)] == ["ok"]
        header = exr.read_headers(shot / "o.exr")[0]
        assert struct.unpack("<2f", header.exr.attributes["adoptedNeutral"].data) == pytest.approx(white, abs=1e-4)
    assert json.loads(header.text("sdev:look") or "{}")["display"]["white"] == "D60"


def test_lights_and_exposure_are_told_before_a_frame_is_graded(shot: Path, premier: Any) -> None:
    asked = Options(exposure=0.5, printer_lights=(26, 25, 24), input="ACEScg")
    lines = plan(premier, shot / "in.#.exr", shot / "out.#.exr", options=asked).lines
    assert "input ACEScg, output Rec.709 sRGB, exposure +0.5, printer lights 26,25,24" in lines
