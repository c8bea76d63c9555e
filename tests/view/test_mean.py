"""The 2x2 mean: every engine gives the bits of NumPy's definition, at any size, of any values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from native_samples import sets_here

from lattice.interp import mean, native

SIZES = ((1, 1), (1, 2), (2, 1), (3, 3), (1, 16), (2, 15), (2, 17), (5, 31), (4, 32), (7, 33), (64, 160), (33, 161))


@pytest.fixture(params=["avx512", "avx2", "neon", "portable"])
def instruction_set(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param not in sets_here():
        pytest.skip(f"{request.param}: not of this processor")
    monkeypatch.setenv(native.FORCE, request.param)
    return str(request.param)


def bits(halves: Any) -> Any:
    return halves.view(np.uint16)


def any_halves(*shape: int) -> Any:
    """Every bit pattern may occur: NaN payloads, infinities, subnormals."""
    return np.random.default_rng(shape[-1]).integers(0, 1 << 16, shape, np.uint16).view(np.float16)


def small_halves(*size: int) -> Any:
    """Subnormals of both signs."""
    return (any_halves(1, *size).view(np.uint16) & np.uint16(0x83FF)).view(np.float16)


@pytest.mark.usefixtures("instruction_set")
@pytest.mark.parametrize("size", SIZES)
def test_every_set_gives_the_bits_of_the_definition(size: tuple[int, int]) -> None:
    for planes in (any_halves(3, *size), np.abs(any_halves(4, *size)), small_halves(*size)):
        assert np.array_equal(bits(mean.halved(planes)), bits(mean.by_numpy(planes)))


@pytest.mark.usefixtures("instruction_set")
def test_parts_of_a_picture_are_halved_as_they_are() -> None:
    picture = any_halves(40, 70, 4)
    planes = picture.transpose(2, 0, 1)[:3, 3:, 1::2]
    assert np.array_equal(bits(mean.halved(planes)), bits(mean.by_numpy(planes.copy())))


@pytest.mark.usefixtures("instruction_set")
def test_values_that_are_not_finite_spread() -> None:
    infinite, nan = np.float16(np.inf), np.float16(np.nan)
    plane = np.array([[[1, infinite, 1, nan, infinite, 1, -0.0, -0.0], [1, 1, 1, 1, -infinite, 1, -0.0, -0.0]]])
    found = mean.halved(plane.astype(np.float16))[0, 0]
    assert found[0] == infinite
    assert bits(found)[1] == bits(found)[2] == 0x7E00
    assert bits(found)[3] == 0x8000


@pytest.mark.parametrize("value", [65504, 2.0**-24, -(2.0**-24), 2.0**-14, 0.18])
def test_a_flat_picture_stays_as_it_is(value: float) -> None:
    flat = np.full((1, 3, 5), value, np.float16)
    assert np.array_equal(mean.halved(flat), flat[:, :2, :3])


def test_an_odd_edge_is_the_mean_of_what_is_there() -> None:
    plane = np.arange(9, dtype=np.float16).reshape(1, 3, 3)
    assert mean.halved(plane).tolist() == [[[2, 3.5], [6.5, 8]]]


def test_without_a_library_numpy_does_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    planes = any_halves(3, 9, 21)
    for name in (native.FORCE, native.LIBRARY):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(native, "unavailable_reason", lambda: "not compiled")
    monkeypatch.setattr(native, "halve", None)
    assert np.array_equal(bits(mean.halved(planes)), bits(mean.by_numpy(planes)))
