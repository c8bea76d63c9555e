"""Exported shaders compile where only a compiler is here, without a warning."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from basics import require
from compiling import by_nvrtc
from shader_samples import WORDS, compiled

from lattice.shaders import LANGUAGES
from lattice.shaders.shared import shared
from lattice.types import SDevData

pytestmark = pytest.mark.slow
LOOKS = ("premier", "vision-scan")  # curves, and a table
STRICT = ("--std=c++17", "--fmad=false", "--ftz=false", "--diag-suppress=177")
OPENCL = {"dctl": ("opencl.h", "cl", "CL1.2"), "msl": ("metal_opencl.h", "clcpp", "CLC++")}


@pytest.fixture(params=LOOKS)
def device(request: pytest.FixtureRequest, built: Any, interpolation: Any) -> SDevData:
    look = built(request.param)
    return replace(look, lattice=replace(look.lattice, interpolation=interpolation))


@pytest.mark.parametrize("language", ["glsl330", "glsles300", "glsl450"])
def test_glslang_takes_the_glsl(language: str, device: SDevData, tmp_path: Path) -> None:
    source = tmp_path / "look.frag"
    source.write_text(LANGUAGES[language].text(device))
    to_spirv = ("-V", "-o", tmp_path / "look.spv") if language == "glsl450" else ()
    assert "WARNING" not in compiled("glslangValidator", *to_spirv, source)


def test_nvrtc_takes_the_cuda(device: SDevData) -> None:
    ptx, log = by_nvrtc(LANGUAGES["cuda"].text(device), STRICT, "compute_90")
    assert "lattice_picture" in ptx
    assert "warning" not in log.lower()


def opencl(language: str, text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """clang's verdict on a text whose words are those of OpenCL: it knows in which memory a pointer points."""
    words, kind, version = OPENCL[language]
    source = folder / "look"
    source.write_text(text.replace("#include <metal_stdlib>", ""))
    asked = ["-x", kind, f"-cl-std={version}", "-include", WORDS / words, "-Xclang", "-finclude-default-header"]
    for name in ("clang", "clang-14"):
        try:
            return subprocess.run(
                [name, *asked, "-fsyntax-only", "-Werror", "-Wno-unknown-attributes", source],
                capture_output=True,
                text=True,
            )
        except FileNotFoundError:
            continue
    require("clang", "no clang; on Debian and Ubuntu: apt-get install clang")


@pytest.mark.parametrize("language", OPENCL)
def test_pointers_are_of_the_right_memory(language: str, device: SDevData, tmp_path: Path) -> None:
    done = opencl(language, LANGUAGES[language].text(device), tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("language", "right", "wrong"),
    [("dctl", "__CONSTANTREF__ float*", "const float*"), ("msl", "thread const float*", "device const float*")],
)
def test_pointers_of_the_wrong_memory_are_caught(
    language: str, right: str, wrong: str, built: Any, tmp_path: Path
) -> None:
    text = LANGUAGES[language].text(built("vision-scan"))
    assert right in text
    assert opencl(language, text.replace(right, wrong), tmp_path).returncode != 0


def test_a_broken_text_does_not_compile(built: Any, tmp_path: Path) -> None:
    source = tmp_path / "look.frag"
    source.write_text(LANGUAGES["glsl330"].text(built("vision-scan")).replace("int far = r + g + 1;", "int far = r"))
    with pytest.raises(AssertionError, match="ERROR"):
        compiled("glslangValidator", source)


def test_each_function_has_a_name_of_its_own() -> None:
    names = [line.split()[2].partition("(")[0] for line in shared(False).functions.splitlines() if "SHADER " in line]
    assert len(names) > 20
    assert len(set(names)) == len(names)
    assert all(name.startswith("lattice_") for name in names)
