"""Curves and spectra as they were measured: wedges of any count, spectra at any wavelengths."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line, write_toml

import lattice
from lattice.build.film import density
from lattice.looks import load_profile, stock_names
from lattice.looks.spectra import WAVELENGTHS_NM, resampled
from lattice.looks.toml import load_stock
from lattice.looks.wedge import miss, reduce_wedge
from lattice.types import Curve

CURVES = [curve for name in ("kodak_2383", "kodak_5219") for curve in dict(load_stock(name).curves).values()]
ROUNDED = 6e-5  # the shipped spectra have four decimals or more
SPECTRAL = [name for name in stock_names() if load_stock(name).spectral]
NOISE = 0.01  # density, of a densitometer and a lab's day


def step_wedge(curve: Curve, count: int, noise: float = 0.0) -> tuple[Any, Any]:
    """A wedge printed on the film of `curve`, and read."""
    x = np.linspace(curve.log_exposure[0], curve.log_exposure[-1], count)
    return x, np.maximum(density(curve, x) + np.random.default_rng(count).normal(0, noise, count), 0)


def reduced(x: Any, d: Any) -> Curve:
    return reduce_wedge(tuple(x.tolist()), tuple(d.tolist()))


def wedge_toml(folder: Path, x: Any, d: Any) -> Path:
    return write_toml(
        folder / "mine.toml",
        f'extends = "vision"\n[print.curves.red]\nlog_exposure = {x.tolist()}\ndensity = {d.tolist()}\n',
    )


@pytest.mark.parametrize("count", [13, 21, 41, 300])
@pytest.mark.parametrize("curve", CURVES)
def test_a_long_wedge_becomes_12_points_that_miss_it_by_no_more_than_its_noise(curve: Curve, count: int) -> None:
    x, d = step_wedge(curve, count, NOISE)
    found = reduced(x, d)
    assert found.log_exposure[[0, -1]].tolist() == pytest.approx(x[[0, -1]].tolist(), abs=1e-12)
    assert miss(found, x, d) < 1.15 * NOISE
    if count > 100:  # then the film's own curve comes out of the noise
        assert miss(found, *step_wedge(curve, 500)) < 0.006


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("curve", CURVES[:2])
def test_no_point_chases_the_noise_between_21_steps(curve: Curve, seed: int) -> None:
    x = np.linspace(curve.log_exposure[0], curve.log_exposure[-1], 21)
    read = np.maximum(density(curve, x) + np.random.default_rng(seed).normal(0, NOISE, 21), 0)
    assert miss(reduced(x, read), *step_wedge(curve, 500)) < 1.5 * NOISE


@pytest.mark.parametrize("curve", CURVES)
def test_a_clean_wedge_is_followed_closely(curve: Curve) -> None:
    x, d = step_wedge(curve, 49)
    assert miss(reduced(x, d), x, d) < 0.003


@pytest.mark.parametrize("count", [3, 7, 11])
def test_a_short_wedge_keeps_all_its_points(count: int) -> None:
    x, d = step_wedge(CURVES[0], count)
    found = reduced(x, d)
    assert miss(found, x, d) < 1e-12
    assert set(x) <= set(found.log_exposure)


def test_the_wedges_of_the_data_sheets_are_followed_as_closely_as_by_the_shipped_points(film_data: Path) -> None:
    measured = json.loads((film_data / "kodak_2383.json").read_text())["characteristic"]
    for layer, shipped in dict(load_stock("kodak_2383").curves).items():
        x, d = (np.array(measured[layer][key]) for key in ("log10_exposure", "density"))
        assert miss(reduced(x, d), x, d) < miss(shipped, x, d)


def test_a_look_tells_what_became_of_a_wedge(tmp_path: Path) -> None:
    x, d = step_wedge(CURVES[0], 21, NOISE)
    look = load_profile(wedge_toml(tmp_path, x, d))
    found = look.print.curves.reduced
    assert list(found) == ["red"]
    assert found["red"].measured == 21
    assert found["red"].rms == pytest.approx(miss(look.print.curves.red, x, d), rel=1e-9)
    assert str(found["red"]) == f"21 measured points as 12, rms {found['red'].rms:.4f}"
    assert pickle.loads(pickle.dumps(look)).print.curves.reduced == found
    assert not load_stock("kodak_2383").curves.reduced
    look.save(tmp_path / "saved.toml")
    assert load_profile(tmp_path / "saved.toml") == look  # the 12 points are written


def test_wedges_that_are_none_are_refused(tmp_path: Path) -> None:
    x, d = step_wedge(CURVES[0], 21)
    falling, turned = d.copy(), x.copy()
    falling[10] -= 1
    turned[5] = turned[4]
    one_line(lambda: load_profile(wedge_toml(tmp_path, x, falling)), "print.curves.red: density falls at point 11")
    one_line(lambda: load_profile(wedge_toml(tmp_path, turned, d)), "curves.red: log_exposure does not rise at point 6")
    one_line(
        lambda: load_profile(wedge_toml(tmp_path, x, d + 4)), "curves.red: expected log_exposure", "density from 0 to 6"
    )
    one_line(lambda: load_profile(wedge_toml(tmp_path, x * 100, d)), "curves.red: expected log_exposure from -20 to 20")
    one_line(lambda: load_profile(wedge_toml(tmp_path, x[None], d)), "curves.red: ", "expected lists of numbers")
    flat = np.full(21, 0.1)
    one_line(lambda: load_profile(wedge_toml(tmp_path, x, flat)), "curves.red: expected density that rises")


@pytest.mark.parametrize("name", SPECTRAL)
def test_shipped_spectra_are_the_digitized_ones_by_the_stated_rule(name: str, film_data: Path) -> None:
    """The rule of docs/profiles.md gives all of them from the digitized samples; 3513DI's dyes hold the base there."""
    stock, data = load_stock(name), json.loads((film_data / f"{name}.json").read_text())
    groups: list[tuple[Any, str, str, Any]] = [
        (stock.log_sensitivity, "spectral_sensitivity", "slope", "log10_sensitivity")
    ]
    if name != "fuji_3513di":
        groups.append((stock.dye_density, "spectral_dye_density", "fade", "density"))
    for shipped, group, beyond, key in groups:
        for layer, values in dict(shipped).items():
            samples = {"wavelength_nm": data[group][layer]["wavelength_nm"], "values": data[group][layer][key]}
            assert resampled(samples, beyond) == pytest.approx(values, abs=ROUNDED), layer  # type: ignore[arg-type]


