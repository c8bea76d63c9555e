"""The curves of an ICC profile: tables, powers, and parametric curves. All are over [0, 1] and held to it.

Source: ICC.1:2010 (profile version 4.3): curveType 10.5, parametricCurveType 10.15.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lattice.errors import LatticeError
from lattice.files.luts.icc_profile import fixed
from lattice.process_list import Knots, Lut1D, Node

LARGEST_CODE = 65535
EIGHTHS = 256  # of a power in a curve of one number: u8Fixed8
COUNTS = (1, 3, 4, 5, 7)  # numbers of a parametric curve, by its function type
POINTS = 4096  # of a power that straight lines join: within 2e-6 of powers from 1/2.4 to 4, above 1e-8
CUBIC = 3  # power of the spacing of the points, which are dense where a power below 1 is steep
Numbers = tuple[float, ...]


@dataclass(frozen=True)
class Curve:
    """One of three. table: entries (n,) float32 over [0, 1]. numbers: g, a, b, c, d, e, f of a parametric curve,
    (a x + b)^g + e from x = d on, c x + f below. Neither: the identity. size: its bytes in the file."""

    size: int
    table: NDArray[np.float32] | None = None
    numbers: Numbers = field(default=())
    kind: int = 0

    @property
    def is_identity(self) -> bool:
        """True if values pass as they are."""
        return self.table is None and not self.numbers

    def at(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return a parametric curve at x (n,), held to [0, 1]."""
        g, a, b, c, d, e, f = self.numbers
        with np.errstate(over="ignore"):
            return np.clip(np.where(x >= d, np.maximum(a * x + b, 0) ** g + e, c * x + f), 0, 1)


def read(data: bytes, start: int = 0) -> Curve:
    """Return the curve that begins at a byte of a tag. Raises LatticeError if it is no curve, cut short, or its power
    or the factor before it is not above 0."""
    if len(data) < start + 12:
        raise LatticeError(f"expected a curve at byte {start:,} of a tag, got {len(data):,} bytes")
    kind, (count,) = data[start : start + 4], struct.unpack_from(">I", data, start + 8)
    if kind == b"para":
        return _parametric(data, start, count >> 16)
    if kind != b"curv":
        raise LatticeError(f"expected a curve, curv or para, got {kind.decode('latin-1')!a}")
    end = start + 12 + 2 * count
    if end > len(data):
        raise LatticeError(f"expected a curve of {count:,} entries, got a tag cut short at byte {len(data):,}")
    codes = np.frombuffer(data, ">u2", count, start + 12)
    if count == 1:
        return _power(end - start, 0, (int(codes[0]) / EIGHTHS, 1, 0, 0, 0, 0, 0))
    return Curve(end - start, to_values(codes) if count else None)


def to_values(codes: NDArray[np.integer]) -> NDArray[np.float32]:
    """Return codes of 8 or 16 bits as values."""
    return codes.astype(np.float32) / np.float32(np.iinfo(codes.dtype).max)


def _parametric(data: bytes, start: int, kind: int) -> Curve:
    if kind >= len(COUNTS):
        raise LatticeError(f"expected a parametric curve of type 0 to {len(COUNTS) - 1}, got {kind}")
    g, *others = fixed(data, start + 12, COUNTS[kind]).tolist()
    a, b, *line = others or (1.0, 0.0)
    if a <= 0:
        raise LatticeError(f"expected a parametric curve that rises, got a of {a:g}")
    if kind == 0:
        line = [0.0] * 4
    elif kind in (1, 2):
        level = line[0] if line else 0.0
        line = [0.0, -b / a, level, level]
    line += [0.0] * (4 - len(line))
    return _power(12 + 4 * COUNTS[kind], kind, (g, a, b, *line))


def _power(size: int, kind: int, numbers: Numbers) -> Curve:
    if numbers[0] <= 0:
        raise LatticeError(f"expected a curve whose power is above 0, got {numbers[0]:g}")
    return Curve(size, None, numbers, kind)


def node(curves: Sequence[Curve]) -> list[Node]:
    """Return the node of three channels' curves: a Lut1D if all are tables of one length, else Knots; none if all are
    the identity."""
    if all(curve.is_identity for curve in curves):
        return []
    tables = [curve.table for curve in curves if curve.table is not None]
    if len(tables) == len(curves) and len({len(table) for table in tables}) == 1:
        return [Lut1D(np.stack(tables, axis=1))]
    x, y = zip(*map(_points, curves), strict=True)
    return [Knots((x[0], x[1], x[2]), (y[0], y[1], y[2]))]


def _points(curve: Curve) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return points that join to a curve by straight lines."""
    if curve.table is not None:
        return np.linspace(0, 1, len(curve.table)), curve.table.astype(np.float64)
    if curve.is_identity:
        return np.arange(2.0), np.arange(2.0)
    start = min(max(curve.numbers[4], 0.0), 1.0)  # of the power
    x = start + (1 - start) * np.linspace(0, 1, POINTS) ** CUBIC
    x = np.unique(np.concatenate([[0.0, max(np.nextafter(start, 0), 0.0)], x, [1.0]]))
    return x, curve.at(x)
