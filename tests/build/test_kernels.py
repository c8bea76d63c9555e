"""The kernels of a fit: NumPy's are what they say, and the library's are the same on every instruction set."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from basics import require

from lattice.build import compiled, film, make_chain
from lattice.build.corners import corners
from lattice.build.curves import FEW, through_curves
from lattice.build.device import build_device
from lattice.build.fit import fit
from lattice.build.kernels import by_numpy, native
from lattice.build.kernels.placed import FORM, NEIGHBORS, Placed
from lattice.interp.native import FORCE, caller, instruction_sets, unavailable_reason
from lattice.looks import load_profile
from lattice.types import INTERPOLATIONS, Array, Interpolation, LatticeError

HERE = pytest.mark.usefixtures("library_here")
METHOD = pytest.mark.parametrize("interpolation", INTERPOLATIONS)
SIZE = pytest.mark.parametrize("size", [3, 5, 13])
SETS = [name for name, is_here in instruction_sets().items() if is_here]
ROUNDING = 1e-13  # of sums of a few thousand products in another order, relative to the largest
SINGLE = 2e-6  # relative error of light in single precision: of an exponent of up to 16 in 24 bits, and of sums


@pytest.fixture
def library_here() -> None:
    if (reason := unavailable_reason()) is not None:
        require("native", reason)


def placed(size: int, interpolation: Interpolation, count: int = 4000) -> Placed:
    """Colors inside a lattice and beyond it, on its faces, nodes and ties, with any form that is positive."""
    random = np.random.default_rng(size)
    u = random.uniform(-0.1, 1.1, (count, 3))
    u[:100, 1] = u[:100, 0]  # ties of two shares, and of three
    u[100:200] = u[100:200, :1]
    u[200:300] = random.integers(0, size, (100, 3)) / (size - 1)
    slopes = random.normal(size=(count, 3, 3))
    form = np.stack([(slopes[:, :, i] * slopes[:, :, j]).sum(axis=1) for i, j in FORM], axis=-1)
    return Placed(u, random.uniform(0, 1, (count, 3)), form, size, interpolation)


def dense(matrix: Array, size: int) -> Array:
    """Return a stencil as the whole matrix (size**3, size**3)."""
    whole, rows = np.zeros((size**3, size**3)), np.arange(size**3)
    for k, step in enumerate(by_numpy.steps(size)):
        inside = (rows + step >= 0) & (rows + step < size**3)
        whole[rows[inside], rows[inside] + step] = matrix[inside, k]
        assert (matrix[~inside, k] == 0).all()
    return whole


def weighing(colors: Placed) -> Array:
    """Return the interpolation as a matrix (n, size**3)."""
    numbers, weights = corners(colors.u, colors.size, colors.interpolation)
    whole = np.zeros((len(numbers), colors.size**3))
    for number, weight in zip(numbers.T, weights.T, strict=True):
        whole[np.arange(len(numbers)), number] += weight
    return whole


def near(found: Any, wanted: Any, bound: float = ROUNDING) -> None:
    assert np.abs(found - wanted).max() <= bound * np.abs(wanted).max()


@METHOD
@pytest.mark.parametrize("size", [3, 5])
def test_normal_equations_are_those_of_the_interpolation(size: int, interpolation: Interpolation) -> None:
    colors, weight = placed(size, interpolation), np.random.default_rng(0).uniform(0, 2, 4000)
    interpolated = weighing(colors)
    matrix, right = by_numpy.normal(colors, weight)
    near(dense(matrix, size), interpolated.T @ (weight[:, None] * interpolated))
    near(right, interpolated.T @ (weight[:, None] * colors.wanted))


@METHOD
def test_solved_nodes_are_those_of_the_whole_matrix(interpolation: Interpolation) -> None:
    matrix, right = by_numpy.normal(placed(5, interpolation), np.ones(4000))
    matrix[:, NEIGHBORS // 2] += 0.1
    start = np.random.default_rng(1).uniform(0, 1, (125, 3))
    nodes, is_solved = by_numpy.solve(matrix, right, start, 1e-12, 400)
    near(nodes, np.linalg.solve(dense(matrix, 5), right), 1e-10)
    assert is_solved
    assert (by_numpy.solve(matrix, right, start, 1e-12, 0)[0] == start).all()
    once, is_solved = by_numpy.solve(matrix, right, start, 1e-12, 1)
    assert not np.allclose(once, start)
    assert not is_solved


@METHOD
def test_what_is_seen_is_the_form_of_the_error(interpolation: Interpolation) -> None:
    colors, nodes = placed(5, interpolation), np.random.default_rng(2).uniform(0, 1, (125, 3))
    error = weighing(colors) @ nodes - colors.wanted
    whole = np.zeros((4000, 3, 3))
    for k, (i, j) in enumerate(FORM):
        whole[:, i, j] = whole[:, j, i] = colors.form[:, k]
    near(by_numpy.seen(colors, nodes) ** 2, np.einsum("ni,nij,nj->n", error, whole, error))


@METHOD
def test_bends_lessen_what_is_seen_as_the_equations_say(interpolation: Interpolation) -> None:
    """The right side is the slope, and the matrix the curvature, of half the sum of squares."""
    size, bends, ends = 5, 7, np.array([-8.0, 6.0])
    random = np.random.default_rng(3)
    inner = placed(size, interpolation)
    share, stops = random.uniform(0, 2, 4000), random.uniform(-9, 7, (4000, 3))
    nodes = 0.5 + 0.5 * random.uniform(0, 1, (size**3, 3))
    inner = Placed(0.1 + 0.8 * random.uniform(0, 1, (4000, 3)), inner.wanted, inner.form, size, interpolation)
    matrix, right = by_numpy.bend(inner, nodes, stops, ends, share, bends)
    change, step = random.normal(size=(3, bends)), 1e-7
    at = np.linspace(*ends, bends)

    def error(by: float) -> Array:
        moved = np.stack([np.interp(stops[:, k], at, by * change[k]) for k in range(3)], axis=-1)
        return by_numpy.miss(Placed(inner.u + moved, inner.wanted, inner.form, size, interpolation), nodes)

    slope = (error(step) - error(-step)) / (2 * step)
    along = change.ravel()
    formed = share[:, None] * by_numpy.times(inner.form, slope)
    assert along @ matrix @ along == pytest.approx((formed * slope).sum(), rel=1e-4)
    assert along @ right == pytest.approx(-(formed * error(0)).sum(), rel=1e-4)
    assert (matrix == matrix.T).all()


def test_light_in_single_precision_is_that_of_the_film() -> None:
    print_ = make_chain(load_profile("vision")).print
    amounts = np.random.default_rng(4).uniform(0, 3, (film.BLOCK + 77, 3))
    wanted = print_.transmit(amounts)
    assert np.abs(by_numpy.spectra(amounts, print_.base, print_.dyes, print_.weights) / wanted - 1).max() < SINGLE
    assert by_numpy.spectra(np.zeros((0, 3)), print_.base, print_.dyes, print_.weights).shape == (0, 3)


@HERE
@SIZE
@METHOD
def test_the_library_has_the_same_kernels(size: int, interpolation: Interpolation) -> None:
    colors, random = placed(size, interpolation), np.random.default_rng(5)
    weight, nodes = random.uniform(0, 2, 4000), random.uniform(0, 1, (size**3, 3))
    both = [(kernels.normal(colors, weight), kernels.seen(colors, nodes)) for kernels in (native, by_numpy)]
    (found, seen), ((matrix, right), wanted_seen) = both
    near(found[0], matrix)
    near(found[1], right)
    near(seen, wanted_seen)
    matrix[:, NEIGHBORS // 2] += 0.1
    near(*(kernels.solve(matrix, right, nodes, 1e-9, 400)[0] for kernels in (native, by_numpy)), 1e-8)
    for most, tolerance, is_solved in ((400, 1e-9, True), (1, 1e-9, False), (0, 1e-9, False), (0, 1e9, True)):
        for kernels in (native, by_numpy):
            assert kernels.solve(matrix, right, nodes, tolerance, most)[1] is is_solved
    stops, ends = random.uniform(-9, 9, (4000, 3)), np.array([-8.0, 8.0])
    bent = [kernels.bend(colors, nodes, stops, ends, weight, 17) for kernels in (native, by_numpy)]
    for one, other in zip(*bent, strict=True):
        near(one, other)


@HERE
def test_the_library_has_the_same_light_and_forms() -> None:
    print_, random = make_chain(load_profile("vision")).print, np.random.default_rng(6)
    amounts = random.uniform(0, 3, (1001, 3))
    wanted = print_.transmit(amounts)
    assert np.abs(native.spectra(amounts, print_.base, print_.dyes, print_.weights) / wanted - 1).max() < SINGLE
    deep = np.array([[400.0, 400, 400], [0, 0, 0]])
    assert native.spectra(deep, print_.base, print_.dyes, print_.weights)[0].max() < 1e-30
    nodes = random.uniform(-0.1, 1.2, (1001, 3))
    nodes[:9], nodes[9:20] = 0, np.linspace(0, 1, 11)[:, None]
    to_relative = np.array([[0.41, 0.36, 0.18], [0.21, 0.72, 0.07], [0.02, 0.12, 0.95]])
    to_relative /= to_relative.sum(axis=1, keepdims=True)
    found, wanted = native.forms(nodes, to_relative), by_numpy.forms(nodes, to_relative)
    assert (np.abs(found - wanted).max(axis=1) / wanted[:, :3].sum(axis=1)).max() < 1e-11


@HERE
@pytest.mark.parametrize("name", SETS)
def test_every_instruction_set_builds_the_same_bits(name: str, monkeypatch: Any) -> None:
    looks = [
        load_profile("vision").replace(size=5),
        load_profile("premier-5219").replace(size=5, interpolation="tetrahedral"),
    ]
    wanted = [build_device(look).sha256 for look in looks]
    monkeypatch.setenv(FORCE, name)
    assert [build_device(look).sha256 for look in looks] == wanted


@HERE
@pytest.mark.parametrize("columns", [1, 3])
@pytest.mark.parametrize("count", [FEW - 1, 4 * FEW])
def test_numbers_through_curves_are_those_of_numpy(count: int, columns: int) -> None:
    random = np.random.default_rng(7)
    at, values = np.sort(random.uniform(-1, 1, (50, columns)), axis=0), random.normal(size=(50, columns))
    at[10:14] = at[10]  # a curve that stands still
    at[-2:] = at[-1]
    x = random.uniform(-2, 2, (count, columns))
    x[:50], x[50:52] = at, np.nan
    x[60:63] = np.array([[np.inf], [-np.inf], [np.nextafter(at[10, 0], 9)]])
    wanted = np.stack([np.interp(x[:, k], at[:, k], values[:, k]) for k in range(columns)], axis=-1)
    assert np.array_equal(through_curves(x, at, values), wanted, equal_nan=True)
    assert np.array_equal(through_curves(x.reshape(-1, 1, columns), at, values)[:, 0], wanted, equal_nan=True)


@HERE
def test_one_scale_is_that_of_every_column() -> None:
    at, values = np.linspace(-1, 1, 9)[:, None], np.random.default_rng(8).normal(size=(9, 3))
    x = np.random.default_rng(9).uniform(-2, 2, (2 * FEW, 3))
    assert (through_curves(x, at, values) == through_curves(x, np.repeat(at, 3, axis=1), values)).all()
    assert (through_curves(x[..., :1], at, values[:, :1]) == through_curves(x, at, values)[..., :1]).all()
    several = through_curves(x[..., :1], at, values)
    assert (several == through_curves(np.repeat(x[..., :1], 3, axis=1), at, values)).all()
    assert (several[:9] == through_curves(x[:9, :1], at, values)).all()
    level = through_curves(x, np.zeros((4, 1)), np.arange(4.0)[:, None])
    assert (level == np.where(x < 0, 0, 3)).all()


@HERE
@METHOD
def test_both_engines_fit_the_same_lattice(interpolation: Interpolation) -> None:
    profile = load_profile("vision").replace(size=5, interpolation=interpolation)
    chain = make_chain(profile)
    (shaper, nodes), (other, others) = (fit(profile, chain, kernels) for kernels in (native, by_numpy))
    assert np.abs(nodes - others).max() < 1e-4
    assert np.abs(shaper.u - other.u).max() < 1e-4
    assert (nodes != others).any()  # two engines


@HERE
@pytest.mark.parametrize("changed", range(len(compiled.KERNELS) + 1))
def test_a_library_with_other_structs_is_not_called(changed: int, monkeypatch: Any) -> None:
    found: Any = compiled.library()

    class Other:
        def lattice_fit_size(self, number: int) -> int:
            return int(found.lattice_fit_size(number)) + 8 * (number == changed)

    monkeypatch.setattr("lattice.interp.native.library", lambda: Other())
    with pytest.raises(LatticeError, match="compiled for another version of lattice: install again"):
        compiled.library()


@HERE
def test_too_little_memory_is_an_exception_of_python() -> None:
    with pytest.raises(MemoryError, match="lattice_solve"):
        caller("lattice_solve")(compiled.Solve(size=1 << 20))  # more nodes than memory has addresses for
