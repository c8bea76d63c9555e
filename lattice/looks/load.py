"""Load a profile by name or path; make the JSON Schemas of profiles and stocks."""

from __future__ import annotations

import json
import os

from pydantic import ValidationError

from lattice.files.storage.atomic import path_text
from lattice.looks.faults import faults
from lattice.looks.profile import Profile
from lattice.looks.stock import Stock
from lattice.looks.toml import places, read_extended
from lattice.looks.where import find, inside, real, shipped
from lattice.types import LatticeError


def load_profile(name: str | os.PathLike[str], suffixes: str = ".toml") -> Profile:
    """Load a profile by shipped name, alias or .toml path.

    suffixes: which files the caller takes, for the message. Raises LatticeError with all faults: file, line, field, the
    value expected and the value found.
    """
    path = find(path_text(name, "a look's name or a path"), "profile", suffixes)
    data = read_extended(path, "profile")
    try:
        with inside(real(path)):
            profile = Profile.model_validate(data)
    except ValidationError as error:
        raise LatticeError(f"{path}: {faults(error, Profile, places(path, 'profile'))}") from None
    profile._parent = path.stem if path.is_relative_to(shipped()) else str(real(path))
    return profile


def schemas() -> dict[str, str]:
    """Return the JSON Schemas, text by file name, for editors that check profiles and stocks as they are typed."""
    texts = {}
    for name, record in (("profile", Profile), ("stock", Stock)):
        schema = record.model_json_schema()
        schema["properties"]["extends"] = {"type": "string", "description": "A name or .toml to start from"}
        schema.pop("required", None)  # missing fields may come from `extends`
        texts[f"{name}.schema.json"] = json.dumps(schema, indent=1) + "\n"
    return texts
