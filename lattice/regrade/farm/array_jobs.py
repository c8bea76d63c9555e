"""Array-job scripts for farms that run no Dask.

Each task runs the plain command on a chunk of the frames. The command skips frames that are done, so a task that runs
twice, or again after a crash, only reads their files.

Sources: the schedulers' manuals, sbatch(1), bsub(1), qsub of PBS Professional, condor_submit(1).
"""

from __future__ import annotations

import shlex
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lattice.files.storage import sequence
from lattice.regrade.farm.environment import directive
from lattice.regrade.farm.workers import SPARE, check_queue, check_walltime
from lattice.types import LatticeError

NAME = "lattice"
UNWRITABLE = ("Cc", "Zl", "Zp")  # Unicode's classes of control characters and of ends of lines
NOTICE = 120  # seconds that a task has to finish its frames after the stop signal
CONDOR_LATE = "$$("  # begins a macro that is replaced when a machine is found; none stands for itself
# Each scheduler's default limit on the tasks of one array, and the name of the site's setting.
ARRAYS = {"slurm": (1001, "MaxArraySize"), "lsf": (1000, "MAX_JOB_ARRAY_SIZE"), "pbs": (10000, "max_array_size")}


@dataclass(frozen=True)
class Task:
    """The command of each task of an array job, and the resources it requests.

    words: the arguments of `lattice regrade` without --frames. chunks: frame ranges, such as "1-10", one for each task.
    cores, memory (bytes for its frames), walltime ("HH:MM:SS"), queue: of each task; None keeps the site's default.
    command: starts `lattice` on the farm's machines. environment: names of the variables that travel with the job.
    Raises LatticeError if cores is below 1, walltime or queue is malformed, or a word has a control character, such as
    a line's end: a scheduler would read what follows as a line of its own.
    """

    words: tuple[str, ...]
    chunks: tuple[str, ...]
    cores: int | None = None
    memory: int | None = None
    walltime: str | None = None
    queue: str | None = None
    command: tuple[str, ...] = (NAME,)
    environment: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.cores is not None and self.cores < 1:
            raise LatticeError(f"cores: expected 1 or more, got {self.cores}")
        if self.walltime is not None:
            check_walltime(self.walltime)
        if self.queue is not None:
            check_queue(self.queue)
        for word in (*self.command, *self.words):
            if any(unicodedata.category(letter) in UNWRITABLE for letter in word):
                raise LatticeError(f"{word!r}: a job file takes no name with a control character: rename it")

    @property
    def mebibytes(self) -> int | None:
        """The MiB to request from the scheduler: the frames' memory plus SPARE for the command; None: no request."""
        return None if self.memory is None else (self.memory + SPARE) >> 20


def chunks(frames: Sequence[int], size: int) -> tuple[str, ...]:
    """Return frame ranges of at most `size` frames each, in order. Raises LatticeError if `size` is below 1."""
    if size < 1:
        raise LatticeError(f"chunk: expected 1 frame or more, got {size}")
    return tuple(sequence.frame_range(frames[k : k + size]) for k in range(0, len(frames), size))


def script(kind: str, task: Task) -> str:
    """Return an array job with one element for each chunk; for HTCondor a submit description.

    kind: a key of SCRIPTS. Raises LatticeError if the task requests a resource that the scheduler does not have.
    """
    return SCRIPTS[kind](task)


def array_note(kind: str, task: Task) -> str | None:
    """Return a note if a site with default settings would refuse the array as too large, else None."""
    most, setting = ARRAYS.get(kind, (None, ""))
    if most is None or len(task.chunks) <= most:
        return None
    return (
        f"{len(task.chunks)} tasks: the site's {setting} must allow as many, which is {most} by default; a larger "
        "--chunk makes fewer"
    )


def _bash(task: Task, directives: Sequence[str], index: Sequence[str]) -> str:
    """Return a script in which each array element runs its chunk. index: shell lines that set `index`, from 0."""
    command = shlex.join((*task.command, "regrade", *task.words))
    return "\n".join(
        [
            "#!/bin/bash",
            *directives,
            "# The same script again does only what is not done.",
            f"chunks=({' '.join(task.chunks)})",
            *index,
            f'exec {command} --frames "${{chunks[index]:?no chunk has this number}}"',
            "",
        ]
    )


def _of_array(variable: str, submit: str) -> str:
    """Return the shell expression for the array index. submit: the command that starts an array, for the message.

    It aborts if the index is unset, so a plain submit cannot grade one chunk and look finished.
    """
    return f"${{{variable}:?expected an array job, such as {submit} starts}}"


