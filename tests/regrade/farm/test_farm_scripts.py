"""Array jobs and job templates: what a farm without Dask is given, run for real where its tools are here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from basics import one_line, require
from farm_words import HOSTILE, NO_UTF8, TASK, WORDS

from lattice.regrade.farm.array_jobs import Task, array_note, chunks, script
from lattice.regrade.farm.environment import directive, travelling
from lattice.regrade.farm.openjd import template

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
                "#SBATCH --export=HOME,LATTICE_NATIVE,PATH",
            ],
        ),
        (
            "lsf",
            [
                '#BSUB -J "lattice[1-2]"',
                "#BSUB -n 4",
                "#BSUB -M 8704MB",
                "#BSUB -W 02:30",
                "#BSUB -q night",
                '#BSUB -env "HOME, LATTICE_NATIVE, PATH"',
            ],
        ),
        (
            "pbs",
            [
                "#PBS -J 0-1",
                "#PBS -l select=1:ncpus=4:mem=8704mb",
                "#PBS -l walltime=02:30:00",
                "#PBS -q night",
                "#PBS -v HOME,LATTICE_NATIVE,PATH",
            ],
        ),
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
    path.write_bytes(os.fsencode(script(kind, replace(task, command=(str(spoken),)))))
    first = 1 if kind == "lsf" else 0
    variable = {"slurm": "SLURM_ARRAY_TASK_ID", "lsf": "LSB_JOBINDEX", "pbs": "PBS_ARRAY_INDEX"}[kind]
    told = {} if index is None else {variable: str(first + index)}
    return subprocess.run(
        ["bash", path],
        env={**BARE, "PBS_O_WORKDIR": str(folder), **told},
        capture_output=True,
        text=True,
        errors="surrogateescape",
    )


@pytest.mark.parametrize("kind", ["slurm", "lsf", "pbs"])
def test_hostile_names_reach_the_command_as_they_are(kind: str, tmp_path: Path) -> None:
    task = replace(TASK, words=(*HOSTILE, NO_UTF8))
    done = element(kind, 1, task, tmp_path)
    assert done.stdout == "".join(f"{word}\n" for word in ("regrade", *HOSTILE, NO_UTF8, "--frames", "11,15-20"))
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bin of mine", "job.sh"]
    begin = {"slurm": "#SBATCH", "lsf": "#BSUB", "pbs": "#PBS"}[kind]
    text = script(kind, task)
    directives = [line for line in text.splitlines() if line.startswith("#")]
    assert directives == [line for line in script(kind, TASK).splitlines() if line.startswith("#")]
    assert all(line.startswith(begin) for line in directives[1:-1])


@pytest.mark.parametrize("odd", ["a\nb", "a\n#BSUB -q x", "\ttab", "\x1b[31m", "\x7f", "\u2028", "\x85", "a\r"])
def test_names_with_control_characters_are_refused_in_every_job_file(odd: str) -> None:
    one_line(lambda: Task(("in", odd), ("1",)), "a job file takes no name with a control character", repr(odd))
    one_line(lambda: Task(("in",), ("1",), command=(odd,)), "a job file takes no name with a control character")


@pytest.mark.parametrize("odd", ["a\nb", "a b", "$(x)", "a%J", "-q", "a;b", "a\\", "'", ""])
def test_queues_that_are_no_name_are_refused(odd: str) -> None:
    one_line(lambda: replace(TASK, queue=odd), "queue: expected a name of letters")
    one_line(lambda: replace(TASK, walltime=odd), "walltime: expected HH:MM:SS")
    assert "#PBS -q long@head.site" in script("pbs", replace(TASK, queue="long@head.site"))
    assert "--partition=a,b-1" in script("slurm", replace(TASK, queue="a,b-1"))


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
    one_line(lambda: script("htcondor", TASK), "HTCondor has no --queue: leave out --queue night")
    one_line(lambda: script("htcondor", replace(TASK, queue=None)), "HTCondor has no --walltime")


def test_an_array_that_a_site_may_not_take_is_noted() -> None:
    long = Task((), ("1",) * 1002)
    assert array_note("slurm", replace(long, chunks=("1",) * 1001)) is None
    assert "MaxArraySize must allow as many, which is 1001 by default" in str(array_note("slurm", long))
    assert "MAX_JOB_ARRAY_SIZE" in str(array_note("lsf", long))
    assert array_note("pbs", long) is array_note("htcondor", long) is None


def test_only_what_is_needed_of_the_environment_travels(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        monkeypatch.delenv(name)
    for name in (
        "PATH",
        "HOME",
        "LATTICE_NATIVE",
        "LATTICE_X",
        "AWS_SECRET_ACCESS_KEY",
        "DASK_CONFIG",
        "DASK_A=;B",
        "path",
    ):
        if "=" not in name:
            monkeypatch.setenv(name, "x")
    assert travelling() == ("HOME", "LATTICE_NATIVE", "PATH")
    assert travelling(of_workers=True) == ("DASK_CONFIG", "HOME", "LATTICE_NATIVE", "PATH")
    assert [directive(kind, ()) for kind in ("slurm", "lsf", "htcondor")] == [
        "--export=NONE",
        '-env "none"',
        "getenv = false",
    ]


def test_a_template_holds_a_task_for_each_chunk() -> None:
    made = json.loads(template(TASK))
    (step,) = made["steps"]
    assert step["parameterSpace"]["taskParameterDefinitions"][0]["range"] == list(TASK.chunks)
    assert step["script"]["actions"]["onRun"]["args"][:7] == ["regrade", *WORDS]
    assert step["hostRequirements"]["amounts"] == [
        {"name": "amount.worker.vcpu", "min": 4},
        {"name": "amount.worker.memory", "min": 8704},
    ]
    one_line(lambda: template(Task((NO_UTF8,), ("1",))), "a template holds only names in UTF-8: rename it")
    one_line(lambda: template(Task(("{{" * 600,), ("1",))), "has at most 1024 letters in a template, got 1200")
    one_line(lambda: template(Task(("a",), ("1",) * 1025)), "chunk: expected at most 1024 chunks, got 1025")


@pytest.mark.slow
def test_hostile_names_reach_the_command_of_a_template(tmp_path: Path) -> None:
    tool = Path(sys.executable).with_name("openjd")
    if not tool.exists():
        require("openjd", "openjd-cli is not installed")
    spoken = tmp_path / "{{ lattice"
    spoken.write_text(f'#!/bin/bash\nprintf "%s\\n" "$@" >>{tmp_path}/said\n')
    spoken.chmod(0o755)
    job = tmp_path / "job.json"
    job.write_text(template(Task(HOSTILE, TASK.chunks, command=(str(spoken),))))
    done = subprocess.run([tool, "run", job], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    tasks = [["regrade", *HOSTILE, "--frames", chunk, "--progress", "openjd"] for chunk in TASK.chunks]
    assert (tmp_path / "said").read_text() == "".join(f"{word}\n" for task in tasks for word in task)
