"""What farms that run no Dask are given: array-job scripts and an Open Job Description template.

Each task runs the plain command on a chunk of the frames. The command does only what is not done, so a task that is
run twice, or again after a crash, costs a look at its files.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lattice.files import sequence
from lattice.types import LatticeError

# Source: the schedulers' manuals, sbatch(1), bsub(1), qsub of PBS Professional, condor_submit(1); openjd-specifications
# wiki, "Template Schemas" 2023-09.
OPENJD, MOST_TASKS = "jobtemplate-2023-09", 1024
NAME = "lattice"
NOTICE = 120  # seconds that a task is given to end its frames when it is told to stop
OPENJD_BRACES = "{{"  # begin a reference to a parameter


@dataclass(frozen=True)
class Task:
    """What the tasks run: the regrade's words without --frames, chunks of frames such as "1-10", and what each may use.

    cores, memory (bytes), walltime ("HH:MM:SS"), queue: of a task; None leaves what the site gives.
    """

    words: tuple[str, ...]
    chunks: tuple[str, ...]
    cores: int | None = None
    memory: int | None = None
    walltime: str | None = None
    queue: str | None = None


def chunks(frames: Sequence[int], size: int) -> tuple[str, ...]:
    """Frame ranges of at most `size` frames each, in order. Raises LatticeError where it is below 1."""
    if size < 1:
        raise LatticeError(f"chunk: expected 1 frame or more, got {size}")
    return tuple(sequence.frame_range(frames[k:k + size]) for k in range(0, len(frames), size))


def script(kind: str, task: Task) -> str:
    """An array job for one of SCRIPTS, one element a chunk; for HTCondor a submit description."""
    return SCRIPTS[kind](task)


def _bash(task: Task, directives: Sequence[str], index: str) -> str:
    """A script whose element runs its chunk; `index` is what bash calls it, from 0."""
    command = shlex.join(("lattice", "regrade", *task.words))
    return "\n".join(["#!/bin/bash", *directives, "# The same script again does only what is not done.",
                      f"chunks=({' '.join(task.chunks)})",
                      f'exec {command} --frames "${{chunks[{index}]}}"', ""])


def _slurm(task: Task) -> str:
    asked = [f"--job-name={NAME}", f"--array=0-{len(task.chunks) - 1}", f"--signal=TERM@{NOTICE}"]
    asked += [f"--cpus-per-task={task.cores}"] if task.cores else []
    asked += [f"--mem={task.memory >> 20}M"] if task.memory else []
    asked += [f"--time={task.walltime}"] if task.walltime else []
    asked += [f"--partition={task.queue}"] if task.queue else []
    return _bash(task, [f"#SBATCH {each}" for each in asked], "SLURM_ARRAY_TASK_ID")


def _lsf(task: Task) -> str:
    asked = [f'-J "{NAME}[1-{len(task.chunks)}]"', "-o lattice.%J.%I.log"]
    asked += [f"-n {task.cores}", '-R "span[hosts=1]"'] if task.cores else []
    asked += [f"-M {task.memory >> 20}MB"] if task.memory else []
    asked += [f"-W {task.walltime.rpartition(':')[0]}"] if task.walltime else []
    asked += [f"-q {task.queue}"] if task.queue else []
    return _bash(task, [f"#BSUB {each}" for each in asked], "LSB_JOBINDEX - 1")


def _pbs(task: Task) -> str:
    chosen = ":".join(["select=1", *([f"ncpus={task.cores}"] if task.cores else []),
                       *([f"mem={task.memory >> 20}mb"] if task.memory else [])])
    # An array of one is not allowed.
    asked = [f"-N {NAME}", *([f"-J 0-{len(task.chunks) - 1}"] if len(task.chunks) > 1 else []), f"-l {chosen}"]
    asked += [f"-l walltime={task.walltime}"] if task.walltime else []
    asked += [f"-q {task.queue}"] if task.queue else []
    return _bash(task, [*(f"#PBS {each}" for each in asked), 'cd "$PBS_O_WORKDIR" || exit 2'], "${PBS_ARRAY_INDEX:-0}")


def _htcondor(task: Task) -> str:
    words = ("regrade", *task.words, "--frames", "$(frames)")
    # In HTCondor's quoting single quotes hold a word together, and quotes inside are doubled.
    quoted = " ".join("'" + word.replace("'", "''").replace('"', '""') + "'" for word in words)
    asked = ["executable = /usr/bin/env", f"arguments = \"'lattice' {quoted}\"", "getenv = true",
             "log = lattice.$(Cluster).log", "output = lattice.$(Cluster).$(Process).out",
             "error = lattice.$(Cluster).$(Process).err", f"kill_sig_timeout = {NOTICE}"]
    asked += [f"request_cpus = {task.cores}"] if task.cores else []
    asked += [f"request_memory = {task.memory >> 20}MB"] if task.memory else []
    return "\n".join([*asked, f"queue frames from (\n{chr(10).join(task.chunks)}\n)", ""])


SCRIPTS: dict[str, Callable[[Task], str]] = {"slurm": _slurm, "lsf": _lsf, "pbs": _pbs, "htcondor": _htcondor}


def openjd(task: Task) -> str:
    """A job template with a task for each chunk. Raises LatticeError where there are more than the format takes."""
    if len(task.chunks) > MOST_TASKS:
        raise LatticeError(f"chunk: expected at most {MOST_TASKS} chunks, got {len(task.chunks)}: take larger chunks")
    braced = next((word for word in task.words if OPENJD_BRACES in word), None)
    if braced is not None:
        raise LatticeError(f"{braced}: expected a word without {OPENJD_BRACES}, which begins a parameter in a template")
    run: dict[str, Any] = {
        "command": "lattice",
        "args": ["regrade", *task.words, "--frames", "{{Task.Param.Frames}}", "--progress", "openjd"],
        "cancelation": {"mode": "NOTIFY_THEN_TERMINATE", "notifyPeriodInSeconds": NOTICE},
    }
    step: dict[str, Any] = {
        "name": "Regrade",
        "parameterSpace": {"taskParameterDefinitions": [
            {"name": "Frames", "type": "STRING", "range": list(task.chunks)}]},
        "script": {"actions": {"onRun": run}},
    }
    amounts = [("amount.worker.vcpu", task.cores), ("amount.worker.memory", task.memory and task.memory >> 20)]
    if any(number for _, number in amounts):
        step["hostRequirements"] = {"amounts": [{"name": name, "min": number} for name, number in amounts if number]}
    return json.dumps({"specificationVersion": OPENJD, "name": NAME, "steps": [step]}, indent=2) + "\n"
