"""Stocks: what their data say must come out of the chain, and the reference values of the chain itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import ROOT
from film_samples import grays, lab, luminance

from lattice.build import make_chain, render, simulate
from lattice.build.film import minimum_densities
from lattice.build.instruments import status
from lattice.looks import Profile, load_profile, profile_names
from lattice.looks.spectra import WAVELENGTHS_NM, resampled
from lattice.looks.toml import load_stock

SPECTRAL = pytest.mark.parametrize("name", [n for n in profile_names() if load_profile(n).spectral])
RENAMED = {"exposure_stops": "negative_stops"}
VALUES = ROOT / "tests" / "build" / "chain_values.json"


def profile_of(case: dict[str, Any]) -> Profile:
    settings = {RENAMED.get(field, field): value for field, value in case["settings"].items()}
    return Profile(negative=case["negative"], print=case["print"], **settings)


def test_the_chain_gives_its_own_values() -> None:
    """Seven digits, so that no step changes unseen. The numbers are this code's own: whoever means a change writes
    them again."""
    for case in json.loads(VALUES.read_text())["cases"]:
        assert simulate(profile_of(case), case["rgb"]) == pytest.approx(np.array(case["xyz"]), rel=2e-6, abs=1e-9)


def test_the_chain_is_within_a_bound_of_another_program(film_data: Path) -> None:
    """Whose prints' D-min reads 0.006 less than the curves' in status A: up to 1.1 % of light."""
    cases = json.loads((film_data / "expected_chain.json").read_text())["cases"]
    assert len(cases) == 6
    for case in cases:
        found, wanted = simulate(profile_of(case), case["rgb"]), np.array(case["xyz"])
        assert (np.abs(found - wanted) <= np.maximum(0.012 * np.abs(wanted), 2e-5)).all(), case["settings"]


@SPECTRAL
def test_the_base_of_every_film_reads_the_d_min_of_its_curves(name: str) -> None:
    profile, chain = load_profile(name), make_chain(load_profile(name))
    for film, stock, letter in ((chain.negative, profile.negative, "M"), (chain.print, profile.print, "A")):
        read = -np.log10(status(letter) @ 10.0**-film.base)
        assert read == pytest.approx(minimum_densities(stock.curves), abs=1e-9)
        assert np.abs(film.amounts[0]).max() < 1e-6  # so that the scale starts at clear film


@SPECTRAL
def test_clear_film_is_white_and_nothing_is_brighter(name: str) -> None:
    chain = make_chain(load_profile(name).replace(gray_balance=0))
    assert chain.print.transmit(chain.print.amounts[0]) == pytest.approx(chain.base, rel=1e-6)
    blinding = luminance(load_profile(name), np.linspace(4, 30, 200))
    assert blinding.max() <= 1 + 1e-6
    assert blinding[-1] > 0.97
    codes = render(load_profile(name).replace(gray_balance=0), grays([5.0, 6.0, 7.0]))
    assert (np.diff(codes.mean(axis=1)) > 0).all()  # these are not held at 1


def test_a_unit_of_each_dye_of_3513di_is_the_neutral_of_its_sheet(film_data: Path) -> None:
    stock = load_stock("fuji_3513di")
    film = make_chain(load_profile("fuji")).print
    dyes = dict(stock.dye_density or ())
    spectrum = film.base + np.sum(list(dyes.values()), axis=0)
    sheet = json.loads((film_data / "fuji_3513di.json").read_text())["spectral_dye_density"]["neutral_midscale"]
    neutral = np.array(resampled({"wavelength_nm": sheet["wavelength_nm"], "values": sheet["density"]}, "flat"))
    seen = (WAVELENGTHS_NM >= 400) & (WAVELENGTHS_NM <= 700)
    assert np.sqrt(np.mean((spectrum - neutral)[seen] ** 2)) < 0.015
    read, wanted = (-np.log10(status("A") @ 10.0**-density) for density in (spectrum, neutral))
    assert read == pytest.approx(wanted, abs=0.01)
    assert stock.lad == pytest.approx(wanted, abs=0.005)
    far_red = int(np.flatnonzero(WAVELENGTHS_NM == 700)[0])
    assert max(dyes["magenta"][far_red], dyes["yellow"][far_red]) < 0.002  # no base is left in them
    assert min(dyes["cyan"]) >= 0


def test_the_grays_of_fuji_are_near_neutral() -> None:
    values = lab(simulate(load_profile("fuji"), grays(np.linspace(-5, 7, 49))))
    assert np.hypot(values[:, 1], values[:, 2]).max() < 3


def test_5248_goes_on_over_its_sheet_and_says_that_it_is_an_estimate() -> None:
    """L* of the figures that the shoulder was made for, +3 to +8 stops; without it, 94.2 from +4 on."""
    look = load_profile("exr-print")
    lightness = lab(simulate(look, grays(np.arange(3.0, 9.0))))[:, 0]
    assert lightness == pytest.approx([89.5, 94.6, 97.3, 98.3, 98.9, 99.2], abs=0.5)
    assert (np.diff(lightness) > 0.2).all()
    assert "extrapolated" in look.negative.sources["curves"]
    assert "Estimate" in look.negative.sources["curves"]
