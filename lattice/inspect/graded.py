"""How a graded file was made, by what it holds itself."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lattice.files.exr import file as exr
from lattice.files.frame import LOOK, inverse_in, stamps_in
from lattice.files.images import file as images
from lattice.files.images.formats import format_of
from lattice.files.images.header import STAMP as NOTE
from lattice.files.movie.codecs import suffixes as movie_suffixes
from lattice.files.movie.file import read_comment
from lattice.files.storage.read import json_object
from lattice.types import LatticeError


@dataclass(frozen=True)
class Grade:
    """facts: the stamps of a graded file by name, such as `name` (the SDev's), `sha256`, `input`, `source_sha256`; of a
    Cineon, and of a DPX with user data of its source, only `name` and `version`; of an EXR of `lattice invert` also
    `inverse of` and `holds`. look: the profile's fields as JSON types, stocks by their names; empty if the SDev did not
    tell."""

    facts: Mapping[str, str]
    look: Mapping[str, Any] = field(default_factory=dict)


def read_grade(path: str | os.PathLike[str]) -> Grade:
    """Read how an EXR, DPX, Cineon, TIFF, PNG or JPEG was graded, or an EXR inverted; pixels are not decoded.

    Raises LatticeError if the file cannot be read, is of another kind, or has no stamp.
    """
    facts = _of_exr(path) if format_of(path) is None else _of_image(path)
    if not facts:
        raise LatticeError(f"{path}: expected a graded file, got one without a stamp")
    look = facts.pop(LOOK, "")
    return Grade(facts, json_object(look))


def read_grades(path: str | os.PathLike[str]) -> tuple[Grade, ...]:
    """Read how a movie's shots were graded, or the one grade of another file; as `read_grade`.

    Facts of a shot are its name `shot`, its `frames`, and the `first` and `last` file of them, too.
    """
    if not os.fspath(path).lower().endswith(movie_suffixes()):
        return (read_grade(path),)
    shots = [shot for shot in map(json_object, read_comment(path).split("\n")) if "shot" in shot]
    if not shots:
        raise LatticeError(f"{path}: expected a movie of lattice dailies, got one that does not tell its grade")
    return tuple(
        Grade({name: str(value) for name, value in shot.items() if name != LOOK}, _look_in(shot)) for shot in shots
    )


def _look_in(shot: Mapping[str, Any]) -> Mapping[str, Any]:
    look = shot.get(LOOK)
    return look if isinstance(look, dict) else {}


def _of_exr(path: str | os.PathLike[str]) -> dict[str, str]:
    headers = exr.read_headers(path, deep=True)
    found = (next(filter(None, map(read, headers)), {}) for read in (stamps_in, inverse_in))
    return {name: text for facts in found for name, text in facts.items()}


def _of_image(path: str | os.PathLike[str]) -> dict[str, str]:
    stamp = NOTE.match(images.read_note(path))
    if stamp is None:
        return {}
    told = {name: value for name, value in json_object(images.read_about(path)).items() if isinstance(value, str)}
    return told or {"name": stamp["name"], "version": stamp[0].split()[1]}
