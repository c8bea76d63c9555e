"""Open Job Description templates with a task for each chunk of frames.

Source: openjd-specifications wiki, "Template Schemas" 2023-09.
"""

from __future__ import annotations

import json

from lattice.regrade.farm.array_jobs import NAME, NOTICE, Task
from lattice.types import LatticeError

OPENJD, MOST_TASKS = "jobtemplate-2023-09", 1024
OPENJD_BRACES = "{{"  # starts a reference to a parameter


def template(task: Task) -> str:
    """Return a job template, as JSON, with a task for each chunk.

    Raises LatticeError if the chunks are more than MOST_TASKS, or a word of the command has OPENJD_BRACES.
    """
    if len(task.chunks) > MOST_TASKS:
        raise LatticeError(f"chunk: expected at most {MOST_TASKS} chunks, got {len(task.chunks)}: take larger chunks")
    braced = next((word for word in (*task.command, *task.words) if OPENJD_BRACES in word), None)
    if braced is not None:
        raise LatticeError(f"{braced}: expected a word without {OPENJD_BRACES}, which begins a parameter in a template")
    command, *first = task.command
    run: dict[str, object] = {
        "command": command,
        "args": [*first, "regrade", *task.words, "--frames", "{{Task.Param.Frames}}", "--progress", "openjd"],
        "cancelation": {"mode": "NOTIFY_THEN_TERMINATE", "notifyPeriodInSeconds": NOTICE},
    }
    step: dict[str, object] = {
        "name": "Regrade",
        "parameterSpace": {
            "taskParameterDefinitions": [{"name": "Frames", "type": "STRING", "range": list(task.chunks)}]
        },
        "script": {"actions": {"onRun": run}},
    }
    amounts = [("amount.worker.vcpu", task.cores), ("amount.worker.memory", task.mebibytes)]
    if any(number for _, number in amounts):
        step["hostRequirements"] = {"amounts": [{"name": name, "min": number} for name, number in amounts if number]}
    return json.dumps({"specificationVersion": OPENJD, "name": NAME, "steps": [step]}, indent=2) + "\n"
