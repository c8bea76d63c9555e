"""The engines compiled again by tests: changed, or for another processor, or with a program around them."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from itertools import product
from pathlib import Path
from typing import Any

from basics import ROOT, keep, require

KEPT = ROOT / ".pytest_cache" / "compiled"  # between runs and workers; `make clean` empties it
SOURCE = ROOT / "lattice" / "interp" / "cpp"
SHADER = [SOURCE.parent / name for name in ("pixel_shader.h", "encodings.h")]
KERNEL = ROOT / "lattice" / "gpu" / "kernel.cu"
FITS = ("FIT_AVX512", "FIT_AVX2", "FIT_PORTABLE")  # which no changed engine calls
_CMAKE = (ROOT / "CMakeLists.txt").read_text()


def _found(pattern: str) -> str:
    match = re.search(pattern, _CMAKE)
    assert match, f"CMakeLists.txt: nothing like {pattern}"
    return match[1]


def flags(name: str) -> list[str]:
    """What CMakeLists.txt compiles a source with: everything's options, and its own."""
    every = _found(r"target_compile_options\(_native PRIVATE (-O3[^)]*)\)").split()
    own = _found(rf'/{name}\.cpp PROPERTIES\s+COMPILE_OPTIONS "([^"]*)"') if "avx" in name else ""
    return ["-std=c++17", *every, *(flag for flag in own.split(";") if flag.startswith("-m"))]


def build(compiler: str, sources: Iterable[Path], target: Path, *options: str, link: Iterable[str] = ()) -> Path:
    """Compile sources side by side and link them. options: after those of CMakeLists.txt. link: when linking."""

    def compiled(source: Path) -> str:
        found = target.with_name(f"{target.name}-{source.stem}.o")
        _compile(compiler, [*flags(source.stem), *options, "-c"], [SOURCE], source, found)
        return str(found)

    with ThreadPoolExecutor() as pool:
        objects = list(pool.map(compiled, sources))
    _run(compiler, *objects, *link, "-o", str(target))
    return target


def changed_library(folder: Path, file: str, old: str, new: str, vectors: str | None) -> Path:
    """The native engine with one change, of the portable set and the vectors named; other sets do nothing."""
    shutil.copytree(SOURCE, folder / "cpp")
    for part in SHADER:
        shutil.copy(part, folder)
    path = folder / file if (folder / file).exists() else folder / "cpp" / file
    text = path.read_text()
    assert text.count(old) == 1, f"{file}: {old} is there {text.count(old)} times"
    path.write_text(text.replace(old, new))
    rest = [name for name in ("avx512", "avx2", "neon") if name != vectors]
    empty = [f"void run_{name}(const Work&) {{}}\nvoid process_{name}(const Process&) {{}}\n" for name in rest]
    empty += ["void halve_avx2(const Halving&) {}\n"] if "avx2" in rest else []
    empty += ['#include "fit.h"\n', *(f"const FitKernels {name} = {{}};\n" for name in FITS)]
    (folder / "cpp" / "rest.cpp").write_text('#include "native.h"\n' + "".join(empty))
    sources = [folder / "cpp" / f"{name}.cpp" for name in ("native", "portable", "inverse", "rest", vectors) if name]
    return build("c++", sources, folder / "_native.so", "-O1", "-fPIC", link=["-shared", "-lm"])


Kinds = tuple[int, int, int]  # of pixels: channels, half in, half out
EVERY_KIND: tuple[Kinds, ...] = tuple(product((3, 4), (0, 1), (0, 1)))


