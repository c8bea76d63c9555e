"""RGB to luma and chroma: the standards' own numbers, where chroma lies, rounding, padding."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from movie_samples import rgb_bound, to_rgb

from lattice.files.movie.codecs import CODECS
from lattice.files.movie.yuv import WEIGHTS, Layout, planes

PRORES, H264, MJPEG = (CODECS[name].layout for name in ("prores422hq", "h264", "mjpeg"))
# 100 % bars, worked by hand from ITU-R BT.709-6 item 3 and ITU-T T.871 (JFIF).
BARS_8 = {
    (1, 1, 1): (235, 128, 128),
    (1, 1, 0): (219, 16, 138),
    (0, 1, 1): (188, 154, 16),
    (0, 1, 0): (173, 42, 26),
    (1, 0, 1): (78, 214, 230),
    (1, 0, 0): (63, 102, 240),
    (0, 0, 1): (32, 240, 118),
    (0, 0, 0): (16, 128, 128),
}
BARS_10 = {
    (1, 1, 1): (940, 512, 512),
    (1, 1, 0): (877, 64, 553),
    (0, 1, 1): (754, 615, 64),
    (0, 1, 0): (691, 167, 105),
    (1, 0, 1): (313, 857, 919),
    (1, 0, 0): (250, 409, 960),
    (0, 0, 1): (127, 960, 471),
    (0, 0, 0): (64, 512, 512),
}
BARS_JFIF = {(1, 1, 1): (255, 128, 128), (1, 0, 0): (76, 85, 255), (0, 1, 0): (150, 44, 21), (0, 0, 1): (29, 255, 107)}


def flat(color: Any, height: int = 4, width: int = 4) -> Any:
    return np.broadcast_to(np.array(color, np.float32)[:, None, None], (3, height, width))


@pytest.mark.parametrize(
    ("layout", "matrix", "bars"), [(H264, "BT.709", BARS_8), (PRORES, "BT.709", BARS_10), (MJPEG, "BT.601", BARS_JFIF)]
)
def test_bars_have_the_codes_of_their_standards(layout: Layout, matrix: Any, bars: dict[Any, Any]) -> None:
    for color, codes in bars.items():
        made = planes(flat(color), layout, matrix)
        assert [set(plane.ravel().tolist()) for plane in made] == [{code} for code in codes]
        assert {plane.dtype for plane in made} == {np.dtype(np.uint8 if layout.bits == 8 else np.uint16)}


@pytest.mark.parametrize("matrix", WEIGHTS)
@pytest.mark.parametrize("bits", [8, 10])
@pytest.mark.parametrize("full", [False, True])
def test_the_way_back_is_within_the_rounding(matrix: Any, bits: int, full: bool) -> None:
    layout = Layout("", bits, 1, 1, full)
    picture = np.random.default_rng(1).random((3, 200, 200), np.float32)
    picture[:, :10] = picture[:1, :10]
    error = np.abs(to_rgb(planes(picture, layout, matrix), layout, matrix) - picture).max(axis=(1, 2))
    # Half a code each, a thousandth more for float32. The last code of full range is held: half a code again.
    assert (error <= rgb_bound(layout, matrix, 1.0 if full else 0.501)).all()


def test_grays_have_no_color_in_them() -> None:
    grays = np.broadcast_to(np.linspace(0, 1, 1000, dtype=np.float32)[None, None], (3, 2, 1000))
    for layout, matrix in ((PRORES, "BT.709"), (PRORES, "BT.2020"), (H264, "BT.709"), (MJPEG, "BT.601")):
        luma, *chroma = planes(grays, layout, matrix)
        assert all((plane == 128 * 2 ** (layout.bits - 8)).all() for plane in chroma)
        assert (np.diff(luma[0].astype(int)) >= 0).all()


def chroma_of(picture: Any, layout: Layout) -> Any:
    """Redness as real numbers, at every pixel."""
    luma = np.tensordot([0.2126, 0.7152, 0.0722], picture.astype(np.float64), 1)
    return (picture[0] - luma) / (2 * (1 - 0.2126)) * 224 * 2 ** (layout.bits - 8) + 128 * 2 ** (layout.bits - 8)


def test_chroma_lies_on_the_left_pixel_and_between_the_rows() -> None:
    across, down = np.meshgrid(np.linspace(0, 0.6, 64), np.linspace(0, 0.4, 32))
    picture = np.stack([across + down, 0 * across, 0 * across]).astype(np.float32)
    exact = chroma_of(picture, PRORES)
    assert np.abs(planes(picture, PRORES, "BT.709")[2] - exact[:, ::2])[:, 1:].max() <= 0.501  # the first has an edge
    exact = chroma_of(picture, H264)
    between = (exact[::2, ::2] + exact[1::2, ::2]) / 2
    assert np.abs(planes(picture, H264, "BT.709")[2] - between)[:, 1:].max() <= 0.501


@pytest.mark.parametrize(
    ("layout", "shapes"),
    [(PRORES, [(5, 8), (5, 4), (5, 4)]), (H264, [(6, 8), (3, 4), (3, 4)]), (MJPEG, [(5, 7), (5, 7), (5, 7)])],
)
def test_odd_sizes_end_with_a_row_and_a_column_twice(layout: Layout, shapes: Any) -> None:
    picture = np.random.default_rng(2).random((3, 5, 7), np.float32)
    made = planes(picture, layout, "BT.709")
    assert [plane.shape for plane in made] == shapes
    wide, high = layout.padded(7, 5)
    assert (wide, high) == shapes[0][::-1]
    whole = np.pad(picture, ((0, 0), (0, high - 5), (0, wide - 7)), mode="edge")
    assert all(np.array_equal(one, other) for one, other in zip(made, planes(whole, layout, "BT.709"), strict=True))


def test_one_pixel() -> None:
    for layout in (PRORES, H264, MJPEG):
        luma, blueness, redness = planes(flat((0.5, 0.5, 0.5), 1, 1), layout, "BT.709")
        assert luma.shape == layout.padded(1, 1)[::-1]
        assert blueness.size == redness.size == 1
