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
from lattice.types import MID_GRAY, encode_srgb
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
    Looking,
    Picture,
)
from lattice.view.sampling import Floats, Halves, Places, marked, nearest, sampled, within

Codes8 = NDArray[np.uint8]
Shown = tuple[Picture, SDev | None]
OPAQUE = np.uint32(255 << 24)
BAND_ENDS = np.array([MID_GRAY * 2.0**upper for upper, _ in BANDS[:-1]], np.float32)  # of luminance
BAND_COLORS = np.array([color for _, color in BANDS], np.uint8)
MARKS = (NEGATIVE, INFINITE, NAN)  # a later one wins


def draw(size: tuple[int, int], looking: Looking, a: Shown, b: Shown | None = None) -> Codes8:
    """Return the canvas, (h, w, 4) uint8 display codes, alpha 255.

    size: w, h in pixels. a, b: a picture, and the SDev for its light; None shows the light by the sRGB curve. Raw
    pictures take no SDev. Without `b` the mode is "single". A wipe's line is measured in A's display window; of a
    difference A's windows and overlays are shown.
    """
    width, height = size
    canvas = np.empty((height, width, 4), np.uint8)

    in_bands(lambda band: _draw_rows(canvas[band], size, band, looking, a, b), height, width, cores())
    return canvas


def codes_of(size: tuple[int, int], looking: Looking, shown: Shown) -> Floats:
    """Return a picture's codes before the mode, (3, h, w) float32, as `draw` rounds them to 8 bits; 0 without data."""
    codes = np.zeros((3, size[1], size[0]), np.float32)
    seen = _see(shown, looking, *_places(size, slice(0, size[1]), looking, shown[0]))
    codes[:, seen.rows, seen.columns] = seen.codes[:3]
    return codes


class _Seen(NamedTuple):
    """A picture in a part of the canvas, where it has data.

    codes: (3 or 4, h, w): R, G, B, and alpha where channel "a" is shown. light: (h, w) luminance of the scene, for
    false color. marks: (h, w), 0 or the number of a mark from 1.
    """

    rows: slice
    columns: slice
    codes: Floats
    light: Floats | None
    marks: Codes8 | None


def _draw_rows(canvas: Codes8, size: tuple[int, int], band: slice, looking: Looking, a: Shown, b: Shown | None) -> None:
    """Draw the rows `band` of a canvas of this size into `canvas`."""
    if b is None or looking.mode == "single":
        _paint(canvas, looking, a, *_places(size, band, looking, a[0]))
    elif looking.mode == "difference":
        _paint_difference(canvas, size, band, looking, a, b)
    else:
        _paint_wipe(canvas, size, band, looking, a, b)


def _places(size: tuple[int, int], band: slice, looking: Looking, picture: Picture) -> tuple[Places, Places]:
    """Return x of each column and y of each row of the band, in picture pixels from the display window's corner."""
    width, height = size
    x = looking.center[0] + (np.arange(width) + 0.5 - width / 2) / (looking.zoom * picture.aspect)
    y = looking.center[1] + (np.arange(band.start, band.stop) + 0.5 - height / 2) / looking.zoom
    return x, y


def _paint(canvas: Codes8, looking: Looking, shown: Shown, x: Places, y: Places) -> None:
    """Draw one picture: its surround, its display window, its data."""
    _paint_ground(canvas, shown[0], x, y)
    seen = _see(shown, looking, x, y)
    _finish(canvas[seen.rows, seen.columns], looking, seen)


def _paint_ground(canvas: Codes8, picture: Picture, x: Places, y: Places) -> None:
    canvas[...] = (*SURROUND, 255)
    width, height = picture.size
    canvas[within(y, 0, height), within(x, 0, width), :3] = 0


def _paint_wipe(canvas: Codes8, size: tuple[int, int], band: slice, looking: Looking, a: Shown, b: Shown) -> None:
    """Draw A on one side of the line and B on the other, each only in the columns that have some of it."""
    x, y = _places(size, band, looking, a[0])
    across, down, angle = looking.wipe
    width, height = a[0].size
    turn = np.radians(angle)
    along_x = (x - across * width) * a[0].aspect * np.cos(turn)
    is_a = along_x + ((y - down * height) * np.sin(turn))[:, None] < 0
    for shown, side in ((a, is_a), (b, ~is_a)):
        columns = np.flatnonzero(side.any(axis=0))
        if columns.size:
            part = slice(columns[0], columns[-1] + 1)
            side, drawn = side[:, part], np.empty((len(canvas), part.stop - part.start, 4), np.uint8)
            own_x, own_y = _places(size, band, looking, shown[0])
            _paint(drawn, looking, shown, own_x[part], own_y)
            np.copyto(canvas[:, part], drawn, where=side[..., None])


