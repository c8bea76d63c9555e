"""A densitometer's wedge becomes a stock that extends another, and a part of what a match aims at."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line
from match_samples import changed, difference, measured, natural, patches, shown
from wedge_samples import NOISE, ends, read, table

from lattice.build.film import density
from lattice.files.measured.wedge import read_wedge
from lattice.looks import load_profile, stock_names
from lattice.looks.toml import load_stock
from lattice.match import Wedge
from lattice.match.curve import fit_curve, place
from lattice.match.freedoms import LAYERS, freedoms
from lattice.match.solve import solve
from lattice.match.wedge import stock_from_wedge, wedge_of
from lattice.types import Curve

STEPS, SEEDS = 21, 6
OWN, CHANGED = 0.008, 0.013  # density, root mean square: of the stock itself, and of another lab's
HEADER = "step,red,green,blue"
BOUND, BOUND_95 = 0.22, 0.55  # CIEDE2000 of other colors: mean and 95th percentile


def missed(curves: Any, true: Any, x: Any) -> float:
    """The root mean square of the density between two stocks' curves over a range of exposures."""
    at = np.linspace(x[0], x[-1], 500)
    return float(np.sqrt(np.mean((read(curves, at, None) - read(true, at, None)) ** 2)))


def fitted(start: Any, x: Any, densities: Any) -> Any:
    found = {layer: fit_curve(getattr(start, layer), x, densities[:, k], NOISE) for k, layer in enumerate(LAYERS)}
    return start.replace(**found)


@pytest.mark.slow
@pytest.mark.parametrize("name", stock_names())
def test_the_film_s_curves_come_out_of_the_noise_of_21_steps(name: str) -> None:
    curves = load_stock(name).curves
    x = np.linspace(*ends(curves), STEPS)
    off = [missed(fitted(curves, x, read(curves, x, seed)), curves, x) for seed in range(SEEDS)]
    assert max(off) < OWN


@pytest.mark.parametrize("seed", range(3))
def test_another_lab_s_curves_come_out_of_the_noise_too(seed: int) -> None:
    start, true = load_profile("vision").print.curves, changed("vision", seed).print.curves
    x = np.linspace(*ends(true), STEPS)
    found = missed(fitted(start, x, read(true, x, seed)), true, x)
    assert found < CHANGED < missed(start, true, x) / 3


def test_a_curve_rises_and_is_as_the_start_where_the_wedge_says_so() -> None:
    curve = load_stock("kodak_2383").curves.red
    x = np.linspace(*curve.log_exposure[[0, -1]], STEPS)
    found = fit_curve(curve, x, density(curve, x), NOISE)
    assert found.log_exposure == pytest.approx(curve.log_exposure, abs=0.01)
    assert found.density == pytest.approx(curve.density, abs=0.01)
    noisy = fit_curve(curve, x, np.abs(np.random.default_rng(1).normal(0, 0.04, STEPS)), 0.04)
    assert (np.diff(noisy.density) > 0).all()
    assert (np.diff(noisy.log_exposure) > 0).all()


@pytest.mark.parametrize(("first", "last"), [(0.4, 2.3), (-0.7, 1.2), (0.3, 1.3)])
def test_ends_that_the_wedge_does_not_reach_stay_the_start_s(first: float, last: float) -> None:
    curve = load_stock("kodak_2383").curves.green
    true = Curve(curve.log_exposure, np.cumsum(np.diff(curve.density, prepend=0) * np.linspace(1.0, 1.1, 12)))
    x = np.linspace(first, last, 15)
    found = fit_curve(curve, x, density(true, x), NOISE)
    assert density(found, x) == pytest.approx(density(true, x), abs=0.03)
    if first > 0:
        assert found.density[0] == pytest.approx(curve.density[0], abs=0.01)
    if last < 2:
        assert found.density[-1] == pytest.approx(curve.density[-1], abs=0.06)
        assert true.density[-1] - curve.density[-1] > 0.2
    slopes = np.diff(density(found, np.linspace(-0.6, 2.1, 200)))
    assert np.abs(np.diff(slopes)).max() < 0.02  # no step where the wedge ends


