"""The words of the house: what each record refuses, what it freezes, and what its digest sees."""

from __future__ import annotations

import dataclasses
import pickle
from typing import Any

import numpy as np
import pytest
from basics import grid, make_device, plain_table
from hypothesis import given
from hypothesis import strategies as st

from lattice import axes
from lattice.encodings import SRGB_SLOPE, SRGB_TOE
from lattice.files import clf
from lattice.types import Curve, Display, Lattice, LatticeError, SDevData, Table, frozen

X, D = np.arange(12.0), np.linspace(0.1, 3, 12)


def changed(values: Any, at: int, value: float) -> Any:
    copy = np.array(values)
    copy[at] = value
    return copy


@pytest.mark.parametrize(
    ("x", "d", "says"),
    [
        (X[:11], D, "log_exposure: expected 12 points, got 11"),
        (X, D[:11], "density: expected 12 points, got 11"),
        (X.reshape(2, 6), D, "log_exposure: expected shape (12,), got (2, 6)"),
        (changed(X, 4, 3), D, "log_exposure does not rise at point 5 (3 -> 3)"),
        (X, changed(D, 6, 0.2), "density falls at point 7"),
        (X, changed(D, 0, -0.01), "density: expected 0 to 6, got -0.01"),
        (X, changed(D, 11, 6.5), "density: expected 0 to 6"),
        (changed(X, 2, np.nan), D, "log_exposure: expected finite numbers"),
        (X, changed(D, 11, np.inf), "density: expected finite numbers"),
    ],
)
def test_a_curve_that_breaks_a_rule_is_refused_by_name(x: Any, d: Any, says: str) -> None:
    with pytest.raises(LatticeError) as caught:
        Curve(x, d)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_flat_curve_is_a_curve() -> None:
    assert Curve(X, np.full(12, 0.3)).density.tolist() == [0.3] * 12


def test_arrays_are_read_only_copies() -> None:
    x = X.copy()
    curve, device = Curve(x, D), make_device(grid(3))
    x[0] = -5
    assert curve.log_exposure[0] == 0
    for array in (
        curve.log_exposure,
        curve.density,
        device.matrix,
        device.table.values,
        device.lattice.nodes,
        device.display.matrix,
    ):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    for record in (curve, device, device.table, device.lattice, device.display):
        with pytest.raises(dataclasses.FrozenInstanceError):
            record.name = "x"  # type: ignore[misc]
    with pytest.raises(TypeError):
        device.provenance["input"] = "x"  # type: ignore[index]


def test_frozen_keeps_shape_dtype_and_order() -> None:
    array = frozen(np.asfortranarray(np.ones((2, 3))), np.float32, (None, 3), "it")
    assert array.dtype == np.float32
    assert array.flags.c_contiguous
    assert not array.flags.writeable
    with pytest.raises(LatticeError, match=r"it: expected shape \(None, 4\), got \(2, 3\)"):
        frozen(array, np.float32, (None, 4), "it")


@pytest.mark.parametrize("size", [0, 1])
def test_a_lattice_has_cells(size: int) -> None:
    with pytest.raises(LatticeError, match=f"lattice: expected a size of at least 2, got {size}"):
        Lattice(np.zeros((size, size, size, 3)), "trilinear")


@pytest.mark.parametrize("size", [2, 3, 16, 129])
def test_a_lattice_has_any_size_from_2(size: int) -> None:
    assert Lattice(np.zeros((size, size, size, 3)), "trilinear").size == size


@pytest.mark.parametrize("shape", [(3, 3, 5, 3), (3, 3, 3), (3, 3, 3, 4), (27, 3)])
def test_a_lattice_is_a_cube_of_triples(shape: Any) -> None:
    with pytest.raises(LatticeError, match="lattice: expected"):
        Lattice(np.zeros(shape), "trilinear")


def test_an_unknown_interpolation_is_refused() -> None:
    with pytest.raises(LatticeError, match="expected trilinear or tetrahedral, got 'cubic'"):
        Lattice(grid(3), "cubic")  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [1.1e9, -1.1e9, np.inf, np.nan])
def test_a_table_holds_numbers(value: float) -> None:
    values = plain_table().values.copy()
    values[1000, 1] = value
    with pytest.raises(LatticeError, match="table: expected"):
        Table(values)


@pytest.mark.parametrize("code", [1000, 0x8000, 0xFFFF, 0x7E00])
@pytest.mark.parametrize("value", [-4.0, 12.0, 1e9])
def test_any_entry_may_lie_past_the_lattice(code: int, value: float) -> None:
    values = plain_table().values.copy()
    values[code, 1] = value
    assert Table(values).values[code, 1] == value


@pytest.mark.parametrize(
    ("exponent", "gamma"),
    [
        (0, 1),
        (-3, 1),
        (np.inf, 1),
        (np.nan, 1),
        (3, 0),
        (3, np.nan),
        (3, -2),
        (0.06, 1),
        (16.5, 1),
        (3, 0.06),
        (3, 16.5),
    ],
)
def test_a_display_needs_exponents_within_reach(exponent: float, gamma: float) -> None:
    with pytest.raises(LatticeError, match="display"):
        Display(exponent, np.eye(3), gamma)


