"""`lattice farm`: the command writes what a farm runs, and what it writes runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import slurm as slurm_samples
from basics import ROOT, require
from cli_samples import process, refused
from farm_samples import finished, make_shot

from lattice.regrade.farm import array_jobs
from lattice.regrade.farm.array_jobs import SCRIPTS

pytestmark = pytest.mark.slow

WORDS = ("in 'a.####.exr", "out.####.exr", "--sdev", "premier", "--layers", 'odd "layer"')
COMMAND = Path(sys.executable).with_name("lattice")
BARE = {"PATH": "/usr/bin:/bin"}  # as a farm's machine has it


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    make_shot(tmp_path, 12)
    return tmp_path


def words(shot: Path) -> list[str]:
    return ["--", str(shot / "s.####.exr"), str(shot / "g.####.exr"), "-s", "premier"]


@pytest.mark.parametrize("kind", SCRIPTS)
def test_the_command_writes_each_kind(shot: Path, kind: str) -> None:
    done = process("farm", "script", f"--{kind}", "--chunk", "5", "-o", shot / "job", *words(shot), "--frames", "2-9")
    assert (done.code, done.err, done.out) == (0, "", f"{shot / 'job'}\n")
    text = (shot / "job").read_text()
    assert str(COMMAND) in text
    assert "2-6" in text
    assert "7-9" in text
    assert "--frames 2-9" not in text


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["script", "--slurm", "--lsf"], "--slurm and --lsf: name one scheduler"),
        (["script"], "add --slurm or --lsf or --pbs or --htcondor"),
        (["script", "--slurm", "--cores", "-3"], "cores: expected 1 or more, got -3"),
        (["script", "--slurm", "--walltime", "90"], "walltime: expected HH:MM:SS, got '90'"),
        (["script", "--htcondor", "--queue", "q"], "HTCondor has no --queue: leave out --queue q"),
        (["script", "--slurm", "--chunk", "0"], "chunk: expected 1 frame or more, got 0"),
        (
            ["script", "--pbs", "--queue", "night\n#PBS -W x"],
            "queue: expected a name of letters, digits, _ . , @ : and -, got 'night\\n#PBS -W x'",
        ),
    ],
)
def test_wrong_use(shot: Path, arguments: list[str], why: str) -> None:
    done = process("farm", *arguments, "-o", shot / "job", *words(shot))
    assert (done.code, done.err) == (2, f"lattice: {why}\n")
    assert not (shot / "job").exists()


def test_wrong_words_are_told_before_the_farm_meets_them(shot: Path) -> None:
    done = process("farm", "openjd", "-o", shot / "job", *words(shot), "--nonsense")
    assert done.code == 2
    assert "no option --nonsense" in done.err
    absent = [str(word).replace("s.####", "x.####") for word in words(shot)]
    done = process("farm", "openjd", "-o", shot / "job", *absent)
    assert (done.code, done.err) == (2, f"lattice: {shot / 'x.####.exr'}: expected files of this pattern, got none\n")
    done = process("farm", "openjd", "-o", shot / "job", "--", shot / "s.0001.exr", shot / "g.exr", "-s", "premier")
    assert "expected a frame field such as ####, got a plain file" in done.err


def test_a_look_that_is_not_there_is_refused(run: Any, shot: Path) -> None:
    refused(
        run(
            "farm",
            "script",
            "--pbs",
            "-o",
            shot / "job",
            "--",
            shot / "s.####.exr",
            shot / "g.####.exr",
            "--sdev",
            "premirr",
        ),
        "no look named 'premirr'",
        "did you mean 'premier'?",
    )
    assert not (shot / "job").exists()


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--sdev", "vision"], "--sdev was given 2 times"),
        (["--nonfinite", "kep"], "nonfinite: expected keep or error or zero, got 'kep'"),
        (["--memory", "much"], "memory: expected a size such as 4G or 800M, got 'much'"),
        (["--dry-run"], "--dry-run after --: leave it out: a task runs the plain command"),
        (["--io-slots", "2"], "--io-slots after --: leave it out"),
        (["--progress", "lines"], "--progress after --: leave it out"),
        (["--queue", "night"], "--queue after --: write it before --"),
    ],
)
def test_options_that_no_task_can_have_are_refused(run: Any, shot: Path, more: list[str], why: str) -> None:
    refused(run("farm", "script", "--pbs", "-o", shot / "job", *words(shot), *more), why)
    assert not (shot / "job").exists()


def test_a_folder_that_is_not_there_is_refused_and_a_channel_that_is_not_is_noted(run: Any, shot: Path) -> None:
    away = [word.replace("g.####", "no/g.####") for word in words(shot)]
    refused(run("farm", "openjd", "-o", shot / "job", *away), "expected an existing folder, got none at")
    noted = run("farm", "openjd", "-o", shot / "job", *words(shot), "--layers", "spec")
    refused(noted, "as it is now, the first frame is refused: ", "spec", code=0)


def test_what_is_there_is_replaced_only_when_asked(run: Any, shot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plate, job = shot / "s.0001.exr", shot / "job.sh"
    before = plate.read_bytes()
    for kind, names in (("script", "ending in .sh, .bash"), ("openjd", "ending in .json")):
        more = ["--slurm"] if kind == "script" else []
        refused(
            run("farm", kind, *more, "--overwrite", "-o", plate, *words(shot)), f"-o {plate}: expected a name", names
        )
        assert run("farm", kind, *more, "-o", job.with_suffix(""), "--overwrite", *words(shot)).code == 0
    assert plate.read_bytes() == before
    assert run("farm", "script", "--slurm", "-o", job, *words(shot)).code == 0
    written = job.read_text()
    refused(run("farm", "script", "--lsf", "-o", job, *words(shot)), f"-o {job} is there already: add --overwrite")
    assert job.read_text() == written
    assert run("farm", "script", "--lsf", "--overwrite", "-o", job, *words(shot)).code == 0
    assert job.read_text() != written
    job.unlink()
    with monkeypatch.context() as slow:
        slow.setattr(array_jobs, "script", lambda *told: job.write_text("another's") and "ours")
        refused(run("farm", "script", "--lsf", "-o", job, *words(shot)), "was written meanwhile by another")
    assert job.read_text() == "another's"
    job.unlink()
    job.symlink_to("nowhere")
    refused(run("farm", "script", "--lsf", "-o", job, *words(shot)), "is there already")


def test_frames_that_are_not_there_yet_are_taken(run: Any, shot: Path) -> None:
    told = ("farm", "script", "--slurm", "-o", shot / "job", *words(shot), "--frames=20-24", "--missing", "skip")
    assert run(*told) == (0, f"{shot / 'job'}\n", "")
    assert "chunks=(20-24)" in (shot / "job").read_text()


def test_dashes_are_asked_for_where_there_are_none(run: Any, shot: Path) -> None:
    for kind in ("openjd", "script"):
        without = run("farm", kind, "-o", shot / "job", *words(shot)[1:])
        refused(without, f"-- is missing before IN: lattice farm {kind} -o FILE -- IN OUT --sdev LOOK")
    assert run("farm", "openjd", "--help").code == 0


def test_words_hold_in_any_folder(run: Any, shot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shot)
    (shot / "look.toml").write_text('extends = "premier"\n')
    told = (
        "--",
        "--force",
        "s.####.exr",
        "-slook.toml",
        "./g.####.exr",
        "--layers",
        "",
        "--frames",
        "1",
        "--memory=2G",
    )
    assert run("farm", "openjd", "--cores", "3", "-o", "job.json", *told).code == 0
    (step,) = json.loads((shot / "job.json").read_text())["steps"]
    made = step["script"]["actions"]["onRun"]
    assert made["command"] == str(COMMAND)
    assert made["args"] == [
        "regrade",
        str(shot / "s.####.exr"),
        str(shot / "g.####.exr"),
        "--sdev",
        str(shot / "look.toml"),
        "--layers",
        "",
        "--force",
        "--memory",
        "2G",
        "--threads",
        "3",
        "--cores",
        "3",
        "--frames",
        "{{Task.Param.Frames}}",
        "--progress",
        "openjd",
    ]
    assert step["hostRequirements"]["amounts"][1] == {"name": "amount.worker.memory", "min": 2048 - 100 + 512}
    assert run("farm", "script", "--lsf", "--cores", "3", "-o", "job.sh", *told, "--threads", "2").code == 0
    assert f"exec {COMMAND} regrade '{shot}/s.####.exr' '{shot}/g.####.exr' " in (shot / "job.sh").read_text()
    assert "--threads 2 " in (shot / "job.sh").read_text()
    assert "--threads 3" not in (shot / "job.sh").read_text()
    assert "--cores 3 " in (shot / "job.sh").read_text()
    lone = ["farm", "script", "--lsf", "--cores", "1", "-o", "lone.sh", *told]
    assert run(*lone).code == 0
    assert "--threads 1 --cores 1 " in (shot / "lone.sh").read_text()
    assert run(*lone[: -len(told)], "--overwrite", *told, "--cores", "2").code == 0
    assert "--cores 2 --threads 1 " in (shot / "lone.sh").read_text()
    assert "--cores 1" not in (shot / "lone.sh").read_text()


def test_openjd_runs_the_template(shot: Path) -> None:
    tool = Path(sys.executable).with_name("openjd")
    if not tool.exists():
        require("openjd", "openjd-cli is not installed")
    relative = ("--", "s.####.exr", "g.####.exr", "--sdev", "premier")
    assert process("farm", "openjd", "--chunk", "5", "-o", "job.json", *relative, cwd=shot).code == 0
    checked = subprocess.run([tool, "check", shot / "job.json"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout
    home = {"HOME": os.environ["HOME"]} if "HOME" in os.environ else {}
    done = subprocess.run([tool, "run", shot / "job.json"], capture_output=True, text=True, env={**BARE, **home})
    assert done.returncode == 0, done.stdout
    assert len(finished(shot)) == 12
    assert "openjd_progress: 100.0" in done.stdout
    assert "openjd_status: ok " in done.stdout


def test_failures_are_told_as_a_host_of_openjd_reads_them(shot: Path) -> None:
    (shot / "s.0003.exr").write_text("no exr")
    done = process("regrade", *words(shot)[1:], "--progress", "openjd", "--frames", "2-4")
    assert done.code == 1
    said = [line for line in done.out.splitlines() if line.startswith("openjd_")]
    assert [line for line in said if line.startswith("openjd_fail")] == [
        f"openjd_fail: failed  {shot / 's.0003.exr'}: expected an EXR file, got something else"
    ]
    assert [line for line in said if line.startswith("openjd_progress")][-1] == "openjd_progress: 100.0"
    done = process("regrade", *words(shot)[1:], "--progress", "dots")
    assert (done.code, done.err) == (2, "lattice: progress: expected lines or json or openjd, got 'dots'\n")


@pytest.fixture
def slurm() -> Iterator[slurm_samples.Slurm]:
    if (why := slurm_samples.unavailable_reason()) is not None:
        require("slurm", why)
    with slurm_samples.running() as started:
        yield started


def test_slurm_runs_the_array_and_ships_what_is_needed(slurm: slurm_samples.Slurm, shot: Path) -> None:
    relative = ("--", "s.####.exr", "g.####.exr", "-s", "premier")
    assert process("farm", "script", "--slurm", "--chunk", "4", "-o", "job.sh", *relative, cwd=shot).code == 0
    (shot / "away").mkdir()
    script = (shot / "job.sh").read_text()
    (shot / "job.sh").write_text(script.replace("\nexec ", "\nenv >env.$SLURM_ARRAY_TASK_ID\nexec "))
    done = subprocess.run(
        ["sbatch", "--parsable", "--chdir", str(shot / "away"), str(shot / "job.sh")],
        cwd=ROOT,
        text=True,
        capture_output=True,
        env={**slurm.environment, "API_PASSWORD": "secret"},
    )
    assert done.returncode == 0, done.stderr
    end = time.monotonic() + 90
    while slurm.jobs():
        assert time.monotonic() < end
        time.sleep(0.2)
    assert len(finished(shot)) == 12, [path.read_text() for path in shot.glob("away/slurm-*.out")]
    arrived = (shot / "away" / "env.0").read_text()
    assert "secret" not in arrived
    assert f"PATH={slurm.environment['PATH']}\n" in arrived


def test_a_gap_is_told_when_the_job_is_written(shot: Path) -> None:
    (shot / "s.0003.exr").unlink()
    done = process("farm", "script", "--slurm", "-o", shot / "job", *words(shot))
    assert (done.code, done.err) == (0, "lattice: missing frames fail their tasks unless they come first: 3\n")
    quiet = process("farm", "script", "--slurm", "-o", shot / "job2", *words(shot), "--missing", "hold")
    assert (quiet.code, quiet.err) == (0, "")