def test_the_ends_of_spectra_fade_go_on_or_stay() -> None:
    samples = {"wavelength_nm": [500.0, 600.0], "values": [1.0, 0.5]}
    faded, sloped, flat = (np.array(resampled(samples, beyond)) for beyond in ("fade", "slope", "flat"))  # type: ignore[arg-type]
    at = {int(nm): k for k, nm in enumerate(WAVELENGTHS_NM)}
    for values in (faded, sloped, flat):
        assert values[[at[500], at[550], at[600]]].tolist() == pytest.approx([1, 0.75, 0.5])
    assert faded[at[440]] == pytest.approx(np.exp(-1))
    assert faded[at[660]] == pytest.approx(0.5 * np.exp(-1))
    assert flat[[0, -1]].tolist() == [1, 0.5]
    assert sloped[at[450]] == pytest.approx(1 - 50 * 0.02)  # it rises to the left: falls by the least instead
    assert sloped[at[700]] == pytest.approx(0.5 - 100 * 0.02)
    steep = np.array(resampled({"wavelength_nm": [500, 501], "values": [0, -1]}, "slope"))
    assert steep[-1] == -12


def test_measured_spectra_stand_in_for_those_of_a_stock(tmp_path: Path) -> None:
    fine = np.arange(360, 801, 1.0)
    dyes = dict(load_stock("kodak_2383").dye_density or ())
    rows = [
        f"{name} = {{ wavelength_nm = {fine.tolist()}, values = {np.interp(fine, WAVELENGTHS_NM, values).tolist()} }}"
        for name, values in dyes.items()
    ]
    path = write_toml(tmp_path / "mine.toml", 'extends = "vision"\n[print.dye_density]\n' + "\n".join(rows))
    look, vision = load_profile(path), load_profile("vision")
    rgb = [[0.18, 0.18, 0.18], [0.5, 0.1, 0.02]]
    assert lattice.build.simulate(look, rgb) == pytest.approx(lattice.build.simulate(vision, rgb), abs=1e-12)
    look.save(tmp_path / "saved.toml")
    assert load_profile(tmp_path / "saved.toml") == look


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("{ wavelength_nm = [400, 500], values = [1] }", "expected as many, 2 or more, got 2 and 1"),
        ("{ wavelength_nm = [500, 400], values = [1, 2] }", "expected wavelengths that rise, 200 to 1200 nm"),
        ("{ wavelength_nm = [0.4, 0.5], values = [1, 2] }", "expected wavelengths that rise, 200 to 1200 nm"),
        ("{ wavelength_nm = [400, 500], values = [1, nan] }", "values: expected finite numbers from -60 to 20"),
        ("{ wavelength_nm = [400, 500], values = [1, 1e300] }", "values: expected finite numbers from -60 to 20"),
        ("{ wavelength_nm = [[400], [500]], values = [1, 2] }", "expected as many, 2 or more"),
        ("{ wavelength_nm = [400, 500], values = [1, true] }", "expected a number, got True"),
        ("{ nm = [400, 500], values = [1, 2] }", "expected 81 numbers, or a table with wavelength_nm and values"),
        ("[1, 2]", "expected 81 numbers, got 2"),
    ],
)
def test_spectra_that_are_none_are_refused(table: str, says: str, tmp_path: Path) -> None:
    path = write_toml(tmp_path / "mine.toml", f'extends = "vision"\n[print.dye_density]\ncyan = {table}\n')
    one_line(lambda: load_profile(path), "line 3: print.dye_density.cyan: ", says)
