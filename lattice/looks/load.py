"""A profile by name or path, and the JSON Schemas of what artists write."""

from __future__ import annotations

import json
import os
from pathlib import Path

from pydantic import ValidationError

from lattice.looks.base import faults, field_names
from lattice.looks.profile import Profile
from lattice.looks.stock import Stock
from lattice.looks.toml import find, inside, read_extended, shipped
from lattice.types import LatticeError


def path_text(name: object) -> str:
    """A path's text. Raises LatticeError where it is none, or holds bytes."""
    text = os.fspath(name) if isinstance(name, os.PathLike) else name
    if not isinstance(text, str):
        raise LatticeError(f"expected a look's name, a path or a Profile, got {type(name).__name__}")
    return text


def load_profile(name: str | os.PathLike[str]) -> Profile:
    """A profile by shipped name, alias or .toml path.

    Raises LatticeError as `file: field: what was expected, what came`.
    """
    if not isinstance(name, str | Path):
        name = path_text(name)
    path = find(name, "profile")
    data = read_extended(path, "profile")
    try:
        with inside(path.resolve()):
            profile = Profile.model_validate(data)
    except (ValidationError, LatticeError) as error:
        reason = faults(error, field_names(Profile)) if isinstance(error, ValidationError) else str(error)
        raise LatticeError(f"{path}: {reason}") from None
    profile._parent = path.stem if path.is_relative_to(shipped()) else str(path.resolve())
    return profile


def schemas() -> dict[str, str]:
    """JSON Schemas, file name to text, for editors that check profiles and stocks as they are typed."""
    texts = {}
    for name, record in (("profile", Profile), ("stock", Stock)):
        schema = record.model_json_schema()
        schema["properties"]["extends"] = {"type": "string", "description": "A name or .toml to start from"}
        schema.pop("required", None)  # what is missing may come from `extends`
        texts[f"{name}.schema.json"] = json.dumps(schema, indent=1) + "\n"
    return texts
