"""A table of shots, as TOML or CSV: what is graded into what, through which look, with which options.

A TOML has defaults at its top and a `[[shot]]` for each shot; a CSV has a row for each shot under a row of names. Paths
are relative to the table's folder; `{name}` in them is the shot's name.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from lattice.errors import did_you_mean
from lattice.files.storage import sequence
from lattice.looks.toml_text import read_toml, text_of
from lattice.regrade.options import OF_THE_LOOK, Options
from lattice.regrade.process.memory_budget import frames_memory
from lattice.sdev.load import is_file
from lattice.types import LatticeError

OWN = ("name", "in", "out", "sdev", "takes", "gives", "frames")
HINTS = get_type_hints(Options)
OF_THE_RUN = ("memory", "threads", "cores")  # shared by all shots, so they are no shot's own
MOST_BYTES = 2**20
MOST_SHOTS = 10_000
LONGEST = 4096  # letters of a path, as of Linux's PATH_MAX
WHOLE = re.compile(r"\d{1,9}", re.ASCII)
NUMBER = re.compile(r"[-+]?(\d{1,4}(\.\d{0,20})?|\.\d{1,20})(e[-+]?\d{1,3})?", re.ASCII)  # no nan, no inf
YES, NO = ("true", "yes", "1", "on"), ("false", "no", "0", "off")


@dataclass(frozen=True)
class Shot:
    """A row: name, the patterns or paths of its input and output, frames or None; sdev, takes, gives: a look as
    `lattice.load` takes it."""

    name: str
    source: str
    target: str
    sdev: str
    frames: str | None
    options: Options
    takes: str | None = None
    gives: str | None = None

    @property
    def look(self) -> tuple[str, str | None, str | None]:
        """The arguments of `lattice.load`."""
        return self.sdev, self.takes, self.gives


def read(path: str | os.PathLike[str], told: Mapping[str, Any] | None = None) -> tuple[Shot, ...]:
    """Return the shots of a table, in order.

    told: values that go before those of the table, by field; "sdev", "takes", "gives" and the fields of Options.
    Raises LatticeError with the file, the shot and the field: a name that no field has, a value that is not allowed, a
    shot without in, out or sdev, two shots of one name.
    """
    path, told = Path(path), told or {}
    kind = path.suffix.lower()
    if kind not in (".toml", ".csv"):
        raise LatticeError(f"{path}: expected a table of shots, .toml or .csv")
    defaults, rows = _toml(path) if kind == ".toml" else ({}, list(islice(_csv(path), MOST_SHOTS + 1)))
    if not rows:
        raise LatticeError(f"{path}: expected a shot, such as a table [[shot]] with in and out, got none")
    if len(rows) > MOST_SHOTS:
        raise LatticeError(f"{path}: expected at most {MOST_SHOTS} shots, got more")
    base = _checked(defaults, str(path), (*OWN[1:], *HINTS))
    found: dict[str, Shot] = {}
    for number, row in enumerate(rows, 1):
        where = f"{path}: shot {row.get('name') or number!s:.60}"
        shot = _shot(
            {**base, **_checked(row, where, (*OWN, *(set(HINTS) - set(OF_THE_RUN))))}, told, where, path.parent
        )
        if shot.name in found:
            raise LatticeError(f"{where}: expected another name than that of an earlier shot; give it a name")
        found[shot.name] = shot
    return tuple(found.values())


def _toml(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    read = read_toml(path, MOST_BYTES)
    rows = read.pop("shot", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise LatticeError(f"{path}: shot: expected tables [[shot]], with two brackets")
    return read, rows


def _csv(path: Path) -> Iterator[dict[str, Any]]:
    text = io.StringIO(text_of(path, MOST_BYTES), newline=None)
    reader = csv.reader(text, skipinitialspace=True, strict=True)
    try:
        names = [name.strip() for name in next(filter(None, reader), ())]
        for name, count in Counter(names).items():
            if name and count > 1:
                raise LatticeError(f"{path}: {name:.60}: expected a column of its own, got it twice")
        for row in reader:
            if len(row) > len(names):
                raise LatticeError(f"{path}: line {reader.line_num}: expected {len(names)} values, got more")
            values = {name: value.strip() for name, value in zip(names, row, strict=False)}
            if any(values.values()):
                yield {name: value for name, value in values.items() if value}
    except csv.Error as error:
        raise LatticeError(f"{path}: line {reader.line_num}: {error}") from None


def _checked(values: Mapping[str, Any], where: str, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the values by field, in the types of Options."""
    found = {}
    for told, value in values.items():
        name = told.replace("-", "_")
        if name not in names:
            why = "; it goes to the top, for all shots" if name in OF_THE_RUN else did_you_mean(name, names)
            raise LatticeError(f"{where}: {told:.60}: no such field{why}")
        if name in found:
            raise LatticeError(f"{where}: {told:.60}: expected once, got it as {name.replace('_', '-')} and {name}")
        found[name] = _text(name, value, where) if name in OWN else _option(name, value, where)
    return found


