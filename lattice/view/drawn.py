"""The picture of a viewer, drawn by the engine that grades files: for browsers without a GPU, and for files.

The order: sample; NaN to 0, infinities to +-65504; divide by alpha; exposure; the SDev; times alpha; gamma; wipe or
difference; one channel; false color, clipping and markers over it. In float32. The page's shader does the same.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lattice.interp.threads import cores, in_bands
from lattice.sdev import SDev
from lattice.types import HALF_MAX, MID_GRAY, encode_srgb
from lattice.view.looking import (
    BANDS,
    CLIPPED_HIGH,
    CLIPPED_LOW,
    DIFFERENCE,
    HIGH,
    INFINITE,
    LOW,
    LUMA,
    NAN,
    NEGATIVE,
    SURROUND,
    Color,
    Looking,
    Picture,
)
from lattice.view.sampling import Floats, Halves, Places, marked, nearest, sampled, widened, within

Codes8 = NDArray[np.uint8]
Shown = tuple[Picture, SDev | None]
OPAQUE = np.uint32(255 << 24)  # of a pixel's four bytes as one word: alpha 255
BAND_ENDS = np.array([MID_GRAY * 2.0**upper for upper, _ in BANDS[:-1]], np.float32)  # of luminance
MARKS = (NEGATIVE, INFINITE, NAN)  # a later one wins


def _word(color: Color) -> np.uint32:
    """Return a color with alpha 255 as one word."""
    return OPAQUE | np.uint32(color[0] | color[1] << 8 | color[2] << 16)


BAND_WORDS = np.array([_word(color) for _, color in BANDS], np.uint32)


def draw(size: tuple[int, int], looking: Looking, a: Shown, b: Shown | None = None) -> Codes8:
    """Return the canvas, (h, w, 4) uint8 display codes, alpha 255.

    size: w, h in pixels. a, b: a picture, and the SDev for its light; None shows the light by the sRGB curve. Raw
    pictures take no SDev. Without `b` the mode is "single". Places, and a wipe's line, are those of A's display window
    and pixel aspect; a difference shows A's windows, alpha and overlays.
    """
    width, height = size
    canvas = np.empty((height, width, 4), np.uint8)
    x, y = _places(size, looking, a[0].aspect)
    in_bands(lambda band: _draw_rows(canvas[band], looking, x, y[band], a, b), height, width, cores())
    return canvas


def colors_of(canvas: Codes8) -> Codes8:
    """Return the codes of a canvas without alpha, (h, w, 3): a copy by planes, a fifth of the time of NumPy's own."""
    colors = np.empty((*canvas.shape[:2], 3), np.uint8)
    for channel in range(3):
        colors[..., channel] = canvas[..., channel]
    return colors


def codes_of(size: tuple[int, int], looking: Looking, shown: Shown) -> Floats:
    """Return a picture's codes before the mode, (3, h, w) float32, as `draw` rounds them to 8 bits; 0 without data."""
    codes = np.zeros((3, size[1], size[0]), np.float32)
    seen = _see(shown, looking, _sample(shown[0], looking, *_places(size, looking, shown[0].aspect)))
    codes[:, seen.rows, seen.columns] = seen.codes
    return codes


class _Samples(NamedTuple):
    """The samples of a picture in a part of the canvas, where it has data.

    values: (3 or 4, h, w), finite. across, down: places of the columns and the rows, in samples.
    """

    rows: slice
    columns: slice
    values: Halves | Floats
    across: Places
    down: Places


class _Seen(NamedTuple):
    """A picture in a part of the canvas, where it has data.

    codes: (3, h, w), after gamma. alpha: (h, w); None for 1. light: (h, w) luminance of the scene, for false color.
    marks: (h, w), 0 or the number of a mark from 1.
    """

    rows: slice
    columns: slice
    codes: Floats
    alpha: Halves | Floats | None
    light: Floats | None
    marks: Codes8 | None


def _places(size: tuple[int, int], looking: Looking, aspect: float) -> tuple[Places, Places]:
    """Return x of each column and y of each row, in picture pixels from the display window's corner."""
    (width, height), (x, y) = size, looking.center
    return (
        x + (np.arange(width) + 0.5 - width / 2) / (looking.zoom * aspect),
        y + (np.arange(height) + 0.5 - height / 2) / looking.zoom,
    )


