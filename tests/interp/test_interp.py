"""Engines: truths before parity, any memory layout, any block size, and broken kernels that must be caught."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from basics import ENGINES, IN_ANY_FORM, Engine, grid, make_device, random_device, run
from tolerance import ENCODE_ROUNDINGS, EPS, exact_codes, half_bound
from truths import SRGB, TRUTHS, alpha_is_carried, picture

from lattice.interp import reference
from lattice.types import INTERPOLATIONS, Display


@IN_ANY_FORM
@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: truth.__name__)
def test_every_engine_holds(truth: Any, engine: Engine, interpolation: Any) -> None:
    truth(engine, interpolation)


SHAPES = [
    (0, 0, 3),
    (0, 5, 4),
    (5, 0, 3),
    (1, 1, 3),
    (1, 1, 4),
    (1, 2, 3),
    (2, 1, 4),
    (3, 17, 3),
    (1, 40001, 3),
    (4001, 1, 3),
]


def test_any_size_of_picture_is_its_pixels_one_by_one(engine: Engine, interpolation: Any) -> None:
    device = random_device(interpolation, display=SRGB)
    for shape, dtype in product(SHAPES, (np.float16, np.float32)):
        image = np.random.default_rng(1).uniform(0, 2, shape).astype(dtype)
        found = run(engine, device, image)
        assert (found.shape, found.dtype) == (shape, dtype)
        pixels = found.reshape(-1, shape[2])
        for i in range(0, len(pixels), max(1, len(pixels) // 7)):
            alone = run(engine, device, image.reshape(-1, 1, shape[2])[i : i + 1])
            assert np.array_equal(alone[0, 0], pixels[i]), (shape, dtype, i)


LAYOUTS: dict[str, Any] = {
    "fortran": np.asfortranarray,
    "planar": lambda image: np.moveaxis(np.ascontiguousarray(np.moveaxis(image, -1, 0)), 0, -1),
    "flipped": lambda image: np.ascontiguousarray(image[::-1, ::-1])[::-1, ::-1],
    "bgr": lambda image: np.ascontiguousarray(image[..., ::-1])[..., ::-1],
    "every other": lambda image: np.repeat(np.repeat(image, 2, axis=0), 3, axis=1)[::2, ::3],
    "transposed": lambda image: np.ascontiguousarray(image.swapaxes(0, 1)).swapaxes(0, 1),
    "a window": lambda image: np.pad(image, ((3, 2), (1, 5), (2, 1)))[3:-2, 1:-5, 2:-1],
}


def test_any_memory_layout_gives_the_same_bits(engine: Engine, interpolation: Any) -> None:
    device = random_device(interpolation, display=SRGB)
    for (name, layout), channels, dtype in product(LAYOUTS.items(), (3, 4), (np.float16, np.float32)):
        case = name, channels, dtype
        image = np.random.default_rng(6).uniform(0, 2, (37, 41, channels)).astype(dtype)
        wanted = run(engine, device, image)
        strided = layout(image)
        assert np.array_equal(strided, image), case
        assert np.array_equal(run(engine, device, strided), wanted), case
        out = layout(np.full_like(image, 7))
        engine.run(device, strided, out, interpolation)
        assert np.array_equal(out, wanted), case
        engine.run(device, strided, strided, interpolation)  # in place
        assert np.array_equal(strided, wanted), case


@pytest.mark.parametrize("block", [1, 3, 100, 997, 10**7])
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_the_size_of_a_block_changes_no_bit(
    block: int, dtype: Any, interpolation: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = random_device(interpolation, display=SRGB)
    tilted = make_device(device.lattice.nodes, interpolation, device.table, SRGB, SRGB.matrix)
    image = np.random.default_rng(8).uniform(-1, 3, (9, 111, 4)).astype(dtype)
    for each in (device, tilted):
        wanted = run(ENGINES[0], each, image)
        with monkeypatch.context() as patch:
            patch.setattr(reference, "BLOCK", block)
            assert np.array_equal(run(ENGINES[0], each, image), wanted)


@pytest.mark.slow
@pytest.mark.parametrize("look", ["premier", "vision-camera", "eterna"])
def test_float32_stays_within_the_derived_bound_of_float64(
    look: str, built: Any, engine: Engine, interpolation: Any
) -> None:
    device = built(look)
    random = np.random.default_rng(11)
    image = (0.18 * 2.0 ** random.uniform(-10, 9, (1, 200_000, 3))).astype(np.float32)
    wanted, bound = exact_codes(device, image, interpolation)
    miss = np.abs(run(engine, device, image, interpolation=interpolation)[0].T - wanted)
    assert (miss <= bound).all()
    assert miss.max() < 2e-4  # so that the bound itself is known to be small


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_float64_is_what_dtype_says(dtype: Any, interpolation: Any) -> None:
    device, image = random_device(interpolation, display=SRGB), picture(301).astype(dtype)
    out = np.empty(image.shape, np.float64)
    reference.apply(device, image, out, interpolation, dtype=np.float64)
    assert not np.array_equal(out, out.astype(np.float32))  # it was computed in float64
    assert np.abs(out - run(ENGINES[0], device, image, np.float32)).max() < 1e-4


def test_a_half_output_is_the_float32_one_rounded_once(engine: Engine, interpolation: Any, built: Any) -> None:
    device, image = built("premier"), picture(100_001).astype(np.float16)
    exact = run(engine, device, image, np.float32, interpolation)
    found = run(engine, device, image, np.float16, interpolation)
    assert (np.abs(found.astype(np.float64) - exact) <= half_bound(found)).all()


def test_codes_stay_within_0_and_1(engine: Engine, interpolation: Any) -> None:
    wild = Display(3.0, np.array([[9, -5, 0], [-7, 2, 1], [0, 0, 30.0]]), "sRGB")
    device = random_device(interpolation, display=wild)
    found = run(engine, device, picture(2001))
    assert found.min() == 0
    assert 1 - ENCODE_ROUNDINGS * EPS <= found.max() <= 1


def test_node_values_below_0_count_as_0(engine: Engine, interpolation: Any) -> None:
    device = make_device(grid(3) - 2, interpolation, display=Display(3.0, np.eye(3), "sRGB"))
    assert (run(engine, device, picture(11)) == 0).all()


def _transposed(method: Any) -> Any:
    return lambda nodes, u, size: method(
        np.ascontiguousarray(nodes.reshape(3, size, size, size).transpose(0, 3, 2, 1).reshape(3, -1)), u, size
    )


def _off_by_one(u: Any, size: int, find: Any = reference.find_cell) -> Any:
    number, inside = find(u, size)
    return np.minimum(number + 1, size**3 - 1), inside


def _rounded_cell(u: Any, size: int, find: Any = reference.find_cell) -> Any:
    number, inside = find(u, size)
    return number, np.round(inside)


def _nearest_half(columns: Any, planes: Any) -> Any:
    with np.errstate(over="ignore", invalid="ignore"):
        return reference.look_up_half(columns, planes.astype(np.float16).view(np.uint16))


def _unmixed(display: Any, values: Any) -> Any:
    return display.encode(np.maximum(values, 0) ** values.dtype.type(display.exponent))


def _no_exponent(display: Any, values: Any) -> Any:
    return display.encode(reference.transform(display.matrix, np.maximum(values, 0)))


def _unclipped(display: Any, linear: Any, axis: int = -1) -> Any:
    return np.sign(linear) * _always_power(display, np.abs(linear), axis, np.inf)


def _always_power(display: Any, linear: Any, axis: int = -1, most: float = 1) -> Any:
    return np.clip(linear, 0, most) ** (1 / (2.4 if display.gamma == "sRGB" else display.gamma))


BROKEN = {
    "axes swapped": lambda patch: patch.setattr(
        reference, "find_cell", lambda u, size, find=reference.find_cell: find(u[::-1], size)
    ),
    "off by one cell": lambda patch: patch.setattr(reference, "find_cell", _off_by_one),
    "nodes in Fortran order": lambda patch: [
        patch.setitem(reference.METHODS, name, _transposed(method)) for name, method in list(reference.METHODS.items())
    ],
    "nearest node": lambda patch: patch.setattr(reference, "find_cell", _rounded_cell),
    "methods swapped": lambda patch: [
        patch.setitem(reference.METHODS, "trilinear", reference.tetrahedral),
        patch.setitem(reference.METHODS, "tetrahedral", reference.trilinear),
    ],
    "no gamma": lambda patch: patch.setattr(Display, "encode", lambda self, linear, axis=-1: np.clip(linear, 0, 1)),
    "gamma without the toe": lambda patch: patch.setattr(Display, "encode", _always_power),
    "no clip": lambda patch: patch.setattr(Display, "encode", _unclipped),
    "no exponent": lambda patch: patch.setattr(reference, "show", _no_exponent),
    "no display matrix": lambda patch: patch.setattr(reference, "show", _unmixed),
    "matrices transposed": lambda patch: patch.setattr(
        reference, "transform", lambda matrix, planes, mix=reference.transform: mix(matrix.T, planes)
    ),
    "table read one bit off": lambda patch: patch.setattr(
        reference, "look_up_half", lambda columns, bits, look=reference.look_up_half: look(columns, bits ^ 1)
    ),
    "nearest half": lambda patch: patch.setattr(reference, "look_up", _nearest_half),
    "negatives mirrored": lambda patch: patch.setattr(
        reference, "look_up", lambda columns, planes, look=reference.look_up: look(columns, np.abs(planes))
    ),
}


def _holds(truth: Any, interpolation: Any) -> bool:
    try:
        with np.errstate(all="ignore"):
            truth(ENGINES[0], interpolation)
    except AssertionError:
        return False
    return True


@pytest.mark.parametrize("breakage", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("method", INTERPOLATIONS)
def test_a_broken_kernel_is_caught(breakage: Any, method: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    breakage(monkeypatch)
    assert not all(_holds(truth, method) for truth in TRUTHS)


def test_a_kernel_that_drops_alpha_is_caught(interpolation: Any) -> None:
    def opaque(device: Any, image: Any, out: Any, method: Any) -> None:
        reference.apply(device, image, out, method)
        out[..., 3:] = 1

    with pytest.raises(AssertionError):
        alpha_is_carried(Engine("opaque", opaque), interpolation)
