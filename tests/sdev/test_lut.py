"""A LUT file in Python: an SDev where that is exact, else a Lut that grades, takes other inputs and compares as one."""

from __future__ import annotations

import copy
import pickle
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line, random_device
from lut_shapes import LUTS, MIX, ROOT_OF, SDEVS, UNIT, lattice_of, listed, scene, shaped
from text_lut_samples import curve

import lattice
from lattice.color.inputs import find
from lattice.color.primaries import convert
from lattice.files.luts import register
from lattice.interp import process
from lattice.process_list import Cdl, InverseLut1D, InverseLut3D, Knots, Log, Lut1D, Matrix, Node, ProcessList, Range
from lattice.sdev import Lut, SDev, load
from lattice.sdev.fused import fused
from lattice.sdev.told import giving, taking
from lattice.types import LatticeError, SDevData


def test_files_become_what_they_are(tmp_path: Path) -> None:
    cube = tmp_path / "theirs.cube"
    cube.write_bytes(register.text_of(listed(SDEVS["a lattice"]), cube))
    sdev = load(cube)
    assert isinstance(sdev, SDev)
    assert (sdev.name, sdev.lattice.size, sdev.interpolation) == ("theirs", 17, "tetrahedral")
    cube.write_bytes(register.text_of(listed(LUTS["a curve"]), cube))
    assert isinstance(load(cube), Lut)
    clf = tmp_path / "theirs.clf"
    clf.write_bytes(register.text_of(listed(SDEVS["shown as an SDev"]), clf))
    theirs = load(str(clf))
    assert isinstance(theirs, SDev)
    sdev.save(tmp_path / "ours.clf")
    assert load(tmp_path / "ours.clf") == sdev
    assert load(tmp_path / "ours.clf", takes="ACEScg").with_input("Rec.709").provenance["input"] == "Rec.709"
    load("premier").save(tmp_path / "look.clf")
    for asked in ({"takes": "LogC3"}, {"gives": "rec1886"}):
        one_line(lambda asked=asked: load(tmp_path / "look.clf", **asked), "look.clf: it says what it takes")
    one_line(lambda: load("premier", gives="sRGB"), "expected a LUT file beside them, got 'premier'")
    one_line(lambda: load(cube, takes="LogC33"), "LogC3")
    one_line(lambda: load(cube, gives="srgbx"), "display")
    one_line(lambda: load(tmp_path / "none.cube"), "none.cube")


@pytest.fixture
def lut() -> Lut:
    return Lut.from_list(listed((Matrix(0.5 * np.eye(3)), lattice_of(), Cdl(saturation=0.8)), input="Rec.709"))


def test_codes_are_made_of_light(lut: Lut) -> None:
    given = listed((lattice_of(33),))
    space = find("LogC3")
    taken = taking(given, "LogC3")
    light = scene()
    codes = np.clip(space.encode(light.astype(np.float64)), 0, 1)
    wanted = process.run(given.nodes, codes[0].T).T
    found = Lut.from_list(taken).apply(light)[0]
    # between two halves the curve is a line: 5e-7 of code off it at most; a cell of 32 moves by at most 1
    assert np.abs(found - wanted).max() < 1e-4
    assert taken.provenance["input"] == space.primaries
    known = Lut.from_list(taken).with_input("ACEScg")
    assert known.provenance["input"] == "ACEScg"
    white = np.full((1, 1, 3), 0.4, np.float32)
    assert np.abs(known.apply(white) - Lut.from_list(taken).apply(white)).max() < 1e-5
    assert taking(given, "ACEScg").nodes == given.nodes
    decoded = Lut.from_list(taken).with_input("LogC3")
    assert decoded.codes is not None
    assert decoded.sha256 != Lut.from_list(taken).sha256
    assert np.abs(decoded.apply(codes.astype(np.float32))[0] - wanted).max() < 1e-4


def test_other_inputs_and_exposures_stand_before_all_nodes(lut: Lut) -> None:
    image = scene()
    other = lut.with_input("ACEScg")
    assert np.allclose(other.nodes[0].matrix[:, :3], convert("ACEScg", "Rec.709"), atol=1e-12)
    assert lut.with_input("Rec.709") is lut
    brighter = lut.with_exposure(1)
    assert np.array_equal(brighter.apply(image), lut.apply(2 * image))
    assert lut.with_exposure(0) is lut
    assert brighter.sha256 != lut.sha256
    both = lut.with_exposure(1).with_input("ACEScg"), lut.with_input("ACEScg").with_exposure(1)
    assert np.abs(both[0].apply(image) - both[1].apply(image)).max() < 1e-5
    for wrong in (99, float("nan"), "1", None, True):
        one_line(lambda wrong=wrong: lut.with_exposure(wrong), "exposure: expected stops from -20 to 20")


