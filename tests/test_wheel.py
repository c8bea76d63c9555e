"""What the wheel carries, and what a user's tools see of it once it is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from basics import ROOT, require

pytestmark = pytest.mark.slow


def build_wheel(folder: Path, compiler: str) -> tuple[Path, str]:
    """The wheel that the repository builds, and what building it said."""
    if not (ROOT / "pyproject.toml").is_file():
        require("wheel", "no pyproject.toml")
    command = [sys.executable, "-m", "pip", "wheel", "-v", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env={**os.environ, "CXX": compiler})
    assert done.returncode == 0, done.stdout + done.stderr
    [path] = folder.glob("*.whl")
    assert "-py3-none-" in path.name
    return path, done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which(os.environ.get("CXX", "c++"))
    if compiler is None:
        require("wheel", "no C++ compiler")
    return build_wheel(tmp_path_factory.mktemp("wheel"), compiler)[0]


MODULE_FILES = {str(path.relative_to(ROOT)) for path in (ROOT / "lattice").rglob("*.py")}
PROFILE_FILES = {f"lattice/{path.relative_to(ROOT)}" for path in (ROOT / "profiles").rglob("*.toml")}
NATIVE = {"lattice/interp/_native.so"}
TYPED = {"lattice/py.typed"}
PROGRAMS = {"lattice/export/hosts.toml"}
PAGE = {str(path.relative_to(ROOT)) for path in (ROOT / "lattice/view/page").rglob("*") if path.is_file()}
PAGE -= {"lattice/view/page/vendor/make.sh"}
SHADER = {
    *("lattice/interp/pixel_shader.h", "lattice/interp/encodings.h"),
    *("lattice/gpu/cuda_words.h", "lattice/gpu/kernel.cu"),
    *(str(path.relative_to(ROOT)) for path in (ROOT / "lattice/shaders/frames").iterdir()),
}


def contents(wheel: Path) -> set[str]:
    return {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}


def test_the_wheel_carries_modules_profiles_and_the_engine_and_nothing_else(wheel: Path) -> None:
    assert {"lattice/build/chain.py", "lattice/profiles/premier.toml"} <= MODULE_FILES | PROFILE_FILES
    assert contents(wheel) == MODULE_FILES | PROFILE_FILES | NATIVE | SHADER | PAGE | TYPED | PROGRAMS


def test_without_a_compiler_installing_succeeds_and_says_so_in_a_line(tmp_path: Path) -> None:
    made, said = build_wheel(tmp_path, "/bin/false")
    assert contents(made) == MODULE_FILES | PROFILE_FILES | SHADER | PAGE | TYPED | PROGRAMS
    assert [line for line in said.splitlines() if "no C++ compiler worked" in line and "NumPy engine" in line]


USER = """import lattice
reveal_type(lattice.load("premier"))
reveal_type(lattice.profile("premier").sdev())
reveal_type(lattice.looks())
reveal_type(lattice.build.simulate)
lattice.absent
"""


def test_a_users_type_checker_sees_the_types_of_the_installed_wheel(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python"
    [site] = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    zipfile.ZipFile(wheel).extractall(site)
    (tmp_path / "user.py").write_text(USER)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--config-file",
            "",
            "--cache-dir",
            tmp_path / "cache",
            "--python-executable",
            python,
            "--follow-imports",
            "silent",
            "user.py",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.stdout.count('"lattice.sdev.device.SDev"') == 1, done.stdout
    assert done.stdout.count('"lattice.sdev.device.SDev | lattice.sdev.lut.Lut"') == 1, done.stdout
    assert re.search(r'"(builtins\.)?list\[(builtins\.)?str\]"', done.stdout), done.stdout
    assert re.search('Revealed type is "def .*rgb', done.stdout), done.stdout
    assert 'has no attribute "absent"' in done.stdout
