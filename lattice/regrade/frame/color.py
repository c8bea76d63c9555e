"""Grade one color through the SDev: alpha, NaN, infinities and rounding, by the rules of a careful comp."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import DTypeLike, NDArray

from lattice.files.storage.buffers import Room, fresh
from lattice.regrade.options import Nonfinite, Transparent
from lattice.regrade.report import Counts
from lattice.types import HALF_MAX, LatticeError, Pixels

TOGETHER = 1 << 17  # pixels graded together: 32 rows, 800 KB, of a 4K half picture, which a core's cache holds
ROWS = 4  # decoded together, so that float64 takes little memory
Apply = Callable[[Pixels, Pixels], Pixels]  # image, out
Decode = Callable[[Pixels], Pixels]

if TYPE_CHECKING:
    from lattice.sdev import AnySDev
    from lattice.sdev.engines import Engine


def grade_color(
    sdev: AnySDev,
    color: list[Pixels],
    alpha: Pixels | None,
    transparent: Transparent,
    nonfinite: Nonfinite,
    engine: Engine = "auto",
    threads: int | None = None,
    decode: Decode | None = None,
    out: list[Pixels] | None = None,
    room: Room = fresh,
) -> tuple[list[Pixels], Counts]:
    """Grade three channels; the result does not depend on threads or tiles.

    color: red, green, blue, each (H, W) float16 or float32, premultiplied by `alpha`; codes of an input if `decode` is
        given, which returns their light, float32, for (..., 3) of either type.
    alpha: (H, W) float16 or float32; None grades the values as they are. Pixels whose alpha is above 0 and finite are
        divided by it, graded, multiplied. In other pixels RGB = 0 stays as it is, other RGB follows `transparent`.
    engine, threads: as in `SDev.apply`.
    out: three writable arrays like those of `color`, for the result if it can be written there; None: new ones, in
        memory of `room`.
    Returns three (H, W) arrays of the source's dtypes, computed in float32 and rounded once (halves clamped to
    +-65504), and the counts. With "keep" NaN stays the same NaN, and is graded as 0 for the other channels.
    Raises LatticeError if `nonfinite` is "error" and a value is not finite, or as `SDev.apply` does.
    """
    if nonfinite == "error":
        _check_finite(color)
    if alpha is not None and bool((alpha == 1).all()):
        alpha = None
    height = len(color[0])
    step = height if engine == "cuda" else _rows(color[0])
    graded, planes = _places(color, alpha, None if engine == "cuda" else out, room)
    source, counts = None if engine == "cuda" else together(color), Counts()

    def apply(image: Pixels, into: Pixels) -> Pixels:
        return sdev.apply(image if decode is None else _light(image, decode), into, engine=engine, threads=threads)

    for top in range(0, height, step):
        rows = slice(top, top + step)
        band = [channel[rows] for channel in color]
        found = _count(band)  # just before the grade, which finds the rows in the cache
        counts += found
        is_finite = found.nan + found.inf == 0
        if source is not None and isinstance(graded, np.ndarray) and is_finite:
            apply(source[:, rows].transpose(1, 2, 0), graded[:, rows].transpose(1, 2, 0))
            continue
        places = graded[:, rows] if isinstance(graded, np.ndarray) else [channel[rows] for channel in graded]
        clipped = _grade_rows(
            band, None if alpha is None else alpha[rows], transparent, None if is_finite else nonfinite, apply, places
        )
        counts += Counts(clipped=clipped)
    return planes, counts


def _check_finite(color: list[Pixels]) -> None:
    counts = _count(color)
    if counts.nan or counts.inf:
        raise LatticeError(f"color: expected finite values, got {counts.nan} NaN and {counts.inf} infinite")


def _places(
    color: list[Pixels], alpha: Pixels | None, out: list[Pixels] | None, room: Room
) -> tuple[Pixels | list[Pixels], list[Pixels]]:
    """Return what to grade into, one array (3, H, W) if the SDev can write the final dtype in its final place, and its
    planes."""
    shape, types = color[0].shape, {channel.dtype for channel in color}
    if alpha is not None or len(types) > 1:
        planes = [np.empty(shape, channel.dtype) for channel in color] if out is None else out
        return planes, planes
    whole = None if out is None else together(out)
    if out is not None and whole is not None:
        return whole, out
    dtype = types.pop()
    whole = room(3 * shape[0] * shape[1] * dtype.itemsize).view(dtype).reshape(3, *shape)
    return whole, list(whole)


def together(planes: list[Pixels]) -> Pixels | None:
    """Return three planes (H, W) as a view (3, H, W); None unless they are at even distances in one memory."""
    first, second, third = planes
    places = [plane.__array_interface__["data"][0] for plane in planes]
    step = places[1] - places[0]
    is_one = first.base is not None and first.base is second.base is third.base
    if not is_one or places[2] - places[1] != step or len({(p.dtype, p.strides) for p in planes}) > 1:
        return None
    return np.lib.stride_tricks.as_strided(first, (3, *first.shape), (step, *first.strides))


def _grade_rows(
    color: list[Pixels],
    alpha: Pixels | None,
    transparent: Transparent,
    nonfinite: Nonfinite | None,
    apply: Apply,
    out: Pixels | list[Pixels],
) -> int:
    """Grade some rows into `out`; return how many values were clamped.

    nonfinite: None if every value is finite. out: three planes; the SDev writes directly into a single array of them.
    """
    dtype = out.dtype if isinstance(out, np.ndarray) else np.float32
    image = _planes(color[0].shape, dtype)
    for i, channel in enumerate(color):
        image[..., i] = channel
    nan = None if nonfinite is None else np.isnan(image)
    if nan is not None:
        image[nan] = 0
    if nonfinite == "zero":
        image[np.isinf(image)] = 0
    kept = own = None
    clipped = 0
    if isinstance(out, np.ndarray):
        apply(image if nonfinite is None else _bounded(image), out.transpose(1, 2, 0))
    elif alpha is None:
        image = image if nonfinite is None else _bounded(image)
        clipped = _round(apply(image, image), out)
    else:
        graded, kept, own = _grade_premultiplied(image, alpha.astype(np.float32), transparent, apply)
        clipped = _round(graded, out)
    for i, channel in enumerate(out):
        if kept is not None and own is not None:
            channel[kept] = own[:, i]
        if nan is not None and nonfinite == "keep":
            channel[nan[..., i]] = color[i][nan[..., i]]
    return clipped


def _light(codes: Pixels, decode: Decode) -> Pixels:
    light = _planes(codes.shape[:2], np.float32)
    for top in range(0, len(codes), ROWS):
        light[top : top + ROWS] = decode(codes[top : top + ROWS])
    return light


def _planes(shape: tuple[int, ...], dtype: DTypeLike) -> Pixels:
    """Return an empty (H, W, 3) picture with planar channels, as in files: copying channels in and out is fast."""
    return np.empty((3, *shape), dtype).transpose(1, 2, 0)


def _count(color: list[Pixels]) -> Counts:
    """Count unusual values by their bits, a few rows at a time, so that they stay in the cache."""
    total, step = Counts(), _rows(color[0])
    for channel in color:
        infinite = np.array(np.inf, channel.dtype).view(_bits(channel))
        for top in range(0, len(channel), step):
            bits = channel[top : top + step].view(_bits(channel))
            if bits.max() < infinite:  # the sign is the highest bit: no unusual value, as in most rows
                continue
            size, sign = bits & (_sign(channel) - 1), bits >= _sign(channel)
            total += Counts(
                int(np.count_nonzero(size > infinite)),
                int(np.count_nonzero(size == infinite)),
                int(np.count_nonzero(sign & (size < infinite) & (size > 0))),
            )
    return total


def _rows(channel: Pixels) -> int:
    return max(1, TOGETHER // channel.shape[1])


def _bits(channel: Pixels) -> np.dtype[np.unsignedinteger]:
    return np.dtype(f"u{channel.dtype.itemsize}")


def _sign(channel: Pixels) -> np.unsignedinteger:
    return _bits(channel).type(1 << 8 * channel.dtype.itemsize - 1)


def _bounded(image: Pixels) -> Pixels:
    """Make infinities finite in place, so that the input matrix does not turn them to NaN."""
    if not np.isfinite(image).all():
        image[np.isposinf(image)] = HALF_MAX
        image[np.isneginf(image)] = 0
    return image


def _grade_premultiplied(
    image: Pixels, alpha: NDArray[np.float32], transparent: Transparent, apply: Apply
) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.float32]]:
    """Return the graded image, the mask (H, W) of pixels that keep their source values, and those values (n, 3).

    Divides `image` in place, by channel: an inner loop of three is slow.
    """
    covered = (alpha > 0) & np.isfinite(alpha)
    kept = ~covered
    if transparent != "keep":
        kept[~covered] = ~image[~covered].any(axis=-1)
    own = image[kept]
    divisor = np.where(covered, alpha, np.float32(1))
    with np.errstate(over="ignore"):  # a bright value over a tiny alpha: _bounded makes it finite
        for i in range(3):
            image[..., i] /= divisor
    graded: NDArray[np.float32] = apply(_bounded(image), image)
    for i in range(3):
        graded[..., i] *= divisor
    if transparent == "zero":
        graded[~covered] = 0
    return graded, kept, own


def _round(graded: NDArray[np.float32], out: list[Pixels]) -> int:
    """Write each channel to `out` in its dtype; return how many values were clamped to fit a half."""
    clipped = 0
    for i, rounded in enumerate(out):
        channel = graded[..., i]
        if rounded.dtype == np.float16 and _exceeds(channel):
            clipped += int(np.count_nonzero(np.abs(channel) > HALF_MAX))
            channel = np.clip(channel, -HALF_MAX, HALF_MAX)
        rounded[...] = channel
    return clipped


def _exceeds(channel: NDArray[np.float32]) -> bool:
    """True if a value is beyond half's range."""
    return bool(max(channel.max(), -channel.min()) > HALF_MAX)