def test_what_is_not_known_is_asked_for(lut: Lut) -> None:
    unknown = Lut.from_list(listed(lut.nodes))
    one_line(lambda: unknown.with_input("ACEScg"), "theirs: its input primaries are not known", "--takes NAME")
    one_line(lambda: unknown.with_exposure(1), "theirs: exposure: it is not known to take light", "takes=...")
    one_line(lambda: lut.with_display("P3-DCI"), "theirs: a LUT file shows its own display")
    one_line(lambda: lut.with_input("ACEScgg"), "ACEScg")
    one_line(lambda: lut.with_input([0.3] * 8), "primaries")
    assert unknown.apply(scene()).shape == scene().shape


def test_the_display_is_what_the_file_says() -> None:
    for word, gamma, peak in (
        ("sRGB", "sRGB", None),
        ("rec1886", 2.4, None),
        ("pq@203", "PQ", 203.0),
        ("hlg", "HLG", 100.0),
    ):
        lut = Lut.from_list(giving(listed((MIX,)), word))
        assert lut.shown.gamma == gamma
        assert peak is None or lut.shown.peak == peak
    for odd in ("", "nonsense", "Rec.709 nan", "Rec.709 1e9", "Rec.2020 PQ@-1", "Rec.2020 PQ@nan", "inf"):
        assert Lut.from_list(listed((MIX,), output=odd)).shown.gamma == 1.0


def said(call: Any) -> str:
    """What a call is refused with; nothing where it is not."""
    try:
        call()
    except LatticeError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    "facts", [{"codes": "nowhere"}, {"input": "nowhere"}, {"output_chromaticities": "1 2"}, {"input": ""}]
)
def test_odd_facts_of_a_file_are_a_line_at_most(facts: dict[str, str]) -> None:
    lut = Lut.from_list(listed((MIX,), **facts))
    for call in (lambda: lut.apply(scene()), lambda: lut.with_input("ACEScg"), lambda: lut.sha256, lambda: repr(lut)):
        assert "\n" not in said(call)


def test_luts_compare_pickle_and_copy_by_content(lut: Lut) -> None:
    taken = {"input": lut.provenance["input"]}  # decides what becomes of other primaries
    again = Lut.from_list(listed(lut.nodes, title="of no account", **taken))
    assert Lut.from_list(listed(lut.nodes)) != lut
    assert again == lut
    assert hash(again) == hash(lut)
    for same in (pickle.loads(pickle.dumps(lut)), copy.copy(lut), copy.deepcopy(lut)):
        assert same == lut
        assert (same.name, dict(same.provenance)) == (lut.name, dict(lut.provenance))
        assert same.apply(scene()).tobytes() == lut.apply(scene()).tobytes()
    changed = Lut.from_list(listed((*lut.nodes, UNIT)))
    assert changed != lut
    assert lut != ProcessList(lut.name, lut.nodes)
    assert changed.sha256 != lut.sha256


def test_the_digest_is_the_same_on_every_machine() -> None:
    nodes = (Matrix(np.eye(3)), Range(0, 1), Lut1D(np.linspace(0, 1, 5)[:, None].repeat(3, axis=1)), Log("linToLog"))
    assert Lut.from_list(listed(nodes)).sha256 == "0632299c0cc11eea92a12a9ca24bfa87e6575da3d4259a754b246608358ee473"
    parts: list[tuple[Node, ...]] = [*SDEVS.values(), *LUTS.values()]
    assert len({Lut.from_list(listed(each)).sha256 for each in parts}) == len(parts)


def test_a_repr_is_a_short_line() -> None:
    for nodes in (*LUTS.values(), (MIX,) * 500, (InverseLut1D(Lut1D(curve())),)):
        text = repr(Lut("x" * 200, nodes))
        assert len(text) < 200
        assert "\n" not in text


