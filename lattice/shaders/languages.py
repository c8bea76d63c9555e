"""The shading languages, one record each."""

from __future__ import annotations

import re

from lattice.shaders.c99 import dctl
from lattice.shaders.language import Frame, Language
from lattice.shaders.numbers import BRACES, GLSL, WGSL
from lattice.shaders.osl import osl
from lattice.shaders.shared import Shared
from lattice.shaders.wgsl import translated
from lattice.types import SDevData

PLAIN = {"bound_0": "", "bound_1": "", "bound_2": "", "placed": ""}
BOUND = {f"bound_{i}": f"layout(binding = {i}) " for i in range(3)} | {"placed": "layout(location = 0) "}
ES = "#version 300 es\nprecision highp float;\nprecision highp int;\nprecision highp sampler2D;"
MEMORY = ("table", "nodes")  # what a function of CUDA or Metal is handed


def _in_thread(text: Shared) -> Shared:
    """Return the text with the address space that Metal asks of a pointer."""
    return Shared(text.facts, re.sub(r"const float (\w+)\[\d+\]", r"thread const float* \1", text.functions))


def _without_matrix(text: Shared) -> Shared:
    """Return the text without a word that HLSL has for a type."""
    return Shared(*(re.sub(r"\bmatrix\b", "rows", part) for part in (text.facts, text.functions)))


_GLSL = Frame("glsl.frag", GLSL)
_HLSL = Frame("hlsl.hlsl", BRACES, change=_without_matrix)
_MSL = Frame("msl.metal", BRACES, MEMORY, _in_thread)
_WGSL = Frame("wgsl.wgsl", WGSL, change=translated)
_CUDA = Frame("cuda.cu", BRACES, MEMORY)


def _glsl330(device: SDevData, says: str) -> str:
    return _GLSL.filled(device, says, {"opening": "#version 330", **PLAIN})


def _glsles300(device: SDevData, says: str) -> str:
    return _GLSL.filled(device, says, {"opening": ES, **PLAIN})


def _glsl450(device: SDevData, says: str) -> str:
    return _GLSL.filled(device, says, {"opening": "#version 450", **BOUND})


ON_MESA = "run by Mesa's software OpenGL"
LANGUAGES = {
    language.name: language
    for language in (
        Language("glsl330", "GLSL 3.30", "330.frag", ON_MESA, _glsl330),
        Language("glsles300", "GLSL ES 3.00 (WebGL 2)", "300es.frag", ON_MESA, _glsles300),
        Language("glsl450", "GLSL 4.50 (OpenGL, Vulkan)", "450.frag", f"{ON_MESA}; compiled to SPIR-V", _glsl450),
        Language("hlsl", "HLSL", "hlsl", f"compiled to SPIR-V by glslang, and that {ON_MESA}", _HLSL.filled),
        Language("msl", "Metal", "metal", "run as C++, with stand-ins for Metal's words; not by Metal", _MSL.filled),
        Language("wgsl", "WGSL (WebGPU)", "wgsl", "run by wgpu on Mesa's software Vulkan", _WGSL.filled),
        Language("cuda", "CUDA C++", "cu", "compiled by NVRTC; run as C++, not on a GPU", _CUDA.filled),
        Language(
            "dctl",
            "DCTL (DaVinci Resolve)",
            "dctl",
            "run as C99, with stand-ins for DCTL's words; not by Resolve",
            dctl,
            has_files=False,
        ),
        Language("osl", "OSL", "osl", "run by Blender's Cycles, where that is installed", osl, has_files=False),
    )
}