def _text(name: str, value: object, where: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise LatticeError(f"{where}: {name}: expected text in quotes, got {value!r:.60}")
    if "\0" in str(value):
        raise LatticeError(f"{where}: {name}: expected text without NUL, got {value!r:.60}")
    if name != "frames" and len(str(value)) > LONGEST:
        raise LatticeError(f"{where}: {name}: expected at most {LONGEST:,} letters, got {len(str(value)):,}")
    return str(value)


def _option(name: str, value: Any, where: str) -> Any:
    hint = HINTS[name]
    if hint is bool:
        word = str(value).lower()
        if not isinstance(value, bool | str) or word not in YES + NO:
            raise LatticeError(f"{where}: {name}: expected true or false, got {value!r:.60}")
        return word in YES
    if get_origin(hint) is tuple:
        words = value.split(";") if isinstance(value, str) else value
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise LatticeError(f"{where}: {name}: expected a list of names, got {value!r:.60}")
        return tuple(word.strip() for word in words if word.strip())
    if name == "memory":
        return _size(value, where)
    if int in (hint, *get_args(hint)):
        if isinstance(value, bool) or not WHOLE.fullmatch(str(value)):
            raise LatticeError(f"{where}: {name}: expected a whole number, got {value!r:.60}")
        return int(value)
    if hint is float:
        if isinstance(value, bool) or not NUMBER.fullmatch(str(value)):
            raise LatticeError(f"{where}: {name}: expected a number, got {value!r:.60}")
        return float(value)
    if name == "display" and not isinstance(value, str):
        raise LatticeError(f"{where}: display: expected a name, such as 'P3-DCI', got {value!r:.60}")
    if name == "printer_lights" and not isinstance(value, str):  # checked with the other options
        return (
            tuple(each if isinstance(each, int | float) else str(each) for each in value)
            if isinstance(value, list)
            else str(value)
        )
    if not isinstance(value, str):
        raise LatticeError(f"{where}: {name}: expected text in quotes, got {value!r:.60}")
    return None if name in OF_THE_LOOK and value == "auto" else value


def _size(value: object, where: str) -> int:
    try:
        return frames_memory(str(value))
    except LatticeError as error:
        raise LatticeError(f"{where}: {error}") from None


def _shot(values: Mapping[str, Any], told: Mapping[str, Any], where: str, folder: Path) -> Shot:
    values = {**values, **told}
    absent = [name for name in ("in", "out", "sdev") if not values.get(name)]
    if absent:
        raise LatticeError(f"{where}: {absent[0]}: expected a value, got none")
    name = values.get("name") or _name_of(values["out"])
    source, target = (str(folder / _with_name(values[end], name, f"{where}: {end}")) for end in ("in", "out"))
    sdev = values["sdev"]
    if "sdev" not in told and is_file(sdev):
        sdev = str(folder / sequence.with_home(sdev))
    if "grade" not in told and "grade" in values:
        from lattice.sdev.grade import is_correction

        if is_correction(values["grade"]):
            values["grade"] = str(folder / sequence.with_home(values["grade"]))
    try:
        options = _options(tuple((each.name, values[each.name]) for each in fields(Options) if each.name in values))
    except LatticeError as error:
        raise LatticeError(f"{where}: {error}") from None
    return Shot(name, source, target, sdev, values.get("frames"), options, values.get("takes"), values.get("gives"))


def _with_name(pattern: str, name: str, where: str) -> str:
    """Return a pattern with the shot's name for `{name}`, none of whose letters begins a field."""
    letters = len(pattern) + pattern.count("{name}") * len(name)
    if letters > LONGEST:
        raise LatticeError(f"{where}: expected at most {LONGEST:,} letters with the name, got {letters:,}")
    folder = os.path.dirname(pattern.replace("{name}", name))
    named = os.path.join(folder, os.path.basename(pattern.replace("{name}", sequence.escaped(name))))
    return sequence.with_home(named)


@lru_cache
def _options(told: tuple[tuple[str, Any], ...]) -> Options:
    return Options(**dict(told))


def _name_of(out: str) -> str:
    beside = sequence.beside(out, "")
    return Path(out).stem if beside is None else beside.name