def test_the_stages_say_what_each_node_is() -> None:
    nodes = (
        MIX,
        Matrix(np.column_stack([np.eye(3), np.ones(3)])),
        Range(0.0, 1.0),
        Range(scale=2.0, offset=1.0),
        shaped(),
        Lut1D(curve()),
        Knots((np.arange(3.0),) * 3, (np.arange(3.0),) * 3),
        InverseLut3D(lattice_of()),
    )
    said = [text for _, text in Lut("x", (*nodes, Log("linToLog"), Log("logToLin"), ROOT_OF, Cdl())).stages]
    assert said == [
        "3x3 matrix",
        "3x3 matrix and offset",
        "range, least 0, most 1",
        "range, times 2 plus 1",
        "1D LUT, 65,536 entries, every half",
        "1D LUT, 33 entries, over 0 to 1",
        "curves through 3 points, 0 to 2",
        "inverse of a 3D LUT 17^3, tetrahedral",
        "log curve",
        "inverse log curve",
        "gamma 2.4, basicRev",
        "CDL",
    ]


def test_the_method_that_is_asked_for_is_that_of_every_lattice(lut: Lut) -> None:
    image = scene()
    for engine in ("numpy", "native"):
        by_planes = lut.apply(image, interpolation="trilinear", engine=engine)  # type: ignore[arg-type]  # of the two
        wanted = process.run(lut.with_interpolation("trilinear").nodes, image[0].T).T
        assert np.abs(by_planes[0] - wanted).max() < 2e-5
        assert np.abs(by_planes - lut.apply(image)).max() > 0.01
    assert lut.interpolation == "tetrahedral"


def test_every_kind_of_picture_is_graded(lut: Lut) -> None:
    picture = np.random.default_rng(3).uniform(-1, 2, (37, 41, 4))
    wanted = lut.apply(picture.astype(np.float32))
    assert np.array_equal(wanted[..., 3], picture[..., 3].astype(np.float32))
    assert np.array_equal(lut.apply(picture)[..., :3], wanted[..., :3].astype(np.float64))
    for threads in (1, 2, 3):
        assert lut.apply(picture.astype(np.float32), threads=threads).tobytes() == wanted.tobytes()
    half = picture.astype(np.float16)
    assert np.abs(lut.apply(half)[..., :3] - lut.apply(half.astype(np.float32))[..., :3]).max() < 1e-3
    place = picture.astype(np.float32)
    assert lut.apply(place, place) is place
    assert place.tobytes() == wanted.tobytes()


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_values_past_a_half_are_infinite_without_a_warning(engine: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = Lut("x", (Matrix(1e5 * np.eye(3)),)).apply(np.array([[[1, -1, np.nan]]], np.float16), engine=engine)
    assert np.array_equal(found, [[[np.inf, -np.inf, np.nan]]], equal_nan=True)


def test_what_does_not_run_is_a_line(lut: Lut, monkeypatch: pytest.MonkeyPatch) -> None:
    one_line(lambda: lut.apply(scene(), engine="cuda"), "theirs is a list of process nodes", "--fit")
    one_line(lambda: lut.apply(scene(), engine="metal"), "expected auto")  # type: ignore[arg-type]  # wrong on purpose
    back = Lut("back", (InverseLut1D(Lut1D(curve())),))
    one_line(lambda: back.apply(scene(), engine="native"), "native runs no inverse of a LUT", "numpy or auto")
    assert np.isfinite(back.apply(scene())).all()
    one_line(lambda: lut.apply(np.zeros((3, 3), "U1")), "image")
    monkeypatch.setenv("LATTICE_NATIVE", "mmx")
    one_line(lambda: lut.prepare("native"), "LATTICE_NATIVE")
    one_line(lambda: Lut("again", lut.nodes).prepare(), "LATTICE_NATIVE")


def test_a_lut_is_a_public_name() -> None:
    assert lattice.Lut is Lut
    assert "Lut" in lattice.__all__


def test_an_sdev_of_a_file_is_an_sdev_in_all() -> None:
    device = fused(listed(SDEVS["shown as an SDev"], input="Rec.709", title="a title"))
    assert isinstance(device, SDevData)
    sdev = SDev.from_device(device)
    assert sdev.with_input("ACEScg").provenance["input"] == "ACEScg"
    assert sdev.provenance["title"] == "a title"
    assert SDev.from_device(random_device("trilinear", 3)) != sdev
