"""Fields of a look: what each does to the light on the screen, by the physics that it stands for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from basics import one_line
from film_samples import chart, grays, lightness_chroma, luminance, slopes

from lattice.build import make_chain, make_display, render, simulate
from lattice.build.chain import infrared_density
from lattice.build.device import build_device
from lattice.color.primaries import WHITES, rgb_to_xyz
from lattice.looks import Profile, load_profile, profile_names
from lattice.sdev import SDev

EVERY = pytest.mark.parametrize("name", profile_names())
MID = [0.0]
TABULATED = 1e-5  # of Y, as in test_build
BENT = 1e-3  # of Y: what a partial gray balance may move mid gray by


def shipped(name: str = "vision", **changes: Any) -> Profile:
    return load_profile(name).replace(**changes)


def free(name: str, **changes: Any) -> Profile:
    """A look without its gray balance, which bends what the field does."""
    return shipped(name, gray_balance=0, **changes)


@EVERY
def test_exposure_multiplies_the_scene_and_changes_nothing_else(name: str) -> None:
    for stops in (-2.5, 1.0):
        brighter, plain = shipped(name, exposure=stops), shipped(name)
        rgb = np.concatenate([chart(), grays(np.arange(-6.0, 7))])
        assert simulate(brighter, rgb) == pytest.approx(simulate(plain, rgb * 2.0**stops), rel=1e-9)
        assert make_chain(brighter).timing == pytest.approx(make_chain(plain).timing, abs=1e-12)


def test_exposure_is_in_the_matrix_of_a_device_and_table_and_lattice_are_the_same() -> None:
    plain, brighter = (build_device(shipped("vision", exposure=stops), sampled=True) for stops in (0.0, 1.5))
    assert brighter.matrix == pytest.approx(plain.matrix * 2.0**1.5, rel=1e-15)
    assert brighter.table.values.tobytes() == plain.table.values.tobytes()
    assert brighter.lattice.nodes.tobytes() == plain.lattice.nodes.tobytes()


def test_pixels_of_a_brighter_look_are_those_of_brighter_pixels_bit_for_bit() -> None:
    plain, brighter = (SDev.from_device(build_device(shipped(exposure=s, size=3), sampled=True)) for s in (0.0, 1.0))
    pixels = np.random.default_rng(0).uniform(-0.1, 8, (64, 33, 3)).astype(np.float16)
    for dtype in (np.float16, np.float32):
        assert brighter.apply(pixels.astype(dtype)).tobytes() == plain.apply(2 * pixels.astype(dtype)).tobytes()


def test_a_fit_does_not_depend_on_the_exposure() -> None:
    plain, brighter = (build_device(shipped("vision", exposure=stops, size=3)) for stops in (0.0, 1.5))
    assert brighter.lattice.nodes.tobytes() == plain.lattice.nodes.tobytes()


def test_the_old_name_of_negative_stops_says_what_to_type() -> None:
    one_line(lambda: shipped("vision", exposure_stops=0.5), "exposure_stops: is negative_stops now", "exposure = 1")


def test_a_denser_negative_is_not_a_brighter_picture() -> None:
    changes: list[dict[str, float]] = [{}, {"negative_stops": 1.0}, {"exposure": 1.0}]
    aim, denser, brighter = (simulate(shipped(**change), grays(MID))[0, 1] for change in changes)
    assert denser == pytest.approx(aim, abs=TABULATED)
    assert brighter > 2 * aim


@EVERY
def test_a_cineon_aim_is_a_quarter_stop_over_lad(name: str) -> None:
    """The gray that prints to LAD is 0.277 stop under mid gray: 25 codes of 0.002 printing density, gamma 0.6."""
    stops = 25 * 0.002 / 0.6 / np.log10(2)
    assert stops == pytest.approx(0.277, abs=5e-4)
    cineon, lad = (free(name, aim=aim, print_silver=0) for aim in ("cineon", "lad"))
    assert luminance(cineon, MID)[0] > 1.3 * luminance(lad, MID)[0]
    assert simulate(cineon, grays([-stops])) == pytest.approx(simulate(lad, grays(MID)), abs=TABULATED)


def test_vision_under_the_cineon_aim_has_the_figures_of_log_luts() -> None:
    """Y 0.153, L* 46.0, within the negative's own slope, which is not 0.6."""
    assert luminance(shipped(aim="cineon"), MID)[0] == pytest.approx(0.153, abs=0.003)
    assert lightness_chroma(shipped(aim="cineon"), grays(MID))[0][0] == pytest.approx(46.0, abs=0.3)


@EVERY
@pytest.mark.parametrize("aim", ["lad", "cineon", "gray18"])
def test_mid_gray_keeps_its_aim_whatever_is_done_to_the_print(name: str, aim: str) -> None:
    wanted = luminance(free(name, aim=aim), MID)[0]
    for change in (
        {"print_flash": 0.1},
        {"contrast": (0.8, 1.1, 1.3)},
        {"print_silver": 0, "print_infrared": 0.7},
        {"print_silver": 0, "print_flash": 0.05, "contrast": (1.1, 1.1, 0.9), "print_infrared": 0.4},
    ):
        assert luminance(free(name, aim=aim, **change), MID)[0] == pytest.approx(wanted, abs=TABULATED), change


