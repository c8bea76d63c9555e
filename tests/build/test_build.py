"""Profile to table: properties that every shipped look must have, curves, dyes, and the shaper."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from basics import halves
from film_samples import chart, grays, lab, lightness_chroma, luminance, slopes
from hypothesis import given, settings
from hypothesis import strategies as st

from lattice.build import make_chain, make_display, render, simulate
from lattice.build.film import density, solve_dyes
from lattice.build.instruments import colour_science, observer, printer_light, projection_light, status
from lattice.build.samples import natural_colors
from lattice.build.seen import color_difference
from lattice.build.shaper import make_shaper
from lattice.color.primaries import rgb_to_xyz
from lattice.looks import Profile, load_profile, profile_names
from lattice.types import Curve, FilmStage, LatticeError

EVERY = pytest.mark.parametrize("name", profile_names())
STOPS = np.linspace(-9, 8, 681)
VISIBLE = np.linspace(-4, 4, 65)
ROUNDING = 1e-12  # of float64 sums of 81 wavelengths, relative to white
TABULATED = 1e-5  # of Y: the neutral scale is tabulated at 513 exposures, and bent ones are read between them
MID = [0.0]


@cache
def shipped(name: str, **changes: Any) -> Profile:
    return load_profile(name).replace(**changes)


@EVERY
def test_any_color_gives_finite_light(name: str) -> None:
    random = np.random.default_rng(0)
    wild = np.concatenate(
        [random.normal(0, 100, (3000, 3)), 10.0 ** random.uniform(-9, 6, (3000, 3)), np.zeros((1, 3))]
    )
    xyz, codes = simulate(shipped(name), wild), render(shipped(name), wild)
    assert np.isfinite(xyz).all()
    assert (xyz > 0).all()
    assert codes.min() >= 0
    assert codes.max() <= 1
    assert simulate(shipped(name), wild.reshape(-1, 1, 3)).shape == (6001, 1, 3)


@EVERY
def test_gray_luminance_never_falls(name: str) -> None:
    assert np.diff(luminance(shipped(name), STOPS)).min() >= -ROUNDING


@EVERY
def test_more_printer_light_darkens(name: str) -> None:
    for change in (np.ones(3), *np.eye(3)):
        y = [luminance(shipped(name, printer_lights=tuple(25 + points * change)), VISIBLE) for points in (-4, 0, 4)]
        assert (np.diff(y, axis=0) < 0).all()


@EVERY
def test_more_light_on_one_layer_makes_its_dye(name: str) -> None:
    """Red-exposed layers form cyan, so the print loses red; green loses green; blue loses blue."""
    for channel in range(3):
        lights = tuple(25 + 4 * np.eye(3)[channel])
        change = render(shipped(name, printer_lights=lights), grays(MID)) - render(shipped(name), grays(MID))
        assert change[0].argmin() == channel


@EVERY
def test_printer_lights_tint_whatever_the_gray_balance(name: str) -> None:
    tints = []
    for balance in (0.0, 1.0):
        lit, even = (
            lab(simulate(shipped(name, gray_balance=balance, printer_lights=lights), grays(MID)))
            for lights in ((29, 25, 25), (25, 25, 25))
        )
        tints.append(np.hypot(*(lit - even)[0, 1:]))
    assert tints[1] > 0.5 * tints[0]


@EVERY
def test_camera_exposure_is_printed_back_to_the_aim(name: str) -> None:
    aim = luminance(shipped(name), MID)
    for stops in (-2, -0.5, 1, 3):
        assert luminance(shipped(name, negative_stops=stops), MID) == pytest.approx(aim, abs=TABULATED)


@EVERY
def test_the_aim_is_the_mid_gray_asked_for(name: str) -> None:
    assert luminance(shipped(name, aim="gray18", gray_balance=0), MID) == pytest.approx(0.18, abs=TABULATED)
    assert 0.10 < luminance(shipped(name), MID)[0] < 0.13


@EVERY
def test_print_silver_keeps_mid_gray(name: str) -> None:
    mids = [luminance(shipped(name, gray_balance=0, print_silver=amount), MID)[0] for amount in (0, 0.5, 1)]
    assert np.ptp(mids) < 1e-9


@EVERY
def test_full_gray_balance_is_a_neutral_scale_of_the_same_luminance(name: str) -> None:
    free, balanced = shipped(name, gray_balance=0), shipped(name, gray_balance=1)
    assert lightness_chroma(balanced, grays(VISIBLE))[1].max() < 0.5
    assert luminance(balanced, VISIBLE) == pytest.approx(luminance(free, VISIBLE), rel=1e-3)


@EVERY
def test_half_a_gray_balance_stands_between(name: str) -> None:
    chroma = [lightness_chroma(shipped(name, gray_balance=amount), grays(VISIBLE))[1].max() for amount in (0, 0.5, 1)]
    assert chroma[0] > chroma[1] > chroma[2]


@EVERY
def test_flare_lifts_black_by_its_share_of_white(name: str) -> None:
    clean, hazy = (luminance(shipped(name, flare=flare), STOPS) for flare in (0, 0.01))
    assert hazy == pytest.approx((clean + 0.01) / 1.01, abs=ROUNDING)  # white, which has the flare on it, stays 1


@EVERY
def test_interimage_keeps_grays_and_raises_chroma(name: str) -> None:
    chroma, gray = [], []
    for amount in (0, 0.15, 0.3):
        profile = shipped(name, chain="scan", interimage=amount)
        chroma.append(lightness_chroma(profile, chart())[1].mean())
        gray.append(simulate(profile, grays(VISIBLE)))
    assert np.ptp(gray, axis=0).max() < ROUNDING
    assert chroma[0] < chroma[1] < chroma[2]


@EVERY
def test_push_raises_contrast_and_pull_lowers_it(name: str) -> None:
    contrast = [slopes(shipped(name, push_stops=stops))[0] for stops in (-1, 0, 1, 2)]
    assert (np.diff(contrast) > 0.1).all()


@pytest.mark.parametrize("light", ["xenon", "D50", "D55", "E", 3200, 6500])
def test_any_projection_light_keeps_its_white_white(light: Any) -> None:
    profile = shipped("vision", projection=light)
    codes = render(profile, grays([16.0]))
    assert codes.min() > 0.98  # the print's base is the display's white, whatever lights it
    assert 0.1 < luminance(profile, MID)[0] < 0.13
    assert projection_light(light).shape == (81,)


def test_projection_lights_differ_in_what_they_do_to_color() -> None:
    reds = [simulate(shipped("vision", projection=light), [[0.4, 0.02, 0.02]])[0, 0] for light in (3200, 5400, "xenon")]
    assert len({round(float(x), 4) for x in reds}) == 3


def test_the_density_only_path_needs_no_spectra() -> None:
    eterna = load_profile("eterna")
    assert not eterna.spectral
    assert make_chain(eterna).print.base.shape == (3,)
    red, green, blue = (
        lab(simulate(eterna, [color])[0]) for color in ([0.5, 0.05, 0.05], [0.05, 0.5, 0.05], [0.05, 0.05, 0.5])
    )
    assert red[1] > 30
    assert green[1] < -30
    assert blue[2] < -30


def test_the_density_only_path_is_near_the_spectral_one() -> None:
    """CIEDE2000 as displayed, natural colors: the film model's p99 for fitted matrices, its mean for plain ones."""
    vision, colors = load_profile("vision-scan"), natural_colors(6000, np.random.default_rng(3))
    bare = {field: getattr(vision, field).model_copy(update={"dye_density": None}) for field in ("negative", "print")}
    display, to_xyz = make_display(vision, make_chain(vision)), rgb_to_xyz("Rec.709")
    found, exact = (
        np.cbrt(simulate(profile, colors) @ np.linalg.inv(to_xyz @ display.matrix).T)
        for profile in (vision.replace(**bare), vision)
    )
    difference = color_difference(display, to_xyz, found, exact)
    assert difference.mean() < 2.39
    assert np.percentile(difference, 99) < 2.8


