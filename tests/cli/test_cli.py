"""The command line: what each command says, and exit codes 0, 1 and 2 with one clear line, never a traceback."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import ROOT, require, write_toml
from cli_samples import DONE, SOME_FAILED, WRONG_USE, process, refused
from exr_samples import SAID, save, smooth

import lattice
from lattice.files.exr import file as exr
from lattice.looks import profile_names, stock_names

CURVE = (
    'negative = "kodak_5219"\n[print]\nextends = "kodak_2383"\n[print.curves.red]\nlog_exposure = {}\ndensity = {}\n'
)
RISING = [i / 4 for i in range(12)]


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    """Three frames in a folder, and an empty folder to write to."""
    (tmp_path / "out").mkdir()
    for number in (1, 2, 4):
        save(tmp_path / f"in.{number:04d}.exr", {name: smooth((6, 8), seed=number) for name in "RGB"}, SAID)
    return tmp_path


def test_list_names_every_look_and_stock(run: Any) -> None:
    result = run("list")
    assert result.code == DONE
    assert not result.err
    words = set(result.out.split())
    assert {*profile_names(), *stock_names()} <= words
    assert "(density-only)" in result.out


def test_version_and_help_answer(run: Any) -> None:
    assert run("--version").out.strip() == f"lattice {lattice.__version__}"
    text = run("--help").out
    for command in ("list", "info", "build", "check", "plot", "inputs", "displays", "schema", "apply", "regrade"):
        assert command in text
        assert run(command, "--help").code == DONE
    assert "lattice" in process("--help").out


def test_info_says_what_a_look_is_made_of(run: Any, built: Any, tmp_path: Path) -> None:
    result = run("info", "premiere")
    assert result.code == DONE
    assert "2393" in result.out
    assert built("premier").sha256 in result.out
    built("premier").save(tmp_path / "look.clf")
    assert built("premier").sha256 in run("info", tmp_path / "look.clf").out


def test_info_says_what_became_of_a_wedge_and_whether_a_reading_is_an_estimate(run: Any, tmp_path: Path) -> None:
    x, d = [k / 10 for k in range(21)], [0.05 + k * k / 150 for k in range(21)]
    curve = f"[print.curves.red]\nlog_exposure = {x}\ndensity = {d}\n"
    (tmp_path / "a.toml").write_text(f'extends = "vision"\nprint_infrared = 0.8\nsize = 3\n{curve}')
    (tmp_path / "b.toml").write_text('extends = "vision"\nprint_silver = 0.5\nsize = 3\n')
    measured, share = (run("info", tmp_path / name).out for name in ("a.toml", "b.toml"))
    assert re.search(r"^print red +21 measured points as 12, rms 0\.\d{4}$", measured, re.M)
    assert re.search(r"^infrared density +0\.80 at the print's D-max$", measured, re.M)
    assert re.search(r"^infrared density +\d\.\d\d at the print's D-max \(estimate\)$", share, re.M)


def test_build_writes_a_clf(run: Any, tmp_path: Path) -> None:
    result = run(
        "build", "vision", "-o", tmp_path / "look.clf", "--size", "5", "--interpolation", "tetrahedral", "--sampled"
    )
    assert result.code == DONE
    assert result.out == f"{tmp_path / 'look.clf'}: takes linear Rec.709, gives Rec.709 sRGB\n"
    sdev = lattice.load(tmp_path / "look.clf")  # type: ignore[operator]
    assert sdev.lattice.size == 5
    assert sdev.lattice.interpolation == "tetrahedral"
    assert sdev.provenance["nodes"] == "sampled"


def test_plot_draws(run: Any, tmp_path: Path) -> None:
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        require("plot", "matplotlib is not installed")
    result = run("plot", "vision", "-o", tmp_path / "sheet.png")
    assert result.code == DONE
    assert (tmp_path / "sheet.png").stat().st_size > 50_000


def test_schema_writes_both(run: Any, tmp_path: Path) -> None:
    assert run("schema", tmp_path / "new").code == DONE
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["profile.schema.json", "stock.schema.json"]


def test_the_schemas_in_docs_are_those_of_the_code(run: Any, tmp_path: Path) -> None:
    kept = ROOT / "docs" / "schema"
    if not kept.is_dir():
        require("schema", "no docs/schema")
    run("schema", tmp_path)
    for path in tmp_path.iterdir():
        assert path.read_text() == (kept / path.name).read_text()


def test_apply_grades_as_python_does(run: Any, shot: Path, built: Any) -> None:
    result = run("apply", shot / "in.0001.exr", shot / "out" / "one.exr", "--sdev", "premier")
    assert result.code == DONE
    assert not result.err
    source, graded = exr.read(shot / "in.0001.exr"), exr.read(shot / "out" / "one.exr")
    image = np.stack([source.channels[name] for name in "RGB"], axis=-1)
    wanted = built("premier").apply(image)
    for k, name in enumerate("RGB"):
        assert np.array_equal(graded.channels[name], wanted[..., k])


def test_regrade_grades_a_sequence(run: Any, shot: Path) -> None:
    result = run("regrade", shot / "in.####.exr", shot / "out" / "out.####.exr", "-s", "premier", "--frames", "1,2,4")
    assert result.code == DONE
    assert result.out.count("ok ") == 3
    assert not result.err
    assert sorted(path.name for path in (shot / "out").glob("*.exr")) == [f"out.{n:04d}.exr" for n in (1, 2, 4)]


def test_a_dry_run_tells_and_writes_nothing(run: Any, shot: Path) -> None:
    settled = ("regrade", shot / "in.@@@@.exr", shot / "out" / "out.%04d.exr", "-s", "premier", "--missing", "skip")
    result = run(*settled, "--dry-run")
    assert result.code == DONE
    assert list((shot / "out").iterdir()) == []
    assert all(f"in.{n:04d}.exr -> {shot / 'out'}/out.{n:04d}.exr" in result.out for n in (1, 2, 4))
    assert "Rec.709" in result.out
    result = run("regrade", shot / "in.####.exr", shot / "o.@.exr", "-s", "premier", "--dry-run", "--frames", "1-4")
    assert result.code == SOME_FAILED
    assert result.out.splitlines()[-2] == f"{shot / 'in.0003.exr'} -> {shot / 'o.3.exr'}  (missing)"


def test_only_the_frames_asked_for_are_graded(run: Any, shot: Path) -> None:
    result = run("regrade", shot / "in.####.exr", shot / "out" / "o.#.exr", "-s", "premier", "--frames", "2-4x2")
    assert result.code == DONE
    assert sorted(path.name for path in (shot / "out").glob("*.exr")) == ["o.2.exr", "o.4.exr"]


def test_a_missing_frame_fails_alone(shot: Path) -> None:
    command = ("regrade", shot / "in.####.exr", shot / "out" / "out.####.exr", "-s", "premier")
    told = process(*command, "--dry-run")
    assert told.code == SOME_FAILED
    assert told.err == "lattice: missing frames fail: 3; --missing skip, hold or black settles them\n"
    result = process(*command, "--frames", "1-4")
    refused(result, "in.0003.exr", "missing frame", code=SOME_FAILED)
    assert len(list((shot / "out").glob("*.exr"))) == 3
    assert result.out.count("ok ") == 3


@pytest.mark.parametrize("content", [b"", b"not a picture", b"half"])
def test_a_bad_frame_fails_alone(content: bytes, run: Any, shot: Path) -> None:
    bad = shot / "in.0002.exr"
    bad.write_bytes(bad.read_bytes()[:-40] if content == b"half" else content)
    result = run("regrade", shot / "in.####.exr", shot / "out" / "out.####.exr", "-s", "premier", "--frames", "1,2,4")
    refused(result, "in.0002.exr", code=SOME_FAILED)
    assert sorted(path.name for path in (shot / "out").glob("*.exr")) == ["out.0001.exr", "out.0004.exr"]
    refused(run("apply", bad, shot / "out" / "one.exr", "-s", "premier"), "in.0002.exr", code=SOME_FAILED)


def test_a_frame_is_not_graded_twice_unless_forced(run: Any, shot: Path) -> None:
    once, twice = shot / "out" / "once.exr", shot / "out" / "twice.exr"
    run("apply", shot / "in.0001.exr", once, "-s", "premier")
    refused(run("apply", once, twice, "-s", "premier"), "once.exr", "graded", code=SOME_FAILED)
    assert run("apply", once, twice, "-s", "premier", "--force").code == DONE
    assert twice.is_file()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["in.0001.exr", "absent/out.exr", "-s", "premier"], ["absent", "existing folder"]),
        (["in.0001.exr", "in.0001.exr", "-s", "premier"], ["in.0001.exr", "--in-place"]),
        (["in.0001.exr", "out", "-s", "premier"], ["out", "folder"]),
        (["absent.exr", "out/one.exr", "-s", "premier"], ["absent.exr"]),
        (["in.0001.exr", "out/one.exr", "-s", "nosuch"], ["no look named 'nosuch'", "premier"]),
        (["in.0001.exr", "out/one.exr", "-s", "nosuch.clf"], ["nosuch.clf", "got none"]),
        (["in.0001.exr", "out/one.exr", "-s", "nosuch.toml"], ["nosuch.toml", "got none"]),
        (["in.0001.exr", "out/one.exr", "-s", "premier", "--input", "ACEScg1"], ["input: no input", "'ACEScg'?"]),
        (["in.0001.exr", "out/one.exr", "-s", "premier", "--premult", "maybe"], ["premult", "auto"]),
        (["in.0001.exr", "out/one.exr", "-s", "premier", "--nonfinite", "hide"], ["nonfinite", "zero"]),
    ],
)
def test_apply_refuses_wrong_use(
    arguments: list[str], says: list[str], run: Any, shot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shot)
    refused(run("apply", *arguments), *says)
    assert list((shot / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["none.####.exr", "out/o.####.exr"], ["none.####.exr", "got none"]),
        (["in.####.exr", "out/o.exr"], ["out/o.exr", "frame field"]),
        (["in.####.exr", "absent/o.####.exr"], ["absent", "existing folder"]),
        (["in.####.exr", "out/o.####.exr", "--frames", "one"], ["frames", "'one'"]),
        (["in.####.exr", "in.####.exr"], ["in.0001.exr", "--in-place"]),
        (["in.####.exr", "out/o.####.exr", "--threads", "-1"], ["threads"]),
    ],
)
def test_regrade_refuses_wrong_use(
    arguments: list[str], says: list[str], run: Any, shot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shot)
    refused(run("regrade", *arguments, "-s", "premier"), *says)
    assert list((shot / "out").iterdir()) == []


BAD_PROFILES = {
    "an 11-point curve": (CURVE.format(RISING[:11], RISING), ["red", "12", "11"]),
    "a falling density": (
        CURVE.format(RISING, [0, 1, 0.5, *RISING[3:]]),
        ["red", "density falls at point 3 (1 -> 0.5)"],
    ),
    "an unknown stock": ('extends = "vision"\nprint = "kodak_9999"', ["print", "kodak_9999", "kodak_2383"]),
    "a circle": ('extends = "bad.toml"', ["circular", "bad.toml -> bad.toml"]),
    "an unknown field": ('extends = "vision"\nvibrance = 2', ["vibrance: no such field"]),
    "an even size": ('extends = "vision"\nsize = 12', ["size", "12"]),
    "no TOML": ("= 3", ["TOML"]),
}


@pytest.mark.parametrize(("text", "says"), BAD_PROFILES.values(), ids=BAD_PROFILES)
def test_a_bad_profile_is_one_line(text: str, says: list[str], run: Any, tmp_path: Path) -> None:
    path = write_toml(tmp_path / "bad.toml", text)
    for command in (
        ["info", path],
        ["check", path],
        ["build", path, "-o", tmp_path / "x.clf"],
        ["plot", path, "-o", tmp_path / "x.png"],
    ):
        refused(run(*command), path, *says)


@pytest.mark.parametrize(
    "arguments",
    [
        ["build", "vision", "-o", "absent/look.clf", "--sampled"],
        ["build", "vision", "-o", "look.cube", "--sampled"],
        ["build", "vision", "-o", "look.clf", "--size", "12"],
        ["build", "vision", "-o", "look.clf", "--interpolation", "x"],
        ["plot", "vision", "-o", "absent/sheet.png"],
        ["plot", "vision", "-o", "sheet.pdf"],
        ["info", "nosuch"],
        ["check", "nosuch"],
        ["schema", __file__],
        ["schema", __file__ + "/under"],
    ],
    ids=" ".join,
)
def test_wrong_use_is_one_line(arguments: list[str], run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    refused(run(*arguments))
    assert list(tmp_path.iterdir()) == []


def test_usage_errors_exit_2_without_a_traceback(run: Any) -> None:
    for arguments in (["nosuch"], ["apply", "a", "b"], ["build", "vision"], ["build", "x", "-o", "x", "--size", "y"]):
        result = run(*arguments)
        assert result.code == WRONG_USE
        assert result.err
        assert "Traceback" not in result.err


def test_a_shell_sees_the_same(shot: Path) -> None:
    refused(process("info", "nosuch"), "no look named 'nosuch'")
    bad = write_toml(shot / "bad.toml", BAD_PROFILES["a falling density"][0])
    refused(process("check", bad), bad, "density falls")
    (shot / "cut.exr").write_bytes((shot / "in.0001.exr").read_bytes()[:200])
    refused(process("apply", shot / "cut.exr", shot / "out" / "o.exr", "-s", "premier"), "cut.exr", code=SOME_FAILED)
    done = process(
        "apply", "in.0001.exr", "out/o.exr", "-s", "premier", cwd=shot, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert done.code == DONE
    assert (shot / "out" / "o.exr").is_file()
