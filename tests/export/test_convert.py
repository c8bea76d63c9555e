"""One LUT file into another: the same pixels where that is said, else a loss that is true; plain refusals."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line
from export_samples import converted
from ocio_host import host
from text_lut_samples import corpus, curve, nodes

from lattice.export.convert import convert
from lattice.files.luts import register
from lattice.interp import process
from lattice.process_list import Exponent, Log, Lut1D, Lut3D, Matrix, ProcessList, Range
from lattice.sdev import Lut, SDev, load

FILES = (
    "lustre_33x33x33.3dl",
    "discreet-3d-lut.3dl",
    "iridas_3d.cube",
    "resolve_cube_LogC_Video.cube",
    "resolve_cube_Demo.cube",
    "cinespace_Demo.csp",
    "lut3d_arbitrary.csp",
    "sRGB_to_linear.spi1d",
    "lut3d_bizarre.spi3d",
    "matrix_windows.clf",
    "lut1d_lut3d_lut1d.clf",
    "nuke_3d.vf",
    "lut1d_half_domain_raw_half_set.clf",
)
OWN = (".clf", ".ctf")  # which say their interpolation themselves
HOSTED = (*OWN, ".cube", ".spi1d", ".spi3d", ".spimtx", ".3dl", ".vf", ".itx")
FORMATS = (*HOSTED, ".csp", ".cub", ".lut", ".png")
SAME = 2e-5  # of a code, relative above 1: numbers as text, and two float32 programs


def pixels(low: float = 0.0, high: float = 1.0, count: int = 3000) -> Any:
    found = np.random.default_rng(8).uniform(low, high, (count, 3))
    found[:8] = low + (high - low) * np.indices((2, 2, 2)).reshape(3, -1).T
    return found


def through(path: Path, given: Any, keeps: bool = False) -> Any:
    """What a file makes of colors (n, 3), by tetrahedra, or as it says itself."""
    listed = register.read(path)
    return process.run((listed if keeps else listed.with_interpolation("tetrahedral")).nodes, given.T).T


def far(found: Any, wanted: Any) -> float:
    return float((np.abs(found - wanted) / np.maximum(1, np.abs(wanted))).max())


@pytest.mark.parametrize("name", FILES)
def test_what_is_said_of_each_format_is_true(name: str, tmp_path: Path, ocio: Any) -> None:
    source, count = corpus() / name, 0
    for suffix in FORMATS:
        target = tmp_path / f"a{suffix}"
        said = converted(source, target)
        if said is None:
            continue
        count += 1
        low, high = map(float, re.findall(r"over (\S+) to (\S+)", said)[0] if "over" in said else (0, 1))
        given = pixels(low, high)
        found, wanted = through(target, given), through(source, given)
        if "the same pixels" in said:
            assert far(found, wanted) < SAME, said
        else:
            told, most = map(float, re.findall(r"differ by (\S+), at most (\S+)", said)[0])
            steps = np.abs(found - wanted) / np.maximum(1, np.abs(wanted))
            # of other colors in the same domain
            assert 0.3 * told - SAME <= steps.mean() <= 3 * told + SAME, said
            assert steps.max() <= 2 * most + SAME, said
        if suffix in HOSTED:
            ours = through(target, given, keeps=suffix in OWN)
            assert far(host(ocio, target, given), ours) < SAME, suffix
    assert count >= 4
    for suffix in OWN:
        outside = pixels(-0.5, 1.5)
        assert far(through(tmp_path / f"a{suffix}", outside), through(source, outside)) < SAME


def test_a_clf_is_an_sdev_where_that_is_exact(tmp_path: Path) -> None:
    source = corpus() / "lustre_33x33x33.3dl"
    assert convert(source, tmp_path / "a.clf") == [f"{tmp_path / 'a.clf'}: an SDev, the same pixels"]
    assert isinstance(load(tmp_path / "a.clf"), SDev)
    said = convert(source, tmp_path / "b.clf", size=17)
    assert "resampled; over 0 to 1 codes differ by" in said[0]
    assert register.read(tmp_path / "b.clf").nodes[0].size == 17  # type: ignore[attr-defined]  # a Lut3D
    convert(corpus() / "resolve_cube_LogC_Video.cube", tmp_path / "c.clf")
    assert isinstance(load(tmp_path / "c.clf"), Lut)


@pytest.mark.parametrize("target", ["b.clf", "b.spi3d"])
def test_the_loss_of_a_file_is_not_that_of_what_is_made_of_it(target: str, tmp_path: Path) -> None:
    nodes = np.random.default_rng(3).uniform(0, 1, (5, 5, 5, 3)).astype(np.float32)
    held = ProcessList("a", (Lut3D(nodes),), {"loss": "CIEDE2000 0.02"})
    (tmp_path / "a.cube").write_bytes(register.text_of(held, Path("a.cube")))
    assert load(tmp_path / "a.cube").provenance["loss"] == "CIEDE2000 0.02"
    is_fitted = target == "b.clf"
    convert(tmp_path / "a.cube", tmp_path / target, size=None if is_fitted else 4, is_fitted=is_fitted)
    assert "loss" not in load(tmp_path / target).provenance


def test_a_fit_tells_its_loss(tmp_path: Path) -> None:
    source = corpus() / "resolve_cube_LogC_Video.cube"
    said, hint = convert(source, tmp_path / "a.clf", size=17, is_fitted=True)
    assert hint.startswith("--gives NAME, the display")
    mean, most = map(float, re.findall(r"differ by (\S+), at most (\S+)", said)[0])
    sdev = load(tmp_path / "a.clf")
    assert isinstance(sdev, SDev)
    assert sdev.lattice.size == 17
    steps = np.abs(sdev.apply(pixels()[None].astype(np.float32))[0] - np.clip(through(source, pixels()), 0, 1))
    assert steps.mean() == pytest.approx(mean, rel=0.3)
    assert steps.max() <= 1.5 * most
    assert steps.mean() < 0.01
    again = sdev.apply(pixels()[None].astype(np.float32))
    convert(source, tmp_path / "b.clf", size=17, is_fitted=True)
    assert np.array_equal(load(tmp_path / "b.clf").apply(pixels()[None].astype(np.float32)), again)


def test_what_a_lut_takes_and_gives_is_in_the_new_file(tmp_path: Path) -> None:
    source = corpus() / "resolve_cube_LogC_Video.cube"
    convert(source, tmp_path / "a.clf", takes="LogC3", gives="rec1886")
    lut = load(tmp_path / "a.clf")
    assert lut.provenance["input"] == "ARRI Wide Gamut 3"
    assert lut.provenance["takes"] == "linear light, ARRI Wide Gamut 3 primaries"
    assert lut.provenance["output"] == "Rec.709 2.4"
    assert lut == load(source, takes="LogC3", gives="rec1886")
    assert lut.with_input("ACEScg").provenance["input"] == "ACEScg"
    convert(source, tmp_path / "b.clf", takes="LogC3/Rec.709")
    assert load(tmp_path / "b.clf").provenance["input"] == "Rec.709"
    sdev = load(tmp_path / "a.clf")
    light = np.full((1, 1, 3), 0.18, np.float32)
    code = np.float32(0.391007)  # of mid gray. Source: ARRI, LogC3 at EI 800
    assert sdev.apply(light) == pytest.approx(load(source).apply(np.full((1, 1, 3), code)), abs=1e-5)


def test_a_domain_that_is_asked_for_is_that_of_the_new_file(tmp_path: Path) -> None:
    clf = tmp_path / "a.clf"
    log = ProcessList("log", (Log("linToLog", lin_offset=np.full(3, 0.01)), Matrix(0.1 * np.eye(3))))
    clf.write_bytes(register.text_of(log, clf))
    said = convert(clf, tmp_path / "b.cube", domain=(-0.005, 12.0))[0]
    assert "over -0.005 to 12" in said
    given = pixels(-0.005, 12.0)
    told = float(said.rpartition("at most ")[2]) if "at most" in said else SAME
    assert far(through(tmp_path / "b.cube", given), through(clf, given)) <= 2 * told
    assert "over 0 to 1" in convert(clf, tmp_path / "c.cube")[0]


def test_an_sdev_becomes_a_lut_of_what_is_asked(premier: SDev, tmp_path: Path) -> None:
    premier.save(tmp_path / "a.clf")
    said = convert(tmp_path / "a.clf", tmp_path / "b.cube", asked="LogC3/Rec.709", size=17)
    assert "takes ARRI LogC3 EI800 codes, Rec.709 primaries" in said[0]
    assert "17^3 of an SDev" in said[1]
    said = convert(tmp_path / "a.clf", tmp_path / "c.csp")
    assert "takes linear light, Rec.709 primaries" in said[0]
    light = 2.0 ** pixels(-6, 5)
    assert np.abs(through(tmp_path / "c.csp", light).clip(0, 1) - premier.apply(light)).mean() < 1e-3
    assert convert(tmp_path / "a.clf", tmp_path / "d.ctf") == [f"{tmp_path / 'd.ctf'}: the same pixels"]
    assert np.abs(through(tmp_path / "d.ctf", light, keeps=True) - premier.apply(light)).max() < 1e-3
    one_line(lambda: convert(tmp_path / "a.clf", tmp_path / "e.3dl"), "input: a .3dl takes codes", "--input")
    one_line(lambda: convert(tmp_path / "a.clf", tmp_path / "e.clf", takes="LogC3"), "it says what it takes")


def test_interpolation_that_the_file_cannot_say_is_said(tmp_path: Path) -> None:
    clf = tmp_path / "a.clf"
    clf.write_bytes(register.text_of(ProcessList("x", (Lut3D(nodes(), "trilinear"),)), clf))
    said = convert(clf, tmp_path / "b.cube")
    assert said == [
        f"{tmp_path / 'b.cube'}: the same pixels",
        "choose trilinear interpolation in the program: the file cannot say that it is for it",
    ]


REFUSED: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("b.look", {}, "only read"),
    ("b.txt", {}, "expected a LUT file"),
    ("b.cube", {"is_fitted": True}, "--fit makes an SDev, whose file is a .clf"),
    ("b.clf", {"asked": "ACEScg"}, "what a LUT file takes is --takes"),
    ("b.clf", {"takes": "LogC33"}, "did you mean"),
    ("b.clf", {"gives": "rec18866"}, "display"),
    ("b.spi1d", {}, "b.spi1d: expected"),
    ("b.spimtx", {}, "b.spimtx: expected"),
    ("b.cc", {}, "b.cc: a CDL file holds one CDL"),
    ("b.clf", {"size": 0}, "size: expected 2 to 129"),
    ("b.clf", {"size": 10**9, "is_fitted": True}, "size: expected 2 to 129"),
    ("b.clf", {"size": 67, "is_fitted": True}, "size: expected at most 65"),
    ("b.cube", {"size": 130}, "size: expected 2 to 129"),
)


@pytest.mark.parametrize(("target", "how", "says"), REFUSED)
def test_what_cannot_be_is_one_line(target: str, how: dict[str, Any], says: str, tmp_path: Path) -> None:
    source = tmp_path / "a.cube"
    shaper = Lut1D(curve(), np.zeros(3), np.full(3, 8.0))
    source.write_bytes(register.text_of(ProcessList("a", (shaper, Lut3D(nodes()))), source))
    one_line(lambda: convert(source, tmp_path / target, **how), says)
    assert os.listdir(tmp_path) == ["a.cube"]


def test_what_is_there_is_kept(tmp_path: Path) -> None:
    source = corpus() / "iridas_3d.cube"
    (tmp_path / "b.csp").write_text("theirs")
    one_line(lambda: convert(source, tmp_path / "b.csp"), "b.csp: exists already; --overwrite")
    assert (tmp_path / "b.csp").read_text() == "theirs"
    convert(source, tmp_path / "b.csp", overwrite=True)
    convert(source, tmp_path / "b.csp")  # the same bytes are there
    one_line(lambda: convert(source, tmp_path / "none" / "b.csp"), "b.csp: expected an existing folder, got none at")


def bad(folder: Path, kind: str) -> Path:
    path = folder / f"{kind}.cube"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "zeros":
        path.symlink_to("/dev/zero")
    elif kind == "folder":
        path.mkdir()
    elif kind != "missing":
        path.write_bytes(
            {
                "empty": b"",
                "huge": b"LUT_3D_SIZE 1000000000\n0 0 0\n",
                "huge 1D": b"LUT_1D_SIZE 1000000000\n0 0 0\n",
                "cut": b"LUT_3D_SIZE 2\n0 0 0\n1 1",
                "nulls": b"\0" * 10**6,
                "text": "\ud7ff".encode() * 1000,
            }[kind]
        )
    return path


@pytest.mark.parametrize(
    "kind", ["pipe", "zeros", "folder", "missing", "empty", "huge", "huge 1D", "cut", "nulls", "text"]
)
def test_a_bad_file_is_one_line_at_once(kind: str, tmp_path: Path) -> None:
    source = bad(tmp_path, kind)
    began = time.process_time()
    one_line(lambda: convert(source, tmp_path / "new.csp"), source.name)
    one_line(lambda: load(source), source.name)
    one_line(lambda: convert(source, tmp_path / "new.clf", is_fitted=True), source.name)
    assert time.process_time() - began < 1
    assert not (tmp_path / "new.csp").exists()


def test_what_is_no_number_is_not_fitted(tmp_path: Path) -> None:
    clf = tmp_path / "a.clf"
    odd = (Range(None, None, 1e9, 0), Exponent("basicFwd", np.full(3, 100.0)), Matrix(np.ones((3, 3)) - 2 * np.eye(3)))
    clf.write_bytes(register.text_of(ProcessList("odd", odd), clf))
    one_line(lambda: convert(clf, tmp_path / "b.clf", is_fitted=True), "odd: expected finite numbers")
    one_line(lambda: convert(clf, tmp_path / "b.cube"), "")
    assert os.listdir(tmp_path) == ["a.clf"]
