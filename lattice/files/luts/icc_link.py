"""The tables of an ICC device link from RGB to RGB: the types lut8, lut16 and lutAToB.

Source: ICC.1:2010 (profile version 4.3): 10.8, 10.9, 10.10.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lattice.errors import LatticeError
from lattice.files.luts import icc_curves
from lattice.files.luts.icc_curves import LARGEST_CODE, Curve
from lattice.files.luts.icc_profile import fixed
from lattice.process_list import MOST_SIZE, Lut1D, Lut3D, Matrix, Node, Range

LUT8, LUT16, A_TO_B = b"mft1", b"mft2", b"mAB "
CHANNELS = 3
LUT8_ENTRIES = 256
LEAST_ENTRIES, MOST_ENTRIES = 2, 4096  # of the curves of LUT16
MATRIX, TABLES = 12, 48  # bytes of LUT8 and LUT16 where these begin; two numbers of LUT16 are between
A_TO_B_BYTES = 32
GRID_AXES = 16  # bytes of the sizes of A_TO_B's grid
IDENTITY = np.eye(3)
PLAIN_CURVE = np.repeat([[0], [LARGEST_CODE]], CHANNELS, axis=1)  # (2, 3), the identity


def nodes(data: bytes) -> list[Node]:
    """Return the nodes of a tag A2B0. Curves that are the identity, in two entries or in all of LUT8, are left out.

    Raises LatticeError if it has other than 3 channels, an axis that is longer than another, or bytes are missing.
    """
    if len(data) < (A_TO_B_BYTES if data[:4] == A_TO_B else TABLES + 4):
        raise LatticeError(f"expected a table of a device link, got a tag of {len(data):,} bytes")
    if data[8] != CHANNELS or data[9] != CHANNELS:
        raise LatticeError(f"expected {CHANNELS} channels in and out, got {data[8]} and {data[9]}")
    return _elements(data) if data[:4] == A_TO_B else _tables(data)


def _tables(data: bytes) -> list[Node]:
    """Return the nodes of a LUT8 or LUT16: a matrix, curves, the grid, curves."""
    is_wide, size = data[:4] == LUT16, data[10]
    ends = struct.unpack_from(">2H", data, TABLES) if is_wide else (LUT8_ENTRIES, LUT8_ENTRIES)
    if not all(LEAST_ENTRIES <= count <= MOST_ENTRIES for count in ends):
        raise LatticeError(f"expected curves of {LEAST_ENTRIES} to {MOST_ENTRIES:,} entries, got {ends[0]}, {ends[1]}")
    _check_size([size] * CHANNELS)
    start, counts = TABLES + 4 * is_wide, [CHANNELS * ends[0], CHANNELS * size**3, CHANNELS * ends[1]]
    codes = _codes(data, start, sum(counts), ">u2" if is_wide else "u1")
    before, grid, behind = np.split(codes, np.cumsum(counts)[:-1])
    matrix = fixed(data, MATRIX, 9).reshape(3, 3)
    first: list[Node] = [] if (matrix == IDENTITY).all() else [Matrix(matrix)]
    return [*first, *_curve(before), Lut3D(_cube(grid, size)), *_curve(behind)]


def _check_size(sizes: list[int]) -> None:
    if len(set(sizes)) > 1 or not 2 <= sizes[0] <= MOST_SIZE:
        raise LatticeError(f"expected a grid of three equal sizes from 2 to {MOST_SIZE}, got {sizes}")


def _codes(data: bytes, start: int, count: int, kind: str) -> NDArray[np.integer]:
    stored = np.dtype(kind)
    if start + count * stored.itemsize > len(data):
        raise LatticeError(f"expected {count:,} numbers of a table, got a tag cut short at byte {len(data):,}")
    return np.frombuffer(data, stored, count, start)


def _cube(codes: NDArray[np.integer], size: int) -> NDArray[np.float32]:
    return icc_curves.to_values(codes).reshape(size, size, size, CHANNELS)


def _curve(codes: NDArray[np.integer]) -> list[Node]:
    """Return the Lut1D of curves one behind the other."""
    curves, largest = codes.reshape(CHANNELS, -1), np.iinfo(codes.dtype).max
    last = curves.shape[1] - 1
    if last in (1, largest) and (curves == np.arange(last + 1) * (largest // last)).all():
        return []
    return [Lut1D(icc_curves.to_values(codes).reshape(CHANNELS, -1).T)]


def _elements(data: bytes) -> list[Node]:
    """Return the nodes of an A_TO_B: A curves and the grid, M curves and the matrix, each pair if it is there, and B
    curves."""
    b, matrix, m, grid, a = struct.unpack_from(">5I", data, 12)
    if not b or bool(matrix) != bool(m) or bool(grid) != bool(a):
        raise LatticeError("expected B curves, and M curves with a matrix and A curves with a grid, got one of a pair")
    found: list[Node] = []
    if grid:
        found += [*icc_curves.node(list(_curves(data, a))), Lut3D(_grid(data, grid))]
    if matrix:
        numbers = fixed(data, matrix, 12)
        columns = np.column_stack([numbers[:9].reshape(3, 3), numbers[9:]])
        found += [*icc_curves.node(list(_curves(data, m))), Matrix(columns), Range(0, 1)]
    return found + icc_curves.node(list(_curves(data, b)))


def _curves(data: bytes, start: int) -> Iterator[Curve]:
    for _ in range(CHANNELS):
        curve = icc_curves.read(data, start)
        yield curve
        start += curve.size + -curve.size % 4


def _grid(data: bytes, start: int) -> NDArray[np.float32]:
    front = data[start : start + GRID_AXES + 4]
    if len(front) < GRID_AXES + 4 or front[GRID_AXES] not in (1, 2):
        raise LatticeError("expected a grid of numbers of 1 or 2 bytes, got another")
    _check_size(list(front[:CHANNELS]))
    size, kind = front[0], "u1" if front[GRID_AXES] == 1 else ">u2"
    return _cube(_codes(data, start + GRID_AXES + 4, CHANNELS * size**3, kind), size)


def lut16(before: NDArray[np.integer], cube: NDArray[np.integer], behind: NDArray[np.integer]) -> bytes:
    """Return a tag of type LUT16, of codes of 16 bits: curves (n, 3), nodes (size, size, size, 3), curves (m, 3)."""
    numbers = np.round(IDENTITY * 65536).astype(">i4").tobytes()
    front = LUT16 + bytes(4) + struct.pack(">3Bx", CHANNELS, CHANNELS, len(cube)) + numbers
    tables = [before.T.ravel(), cube.ravel(), behind.T.ravel()]
    codes = np.concatenate(tables).astype(">u2").tobytes()
    return front + struct.pack(">2H", len(before), len(behind)) + codes
