"""The NumPy engine: the definition of what an SDev computes. It runs everywhere.

Colors are in planes (3, n), one contiguous row per channel, a few thousand pixels at a time so that a block stays in
the cache. Every function computes in the dtype of its planes: float32 for images, float64 to judge the other engines.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike, NDArray

from lattice.types import HALF_MAX, Display, FilmStage, Interpolation, Pixels, SDevData

Floats = Pixels
BLOCK = 16384  # pixels: 3 planes of float32 are 196 KB, half of a core's second-level cache
# A half has 13 mantissa bits fewer than a float32, and an exponent bias of 15 instead of 127.
HALF_SHIFT, HALF_REBIAS, HALF_MASK = 13, (127 - 15) << 23, (1 << 13) - 1
HALF_SMALLEST_NORMAL, HALF_SUBNORMALS = np.float32(2.0**-14), np.float32(2.0**24)
FLOAT_SIZE, FLOAT_INFINITY, NEGATIVE_HALVES = 0x7FFFFFFF, 0x7F800000, 0x8000
LARGEST = int(np.float32(HALF_MAX).view(np.int32))
NAN_PLACE = (0x7E00 << HALF_SHIFT) + HALF_REBIAS  # bits of the float that stands where the half NaN 0x7E00 does


def transform(matrix: NDArray[np.float64], planes: Floats) -> Floats:
    """Multiply planes (3, n) by a 3x3 matrix, summed left to right so that the bits do not depend on n."""
    m = matrix.astype(planes.dtype)
    return np.stack([m[k, 0] * planes[0] + m[k, 1] * planes[1] + m[k, 2] * planes[2] for k in range(3)])


def look_up_half(columns: NDArray[np.float32], bits: NDArray[np.uint16]) -> Floats:
    """Return the exact table entries (3, n) of float16 pixels. columns: (3, 65536). bits: (3, n), the pixels' bits."""
    return np.stack([columns[k].take(bits[k]) for k in range(3)])


def look_up(columns: NDArray[np.float32], planes: Floats) -> Floats:
    """Return the table values (3, n) of float pixels (3, n), linear between the two neighbouring halves of their sign.

    columns: (3, 65536). Values beyond +-65504 take the entry of that, NaN that of 0x7E00. 0 and -0 take their own.
    """
    bits = planes.astype(np.float32, copy=False).view(np.int32)
    size, side = bits & FLOAT_SIZE, (bits >> 16) & NEGATIVE_HALVES
    unknown = size > FLOAT_INFINITY
    np.minimum(size, LARGEST, out=size)
    if unknown.any():
        size[unknown], side[unknown] = NAN_PLACE, 0
    x, above = size.view(np.float32), size - HALF_REBIAS
    index, share = above >> HALF_SHIFT, (above & HALF_MASK).astype(planes.dtype) / (HALF_MASK + 1)
    small = x < HALF_SMALLEST_NORMAL
    if small.any():
        index[small] = (x[small] * HALF_SUBNORMALS).astype(np.int32)
        share[small] = x[small] * HALF_SUBNORMALS - index[small]
    index += side
    found = np.empty_like(planes)
    for k in range(3):
        low = columns[k].take(index[k], mode="clip")
        found[k] = low + share[k] * (columns[k].take(index[k] + 1, mode="clip") - low)
    return found


def bend(curve: NDArray[np.float32], x: Floats) -> Floats:
    """Return a curve's values at x (n,) in [0, 1]: linear between its evenly spaced entries (n,)."""
    last = len(curve) - 1
    position = x * x.dtype.type(last)
    entry = np.minimum(position.astype(np.int32), last - 1)
    low, high = curve[entry].astype(x.dtype), curve[entry + 1].astype(x.dtype)
    return low + (position - entry.astype(x.dtype)) * (high - low)


def expose(stage: FilmStage, planes: Floats) -> Floats:
    """Return the lattice coordinates (3, n) that a film stage gives scene light (3, n)."""
    held = np.fmin(np.fmax(planes, planes.dtype.type(stage.floor)), planes.dtype.type(HALF_MAX))
    planes = np.log2(held)
    for step in stage.steps:
        offset = step.matrix[:, 3:].astype(planes.dtype)
        planes = np.clip(transform(step.matrix[:, :3], planes) + offset, 0, 1)
        curves = () if step.curves is None else step.curves
        for k, curve in enumerate(curves, 3 - len(curves)):
            planes[k] = bend(curve, planes[k])
    return planes


def find_cell(u: Floats, size: int) -> tuple[NDArray[np.intp], Floats]:
    """Find the cells of u (3, n) in [0, 1]: index (n,) of the corner node nearest 0, position in the cell (3, n)."""
    position = u * u.dtype.type(size - 1)
    corner = np.minimum(position.astype(np.int32), size - 2)
    number = (corner[0] * size + corner[1]) * size + corner[2]
    return number.astype(np.intp), position - corner.astype(u.dtype)