@pytest.mark.parametrize("shift", [-3.0, -0.21, 0.0, 1.237])
def test_a_wedge_s_place_is_found(shift: float) -> None:
    curve = load_stock("kodak_2383").curves.blue
    x = np.linspace(-1.0, 2.5, STEPS)
    assert place(curve, x + shift, density(curve, x)) == pytest.approx(shift, abs=1e-6)


def wedge_file(folder: Path, true: Any, seed: int | None = 1, zero: float = -0.8, head: str = "# status A\n") -> Path:
    steps = np.arange(1, STEPS + 1)
    text = head + table(HEADER, steps, read(true, zero + 0.15 * (steps - 1), seed))
    (folder / "wedge.csv").write_text(text)
    return folder / "wedge.csv"


def test_a_wedge_becomes_a_stock_that_extends_its_start(tmp_path: Path) -> None:
    true = changed("vision", 3).print.curves
    made = stock_from_wedge(wedge_file(tmp_path, true), tmp_path / "mine.toml", "kodak_2383")
    text = (tmp_path / "mine.toml").read_text()
    assert text.startswith('extends = "kodak_2383"\n')
    assert "dye_density" not in text
    assert "wedge.csv, a wedge of 21 steps, relative exposures, status A" in text
    stock, start = load_stock(tmp_path / "mine.toml"), load_stock("kodak_2383")
    assert stock == made.stock
    assert (stock.lad, stock.dye_density) == (start.lad, start.dye_density)
    assert max(made.rms) < 1.3 * NOISE
    x = np.linspace(-0.7, 2.0, 50)
    for layer, at in zip(LAYERS, made.places, strict=True):  # 0.8: where the wedge was, of a scale that begins at 0.15
        found = density(getattr(stock.curves, layer), x + 0.95 - at)
        assert found == pytest.approx(density(getattr(true, layer), x), abs=0.03)
    (tmp_path / "look.toml").write_text('extends = "vision"\nprint = "mine.toml"\n')
    assert load_profile(tmp_path / "look.toml").print == stock


def test_a_look_of_the_stock_shows_what_the_wedge_s_film_shows(tmp_path: Path) -> None:
    look = changed("vision", 5)
    stock_from_wedge(wedge_file(tmp_path, look.print.curves, None), tmp_path / "mine.toml", "kodak_2383")
    made = load_stock(tmp_path / "mine.toml")
    light = natural(500, 1)
    off = difference(shown(look.replace(print=made), light), shown(look, light))
    before = difference(shown(look.replace(print=load_stock("kodak_2383")), light), shown(look, light))
    assert off.mean() < 0.65 < before.mean() / 4  # wherever it is in exposure: mid gray is timed


def test_an_absolute_wedge_keeps_its_exposures(tmp_path: Path) -> None:
    curves = load_stock("kodak_5219").curves
    faster = {layer: Curve(each.log_exposure - 0.3, each.density) for layer, each in curves}
    x = np.linspace(*ends(curves), STEPS) - 0.3
    (tmp_path / "wedge.csv").write_text(table("log_exposure,R,G,B", x, read(curves.replace(**faster), x, 4)))
    made = stock_from_wedge(tmp_path / "wedge.csv", tmp_path / "mine.toml", "kodak_5219", name="Fresh")
    assert made.places == (0, 0, 0)
    assert missed(made.stock.curves, curves.replace(**faster), x) < OWN
    assert made.stock.name == "Fresh"
    assert "densities are status M, as of a negative" in str(made)


