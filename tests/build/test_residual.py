"""A residual moves the colors that the print shows by its offsets, and without one nothing changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lattice.build import film_exposure, make_chain, render, simulate
from lattice.build.device import build_device
from lattice.build.display import encode_nodes
from lattice.build.residual import opponent
from lattice.looks import Profile, load_profile
from lattice.looks.residual import SPANS, Residual, steps
from lattice.sdev.device import SDev
from lattice.types import MID_GRAY

SIZE = 5
LIGHT = MID_GRAY * 2.0 ** np.random.default_rng(3).uniform(-6, 5, (500, 3))
SHIFT = np.array([1.5, -2.0, 3.0])


def held(offsets: Any, amount: float = 1.0, name: str = "vision") -> Profile:
    residual = Residual(size=SIZE, offsets=np.broadcast_to(offsets, (SIZE, SIZE, SIZE, 3)), amount=amount)
    return load_profile(name).replace(residual=residual)


def color(look: Profile, light: Any = LIGHT) -> Any:
    """Lightness, red-green and yellow-blue (n, 3) that a look shows."""
    chain = make_chain(look)
    return opponent(encode_nodes(chain.project(film_exposure(look, light)), chain))


@pytest.mark.parametrize("name", ["vision", "vision-5219", "eterna", "vision-scan"])
def test_none_and_amount_0_are_the_film_alone_to_the_bit(name: str) -> None:
    film = load_profile(name)
    assert (simulate(held(SHIFT, 0.0, name), LIGHT) == simulate(film, LIGHT)).all()
    assert make_chain(film).correction is None


def test_offsets_of_0_change_nothing() -> None:
    film = load_profile("vision")
    assert np.abs(simulate(held(0.0), LIGHT) - simulate(film, LIGHT)).max() < 1e-12
    assert np.abs(render(held(0.0), LIGHT) - render(film, LIGHT)).max() < 1e-12


@pytest.mark.parametrize("name", ["vision", "vision-5219", "eterna"])  # a film-out, a camera, without spectra
@pytest.mark.parametrize("amount", [1.0, 0.25])
def test_a_constant_offset_shifts_colors_by_its_amount(name: str, amount: float) -> None:
    film = color(load_profile(name))
    bright = film[:, 0] > 40  # a shift leaves no light below 0
    assert bright.sum() > 100
    moved = color(held(SHIFT, amount, name))
    assert moved[bright] - film[bright] == pytest.approx(amount * np.broadcast_to(SHIFT, film[bright].shape), abs=1e-9)


def test_offsets_are_linear_between_nodes_and_flat_beyond() -> None:
    slope, low = 0.3, np.array(SPANS)[:, 0]
    axis = low[0] + steps(SIZE)[0] * np.arange(SIZE)
    offsets = np.zeros((SIZE, SIZE, SIZE, 3))
    offsets[..., 2] = slope * axis[:, None, None]
    film = color(load_profile("vision"))
    bright = film[:, 0] > 40
    moved = color(held(offsets)) - film
    assert moved[bright, 2] == pytest.approx(slope * np.clip(film[bright, 0], *SPANS[0]), abs=1e-9)
    assert np.abs(moved[bright, :2]).max() < 1e-9


def test_no_light_is_below_0() -> None:
    xyz = simulate(held([-60.0, 0.0, 0.0]), LIGHT)
    chain = make_chain(held([-60.0, 0.0, 0.0]))
    assert (chain.project(film_exposure(load_profile("vision"), LIGHT)) >= 0).all()
    assert np.isfinite(xyz).all()


def test_nan_stays_nan_and_harms_no_other() -> None:
    look, light = held(SHIFT), LIGHT[:4].copy()
    light[1] = np.nan
    found = simulate(look, light)
    assert np.isnan(found[1]).all()
    assert found[[0, 2, 3]] == pytest.approx(simulate(look, LIGHT[[0, 2, 3]]), rel=1e-12)  # other sums of rows


@pytest.mark.parametrize("name", ["vision", "vision-5219"])
def test_an_sdev_holds_it_as_well_as_film_alone(name: str) -> None:
    def off(look: Profile) -> float:
        codes = SDev.from_device(build_device(look)).apply(LIGHT.astype(np.float32)[None])[0]
        return float(np.abs(codes - render(look, LIGHT)).mean())

    film, look = load_profile(name), held(SHIFT, name=name)
    assert np.abs(render(look, LIGHT) - render(film, LIGHT)).mean() > 0.01
    assert off(look) < max(1.5 * off(film), 0.001)
