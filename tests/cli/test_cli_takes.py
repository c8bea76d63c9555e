"""LUT files of others as typed, in all commands that take a look: one refusal before any work, or what --takes says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli_samples import DONE, SOME_FAILED, refused
from taken_samples import CUBE

from lattice.files.exr import file as exr
from lattice.files.luts import register
from lattice.sdev import load

UNKNOWN = ("theirs: its input primaries are not known: --takes NAME", "--takes LogC3/Rec.709")
GRADING = [
    "apply in.1.exr out.exr --sdev a.cube",
    "regrade in.#.exr out.#.exr --sdev a.cube",
    "regrade in.#.exr out.#.exr --sdev a.cube --dry-run",
    "dailies in.#.exr out.mov --sdev a.cube",
    "farm script --slurm -o job.sh -- in.#.exr out.#.exr --sdev a.cube",
    "farm openjd -o job.json -- in.#.exr out.#.exr --sdev a.cube",
    "view --no-browser in.1.exr --sdev a.cube",
]
TAKING = {
    "info a.cube": "from input         Rec.709",
    "check a.cube": "takes     linear light, Rec.709 primaries",
    "plot a.cube -o a.png": "a.png",
    "shader a.cube --lang glsl330 -o shaders": "theirs.330.frag",
    "sheet in.1.exr sheet.png --sdev premier,a.cube": "sheet.png",
    "convert a.cube b.ctf": "the same pixels",
}


def rgb(path: str) -> Any:
    channels = exr.read(path).channels
    return np.stack([channels[name] for name in "RGB"], axis=-1)


@pytest.mark.parametrize("words", GRADING)
def test_a_lut_of_codes_is_refused_once_before_any_work(words: str, run: Any, lut_folder: Path) -> None:
    before = sorted(lut_folder.iterdir())
    refused(run(*words.split()), *UNKNOWN)
    assert sorted(lut_folder.iterdir()) == before


@pytest.mark.parametrize("words", TAKING)
def test_every_command_is_told_what_a_lut_takes(words: str, run: Any, lut_folder: Path) -> None:
    result = run(*words.split(), "--takes", "LogC3/Rec.709", "--gives", "sRGB")
    assert result.code == DONE, result
    assert TAKING[words] in result.out


def test_frames_are_graded_as_the_lut_is_said_to_take_them(run: Any, lut_folder: Path) -> None:
    assert run(*GRADING[0].split(), "--takes", "LogC3/Rec.709", "--gives", "rec1886").code == DONE
    wanted = load("a.cube", takes="LogC3/Rec.709").apply(rgb("in.1.exr"))
    assert np.array_equal(rgb("out.exr"), wanted)
    assert "Rec.709 2.4" in run("info", "out.exr").out
    Path("said.cube").write_text("# lattice takes: ARRI LogC3 EI800 codes, Rec.709 primaries\n" + CUBE)
    result = run("regrade", "in.#.exr", "said.#.exr", "--sdev", "said.cube")
    assert result.code == DONE
    assert result.err.count("theirs: its display is not known, so outputs name none: --gives NAME says it") == 1
    assert np.array_equal(rgb("said.1.exr"), wanted)
    assert run("dailies", "in.#.exr", "d.mov", "--sdev", "said.cube", "--gives", "rec1886").code == DONE


def test_a_curve_over_other_primaries_is_an_input(run: Any, lut_folder: Path) -> None:
    words = ("--sdev", "premier", "--input", "logc3/rec709")
    assert run("apply", "in.1.exr", "out.exr", *words).code == DONE
    assert np.array_equal(rgb("out.exr"), load("premier").with_input("LogC3/Rec.709").apply(rgb("in.1.exr")))
    assert "ARRI LogC3 EI800/Rec.709" in run("info", "out.exr").out
    assert "done before" in run("regrade", "in.#.exr", "o.#.exr", *words).out
    refused(
        run("apply", "in.1.exr", "b.exr", "--sdev", "premier", "--input", "ACEScg/Rec.709"), "such as LogC3/Rec.709"
    )


def test_a_table_says_it_shot_by_shot_and_finds_luts_beside_it(run: Any, lut_folder: Path) -> None:
    show = lut_folder / "show"
    show.mkdir()
    (show / "b.cube").write_text(CUBE)
    rows = ["name,in,out,sdev,takes,gives", "a,../in.#.exr,a.#.exr,b.cube,LogC3/Rec.709,rec1886"]
    (show / "t.csv").write_text("\n".join([*rows, "b,../in.#.exr,b.#.exr,b.cube,,"]))
    result = run("regrade", "--shots", "show/t.csv")
    assert result.code == SOME_FAILED
    assert result.out.count(f"failed b: {UNKNOWN[0]}") == 1
    assert np.array_equal(rgb("show/a.1.exr"), load("a.cube", takes="LogC3/Rec.709").apply(rgb("in.1.exr")))
    assert "a  theirs" in run("status", "--shots", "show/t.csv").out
    done = run("regrade", "--shots", "show/t.csv", "--takes", "LogC3/Rec.709", "--gives", "rec1886")
    assert done.code == DONE
    assert np.array_equal(rgb("show/b.1.exr"), rgb("show/a.1.exr"))


def test_a_farms_task_has_the_luts_whole_path(run: Any, lut_folder: Path) -> None:
    words = ("-o", "job.sh", "--", "in.#.exr", "out.#.exr", "--sdev", "a.cube", "--takes", "LogC3")
    assert run("farm", "script", "--slurm", *words).code == DONE
    assert f"--sdev {lut_folder}/a.cube --takes LogC3 " in Path("job.sh").read_text()


@pytest.mark.parametrize(
    "words",
    [
        "apply in.1.exr out.exr --sdev premier",
        "check premier",
        "plot premier -o a.png",
        "info premier",
        "dailies in.#.exr out.mov",
        "sheet in.1.exr sheet.png --sdev premier",
        "ocio made --sdev premier",
    ],
)
def test_a_look_says_itself_what_it_takes(words: str, run: Any, lut_folder: Path) -> None:
    refused(run(*words.split(), "--takes", "LogC3"), "takes", "a LUT file")


def test_a_new_file_gets_a_name(run: Any, lut_folder: Path) -> None:
    assert run("convert", "a.cube", "b.cube", "--name", "day").code == DONE
    assert register.read(Path("b.cube")).name == "day"
    assert run("build", "premier", "-o", "c.clf").code == DONE
    assert run("convert", "c.clf", "d.clf", "--name", "night").code == DONE
    assert (load("d.clf").name, load("d.clf").sha256) == ("night", load("premier").sha256)
    refused(run("convert", "a.cube", "e.cube", "--name", "a\nb"), "name: expected a line of at most 120 characters")


def test_unknown_suffixes_are_answered_with_the_nearest(run: Any, lut_folder: Path) -> None:
    for words in (
        "apply in.1.exr o.exr --sdev x.cubee",
        "check x.cubee",
        "convert a.cube x.cubee",
        "build vision -o x.cubee",
    ):
        refused(run(*words.split()), "x.cubee: expected", "did you mean '.cube'?; lattice luts lists all")


def test_a_print_says_that_a_frame_is_no_density(run: Any, lut_folder: Path) -> None:
    for stage in ("negative", "print"):
        assert run("build", "premier", "-o", f"{stage}.clf", "--stage", stage).code == DONE
    told = (
        "no printing density named in 2 frames: taken as adx16 densities; scene light goes through the negative first"
    )
    result = run("regrade", "in.#.exr", "out.#.exr", "--sdev", "print.clf")
    assert (result.code, result.err.count(told)) == (DONE, 1)
    assert run("regrade", "in.#.exr", "n.#.exr", "--sdev", "negative.clf").code == DONE
    assert "density" not in run("regrade", "n.#.exr", "p.#.exr", "--sdev", "print.clf").err


def test_luts_of_one_title_get_their_stems_in_a_config(run: Any, ocio: Any, lut_folder: Path) -> None:
    for name in ("b", "c"):
        assert run("build", "premier", "-o", f"{name}.clf").code == DONE
    words = ("--sdev", "b.clf", "--sdev", "premier", "--sdev", "c.clf")
    for target, more in (("made", ()), ("v1", ("--v1", "--size", "5"))):
        result = run("ocio", target, *words, *more)
        assert result.code == DONE, result
        assert "with 'SDev b', 'SDev premier', 'SDev c'" in result.out
    Path("more").mkdir()
    Path("more/b.clf").write_bytes(Path("b.clf").read_bytes())
    refused(
        run("ocio", "other", *words, "--sdev", "more/b.clf"),
        "--sdev more/b.clf: its name 'premier' is taken",
        "--name NAME",
    )
    assert run("convert", "b.clf", "odd.clf", "--name", "a|b").code == DONE
    assert "'SDev odd'" in run("ocio", "odd", "--sdev", "odd.clf", "--v1", "--size", "5").out
    refused(run("ocio", "x", "--sdev", "a.cube"), "theirs: its display is not known")
    refused(
        run("ocio", "x", "--sdev", "a.cube", "--takes", "LogC3", "--gives", "srgb"),
        "convert FILE NEW.clf --gives NAME --fit",
    )
