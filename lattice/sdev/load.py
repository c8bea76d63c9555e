"""Load an SDev by name or file; a profile is built once, and the result cached."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from lattice.cache import Shelf
from lattice.files import clf
from lattice.files.storage.atomic import path_text
from lattice.sdev.device import SDev
from lattice.types import LatticeError

if TYPE_CHECKING:
    from lattice.looks import Profile


LOOKS = Shelf("looks", most=64)  # built SDevs, about 1 MB each


def builder_sources() -> list[Path]:
    """Return the files of all code that decides a number of a built SDev."""
    package = Path(__file__).parents[1]
    sources = [package / f"{module}.py" for module in ("encodings", "record", "stage", "types")]
    for room in ("build", "color", "looks"):
        modules = sorted((package / room).glob("*.py"))
        if not modules:  # the modules moved: stale SDevs would be used unnoticed
            raise RuntimeError(f"no modules in {package / room}")
        sources += modules
    return sources


@cache
def _builder_digest() -> str:
    """Return a digest of the code and the libraries that build an SDev, so that a cached SDev is never stale."""
    versions = "".join(version(library) for library in ("numpy", "scipy", "colour-science"))
    return hashlib.sha256(versions.encode() + b"".join(path.read_bytes() for path in builder_sources())).hexdigest()


def load(name: str | os.PathLike[str] | Profile) -> SDev:
    """Load an SDev. name: a shipped look's name, the path of a profile .toml or a .clf, or a Profile.

    A profile is built on first use (some seconds) and kept in the user's cache folder; a second load takes
    milliseconds. Raises LatticeError, with the file, the field and what was expected.
    """
    if isinstance(name, str | os.PathLike) and str(os.fspath(name)).lower().endswith(".clf"):
        return SDev.from_device(clf.read(Path(path_text(name))))
    from lattice.looks import Profile, load_profile

    if isinstance(name, Profile):
        return load_built(name)
    return load_built(load_profile(path_text(name, "a look's name, a path or a Profile"), ".toml or .clf"))


def load_built(profile: Profile) -> SDev:
    """Return the SDev of a profile, from the user's cache folder if it was built before.

    Raises LatticeError if it cannot be built.
    """
    from lattice.looks.toml import densitometry_digest

    usual = profile.replace(display={})  # a look is built once for all displays
    key = usual.model_dump_json() + densitometry_digest() + _builder_digest()
    if (kept := LOOKS.find(key)) is not None:
        with suppress(LatticeError):
            return _shown(SDev.from_device(clf.from_xml(kept)), profile)
    from lattice.build.device import build_device

    sdev = SDev.from_device(build_device(usual))
    LOOKS.keep(key, clf.to_xml(sdev).encode())
    return _shown(sdev, profile)


def _shown(usual: SDev, profile: Profile) -> SDev:
    """Return the SDev of a look, built for the usual display, on the profile's."""
    return usual if profile.display == type(profile.display)() else usual.with_display(profile.display.shown)