def test_an_aim_out_of_reach_is_refused() -> None:
    with pytest.raises(LatticeError, match="vision: "):
        simulate(shipped("vision", lad=(5.9, 5.9, 5.9)), grays(MID))


RISES = st.lists(st.floats(0.01, 1), min_size=11, max_size=11)
FALLS = st.lists(st.one_of(st.just(0.0), st.floats(0, 0.5)), min_size=11, max_size=11)


@given(RISES, FALLS)
@settings(max_examples=60, deadline=None)
def test_a_curve_passes_its_points_never_falls_and_is_flat_beyond(rises: Any, climbs: Any) -> None:
    x, d = np.cumsum([-2.0, *rises]), np.cumsum([0.05, *climbs])
    curve = Curve(x, d)
    assert density(curve, x) == pytest.approx(d, abs=1e-12)
    fine = density(curve, np.linspace(x[0] - 1, x[-1] + 1, 2001))
    assert np.diff(fine).min() >= -1e-12
    assert fine.min() >= d[0] - 1e-12
    assert fine.max() <= d[-1] + 1e-12
    assert (density(curve, np.array([-99.0, x[0] - 1e-9])) == d[0]).all()
    assert density(curve, np.array([99.0])) == pytest.approx(d[-1], abs=1e-12)


@pytest.mark.parametrize("stock", ["negative", "print"])
def test_solved_dyes_read_back(stock: str) -> None:
    film = getattr(make_chain(load_profile("vision")), stock)
    reader = status("A" if stock == "print" else "M")
    above_base = np.random.default_rng(0).uniform(0, 2, (200, 1)) + np.array([0, 0.1, 0.2])
    wanted = -np.log10(reader @ 10.0**-film.base) + above_base
    amounts = solve_dyes(reader, film.base, film.dyes, wanted)
    read = -np.log10(10.0 ** -(film.base + amounts @ film.dyes) @ reader.T)
    assert np.abs(read - wanted).max() < 1e-9