def _draw_rows(canvas: Codes8, looking: Looking, x: Places, y: Places, a: Shown, b: Shown | None) -> None:
    """Draw the rows at these places into `canvas`."""
    if b is None or looking.mode == "single":
        _paint(canvas, looking, a, x, y)
    elif looking.mode == "difference":
        _paint_difference(canvas, looking, a, b, x, y)
    else:
        _paint_wipe(canvas, looking, a, b, x, y)


def _paint(canvas: Codes8, looking: Looking, shown: Shown, x: Places, y: Places) -> None:
    """Draw one picture: its surround, its display window, its data."""
    _paint_ground(canvas, shown[0], x, y)
    seen = _see(shown, looking, _sample(shown[0], looking, x, y))
    _finish(canvas[seen.rows, seen.columns], looking, seen)


def _paint_ground(canvas: Codes8, picture: Picture, x: Places, y: Places) -> None:
    words = _words(canvas)
    words[...] = _word(SURROUND)
    width, height = picture.size
    words[within(y, 0, height), within(x, 0, width)] = OPAQUE


def _paint_wipe(canvas: Codes8, looking: Looking, a: Shown, b: Shown, x: Places, y: Places) -> None:
    """Draw A on one side of the line and B on the other, each only in the rows and columns that have some of it."""
    across, down, angle = looking.wipe
    (width, height), turn = a[0].size, np.radians(angle)
    along_x = (x - across * width) * a[0].aspect * np.cos(turn)
    is_a = along_x < ((down * height - y) * np.sin(turn))[:, None]
    for shown, side in ((a, is_a), (b, ~is_a)):
        rows, columns = (_extent(side.any(axis=axis)) for axis in (1, 0))
        side = side[rows, columns]
        drawn = np.empty((*side.shape, 4), np.uint8)
        _paint(drawn, looking, shown, x[columns], y[rows])
        np.copyto(_words(canvas[rows, columns]), _words(drawn), where=side)


def _extent(has_some: NDArray[np.bool_]) -> slice:
    """Return the part from the first place that has some to the last."""
    places = np.flatnonzero(has_some)
    return slice(int(places[0]), int(places[-1]) + 1) if places.size else slice(0, 0)


def _paint_difference(canvas: Codes8, looking: Looking, a: Shown, b: Shown, x: Places, y: Places) -> None:
    """Draw |A - B|; a picture counts as code 0 where it has no data."""
    _paint_ground(canvas, a[0], x, y)
    apart = np.zeros((3, *canvas.shape[:2]), np.float32)
    samples = _sample(a[0], looking, x, y)
    seen = _see(a, looking, samples)
    other = _see(b, looking, samples if b[0] is a[0] else _sample(b[0], looking, x, y))
    apart[:, seen.rows, seen.columns] = seen.codes
    apart[:, other.rows, other.columns] -= other.codes
    np.abs(apart, out=apart)
    apart *= np.float32(DIFFERENCE)
    width, height = a[0].size
    shown = within(y, 0, height), within(x, 0, width)
    if looking.channel != "a" and shown != (seen.rows, seen.columns):
        _round(_channel(apart[:, *shown], None, looking.channel), canvas[shown])
    _finish(canvas[seen.rows, seen.columns], looking, seen._replace(codes=apart[:, seen.rows, seen.columns]))


def _finish(canvas: Codes8, looking: Looking, seen: _Seen) -> None:
    """Draw codes in 8 bits, one channel of them, and what goes over them."""
    _round(_channel(seen.codes, seen.alpha, looking.channel), canvas)
    words = _words(canvas)
    if seen.light is not None:
        words[...] = BAND_WORDS[np.searchsorted(BAND_ENDS, seen.light, side="right")]
    if looking.clipping:
        np.copyto(words, _word(CLIPPED_LOW), where=np.minimum.reduce(seen.codes) <= LOW)
        np.copyto(words, _word(CLIPPED_HIGH), where=np.maximum.reduce(seen.codes) >= HIGH)
    if seen.marks is not None:
        for number, color in enumerate(MARKS, 1):
            np.copyto(words, _word(color), where=seen.marks == number)


