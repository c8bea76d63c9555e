"""Many shots by one command, and what the command line says of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli_samples import DONE, SOME_FAILED, refused
from exr_samples import SAID, save, smooth

from lattice.errors import LatticeWarning
from lattice.files.exr import file as exr
from lattice.files.frame import STAMP

CCC = """<ColorCorrectionCollection><ColorCorrection id="warm"><SOPNode><Slope>1.2 1 1</Slope><Offset>0 0 0</Offset>
<Power>1 1 1</Power></SOPNode></ColorCorrection></ColorCorrectionCollection>"""
ENDS = 'in = "in/{name}.####.exr"\nout = "out/{name}.####.exr"\nsdev = "premier"\nmkdir = true\n'


@pytest.fixture
def show(folder: Path) -> Path:
    (folder / "in").mkdir()
    for name in ("a", "b"):
        for frame in (1, 2):
            save(folder / "in" / f"{name}.{frame:04d}.exr", {c: smooth((8, 8), seed=frame) for c in "RGB"}, SAID)
    (folder / "show.toml").write_text(ENDS + '[[shot]]\nname = "a"\n[[shot]]\nname = "b"\n')
    return folder


def look(path: Path) -> str | None:
    return exr.read_header(path).text(STAMP + "name")


def test_a_show_is_graded_told_and_charged(show: Path, run: Any) -> None:
    table = show / "show.toml"
    assert run("status", "--shots", table).code == SOME_FAILED
    done = run("regrade", "--shots", table)
    assert done.code == DONE, done
    assert done.out.startswith("4 frames of 2 shots")
    assert run("status", "--shots", table, "--verify").code == DONE
    told = json.loads(run("ledger", show / "out/a.####.exr", show / "out/b.sdev.jsonl", "--by", "shot", "--json").out)
    assert [(each["shot"], each["graded"]) for each in told] == [("a", 2), ("b", 2)]
    assert run("ledger", show / "out/a.sdev.jsonl", "--by", "").out.splitlines()[1].split()[0] == "2"


def test_what_is_typed_goes_before_the_table(show: Path, run: Any) -> None:
    assert run("regrade", "--shots", show / "show.toml", "-s", "vision", "--premult", "off").code == DONE
    assert look(show / "out/a.0001.exr") == look(show / "out/b.0002.exr") == "vision"
    assert "premult" in (exr.read_header(show / "out/a.0001.exr").text(STAMP + "request") or "")
    told = run("regrade", "--shots", show / "show.toml")
    assert told.code == SOME_FAILED
    assert "--replace" in told.err + told.out
    for words in (["in.####.exr"], ["--frames", "1"]):
        refused(run("regrade", *words, "--shots", show / "show.toml"), "in the table alone")


def test_a_shot_that_cannot_start_fails_alone(show: Path, run: Any) -> None:
    (show / "in/a.0001.exr").unlink()
    (show / "in/a.0002.exr").unlink()
    told = run("regrade", "--shots", show / "show.toml")
    assert told.code == SOME_FAILED
    assert look(show / "out/b.0002.exr") == "premier"
    found = json.loads(run("status", "--shots", show / "show.toml", "--json").out)["shots"]
    assert [(each["shot"], each["whole"]) for each in found] == [("a", False), ("b", True)]
    assert "expected files of this pattern" in found[0]["fault"]


def test_the_views_of_a_pattern_are_graded_apart(show: Path, run: Any) -> None:
    for view in ("left", "right"):
        save(show / f"v.{view}.0001.exr", {c: smooth((8, 8)) for c in "RGB"}, SAID)
    words = show / "v.%V.####.exr", show / "g.%V.####.exr", "-s", "premier"
    assert run("regrade", *words).code == DONE
    assert look(show / "g.left.0001.exr") == look(show / "g.right.0001.exr") == "premier"
    refused(run("regrade", words[0], show / "h.####.exr", "-s", "premier"), "expected %V or %v")
    told = run("status", words[1])
    assert (told.code, told.out.count("whole")) == (DONE, 2)
    costs = json.loads(run("ledger", words[1], "--by", "shot", "--json").out)
    assert [(each["shot"], each["graded"]) for each in costs] == [("left", 1), ("right", 1)]
    refused(run("status", show / "none.%V.####.exr"), "expected files of a view")


def test_the_views_of_a_table_are_shots(show: Path, run: Any) -> None:
    for view in ("left", "right"):
        save(show / f"in/s.{view}.0001.exr", {c: smooth((8, 8)) for c in "RGB"}, SAID)
    (show / "show.toml").write_text(
        'sdev = "premier"\nmkdir = true\n'
        '[[shot]]\nname = "s"\nin = "in/{name}.%V.####.exr"\nout = "out/{name}.%V.####.exr"\n'
        '[[shot]]\nname = "none"\nin = "in/{name}.%V.####.exr"\nout = "out/{name}.%V.####.exr"\n'
    )
    told = run("regrade", "--shots", show / "show.toml")
    assert told.code == SOME_FAILED
    assert look(show / "out/s.left.0001.exr") == look(show / "out/s.right.0001.exr") == "premier"
    assert "failed none: " in told.out
    assert "expected files of a view" in told.out
    found = json.loads(run("status", "--shots", show / "show.toml", "--json").out)["shots"]
    assert [(each["shot"], each["whole"]) for each in found] == [("s.left", True), ("s.right", True), ("none", False)]


def test_a_view_of_a_longer_name_is_graded_or_noted(show: Path, run: Any) -> None:
    for view in ("left", "right_eye"):
        save(show / f"v.{view}.0001.exr", {c: smooth((8, 8)) for c in "RGB"}, SAID)
    words = "regrade", show / "v.%V.####.exr", show / "g.%V.####.exr", "-s", "premier"
    said = "files of right_eye are left out; --views left --views right_eye takes them"
    with pytest.warns(LatticeWarning, match=said):
        assert run(*words).code == DONE
    assert not (show / "g.right_eye.0001.exr").exists()
    assert run(*words, "--views", "left", "--views", "right_eye").code == DONE
    assert look(show / "g.right_eye.0001.exr") == "premier"
    assert run("status", words[2]).out.count("whole") == 2


def test_a_farm_script_is_of_all_views(show: Path, run: Any) -> None:
    for view, frame in (("left", 1), ("right", 2)):
        save(show / f"v.{view}.{frame:04d}.exr", {c: smooth((8, 8)) for c in "RGB"}, SAID)
    words = "--", show / "v.%V.####.exr", show / "g.%V.####.exr", "-s", "premier"
    assert run("farm", "script", "--slurm", "--chunk", "1", "-o", show / "job.sh", *words).code == DONE
    assert "chunks=(1 2)" in (show / "job.sh").read_text()


def test_a_grade_is_found_beside_its_table_and_by_a_farm(show: Path, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (show / "looks").mkdir()
    (show / "looks/w.ccc").write_text(CCC)
    (show / "show.toml").write_text(ENDS + 'grade = "looks/w.ccc@warm"\n[[shot]]\nname = "a"\n[[shot]]\nname = "b"\n')
    (show / "elsewhere").mkdir()
    monkeypatch.chdir(show / "elsewhere")
    assert run("regrade", "--shots", "../show.toml").code == DONE
    assert "grade=slope 1.2 1 1 " in (exr.read_header(show / "out/b.0002.exr").text(STAMP + "options") or "")
    monkeypatch.chdir(show)
    words = "--", "in/a.####.exr", "g.####.exr", "-s", "premier", "--grade", "looks/w.ccc@warm"
    assert run("farm", "script", "--slurm", "-o", "job.sh", *words).code == DONE
    assert f"--grade {show}/looks/w.ccc@warm" in (show / "job.sh").read_text()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a" + ".a" * 200_000 + " = 1", "over 32 parts"),
        (ENDS + '[[shot]]\nname = "a\\nb"\nbad = 1', "bad: no such field"),
        (ENDS, "expected a shot"),
    ],
)
def test_a_table_that_cannot_be_meant_is_one_line(text: str, says: str, show: Path, run: Any) -> None:
    (show / "show.toml").write_text(text)
    for command in (["regrade", "--shots"], ["status", "--shots"]):
        refused(run(*command, show / "show.toml"), "show.toml", says)


def test_farm_scripts_take_one_sequence(show: Path, run: Any) -> None:
    words = "farm", "script", "--slurm", "-o", show / "job.sh", "--", "--shots", show / "show.toml"
    refused(run(*words), "--shots after --: leave it out")
    assert not (show / "job.sh").exists()


def test_status_and_ledger_say_what_to_type(show: Path, run: Any) -> None:
    refused(run("status"), "expected OUT, such as out.####.exr, or a table of shots")
    refused(run("status", "a.exr", "--shots", show / "show.toml"), "expected OUT")
    refused(run("ledger", show / "none.sdev.jsonl"), "expected a ledger, such as out.sdev.jsonl")
    refused(run("ledger", show / "none.sdev.jsonl", "--by", "shots"), "did you mean 'shot'?")
    assert run("status", show / "in/a.####.exr").code == SOME_FAILED
    refused(run("status", show / "in/none.####.exr"), "got none")
    refused(run("status", "--shots", show / "show.toml", "--frames", "1-2"), "expected frames in the table alone")
    refused(run("status", show / "in/a.0001.exr", "--frames", "7-9"), "expected a frame field")
    refused(run("ledger", show / "in/a.0001.exr"), "expected a ledger", "without a line of one")


def test_an_unknown_output_among_others_is_a_fault_and_the_others_are_told(show: Path, run: Any) -> None:
    assert run("regrade", show / "in/a.####.exr", show / "g.####.exr", "-s", "premier").code == DONE
    told = run("status", show / "none.####.exr", show / "g.####.exr", "--json")
    assert told.code == SOME_FAILED
    found = json.loads(told.out)["shots"]
    assert [each["whole"] for each in found] == [False, True]
    assert "expected files of this pattern" in found[0]["fault"]
