"""From lattice coordinates back to the light before a table or a film stage: the NumPy definition.

A curve is straight between its entries, and so is its inverse. Where it is flat many colors have the same coordinate:
the answer is the end nearer to mid gray, and not the one color, so it does not count as found. The ends of a curve
count as flat, for colors beyond them are held there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lattice.interp import reference, shader
from lattice.interp.inverse.cell import Floats
from lattice.types import HALF_CODES, HALF_MAX, MID_GRAY, LatticeError, SDevData, Table

Bools = NDArray[np.bool_]
HELD = 1e-9  # from an end of a step's values: they are held there, but for rounding
PARTS_AN_ENTRY, MOST_PARTS = 8, 65536  # of a curve's range, each with the entries to look among
CODES = np.arange(HALF_CODES // 2 - 1024, dtype=np.uint16)  # of the finite halves, from 0
SIGNED_CODES = np.concatenate([CODES[::-1] | 0x8000, CODES])  # from the lowest, with -0
HALVES, SIGNED_HALVES = (codes.view(np.float16).astype(np.float32) for codes in (CODES, SIGNED_CODES))


@dataclass(frozen=True, eq=False)
class CurveBack:
    """entries: (n,) float32 that never fall. flat: (n,) int32, the entry that stands for others of the same value; -1
    where there are none. buckets: (parts + 2,) int32; the first entry above a value in part p of the range is from
    buckets[p] to buckets[p + 2]. first, gain: part = (value - first) * gain.
    """

    entries: NDArray[np.float32]
    flat: NDArray[np.int32]
    buckets: NDArray[np.int32]
    first: float
    gain: float


@dataclass(frozen=True, eq=False)
class StepBack:
    """curves: of the last channels, or of all, or none. back: (3, 3) float64, inverse of the step's matrix, by which
    values less `offset` (3,) are multiplied."""

    curves: tuple[CurveBack, ...]
    back: Floats
    offset: Floats


@dataclass(frozen=True, eq=False)
class StageBack:
    """steps: the last step first; for a table one, whose curves give numbers of `halves` (n,), float32; None for a film
    stage. span: log2 of the light that a film stage holds to. film: (3, 3) float64, inverse of the input matrix."""

    steps: tuple[StepBack, ...]
    halves: NDArray[np.float32] | None
    span: tuple[float, float]
    film: Floats


def make_stage(device: SDevData) -> StageBack:
    """Prepare the inverse of an SDev's input matrix and table or film stage.

    Raises LatticeError if a matrix has no inverse, or a table falls.
    """
    film = inverse_matrix(device.matrix, "input matrix")
    gray = device.matrix @ np.full(3, MID_GRAY)
    if isinstance(device.table, Table):
        codes, halves = (CODES, HALVES)
        if shader.stages(device) & (shader.SIGNED | shader.HOLD):
            codes, halves = SIGNED_CODES, SIGNED_HALVES
        columns = np.ascontiguousarray(np.clip(device.table.values[codes], 0, 1).T)
        _check_rises(columns, halves)
        curves = tuple(
            make_curve(column, float(np.searchsorted(halves, at))) for column, at in zip(columns, gray, strict=True)
        )
        return StageBack((StepBack(curves, np.eye(3), np.zeros(3)),), halves, (0.0, 0.0), film)
    stage = device.table
    back: list[StepBack] = []
    values = np.log2(np.clip(gray, stage.floor, HALF_MAX))[:, None]
    for step in stage.steps:
        values = np.clip(step.matrix[:, :3] @ values + step.matrix[:, 3:], 0, 1)
        rows = () if step.curves is None else step.curves
        skipped = 3 - len(rows)
        curves = tuple(make_curve(row, float(values[k, 0]) * (len(row) - 1)) for k, row in enumerate(rows, skipped))
        for k, row in enumerate(rows, skipped):
            values[k] = reference.bend(row, values[k])
        back.append(StepBack(curves, inverse_matrix(step.matrix[:, :3], "film stage matrix"), step.matrix[:, 3].copy()))
    return StageBack(tuple(back[::-1]), None, (float(np.log2(stage.floor)), float(np.log2(HALF_MAX))), film)


def _check_rises(columns: NDArray[np.float32], halves: NDArray[np.float32]) -> None:
    """Raise LatticeError if a table's curve (3, n) over halves (n,) falls somewhere."""
    falls = np.diff(columns, axis=1) < 0
    if falls.any():
        channel = int(falls.any(axis=1).argmax())
        at = int(falls[channel].argmax())
        raise LatticeError(
            f"inverse: the curve before the lattice falls in {('red', 'green', 'blue')[channel]} above light "
            f"{halves[at]:.4g}, so several lights have one code: take a LUT whose curve rises, or, with lattice apply, "
            "the LUT that its maker has for the way back"
        )