def _slurm(task: Task) -> str:
    # B: sends the signal to the batch shell, which exec replaced by the command; there is no job step to get it.
    asked = [f"--job-name={NAME}", f"--array=0-{len(task.chunks) - 1}", f"--signal=B:TERM@{NOTICE}"]
    asked += [directive("slurm", task.environment)]
    asked += [f"--cpus-per-task={task.cores}"] if task.cores else []
    asked += [f"--mem={task.mebibytes}M"] if task.mebibytes else []
    asked += [f"--time={task.walltime}"] if task.walltime else []
    asked += [f"--partition={task.queue}"] if task.queue else []
    return _bash(task, [f"#SBATCH {each}" for each in asked], [f"index={_of_array('SLURM_ARRAY_TASK_ID', 'sbatch')}"])


def _lsf(task: Task) -> str:
    asked = [f'-J "{NAME}[1-{len(task.chunks)}]"', "-o lattice.%J.%I.log", directive("lsf", task.environment)]
    asked += [f"-n {task.cores}", '-R "span[hosts=1]"'] if task.cores else []
    asked += [f"-M {task.mebibytes}MB"] if task.mebibytes else []
    asked += [f"-W {task.walltime.rpartition(':')[0]}"] if task.walltime else []
    asked += [f"-q {task.queue}"] if task.queue else []
    # A job that is not an array has index 0; elements count from 1.
    return _bash(
        task,
        [f"#BSUB {each}" for each in asked],
        [
            f"index=$(({_of_array('LSB_JOBINDEX', 'bsub')} - 1))",
            '((index >= 0)) || { echo "expected an array job, such as bsub starts" >&2; exit 2; }',
        ],
    )


def _pbs(task: Task) -> str:
    chosen = ":".join(
        [
            "select=1",
            *([f"ncpus={task.cores}"] if task.cores else []),
            *([f"mem={task.mebibytes}mb"] if task.mebibytes else []),
        ]
    )
    # PBS allows no array of one element.
    is_array = len(task.chunks) > 1
    asked = [f"-N {NAME}", *([f"-J 0-{len(task.chunks) - 1}"] if is_array else []), f"-l {chosen}"]
    asked += [directive("pbs", task.environment)] if task.environment else []  # it ships none by default
    asked += [f"-l walltime={task.walltime}"] if task.walltime else []
    asked += [f"-q {task.queue}"] if task.queue else []
    return _bash(
        task,
        [*(f"#PBS {each}" for each in asked), 'cd "$PBS_O_WORKDIR" || exit 2'],
        [f"index={_of_array('PBS_ARRAY_INDEX', 'qsub') if is_array else 0}"],
    )


def _htcondor(task: Task) -> str:
    for name, value in (("queue", task.queue), ("walltime", task.walltime)):
        if value is not None:
            raise LatticeError(f"HTCondor has no --{name}: leave out --{name} {value}")
    words = " ".join(_condor_word(word) for word in (*task.command, "regrade", *task.words, "--frames"))
    asked = [
        "executable = /usr/bin/env",
        f"arguments = \"{words} '$(frames)'\"",
        directive("htcondor", task.environment),
        "log = lattice.$(Cluster).log",
        "output = lattice.$(Cluster).$(Process).out",
        "error = lattice.$(Cluster).$(Process).err",
        f"kill_sig_timeout = {NOTICE}",
    ]
    asked += [f"request_cpus = {task.cores}"] if task.cores else []
    asked += [f"request_memory = {task.mebibytes}MB"] if task.mebibytes else []
    return "\n".join([*asked, f"queue frames from (\n{chr(10).join(task.chunks)}\n)", ""])


def _condor_word(word: str) -> str:
    """Quote a word of HTCondor's arguments: single quotes keep it together, quotes inside are doubled.

    A dollar sign begins a macro, but for that of the macro DOLLAR.
    """
    if CONDOR_LATE in word:
        raise LatticeError(f"{word}: HTCondor replaces what follows {CONDOR_LATE} in a name: rename it")
    doubled = word.replace("'", "''").replace('"', '""')
    return "'" + doubled.replace("$", "$(DOLLAR)") + "'"


SCRIPTS: dict[str, Callable[[Task], str]] = {"slurm": _slurm, "lsf": _lsf, "pbs": _pbs, "htcondor": _htcondor}
