"""`SDev.inverse`: arrays of every kind, the mask, other inputs and displays, one line for what cannot be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from basics import grid, make_device, one_line
from inverse_samples import flat_kinds, thin_kinds

from lattice.sdev import SDev
from lattice.types import Display

CODE = 1e-5
STOPS = 2.0 ** np.random.default_rng(2).uniform(-4, 2, (7, 11, 3))


@pytest.fixture
def codes(premier: SDev) -> Any:
    """A picture that premier shows, (7, 11, 3) float32, of soft colors."""
    return premier.apply((0.18 * STOPS.mean(axis=-1, keepdims=True) * STOPS**0.2).astype(np.float32))


def test_codes_come_back(premier: SDev, codes: Any, interpolation: Any) -> None:
    shown = premier.apply(premier.inverse(codes)[0], interpolation=interpolation)
    scene, found = premier.inverse(shown, interpolation)
    assert scene.dtype == np.float32
    assert found.dtype == bool
    assert found.shape == (7, 11)
    assert found.all()
    assert np.abs(premier.apply(scene, interpolation=interpolation) - shown).max() <= CODE


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_any_float_dtype_shape_and_stride(premier: SDev, codes: Any, dtype: Any) -> None:
    given = codes.astype(dtype)
    scene, found = premier.inverse(given)
    assert scene.dtype == dtype
    for odd in (given[::-1, ::2], given[0], given[0, 0], given[None], given[:0], np.asfortranarray(given)):
        again, there = premier.inverse(odd)
        assert again.shape == odd.shape
        assert there.shape == odd.shape[:-1]
    assert np.array_equal(premier.inverse(given[::-1, ::2])[0], scene[::-1, ::2])
    assert np.array_equal(premier.inverse(given[3, 4])[0], scene[3, 4])
    assert premier.inverse(given[3, 4])[1] == found[3, 4]


def test_halves_and_bfloat16_are_rounded_once(premier: SDev, codes: Any) -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    for dtype in (np.float16, ml_dtypes.bfloat16):
        given = codes.astype(dtype)
        exact, _ = premier.inverse(given.astype(np.float64))
        assert np.array_equal(premier.inverse(given)[0], exact.astype(dtype))


def test_float64_is_exact(premier: SDev, codes: Any) -> None:
    scene, _ = premier.inverse(codes.astype(np.float64))
    assert np.abs(scene.astype(np.float32) - premier.inverse(codes)[0]).max() == 0
    assert (scene != scene.astype(np.float32)).any()


def test_lists_and_alpha(premier: SDev) -> None:
    scene, found = premier.inverse([[0.4, 0.4, 0.4, 0.25], [0.4, 0.4, 0.4, -3]])
    assert scene[:, 3].tolist() == [0.25, -3]
    assert np.array_equal(scene[0, :3], scene[1, :3])
    assert found.all()


def test_threads_change_no_bit(premier: SDev) -> None:
    picture = np.random.default_rng(0).uniform(0, 1, (300, 257, 3)).astype(np.float32)
    one, two = premier.inverse(picture, threads=1), premier.inverse(picture, threads=2)
    assert all(np.array_equal(each, other) for each, other in zip(one, two, strict=True))


@pytest.mark.parametrize("kind", ["clipped at both ends", "gray", "toned", "folded"])
def test_threads_change_no_bit_of_flat_luts(kind: str) -> None:
    nodes = (flat_kinds(9) | thin_kinds(9))[kind]
    sdev = SDev.from_device(make_device(nodes))
    picture = np.random.default_rng(0).uniform(-0.1, 1.1, (280, 257, 3)).astype(np.float32)
    picture[::2] = sdev.apply(picture[::2])
    expected = sdev.inverse(picture, "tetrahedral", threads=1)
    for threads in (2, 3):
        again = sdev.inverse(picture, "tetrahedral", threads=threads)
        assert all(np.array_equal(each, other) for each, other in zip(expected, again, strict=True))
    part = sdev.inverse(picture[7:9, 3:50], "tetrahedral")
    assert np.array_equal(part[0], expected[0][7:9, 3:50])


def test_what_has_no_inverse(premier: SDev) -> None:
    odd = np.array(
        [[0, 0.4, 0.4], [1, 0.4, 0.4], [np.nan, 0.4, 0.4], [np.inf, 0.4, 0.4], [0.02, 0.99, 0.02]], np.float32
    )
    scene, found = premier.inverse(odd)
    assert not found.any()
    assert np.isfinite(scene).all()
    assert np.array_equal(scene[2], scene[0])
    assert np.array_equal(scene[3], scene[1])


def test_gray_is_gray(premier: SDev) -> None:
    shown = premier.apply(np.full((1, 3), 0.18, np.float32))
    scene, found = premier.inverse(shown)
    assert found.all()
    assert np.abs(scene / 0.18 - 1).max() < 1e-4


def test_exposure_input_and_display_are_inverted_too(premier: SDev, codes: Any) -> None:
    for other in (
        premier.with_exposure(1),
        premier.with_input("ACEScg"),
        premier.with_display("P3-DCI"),
        premier.with_display("pq@203"),
        premier.with_display("HLG"),
    ):
        shown = other.apply(premier.inverse(codes)[0])
        scene, found = other.inverse(shown)
        assert found.mean() > 0.9
        assert np.abs(other.apply(scene) - shown)[found].max() <= CODE
    brighter = premier.with_exposure(1).inverse(codes)[0]
    assert np.abs(2 * brighter / premier.inverse(codes)[0] - 1).max() < 1e-6


def test_an_sdev_of_codes_gives_codes(premier: SDev, codes: Any) -> None:
    logc3 = premier.with_input("LogC3")
    camera, found = logc3.inverse(codes)
    assert found.all()
    assert np.abs(logc3.apply(camera) - codes).max() <= 2 * CODE  # a camera's code moves its light by rounding, too
    light, _ = premier.with_input("ARRI Wide Gamut 3").inverse(codes.astype(np.float64))
    assert logc3.codes is not None
    assert np.abs(logc3.codes.encode(light) - logc3.inverse(codes.astype(np.float64))[0]).max() == 0


def test_what_cannot_be_is_one_line(premier: SDev, codes: Any) -> None:
    one_line(lambda: premier.inverse(codes[..., :2]), "(..., 3)")
    one_line(lambda: premier.inverse(codes.astype(int)), "codes: expected float16", "int64")
    one_line(lambda: premier.inverse("codes"), "expected a NumPy")  # type: ignore[arg-type]
    one_line(lambda: premier.inverse(codes, "cubic"), "interpolation", "'cubic'")  # type: ignore[arg-type]
    one_line(lambda: premier.inverse(codes, threads=0), "threads")
    one_line(lambda: premier.with_input("ADX10").inverse(codes), "ADX10", "can be encoded")
    gray = SDev.from_device(make_device(grid(3), display=Display(1.0, np.full((3, 3), 1 / 3), 1.0)))
    one_line(lambda: gray.inverse(codes), "display matrix")


def test_equal_sdevs_share_what_is_prepared(premier: SDev, codes: Any) -> None:
    again = replace(premier, name="another")
    assert np.array_equal(again.inverse(codes)[0], premier.inverse(codes)[0])
