"""Array jobs and job templates: what a farm without Dask is given, run for real where its tools are here."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from basics import one_line

from lattice.regrade.farm.array_jobs import Task, array_note, chunks, script
from lattice.regrade.farm.openjd import template

WORDS = ("in 'a.####.exr", "out.####.exr", "--sdev", "premier", "--layers", 'odd "layer"')
TASK = Task(WORDS, ("1-10", "11,15-20"), 4, 2**33, "02:30:00", "night")
BARE = {"PATH": "/usr/bin:/bin"}  # as a farm's machine has it


def test_chunks_hold_every_frame_once_and_in_order() -> None:
    assert chunks([1, 2, 3, 5, 7, 9, 10], 3) == ("1-3", "5-9x2", "10")
    assert chunks([-3, -2, -1], 2) == ("-3--2", "-1")
    one_line(lambda: chunks([1], 0), "chunk: expected 1 frame or more, got 0")


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        (
            "slurm",
            [
                "#SBATCH --array=0-1",
                "#SBATCH --cpus-per-task=4",
                "#SBATCH --mem=8704M",
                "#SBATCH --time=02:30:00",
                "#SBATCH --partition=night",
                "#SBATCH --signal=B:TERM@120",
            ],
        ),
        ("lsf", ['#BSUB -J "lattice[1-2]"', "#BSUB -n 4", "#BSUB -M 8704MB", "#BSUB -W 02:30", "#BSUB -q night"]),
        ("pbs", ["#PBS -J 0-1", "#PBS -l select=1:ncpus=4:mem=8704mb", "#PBS -l walltime=02:30:00", "#PBS -q night"]),
    ],
)
def test_bash_scripts_ask_for_what_was_asked_and_run_the_chunk(kind: str, lines: list[str], tmp_path: Path) -> None:
    text = script(kind, TASK)
    assert all(line in text.splitlines() for line in lines), text
    path = tmp_path / "job.sh"
    path.write_text(text)
    assert subprocess.run(["bash", "-n", path]).returncode == 0
    for index, chunk in enumerate(TASK.chunks):
        assert element(kind, index, TASK, tmp_path).stdout.splitlines() == ["regrade", *WORDS, "--frames", chunk]


def element(kind: str, index: int | None, task: Task, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script as the element of that index, or as no array, with a command that prints its words."""
    spoken = folder / "bin of mine" / "lattice"
    spoken.parent.mkdir(exist_ok=True)
    spoken.write_text('#!/bin/bash\nprintf "%s\\n" "$@"\n')
    spoken.chmod(0o755)
    path = folder / "job.sh"
    path.write_text(script(kind, replace(task, command=(str(spoken),))))
    first = 1 if kind == "lsf" else 0
    variable = {"slurm": "SLURM_ARRAY_TASK_ID", "lsf": "LSB_JOBINDEX", "pbs": "PBS_ARRAY_INDEX"}[kind]
    told = {} if index is None else {variable: str(first + index)}
    return subprocess.run(
        ["bash", path], env={**BARE, "PBS_O_WORKDIR": str(folder), **told}, capture_output=True, text=True
    )


@pytest.mark.parametrize(("kind", "index"), [("slurm", None), ("pbs", None), ("lsf", None), ("lsf", -1), ("slurm", 2)])
def test_a_script_outside_its_array_does_nothing_and_fails(kind: str, index: int | None, tmp_path: Path) -> None:
    done = element(kind, index, TASK, tmp_path)
    assert done.returncode != 0
    assert done.stdout == ""
    assert ("no chunk has this number" if index == 2 else "expected an array job") in done.stderr


def test_an_array_of_one_is_no_array_for_pbs(tmp_path: Path) -> None:
    task = Task(("a", "b"), ("1-10",))
    assert "-J" not in script("pbs", task)
    assert element("pbs", None, task, tmp_path).stdout.split() == ["regrade", "a", "b", "--frames", "1-10"]


def test_what_a_scheduler_cannot_be_asked_is_refused() -> None:
    one_line(lambda: Task((), (), cores=-3), "cores: expected 1 or more, got -3")
    one_line(lambda: Task((), (), walltime="90"), "walltime: expected HH:MM:SS, got '90'")
    one_line(lambda: script("htcondor", TASK), "queue: expected none with HTCondor")
    one_line(lambda: script("htcondor", replace(TASK, queue=None)), "walltime: expected none with HTCondor")


def test_an_array_that_a_site_may_not_take_is_noted() -> None:
    long = Task((), ("1",) * 1002)
    assert array_note("slurm", replace(long, chunks=("1",) * 1001)) is None
    assert "MaxArraySize must allow as many, which is 1001 by default" in str(array_note("slurm", long))
    assert "MAX_JOB_ARRAY_SIZE" in str(array_note("lsf", long))
    assert array_note("pbs", long) is array_note("htcondor", long) is None


def test_htcondor_gets_a_submit_description() -> None:
    text = script("htcondor", replace(TASK, walltime=None, queue=None, command=("/a b/python", "-m", "lattice.cli")))
    (arguments,) = re.findall(r'^arguments = "(.*)"$', text, re.MULTILINE)
    # By HTCondor's rules: a doubled double quote is one, single quotes hold a word, two of them inside are one.
    words = [word.replace("''", "'") for word in re.findall(r"'((?:[^']|'')*)'", arguments.replace('""', '"'))]
    assert words == ["/a b/python", "-m", "lattice.cli", "regrade", *WORDS, "--frames", "$(frames)"]
    assert text.endswith("queue frames from (\n1-10\n11,15-20\n)\n")
    assert "request_cpus = 4" in text
    assert "request_memory = 8704MB" in text


def test_a_template_holds_a_task_for_each_chunk() -> None:
    made = json.loads(template(TASK))
    (step,) = made["steps"]
    assert step["parameterSpace"]["taskParameterDefinitions"][0]["range"] == list(TASK.chunks)
    assert step["script"]["actions"]["onRun"]["args"][:7] == ["regrade", *WORDS]
    assert step["hostRequirements"]["amounts"] == [
        {"name": "amount.worker.vcpu", "min": 4},
        {"name": "amount.worker.memory", "min": 8704},
    ]
    one_line(lambda: template(Task(("a{{b",), ("1",))), "a{{b: expected a word without {{")
    one_line(lambda: template(Task(("a",), ("1",) * 1025)), "chunk: expected at most 1024 chunks, got 1025")
