"""Array jobs and job templates: what a farm without Dask is given, run for real where its tools are here."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import slurm as slurm_samples
from conftest import ROOT, one_line, require
from farm_samples import finished, make_shot
from test_cli import process

from lattice.regrade.farm import SCRIPTS, Task, chunks, openjd, script

WORDS = ("in 'a.####.exr", "out.####.exr", "--sdev", "premier", "--layers", 'odd "layer"')
TASK = Task(WORDS, ("1-10", "11,15-20"), 4, 2**33, "02:30:00", "night")


def test_chunks_hold_every_frame_once_and_in_order() -> None:
    assert chunks([1, 2, 3, 5, 7, 9, 10], 3) == ("1-3", "5-9x2", "10")
    assert chunks([-3, -2, -1], 2) == ("-3--2", "-1")
    one_line(lambda: chunks([1], 0), "chunk: expected 1 frame or more, got 0")


@pytest.mark.parametrize(("kind", "lines"), [
    ("slurm", ["#SBATCH --array=0-1", "#SBATCH --cpus-per-task=4", "#SBATCH --mem=8192M", "#SBATCH --time=02:30:00",
               "#SBATCH --partition=night"]),
    ("lsf", ['#BSUB -J "lattice[1-2]"', "#BSUB -n 4", "#BSUB -M 8192MB", "#BSUB -W 02:30", "#BSUB -q night"]),
    ("pbs", ["#PBS -J 0-1", "#PBS -l select=1:ncpus=4:mem=8192mb", "#PBS -l walltime=02:30:00", "#PBS -q night"]),
])
def test_bash_scripts_ask_for_what_was_asked_and_run_the_chunk(kind: str, lines: list[str], tmp_path: Path) -> None:
    text = script(kind, TASK)
    assert all(line in text.splitlines() for line in lines), text
    path = tmp_path / "job.sh"
    path.write_text(text)
    assert subprocess.run(["bash", "-n", path]).returncode == 0
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "lattice").write_text('#!/bin/bash\nprintf "%s\\n" "$@"\n')
    (tmp_path / "bin" / "lattice").chmod(0o755)
    for index, chunk in enumerate(TASK.chunks):
        told = {"SLURM_ARRAY_TASK_ID": str(index), "LSB_JOBINDEX": str(index + 1), "PBS_ARRAY_INDEX": str(index),
                "PBS_O_WORKDIR": str(tmp_path), "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
        done = subprocess.run(["bash", path], env=told, capture_output=True, text=True)
        assert done.stdout.splitlines() == ["regrade", *WORDS, "--frames", chunk]


def test_an_array_of_one_is_no_array_for_pbs() -> None:
    text = script("pbs", Task(("a", "b"), ("1-10",)))
    assert "-J" not in text
    assert "${chunks[${PBS_ARRAY_INDEX:-0}]}" in text


def test_htcondor_gets_a_submit_description() -> None:
    text = script("htcondor", TASK)
    (arguments,) = re.findall(r'^arguments = "(.*)"$', text, re.MULTILINE)
    # By HTCondor's rules: a doubled double quote is one, single quotes hold a word, two of them inside are one.
    words = [word.replace("''", "'") for word in re.findall(r"'((?:[^']|'')*)'", arguments.replace('""', '"'))]
    assert words == ["lattice", "regrade", *WORDS, "--frames", "$(frames)"]
    assert text.endswith("queue frames from (\n1-10\n11,15-20\n)\n")
    assert "request_cpus = 4" in text
    assert "request_memory = 8192MB" in text


def test_a_template_holds_a_task_for_each_chunk() -> None:
    made = json.loads(openjd(TASK))
    (step,) = made["steps"]
    assert step["parameterSpace"]["taskParameterDefinitions"][0]["range"] == list(TASK.chunks)
    assert step["script"]["actions"]["onRun"]["args"][:7] == ["regrade", *WORDS]
    assert step["hostRequirements"]["amounts"] == [{"name": "amount.worker.vcpu", "min": 4},
                                                   {"name": "amount.worker.memory", "min": 8192}]
    one_line(lambda: openjd(Task(("a{{b",), ("1",))), "a{{b: expected a word without {{")
    one_line(lambda: openjd(Task(("a",), ("1",) * 1025)), "chunk: expected at most 1024 chunks, got 1025")


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    make_shot(tmp_path, 12)
    return tmp_path


def words(shot: Path) -> list[str]:
    return ["--", str(shot / "s.####.exr"), str(shot / "g.####.exr"), "-s", "premier"]


def with_our_commands() -> dict[str, str]:
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


@pytest.mark.parametrize("kind", SCRIPTS)
def test_the_command_writes_each_kind(shot: Path, kind: str) -> None:
    done = process("farm", "script", f"--{kind}", "--chunk", "5", "-o", shot / "job", *words(shot), "--frames", "2-9")
    assert (done.code, done.err, done.out) == (0, "", f"{shot / 'job'}\n")
    text = (shot / "job").read_text()
    assert "2-6" in text
    assert "7-9" in text
    assert "--frames 2-9" not in text


@pytest.mark.parametrize(("arguments", "why"), [
    (["script", "--slurm", "--lsf"], "expected one of --slurm, --lsf, --pbs, --htcondor, got 2"),
    (["script"], "expected one of --slurm, --lsf, --pbs, --htcondor, got 0"),
    (["script", "--slurm", "--chunk", "0"], "chunk: expected 1 frame or more, got 0")])
def test_wrong_use(shot: Path, arguments: list[str], why: str) -> None:
    done = process("farm", *arguments, "-o", shot / "job", *words(shot))
    assert (done.code, done.err) == (2, f"lattice: {why}\n")
    assert not (shot / "job").exists()


def test_wrong_words_are_told_before_the_farm_meets_them(shot: Path) -> None:
    done = process("farm", "openjd", "-o", shot / "job", *words(shot), "--nonsense")
    assert done.code == 2
    assert "No such option" in done.err
    absent = [str(word).replace("s.####", "x.####") for word in words(shot)]
    done = process("farm", "openjd", "-o", shot / "job", *absent)
    assert (done.code, done.err) == (2, f"lattice: {shot / 'x.####.exr'}: expected files of this pattern, got none\n")
    done = process("farm", "openjd", "-o", shot / "job", "--", shot / "s.0001.exr", shot / "g.exr", "-s", "premier")
    assert "expected a frame field such as ####, got a plain file" in done.err


def test_openjd_runs_the_template(shot: Path) -> None:
    tool = Path(sys.executable).with_name("openjd")
    if not tool.exists():
        require("openjd", "openjd-cli is not installed")
    assert process("farm", "openjd", "--chunk", "5", "-o", shot / "job.json", *words(shot)).code == 0
    checked = subprocess.run([tool, "check", shot / "job.json"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout
    done = subprocess.run([tool, "run", shot / "job.json"], capture_output=True, text=True, env=with_our_commands())
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
        f"openjd_fail: failed  {shot / 's.0003.exr'}: expected an EXR file, got something else"]
    assert [line for line in said if line.startswith("openjd_progress")][-1] == "openjd_progress: 100.0"
    done = process("regrade", *words(shot)[1:], "--progress", "dots")
    assert (done.code, done.err) == (2, "lattice: progress: expected lines or json or openjd, got 'dots'\n")


@pytest.fixture
def slurm(tmp_path: Path) -> Iterator[slurm_samples.Slurm]:
    if (why := slurm_samples.why_not()) is not None:
        require("slurm", why)
    with slurm_samples.running(tmp_path / "slurm") as started:
        yield started


def test_slurm_runs_the_array(slurm: slurm_samples.Slurm, shot: Path) -> None:
    assert process("farm", "script", "--slurm", "--chunk", "4", "-o", shot / "job.sh", *words(shot)).code == 0
    assert shutil.which("bash")
    environment = {**slurm.environment, "PATH": f"{Path(sys.executable).parent}:{slurm.environment['PATH']}"}
    done = subprocess.run(["sbatch", "--parsable", "--chdir", str(shot), str(shot / "job.sh")], cwd=ROOT, text=True,
                          capture_output=True, env=environment)
    assert done.returncode == 0, done.stderr
    end = time.monotonic() + 90
    while slurm.jobs():
        assert time.monotonic() < end
        time.sleep(0.2)
    assert len(finished(shot)) == 12, [path.read_text() for path in shot.glob("slurm-*.out")]
