"""Which config is extended: one that OpenColorIO holds, a file, or that of an installed Blender."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lattice.errors import LatticeError, did_you_mean
from lattice.files.ocio.blender import CONFIG, blender_folder
from lattice.files.ocio.library import asking, lut_suffixes
from lattice.files.storage.read import read_bytes

# The oldest profile is read by most hosts.
BUILT_IN = {
    "studio-config": "studio-config-v1.0.0_aces-v1.3_ocio-v2.1",
    "cg-config": "cg-config-v1.0.0_aces-v1.3_ocio-v2.1",
}
BLENDER = "blender"
MOST_BYTES = 2**24  # of a config; that of ACES 1.2 has 1.2 MB
MOST_FILES, MOST_LUT_BYTES = 10_000, 2**31
MOST_ENTRIES = 200_000  # of the folders that are searched
# Linear light of Rec.709 primaries: names of configs of ACES 1.3 and 2, of Blender, of ACES 1.2.
LINEAR = ("Linear Rec.709 (sRGB)", "Linear Rec.709", "Linear", "lin_rec709", "Utility - Linear - sRGB", "lin_srgb")
VARIABLE = re.compile(r"[$%]")
_VARIABLE_NAME = re.compile(r"[$%]\{?(\w+)")
_SOURCE = re.compile(r"src: *(\"[^\"\n]*\"|'[^'\n]*'|[^,}\n]+)")


@dataclass(frozen=True)
class Base:
    """A config that is extended. config: PyOpenColorIO's, a copy of its own. folder: of its file; None for one that
    OpenColorIO holds. is_blender: that of an installed Blender."""

    name: str
    config: Any
    folder: Path | None = None
    is_blender: bool = False

    @property
    def linear(self) -> str:
        """Name of the color space of scene-linear Rec.709. Raises LatticeError if no name of it is known here."""
        space = next((self.config.getColorSpace(name) for name in LINEAR if self.config.getColorSpace(name)), None)
        if space is None:
            raise LatticeError(f"{self.name}: expected a color space or an alias {' or '.join(LINEAR)}, got none")
        return str(space.getName())

    @property
    def outside(self) -> list[str]:
        """Search paths that lead out of the base's folder, absolute."""
        return [] if self.folder is None else [path for path in _searched(self, self.folder) if os.path.isabs(path)]


def find_base(name: str, blender: Path | None = None) -> Base:
    """Return the config of a name.

    name: "studio-config", "cg-config", the whole name of any config that OpenColorIO holds, "blender", or a .ocio file.
    blender: as in `blender_folder`. Raises LatticeError if there is none, or OpenColorIO does not read it.
    """
    if blender is not None and name != BLENDER:
        raise LatticeError(f"--blender goes with --base {BLENDER}, got --base {name}")
    if name == BLENDER:
        return _of_file(blender_folder(blender) / CONFIG, is_blender=True)
    if name.lower().endswith(".ocio"):
        return _of_file(Path(name))
    with asking(name) as ocio:
        held = [each[0] for each in ocio.BuiltinConfigRegistry().getBuiltinConfigs()]
        full = BUILT_IN.get(name, name)
        if full not in held:
            known = [*BUILT_IN, BLENDER, *held]
            raise LatticeError(
                f"--base: expected {', '.join([*BUILT_IN, BLENDER])} or a .ocio file, got {name!r:.60}"
                + did_you_mean(name, known)
            )
        return Base(full, deepcopy(ocio.Config.CreateFromBuiltinConfig(full)))


def _of_file(path: Path, is_blender: bool = False) -> Base:
    data = read_bytes(path, MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise LatticeError(f"{path}: expected a config of at most {MOST_BYTES:,} bytes, got more")
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise LatticeError(f"{path}: expected text in UTF-8, got the byte 0x{data[error.start]:02x}") from None
    with asking(path) as ocio:
        config = deepcopy(ocio.Config.CreateFromFile(str(path)))
    folder = path.parent.resolve()
    config.setWorkingDir(str(folder))
    return Base(str(path), config, folder, is_blender)


def _searched(base: Base, folder: Path) -> list[str]:
    """Return the search paths, those out of the base's folder absolute; "." where the config names none."""
    found = []
    for path in [path or "." for path in base.config.getSearchPaths()] or ["."]:
        is_inside = not os.path.isabs(path) and not os.path.normpath(path).startswith("..")
        found.append(path if is_inside else os.path.normpath(folder / path))
    return found


def make_movable(base: Base) -> None:
    """Let the base's config find its files beside it in another folder, and those out of its folder where they are."""
    if base.folder is None:
        base.config.clearSearchPaths()
        return
    paths = _searched(base, base.folder)
    base.config.clearSearchPaths()
    for path in paths:
        base.config.addSearchPath(path)


def lut_files(base: Base) -> dict[Path, Path]:
    """Return the base's LUT files: by where they belong, relative to a config, where they are.

    They are files of a LUT's suffix below the search paths in the base's folder, as OpenColorIO archives them.
    Raises LatticeError if they are more than MOST_FILES, or MOST_LUT_BYTES together.
    """
    if base.folder is None or "FileTransform" not in base.config.serialize():
        return {}
    suffixes = lut_suffixes()
    found: dict[Path, Path] = {}
    size = 0
    for path in _below(base, base.folder):
        if path.suffix.lower() in suffixes and path.is_file():
            found[path.relative_to(base.folder)] = path
            size += path.stat().st_size
            if len(found) > MOST_FILES or size > MOST_LUT_BYTES:
                raise LatticeError(
                    f"{base.folder}: expected at most {MOST_FILES:,} LUT files of {MOST_LUT_BYTES:,} bytes together "
                    "below the search paths, got more"
                )
    return found


def _below(base: Base, folder: Path) -> Iterator[Path]:
    """Yield the files below the search paths in the base's folder; where a path has a variable, all that it may be."""
    count = 0
    for path in _searched(base, folder):
        if not os.path.isabs(path):
            plain = VARIABLE.split(path)[0]
            for inside, _, names in os.walk(folder / (plain if plain == path else os.path.dirname(plain))):
                count += len(names) + 1
                if count > MOST_ENTRIES:
                    raise LatticeError(f"{folder}: expected at most {MOST_ENTRIES:,} files below {path!r}, got more")
                yield from (Path(inside) / name for name in names)


def declare_variables(base: Base) -> None:
    """Let a base declare the context variables that it takes from the environment, with what they are there now, if it
    declares none: one that is declared would hide the others."""
    if not list(base.config.getEnvironmentVarNames()):
        named = [match[1] for match in _SOURCE.finditer(base.config.serialize())]
        for text in (*base.config.getSearchPaths(), *named):
            for name in _VARIABLE_NAME.findall(text):
                base.config.addEnvironmentVar(name, os.environ.get(name, ""))


def sources(config: Any) -> set[str]:
    """Return the files that a config's transforms name and that are there."""
    context, found = config.getCurrentContext(), set()
    with asking("config") as ocio:
        for match in _SOURCE.finditer(config.serialize()):
            name = match[1].strip().strip("\"'")
            try:
                context.resolveFileLocation(name)
            except ocio.ExceptionMissingFile:  # or the name of a color space
                continue
            found.add(name)
    return found
