"""The program run as a shell does, and what a refusal looks like."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from basics import ROOT

DONE, SOME_FAILED, WRONG_USE = 0, 1, 2


class Result(NamedTuple):
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


def process(*arguments: str | Path, **options: Any) -> Result:
    """Run the program as a shell does."""
    done = subprocess.run(
        [sys.executable, "-m", "lattice.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=options.pop("cwd", ROOT),
        timeout=60,
        **options,
    )
    return Result(done.returncode, done.stdout, done.stderr)


def refused(result: Result, *says: str, code: int = WRONG_USE) -> None:
    """The exit code, one line on standard error that says all of these, and nothing else."""
    assert result.code == code, result
    assert result.err.count("\n") == 1, result.err
    for part in says:
        assert str(part) in result.err, result.err
