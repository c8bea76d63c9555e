"""The native engine compiled again by tests: changed, or for another processor, or with a program around it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from conftest import ROOT

SOURCE = ROOT / "lattice" / "interp" / "cpp"
SHADER = SOURCE.parent / "pixel_shader.h"
_CMAKE = (ROOT / "CMakeLists.txt").read_text()


def _found(pattern: str) -> str:
    match = re.search(pattern, _CMAKE)
    assert match, f"CMakeLists.txt: nothing like {pattern}"
    return match[1]


def flags(name: str) -> list[str]:
    """What CMakeLists.txt compiles a source with: everything's options, and its own."""
    every = _found(r"target_compile_options\(_native PRIVATE (-O3[^)]*)\)").split()
    own = _found(rf'/{name}\.cpp PROPERTIES COMPILE_OPTIONS "([^"]*)"') if name.startswith("avx") else ""
    return ["-std=c++17", *every, *(flag for flag in own.split(";") if flag.startswith("-m"))]


def build(compiler: str, sources: Iterable[Path], target: Path, *options: str, link: Iterable[str] = ()) -> Path:
    """Compile sources side by side and link them. options: after those of CMakeLists.txt. link: when linking."""

    def compiled(source: Path) -> str:
        found = str(target.with_name(f"{target.name}-{source.stem}.o"))
        _run(compiler, *flags(source.stem), *options, f"-I{SOURCE}", "-c", str(source), "-o", found)
        return found

    with ThreadPoolExecutor() as pool:
        objects = list(pool.map(compiled, sources))
    _run(compiler, *objects, *link, "-o", str(target))
    return target


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr}"
