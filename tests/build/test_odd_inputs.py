"""The kernels of a fit take what no fit should give them: both engines stay inside their memory and say the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from basics import require

from lattice.build import make_chain, samples
from lattice.build.curves import FEW, through_curves
from lattice.build.device import build_device
from lattice.build.film import MOST_SINGLE
from lattice.build.fit import fit
from lattice.build.kernels import by_numpy, native
from lattice.build.kernels.placed import FORM, Placed
from lattice.errors import LatticeWarning
from lattice.interp.native import unavailable_reason
from lattice.looks import Profile, load_profile
from lattice.looks.profile import DensityOnly
from lattice.types import INTERPOLATIONS, Array, Interpolation, LatticeError

METHOD = pytest.mark.parametrize("interpolation", INTERPOLATIONS)
SIZE, COUNT, ENDS = 5, 500, np.array([-8.0, 8.0])


@pytest.fixture(params=[by_numpy, native], ids=["numpy", "native"])
def kernels(request: Any) -> Any:
    if request.param is native and (reason := unavailable_reason()) is not None:
        require("native", reason)
    return request.param


def colors(u: Array, interpolation: Interpolation) -> Placed:
    random = np.random.default_rng(1)
    slopes = random.normal(size=(len(u), 3, 3))
    form = np.stack([(slopes[:, :, i] * slopes[:, :, j]).sum(axis=1) for i, j in FORM], axis=-1)
    return Placed(u, random.uniform(0, 1, (len(u), 3)), form, SIZE, interpolation)


def everything(kernels: Any, placed: Placed, stops: Array) -> list[Array]:
    """What every kernel says of colors at a lattice."""
    random = np.random.default_rng(2)
    nodes, weight = random.uniform(0, 1, (SIZE**3, 3)), random.uniform(0, 2, len(placed.u))
    bent = kernels.bend(placed, nodes, stops, ENDS, weight, 7)
    return [*kernels.normal(placed, weight), kernels.seen(placed, nodes), *bent]


def same(found: list[Array], wanted: list[Array]) -> None:
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12 * np.abs(other).max(initial=1))


@METHOD
def test_places_without_a_number_are_at_an_end(kernels: Any, interpolation: Interpolation) -> None:
    random = np.random.default_rng(3)
    u, stops = random.uniform(0, 1, (COUNT, 3)), random.uniform(-9, 9, (COUNT, 3))
    odd, ends = u.copy(), u.copy()
    for row, (value, end) in enumerate([(np.nan, 0), (np.inf, 1), (-np.inf, 0), (1e300, 1), (-1e300, 0)]):
        odd[row, row % 3], ends[row, row % 3] = value, end
    odd_stops, end_stops = stops.copy(), stops.copy()
    odd_stops[:3, 1], end_stops[:3, 1] = (np.nan, np.inf, -np.inf), (-8, 8, -8)
    wanted = colors(ends, interpolation)
    same(
        everything(kernels, Placed(odd, wanted.wanted, wanted.form, SIZE, interpolation), odd_stops),
        everything(by_numpy, wanted, end_stops),
    )


@METHOD
def test_no_color_at_all_adds_nothing(kernels: Any, interpolation: Interpolation) -> None:
    placed = colors(np.zeros((0, 3)), interpolation)
    found = everything(kernels, placed, np.zeros((0, 3)))
    assert [each.shape for each in found] == [(SIZE**3, 27), (SIZE**3, 3), (0,), (21, 21), (21,)]
    assert not any(each.any() for each in found)
    assert kernels.forms(np.zeros((0, 3)), np.eye(3)).shape == (0, 6)
    assert kernels.spectra(np.zeros((0, 3)), np.zeros(4), np.zeros((3, 4)), np.ones((3, 4))).shape == (0, 3)


@METHOD
def test_arrays_may_lie_in_memory_in_any_way(kernels: Any, interpolation: Interpolation) -> None:
    random = np.random.default_rng(4)
    plain, stops = colors(random.uniform(0, 1, (COUNT, 3)), interpolation), random.uniform(-9, 9, (COUNT, 3))
    apart = [np.repeat(each, 2, axis=0)[::2, ::-1][:, ::-1] for each in (plain.u, plain.wanted, plain.form)]
    assert not any(each.flags.c_contiguous for each in apart)
    odd = Placed(*apart, SIZE, interpolation)  # type: ignore[misc]
    for one, other in zip(
        everything(kernels, odd, np.asfortranarray(stops)), everything(kernels, plain, stops), strict=True
    ):
        assert np.array_equal(one, other)


def test_light_is_right_to_the_ends_that_it_is_asked_for_and_harmless_beyond(kernels: Any) -> None:
    """One band and one dye, so that the amount is the density."""
    densities = np.array([-MOST_SINGLE, -1, 0, 1, MOST_SINGLE, 30, 1e30, 1e300, np.inf, -30, -1e30, -1e300, -np.inf])
    amounts = np.zeros((len(densities), 3))
    amounts[:, 1] = densities
    with np.errstate(over="ignore", invalid="ignore"):  # NumPy's own words, of float32
        found = kernels.spectra(amounts, np.zeros(1), np.array([[0.0], [1], [0]]), np.array([[1.0], [0.5], [0]]))
    light = 10.0 ** -densities[:5]
    np.testing.assert_allclose(found[:5], light[:, None] * [1, 0.5, 0], rtol=2e-5)


def test_light_of_amounts_without_a_number_has_none(kernels: Any) -> None:
    amounts = np.array([[0.5, np.nan, 1], [0.5, 0.25, 1], [-np.nan, 0, 0]])
    found = kernels.spectra(amounts, np.zeros(2), np.ones((3, 2)), np.ones((3, 2)))
    assert np.isnan(found).any(axis=1).tolist() == [True, False, True]
    assert found[1] == pytest.approx(2 * 10**-1.75, rel=1e-6)
    nodes = np.array([[0.5, np.nan, 1], [0.5, 0.25, 1], [np.inf, 0, 0]])
    with np.errstate(invalid="ignore"):
        assert np.isfinite(kernels.forms(nodes, np.eye(3))).all(axis=1).tolist() == [False, True, False]


def test_equations_without_a_number_are_not_solved(kernels: Any) -> None:
    matrix, right = by_numpy.normal(colors(np.full((COUNT, 3), 0.4), "trilinear"), np.ones(COUNT))
    matrix[:, 13] += 1
    right[0] = np.nan
    assert kernels.solve(matrix, right, np.zeros((SIZE**3, 3)), 1e-9, 5)[1] is False


def test_a_scale_of_denormals_is_that_of_numpy() -> None:
    at = np.array([0.0, 5e-324, 1e-323, 2e-323])[:, None]
    x = np.tile([-1, 0, 5e-324, 1e-323, 1.5e-323, 2e-323, 1], FEW)[:, None]
    values = np.array([0.0, 1, 2, 3])[:, None]
    with np.errstate(over="ignore"):
        assert np.array_equal(through_curves(x, at, values)[:, 0], np.interp(x[:, 0], at[:, 0], values[:, 0]))


def deep(share: float) -> Profile:
    """A look in three bands whose negative's density is up to 29 times this share."""
    look = load_profile("vision").replace(size=3)
    bare = {field: getattr(look, field).model_copy(update={"dye_density": None}) for field in ("negative", "print")}
    printing = share * np.array([[10.0, 10, 9], [10, 9, 10], [9, 10, 10]])
    return look.replace(**bare, density_only=DensityOnly(printing=printing.tolist()))


