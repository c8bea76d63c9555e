"""A kept look is as new as the code that builds it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from basics import ROOT

from lattice.looks.digest import builder_digest, builder_sources

# What building imports and no number of an SDev comes from: words, messages, files' names and bytes.
# The compiled library is in the digest as it is.
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
    assert {path for path in loaded - covered if not path.startswith(OTHER)} == set()


def test_another_library_or_none_is_another_builder(tmp_path: Path, monkeypatch: Any) -> None:
    library, found = tmp_path / "library.so", []
    monkeypatch.setenv("LATTICE_NATIVE_LIBRARY", str(library))
    for data in (None, b"one", b"two", b"one"):
        if data is not None:
            library.write_bytes(data)
        builder_digest.cache_clear()
        found.append(builder_digest())
    builder_digest.cache_clear()
    assert len(set(found)) == 3
    assert found[1] == found[3]