def test_the_stock_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    path, target = wedge_file(tmp_path, load_stock("kodak_2383").curves), tmp_path / "mine.toml"
    one_line(lambda: stock_from_wedge(path, target, "kodak_5219"), "expected status M", "got status A")
    one_line(lambda: stock_from_wedge(path, target, "kodak_2384"), "no stock named 'kodak_2384'")
    one_line(lambda: stock_from_wedge(path, tmp_path / "mine.txt", "kodak_2383"), "expected a name ending in .toml")
    assert not target.exists()
    stock_from_wedge(path, target, "kodak_2383")
    stock_from_wedge(path, target, "kodak_2383")  # the same again: nothing to do
    one_line(lambda: stock_from_wedge(path, target, "kodak_2393"), "mine.toml: exists already; --overwrite replaces it")
    one_line(lambda: stock_from_wedge(path, target, str(target), overwrite=True), "expected another file than")
    assert load_stock(target).name.startswith("KODAK VISION Color")
    made = stock_from_wedge(path, tmp_path / "sub.toml", str(target))
    assert 'extends = "mine.toml"' in (tmp_path / "sub.toml").read_text()
    assert made.stock.lad == load_stock("kodak_2383").lad


def test_what_the_wedge_leaves_open_is_told(tmp_path: Path) -> None:
    curves, steps = load_stock("kodak_2383").curves, np.arange(8)
    (tmp_path / "wedge.csv").write_text(table(HEADER, steps, read(curves, 0.5 + 0.1 * steps, None)))
    made = stock_from_wedge(tmp_path / "wedge.csv", tmp_path / "a.toml", "kodak_2383", step_density=0.1)
    assert any("red: the wedge does not reach D-min and D-max" in note for note in made.notes)
    assert made.as_dict()["relative"] is True
    (tmp_path / "dark.toml").write_text('extends = "kodak_2383"\nlad = [3.9, 1.06, 1.03]\n')
    thin = curves.replace(**{name: Curve(each.log_exposure, each.density * 0.9) for name, each in curves})
    made = stock_from_wedge(wedge_file(tmp_path, thin, None), tmp_path / "b.toml", str(tmp_path / "dark.toml"))
    assert any("lad: red 3.9 is outside the curve" in note for note in made.notes)


def reference_with(look: Any, seed: int, folder: Path, is_relative: bool) -> Any:
    """A look's 24 patches, and a wedge of 21 steps on its print."""
    x = np.linspace(*ends(look.print.curves), STEPS)
    header = ("relative_" if is_relative else "") + HEADER.replace("step", "log_exposure")
    (folder / "wedge.csv").write_text(table(header, x + 0.6 * is_relative, read(look.print.curves, x, seed)))
    wedge, _ = wedge_of(read_wedge(folder / "wedge.csv"), look.print)
    assert wedge.is_relative == is_relative
    return replace(measured(look, patches(look.input), seed), wedge=wedge)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["premier", "vision", "fuji", "bleach-bypass"])
def test_24_patches_and_a_wedge_find_the_look_again(name: str, tmp_path: Path) -> None:
    start, look, light = load_profile(name), changed(name, 0), natural(2000, 99)
    free = freedoms(start, ["lights", "silver", "curves"])
    found = solve(start, free, reference_with(look, 0, tmp_path, True))
    off = difference(shown(found.profile, light), shown(look, light))
    assert off.mean() < BOUND
    assert np.percentile(off, 95) < BOUND_95


def test_relative_exposures_say_as_much_whatever_their_zero(tmp_path: Path) -> None:
    look, start = changed("vision", 1), load_profile("vision")
    free = freedoms(start, ["lights", "curves"])
    reference = reference_with(look, 1, tmp_path, True)
    moved = replace(reference.wedge, log_exposure=reference.wedge.log_exposure + 5)
    first, other = (solve(start, free, replace(reference, wedge=each)) for each in (reference.wedge, moved))
    assert other.numbers == pytest.approx(first.numbers, abs=0.02)
    assert len(first.numbers) == len(first.errors) == 39


