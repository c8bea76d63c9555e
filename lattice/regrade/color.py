"""One color through the device: alpha, NaN, infinities and rounding, by the rules of a careful comp."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lattice.regrade.records import Counts, Nonfinite, Transparent
from lattice.types import HALF_MAX, LatticeError

ROWS = 64  # looked at together: of a 4K half channel half a megabyte, which a core's cache holds
HALF_INFINITY = 0x7C00  # its bits

if TYPE_CHECKING:
    from lattice.sdev import SDev
    from lattice.sdev.engines import Engine


def grade_color(sdev: SDev, color: list[NDArray[Any]], alpha: NDArray[Any] | None,
                transparent: Transparent, nonfinite: Nonfinite,
                engine: Engine = "auto") -> tuple[list[NDArray[Any]], Counts]:
    """Grade three channels; the result does not depend on threads or tiles.

    color: red, green, blue, each (H, W) float16 or float32, premultiplied by `alpha`.
    alpha: (H, W) float16 or float32; None grades the values as they are. Where it is above 0 and finite, color is
        divided by it, graded, multiplied. Elsewhere RGB = 0 stays as it is, other RGB goes by `transparent`.
    engine: what `SDev.apply` calls it.
    Returns three (H, W) arrays of the types that came, computed in float32 and rounded once (halves clamped to
    +-65504), and the counts. NaN, under "keep", stays the NaN it was, and is graded as 0 for the other channels.
    Raises LatticeError where `nonfinite` is "error" and a value is not finite.
    """
    unpremultiply = alpha is not None and not bool((alpha == 1).all())
    exact = not unpremultiply and all(channel.dtype == np.float16 for channel in color)
    image = np.stack(color, axis=-1, dtype=np.float16 if exact else np.float32, casting="same_kind")
    counts = _count(color)
    nan = np.isnan(image) if counts.nan else None
    if nonfinite == "error" and (counts.nan or counts.inf):
        raise LatticeError(f"color: expected finite values, got {counts.nan} NaN and {counts.inf} infinite")
    if nan is not None:
        image[nan] = 0
    if counts.inf and nonfinite == "zero":
        image[np.isinf(image)] = 0
    kept = own = None
    if alpha is None or not unpremultiply:
        graded = sdev.apply(_bounded(image) if counts.inf else image, engine=engine)
    else:
        graded, kept, own = _grade_premultiplied(sdev, image, alpha.astype(np.float32), transparent, engine)
    channels, clipped = _rounded(graded, [channel.dtype for channel in color])
    for i, channel in enumerate(channels):
        if kept is not None and own is not None:
            channel[kept] = own[:, i]
        if nan is not None and nonfinite == "keep":
            channel[nan[..., i]] = color[i][nan[..., i]]
    return channels, counts + Counts(clipped=clipped)


def _count(color: list[NDArray[Any]]) -> Counts:
    """Odd values, told by their bits, a few rows at a time so that they are looked at where they are fast."""
    total = Counts()
    for channel in color:
        infinite = np.array(np.inf, channel.dtype).view(_bits(channel))
        for top in range(0, len(channel), ROWS):
            bits = channel[top:top + ROWS].view(_bits(channel))
            if bits.max() < infinite:  # the sign is the highest bit: nothing odd, as in most rows
                continue
            size, sign = bits & (_sign(channel) - 1), bits >= _sign(channel)
            total += Counts(int(np.count_nonzero(size > infinite)), int(np.count_nonzero(size == infinite)),
                            int(np.count_nonzero(sign & (size < infinite) & (size > 0))))
    return total


def _bits(channel: NDArray[Any]) -> np.dtype[Any]:
    return np.dtype(f"u{channel.dtype.itemsize}")


def _sign(channel: NDArray[Any]) -> Any:
    return _bits(channel).type(1 << 8 * channel.dtype.itemsize - 1)


def _bounded(image: NDArray[Any]) -> NDArray[Any]:
    """Infinities made finite in place, so that the input matrix does not turn them to NaN."""
    if not np.isfinite(image).all():
        image[np.isposinf(image)] = HALF_MAX
        image[np.isneginf(image)] = 0
    return image


def _grade_premultiplied(sdev: SDev, image: NDArray[Any], alpha: NDArray[np.float32], transparent: Transparent,
                         engine: Engine) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.float32]]:
    """The graded image, where (H, W) the source's own values stand instead, and those values (n, 3).

    Divides `image` in place, by channel: an inner loop of three is slow.
    """
    covered = (alpha > 0) & np.isfinite(alpha)
    kept = ~covered
    if transparent != "keep":
        kept[~covered] = ~image[~covered].any(axis=-1)
    own = image[kept]
    divisor = np.where(covered, alpha, np.float32(1))
    with np.errstate(over="ignore"):  # a bright value over a tiny alpha: _bounded takes it to the end
        for i in range(3):
            image[..., i] /= divisor
    graded: NDArray[np.float32] = sdev.apply(_bounded(image), engine=engine)
    for i in range(3):
        graded[..., i] *= divisor
    if transparent == "zero":
        graded[~covered] = 0
    return graded, kept, own


def _rounded(graded: NDArray[Any], types: list[np.dtype[Any]]) -> tuple[list[NDArray[Any]], int]:
    """Each channel in its own type, and how many values were clamped to fit a half."""
    channels, clipped = [], 0
    for i, dtype in enumerate(types):
        channel = graded[..., i]
        if dtype == np.float16 and _exceeds(channel):
            clipped += int(np.count_nonzero(np.abs(channel) > HALF_MAX))
            channel = np.clip(channel, -HALF_MAX, HALF_MAX)
        channels.append(channel.astype(dtype))
    return channels, clipped


def _exceeds(channel: NDArray[Any]) -> bool:
    """Whether a value lies beyond a half's range; halves are told by their bits, which is many times faster."""
    if channel.dtype == np.float16:
        return bool((channel.view(np.uint16) & (_sign(channel) - 1)).max() >= HALF_INFINITY)
    return bool(max(channel.max(), -channel.min()) > HALF_MAX)
