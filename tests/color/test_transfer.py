"""Transfer functions: known code values first, then what all of the register must do."""

from __future__ import annotations

import numpy as np
import pytest

from lattice.color.transfer import TRANSFERS

CODES = np.arange(1024) / 1023


@pytest.mark.parametrize(
    ("name", "code", "linear"),
    [
        ("cineon", 685 / 1023, 1.0),
        ("cineon", 95 / 1023, 0.0),
        ("cineon", 445 / 1023, 0.149304),  # (10 ** -0.8 - 0.0107978) / 0.9892022, black being 10 ** -(590 / 300)
        ("cineon", 1.0, 13.5217),  # 10 ** (338 / 300) = 13.3865, before black is taken off
        ("cineon", 0.0, -0.0056508),
        ("srgb", 0.5, 0.2140411),
        ("srgb", 0.04045, 0.0031308),
        ("srgb", 0.02, 0.02 / 12.9232102),  # the slope that joins the curve without a kink; the standard rounds it
        ("rec709", 0.5, 0.2595894),
        ("rec709", 0.0809, 0.0809 / 4.5),
        ("rec709", 0.045, 0.01),
        ("linear", 0.3, 0.3),
    ],
)
def test_known_values(name: str, code: float, linear: float) -> None:
    assert TRANSFERS[name].decode(code) == pytest.approx(linear, rel=2e-5, abs=1e-7)


def test_mid_gray_is_where_film_has_it() -> None:
    assert 1023 * TRANSFERS["cineon"].encode(0.18) == pytest.approx(467.8, abs=0.1)


@pytest.mark.parametrize("name", TRANSFERS)
def test_codes_rise_and_come_back(name: str) -> None:
    linear = TRANSFERS[name].decode(CODES)
    assert linear.dtype == np.float64
    assert (np.diff(linear) > 0).all()
    back = TRANSFERS[name].encode(linear[linear >= 0])  # BT.709's two pieces miss each other by a quarter of a code
    np.testing.assert_allclose(back, CODES[linear >= 0], atol=3e-4 if name == "rec709" else 1e-6)


@pytest.mark.parametrize("name", TRANSFERS)
def test_ten_bits_come_back_from_halves(name: str) -> None:
    linear = TRANSFERS[name].decode(CODES).astype(np.float16)
    kept = linear >= 0
    np.testing.assert_array_equal(np.rint(1023 * TRANSFERS[name].encode(linear[kept])), np.arange(1024)[kept])


def test_printing_density_holds_a_picture_within_half_of_an_8_bit_code():
    shown = np.linspace(0, 1, 100_001)
    codes = np.rint(1023 * TRANSFERS["cineon"].encode(TRANSFERS["srgb"].decode(shown)))
    back = TRANSFERS["srgb"].encode(TRANSFERS["cineon"].decode(codes / 1023))
    assert np.abs(back - shown).max() < 0.5 / 255


@pytest.mark.parametrize("name", TRANSFERS)
def test_what_is_odd_is_no_error(name: str) -> None:
    with np.errstate(all="raise"):
        assert TRANSFERS[name].decode(-1.0) < 0
    assert np.isnan(TRANSFERS[name].decode(np.nan))
    assert TRANSFERS[name].decode(np.inf) == np.inf
