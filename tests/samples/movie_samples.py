"""What the tests of movies share: planes as PyAV decodes them, back to RGB by the standards' inverse, and bounds."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from lattice.files.movie import file as movie
from lattice.files.movie import yuv
from lattice.files.movie.codecs import CODECS
from lattice.files.movie.file import Movie
from lattice.files.movie.yuv import FULL, LIMITED, WEIGHTS

try:
    import av
except ImportError:
    av = None

# How far a codec may move a code in the middle of a flat patch of 32 pixels, of which one coefficient is left, the
# mean. ProRes HQ: a mean of 10 bits is kept to 4 q / 16 codes, q the quantizer, 1 or 2 for a flat picture. JPEG: its
# quantizer of 8 is one code. Both round once more when they decode. H.264 at crf 15: steps of 0.625 * 2 ** (15 / 6) =
# 3.5 of 4 times the mean of a 4 x 4 block, with a dead zone of two thirds: 0.6 codes, and the rounding.
# ProRes 422 has larger quantizers than HQ, up to 4 in a flat picture. DNxHR keeps a mean of 10 bits to a code or two.
# H.265 at crf 15 quantizes as H.264 does, in steps of codes of 8 bits: 4 of its codes of 10 bits.
CODEC_ERROR = {"prores422": 2, "prores422hq": 1, "prores4444": 1, "dnxhr": 2, "h264": 2, "h265": 8, "mjpeg": 1}


PLAIN = Movie("prores422hq", (64, 48), 3, Fraction(24), Fraction(1), 1, 13, "lattice")


def of(codec: str, size: tuple[int, int] = (64, 48), **more: Any) -> Movie:
    """A movie of the codec, of a size that it takes."""
    least = CODECS[codec].smallest
    return replace(PLAIN, codec=codec, size=(max(size[0], least[0]), max(size[1], least[1])), **more)


def written(folder: Path, meant: Movie, picture: Any = None, name: str = "a.mov") -> Path:
    """A movie of one picture, again and again."""
    if picture is None:
        picture = np.random.default_rng(0).random((3, *meant.size[::-1]), np.float32)
    planes = yuv.planes(picture, meant.layout, meant.matrix)
    movie.write(folder / name, meant, (planes for _ in range(meant.frames)))
    return folder / name


def decoded(path: Path) -> list[tuple[Any, list[Any]]]:
    """Every frame of a movie, with its planes."""
    with av.open(str(path)) as file:
        return [(frame, [_plane(plane, frame.format) for plane in frame.planes]) for frame in file.decode(video=0)]


def _plane(plane: Any, form: Any) -> Any:
    """Codes of 8 or 10 bits; FFmpeg decodes ProRes 4444 to 12, of which the last two are its own."""
    bits = form.components[0].bits
    codes = np.frombuffer(plane, np.uint16 if bits > 8 else np.uint8).reshape(plane.height, -1)[:, : plane.width]
    return np.rint(codes / 4).astype(np.uint16) if bits == 12 else codes.copy()


def to_rgb(planes: Any, layout: Any, matrix: Any) -> Any:
    """RGB (3, H, W) float64 by the inverse of the formulas; a chroma sample stands for all its pixels."""
    black, white, middle, span = FULL if layout.full else LIMITED
    scale = 2 ** (layout.bits - 8)
    luma = (planes[0].astype(np.float64) - black * scale) / (white * scale)
    blueness, redness = (
        np.repeat(
            np.repeat((plane.astype(np.float64) - middle * scale) / (span * scale), layout.down, axis=0),
            layout.across,
            axis=1,
        )
        for plane in planes[1:]
    )
    of_red, of_blue = WEIGHTS[matrix]
    red, blue = luma + 2 * (1 - of_red) * redness, luma + 2 * (1 - of_blue) * blueness
    return np.stack([red, (luma - of_red * red - of_blue * blue) / (1 - of_red - of_blue), blue])


def rgb_bound(layout: Any, matrix: Any, codes: float) -> Any:
    """How far RGB (3,) may be off where each plane's code is off by at most `codes`: the inverse's absolute sums."""
    _, white, _, span = FULL if layout.full else LIMITED
    scale = 2 ** (layout.bits - 8)
    of_red, of_blue = WEIGHTS[matrix]
    of_green = 1 - of_red - of_blue
    red, blue = 2 * (1 - of_red), 2 * (1 - of_blue)  # of chroma
    green = (of_red * red + of_blue * blue) / of_green
    return codes / scale * (1 / white + np.array([red, green, blue]) / span)


def patches(rows: int = 6, columns: int = 8, side: int = 32) -> Any:
    """RGB (3, H, W) float32: flat patches of random colors, the corners of the cube and grays among them."""
    random = np.random.default_rng(5)
    colors = random.random((rows * columns, 3))
    colors[:8] = [[k & 1, k >> 1 & 1, k >> 2] for k in range(8)]
    colors[8:12] = np.linspace(0, 1, 4)[:, None]
    grid = colors.reshape(rows, columns, 3).repeat(side, 0).repeat(side, 1)
    return np.ascontiguousarray(grid.transpose(2, 0, 1), np.float32)


def middles(plane: Any, side: int) -> Any:
    """The inner halves of the patches in a plane, (..., rows, side / 2, columns, side / 2)."""
    *more, height, width = plane.shape
    quarter = side // 4
    apart = plane.reshape(*more, height // side, side, width // side, side)
    return apart[..., quarter:-quarter, :, quarter:-quarter]