def inverse_matrix(matrix: Floats, what: str) -> Floats:
    """Return the inverse of a (3, 3). Raises LatticeError, with `what`, if it has none that float64 can hold."""
    if np.linalg.cond(matrix) > 1 / np.finfo(np.float64).eps:
        raise LatticeError(f"inverse: expected a look whose {what} has an inverse, got one that takes colors together")
    return np.asarray(np.linalg.inv(matrix), np.float64)


def make_curve(entries: NDArray[np.float32], middle: float) -> CurveBack:
    """Prepare the inverse of a curve. middle: where mid gray is, counted in entries."""
    last = len(entries) - 1
    first_of, last_of = (np.searchsorted(entries, entries, side) for side in ("left", "right"))
    last_of = last_of - 1
    nearer = np.where(np.abs(first_of - middle) < np.abs(last_of - middle), first_of, last_of)
    flat = np.where(first_of < last_of, nearer, -1)
    flat[[0, last]] = nearer[[0, last]]
    parts, span = min(PARTS_AN_ENTRY * len(entries), MOST_PARTS), float(entries[last]) - float(entries[0])
    gain = parts / span if span > 0 else 0.0
    edges = float(entries[0]) + (np.arange(parts + 2) - 0.5) * (span / parts)  # half a part wider: a part is rounded
    buckets = np.clip(np.searchsorted(entries, edges, "right"), 1, last)
    return CurveBack(entries, flat.astype(np.int32), buckets.astype(np.int32), float(entries[0]), gain)


def unbend(curve: CurveBack, values: Floats) -> tuple[Floats, Bools]:
    """Return where a curve has these values (n,), counted in entries, and which many places share."""
    entries, last = curve.entries.astype(np.float64), len(curve.entries) - 1
    above = np.clip(np.searchsorted(entries, values, "right"), 1, last)
    low, high = entries[above - 1], entries[above]
    entry = np.where(values <= entries[0], 0, np.where(values >= entries[last], last, above - 1))
    flat = curve.flat[entry]
    is_flat = (flat >= 0) & ((entry == 0) & (values <= entries[0]) | (entry == last) | (values == entries[entry]))
    share = (values - low) / np.where(high > low, high - low, 1)
    return np.where(is_flat, flat, above - 1 + share), is_flat


def expose_back(stage: StageBack, u: Floats) -> tuple[Floats, Bools]:
    """Return the scene light (3, n), within a half's range, of lattice coordinates (3, n), and which are of one color
    alone."""
    light, one = (_steps_back if stage.halves is None else _table_back)(stage, u)
    return mixed_back(stage, light, one)


def mixed_back(stage: StageBack, light: Floats, one: Bools) -> tuple[Floats, Bools]:
    """Return scene light of film exposure (3, n), and which of it is of one color, is within a half's range, too."""
    if np.array_equal(stage.film, np.eye(3)):
        return light, one
    scene = reference.transform(stage.film, light)
    return np.clip(scene, -HALF_MAX, HALF_MAX), one & (np.abs(scene) <= HALF_MAX).all(axis=0)


def _table_back(stage: StageBack, u: Floats) -> tuple[Floats, Bools]:
    light, one = np.empty_like(u), np.ones(u.shape[1], np.bool_)
    halves = np.asarray(stage.halves)
    for k, curve in enumerate(stage.steps[0].curves):
        at, is_flat = unbend(curve, u[k])
        light[k] = np.interp(at, np.arange(len(halves)), halves)
        one &= ~is_flat
    return light, one


def _steps_back(stage: StageBack, u: Floats) -> tuple[Floats, Bools]:
    values, one = np.array(u), np.ones(u.shape[1], np.bool_)
    for step in stage.steps:
        for k, curve in enumerate(step.curves, 3 - len(step.curves)):
            at, is_flat = unbend(curve, values[k])
            values[k] = at / (len(curve.entries) - 1)
            one &= ~is_flat
        one &= ((values > HELD) & (values < 1 - HELD)).all(axis=0)
        values = reference.transform(step.back, np.clip(values, 0, 1) - step.offset[:, None])
    low, high = stage.span
    one &= ((values > low + HELD) & (values < high - HELD)).all(axis=0)
    return np.exp2(np.clip(values, low, high)), one
