"""The native engine compiled again by tests: changed, or for another processor, or with a program around it."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import product
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


def build_kernels(folder: Path) -> dict[tuple[int, int, int], Path]:
    """kernel.cu as libraries of the host, by channels, half in, half out."""
    gpu, host = ROOT / "lattice" / "gpu", ROOT / "tests" / "host_gpu"
    (folder / "kernel.cu").write_text((gpu / "kernel.cu").read_text())
    (folder / "pixel_shader.h").write_text(SHADER.read_text())
    options = ["-std=c++17", "-O2", "-ffp-contract=off", "-fno-strict-aliasing", "-fPIC", "-shared"]
    if platform.machine() in ("x86_64", "AMD64"):
        options.append("-mfma")
    if "asan" in os.environ.get("LD_PRELOAD", ""):  # this Python runs with the sanitizers
        options += ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]

    def compiled(kinds: tuple[int, int, int]) -> Path:
        target = folder / ("kernel" + "".join(map(str, kinds)) + ".so")
        names = ("CHANNELS", "HALF_IN", "HALF_OUT")
        constants = (f"-D{name}={value}" for name, value in zip(names, kinds, strict=True))
        _run("c++", *options, *constants, f"-I{folder}", f"-I{host}", str(host / "grid.cpp"), "-o", str(target))
        return target

    every = list(product((3, 4), (0, 1), (0, 1)))
    with ThreadPoolExecutor() as pool:
        return dict(zip(every, pool.map(compiled, every), strict=True))


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr}"