def test_dyes_that_cannot_reach_a_density_are_refused() -> None:
    leaking = np.hstack([0.9 * np.eye(3), np.full((3, 1), 0.1)])  # a tenth passes whatever the dyes do
    with pytest.raises(LatticeError, match="some that none give"):
        solve_dyes(leaking, np.zeros(4), np.eye(3, 4), np.full((1, 3), 2.0))


def test_a_dye_that_absorbs_nothing_is_refused() -> None:
    with pytest.raises(LatticeError):
        solve_dyes(np.eye(3), np.zeros(3), np.diag([1.0, 1, 0]), np.full((1, 3), 2.0))


@pytest.mark.parametrize("light", ["A", "D50", "D55", "D60", "D65", "E", 2000.0, 5400.0, 9000.0])
def test_lights_and_observer_are_those_of_colour_science(light: Any) -> None:
    colour = colour_science()
    shape = colour.SpectralShape(380, 780, 5)
    cmfs = colour.MSDS_CMFS["CIE 1931 2 Degree Standard Observer"].copy().align(shape).values
    assert np.abs(observer() - cmfs).max() < 1e-14
    spectrum = colour.SDS_ILLUMINANTS[light].copy().align(shape) if isinstance(light, str) else None
    power = colour.sd_blackbody(light, shape).values if spectrum is None else spectrum.values
    assert projection_light(light) == pytest.approx(power / (power @ cmfs[:, 1]), rel=1e-12)


def test_instruments_are_normalised() -> None:
    for letter in ("A", "M"):
        assert status(letter).sum(axis=1) == pytest.approx(1)
        assert (status(letter) >= 0).all()
    assert (printer_light() > 0).all()


@EVERY
def test_the_table_rises_over_the_positive_halves_and_holds_its_ends(name: str, built: Any) -> None:
    if isinstance(built(name).table, FilmStage):
        curves = built(name).table.steps[-1].curves
        assert np.diff(curves, axis=1).min() > 0
        assert (curves[:, 0] == 0).all()
        assert (curves[:, -1] == 1).all()
        return
    table, bits = built(name).table.values, halves()
    assert (table[np.signbit(bits) | np.isnan(bits)] == 0).all()
    assert (table[bits == np.inf] == 1).all()
    assert (table[0] == 0).all()
    assert np.diff(table[:0x7C01], axis=0).min() >= 0
    assert table[0x7BFF].min() == 1


@EVERY
def test_the_shaper_and_its_inverse_undo_each_other(name: str) -> None:
    shaper = make_shaper(load_profile(name), make_chain(load_profile(name)))
    u = np.random.default_rng(0).uniform(0, 1, (5000, 3))
    assert shaper.coordinate(shaper.exposure(u)) == pytest.approx(u, abs=1e-9)
    assert (np.diff(shaper.u, axis=0) > 0).all()
    assert (shaper.u[0] == 0).all()
    assert (shaper.u[-1] == 1).all()
    beyond = shaper.coordinate(np.array([[-1.0, 0.0, 1e9]]))
    assert beyond.tolist() == [[0, 0, 1]]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"lad": (1.0, 1.0, 4.9)}, "lad: expected densities between the print's D-min and D-max"),
        ({"negative_stops": -4}, "negative_stops: expected mid gray on the negative's curves"),
    ],
)
def test_what_no_film_can_show_is_refused(change: dict[str, Any], says: str) -> None:
    short = load_profile("eterna").negative.model_copy(update={"mid_gray_log_exposure": -1.0})
    start = load_profile("eterna").replace(negative=short) if "lad" not in change else load_profile("vision")
    with pytest.raises(LatticeError, match=says):
        make_chain(start.replace(**change))
