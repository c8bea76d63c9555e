"""The drawn picture: the engine's own codes, and the order, the places and the overlays that the page promises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from basics import halves
from looked_samples import LOOKINGS, PICTURES, SIZE, natural, picture_of

from lattice.looks import profile_names
from lattice.sdev import SDev
from lattice.types import HALF_MAX, encode_srgb
from lattice.view.drawn import codes_of, draw
from lattice.view.looking import BANDS, CLIPPED_HIGH, CLIPPED_LOW, INFINITE, NAN, NEGATIVE, SURROUND, Looking, Picture
from lattice.view.plain import plain
from lattice.view.sampling import widened

LUMA = np.array([0.2126, 0.7152, 0.0722])


def centered(picture: Picture) -> Looking:
    """1:1, in a canvas of the picture's size."""
    width, height = picture.size
    return Looking(center=(width / 2, height / 2))


@pytest.mark.parametrize("look", profile_names())
def test_one_to_one_is_what_apply_gives(look: str, built: Callable[[str], SDev]) -> None:
    sdev, picture = built(look), picture_of(natural(54, 71))
    image = np.ascontiguousarray(picture.planes.transpose(1, 2, 0))
    codes = codes_of(picture.size, centered(picture), (picture, sdev))
    assert np.array_equal(codes.astype(np.float16).transpose(1, 2, 0), sdev.apply(image))
    drawn = draw(picture.size, centered(picture), (picture, sdev))
    assert np.array_equal(drawn[..., :3], np.rint(255 * sdev.apply(image.astype(np.float32))))
    assert (drawn[..., 3] == 255).all()


def test_halves_are_widened_to_the_bit() -> None:
    light = halves()[np.isfinite(halves())]
    assert np.array_equal(widened(light).view(np.uint32), light.astype(np.float32).view(np.uint32))


# The definition again, the plain way: every pixel for itself, in float64 but for the SDev.
def places(size: tuple[int, int], looking: Looking, aspect: float) -> Any:
    j, i = np.mgrid[: size[1], : size[0]]
    x = looking.center[0] + (i + 0.5 - size[0] / 2) / (looking.zoom * aspect)
    return x, looking.center[1] + (j + 0.5 - size[1] / 2) / looking.zoom


def samples(picture: Picture, x: Any, y: Any, zoom: float) -> tuple[Any, Any, Any]:
    """Samples (C, ...), the nearest ones, and where there is data."""
    planes = np.nan_to_num(picture.planes.astype(float), nan=0, posinf=HALF_MAX, neginf=-HALF_MAX)
    _, height, width = planes.shape
    u, v = (x - picture.corner[0]) / picture.scale, (y - picture.corner[1]) / picture.scale
    inside = (u >= 0) & (v >= 0) & (u < width) & (v < height)
    column, row = (np.clip(np.floor(each).astype(int), 0, most - 1) for each, most in ((u, width), (v, height)))
    near = np.moveaxis(picture.planes[:3, row, column], 0, -1)
    if zoom * picture.scale >= 1:
        return planes[:, row, column], near, inside
    found = 0
    for down in (0, 1):
        for right in (0, 1):
            left, top = np.floor(u - 0.5), np.floor(v - 0.5)
            weight = np.abs(1 - right - (u - 0.5 - left)) * np.abs(1 - down - (v - 0.5 - top))
            k, m = np.clip(left + right, 0, width - 1), np.clip(top + down, 0, height - 1)
            found = found + weight * planes[:, m.astype(int), k.astype(int)]
    return found, near, inside


def seen(shown: Any, looking: Looking, x: Any, y: Any) -> tuple[Any, Any, Any, Any, Any]:
    """Codes (h, w, 3), alpha, the light, the nearest samples, and where there is data."""
    picture, sdev = shown
    found, near, inside = samples(picture, x, y, looking.zoom)
    rgb = np.moveaxis(found[:3], 0, -1)
    alpha = found[3] if len(found) > 3 else np.ones(x.shape)
    gain = 2.0**looking.exposure
    if picture.raw:
        codes = np.clip(rgb * gain, 0, 1)
    elif picture.premultiplied:
        covered = alpha > 0
        factor = np.where(covered, alpha, 1)[..., None]
        codes = sdev.apply((rgb / factor * gain).astype(np.float32)).astype(float) * factor
        codes[~covered & ~rgb.any(axis=-1)] = 0
    else:
        codes = sdev.apply((rgb * gain).astype(np.float32)).astype(float)
    return np.maximum(codes, 0) ** (1 / looking.gamma), alpha, rgb * gain, near, inside