def _words(canvas: Codes8) -> NDArray[np.uint32]:
    """Return a canvas with a word a pixel, red in the lowest byte; the same memory."""
    return canvas.view("<u4")[..., 0]


def _channel(codes: Floats, alpha: Halves | Floats | None, channel: str) -> Floats:
    """Return three codes, or one that is shown as gray."""
    if channel == "rgb":
        return codes
    if channel == "y":
        return _weighed(codes)[None]
    if channel == "a":
        return np.ones_like(codes[:1]) if alpha is None else alpha[None].astype(np.float32)
    return codes["rgb".index(channel)][None]


def _weighed(rgb: Floats) -> Floats:
    red, green, blue = (np.float32(weight) for weight in LUMA)
    return rgb[0] * red + rgb[1] * green + rgb[2] * blue


def _round(codes: Floats, canvas: Codes8) -> None:
    """Write codes (3 or 1, h, w) as 8 bits with alpha 255: three whole numbers are exact in one float."""
    whole = codes * np.float32(255)
    np.rint(whole, out=whole)
    np.clip(whole, 0, 255, out=whole)
    if len(whole) == 3:
        whole[1] *= np.float32(1 << 8)
        whole[2] *= np.float32(1 << 16)
        whole[0] += whole[1]
        whole[0] += whole[2]
    else:
        whole *= np.float32(1 + (1 << 8) + (1 << 16))
    np.bitwise_or(whole[0].astype(np.uint32), OPAQUE, out=_words(canvas))


def _sample(picture: Picture, looking: Looking, x: Places, y: Places) -> _Samples:
    (left, top), scale, (_, height, width) = picture.corner, picture.scale, picture.planes.shape
    columns, rows = within(x, left, left + width * scale), within(y, top, top + height * scale)
    across, down = (x[columns] - left) / scale, (y[rows] - top) / scale
    values = sampled(picture.planes, across, down, looking.zoom * scale >= 1)
    return _Samples(rows, columns, values, across, down)


def _see(shown: Shown, looking: Looking, samples: _Samples) -> _Seen:
    """Return the codes of a picture's samples, after gamma, and what overlays need."""
    (picture, sdev), values = shown, samples.values
    alpha, gain = values[3] if picture.has_alpha else None, np.float32(2.0**looking.exposure)
    codes = _shade(picture, sdev, values[:3], alpha if picture.premultiplied else None, gain)
    if looking.gamma != 1:
        with np.errstate(over="ignore"):  # alphas above 1 make codes above 1
            np.power(np.maximum(codes, 0), np.float32(1 / looking.gamma), out=codes)
        np.minimum(codes, np.float32(HALF_MAX), out=codes)  # finite, so that a difference is a number
    light = _weighed(widened(values[:3]) * gain) if looking.false_color else None
    marks = marked(nearest(picture.planes[:3], samples.across, samples.down)) if looking.markers else None
    return _Seen(samples.rows, samples.columns, codes, alpha, light, marks)


def _shade(
    picture: Picture, sdev: SDev | None, samples: Halves | Floats, alpha: Halves | Floats | None, gain: np.float32
) -> Floats:
    """Return display codes of samples (3, h, w): graded, or exposed only if the picture is raw.

    alpha: to divide by and to multiply by where it is above 0; elsewhere black stays code 0, as in files. None for
    none.
    """
    if picture.raw:
        return np.clip(widened(samples) * gain, 0, 1)
    if alpha is None:
        return _graded(sdev, samples if gain == 1 else widened(samples) * gain)
    factor = widened(alpha)
    is_bare = factor <= 0
    if has_bare := is_bare.any():
        factor = np.where(is_bare, np.float32(1), factor)
    light = widened(samples) / factor
    if gain != 1:
        light *= gain
    codes = _graded(sdev, light)
    if has_bare:
        factor[is_bare & ~samples.any(axis=0)] = 0
    codes *= factor
    return codes


def _graded(sdev: SDev | None, light: Halves | Floats) -> Floats:
    if sdev is None:
        return encode_srgb(np.clip(light, 0, 1, dtype=np.float32)).astype(np.float32, copy=False)
    codes = np.empty(light.shape, np.float32)
    sdev.apply(light.transpose(1, 2, 0), out=codes.transpose(1, 2, 0), threads=1)  # each band has a thread
    return codes