def test_a_display_needs_a_finite_3x3_of_some_size() -> None:
    for matrix in (np.eye(4), np.full((3, 3), np.nan), np.eye(3) * 2e9):
        with pytest.raises(LatticeError, match="display matrix: expected"):
            Display(3, matrix, 2.4)


def test_srgb_joins_without_a_step_or_a_kink() -> None:
    encode, step = Display(1, np.eye(3), "sRGB").encode, 1e-9
    assert encode(np.array([0.0, 1.0])).tolist() == pytest.approx([0, 1])
    low, at, high = encode(SRGB_TOE + np.array([-step, 0, step]))
    assert (high - at) / step == pytest.approx((at - low) / step, rel=1e-4)
    assert pytest.approx(12.92, abs=0.01) == SRGB_SLOPE


@given(st.floats(0, 1), st.floats(1, 3))
def test_encoding_is_undone_by_its_power(light: float, gamma: float) -> None:
    code = Display(1, np.eye(3), gamma).encode(np.array([light]))
    assert code.item() ** gamma == pytest.approx(light, abs=1e-12)


@given(st.floats(width=32, allow_nan=False))
def test_codes_lie_between_0_and_1_in_the_dtype_that_came(light: float) -> None:
    for gamma in ("sRGB", 2.4):
        for dtype in (np.float32, np.float64):
            code = Display(1, np.eye(3), gamma).encode(np.array([light], dtype))  # type: ignore[arg-type]
            assert code.dtype == dtype
            assert 0 <= code[0] <= 1


def _variants(device: SDevData) -> dict[str, SDevData]:
    nodes = device.lattice.nodes.copy()
    nodes[1, 2, 0, 1] += 1e-6
    table = device.table.values.copy()
    table[77, 2] += 1e-6
    return {
        "matrix": dataclasses.replace(device, matrix=np.diag([1, 1, 1 + 1e-12])),
        "node": dataclasses.replace(device, lattice=Lattice(nodes, device.lattice.interpolation)),
        "interpolation": dataclasses.replace(device, lattice=Lattice(device.lattice.nodes, "tetrahedral")),
        "table": dataclasses.replace(device, table=Table(table)),
        "exponent": dataclasses.replace(device, display=Display(2.0, np.eye(3), 1.0)),
        "display matrix": dataclasses.replace(device, display=Display(1.0, np.diag([1, 1, 0.5]), 1.0)),
        "gamma": dataclasses.replace(device, display=Display(1.0, np.eye(3), "sRGB")),
    }


def test_the_digest_sees_all_that_decides_a_pixel_and_nothing_else() -> None:
    device = make_device(grid(3))
    digests = {what: variant.sha256 for what, variant in _variants(device).items()}
    assert len({device.sha256, *digests.values()}) == 1 + len(digests)
    renamed = dataclasses.replace(device, name="other", provenance={"input": "ACEScg"})
    assert renamed.sha256 == device.sha256 == make_device(grid(3)).sha256


@pytest.mark.parametrize("number", [2, np.float64(2), np.float32(2)])
def test_equal_numbers_have_equal_digests_whatever_their_type(number: Any) -> None:
    device = make_device(grid(3), display=Display(number, np.eye(3), number))
    assert device.sha256 == make_device(grid(3), display=Display(2.0, np.eye(3), 2.0)).sha256
    assert clf.from_xml(clf.to_xml(device).encode()).sha256 == device.sha256


@pytest.mark.parametrize("name", ["vision-scan", "vision"])
def test_a_device_can_be_shipped(name: str, built: Any) -> None:
    sdev = built(name)
    again = pickle.loads(pickle.dumps(sdev))
    assert type(again) is type(sdev)
    assert again.sha256 == sdev.sha256
    assert again.provenance == sdev.provenance
    table = again.table
    steps = [(step.matrix, step.curves) for step in getattr(table, "steps", ())]
    held = [array for step in steps for array in step] if steps else [table.values]
    for array in (again.matrix, *held, again.lattice.nodes, again.display.matrix):
        assert not array.flags.writeable


def test_the_straight_table_passes_values_through() -> None:
    from basics import plain_table

    assert np.array_equal(Table.identity().values, plain_table().values)


def test_every_half_and_every_place_is_there_in_order() -> None:
    bits = axes.halves().view(np.uint16)
    assert (bits == np.arange(2**16)).all()
    held = axes.held_halves()
    assert [held[code] for code in (0x3C00, 0xC000, 0x7C00, 0xFC00, 0x7E00, 0xFFFF)] == [1, -2, 65504, -65504, 0, 0]
    assert held[0x7BFF] == axes.HALF_MAX == np.finfo(np.float16).max
    places = axes.grid(np.array([[0.0, 10.0, 20.0], [1.0, 11.0, 21.0]]))
    assert places.shape == (2, 2, 2, 3)
    assert places[1, 0, 1].tolist() == [1, 10, 21]
    same = axes.grid(np.array([0, 0.5, 1], np.float32))
    assert same.dtype == np.float32
    assert same[0, 1, 2].tolist() == [0, 0.5, 1]