def build_kernels(folder: Path, kinds: Iterable[Kinds] = EVERY_KIND, old: str = "", new: str = "") -> dict[Kinds, Path]:
    """kernel.cu as libraries of the host, by kinds of pixels. old, new: a change to its text."""
    host, text = ROOT / "tests" / "samples" / "host_gpu", KERNEL.read_text()
    assert not old or text.count(old) == 1, f"{old} is there {text.count(old)} times"
    (folder / "kernel.cu").write_text(text.replace(old, new) if old else text)
    for part in SHADER:
        shutil.copy(part, folder)
    options = ["-std=c++17", "-O2", "-ffp-contract=off", "-fno-strict-aliasing", "-fPIC", "-shared"]
    if platform.machine() in ("x86_64", "AMD64"):
        options.append("-mfma")
    if "asan" in os.environ.get("LD_PRELOAD", ""):  # this Python runs with the sanitizers
        options += ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]

    def compiled(kind: Kinds) -> Path:
        target = folder / ("kernel" + "".join(map(str, kind)) + ".so")
        names = ("CHANNELS", "HALF_IN", "HALF_OUT")
        constants = [f"-D{name}={value}" for name, value in zip(names, kind, strict=True)]
        _compile("c++", [*options, *constants], [folder, host], host / "grid.cpp", target)
        return target

    every = list(kinds)
    with ThreadPoolExecutor() as pool:
        return dict(zip(every, pool.map(compiled, every), strict=True))


def by_nvrtc(text: str, options: Iterable[str], target: str) -> tuple[str, str]:
    """The kernel's text compiled for "sm_90" or "compute_90": its PTX, empty for the former, and the compiler's log.

    What the same compiler made of the same text before is taken from KEPT; a text that does not compile is not kept.
    """
    try:
        from cuda.bindings import nvrtc
    except ImportError:
        require("nvrtc", "cuda-bindings is not installed")
    try:
        versions = str(nvrtc.nvrtcVersion()), version("nvidia-cuda-nvrtc"), version("cuda-bindings")
    except (RuntimeError, PackageNotFoundError) as error:  # its library is not there
        require("nvrtc", f"nvidia-cuda-nvrtc is not installed: {error}")
    asked = (*options, f"--gpu-architecture={target}", "-Xptxas", "-v")
    kept = KEPT / (hashlib.sha256("\0".join((*versions, *asked, text)).encode()).hexdigest() + ".json")
    if kept.is_file():
        ptx, log = json.loads(kept.read_text())
        return ptx, log
    made = _nvrtc(nvrtc, text, asked, target.startswith("compute"))
    keep(kept, json.dumps(made).encode())
    return made


def _nvrtc(nvrtc: Any, text: str, options: Iterable[str], is_text: bool) -> tuple[str, str]:
    """PTX, where the target is a text, and the log."""

    def did(call: Any, *arguments: Any) -> Any:
        error, *found = call(*arguments)
        assert error == nvrtc.nvrtcResult.NVRTC_SUCCESS, f"{call.__name__}: {error}"
        return found[0] if found else None

    def fetched(size_of: Any, read: Any) -> str:
        room = bytearray(did(size_of, program))
        did(read, program, room)
        return room.decode().rstrip("\0")

    program = did(nvrtc.nvrtcCreateProgram, text.encode(), b"kernel.cu", 0, [], [])
    asked = [option.encode() for option in options]
    try:
        [result] = nvrtc.nvrtcCompileProgram(program, len(asked), asked)
        log = fetched(nvrtc.nvrtcGetProgramLogSize, nvrtc.nvrtcGetProgramLog)
        assert result == nvrtc.nvrtcResult.NVRTC_SUCCESS, log
        return fetched(nvrtc.nvrtcGetPTXSize, nvrtc.nvrtcGetPTX) if is_text else "", log
    finally:
        nvrtc.nvrtcDestroyProgram(program)


def _compile(compiler: str, options: list[str], folders: Iterable[Path], source: Path, target: Path) -> None:
    """Compile one source, or take what the same text became before: by this compiler, with these options."""
    command = [compiler, *options, *(f"-I{folder}" for folder in folders)]
    expanded = _run(*command, "-E", "-P", str(source))
    plain = [option for option in options if not option.startswith("-I")]  # its headers are in the text
    key = hashlib.sha256("\0".join((_version(compiler), *plain, expanded)).encode()).hexdigest()
    kept = KEPT / key
    if not kept.is_file():
        _run(*command, str(source), "-o", str(target))
        keep(kept, target.read_bytes())
    else:
        shutil.copyfile(kept, target)


@cache
def _version(compiler: str) -> str:
    return _run(compiler, "--version")


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr}"
    return done.stdout
