"""Read a step wedge as a densitometer's table holds it: exposures of the steps, and three densities of each."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lattice.errors import LatticeError
from lattice.files.measured.text import Rows, read_text, table_of
from lattice.types import DENSEST, FARTHEST, FEWEST_READINGS, MOST_READINGS, Array

Status = Literal["A", "M"]
LAYERS = ("red", "green", "blue")
USUAL_STEP = 0.15  # density of a step of the usual wedge of 21 steps. Source: ISO 5-3's tablets, half a stop each
LEAST_RISE = 0.3  # density from the least to the most exposed step: less says nothing of a curve
FALL = 0.05  # density that noise may make a wedge fall by
DISAGREE = 0.1  # density between two readings of one step: more is no noise
SAME = 1e-6  # log exposure: nearer steps are one
SCATTER = 0.01  # density: of one reading where none is repeated
_EXPOSURES = {
    "log_exposure": ("logexposure", "logh", "loge", "log10exposure", "logluxseconds"),
    "relative_log_exposure": ("relativelogexposure", "relativelogh", "relativeloge", "rellogexposure", "rellogh"),
    "wedge_density": ("wedgedensity", "stepdensity", "tabletdensity", "stepwedgedensity"),
    "step": ("step", "stepno", "stepnumber", "patch"),
}
_DENSITY = re.compile(r"(?:status(?P<status>[am]))?(?:d|density)?(?P<layer>red|green|blue|r|g|b)(?:density|d)?")
_COMMENT = re.compile(r"^[ \t]*#.*?\bstatus[ \t]*[:=,;]?[ \t]*([AM])\b", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class MeasuredWedge:
    """A wedge as a file holds it.

    log_exposure: (n,) float64, rising, log10 lux-seconds, or of any zero if is_relative. density: (n, 3) float64, r, g,
    b. readings: rows of the file, which may repeat a step. noise: density that one step scatters by. status: of the
    densitometer, None if the file does not say. assumed: what the file does not say, for people.
    """

    path: str
    log_exposure: Array
    density: Array
    is_relative: bool
    readings: int
    noise: float
    status: Status | None
    assumed: tuple[str, ...]


def read_wedge(
    path: str | os.PathLike[str], step_density: float | None = None, status: str | None = None
) -> MeasuredWedge:
    """Read a table with exposures and densities of steps, in any order; a step's repeated readings are averaged.

    Columns: log_exposure (log10 lux-seconds), relative_log_exposure, wedge_density (of the wedge itself, so that
    exposure falls as it rises) or step (a number); red, green and blue, or R, G, B, D_R, Status A Red; status.
    step_density: log exposure from one step to the next, USUAL_STEP if None; of a table with `step` alone.
    status: "A" or "M" where the file does not say.
    Raises LatticeError, one line, for a file that `read_table` refuses, missing columns, numbers that are no densities,
    density that falls or hardly rises, readings of a step that disagree, fewer than 3 or more than 4,096 steps, and two
    statuses.
    """
    where = str(path)
    text = read_text(path)
    table = table_of(text, where)
    kind, column = _exposure_column(table)
    places, told = _density_columns(table)
    exposure, assumed = _exposures(table, kind, column, step_density)
    density = _densities(table, places)
    if kind == "step" and density[exposure.argmax()].sum() < density[exposure.argmin()].sum():
        exposure = -exposure
        assumed = (*assumed, "the first step is the most exposed, as density falls from step to step")
    x, d, first, noise = _averaged(table, exposure, density, f"{table.header[column]} ", column)
    if not FEWEST_READINGS <= len(x) <= MOST_READINGS:
        raise LatticeError(f"{where}: expected {FEWEST_READINGS} to {MOST_READINGS:,} steps, got {len(x):,}")
    _check_rising(table, d, first, column)
    said = _status(table, _COMMENT.findall(text), told, status)
    return MeasuredWedge(where, x, d, kind != "log_exposure", len(table), noise, said, assumed)


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _exposure_column(table: Rows) -> tuple[str, int]:
    """Return what says the exposure, and its column. Raises LatticeError without one."""
    names = [_folded(name) for name in table.header]
    for kind, spellings in _EXPOSURES.items():
        for spelling in spellings:
            if spelling in names:
                return kind, names.index(spelling)
    raise table.missing("a column log_exposure, relative_log_exposure, wedge_density or step")


def _density_columns(table: Rows) -> tuple[list[int], set[str]]:
    """Return the columns of red, green, blue, and the statuses in their names. Raises LatticeError without them."""
    found: dict[str, int] = {}
    told: set[str] = set()
    for column, name in enumerate(table.header):
        match = _DENSITY.fullmatch(_folded(name))
        if match is None:
            continue
        if match["layer"][0] in found:
            raise LatticeError(
                f"{table.path}: expected one column of each of red, green, blue, got "
                f"{table.header[found[match['layer'][0]]]} and {name}: leave one of them"
            )
        found[match["layer"][0]] = column
        told |= {match["status"].upper()} if match["status"] else set()
    if len(found) < len(LAYERS):
        raise table.missing("columns red, green and blue with densities")
    return [found[layer[0]] for layer in LAYERS], told


def _exposures(table: Rows, kind: str, column: int, step_density: float | None) -> tuple[Array, tuple[str, ...]]:
    """Return the log exposure of each row (n,), and what was assumed. Raises LatticeError for what is none."""
    if step_density is not None and kind != "step":
        raise LatticeError(f"{table.path}: {table.header[column]} says the exposures: leave out --step-density")
    if step_density is not None and not 0 < step_density <= DENSEST:
        raise LatticeError(f"--step-density: expected over 0 and up to {DENSEST:g}, got {step_density:g}")
    numbers = table.numbers(column)[:, 0]
    if kind != "step":
        far = DENSEST if kind == "wedge_density" else FARTHEST
        for row, each in enumerate(numbers):
            if abs(each) > far:
                raise LatticeError(_at(table, row) + f"{table.header[column]}: expected at most {far:g}, got {each:g}")
        return (-numbers if kind == "wedge_density" else numbers), ()
    assumed = f"a step is {USUAL_STEP:g} of log exposure, as of a wedge of 21 steps; --step-density says another"
    exposures = numbers * (step_density or USUAL_STEP)
    if not np.ptp(exposures) <= FARTHEST:
        raise LatticeError(
            f"{table.path}: {table.header[column]}: expected steps over at most {FARTHEST:g} of log exposure, got "
            f"{numbers.min():g} to {numbers.max():g}"
        )
    return exposures, () if step_density is not None else (assumed,)


def _densities(table: Rows, columns: Sequence[int]) -> Array:
    density = table.numbers(*columns)
    wrong = np.argwhere((density < -FALL) | (density > DENSEST))
    if len(wrong):
        row, layer = wrong[0]
        is_percent = density.min() >= 0 and DENSEST < density.max() <= 100
        hint = ": percent of light passed? density is 2 - log10 of it" if is_percent else ""
        raise LatticeError(
            _at(table, row)
            + f"{LAYERS[layer]}: expected a density from 0 to {DENSEST:g}, got {density[row, layer]:g}{hint}"
        )
    return density


def _averaged(
    table: Rows, exposure: Array, density: Array, name: str, column: int
) -> tuple[Array, Array, list[int], float]:
    """Return steps by rising exposure: exposures, mean densities, the first row of each, and their noise.

    Raises LatticeError if readings of a step disagree.
    """
    order = np.argsort(exposure, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(exposure[order]) > SAME) + 1)
    spread, spare = 0.0, 0
    for rows in groups:
        apart = np.ptp(density[rows], axis=0)
        if apart.max() > DISAGREE:
            layer, lines = int(apart.argmax()), " and ".join(str(table.rows[row].line) for row in sorted(rows)[:2])
            raise LatticeError(
                f"{table.path}: lines {lines}: {name}{table.rows[rows[0]].cells[column]}: {LAYERS[layer]} was read "
                f"{apart[layer]:.2f} apart: expected readings within {DISAGREE:g}"
            )
        spread += float(((density[rows] - density[rows].mean(axis=0)) ** 2).sum())
        spare += 3 * (len(rows) - 1)
    noise = max(SCATTER, float(np.sqrt(spread / spare))) if spare else SCATTER
    means = np.array([density[rows].mean(axis=0) for rows in groups])
    return exposure[[rows[0] for rows in groups]], means, [int(min(rows)) for rows in groups], noise


def _check_rising(table: Rows, density: Array, first: list[int], column: int) -> None:
    """Raise LatticeError if a layer's density hardly rises, or, with the step, falls as exposure rises."""
    name = table.header[column]
    if (density[-1] < density[0] - FALL).all():
        raise LatticeError(
            f"{table.path}: densities fall as exposure rises, by {name}: expected those of a film, which rise; light "
            "passed falls: density is -log10 of it"
        )
    rises = density[-1] - density[0]
    if rises.min() < LEAST_RISE:
        layer = int(rises.argmin())
        raise LatticeError(
            f"{table.path}: {LAYERS[layer]}: expected a density that rises by {LEAST_RISE:g} or more, got "
            f"{density[0, layer]:g} to {density[-1, layer]:g}"
        )
    highest = np.maximum.accumulate(density, axis=0)
    falls = np.argwhere(highest - density > FALL)
    if len(falls):
        step, layer = falls[0]
        raise LatticeError(
            _at(table, first[step]) + f"{name} {table.rows[first[step]].cells[column]}: {LAYERS[layer]} falls from "
            f"{highest[step, layer]:g} to {density[step, layer]:g} as exposure rises"
        )


def _status(table: Rows, comments: list[str], told: set[str], asked: str | None) -> Status | None:
    """Return the status of the densities: asked, or in a column, in names or in a comment. Raises LatticeError for two
    that differ, and for another."""
    column = table.find("status")
    cells = set() if column is None else {row.cells[column].upper() for row in table.rows if row.cells[column]}
    found = told | {each.upper() for each in comments} | {cell.removeprefix("STATUS").strip() for cell in cells}
    found |= {asked.upper()} if asked is not None else set()
    for each in sorted(found - {"A", "M"}):
        raise LatticeError(f"{table.path}: status: expected A or M, got {each!r:.40}")
    if len(found) > 1:
        raise LatticeError(f"{table.path}: status: expected one, got A and M")
    return "A" if "A" in found else "M" if found else None


def _at(table: Rows, row: int) -> str:
    return f"{table.path}: line {table.rows[row].line}: "
