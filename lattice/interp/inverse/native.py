"""The inverse in the compiled library: the same answers as `search.py`, `surface.py` and `stage.py`, faster."""

from __future__ import annotations

from ctypes import CDLL, POINTER, Structure, byref, c_double, c_int, c_ssize_t, c_void_p, sizeof

import numpy as np
from numpy.typing import NDArray

from lattice.interp import native
from lattice.interp.inverse.cell import Floats
from lattice.interp.inverse.plan import GRID, Plan
from lattice.interp.inverse.stage import CurveBack, StageBack
from lattice.types import LatticeError

LAYOUT = 1000  # above the sizes of structs: packs them in one number, as inverse.cpp does
Bools = NDArray[np.bool_]


class _Search(Structure):
    _fields_ = [
        *((name, c_void_p) for name in ("nodes", "boxes", "sides", "starts", "reached", "values", "places", "found")),
        ("work", c_void_p),
        ("count", c_ssize_t),
        ("frame", c_double * 9),
        ("origin", c_double * 3),
        ("scale", c_double * 3),
        ("margin", c_double),
        ("near", c_double),
        *((name, c_int) for name in ("size", "levels", "grid", "by_tetrahedra")),
    ]


class _Curve(Structure):
    _fields_ = [
        *((name, c_void_p) for name in ("entries", "buckets", "flat")),
        ("count", c_int),
        ("parts", c_int),
        ("first", c_double),
        ("gain", c_double),
    ]


class _StepBack(Structure):
    _fields_ = [("curve", _Curve * 3), ("back", c_double * 9), ("offset", c_double * 3), ("curves", c_int)]


class _Exposure(Structure):
    _fields_ = [
        ("steps", POINTER(_StepBack)),
        *((name, c_void_p) for name in ("halves", "planes", "found")),
        ("count", c_ssize_t),
        ("least", c_double),
        ("most", c_double),
        ("count_of_steps", c_int),
    ]


def library() -> CDLL | None:
    """Return the compiled library; None without one.

    Raises LatticeError if one is asked for by the environment and is not there, or is of another version.
    """
    found = native.library()
    if found is not None and found.lattice_inverse_layout() != _layout():
        raise LatticeError("the native library was compiled for another version of lattice: install again")
    return found


def _layout() -> int:
    return sizeof(_Search) + LAYOUT * sizeof(_StepBack) + sizeof(_Exposure)


class NativeSearch:
    """A plan as the library takes it; owns the arrays that the struct points to."""

    def __init__(self, plan: Plan, into: CDLL) -> None:
        self.plan, self.run = plan, into.lattice_invert
        self.boxes, self.sides = (
            np.concatenate([level.reshape(-1, 6) for level in levels]) for levels in (plan.boxes, plan.sides)
        )
        self.starts = np.ascontiguousarray(plan.starts)

    def __call__(self, values: Floats, work: NDArray[np.int32] | None = None) -> tuple[Floats, Bools]:
        """Return the places (3, m), counted in cells, of values (3, m), and which are the values' own.

        work: (m,), gets how many boxes, cells and faces were looked in for each value.
        """
        plan, values = self.plan, np.ascontiguousarray(self.plan.held(values))
        places, found = np.empty_like(values), np.empty(values.shape[1], np.bool_)
        search = _Search(
            *(
                each.ctypes.data
                for each in (plan.nodes, self.boxes, self.sides, self.starts, plan.is_reached, values, places, found)
            ),
            None if work is None else work.ctypes.data,
            values.shape[1],
            (c_double * 9)(*plan.frame.ravel()),
            (c_double * 3)(*plan.origin),
            (c_double * 3)(*plan.scale),
            plan.margin,
            plan.near,
            plan.size,
            len(plan.boxes),
            GRID,
            plan.is_tetrahedral,
        )
        self.run(byref(search))
        return places, found


def _curve(curve: CurveBack) -> _Curve:
    arrays = (curve.entries, curve.buckets, curve.flat)
    parts = len(curve.buckets) - 2
    return _Curve(*(each.ctypes.data for each in arrays), len(curve.entries), parts, curve.first, curve.gain)


class NativeStage:
    """A stage as the library takes it."""

    def __init__(self, stage: StageBack, into: CDLL) -> None:
        self.stage, self.run = stage, into.lattice_expose_back
        self.steps = (_StepBack * len(stage.steps))(
            *(
                _StepBack(
                    (_Curve * 3)(*map(_curve, step.curves)),
                    (c_double * 9)(*step.back.ravel()),
                    (c_double * 3)(*step.offset),
                    len(step.curves),
                )
                for step in stage.steps
            )
        )

    def __call__(self, u: Floats) -> tuple[Floats, Bools]:
        """Return the light (3, n) of coordinates (3, n), before the input matrix, and which are of one color alone."""
        light, one = np.array(u, np.float64, order="C"), np.ones(u.shape[1], np.bool_)
        halves = None if self.stage.halves is None else self.stage.halves.ctypes.data
        exposure = _Exposure(
            self.steps, halves, light.ctypes.data, one.ctypes.data, u.shape[1], *self.stage.span, len(self.steps)
        )
        self.run(byref(exposure))
        return light, one