def expected(size: tuple[int, int], looking: Looking, a: Any, b: Any) -> Any:
    """The canvas (h, w, 3), float."""
    x, y = places(size, looking, a[0].aspect)
    sides = [seen(each, looking, x, y) for each in (a, b)]
    across, down, angle = looking.wipe
    width, height = a[0].size
    normal = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    of_b = (x - across * width) * a[0].aspect * normal[0] + (y - down * height) * normal[1] >= 0
    of_b &= looking.mode == "wipe"
    codes, alpha, light, near, inside = (
        np.where(of_b[..., None] if one.ndim == 3 else of_b, other, one) for one, other in zip(*sides, strict=True)
    )
    codes = codes * inside[..., None]
    if looking.mode == "difference":
        codes = 8 * np.abs(codes - sides[1][0] * sides[1][4][..., None])
    plain_codes = codes
    if looking.channel == "y":
        codes = np.repeat((codes @ LUMA)[..., None], 3, axis=-1)
    elif looking.channel == "a":
        codes = np.repeat((alpha * inside)[..., None], 3, axis=-1)
    elif looking.channel != "rgb":
        codes = np.repeat(codes[..., ["rgb".index(looking.channel)]], 3, axis=-1)
    canvas = np.clip(255 * codes, 0, 255)
    if looking.false_color:
        stops = np.log2(np.maximum(light @ LUMA, 1e-30) / 0.18)
        bands = np.array([[upper, *color] for upper, color in BANDS])
        canvas = np.where(inside[..., None], bands[np.digitize(stops, bands[:-1, 0]), 1:], canvas)
    if looking.clipping:
        canvas[inside & (plain_codes <= 0.5 / 255).any(axis=-1)] = CLIPPED_LOW
        canvas[inside & (plain_codes >= 254.5 / 255).any(axis=-1)] = CLIPPED_HIGH
    if looking.markers:
        for odd, color in ((near < 0, NEGATIVE), (np.isinf(near), INFINITE), (np.isnan(near), NAN)):
            canvas[inside & odd.any(axis=-1)] = color
    shown = inside
    for k, (picture, _) in enumerate((a, b)):
        own = of_b == bool(k)
        shown = shown | (own & (x >= 0) & (y >= 0) & (x < picture.size[0]) & (y < picture.size[1]))
    canvas[~shown] = SURROUND
    return canvas


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("way", LOOKINGS)
def test_every_pixel_is_the_definitions(name: str, way: str, built: Callable[[str], SDev]) -> None:
    a = PICTURES[name], None if PICTURES[name].raw else built("vision")
    b = PICTURES["alpha" if name == "plain" else "plain"], built("bleach-bypass")
    looking = Looking(**{"center": (16.5, 12.0), **LOOKINGS[way]})
    drawn = draw(SIZE, looking, a, b)[..., :3].astype(float)
    off = np.abs(drawn - expected(SIZE, looking, a, b)).max(axis=-1)
    # A band's or a clip's edge may fall on either side of a float's rounding: no more than a pixel of 962 does.
    assert np.count_nonzero(off > 0.51) <= (1 if looking.false_color or looking.clipping else 0), off.max()


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("zoom", [0.8, 1.0])
def test_a_difference_of_two_looks_on_one_picture_is_that_of_its_copy(
    name: str, zoom: float, built: Callable[[str], SDev]
) -> None:
    picture, looking = PICTURES[name], Looking(center=(16.5, 12.0), zoom=zoom, mode="difference")
    a, b = ((picture, None if picture.raw else built(look)) for look in ("vision", "bleach-bypass"))
    drawn = draw(SIZE, looking, a, b)
    assert np.array_equal(drawn, draw(SIZE, looking, a, (replace(picture), b[1])))
    assert name == "raw" or not np.array_equal(drawn, draw(SIZE, looking, a, a))


def test_a_pixel_of_two_by_two_is_one_sample() -> None:
    picture = picture_of(np.arange(12).reshape(1, 3, 4).repeat(3, 0) / 12, raw=True)
    drawn = draw((8, 6), Looking(zoom=2.0, center=(2.0, 1.5)), (picture, None))[..., 0]
    one = np.rint(255 * picture.planes[0].astype(np.float32))
    assert np.array_equal(drawn, one.repeat(2, 0).repeat(2, 1))


def test_wide_pixels_are_wide() -> None:
    picture = picture_of(np.arange(4).reshape(1, 1, 4).repeat(3, 0).repeat(3, 1) / 4, raw=True, aspect=2.0)
    drawn = draw((8, 3), Looking(center=(2.0, 1.5)), (picture, None))[..., 0]
    assert np.array_equal(drawn[1], np.rint(255 * np.arange(4) / 4).repeat(2))


def test_a_is_left_of_the_line_and_above_it() -> None:
    black, white = (picture_of(np.full((3, 10, 10), code), raw=True) for code in (0.0, 1.0))
    looking = Looking(mode="wipe", center=(5.0, 5.0))
    drawn = draw((10, 10), looking, (black, None), (white, None))[..., 0]
    assert (drawn[:, :5] == 0).all()
    assert (drawn[:, 5:] == 255).all()
    drawn = draw((10, 10), replace(looking, wipe=(0.5, 0.3, 90.0)), (black, None), (white, None))[..., 0]
    assert (drawn[:3] == 0).all()
    assert (drawn[3:] == 255).all()