@EVERY
def test_flashing_the_print_darkens_whites_lowers_contrast_and_keeps_mid_gray_neutral(name: str) -> None:
    plain = free(name)
    for weak, strong in ((0.0, 0.06), (0.06, 0.2)):
        less, more = (free(name, print_flash=share) for share in (weak, strong))
        assert (luminance(more, [3.0, 6.0, 30.0]) < luminance(less, [3.0, 6.0, 30.0])).all()
        assert luminance(more, [-3.0])[0] > luminance(less, [-3.0])[0]  # printed back, blacks get less light
        assert slopes(more)[0] < slopes(less)[0]
    assert simulate(free(name, print_flash=0.2), grays(MID)) == pytest.approx(simulate(plain, grays(MID)), abs=2e-5)


def test_a_flash_adds_its_exposure_to_that_of_the_picture() -> None:
    """A print layer holds the sum of the two lights: 10 ** y + share * 10 ** (y of mid gray)."""
    share, chain, flashed = 0.1, make_chain(shipped()), make_chain(shipped(print_flash=0.1))
    rgb = grays(np.linspace(-5, 7, 61))
    middle = 10.0 ** chain.print_exposure(grays(MID))
    both = np.log10(10.0 ** flashed.print_exposure(rgb) + share * middle)
    assert flashed.print.develop(flashed.print_exposure(rgb)) == pytest.approx(chain.print.develop(both), abs=2e-4)
    assert 10.0 ** flashed.print_exposure(grays(MID)) == pytest.approx((1 - share) * middle, rel=1e-5)


@EVERY
@pytest.mark.parametrize("factor", [0.7, 1.25])
def test_contrast_multiplies_the_slope_at_mid_gray_and_keeps_base_and_black(name: str, factor: float) -> None:
    plain, changed = free(name), free(name, contrast=(factor,) * 3)
    stops = np.array([-0.05, 0.05])
    steps = [np.diff(np.log10(luminance(look, stops)))[0] for look in (plain, changed)]
    assert steps[1] / steps[0] == pytest.approx(factor, rel=0.02)
    films = [make_chain(look).print for look in (plain, changed)]
    assert films[1].amounts[[0, -1]] == pytest.approx(films[0].amounts[[0, -1]], abs=1e-9)


def test_contrast_is_that_of_one_layer() -> None:
    """Each layer's dye at an exposure is that of `contrast` times the distance from mid gray on the sheet's curve."""
    factors = np.array([0.9, 1.0, 1.2])
    chain, changed = make_chain(shipped()), make_chain(shipped(contrast=tuple(factors)))
    middle = chain.print_exposure(grays(MID))[0]
    y = middle + np.linspace(-2, 2, 101)[:, None]
    assert changed.print.develop(y) == pytest.approx(chain.print.develop(middle + factors * (y - middle)), abs=1e-9)
    assert changed.timing == pytest.approx(chain.timing, abs=1e-9)


def test_less_contrast_in_red_takes_the_green_out_of_the_shadows_of_2383() -> None:
    from film_samples import lab

    plain, even = (lab(simulate(shipped(contrast=c), grays([-1.0, 1.0])))[:, 1] for c in ((1, 1, 1), (0.95, 1, 1)))
    assert even[0] > plain[0]
    assert even[1] < plain[1]


@pytest.mark.parametrize("reading", [0.2, 1.0, 1.6])
@pytest.mark.parametrize("name", ["vision", "premier", "eterna"])
def test_silver_by_its_infrared_density_reads_so_at_d_max(name: str, reading: float) -> None:
    look = shipped(name, print_infrared=reading)
    silver = make_chain(look).print.dyes - make_chain(shipped(name)).print.dyes
    assert make_chain(look).print.amounts[-1] @ silver == pytest.approx(np.full(silver.shape[1], reading), abs=1e-9)
    assert infrared_density(look) == pytest.approx(reading, abs=1e-12)


def test_a_reading_is_the_share_of_silver_that_it_belongs_to() -> None:
    by_share = shipped(print_silver=0.4)
    by_reading = shipped(print_infrared=infrared_density(by_share))
    assert simulate(by_reading, chart()) == pytest.approx(simulate(by_share, chart()), rel=1e-9)
    again = by_reading.replace(silver_density=1.0)  # the estimate has no part in it
    assert simulate(again, chart()) == pytest.approx(simulate(by_share, chart()), rel=1e-9)
    one_line(
        lambda: by_share.replace(print_infrared=1.0),
        "print_infrared: print_silver is 0.4 too; print_silver = 0 leaves the silver to it",
    )


@pytest.mark.parametrize("primaries", ["Rec.709", "Display P3", "P3-DCI", "Rec.2020"])
@pytest.mark.parametrize("white", list(WHITES))
def test_the_picture_s_white_has_the_color_of_the_white_asked_for(white: str, primaries: str) -> None:
    look = shipped(display={"primaries": primaries, "gamma": 2.6, "white": white})
    shown = make_display(look, make_chain(look)).matrix.sum(axis=1)  # linear RGB of clear film
    xyz = rgb_to_xyz(primaries) @ shown
    assert (xyz / xyz.sum())[:2] == pytest.approx(WHITES[white], abs=1e-9)
    assert shown.max() == pytest.approx(1, abs=1e-12)
    assert shown.min() > 0.6
    assert render(look, grays([30.0])).max() <= 1


def test_the_monitor_s_own_white_is_no_change() -> None:
    rgb = np.concatenate([chart(), grays(np.arange(-5.0, 8))])
    own = render(shipped(display={"white": "D65"}), rgb)
    assert own == pytest.approx(render(shipped(), rgb), abs=1e-9)


def test_warmer_whites_make_the_whole_scale_warmer() -> None:
    codes = [render(shipped(display={"white": white}), grays([-1.0, 1.0, 4.0])) for white in ("D65", "D60", "D55")]
    warmth = np.array([code[:, 0] - code[:, 2] for code in codes])
    assert (np.diff(warmth, axis=0) > 0.004).all()
