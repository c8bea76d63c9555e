"""The pixel shader's text is what it says: the common subset of C++, CUDA and GLSL ES 3.0."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from basics import require

from lattice.interp import shader
from lattice.view import wire

# What C++ allows and the subset does not.
NOT_OF_THE_SUBSET = {
    "a cast in C's way": ("float(device.size)", "(float)device.size"),
    "a whole number for a float": ("hold(light, 0.0f, 1.0f)", "hold(light, 0, 1)"),
    "a number for a condition": ("(device.stages & STAGE_EXPONENT) == 0", "!(device.stages & STAGE_EXPONENT)"),
    "a reserved word": ("share", "sample"),
    "a pointer": ("const float m[9]", "const float* m"),
}


def compiled_as_glsl(text: str, folder: Path) -> str | None:
    """What the compiler says against the page's shader with this text in it; None where it says nothing."""
    if shutil.which("glslangValidator") is None:
        require("glsl", "no glslangValidator; on Debian and Ubuntu: apt-get install glslang-tools")
    path = folder / "shader.frag"
    path.write_text(wire.shader_text(text))
    done = subprocess.run(["glslangValidator", path], capture_output=True, text=True)
    said = done.stdout.replace(str(path), "").strip()
    return said + done.stderr if done.returncode or "WARNING" in said else None


def test_the_text_is_glsl_es_3(tmp_path: Path) -> None:
    assert compiled_as_glsl(shader.text(), tmp_path) is None


@pytest.mark.parametrize(("old", "new"), NOT_OF_THE_SUBSET.values(), ids=NOT_OF_THE_SUBSET)
def test_what_is_not_of_the_subset_is_caught(old: str, new: str, tmp_path: Path) -> None:
    text = shader.text()
    assert old in text
    assert compiled_as_glsl(text.replace(old, new), tmp_path) is not None