def _paint_difference(canvas: Codes8, size: tuple[int, int], band: slice, looking: Looking, a: Shown, b: Shown) -> None:
    """Draw |A - B| where A has data; B counts as code 0 where it has none."""
    places = _places(size, band, looking, a[0])
    _paint_ground(canvas, a[0], *places)
    seen = _see(a, looking, *places)
    other = _see(b, looking, *_places(size, band, looking, b[0]))
    codes = np.zeros((len(other.codes), *canvas.shape[:2]), np.float32)
    codes[:, other.rows, other.columns] = other.codes
    apart = np.abs(seen.codes - codes[:, seen.rows, seen.columns]) * np.float32(DIFFERENCE)
    _finish(canvas[seen.rows, seen.columns], looking, seen._replace(codes=apart))


def _finish(canvas: Codes8, looking: Looking, seen: _Seen) -> None:
    """Draw codes in 8 bits, one channel of them, and what goes over them."""
    codes = _channel(seen.codes, looking.channel)
    _round(codes, canvas)
    if seen.light is not None:
        canvas[..., :3] = BAND_COLORS[np.searchsorted(BAND_ENDS, seen.light, side="right")]
    if looking.clipping:
        canvas[(codes <= LOW).any(axis=0), :3] = CLIPPED_LOW
        canvas[(codes >= HIGH).any(axis=0), :3] = CLIPPED_HIGH
    if seen.marks is not None:
        for number, color in enumerate(MARKS, 1):
            canvas[seen.marks == number, :3] = color


def _channel(codes: Floats, channel: str) -> Floats:
    """Return three codes, or one that is shown as gray."""
    if channel == "rgb":
        return codes[:3]
    if channel == "y":
        return _weighed(codes)[None]
    return codes["rgba".index(channel)][None]


def _weighed(rgb: Floats) -> Floats:
    red, green, blue = (np.float32(weight) for weight in LUMA)
    return rgb[0] * red + rgb[1] * green + rgb[2] * blue


def _round(codes: Floats, canvas: Codes8) -> None:
    """Write codes (3 or 1, h, w) as 8 bits with alpha 255: three whole numbers are exact in one float."""
    whole = codes * np.float32(255)
    np.rint(whole, out=whole)
    np.clip(whole, 0, 255, out=whole)
    red, green, blue = whole if len(whole) == 3 else (whole[0],) * 3
    packed = (red + green * np.float32(1 << 8) + blue * np.float32(1 << 16)).astype("<u4")
    packed |= OPAQUE
    canvas.view("<u4")[..., 0] = packed


def _see(shown: Shown, looking: Looking, x: Places, y: Places) -> _Seen:
    """Return a picture's codes, after gamma, where it has data among these columns and rows."""
    picture, sdev = shown
    (left, top), (x0, y0, x1, y1) = picture.corner, picture.data
    columns, rows = within(x, left, left + x1 - x0 + 1), within(y, top, top + y1 - y0 + 1)
    across, down = (x[columns] - left) / picture.scale, (y[rows] - top) / picture.scale
    samples = sampled(picture, across, down, looking.zoom * picture.scale >= 1)
    alpha = samples[3] if picture.has_alpha else None
    light, factor = _lit(samples[:3], alpha if picture.premultiplied else None, looking.exposure)
    codes = _shade(picture, sdev, light)
    if factor is not None:
        codes *= factor
    if looking.gamma != 1:
        np.power(np.maximum(codes, 0), np.float32(1 / looking.gamma), out=codes)
    if looking.channel == "a":
        codes = np.concatenate([codes, np.ones_like(codes[:1]) if alpha is None else alpha[None]], dtype=np.float32)
    return _Seen(
        rows,
        columns,
        codes,
        _weighed(light.astype(np.float32, copy=False)) if looking.false_color else None,
        marked(nearest(picture.planes[:3], across, down)) if looking.markers else None,
    )


def _lit(rgb: Halves | Floats, alpha: Halves | Floats | None, exposure: float) -> tuple[Halves | Floats, Floats | None]:
    """Return the scene's light, divided by alpha and exposed, and the factor of the codes; None for 1.

    Where alpha is not above 0 nothing is divided, and black stays code 0, as in files.
    """
    factor = None
    if alpha is not None:
        factor = np.where(alpha > 0, alpha, 1).astype(np.float32)
        rgb = rgb / factor
        factor[~(alpha > 0) & ~rgb.any(axis=0)] = 0
    return rgb if exposure == 0 else rgb * np.float32(2.0**exposure), factor


def _shade(picture: Picture, sdev: SDev | None, light: Halves | Floats) -> Floats:
    """Return the display codes (3, h, w) float32 of light, or of codes if the picture is raw."""
    if picture.raw or sdev is None:
        codes = np.clip(light, 0, 1, dtype=np.float32)
        return codes if picture.raw else encode_srgb(codes).astype(np.float32, copy=False)
    codes = np.empty(light.shape, np.float32)
    sdev.apply(light.transpose(1, 2, 0), out=codes.transpose(1, 2, 0), threads=1)  # each band has a thread
    return codes