def test_color_is_divided_before_the_look_and_multiplied_after() -> None:
    gray = picture_of(np.array([0.09, 0.09, 0.09, 0.5]).reshape(4, 1, 1), premultiplied=True)
    code = codes_of((1, 1), Looking(center=(0.5, 0.5)), (gray, plain()))[0, 0, 0]
    assert code == pytest.approx(0.5 * encode_srgb(np.array(0.18)), abs=1e-3)
    brighter = codes_of((1, 1), Looking(center=(0.5, 0.5), exposure=1.0), (gray, plain()))[0, 0, 0]
    assert brighter == pytest.approx(0.5 * encode_srgb(np.array(0.36)), abs=1e-3)


def test_empty_pixels_stay_black_as_in_files(built: Callable[[str], SDev]) -> None:
    empty = picture_of(np.zeros((4, 2, 2)), premultiplied=True)
    look = built("vision")
    assert look.apply(np.zeros((1, 1, 3), np.float32)).max() > 0  # a print's black is no code 0
    assert not codes_of((2, 2), centered(empty), (empty, look)).any()


def test_exposure_is_before_the_look_and_gamma_after() -> None:
    gray = picture_of(np.full((3, 1, 1), 0.09))
    told = Looking(center=(0.5, 0.5), exposure=1.0, gamma=2.0)
    code = codes_of((1, 1), told, (gray, plain()))[0, 0, 0]
    assert code == pytest.approx(float(encode_srgb(np.array(0.18))) ** 0.5, abs=1e-3)


@pytest.mark.parametrize("zoom", [1.0, 0.75])
def test_odd_values_are_drawn_and_marked(zoom: float) -> None:
    planes = np.full((3, 40, 40), 0.18, np.float16)
    planes[0, 3, 3], planes[1, 3, 20], planes[2, 20, 3] = np.nan, np.inf, -0.5
    planes[:, 20, 20] = -np.inf, np.nan, -1
    planes[0, 30, 30] = -0.0
    picture = picture_of(planes)
    canvas = round(40 * zoom), round(40 * zoom)
    drawn = draw(canvas, Looking(zoom=zoom, center=(20.0, 20.0), markers=True), (picture, plain()))
    for place, color in (((3, 3), NAN), ((3, 20), INFINITE), ((20, 3), NEGATIVE), ((20, 20), NAN)):
        row, column = (int(each * zoom) for each in place)
        assert color in {tuple(each) for each in drawn[row : row + 2, column : column + 2, :3].reshape(-1, 3)}
    assert tuple(drawn[int(30 * zoom), int(30 * zoom), :3]) not in (NAN, INFINITE, NEGATIVE)  # -0 is no negative
    unmarked = draw(canvas, Looking(zoom=zoom, center=(20.0, 20.0)), (picture, plain()))
    assert np.array_equal(unmarked[int(3 * zoom) + 2 :, -1], drawn[int(3 * zoom) + 2 :, -1])


def test_without_a_look_light_is_shown_by_the_srgb_curve() -> None:
    picture = picture_of(natural(8, 9))
    own, by_sdev = (codes_of((9, 8), centered(picture), (picture, each)) for each in (None, plain()))
    assert np.abs(own - by_sdev).max() < 1e-6
    assert np.abs(own - encode_srgb(np.clip(picture.planes.astype(float), 0, 1))).max() < 1e-6


@pytest.mark.parametrize("center", [(-500.0, 3.0), (3.0, 900.0)])
@pytest.mark.parametrize("mode", ["single", "wipe", "difference"])
def test_out_of_sight_is_surround(center: tuple[float, float], mode: Any) -> None:
    picture = PICTURES["alpha"]
    told = Looking(center=center, mode=mode, zoom=0.7, false_color=True, markers=True, clipping=True)
    drawn = draw((20, 10), told, (picture, plain()), (picture, plain()))
    assert (drawn == (*SURROUND, 255)).all()


def test_a_large_canvas_in_bands_is_the_small_one() -> None:
    picture = picture_of(natural(300, 500))
    whole = draw((500, 300), centered(picture), (picture, plain()))
    part = draw((100, 60), centered(picture), (picture, plain()))
    assert np.array_equal(whole[120:180, 200:300], part)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("mode", ["single", "difference"])
def test_no_half_makes_a_code_that_is_no_number(mode: Any) -> None:
    """Alphas above 1 make codes above 1, which a low gamma makes too large for a float."""
    halves = np.random.default_rng(1).integers(0, 1 << 16, (4, 32, 32), dtype=np.uint16).view(np.float16)
    shown = Picture(halves, (0, 0, 31, 31), (0, 0, 31, 31), premultiplied=True), plain()
    other = replace(shown[0], planes=halves[:, ::-1]), plain()
    for gamma in (0.1, 10.0):
        looking = replace(centered(shown[0]), exposure=20.0, gamma=gamma, mode=mode)
        assert np.isfinite(codes_of(shown[0].size, looking, shown)).all()
        draw(shown[0].size, looking, shown, other)
