"""Headline figures of a run: kept as dated rows of a machine, and compared with the last rows.

A file of `bench/history/` holds one kind of machine, a `[[run]]` of TOML for each run. A figure is the median of its
repeats, with their quartiles as `low` and `high`.
"""

from __future__ import annotations

import math
import re
import statistics
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import tomli_w

from lattice.types import LatticeError

LAST = 3  # rows whose median a figure is compared with: one busy minute must not count
ALLOWED = 1.10  # times as slow, from quartile to quartile, before a figure counts as fallen
QUARTERS = 4


@dataclass(frozen=True)
class Unit:
    """How a figure reads. of_a_peer: a ratio to something measured in the same run, which other machines share."""

    more_is_better: bool
    of_a_peer: bool


UNITS = {
    "ms": Unit(False, False),
    "Mpixel/s": Unit(True, False),
    "times as fast": Unit(True, True),
    "times as long": Unit(False, True),
}


@dataclass(frozen=True)
class Figure:
    """Median of repeats, and the quartiles below and above it; in a unit of UNITS."""

    unit: str
    median: float
    low: float
    high: float

    @classmethod
    def of(cls, unit: str, repeats: Sequence[float]) -> Figure:
        """The figure of 2 repeats or more."""
        low, median, high = statistics.quantiles(repeats, n=QUARTERS, method="inclusive")
        return cls(unit, *(float(f"{number:.4g}") for number in (median, low, high)))


@dataclass(frozen=True)
class Run:
    """A row: when, of which commit and on which machine; figures by name."""

    date: str
    commit: str
    cpu: str
    cores: int
    instructions: str
    python: str
    numpy: str
    figures: Mapping[str, Figure]

    @property
    def machine(self) -> str:
        """The kind of machine: rows of one kind can be compared. Machines of one name may differ in instructions."""
        return f"{self.cpu}, {self.cores} core{'s' if self.cores > 1 else ''}, {self.instructions}"


@dataclass(frozen=True)
class Change:
    """A figure beside the last rows. slower: times as slow, from the quartile of each that is nearer to the other's."""

    before: Figure
    now: Figure
    slower: float

    @property
    def has_fallen(self) -> bool:
        """Whether it is slower by more than noise and what is allowed."""
        return self.slower > ALLOWED


def read(folder: Path) -> list[Run]:
    """Every row of a folder, oldest first. Raises LatticeError for a file or a row that is damaged."""
    return sorted((run for path in sorted(folder.glob("*.toml")) for run in _read(path)), key=lambda run: run.date)


def append(folder: Path, run: Run) -> Path:
    """Add a row to the file of its machine; return the file."""
    path = folder / (re.sub(r"[^a-z0-9]+", "-", run.machine.lower()) + ".toml")
    folder.mkdir(exist_ok=True)
    with path.open("a") as file:
        file.write(tomli_w.dumps({"run": [asdict(run)]}) + "\n")
    return path


def last(run: Run, rows: Sequence[Run]) -> tuple[list[Run], bool]:
    """The rows to compare a run with, oldest first, and whether they are of its kind of machine; else they are of the
    kind that has the newest row."""
    kinds = {row.machine for row in rows}
    kind = run.machine if run.machine in kinds else rows[-1].machine if rows else ""
    return [row for row in rows if row.machine == kind][-LAST:], run.machine in kinds


def changes(run: Run, rows: Sequence[Run], is_same_machine: bool) -> dict[str, Change]:
    """Each figure that is in the rows, too, with the same unit; ratios alone if they are of another machine."""
    found = {}
    for name, now in run.figures.items():
        there = [row.figures[name] for row in rows if name in row.figures and row.figures[name].unit == now.unit]
        if there and (is_same_machine or UNITS[now.unit].of_a_peer):
            medians = (statistics.median(getattr(each, part) for each in there) for part in ("median", "low", "high"))
            before = Figure(now.unit, *medians)
            slower = before.low / now.high if UNITS[now.unit].more_is_better else now.low / before.high
            found[name] = Change(before, now, slower)
    return found


def gone(run: Run, rows: Sequence[Run]) -> list[str]:
    """Figures that the last row has and the run lacks, which could hide a fall."""
    return [name for name in (rows[-1].figures if rows else ()) if name not in run.figures]


def _read(path: Path) -> list[Run]:
    try:
        held = tomllib.loads(path.read_text())
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        raise LatticeError(f"{path}: expected rows of TOML: {error}") from None
    rows = held.get("run")
    if set(held) != {"run"} or not isinstance(rows, list):
        raise LatticeError(f"{path}: expected [[run]] alone, got {', '.join(held) or 'nothing'}")
    return [_run(row, f"{path}: run {number}") for number, row in enumerate(rows, 1)]


def _run(row: object, where: str) -> Run:
    named = _fields(row, Run, where)
    figures = named["figures"]
    if not isinstance(figures, dict):
        raise LatticeError(f"{where}: figures: expected a table, got {figures!r:.60}")
    return Run(**{**named, "figures": {name: _figure(each, f"{where}: {name}") for name, each in figures.items()}})


def _figure(row: object, where: str) -> Figure:
    named = _fields(row, Figure, where)
    if named["unit"] not in UNITS:
        raise LatticeError(f"{where}: unit: expected {' or '.join(UNITS)}, got {named['unit']!r:.60}")
    numbers = [named[name] for name in ("low", "median", "high")]
    are_numbers = all(isinstance(number, int | float) and 0 < number < math.inf for number in numbers)
    if not are_numbers or numbers != sorted(numbers):
        raise LatticeError(f"{where}: expected 0 < low <= median <= high, got {', '.join(map(str, numbers))}")
    return Figure(**named)


def _fields(row: object, record: type[Run] | type[Figure], where: str) -> dict[str, Any]:
    """The fields of a record. Raises LatticeError unless there are just these, texts and whole numbers as they are."""
    wanted = {each.name: {"str": str, "int": int}.get(str(each.type), object) for each in fields(record)}
    if not isinstance(row, dict) or set(row) != set(wanted):
        got = ", ".join(row) if isinstance(row, dict) else f"{row!r:.60}"
        raise LatticeError(f"{where}: expected {', '.join(wanted)}, got {got or 'nothing'}")
    for name, kind in wanted.items():
        if not isinstance(row[name], kind):
            raise LatticeError(f"{where}: {name}: expected {kind.__name__}, got {row[name]!r:.60}")
    return row
