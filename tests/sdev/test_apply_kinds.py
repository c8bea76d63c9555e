"""Any rows of colors are graded as the picture that they are: lists, any shape, any float, subclasses of arrays."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from basics import one_line

from lattice.sdev import SDev

SHAPES = [(3,), (5, 3), (2, 7, 4), (2, 3, 5, 3), (0, 3), (2, 0, 4, 3), (1, 1, 2, 3, 4)]


def test_any_shape_and_float_is_the_picture_it_holds(premier: SDev, engine: Any) -> None:
    for shape, dtype in product(SHAPES, (np.float16, np.float32, np.float64)):
        case = shape, dtype
        image = np.random.default_rng(3).uniform(0, 2, shape).astype(dtype)
        flat = np.asarray(image.reshape(-1, 1, shape[-1]), np.float16 if dtype == np.float16 else np.float32)
        wanted = premier.apply(flat, engine=engine.name).reshape(shape).astype(dtype)
        wanted[..., 3:] = image[..., 3:]  # alpha keeps every digit
        graded = premier.apply(image, engine=engine.name)
        assert graded.dtype == dtype, case
        assert np.array_equal(graded, wanted), case
        out = np.empty(shape)
        assert premier.apply(image, out, engine=engine.name) is out, case
        assert dtype == np.float16 or np.array_equal(out, wanted), case


def test_alpha_in_float64_is_copied(premier: SDev) -> None:
    image = np.array([[0.18, 0.18, 0.18, 0.1], [0.18, 0.18, 0.18, 1e300]])
    out = np.empty_like(image)
    for graded in (
        premier.apply(image),
        premier.apply(image.tolist()),
        premier.apply(image, out),
        premier.apply(image[None])[0],
    ):
        assert np.array_equal(graded[:, 3], image[:, 3])
    assert np.array_equal(premier.apply(image, image)[:, :3], out[:, :3])  # in place


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_kinds_of_arrays_are_the_numbers_that_they_hold(premier: SDev) -> None:
    image = np.full((2, 3), 0.18, np.float32)
    wanted = premier.apply(image)
    assert np.array_equal(premier.apply(np.matrix(image)), wanted)
    assert np.array_equal(premier.apply(np.ma.masked_array(image, mask=True)), wanted)
    hidden = np.ma.masked_array(np.zeros((2, 3), np.float32), mask=True, hard_mask=True)
    assert np.array_equal(premier.apply(image, hidden).data, wanted)


@pytest.mark.parametrize(
    "wrong", [[None, 0, 0], [["1", "2", "3"]], [True, False, True], [10**400, 0, 0], [[1, 2], [3]], [1j, 0, 0], []]
)
def test_lists_of_something_else_are_refused(wrong: Any, premier: SDev) -> None:
    one_line(lambda: premier.apply(wrong), "image: expected")


@pytest.mark.parametrize(
    ("shape", "dtype"), [((3, 2, 3), np.float64), ((4, 3), np.float32), ((2, 2, 2, 3), np.float16)]
)
def test_out_of_any_shape_is_held_to_a_pictures_rules(shape: tuple[int, ...], dtype: Any, premier: SDev) -> None:
    room = np.full((shape[0] + 1, *shape[1:]), 0.18, dtype)
    one_line(lambda: premier.apply(room[:-1], room[1:]), "overlaps")
    one_line(lambda: premier.apply(room[1:], np.broadcast_to(np.zeros(3, dtype), shape)), "read-only")
    repeated = np.lib.stride_tricks.as_strided(np.zeros(3, dtype), shape, (*(0,) * (len(shape) - 1), dtype().itemsize))
    one_line(lambda: premier.apply(room[1:], repeated), "a place for every pixel")
    assert np.array_equal(room, np.full(room.shape, 0.18, dtype))


def test_lists_are_colors(premier: SDev) -> None:
    one = premier.apply([0.18, 0.18, 0.18])
    assert one.shape == (3,)
    assert np.array_equal(premier.apply([[[0.18] * 3] * 2]), [[one, one]])
