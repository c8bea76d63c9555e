"""What a LUT file says of itself is its default; its user comes first; what nobody knows is left out with a line."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line

import lattice
from lattice.color.inputs import find
from lattice.errors import LatticeWarning
from lattice.files.luts import register
from lattice.sdev import Lut, SDev
from lattice.sdev.load import check_among, load_among

CUBE = "LUT_3D_SIZE 2\n" + "\n".join(f"{r} {g} {b}" for b in (0, 1) for g in (0, 1) for r in (0, 1))
SAYS = {
    "codes": "# lattice takes: ARRI LogC3 EI800 codes, Rec.709 primaries\n# lattice output: Rec.709 2.4\n",
    "words": "# lattice takes: logc3/rec709\n# lattice gives: rec1886\n",
}
BAD = {
    "input: Foo": "its fact 'input' is left out: expected primaries, such as ACEScg, got 'Foo'",
    "input: 1 2 3": "its fact 'input' is left out: expected primaries, such as ACEScg, got '1 2 3'",
    "takes: LogC33": "its fact 'takes' is left out: input: no input is named 'LogC33'; did you mean",
    "takes: Foo codes, Bar primaries": "its fact 'takes' is left out: input: no input is named 'Foo'",
    "gives: rec18866": "its fact 'gives' is left out: display: no display is named 'rec18866'",
    "output_chromaticities: 1 2 3": "its fact 'output' is left out: output_chromaticities: expected 8 numbers",
    "output: xx": "its fact 'output' is left out: expected a display, such as rec1886, got 'xx'",
    "output: Foo 2.4": "its fact 'output' is left out: expected a display, such as rec1886, got 'Foo 2.4'",
    "output: printing density": "its fact 'output' is left out: expected a display, such as rec1886",
    "stage: print": "its fact 'stage' is left out: expected negative or print, and adx16, cineon, float",
}
LIGHT = np.array([[[0.02, 0.18, 0.5], [0.0, 1.0, 8.0]]], np.float32)
CDLS = """<ColorCorrectionCollection><ColorCorrection id="warm"><SOPNode><Slope>2 1 1</Slope><Offset>0 0 0</Offset>
<Power>1 1 1</Power></SOPNode></ColorCorrection><ColorCorrection id="cold/1@b"><SOPNode><Slope>1 1 3</Slope>
<Offset>0 0 0</Offset><Power>1 1 1</Power></SOPNode></ColorCorrection></ColorCorrectionCollection>"""


def cube(folder: Path, says: str = "", name: str = "theirs.cube") -> Path:
    path = folder / name
    path.write_text(says + CUBE)
    return path


@pytest.mark.parametrize("says", SAYS.values(), ids=list(SAYS))
def test_what_a_file_says_is_what_it_is_loaded_with(says: str, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = lattice.load(cube(tmp_path, says))
        asked = lattice.load(cube(tmp_path, says), takes="LogC3/Rec.709", gives="rec1886")
    plain = lattice.load(cube(tmp_path), takes="LogC3/Rec.709", gives="rec1886")
    assert found.sha256 == asked.sha256 == plain.sha256
    assert (found.provenance["input"], found.provenance["output"]) == ("Rec.709", "Rec.709 2.4")
    codes = np.clip(find("LogC3").encode(LIGHT), 0, 1)
    assert np.abs(found.apply(LIGHT) - codes).max() < 1e-4
    assert np.abs(found.with_input("LogC3/Rec.709").apply(codes.astype(np.float32)) - codes).max() < 1e-4


def test_a_sdev_of_codes_that_was_saved_is_loaded_as_its_lut(tmp_path: Path) -> None:
    source = cube(tmp_path, SAYS["codes"])
    lattice_of = SDev.from_device(lattice.load(cube(tmp_path, name="plain.cube")))  # type: ignore[arg-type]
    told = {"takes": "ARRI LogC3 EI800 codes, Rec.709 primaries", "output": "Rec.709 2.4"}
    SDev(lattice_of.name, lattice_of.matrix, lattice_of.table, lattice_of.lattice, lattice_of.display, told).save(
        tmp_path / "own.clf"
    )
    assert lattice.load(tmp_path / "own.clf").sha256 == lattice.load(source).sha256


def test_a_user_comes_before_the_file(tmp_path: Path) -> None:
    source = cube(tmp_path, SAYS["words"])
    says = (
        "theirs: the file says that it takes ARRI LogC3 EI800 codes, Rec.709 primaries; it is taken to take ARRI LogC4"
    )
    with pytest.warns(LatticeWarning, match=re.escape(says)) as told:
        found = lattice.load(source, takes="LogC4")
    assert len(told) == 1
    assert found.sha256 == lattice.load(cube(tmp_path, name="b.cube"), takes="LogC4").sha256
    with pytest.warns(LatticeWarning, match="it is taken to take linear ACEScg, as asked"):
        linear = lattice.load(source, takes="ACEScg")
    assert np.abs(linear.apply(LIGHT) - np.clip(LIGHT, 0, 1)).max() < 1e-6


@pytest.mark.parametrize("bad", BAD)
def test_facts_that_nobody_knows_are_left_out(bad: str, tmp_path: Path) -> None:
    source = cube(tmp_path, f"# lattice {bad}\n")
    with pytest.warns(LatticeWarning, match=re.escape(f"theirs.cube: {BAD[bad]}")) as told:
        found = lattice.load(source)
    assert len(told) == 1
    assert bad.partition(":")[0] not in found.provenance
    assert found == lattice.load(cube(tmp_path, name="plain.cube"))


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("Rec.709 2.4", "rec1886"),
        ("rec1886", "rec1886"),
        ("Rec.2020 PQ@203", "pq@203"),
        ("Display P3 sRGB", "Display P3"),
    ],
)
def test_an_output_that_is_a_display_s_name_has_its_numbers(told: str, name: str, tmp_path: Path) -> None:
    found = lattice.load(cube(tmp_path, f"# lattice output: {told}\n"))
    assert found == lattice.load(cube(tmp_path, name="plain.cube"), gives=name)


def test_words_of_an_output_that_are_no_display_s_are_left_out_beside_numbers(tmp_path: Path) -> None:
    says = "# lattice output: xx\n# lattice output_chromaticities: 0.64 0.33 0.3 0.6 0.15 0.06 0.3127 0.329\n"
    with pytest.warns(LatticeWarning, match="its fact 'output' is left out"):
        found = lattice.load(cube(tmp_path, says))
    assert not {"output", "output_chromaticities"} & found.provenance.keys()


def test_among_looks_an_output_that_nobody_knows_is_not_known(tmp_path: Path) -> None:
    names = [str(cube(tmp_path, "# lattice output: xx\n")), str(cube(tmp_path, name="plain.cube"))]
    with pytest.warns(LatticeWarning, match="its fact 'output' is left out"):
        assert load_among(names[0], None, "srgb", names).provenance["output"] == "Rec.709 sRGB"


def test_another_display_takes_the_place_of_what_the_file_says_it_gives(tmp_path: Path) -> None:
    for says in ("gives: rec1886", "output: Rec.709 2.4"):
        line = "the file says that it gives codes for Rec.709 2.4; they are taken for Rec.709 sRGB"
        with pytest.warns(LatticeWarning, match=line) as told:
            found = lattice.load(cube(tmp_path, f"# lattice {says}\n"), gives="sRGB")
        assert len(told) == 1
        assert found.provenance["output"] == "Rec.709 sRGB"
        assert found.provenance["gives"] == "sRGB"


@pytest.mark.parametrize("stage", ["negative", "print"])
def test_what_is_told_of_a_stage_drops_the_densities_that_it_is_told_instead_of(stage: str, tmp_path: Path) -> None:
    says = f"# lattice stage: {stage}\n# lattice density: adx16\n# lattice densities: 0 to 3\n"
    says += "# lattice output: printing density, ADX16 codes\n" if stage == "negative" else ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LatticeWarning)
        found = {each: lattice.load(cube(tmp_path, says), **{each: "sRGB"}) for each in ("takes", "gives")}
    of_stage = {"stage", "density", "densities"}
    instead = {"negative": "gives", "print": "takes"}[stage]
    for each, sdev in found.items():
        assert of_stage & sdev.provenance.keys() == (set() if each == instead else of_stage)
    assert found["gives"].provenance["output"] == "Rec.709 sRGB"


def test_words_for_people_are_no_names(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for told in ("what the shaper before it gives", "linear light, ACEScg primaries, 0 to 46", "ADX10"):
            found = lattice.load(cube(tmp_path, f"# lattice takes: {told}\n"))
            one_line(lambda found=found: found.with_input("ACEScg"), f"(it says that it takes {told})", "--takes NAME")


def test_a_correction_is_a_look_by_its_id(tmp_path: Path) -> None:
    (tmp_path / "show.ccc").write_text(CDLS)
    path = str(tmp_path / "show.ccc")
    assert lattice.load(f"{path}@warm").apply(LIGHT) == pytest.approx(LIGHT * [2, 1, 1], rel=1e-6)
    assert lattice.load(f"{path}@cold/1@b", takes="ACEScg").apply(LIGHT) == pytest.approx(LIGHT * [1, 1, 3], rel=1e-6)
    assert isinstance(lattice.load(f"{path}@warm"), Lut)
    one_line(lambda: lattice.load(path), "show.ccc: holds 2 corrections, warm, cold/1@b: name one, as in", "ccc@warm")
    one_line(lambda: lattice.load(f"{path}@wram"), "show.ccc: no correction has the id 'wram'")
    (tmp_path / "cc.ccc").write_text(CDLS.replace("warm", "a@b.cube"))
    by_id = lattice.load(tmp_path / "cc.ccc@a@b.cube")
    assert by_id.apply(LIGHT) == pytest.approx(LIGHT * [2, 1, 1], rel=1e-6)
    one_line(lambda: lattice.load(tmp_path / "no.ccc@a@b.cube"), "no.ccc@a@b.cube: expected a file, got none")
    (tmp_path / "cc.ccc@a@b.cube").write_text(CUBE)  # a file of the whole name comes first
    assert lattice.load(tmp_path / "cc.ccc@a@b.cube").name == "cc.ccc@a@b"
    at = tmp_path / "a@b.cube"
    at.write_text(CUBE)
    assert lattice.load(at).name == "a@b"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("", "theirs"),
        ("a/b|c", "a/b|c"),
        (r"two\nlines\x00 and\ttabs", "two lines and tabs"),
        ("x" * 10_000, "x" * register.LONGEST_NAME),
        (r"\u65e5\u672c", "日本"),
        (r"\x01\x02", "theirs"),
    ],
)
def test_a_name_is_a_line(title: str, name: str, tmp_path: Path) -> None:
    says = "".join(f"# lattice title: {title}\n" if title else "")
    assert lattice.load(cube(tmp_path, says)).name == name


def test_what_is_no_look_is_answered_with_the_nearest_suffix(tmp_path: Path) -> None:
    one_line(
        lambda: lattice.load("x.cubee"), "x.cubee: expected a look's name, a .toml or a LUT file", "'.cube'", "luts"
    )
    one_line(lambda: lattice.load("x.foo"), "lattice luts lists all")
    one_line(lambda: lattice.load("hald.png"), "is a picture: lattice convert hald.png LUT.clf")
    one_line(lambda: lattice.load("premire"), "did you mean 'premier'?")


def test_among_looks_the_lut_files_are_told(tmp_path: Path) -> None:
    plain, said = str(cube(tmp_path)), str(cube(tmp_path, SAYS["words"], "said.cube"))
    names = ("premier", plain, said)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load_among(plain, "LogC4", "srgb", names).provenance["input"] == "ARRI Wide Gamut 4"
        assert load_among("premier", "LogC4", "srgb", names) == lattice.load("premier")
    line = r"said\.cube: .* says it itself: --takes and --gives not used for it"
    with pytest.warns(LatticeWarning, match=line) as told:
        found = load_among(said, "LogC4", "srgb", names)
    assert found == lattice.load(said)
    assert len(told) == 1
    check_among(["premier", plain], "LogC4", None)
    one_line(lambda: check_among(["premier"], "LogC4", None), "takes, gives: expected a LUT file among the looks")


@pytest.mark.filterwarnings("ignore:.*they are taken for")
def test_the_only_lut_file_among_looks_is_loaded_as_alone(tmp_path: Path) -> None:
    said = str(cube(tmp_path, SAYS["words"]))
    with pytest.warns(LatticeWarning, match="taken to take ARRI LogC4"):
        found = load_among(said, "LogC4", "srgb", ("premier", said, said))
    assert found.sha256 == lattice.load(cube(tmp_path, name="plain.cube"), "LogC4", "srgb").sha256
    assert found.provenance["output"] == "Rec.709 sRGB"
    lattice.load("premier").save(tmp_path / "own.clf")
    own = str(tmp_path / "own.clf")
    one_line(lambda: load_among(own, "LogC4", None, ("vision", own)), "leave out takes and gives")
    for names in ([said], [said, own]):
        one_line(lambda names=names: check_among(names, "nonsense", None), "no input is named 'nonsense'")
        one_line(lambda names=names: check_among(names, None, "nonsense"), "no display is named 'nonsense'")


@pytest.mark.parametrize("name", ["x.cube", "premier"])
@pytest.mark.parametrize("wrong", [3, ["a"], b"x", 1.5, ("a", "b")])
@pytest.mark.parametrize("field", ["takes", "gives", "stage", "density"])
def test_an_argument_of_another_type_is_refused(field: str, wrong: Any, name: str) -> None:
    one_line(lambda: lattice.load(name, **{field: wrong}), f"{field}: expected", repr(wrong))


@pytest.mark.parametrize("wrong", [3, None, b"x", ["a"]])
def test_a_name_of_another_type_is_refused(wrong: Any) -> None:
    one_line(lambda: lattice.load(wrong), "expected a look's name, a path or a Profile, got")


def test_codes_of_unknown_input_are_not_exposed(tmp_path: Path) -> None:
    unknown = lattice.load(cube(tmp_path))
    assert isinstance(unknown, SDev)
    one_line(lambda: unknown.with_exposure(1), "theirs: exposure: it is not known to take light", "takes=...")
    for primaries in ("ACEScg", "LogC3", [0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329]):
        one_line(lambda primaries=primaries: unknown.with_input(primaries), "its input primaries are not known")
    known = lattice.load(cube(tmp_path), takes="Rec.709").with_exposure(1)
    assert np.abs(known.apply(LIGHT) - np.clip(2 * LIGHT, 0, 1)).max() < 1e-6


def test_codes_of_a_display_are_shown_on_another_by_a_fit(tmp_path: Path) -> None:
    says = "cannot be shown on another display: lattice convert FILE NEW.clf --gives NAME --fit makes one"
    one_line(lambda: lattice.load(cube(tmp_path), gives="rec1886").with_display("sRGB"), says)
    one_line(lambda: lattice.load(cube(tmp_path), gives="pq").with_display("sRGB"), "codes of HDR stay codes")
