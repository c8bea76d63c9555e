"""A film-exposure stage as the 62 numbers of a fit, as a stock's record, and as its TOML."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from lattice.build.film_stage import FilmStage, Round, curve
from lattice.files.storage import atomic
from lattice.looks import film_stage
from lattice.looks.where import find

Array = NDArray[np.float64]
SLOPES = 10  # of a curve; the eleventh, at 0, is 1
DECIMALS = 4
HALF = 0.5  # of a difference in stops, so that a curve covers 18 stops: from the floor to a lamp in the picture
MATRICES = 22  # of the 62 numbers, those before the slopes
OFF_DIAGONAL = ~np.eye(3, dtype=bool)
LEAST_MIXED = 0.004
STEEPEST, FLATTEST = 1.6, -3.5  # natural logarithms of slopes
# Mixing off its diagonal (6), first matrix (4), second matrix (6) and layers (6) past their first columns, log slopes.
SIZES = (6, 2, 2, 6, 6, 4 * SLOPES)
LOW = np.repeat([LEAST_MIXED, -1.5, -1.0, -12.0, -8.0, FLATTEST], SIZES)
HIGH = np.repeat([0.6, 2.5, 1.0, 12.0, 8.0, STEEPEST], SIZES)
SPREAD = np.repeat([0.0, 0.2, 0.2, 0.2, 0.2, 0.4], SIZES)  # of other starts; mixing is spread by ratios
MIXED = SIZES[0]


def matrices(vector: Array) -> tuple[Array, Array, Array, Array]:
    """Return mixing, first, second, layers: (3, 3) each, which keep gray whatever the numbers are."""
    mixing = np.zeros((3, 3))
    mixing[OFF_DIAGONAL] = vector[:6]
    mixing += np.diag(1 - mixing.sum(axis=1))
    green, blue, first, second = vector[6:10]
    differences = HALF * np.array([[1, first - 1, -first], [-second, second - 1, 1]])
    bent = np.column_stack([[1.0, 0.0, 0.0], vector[10:16].reshape(3, 2)])
    rows = np.vstack([[1 - green - blue, green, blue], differences])
    return mixing, rows, bent, np.column_stack([np.ones(3), vector[16:22].reshape(3, 2)])


def slopes(vector: Array) -> Array:
    """Return the slopes of the four curves: (4, 11)."""
    return np.exp(np.insert(vector[MATRICES:].reshape(4, SLOPES), SLOPES // 2, 0.0, axis=1))


def unpack(vector: Array) -> FilmStage:
    """Return the stage of 62 numbers."""
    mixing, first, second, layers = matrices(vector)
    curves = np.stack([curve(each) for each in slopes(vector)])
    return FilmStage(mixing, (Round(first, curves[:2]), Round(second, curves[2:])), layers)


def numbers(vector: Array) -> film_stage.FilmStage:
    """Return 62 numbers as a stock's record, rounded to what its TOML holds."""
    parts = (each.round(DECIMALS + 1).tolist() for each in matrices(vector[:MATRICES].round(DECIMALS)))
    mixing, first, second, layers = (tuple(map(tuple, each)) for each in parts)
    bends = [tuple(float(f"{each:.4g}") for each in row) for row in slopes(vector)]
    return film_stage.FilmStage(
        mixing=mixing,
        first=film_stage.StageRound(matrix=first, slopes=(bends[0], bends[1])),
        second=film_stage.StageRound(matrix=second, slopes=(bends[2], bends[3])),
        layers=layers,
    )


def pack(stage: film_stage.FilmStage) -> Array:
    """Return a stock's record as 62 numbers: the inverse of `numbers`."""
    first, second = stage.first, stage.second
    bends = np.log([*first.slopes, *second.slopes])
    return np.concatenate(
        [
            np.array(stage.mixing)[OFF_DIAGONAL],
            [*first.matrix[0][1:], -first.matrix[1][2] / HALF, -first.matrix[2][0] / HALF],
            np.array(second.matrix)[:, 1:].ravel(),
            np.array(stage.layers)[:, 1:].ravel(),
            np.delete(bends, SLOPES // 2, axis=1).ravel(),
        ]
    )


def write(stock: str, stage: film_stage.FilmStage, source: str) -> None:
    """Write a stage into a shipped stock's TOML: a table at its end, and a line of `sources`."""
    path = find(stock, "stock")
    text = re.sub(r'^film_stage = ".*"\n', "", path.read_text().partition("\n[film_stage]")[0], flags=re.M)
    head, sources, rest = text.partition("[sources]\n")
    told, gap, curves = rest.partition("\n\n")
    whole = f'{head}{sources}{told}\nfilm_stage = "{source}"{gap}{curves}{table(stage)}'
    atomic.write_new(path, whole.encode(), overwrite=True)


def table(stage: film_stage.FilmStage) -> str:
    """Return the TOML of a stage."""
    lines = ["", "[film_stage]  # scene ACEScg to layer exposures"]
    lines += [f"mixing = {_rows(stage.mixing)}", f"layers = {_rows(stage.layers)}"]
    for name, each in (("first", stage.first), ("second", stage.second)):
        lines += ["", f"[film_stage.{name}]", f"matrix = {_rows(each.matrix)}"]
        lines += ["slopes = [", *(f"  {_row(slopes)}," for slopes in each.slopes), "]"]
    return "\n".join(lines) + "\n"


def _rows(matrix: tuple[tuple[float, ...], ...]) -> str:
    return "[" + ", ".join(map(_row, matrix)) + "]"


def _row(values: tuple[float, ...]) -> str:
    return "[" + ", ".join(f"{each:g}" for each in values) + "]"
