"""A digest of all that the SDev of a look comes from: bytes of files, and the code that builds it.

It needs no record, no film science and no array, so that a look that is kept is found before any of these is imported.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from lattice.errors import LatticeError
from lattice.files.storage.read import read_bytes
from lattice.looks.toml_text import MAX_BYTES, toml_of
from lattice.looks.where import DENSITOMETRY, MOST_EXTENDS, STOCKS, Kind, find, inside, real, shipped

LIBRARIES = ("numpy", "scipy")  # whose numbers are in a built SDev
Files = list[tuple[Path, bytes]]


def builder_sources() -> list[Path]:
    """Return the files of all code that decides a number of a built SDev."""
    package = Path(__file__).parents[1]
    sources = [package / f"{module}.py" for module in ("axes", "encodings", "record", "stage", "types")]
    sources += [package / "interp" / name for name in ("native.py", "shader.py")]  # they say which library is called
    for room in ("build", "color", "looks", "sdev"):  # the last puts a look on its own display
        modules = sorted((package / room).rglob("*.py"))
        if not modules:  # the modules moved: stale SDevs would be used unnoticed
            raise RuntimeError(f"no modules in {package / room}")
        sources += modules
    return sources


def builder_digest() -> str:
    """Return a digest of the code, the compiled library, NumPy, SciPy and the instruments that build an SDev, so that a
    kept one is never stale. LATTICE_NATIVE_LIBRARY is read each time, each library once."""
    return _builder_digest(_native_library())


@cache
def _builder_digest(native: Path | None) -> str:
    fixed = [*map(version_file, LIBRARIES), shipped() / DENSITOMETRY, *builder_sources()]
    return digest_of([*fixed, *([native] if native else [])])


def digest_of(paths: Iterable[Path]) -> str:
    """Return a digest of the bytes of files, in order."""
    return hashlib.sha256(b"".join(hashlib.sha256(path.read_bytes()).digest() for path in paths)).hexdigest()


def _native_library() -> Path | None:
    """Return the compiled library, as `lattice.interp.native` finds it; None without one that this system loads, where
    NumPy fits lattices: the last digits are others then. What it must have to be called is in its bytes."""
    spec, named = find_spec("lattice.interp._native"), os.environ.get("LATTICE_NATIVE_LIBRARY")
    found = os.path.abspath(named) if named else spec and spec.origin
    return Path(found) if found and _loads(found) else None


@cache
def _loads(path: str) -> bool:
    from ctypes import CDLL

    try:
        CDLL(path)
    except (OSError, UnicodeError):
        return False
    return True


def version_file(library: str) -> Path:
    """Return the file of a library that states its version, without importing it."""
    spec = find_spec(library)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"no library {library}")
    beside = Path(spec.origin).with_name("version.py")
    return beside if beside.is_file() else Path(spec.origin)


def look_digest(name: str) -> str | None:
    """Return a digest of every byte that a look's SDev comes from, and of the files' places; None for what is no look,
    or if a file cannot be read or found, for `load_profile` to say why.

    name: as of `load_profile`. A file that is changed, moved or replaced gives another digest.
    """
    if Path(name).suffix.lower() not in ("", ".toml"):
        return None
    try:
        files = files_of(find(name, "profile"), "profile")
    except LatticeError:
        return None
    digest = hashlib.sha256(builder_digest().encode())
    for path, data in files:
        place = str(path).encode("utf-8", "surrogateescape")
        digest.update(b"%d %d " % (len(place), len(data)) + place + data)
    return digest.hexdigest()


def files_of(path: Path, kind: Kind) -> Files:
    """Return a file, those that it extends, and those of the stocks that each names, with the bytes of each.

    Also of what another file of the look replaces. Raises LatticeError for a file that cannot be read or found.
    """
    files: Files = []
    for _ in range(MOST_EXTENDS + 1):
        path = real(path)
        data = read_bytes(path, MAX_BYTES + 1)
        values = toml_of(data, path)
        files.append((path, data))
        with inside(path):
            for value in [values.get(field) for field in STOCKS if kind == "profile"]:
                stock = value.get("extends") if isinstance(value, dict) else value
                files += files_of(find(stock, "stock"), "stock") if isinstance(stock, str) else []
            if not isinstance(values.get("extends"), str):
                return files
            path = find(values["extends"], kind)
    return files
