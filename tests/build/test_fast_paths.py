"""The quick ways of a build give the bits of the long ones: nothing built before changes what is built next."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from threading import Thread

import numpy as np
import pytest
from basics import halves
from film_samples import grays
from threadpoolctl import threadpool_info

from lattice.build import film, make_chain
from lattice.build.device import build_device
from lattice.build.film import BLOCK, LN10
from lattice.build.fit import sample_nodes, sample_separable
from lattice.build.one_thread import one_thread
from lattice.build.shaper import STEPS, make_shaper
from lattice.looks import Profile, load_profile, profile_names
from lattice.types import HALF_MAX, Curve, LatticeError

EVERY = pytest.mark.parametrize("name", profile_names())
KINDS = pytest.mark.parametrize("name", ["premier", "vision-5219", "premier-scan", "eterna"])
ROUNDING = 1e-12  # of sums of 81 wavelengths in another order, relative


def edits(profile: Profile) -> Iterator[Profile]:
    """Yield what a hand does: printer lights, a print point up and down again, a negative point, silver, push."""
    yield profile
    yield profile.replace(printer_lights=(25, 26, 24))
    for field, by in (("print", 0.05), ("print", 0.0), ("negative", -0.02)):
        stock = getattr(profile, field)
        points = stock.curves.green.density.copy()
        points[5] += by
        green = Curve(stock.curves.green.log_exposure, points)
        yield profile.replace(**{field: stock.replace(curves=stock.curves.replace(green=green))})
    yield profile.replace(print_silver=0.3, push_stops=0.5)


@KINDS
def test_what_was_built_before_changes_no_bit(name: str) -> None:
    profiles = list(edits(load_profile(name).replace(size=5)))
    warm = [build_device(profile, sampled=True).sha256 for profile in profiles]
    assert [build_device(profile, sampled=True).sha256 for profile in reversed(profiles)] == warm[::-1]
    for profile, digest in zip(profiles, warm, strict=True):
        film._neutral_scale.cache_clear()
        assert build_device(profile, sampled=True).sha256 == digest
    assert len(set(warm)) == len(profiles) - 1  # the point that went back gives the same again


def test_a_fit_after_an_edit_is_the_fit_from_scratch() -> None:
    profile = load_profile("vision").replace(size=3)
    film._neutral_scale.cache_clear()
    scratch = build_device(profile).sha256
    for edited in edits(profile):
        build_device(edited, sampled=True)
    assert build_device(profile).sha256 == scratch


def test_a_print_edit_does_not_solve_the_negative() -> None:
    first, lights, print_point, *_ = edits(load_profile("vision"))
    film._neutral_scale.cache_clear()
    for profile, solved in ((first, 2), (lights, 2), (print_point, 3), (first, 3)):
        make_chain(profile)
        assert film._neutral_scale.cache_info().misses == solved


def test_kept_scales_cannot_be_written_and_faults_are_not_kept() -> None:
    chain = make_chain(load_profile("vision"))
    with pytest.raises(ValueError, match="read-only"):
        chain.print.log_exposure[0] = 0
    curves, leaking = load_profile("vision").print.curves, np.hstack([0.9 * np.eye(3), np.full((3, 1), 0.1)])
    for _ in range(2):
        with pytest.raises(LatticeError, match="some that none give"):
            film.Film.from_curves(curves, leaking, np.zeros(4), np.eye(3, 4), np.eye(3, 4))


@EVERY
def test_nodes_sampled_along_one_side_are_the_nodes_sampled_one_by_one(name: str) -> None:
    chain = make_chain(load_profile(name))
    shaper, chain = make_shaper(load_profile(name), chain), chain.uncoupled()
    wanted = sample_nodes(chain, shaper, 9)
    assert np.abs(sample_separable(chain, shaper, 9) / wanted - 1).max() < ROUNDING


@pytest.mark.parametrize("name", ["vision", "premier"])
def test_grays_of_a_film_out_print_as_each_channels_neutral(name: str) -> None:
    chain, gray = make_chain(load_profile(name)), grays(np.linspace(-9, 8, 400))
    quick, slow = chain.print_exposure(gray), chain.print_exposure(np.concatenate([gray, [[0.1, 0.2, 0.3]]]))
    assert np.abs(quick - slow[:-1]).max() < ROUNDING
    assert (quick == replace(chain, is_recorded=False).print_exposure(gray)).all()


def test_light_through_a_film_is_that_of_the_formula_bit_by_bit() -> None:
    print_ = make_chain(load_profile("vision")).print
    amounts = np.random.default_rng(0).uniform(0, 3, (BLOCK + 100, 3))
    parts = (amounts[:BLOCK], amounts[BLOCK:])
    wanted = np.concatenate([np.exp(-LN10 * (print_.base + part @ print_.dyes)) @ print_.weights.T for part in parts])
    assert (print_.transmit(amounts) == wanted).all()
    assert print_.transmit(np.zeros(3)).shape == (3,)
    assert print_.transmit(np.zeros((0, 3))).shape == (0, 3)


@pytest.mark.parametrize("bend", [0.0, 0.01])
def test_the_table_of_live_halves_is_that_of_all_halves(bend: float) -> None:
    shaper = make_shaper(load_profile("vision-scan"), make_chain(load_profile("vision-scan")))
    shaper = shaper.moved(bend * np.sin(np.linspace(0, 9, STEPS))[:, None] * [1, 0, -1])
    light = halves().astype(np.float64)
    positive = np.minimum(np.where(light > 0, light, 0.0), HALF_MAX)
    wanted = shaper.coordinate(np.repeat(positive[:, None], 3, axis=1))
    wanted[light == np.inf] = 1
    assert (shaper.table().values == wanted.astype(np.float32)).all()


def _threads() -> set[int]:
    return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}


def test_threads_take_turns_so_that_none_lifts_the_limit_of_another() -> None:
    before, inside, seen = _threads(), [], []

    def build() -> None:
        with one_thread():
            inside.append(True)
            time.sleep(0.01)
            seen.append((len(inside), _threads()))
            inside.pop()

    for _ in range(2):  # also where another thread than the first one's sets the limit
        threads = [Thread(target=build) for _ in range(4)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        build()
    assert seen == [(1, {1})] * 10
    assert _threads() == before
