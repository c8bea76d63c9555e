"""Pictures fitted into a movie's size, and slates: by what is seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from basics import one_line

from lattice.regrade.dailies import slate
from lattice.regrade.dailies.fit import Fit, parse_size

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("geometry", "size", "inner"),
    [
        ((1920, 1080, 1.0), (1920, 1080), (1920, 1080)),
        ((2048, 1080, 1.0), (1920, 1080), (1920, 1012)),
        ((1262, 860, 1.0), (1920, 1080), (1585, 1080)),
        ((1828, 1556, 2.0), (1920, 1080), (1920, 817)),
        ((720, 576, 16 / 15), (768, 576), (768, 576)),
        ((640, 360, 1.0), (640, 480), (640, 360)),
        ((100000, 1, 1.0), (64, 64), (64, 1)),
    ],
)
def test_the_whole_picture_is_in_with_square_pixels(geometry: Any, size: Any, inner: Any) -> None:
    assert Fit.of(geometry, size).inner == inner


@pytest.mark.parametrize("size", [(64, 48), (64, 60), (91, 48)])
def test_what_needs_no_scaling_is_exact(size: tuple[int, int]) -> None:
    picture = RANDOM.random((3, 48, 64), np.float32)
    placed = Fit.of((64, 48, 1.0), size).place(picture)
    assert placed.shape == (3, size[1], size[0])
    left, top = (size[0] - 64) // 2, (size[1] - 48) // 2
    np.testing.assert_array_equal(placed[:, top : top + 48, left : left + 64], picture)
    placed[:, top : top + 48, left : left + 64] = 0
    assert not placed.any()


@pytest.mark.parametrize("size", [(32, 24), (200, 150), (65, 48), (7, 90)])
def test_scaling_keeps_flat_colors_places_and_range(size: tuple[int, int]) -> None:
    fit = Fit.of((64, 48, 1.0), size)
    flat = np.broadcast_to(np.float32([[[0.2]], [[0.5]], [[1.0]]]), (3, 48, 64)).copy()
    left, top = (size[0] - fit.inner[0]) // 2, (size[1] - fit.inner[1]) // 2
    inside = fit.place(flat)[:, top : top + fit.inner[1], left : left + fit.inner[0]]
    assert np.abs(inside - flat[:, :1, :1]).max() < 1e-6
    ramp = np.broadcast_to(np.linspace(0, 1, 64, dtype=np.float32), (3, 48, 64)).copy()
    across = fit.place(ramp)[0, top + fit.inner[1] // 2, left : left + fit.inner[0]]
    places = (np.arange(fit.inner[0]) + 0.5) * 64 / fit.inner[0] - 0.5  # of a pixel's middle in the source
    assert np.abs(across - np.clip(places, 0, 63) / 63)[2:-2].max(initial=0) < 0.01
    noise = fit.place(np.rint(RANDOM.random((3, 48, 64))).astype(np.float32))
    assert 0 <= noise.min() <= noise.max() <= 1


def test_detail_finer_than_a_pixel_becomes_its_mean() -> None:
    board = np.indices((256, 256)).sum(axis=0) % 2
    placed = Fit.of((256, 256, 1.0), (32, 32)).place(np.broadcast_to(board, (3, 256, 256)).astype(np.float32))
    assert np.abs(placed - 0.5).max() < 0.02


@pytest.mark.parametrize("text", ["", "1920", "1920x", "1920*1080", "0x10", "-1x5", "20000x10", "1x2x3", "1e3x10"])
def test_sizes_that_are_none(text: str) -> None:
    one_line(lambda: parse_size(text), "size: expected WIDTHxHEIGHT such as 1920x1080, up to 16384 a side", repr(text))
    assert parse_size("1920X1080") == (1920, 1080)


def rows(picture: Any) -> list[int]:
    """The first rows of lines of text above the grays."""
    high = picture.shape[1]
    has_text = (np.abs(picture[0, : int(0.85 * high)] - slate.GROUND) > 0.1).any(axis=1)
    return [int(row) for row in np.flatnonzero(has_text[1:] & ~has_text[:-1]) + 1]


def test_a_slate_has_a_title_a_line_for_each_item_and_grays() -> None:
    entries = slate.parse("show=Nightfall,shot,look,note=for review = final")
    known = {"shot": "sh010", "look": "premier 34676e1e"}
    still = slate.drawn(entries, known, (640, 360), 1.0)
    assert len(rows(still)) == 4
    assert rows(still)[0] < rows(still)[1] / 1.5
    grays = np.unique(still[0, int(0.9 * 360)])
    np.testing.assert_allclose(grays, np.sort([*np.linspace(0, 1, slate.STEPS), slate.GROUND]), atol=1e-6)
    other = slate.drawn(entries, {**known, "shot": "sh020"}, (640, 360), 1.0)
    assert not np.array_equal(still, other)
    assert entries[3] == ("note", "for review = final")


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (30, 400), (400, 30), (256, 120)])
@pytest.mark.parametrize("aspect", [0.5, 1.0, 2.0])
def test_slates_of_any_size_are_pictures(size: tuple[int, int], aspect: float) -> None:
    entries = slate.parse(",".join(["show=" + "long " * 30, *slate.ITEMS[1:]]))
    still = slate.drawn(entries, dict.fromkeys(slate.ITEMS, "x" * 200), size, aspect)
    assert still.shape == (3, size[1], size[0])
    assert still.dtype == np.float32
    assert 0 <= still.min() <= still.max() <= 1


def test_slates_that_cannot_be() -> None:
    one_line(lambda: slate.parse("shot,sho"), "slate: expected show, shot, look", "did you mean 'show'?")
    one_line(lambda: slate.parse("show"), "slate: no file names the show: write show=TITLE")
    assert slate.parse("") == ()
