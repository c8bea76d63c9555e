"""Pythons of this machine, and virtual environments of the programs that pip installs for them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

PROBE = "import ensurepip, sys, venv; print('{}.{}'.format(*sys.version_info))"
KEPT_BY = (
    (Path(os.environ.get("PYENV_ROOT", "~/.pyenv")), "versions/{}.*"),
    (Path("~/.local/share/uv/python"), "cpython-{}*"),
)


class Missing(Exception):
    """Why a program cannot be run here."""


def _candidates(version: str) -> Iterator[Path]:
    yield Path(sys.executable)
    if found := shutil.which(f"python{version}"):
        yield Path(found)
    for folder, pattern in KEPT_BY:
        yield from (path / "bin" / "python" for path in sorted(folder.expanduser().glob(pattern.format(version))))


def python(versions: Sequence[str]) -> Path:
    """The first Python of these versions that can make a virtual environment. Raises Missing if there is none."""
    for version in versions:
        for path in _candidates(version):
            done = subprocess.run([path, "-c", PROBE], capture_output=True, text=True, check=False)
            if done.stdout.strip() == version:
                return path
    raise Missing(f"it needs Python {' or '.join(versions)}, and there is none on the path, of pyenv or of uv")


def environment(folder: Path, requirements: Sequence[str], versions: Sequence[str]) -> Path:
    """The Python of a virtual environment that has packages; made if it is not there. Raises Missing if it fails."""
    own, ready = folder / "bin" / "python", folder / ".ready"
    if ready.exists() and ready.read_text().split() == list(requirements):
        return own
    start = python(versions)
    shutil.rmtree(folder, ignore_errors=True)
    for command in ([start, "-m", "venv", folder], [own, "-m", "pip", "install", "--quiet", *requirements]):
        print("  ", *command, flush=True)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Missing(f"{requirements[0]} was not installed: {(done.stderr.strip() or 'no word').splitlines()[-1]}")
    ready.write_text(" ".join(requirements))
    return own
