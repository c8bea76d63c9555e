"""What requests say: numbers and texts, checked; and what is wrong with them, by field."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lattice.errors import printable
from lattice.files.images.formats import suffixes
from lattice.files.luts.register import SUFFIXES
from lattice.types import LatticeError

NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
FIELD = re.compile(r"([a-z_]+(?:\.[a-z_]+)*): .+", re.DOTALL)
FILES = (".exr", ".toml", *SUFFIXES, *suffixes())

Fault = dict[str, str]  # field, "" for none; message


class Faulty(LatticeError):
    """Several faults, each of a field."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(fault["message"] for fault in faults))
        self.faults = list(faults)


def faults_of(error: Exception) -> list[Fault]:
    """Return the faults that an error tells, by the field that begins it; a file's name is no field."""
    if isinstance(error, Faulty):
        return error.faults
    found = FIELD.fullmatch(str(error))
    name = "" if found is None or found[1].endswith(FILES) else found[1]
    return [{"field": name, "message": printable(error)}]


def whole(name: str, value: object, least: int = 0, most: int = 10**9 - 1) -> int:
    """Return a whole number of JSON or of an address. Raises LatticeError for anything else."""
    if isinstance(value, str) and NUMBER.fullmatch(value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise LatticeError(f"{name}: expected a whole number from {least} to {most}, got {value!r:.40}")
    return value


def text(name: str, value: object) -> str:
    """Return a text of JSON. Raises LatticeError for anything else."""
    if not isinstance(value, str):
        raise LatticeError(f"{name}: expected a text, got {value!r:.40}")
    return value
