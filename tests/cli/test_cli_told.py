"""What is told of LUT files as typed: names, refusals, what frames say of it, and what is replaced."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cli_samples import DONE, refused
from taken_samples import CUBE

from lattice.errors import LatticeWarning

REGRADE = "regrade in.#.exr out.#.exr --sdev a.cube"


NONSENSE = {"--takes": "no input is named 'zz'", "--gives": "no display is named 'zz'"}


@pytest.mark.parametrize("flag", NONSENSE)
@pytest.mark.parametrize(
    "words",
    [
        "sheet in.1.exr sheet.png --sdev said.cube",
        "sheet in.1.exr sheet.png --sdev said.cube,b.cube",
        "view --no-browser in.1.exr --sdev said.cube",
        "ocio made --sdev said.cube",
        "ocio made --v1 --sdev said.cube",
    ],
)
def test_a_wrong_name_is_refused_where_the_file_says_it_itself(
    words: str, flag: str, run: Any, ocio: Any, lut_folder: Path
) -> None:
    for name in ("said.cube", "b.cube"):
        Path(name).write_text("# lattice takes: LogC3/Rec.709\n# lattice gives: rec1886\n" + CUBE)
    refused(run(*words.split(), flag, "zz"), NONSENSE[flag])
    assert not Path("sheet.png").exists()


def test_an_option_wins_over_the_only_lut_of_a_sheet(run: Any, lut_folder: Path) -> None:
    said = "# lattice takes: LogC3/Rec.709\n# lattice gives: {}\n"
    Path("said.cube").write_text(said.format("sRGB") + CUBE)
    Path("other.cube").write_text(said.format("rec1886") + CUBE)
    assert run("sheet", "in.1.exr", "one.png", "--sdev", "premier,said.cube").code == DONE
    with pytest.warns(LatticeWarning, match="it is taken to take ARRI LogC4 codes"):
        assert run("sheet", "in.1.exr", "two.png", "--sdev", "premier,said.cube", "--takes", "LogC4").code == DONE
    assert Path("one.png").read_bytes() != Path("two.png").read_bytes()
    with pytest.warns(LatticeWarning, match="they are taken for Rec.709 sRGB"):
        assert run("sheet", "in.1.exr", "b.png", "--sdev", "other.cube", "--gives", "sRGB").code == DONE
    words = ("sheet", "in.1.exr", "c.png", "--sdev", "a.cube,said.cube", "--takes", "LogC3", "--gives", "sRGB")
    with pytest.warns(LatticeWarning, match=r"said\.cube: of several LUT files this one says it itself: --takes and"):
        assert run(*words).code == DONE


def test_a_row_of_a_look_says_nothing_of_luts_in_a_config(run: Any, ocio: Any, lut_folder: Path) -> None:
    Path("t.csv").write_text("name,in,out,sdev,takes\na,in.#.exr,a.#.exr,premier,LogC3\n")
    refused(run("ocio", "made", "--shots", "t.csv"), "shot a: takes, gives: expected a LUT file")


def test_a_fit_makes_of_a_lut_of_codes_what_a_config_takes(run: Any, ocio: Any, lut_folder: Path) -> None:
    words = ("--takes", "Rec.709", "--gives", "rec1886")
    for refusal in (
        run("ocio", "made", "--sdev", "a.cube", *words),
        run("apply", "in.1.exr", "o.exr", "--sdev", "a.cube", *words, "--display", "sRGB"),
    ):
        refused(
            refusal, "theirs: its nodes hold codes for Rec.709 2.4", "lattice convert FILE NEW.clf --gives NAME --fit"
        )
    assert run("convert", "a.cube", "new.clf", *words, "--fit").code == DONE
    assert "'SDev theirs'" in run("ocio", "made", "--sdev", "new.clf", "--base", "cg-config").out
    assert run("apply", "in.1.exr", "o.exr", "--sdev", "new.clf", "--display", "P3-DCI").code == DONE


def test_a_lut_in_an_image_is_told_of(run: Any, lut_folder: Path) -> None:
    assert run("convert", "a.cube", "hald.png").code == DONE
    assert run("convert", "a.cube", "hald.tif").code == DONE
    for name in ("hald.png", "hald.tif"):
        assert run("info", name).out.startswith("lattice            4^3 tetrahedral\n")
        told = run("info", name, "--takes", "sRGB", "--gives", "rec1886").out
        assert "from input         Rec.709\n" in told
        assert "from output        Rec.709 2.4\n" in told
    assert run("apply", "in.1.exr", "graded.png", "--sdev", "premier").code == DONE
    assert "premier" in run("info", "graded.png").out
    refused(run("info", "graded.png", "--takes", "sRGB"), "--takes and --gives are of a LUT file")
    refused(run("info", "in.1.exr"), "expected a graded file, got one without a stamp")


def test_what_files_a_look_may_be_is_said_in_the_same_words(run: Any, ocio: Any, lut_folder: Path) -> None:
    for words in (
        "ocio made --sdev nope",
        "info nope",
        "check nope",
        "plot nope -o a.png",
        "apply in.1.exr o.exr -s nope",
    ):
        refused(run(*words.split()), "or a file ending in .toml or .clf or .cube")


@pytest.mark.parametrize("language", ["dctl", "osl"])
def test_a_text_without_files_says_how_it_takes_a_lut(language: str, run: Any, lut_folder: Path) -> None:
    words = ("shader", "a.cube", "--lang", language, "-o", "shaders")
    refused(run(*words, "--takes", "LogC3"), "leave --takes out", "glsl450")
    assert run(*words).code == DONE


@pytest.mark.parametrize("suffix", ["exr", "png", "dpx"])
@pytest.mark.parametrize(
    "words",
    [
        ["--takes", "LogC3", "--gives", "sRGB"],
        ["--takes", "LogC3"],
        ["--takes", "LogC3/Rec.709", "--gives", "rec1886"],  # the same curve and nodes, of other primaries
        ["--takes", "slog3-sgamut3", "--gives", "rec1886"],
    ],
)
def test_other_takes_or_gives_replace_nothing_unasked(
    words: list[str], suffix: str, run: Any, lut_folder: Path
) -> None:
    command = ["regrade", "in.#.exr", f"out.#.{suffix}", "--sdev", "a.cube"]
    told = ["--takes", "LogC3", "--gives", "rec1886"]
    assert run(*command, *told).code == DONE
    before = {path: path.read_bytes() for path in lut_folder.glob(f"out.*.{suffix}")}
    for frames in ([], ["--frames", "1"]):
        refused(run(*command, *words, *frames), "--replace replaces", "graded with")
    assert {path: path.read_bytes() for path in lut_folder.glob(f"out.*.{suffix}")} == before
    assert "done before" in run(*command, *told).out
    assert {path: path.read_bytes() for path in lut_folder.glob(f"out.*.{suffix}")} == before
    assert run(*command, *words, "--replace").code == DONE
    assert all(path.read_bytes() != raw for path, raw in before.items())


@pytest.mark.parametrize(
    "words", ["info plates", "check plates", "plot plates -o x.png", "apply in.1.exr o.exr --sdev plates"]
)
def test_a_folder_is_no_look(words: str, run: Any, lut_folder: Path) -> None:
    (lut_folder / "plates").mkdir()
    refused(run(*words.split()), "plates: is a folder; expected a look's name or a file ending in .toml")


@pytest.mark.parametrize(
    "words",
    [
        "plot premier -o none/a.png",
        "convert a.cube none/a.clf --takes LogC3",
        "apply in.1.exr none/a.exr --sdev premier",
    ],
)
def test_a_folder_that_is_not_there_is_named_in_the_same_words(words: str, run: Any, lut_folder: Path) -> None:
    refused(run(*words.split()), "expected an existing folder, got none at ")


def test_what_is_taken_is_told_in_words_of_the_command_line(run: Any, lut_folder: Path) -> None:
    (lut_folder / "a.png").write_text("mine")
    result = run("plot", "premier", "-o", "a.png")
    refused(result, "a.png: exists already; --overwrite replaces it")
    assert "Python" not in result.err


def test_a_movie_asks_for_the_display_that_a_lut_does_not_say(run: Any, lut_folder: Path) -> None:
    result = run("dailies", "in.#.exr", "out.mov", "--sdev", "a.cube", "--takes", "LogC3")
    assert result.code == DONE
    assert "primaries are not known (--gives NAME says them of a LUT file): left unspecified" in result.err


def test_a_shader_of_other_stages_says_how_to_fit_them(run: Any, lut_folder: Path) -> None:
    correction = "<SatNode><Saturation>0.9</Saturation></SatNode>"
    (lut_folder / "a.cc").write_text(f'<ColorCorrection id="a">{correction}</ColorCorrection>')
    words = "shader", "a.cc", "--lang", "glsl330", "-o", "out", "--takes", "LogC3"
    refused(run(*words), "lattice convert FILE NEW.clf --takes NAME --gives NAME --fit")


def test_frames_and_dry_runs_say_which_codes_a_lut_takes(run: Any, lut_folder: Path) -> None:
    words = (*REGRADE.split(), "--takes", "LogC3", "--gives", "rec1886")
    takes = "ARRI LogC3 EI800 codes, ARRI Wide Gamut 3 primaries"
    assert f"theirs takes {takes}" in run(*words, "--dry-run").out
    assert run(*words).code == DONE
    assert f"takes={takes}" in run("info", "out.1.exr").out
    assert run("convert", "a.cube", "b.clf", "--takes", "LogC3", "--gives", "rec1886").code == DONE
    assert "done before" in run(*REGRADE.replace("a.cube", "b.clf").split()).out  # which says the same itself