def test_a_wedge_of_the_wrong_status_is_no_part_of_a_match(tmp_path: Path) -> None:
    path = wedge_file(tmp_path, load_stock("kodak_2383").curves, head="# Status M\n")
    one_line(lambda: wedge_of(read_wedge(path), load_stock("kodak_2383")), "expected status A", "got status M")
    path = wedge_file(tmp_path, load_stock("kodak_5219").curves, zero=-3.5, head="# Status M\n")
    wedge, notes = wedge_of(read_wedge(path), load_stock("kodak_5219"))
    assert isinstance(wedge, Wedge)
    assert notes[0] == "wedge.csv: a wedge of 21 steps"


@pytest.mark.parametrize(
    ("wedge", "stock", "says"),
    [
        ("kodak_2383", "kodak_5219", "expected densities of a negative such as KODAK VISION3 500T"),
        ("kodak_5219", "kodak_2383", "expected densities of a print such as KODAK VISION Color"),
    ],
)
@pytest.mark.parametrize("part", [(0.0, 1.0), (0.3, 0.75)])
def test_a_wedge_of_the_other_kind_of_film_is_refused(
    wedge: str, stock: str, says: str, part: tuple[float, float], tmp_path: Path
) -> None:
    curves = load_stock(wedge).curves
    first, last = ends(curves)
    x = first + (last - first) * np.linspace(*part, STEPS)
    (tmp_path / "wedge.csv").write_text(table("relative_log_exposure,R,G,B", x, read(curves, x, 1)))
    one_line(lambda: wedge_of(read_wedge(tmp_path / "wedge.csv"), load_stock(stock)), "wedge.csv: " + says, "log exp")
    target = tmp_path / "mine.toml"
    one_line(lambda: stock_from_wedge(tmp_path / "wedge.csv", target, stock), says)
    assert not target.exists()


def test_densities_that_no_layer_of_the_stock_has_are_refused(tmp_path: Path) -> None:
    (tmp_path / "wedge.csv").write_text(table(HEADER, range(4), np.linspace(3, 4, 4)[:, None] * np.ones(3)))
    says = "expected densities of a negative such as KODAK VISION3 500T", "got 3 to 4"
    one_line(lambda: wedge_of(read_wedge(tmp_path / "wedge.csv"), load_stock("kodak_5219")), *says)


def test_stocks_of_a_kind_are_wedges_of_each_other(tmp_path: Path) -> None:
    stocks = [load_stock(name) for name in stock_names()]
    for true in stocks:
        x = np.linspace(*ends(true.curves), STEPS)
        (tmp_path / "wedge.csv").write_text(table("relative_log_exposure,R,G,B", x, read(true.curves, x, 2)))
        measured = read_wedge(tmp_path / "wedge.csv")
        for stock in stocks:
            if stock.kind == true.kind:
                assert wedge_of(measured, stock)[0].is_relative
            else:
                one_line(lambda own=(measured, stock): wedge_of(*own), f"expected densities of a {stock.kind}")


@pytest.mark.parametrize(("shift", "is_taken"), [(0.9, True), (-0.9, True), (1.1, False), (-1.1, False), (6.0, False)])
def test_absolute_exposures_of_another_zero_are_refused(shift: float, is_taken: bool, tmp_path: Path) -> None:
    curves, path = load_stock("kodak_2383").curves, tmp_path / "wedge.csv"
    x = np.linspace(*ends(curves), STEPS)
    path.write_text(table("log_exposure,R,G,B", x + shift, read(curves, x, 1)))
    if is_taken:
        assert not wedge_of(read_wedge(path), load_stock("kodak_2383"))[0].is_relative
        assert stock_from_wedge(path, tmp_path / "mine.toml", "kodak_2383").places == (0, 0, 0)
        return
    says = "expected log_exposure in log10 lux-seconds", f"{shift:+.1f}", "relative_log_exposure if its zero is another"
    one_line(lambda: wedge_of(read_wedge(path), load_stock("kodak_2383")), *says)
    one_line(lambda: stock_from_wedge(path, tmp_path / "mine.toml", "kodak_2383"), *says)
    path.write_text(table("relative_log_exposure,R,G,B", x + shift, read(curves, x, 1)))
    assert wedge_of(read_wedge(path), load_stock("kodak_2383"))[0].is_relative
