"""Open Job Description templates with a task for each chunk of frames.

Source: openjd-specifications wiki, "Template Schemas" 2023-09.
"""

from __future__ import annotations

import json

from lattice.regrade.farm.array_jobs import NAME, NOTICE, Task
from lattice.types import LatticeError

OPENJD, MOST_TASKS = "jobtemplate-2023-09", 1024
BRACES = "{{"  # begins a reference to a parameter
LONGEST = 1024  # letters of a parameter's value


def template(task: Task) -> str:
    """Return a job template, as JSON, with a task for each chunk.

    A word with BRACES becomes a parameter of the job, whose value is taken as it is.
    Raises LatticeError if the chunks are more than MOST_TASKS, or a word cannot be written in JSON or as a parameter.
    """
    if len(task.chunks) > MOST_TASKS:
        raise LatticeError(f"chunk: expected at most {MOST_TASKS} chunks, got {len(task.chunks)}: take larger chunks")
    parameters: dict[str, str] = {}
    command, *words = (_written(word, parameters) for word in (*task.command, "regrade", *task.words))
    run: dict[str, object] = {
        "command": command,
        "args": [*words, "--frames", "{{Task.Param.Frames}}", "--progress", "openjd"],
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
    made: dict[str, object] = {"specificationVersion": OPENJD, "name": NAME, "steps": [step]}
    if parameters:
        made["parameterDefinitions"] = [
            {"name": name, "type": "STRING", "default": word} for name, word in parameters.items()
        ]
    return json.dumps(made, indent=2) + "\n"


def _written(word: str, parameters: dict[str, str]) -> str:
    """Return a word as a template holds it; one with BRACES is added to the parameters and referred to."""
    try:
        word.encode()
    except UnicodeEncodeError:
        raise LatticeError(f"{word!a}: a template holds only names in UTF-8: rename it") from None
    if BRACES not in word:
        return word
    if len(word) > LONGEST:
        raise LatticeError(f"{word}: a word with {BRACES} has at most {LONGEST} letters in a template, got {len(word)}")
    name = f"Word{len(parameters) + 1}"
    parameters[name] = word
    return f"{{{{Param.{name}}}}}"
