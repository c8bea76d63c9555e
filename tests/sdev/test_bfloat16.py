"""Pictures of bfloat16: what float32 gives, rounded once; raw words; alpha; outputs of other types."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import pytest
from basics import one_line

from lattice.sdev import SDev
from lattice.sdev.bfloat16 import ROWS

BFLOAT = np.dtype(ml_dtypes.bfloat16)


def light(shape: tuple[int, ...]) -> Any:
    """A float32 picture of values that a scene may hold, negatives among them."""
    return np.random.default_rng(3).normal(0.2, 1.5, shape).astype(np.float32)


def rounded(values: Any) -> Any:
    """float32 to the bits of bfloat16, to the nearest, ties to even, by whole numbers; for finite values."""
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


@pytest.mark.parametrize("engine", ["auto", "numpy"])
@pytest.mark.parametrize("channels", [3, 4])
def test_a_picture_is_what_float32_gives_rounded_once(engine: Any, channels: int, premier: SDev) -> None:
    words = rounded(light((2 * ROWS + 5, 31, channels)))
    wide = (words.astype(np.uint32) << 16).view(np.float32)  # by what bfloat16 is: the top half
    got = premier.apply(words.view(BFLOAT), engine=engine)
    assert got.dtype == BFLOAT
    assert np.array_equal(got.view(np.uint16), rounded(premier.apply(wide, engine=engine)))


def test_every_word_is_taken(premier: SDev) -> None:
    words = np.arange(1 << 16, dtype=np.uint16).reshape(256, 256, 1).repeat(3, axis=2)
    wide = (words.astype(np.uint32) << 16).view(np.float32)
    got = premier.apply(words.view(BFLOAT))
    assert np.array_equal(got.view(np.uint16), rounded(premier.apply(wide)))


def test_alpha_keeps_its_bits(premier: SDev) -> None:
    words = np.zeros((256, 256, 4), np.uint16)
    words[..., 3] = np.arange(1 << 16, dtype=np.uint16).reshape(256, 256)
    picture = words.view(BFLOAT)
    for out in (None, picture):
        assert np.array_equal(
            premier.apply(picture.copy() if out is None else picture, out)[..., 3].view(np.uint16), words[..., 3]
        )


def test_types_may_differ(premier: SDev) -> None:
    image = light((9, 7, 4))
    wanted = premier.apply(image)
    out = np.empty(image.shape, BFLOAT)
    assert premier.apply(image, out) is out
    assert np.array_equal(out.view(np.uint16), rounded(wanted))
    narrow = image.astype(BFLOAT)
    wide = premier.apply(narrow, np.empty(image.shape, np.float32))
    assert np.array_equal(wide, premier.apply(narrow.astype(np.float32)))


def test_strides_in_place_and_threads(premier: SDev) -> None:
    picture = light((300, 240, 3)).astype(BFLOAT)
    wanted = premier.apply(picture, threads=1)
    assert np.array_equal(premier.apply(picture, threads=3), wanted)
    turned = picture.transpose(1, 0, 2)[::-1]
    assert np.array_equal(premier.apply(turned), wanted.transpose(1, 0, 2)[::-1])
    premier.apply(turned, turned)
    assert np.array_equal(picture, wanted)


def test_others_of_the_package_are_refused(premier: SDev) -> None:
    picture = np.zeros((2, 2, 3), ml_dtypes.float8_e5m2)
    one_line(lambda: premier.apply(picture), "image: expected float16, float32, float64 or bfloat16, got float8_e5m2")
