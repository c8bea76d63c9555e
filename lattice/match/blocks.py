"""A plate and a graded still on one grid of blocks: averages, and how much each block varies inside."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lattice.errors import LatticeError
from lattice.match.plate import Plate
from lattice.types import Array

FINEST, MOST_ALONG = 2, 480  # pixels along a block; blocks along the longer side of a picture
TOGETHER = 1 << 20  # pixels averaged together
OPAQUE = 0.999
CALM = (0.1, 0.6)  # share that a calm block varies by at most: where most blocks are calmer; where half are not
NEAR_BLACK = 0.18 * 2.0**-8  # light that a block's spread counts against where the block is darker
LOCAL = 6  # blocks: detail finer than this tells a shift
LEAST_PEAK = 6.0  # scatters that the best shift's correlation is above all others, else the pictures do not tell one
SURE = 0.65  # pixels: a smaller shift may be none
MOST_SHIFT = 1 / 16  # of the width and height
LEAST_ALONG = 6  # rows and columns of blocks: a strip tells no regions
Mask = NDArray[np.bool_]
Window = tuple[float, float, float, float]  # left, top, right, bottom, as shares of a picture


@dataclass(frozen=True)
class Blocks:
    """A pair on one grid.

    light: (rows, columns, 3), scene-linear. codes: (rows, columns, 3), 0 to 1. Both are NaN where one of them is not
    finite, or not opaque. rough: (rows, columns) how much the light varies in a block and from it to the next, as a
    share. uneven: (rows, columns), the standard deviation of the codes in a block. shift: pixels of the still that its
    content is to the right and below of the plate's.
    """

    light: Array
    codes: Array
    rough: Array
    uneven: Array
    shift: tuple[int, int] = (0, 0)

    @property
    def calm(self) -> Mask:
        """The blocks (rows, columns) bool that vary little, half of those that hold light or more: neither alignment
        nor sharpening nor eight bits matter in them."""
        held = np.isfinite(self.light).all(axis=-1)
        return np.asarray(held & (self.rough <= np.clip(np.median(self.rough[held]), *CALM)))


def blocks_of(plate: Plate, still: Plate) -> Blocks:
    """Return the blocks of a pair, a shift of whole pixels taken into account.

    Raises LatticeError, with both sizes, if the shapes differ by more than a pixel, and if the picture is a strip or no
    block is finite and opaque in both.
    """
    _check_shape(plate, still)
    grid = _grid(min(plate.size, still.size))
    if min(grid) < LEAST_ALONG:
        width, height = still.size
        raise LatticeError(
            f"{still.path}: target: expected {LEAST_ALONG} rows and columns of blocks or more, got {grid[0]} and "
            f"{grid[1]} from {width}x{height} pixels: take a larger part of the frame"
        )
    whole = (0.0, 0.0, 1.0, 1.0)
    found = _blocks(plate, still, grid, whole, whole)
    width, height = still.size
    right, down = shift_of(found.light, found.codes)
    found_at = right * width / grid[1], down * height / grid[0]
    shift = round(found_at[0]), round(found_at[1])
    if max(map(abs, found_at)) < SURE or abs(shift[0]) > width * MOST_SHIFT or abs(shift[1]) > height * MOST_SHIFT:
        return found
    x, y = shift[0] / width, shift[1] / height
    shared = max(0.0, -x), max(0.0, -y), 1 - max(0.0, x), 1 - max(0.0, y)
    moved = shared[0] + x, shared[1] + y, shared[2] + x, shared[3] + y
    aligned = _blocks(plate, still, grid, shared, moved)
    rest = shift_of(aligned.light, aligned.codes)
    return replace(aligned, shift=shift) if max(map(abs, rest)) < 1 else found


def _check_shape(plate: Plate, still: Plate) -> None:
    (width, height), (other_width, other_height) = plate.size, still.size
    if abs(width * other_height / other_width - height) > 1 and abs(other_width * height / width - other_height) > 1:
        raise LatticeError(
            f"{still.path}: target: expected the shape of the source, {width}x{height}, or that in another size, got "
            f"{other_width}x{other_height}; crop it to the same part of the picture"
        )


def _grid(size: tuple[int, int]) -> tuple[int, int]:
    """Return the rows and columns of the blocks."""
    along = max(FINEST, -(-max(size) // MOST_ALONG))
    return max(1, size[1] // along), max(1, size[0] // along)


def _blocks(plate: Plate, still: Plate, grid: tuple[int, int], window: Window, moved: Window) -> Blocks:
    light, scatter = _averaged(plate, grid, window)
    codes, uneven = _averaged(still, grid, moved)
    held = np.isfinite(light).all(axis=-1)
    if not held.any():
        raise LatticeError(f"{plate.path}: source: expected finite, opaque pixels, got none")
    held &= np.isfinite(codes).all(axis=-1)
    if not held.any():
        raise LatticeError(f"{still.path}: target: expected finite, opaque pixels where the source has them, got none")
    light[~held] = codes[~held] = np.nan
    size = np.maximum(np.nan_to_num(light), 0) + NEAR_BLACK
    stops = np.log2(size)
    steps = np.abs(stops - ndimage.uniform_filter(stops, (3, 3, 1), mode="nearest"))
    rough = (scatter / size + steps).max(axis=-1)
    return Blocks(light, np.clip(codes, 0, 1), rough, uneven.max(axis=-1))


def _edges(first: float, last: float, count: int, size: int) -> Array:
    return np.round(np.linspace(first * size, last * size, count + 1)).astype(int)


def _averaged(plate: Plate, grid: tuple[int, int], window: Window) -> tuple[Array, Array]:
    """Return averages and standard deviations (rows, columns, 3) of a picture's blocks."""
    width, height = plate.size
    left, top, right, bottom = window
    across, down = _edges(left, right, grid[1], width), _edges(top, bottom, grid[0], height)
    mean, square = np.empty((2, 3, *grid))
    together = max(1, TOGETHER // ((down[-1] - down[0]) // grid[0] * width + 1))
    for first in range(0, grid[0], together):
        edges = down[first : first + together + 1]
        counts = np.diff(edges)[:, None] * np.diff(across)
        band = plate.rows(slice(edges[0], edges[-1]))[..., across[0] : across[-1]]
        with np.errstate(invalid="ignore", over="ignore"):
            if plate.alpha is not None:
                alpha = plate.alpha[edges[0] : edges[-1], across[0] : across[-1]]
                band = np.where(alpha >= OPAQUE * plate.largest, band, np.float32(np.nan))
            for values, sums in ((band, mean), (band * band, square)):
                lines = np.add.reduceat(values, edges[:-1] - edges[0], axis=1)
                part = np.add.reduceat(lines, across[:-1] - across[0], axis=2, dtype=np.float64)
                sums[:, first : first + together] = part / counts
    with np.errstate(invalid="ignore", over="ignore"):
        scatter = np.sqrt(np.maximum(square - mean**2, 0))
    mean[~np.isfinite(mean)] = np.nan
    return np.moveaxis(mean, 0, -1), np.moveaxis(scatter, 0, -1)


def shift_of(light: Array, codes: Array) -> tuple[float, float]:
    """Return by how many blocks a still's content is to the right of and below the plate's; 0, 0 if they do not tell.

    light, codes: (rows, columns, 3). Source: phase correlation, Kuglin and Hines, 1975; a parabola finds the peak's
    place between blocks.
    """
    held = np.asarray((np.isfinite(light) & np.isfinite(codes)).all(axis=-1))
    inside = ndimage.binary_erosion(held, iterations=LOCAL, border_value=1)
    stops = np.log2(np.maximum(light, 0).sum(axis=-1) + NEAR_BLACK)
    pictures = (np.where(held, each, np.median(each[held])) for each in (stops, codes.sum(axis=-1)))
    one, other = (np.fft.rfft2(np.where(inside, _detail(each), 0)) for each in pictures)
    cross = other * np.conj(one)
    found = np.fft.irfft2(cross / np.maximum(np.abs(cross), 1e-12), stops.shape)
    found = ndimage.gaussian_filter(found, 0.7, mode="wrap")
    row, column = np.unravel_index(found.argmax(), found.shape)
    if found[row, column] < LEAST_PEAK * found.std():
        return 0.0, 0.0
    down, right = (
        _signed(at + _between(np.take(found.take(held, axis=1 - axis), [at - 1, at, at + 1], mode="wrap")), size)
        for axis, (at, held, size) in enumerate(((row, column, found.shape[0]), (column, row, found.shape[1])))
    )
    return right, down


def _detail(picture: Array) -> Array:
    """Return a picture's fine detail, as strong everywhere, that ends softly at its edges."""
    fine = picture - ndimage.gaussian_filter(picture, LOCAL)
    strength = np.sqrt(ndimage.gaussian_filter(fine**2, LOCAL))
    ends = [np.hanning(size + 2)[1:-1] for size in picture.shape]
    return np.asarray(fine / (strength + 0.1 * strength.mean() + 1e-9) * np.multiply.outer(*ends))


def _between(three: Array) -> float:
    bend = three[0] - 2 * three[1] + three[2]
    return float(0.5 * (three[0] - three[2]) / bend) if bend < 0 else 0.0


def _signed(place: float, size: int) -> float:
    return place - size if place > size / 2 else place
