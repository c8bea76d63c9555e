"""A kept look is as new as the code that builds it."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from basics import ROOT, require

from lattice.interp import native
from lattice.looks.digest import builder_digest, builder_sources

# What building imports and no number of an SDev comes from: words, messages, files' names and bytes.
# The compiled library is in the digest as it is, and what decides if it is called.
OTHER = ("choices.py", "errors.py", "version.py", "__init__.py", "files/", "interp/")


def test_every_module_that_builds_a_look_is_in_its_digest() -> None:
    script = (
        "import sys, lattice.build.device\n"
        "print(*(m.__file__ for n, m in sys.modules.items() if n.startswith('lattice') and m.__file__), sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = {path.removeprefix(f"{ROOT}/lattice/") for path in done.stdout.split()}
    covered = {str(path.relative_to(ROOT / "lattice")) for path in builder_sources()}
    assert "build/device.py" in loaded
    assert {"interp/native.py", "interp/shader.py"} <= covered & loaded
    assert {"sdev/device.py", "sdev/asked.py"} <= covered  # they put a kept look on its own display
    assert {path for path in loaded - covered if not path.startswith(OTHER)} == set()


@pytest.fixture
def library() -> Path:
    if (reason := native.unavailable_reason()) is not None:
        require("native", reason)
    spec = importlib.util.find_spec("lattice.interp._native")
    return Path(os.environ.get(native.LIBRARY) or (spec and spec.origin) or "")


def test_another_library_or_none_is_another_builder(library: Path, tmp_path: Path, monkeypatch: Any) -> None:
    """Of the bytes that are loaded, wherever they are; a library that the system does not load is none."""
    found = {}
    for name, data in {"same": b"", "longer": b"more", "longer too": b"more", "text": None, "gone": None}.items():
        path = tmp_path / f"{name}.so"
        if name != "gone":
            path.write_bytes(b"no library" if data is None else library.read_bytes() + data)
        monkeypatch.setenv(native.LIBRARY, str(path))
        found[name] = builder_digest()
        assert (native.unavailable_reason() is None) == (data is not None)
    assert found["longer"] == found["longer too"]
    assert found["text"] == found["gone"]
    assert len({*found.values()}) == 3
    monkeypatch.setenv(native.LIBRARY, str(library))
    assert builder_digest() == found["same"]


def test_a_library_named_without_a_folder_is_in_the_working_folder(
    library: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    """And nowhere else, such as where the system has one of this name."""
    (tmp_path / "here.so").write_bytes(library.read_bytes() + b"here")
    monkeypatch.setenv(native.LIBRARY, str(tmp_path / "here.so"))
    wanted = builder_digest()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(native.LIBRARY, "here.so")
    assert builder_digest() == wanted
    assert native.unavailable_reason() is None
    monkeypatch.setenv(native.LIBRARY, "libm.so.6")
    assert "libm.so.6: cannot open" in str(native.unavailable_reason())
    assert builder_digest() != wanted


def test_the_digest_needs_no_array() -> None:
    script = "import sys, lattice.looks.digest as d; d.look_digest('premier'); sys.exit('numpy' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)
