"""The exact chain: every figure that a look must show."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from film_samples import chart, grays, lab, lightness_chroma, luminance, slopes

from lattice.build import make_chain, simulate
from lattice.looks import Profile, load_profile

POINT = 0.025  # log10 exposure of one printer light
SHARE = 0.03  # how far a figure may be off, relative


PRINTS = {"vision": "kodak_2383", "premier": "kodak_2393"}


@cache
def look(name: str = "vision", **changes: Any) -> Profile:
    """A print from a 5219 negative as the film model's figures have it: every other field at its default."""
    return Profile(negative="kodak_5219", print=PRINTS[name], **changes)


def black(profile: Profile) -> float:
    """Visual density, over base, of the print of a clear negative."""
    return float(-np.log10(luminance(profile, [-30.0])[0]))


def deepest(profile: Profile) -> float:
    """Visual density of the print's D-max, base included."""
    film = make_chain(profile).print
    return float(-np.log10(film.transmit(film.amounts[-1])[1]))


def figure(value: float) -> Any:
    return pytest.approx(value, rel=SHARE)


@pytest.mark.parametrize(
    ("name", "ramp"),
    [
        ("vision", {-4: 0.00098, -2: 0.0065, -1: 0.030, 0: 0.112, 1: 0.294, 2: 0.523, 3: 0.726, 5: 0.941}),
        ("premier", {-4: 0.00044, -2: 0.0059, 0: 0.113, 2: 0.538, 3: 0.760, 5: 0.948}),
    ],
)
def test_the_gray_ramp_has_the_luminances_of_its_stock(name: str, ramp: dict[float, float]) -> None:
    found = simulate(look(name), grays(list(ramp)))[:, 1]
    for value, wanted in zip(found, ramp.values(), strict=True):
        assert value == pytest.approx(wanted, rel=SHARE, abs=0.0002)


@pytest.mark.parametrize(("name", "clear_negative", "sheet"), [("vision", 3.23, 3.76), ("premier", 3.76, 4.98)])
def test_blacks_are_those_of_the_stock(name: str, clear_negative: float, sheet: float) -> None:
    assert black(look(name)) == figure(clear_negative)
    assert deepest(look(name)) == figure(sheet)


def test_premier_is_three_times_darker_than_vision() -> None:
    vision, premier = luminance(look(), [-30.0])[0], luminance(look("premier"), [-30.0])[0]
    assert vision / premier >= 3
    shipped = [luminance(load_profile(name), [-30.0])[0] for name in ("vision", "premier")]
    assert shipped[0] / shipped[1] >= 3


def test_premier_is_more_colorful_than_vision() -> None:
    """Film scans in (E identity, K 0), white = print base; the mean is of the chart's 18 chromatic patches."""
    means = [lightness_chroma(look(name), chart())[1].mean() for name in ("vision", "premier")]
    assert means == [figure(40.0), figure(41.3)]


@pytest.mark.parametrize(("interimage", "mean"), [(0.0, 30.4), (0.3, 42.2)])
def test_camera_colors_need_interimage_to_reach_the_scene(interimage: float, mean: float) -> None:
    matrix = load_profile("vision-camera").film_matrix
    profile = look(interimage=interimage, film_matrix=matrix)
    assert lightness_chroma(profile, chart())[1].mean() == figure(mean)


def test_premier_favors_warm_colors() -> None:
    """By patch, with the interimage effect of the camera looks: yellow, light skin, cyan up, blue down."""
    chroma = [lightness_chroma(look(name, interimage=0.3), chart())[1] for name in ("vision", "premier")]
    yellow, skin, cyan, blue = (chroma[1] / chroma[0])[[15, 1, 17, 12]]
    assert (yellow, skin, cyan, blue) == (figure(1.10), figure(1.07), figure(1.05), figure(0.93))


def test_green_passes_through_yellow_on_its_way_to_white() -> None:
    stops = np.array([0, 2, 4, 8, 12])
    values = lab(simulate(look(), np.array([0.2, 1, 0.05]) * grays(stops)))
    hue, chroma = np.degrees(np.arctan2(values[:, 2], values[:, 1])) % 360, np.hypot(values[:, 1], values[:, 2])
    assert list(hue[:4]) == [figure(139), figure(120), figure(116), figure(119)]
    assert chroma[4] < 2
    assert values[4, 0] > 99


@cache
def silver(amount: float) -> Profile:
    return look(print_silver=amount)


@pytest.mark.parametrize(
    ("amount", "gray", "most", "dmax", "points"),
    [
        (0, 1.67, 2.27, 3.23, 0),
        (0.35, 1.83, 2.61, 3.68, -2.0),
        (0.6, 1.90, 2.83, 3.99, -3.1),
        (1, 1.88, 3.23, 4.45, -4.7),
    ],
)
def test_print_silver_has_its_slopes_black_and_timing(
    amount: float, gray: float, most: float, dmax: float, points: float
) -> None:
    assert slopes(silver(amount)) == (figure(gray), figure(most))
    assert black(silver(amount)) == figure(dmax)
    timing = (make_chain(silver(amount)).timing - make_chain(silver(0)).timing) / POINT
    assert np.ptp(timing) < 1e-9  # equal trims
    assert timing[0] == pytest.approx(points, abs=0.1)  # the figures are given to a tenth of a point


def chroma_at_lightness(profile: Profile, rgb: Any, lightness: Any) -> Any:
    """Chroma (n,) of colors (n, 3), each exposed until its print has the lightness asked for."""
    stops = np.linspace(-6, 6, 601)
    found = [lightness_chroma(profile, color * 2.0 ** stops[:, None]) for color in rgb]
    return np.array([np.interp(wanted, *pair) for wanted, pair in zip(lightness, found, strict=True)])


@pytest.mark.parametrize(("amount", "share"), [(0.35, 0.91), (0.6, 0.85), (1, 0.78)])
def test_print_silver_mutes_color_at_equal_lightness(amount: float, share: float) -> None:
    """Mean C* of the 18 patches, each exposed to the L* that it has without silver, over their mean without."""
    lightness, chroma = lightness_chroma(silver(0), chart())
    muted = chroma_at_lightness(silver(amount), chart(), lightness)
    assert muted.mean() / chroma.mean() == figure(share)


def test_more_print_silver_is_more_contrast_and_less_color() -> None:
    amounts = np.linspace(0, 1, 6)
    lightness, _ = lightness_chroma(silver(0), chart())
    chroma = [chroma_at_lightness(silver(r), chart(), lightness).mean() for r in amounts]
    assert (np.diff([slopes(silver(r))[1] for r in amounts]) > 0).all()
    assert (np.diff([black(silver(r)) for r in amounts]) > 0).all()
    assert (np.diff(chroma) < 0).all()


@pytest.mark.parametrize(("amount", "gray", "bright"), [(0, 1.67, 0.73), (0.5, 2.04, 0.82), (1, 2.42, 0.90)])
def test_negative_silver_steepens_and_blows_highlights(amount: float, gray: float, bright: float) -> None:
    profile = look(negative_silver=amount)
    assert slopes(profile)[0] == figure(gray)
    assert luminance(profile, [3.0])[0] == figure(bright)


def test_a_lamp_white_shows_the_base_and_a_base_white_hides_it() -> None:
    base, lamp = (simulate(look(white=white), grays([14.0]))[0] for white in ("base", "lamp"))
    white = np.array([0.9505, 1, 1.089])
    assert base / base[1] == pytest.approx(white, rel=0.02)
    assert lab(lamp)[2] > 5  # the base of 2383 is yellow
