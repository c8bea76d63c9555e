"""How a graded file was made, by what it holds itself."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lattice.files.exr import file as exr
from lattice.files.frame import STAMP
from lattice.files.images import file as images
from lattice.files.images.formats import format_of
from lattice.files.images.header import STAMP as NOTE
from lattice.types import LatticeError

LOOK = "look"


@dataclass(frozen=True)
class Grade:
    """facts: the stamps of a graded file by name, such as `name` (the SDev's), `sha256`, `input`, `source_sha256`; of a
    Cineon, and of a DPX with user data of its source, only `name` and `version`. look: the profile's fields as JSON
    types, stocks by their names; empty if the SDev did not tell."""

    facts: Mapping[str, str]
    look: Mapping[str, Any] = field(default_factory=dict)


def read_grade(path: str | os.PathLike[str]) -> Grade:
    """Read how an EXR, DPX, Cineon, TIFF, PNG or JPEG was graded; pixels are not decoded.

    Raises LatticeError if the file cannot be read, is of another kind, or has no stamp.
    """
    facts = _of_exr(path) if format_of(path) is None else _of_image(path)
    if not facts:
        raise LatticeError(f"{path}: expected a graded file, got one without a stamp")
    look = facts.pop(LOOK, "")
    return Grade(facts, as_table(look))


def _of_exr(path: str | os.PathLike[str]) -> dict[str, str]:
    header = next((each for each in exr.read_headers(path, deep=True) if each.graded_by is not None), None)
    if header is None:
        return {}
    names = [name for name in header.attributes if name.startswith(STAMP)]
    return {name.removeprefix(STAMP): header.text(name) or "" for name in names}


def _of_image(path: str | os.PathLike[str]) -> dict[str, str]:
    stamp = NOTE.match(images.read_note(path))
    if stamp is None:
        return {}
    told = {name: value for name, value in as_table(images.read_about(path)).items() if isinstance(value, str)}
    return told or {"name": stamp["name"], "version": stamp[0].split()[1]}


def as_table(text: str) -> dict[str, Any]:
    """Return the object of a JSON text; empty if it is none."""
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
