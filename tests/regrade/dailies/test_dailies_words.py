"""The words of a movie: what it tells of its grade, what it notes and refuses before the first frame."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from basics import one_line
from dailies_samples import look, planes_of
from exr_samples import SAID, save, smooth
from movie_samples import of, patches, written

from lattice.cli.app import DONE
from lattice.files.movie.file import read_comment
from lattice.inspect.graded import read_grades
from lattice.looks import load_profile
from lattice.regrade import Options, regrade
from lattice.regrade import plan as regrade_plan
from lattice.regrade.dailies import shot as shots
from lattice.regrade.dailies.plan import Asked, plan
from lattice.regrade.dailies.reel import Reel
from lattice.regrade.dailies.render import make
from lattice.sdev import SDev, load


def frames(folder: Path, name: str, numbers: range = range(1, 5)) -> None:
    for number in numbers:
        save(folder / f"{name}.{number:04d}.exr", planes_of(patches(side=16)), SAID)


def grade(folder: Path, sdev: SDev, name: str = "s", wanted: str | None = None, **options: Any) -> None:
    """Grade `name.####.exr` as `g_name.####.exr`."""
    made = regrade_plan(sdev, folder / f"{name}.####.exr", folder / f"g_{name}.####.exr", wanted, Options(**options))
    assert all(report.status == "ok" for report in regrade(made))


def reel(folder: Path, *sources: str, sdev: SDev | None = None, options: Any = None, **asked: Any) -> Reel:
    settled = Options(overwrite=True, **(options or {}))
    return plan(sdev, [folder / source for source in sources], folder / "a.mov", Asked("mjpeg", **asked), settled)


def test_a_movie_tells_the_same_of_its_grade_as_its_frames(folder: Path, run: Any) -> None:
    frames(folder, "s")
    frames(folder, "t", range(7, 9))
    sdev = load(load_profile("vision").replace(name="dusk", printer_lights=(25, 26.5, 24), size=3))
    grade(folder, sdev, input="ACEScg")
    assert make(reel(folder, "g_s.####.exr", "t.####.exr", sdev=sdev, fps="24"))
    done, now = read_grades(folder / "a.mov")
    [frame] = read_grades(folder / "g_s.0001.exr")
    assert done.look == now.look == frame.look
    assert done.look["printer_lights"] == [25, 26.5, 24]
    kept = ("name", "sha256", "version", "input", "output", "options", "request", "source")
    assert {name: done.facts[name] for name in kept} == {name: frame.facts[name] for name in kept}
    ends = ("shot", "frames", "first", "last", "input", "source")
    assert [done.facts[name] for name in ends] == ["g_s", "1-4", "g_s.0001.exr", "g_s.0004.exr", "ACEScg", "s.0001.exr"]
    assert [now.facts[name] for name in ends] == ["t", "7-8", "t.0007.exr", "t.0008.exr", "Rec.709", "t.0007.exr"]
    people = read_comment(folder / "a.mov").splitlines()[::2]
    assert people[0].endswith("negative kodak_5219, print kodak_2383")
    result = run("info", folder / "a.mov")
    assert result.code == DONE, result.err
    lines = result.out.splitlines()
    assert [line.split()[1] for line in lines if line.startswith("shot ")] == ["g_s", "t"]
    assert lines.count(f"{'look: printer_lights':18} [25.0, 26.5, 24.0]") == 2


def test_info_names_the_files_that_it_takes(folder: Path, run: Any) -> None:
    assert "a graded .exr, .dpx" in run("info", folder / "a.webm").err
    assert ".mov, .mp4" in run("info", folder / "a.webm").err
    (folder / "a.mov").write_bytes(b"no movie")
    assert "a.mov: cannot be read as a movie" in run("info", folder / "a.mov").err


def test_frames_of_one_look_but_other_options_are_refused(folder: Path) -> None:
    frames(folder, "s")
    sdev = look()
    grade(folder, sdev, wanted="1-2")
    grade(folder, sdev, wanted="3-4", replace=True, premult="off", input="ACEScg")
    label = f"{sdev.name} {sdev.sha256[:8]}"
    one_line(
        lambda: reel(folder, "g_s.####.exr"),
        f"a shot has one look, but its frames were graded with {label} (1-2), {label} but input ACEScg, not Rec.709; ",
        "premult=off",
        "(3-4)",
    )


def test_two_displays_that_no_tag_names_are_two(folder: Path) -> None:
    for name, gamma in (("s", 2.35), ("t", 2.7)):
        frames(folder, name, range(1, 2))
        grade(folder, look(gamma, output=f"Rec.709 {gamma}"), name)
    one_line(lambda: reel(folder, "g_s.####.exr", "g_t.####.exr"), "a movie is for one display, but")
    made = reel(folder, "g_s.####.exr", "t.####.exr", sdev=look(2.35, output="Rec.709 2.35"), fps="24")
    assert made.movie.transfer == 2
    assert "1 of 2 shots graded before, grading with" in made.line
    assert [note for note in made.notes if "nothing" in note] == []


def test_options_that_grade_do_nothing_to_graded_frames(folder: Path) -> None:
    frames(folder, "s")
    grade(folder, look())
    notes = reel(folder, "g_s.####.exr", options={"input": "ACEScg", "premult": "off"}).notes
    assert [note for note in notes if note.endswith("as they are: --input ACEScg and --premult off do nothing")]


def test_names_that_are_no_text_are_escaped(folder: Path) -> None:
    for name in (os.fsdecode(b"x\xff"), "a\nb", "한국é"):
        frames(folder, name, range(1, 2))
        made = reel(folder, f"{name}.####.exr", sdev=look(), burn_in="name", slate="shot,note=\n")
        assert make(made)
        assert len(read_grades(folder / "a.mov")) == 1
        boxes = [note for note in made.notes if "become boxes" in note]
        assert len(boxes) == ("한국é" in name)
    assert read_grades(folder / "a.mov")[0].facts["shot"] == "한국é"


def test_a_show_without_a_title_is_left_out_of_the_slate(folder: Path) -> None:
    frames(folder, "s")
    made = reel(folder, "s.####.exr", sdev=look(), slate="show,shot,look,date")
    assert [each.name for each in made.entries] == ["shot", "look", "date"]
    assert "slate: no file names the show: write show=TITLE; left out" in made.notes


def test_what_a_slate_has_no_room_for_is_noted(folder: Path) -> None:
    save(folder / "s.exr", {name: smooth((120, 256)) for name in "RGB"}, SAID)
    made = reel(folder, "s.exr", sdev=look(), slate="show=Nightfall,shot,look,date,frames,timecode,rate")
    assert f"{folder / 's.exr'}: the slate has no room for frames, timecode, rate" in made.notes


@pytest.mark.parametrize("name", ["s.{:04d}.exr", "s_{:04d}.exr"])
def test_a_pattern_without_quotes_is_no_reel(name: str, folder: Path) -> None:
    for number in (9, 10, 20):
        save(folder / name.format(number), planes_of(patches(side=16)), SAID)
    one_line(
        lambda: reel(folder, name.format(9), name.format(10), sdev=look()),
        "are frames of one sequence: a pattern needs quotes",
        name.replace("{:04d}", "####"),
    )
    assert len(reel(folder, name.format(10), name.format(20), sdev=look()).shots) == 2
    one_line(lambda: reel(folder, *(f"s.{'1' * 5000}{end}.exr" for end in (1, 2)), sdev=look()), "expected a file")


def test_a_refusal_for_memory_names_what_would_do(folder: Path) -> None:
    frames(folder, "s")
    with pytest.raises(ValueError, match=r"--memory \d+M would take it") as caught:
        reel(folder, "s.####.exr", sdev=look(), options={"memory": 2**20})
    enough = int(str(caught.value).split("--memory ")[1].split("M")[0]) - 100
    assert reel(folder, "s.####.exr", sdev=look(), options={"memory": enough * 2**20})


def test_a_sequence_on_twos_is_shown_on_twos(folder: Path) -> None:
    frames(folder, "s", range(1, 8, 2))
    made = reel(folder, "s.####.exr", sdev=look())
    [shot] = made.shots
    assert [job.frame for job in shot.jobs] == list(range(1, 8))
    assert [job.source.name[2:6] for job in shot.jobs] == ["0001", "0001", "0003", "0003", "0005", "0005", "0007"]
    assert f"{folder}/s.####.exr has files every 2 frames: each is shown as often" in made.notes
    (folder / "s.0004.exr").write_bytes((folder / "s.0003.exr").read_bytes())
    one_line(lambda: reel(folder, "s.####.exr", sdev=look()), "got none for 2,6; add --missing skip, hold or black")


@pytest.mark.parametrize("missing", ["hold", "black", "skip"])
def test_what_stands_in_on_twos_is_shown_on_twos(missing: str, folder: Path) -> None:
    frames(folder, "s", range(1, 8, 2))
    (folder / "s.0005.exr").unlink()
    (folder / "s.0009.exr").write_bytes((folder / "s.0007.exr").read_bytes())
    [shot] = reel(folder, "s.####.exr", sdev=look(), options={"missing": missing}).shots
    between = {"hold": [(5, "hold"), (6, "hold")], "black": [(5, "black"), (6, "black")], "skip": []}[missing]
    steady = [(1, ""), (2, "hold"), (3, ""), (4, "hold"), *between, (7, ""), (8, "hold"), (9, "")]
    assert [(job.frame, job.stand_in) for job in shot.jobs] == steady


def test_a_long_sequence_on_twos_is_planned_in_linear_time(folder: Path) -> None:
    for number in range(1, 8001, 2):
        (folder / f"s.{number:04d}.exr").touch()
    start = time.process_time()
    jobs, _ = shots._jobs(str(folder / "s.####.exr"), folder / "a.mov", None, Options())
    assert len(jobs) == 7999
    assert time.process_time() - start < 5


def test_a_missing_frame_is_black_also_beside_a_held_one(folder: Path) -> None:
    frames(folder, "s")
    (folder / "s.0002.exr").unlink()
    grade(folder, look(), missing="hold")
    (folder / "g_s.0003.exr").unlink()
    [shot] = reel(folder, "g_s.####.exr", options={"missing": "black"}).shots
    assert [job.stand_in for job in shot.jobs] == ["", "hold", "black", ""]


def test_separators_of_lines_in_a_look_do_not_cut_what_a_movie_tells(folder: Path) -> None:
    path = written(folder, of("mjpeg", comment='a 1: lattice\n{"shot": "a", "note": "x\u2028y\x85z"}'))
    [found] = read_grades(path)
    assert found.facts == {"shot": "a", "note": "x\u2028y\x85z"}


@pytest.mark.parametrize("missing", ["hold", "black"])
@pytest.mark.parametrize("gone", [1, 2])
def test_a_frame_that_stands_in_says_nothing_of_its_shot(gone: int, missing: str, folder: Path) -> None:
    sdev = look()
    frames(folder, "s")
    (folder / f"s.{gone:04d}.exr").unlink()
    grade(folder, sdev, missing=missing, wanted="1-4")
    for shown, how in (("s", {"sdev": sdev, "options": {"missing": missing}}), ("g_s", {})):
        settled = plan(
            how.get("sdev"),
            folder / f"{shown}.####.exr",
            folder / "a.mov",
            Asked("mjpeg"),
            Options(overwrite=True, **how.get("options", {})),
            ["1-4"],
        )
        facts = settled.shots[0].look.facts
        assert "stand_in" not in facts
        assert "black" not in facts["options"]


def test_a_frame_that_the_regrade_held_says_so(folder: Path) -> None:
    frames(folder, "s")
    (folder / "s.0003.exr").unlink()
    for missing, mark in (("hold", "0003 held"), ("black", "0003 missing")):
        grade(folder, look(), missing=missing, force=True)
        [found] = read_grades(folder / "g_s.0003.exr")
        assert found.facts["stand_in"] == missing
        made = reel(folder, "g_s.####.exr", burn_in="frame")
        assert [made.labels(each)["frame"] for each in made.pictures] == ["0001", "0002", mark, "0004"]