def test_a_film_out_of_single_precision_is_summed_in_double(kernels: Any) -> None:
    film = 0.18 * 2.0 ** np.random.default_rng(5).uniform(-9, 8, (99, 3))
    for share in (-1, 0.4):
        chain = make_chain(deep(share))
        assert np.abs(chain.negative.amounts @ chain.negative.dyes).max() > MOST_SINGLE
        near, exact = chain.seen_by(kernels.spectra).project(film), chain.project(film)
        assert exact.min() > 1e-6
        assert np.abs(near / exact - 1).max() < 1e-5
    shaper, nodes = fit(deep(0.4), chain, kernels)
    assert np.isfinite(shaper.u).all()
    assert np.isfinite(nodes).all()


def test_a_look_that_shows_all_grays_alike_is_refused() -> None:
    with pytest.raises(LatticeError, match="vision: expected a print that shows lighter grays lighter"):
        build_device(deep(-1))


def test_single_precision_sums_what_shipped_looks_have(kernels: Any) -> None:
    chain = make_chain(load_profile("vision"))
    amounts = chain.print.amounts
    single = chain.seen_by(kernels.spectra).print.transmit(amounts)
    assert np.array_equal(single, kernels.spectra(amounts, chain.print.base, chain.print.dyes, chain.print.weights))
    assert not np.array_equal(single, chain.print.transmit(amounts))


@pytest.mark.parametrize("name", ["nodes", "form", "stops"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_colors_without_a_number_are_refused_by_name(name: str, value: float, monkeypatch: Any) -> None:
    profile = load_profile("vision").replace(size=3)
    drawn = samples.draw_samples

    def odd(*arguments: Any) -> samples.Samples:
        found = drawn(*arguments)
        getattr(found, name)[7:9, 1] = value
        return found

    monkeypatch.setattr("lattice.build.fit.draw_samples", odd)
    if name == "stops" and value == np.inf:  # as far as the shaper goes
        assert np.isfinite(build_device(profile).lattice.nodes).all()
        return
    with pytest.raises(LatticeError, match=r"profile vision: expected finite light .* 2 of 154,000 colors"):
        build_device(profile)


def test_nodes_that_are_not_solved_are_told(monkeypatch: Any) -> None:
    profile = load_profile("vision").replace(size=3)
    monkeypatch.setattr("lattice.build.fit.CG_STEPS", 2)
    with pytest.warns(LatticeWarning, match="profile vision: nodes are not wholly solved after 2 steps"):
        build_device(profile)