def trilinear(nodes: Floats, u: Floats, size: int) -> Floats:
    """Interpolate nodes (3, size**3) trilinearly at u (3, n) in [0, 1], along b, then g, then r. Returns (3, n)."""
    number, (r, g, b) = find_cell(u, size)
    values = np.empty_like(u)
    for k in range(3):
        edge = []
        for offset in (0, size, size * size, size * size + size):
            low = nodes[k].take(number + offset, mode="clip")
            edge.append(low + b * (nodes[k].take(number + (offset + 1), mode="clip") - low))
        near, far = edge[0] + g * (edge[1] - edge[0]), edge[2] + g * (edge[3] - edge[2])
        values[k] = near + r * (far - near)
    return values


def tetrahedral(nodes: Floats, u: Floats, size: int) -> Floats:
    """Interpolate nodes (3, size**3) tetrahedrally at u (3, n) in [0, 1]. Returns (3, n).

    The path goes from the near corner to the far one, along the axis of the largest position in the cell first; in a
    tie every order gives the same value.
    """
    number, (r, g, b) = find_cell(u, size)
    most, least = np.maximum(np.maximum(r, g), b), np.minimum(np.minimum(r, g), b)
    middle = np.maximum(np.minimum(r, g), np.minimum(np.maximum(r, g), b))
    to_far = size * size + size + 1
    first = np.where(r == most, size * size, np.where(g == most, size, 1))
    last = np.where(b == least, 1, np.where(g == least, size, size * size))
    path = (number, number + first, number + (to_far - last), number + to_far)
    values = np.empty_like(u)
    for k in range(3):
        corner = [nodes[k].take(step, mode="clip") for step in path]
        small = middle * (corner[2] - corner[1]) + least * (corner[3] - corner[2])
        values[k] = corner[0] + (most * (corner[1] - corner[0]) + small)  # small steps first: the value is rounded once
    return values


METHODS = {"trilinear": trilinear, "tetrahedral": tetrahedral}


def show(display: Display, values: Floats) -> Floats:
    """Convert lattice values (3, n) to code values in [0, 1]: exponent, 3x3, clip, gamma. Values below 0 count as 0."""
    held = np.maximum(values, 0)
    linear = held * held * held if display.exponent == 3 else held ** values.dtype.type(display.exponent)
    return display.encode(transform(display.matrix, linear), axis=0)


def coordinates(device: SDevData, columns: Floats, pixels: Floats, dtype: DTypeLike) -> Floats:
    """Return the lattice coordinates (3, n) of pixels (n, 3) of float16 or float32, in `dtype`.

    columns: the table, (3, 65536); not used for a FilmStage. Before an input matrix NaN counts as 0, and values are
    clipped to -65504 to 65504.
    """
    has_stage, is_plain = isinstance(device.table, FilmStage), np.array_equal(device.matrix, np.eye(3))
    if pixels.dtype == np.float16 and is_plain and not has_stage:
        entries = look_up_half(columns, np.ascontiguousarray(pixels.T).view(np.uint16))
        return np.clip(entries, 0, 1, out=entries).astype(dtype, copy=False)
    planes = np.ascontiguousarray(pixels.T, dtype=dtype)
    if not is_plain:
        finite = np.clip(np.nan_to_num(planes, nan=0.0), -HALF_MAX, HALF_MAX)  # inf - inf would be NaN
        planes = transform(device.matrix, finite)
    if isinstance(device.table, FilmStage):
        return expose(device.table, planes)
    values = look_up(columns, planes)
    return np.clip(values, 0, 1, out=values)


def run_block(
    device: SDevData, interpolation: Interpolation, columns: Floats, nodes: Floats, pixels: Floats, dtype: DTypeLike
) -> Floats:
    """Apply the whole SDev to pixels (n, 3) of float16 or float32; return code values (3, n) of `dtype`.

    columns: as for `coordinates`. nodes: (3, size**3) of `dtype`.
    """
    u = coordinates(device, columns, pixels, dtype)
    return show(device.display, METHODS[interpolation](nodes, u, device.lattice.size))


def columns_of(device: SDevData) -> Floats:
    """Return the table's columns (3, 65536), contiguous; empty for a FilmStage."""
    values = np.empty((0, 3), np.float32) if isinstance(device.table, FilmStage) else device.table.values
    return np.ascontiguousarray(values.T)


def apply(
    device: SDevData, image: Floats, out: Floats, interpolation: Interpolation, dtype: DTypeLike = np.float32
) -> None:
    """Apply an SDev to an image.

    image: (H, W, 3 or 4) float16 or float32, any strides. out: the same shape, float16, float32 or float64; may be
    `image` itself. Alpha is copied. dtype: of the computation. The arguments are not checked.
    """
    height, width = image.shape[:2]
    columns = columns_of(device)
    nodes = np.ascontiguousarray(device.lattice.nodes.reshape(-1, 3).T, dtype=dtype)
    rows = max(1, BLOCK // max(width, 1))
    for top in range(0, height, rows):
        for left in range(0, width, BLOCK):
            area = (slice(top, top + rows), slice(left, left + BLOCK))
            block = image[area]
            shown = run_block(device, interpolation, columns, nodes, block[..., :3].reshape(-1, 3), dtype)
            out[area][..., :3] = shown.T.reshape(*block.shape[:2], 3)
            out[area][..., 3:] = block[..., 3:]
