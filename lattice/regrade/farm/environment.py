"""Which variables of the environment travel with a job. The others stay: a shell may hold passwords and keys."""

from __future__ import annotations

import os

# Where programs, libraries and Python's packages are (a studio's package manager sets these), where looks are cached,
# and lattice's own choice of engine. LANG and LC_ALL say how names of files are spelt.
NEEDED = (
    "CUDA_PATH",
    "HOME",
    "LANG",
    "LATTICE_NATIVE",
    "LATTICE_NATIVE_LIBRARY",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "PATH",
    "PYTHONPATH",
    "XDG_CACHE_HOME",
)
# What Dask's workers read: the settings of distributed, where the other settings are, and where files may be kept.
OF_WORKERS = ("DASK_CONFIG", "DASK_ROOT_CONFIG", "DASK_TEMPORARY_DIRECTORY")
DISTRIBUTED = "DASK_DISTRIBUTED__"


def travelling(of_workers: bool = False) -> tuple[str, ...]:
    """Return the names of the variables that travel, of those that are set, in order. of_workers: also
    those that Dask's workers read."""
    return tuple(
        name
        for name in sorted(os.environ)
        if name in NEEDED
        or (of_workers and (name in OF_WORKERS or (name.startswith(DISTRIBUTED) and name.isidentifier())))
    )


def directive(kind: str, names: tuple[str, ...]) -> str:
    """Return the words by which a scheduler is asked to ship these variables and no others.

    kind: slurm, lsf or pbs: after #SBATCH, #BSUB, #PBS; htcondor: a line of a submit description, since 8.9.7.
    Sources: sbatch(1), bsub(1), qsub(1B) of PBS Professional, condor_submit(1).
    """
    return {
        "slurm": f"--export={','.join(names) or 'NONE'}",
        "lsf": f'-env "{", ".join(names) or "none"}"',
        "pbs": f"-v {','.join(names)}",
        "htcondor": f"getenv = {', '.join(names) or 'false'}",
    }[kind]
