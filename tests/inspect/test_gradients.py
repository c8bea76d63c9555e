"""What a reversal, a drift of hue and a fall of L* are, on values made up so that the answer is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from lattice.inspect.gradients import drift, reversal
from lattice.inspect.truth import cie_lab
from lattice.types import decode_srgb

STEPS = 1024
RISING = np.linspace(0.2, 0.8, STEPS)


@dataclass
class Shown:
    """A lattice beside its exact chain that shows what it is given: linear RGB, or CIELAB where `is_lab`."""

    lattice: Any
    chain: Any
    is_lab: bool = False

    def held(self, scene: Any) -> Any:
        return self.lattice

    def exact(self, scene: Any) -> Any:
        return self.chain

    def linear(self, values: Any) -> Any:
        return values

    def lab(self, linear: Any) -> Any:
        return linear if self.is_lab else cie_lab(linear)


def codes(*channels: Any) -> Any:
    """Linear light of code values by sRGB's curve."""
    return decode_srgb(np.stack(np.broadcast_arrays(*channels), axis=-1))


def turned(held: Any, exact: Any) -> Any:
    return reversal(Shown(held, exact), None)  # type: ignore[arg-type]


def drifted(held: Any, exact: Any) -> Any:
    return drift(Shown(held, exact, is_lab=True), None)  # type: ignore[arg-type]


@pytest.mark.parametrize("channel", range(3))
@pytest.mark.parametrize("way", [1, -1])
def test_a_dent_is_found_and_is_as_large_as_it_is(channel: int, way: int) -> None:
    ramp = RISING[::way]
    dented = [ramp, ramp, ramp]
    dented[channel] = np.where(np.arange(STEPS) < 500, ramp, np.maximum.accumulate(way * ramp)[499] * way)
    dented[channel] = dented[channel] - way * np.interp(np.arange(STEPS), [499, 509, 519], [0, 5 / 1023, 0])
    dented[channel][520:] = ramp[520:]
    found = turned(codes(*dented), codes(ramp, ramp, ramp))
    assert found.steps == 10
    assert found.codes == pytest.approx(5, abs=1e-6)
    assert found.difference > 0.1
    assert (found.lightness > 0.1) == (channel == 1)  # this test shows R, G, B as X, Y, Z


def test_channels_that_go_back_together_add_up_to_a_fall_of_lightness() -> None:
    dent = RISING - np.interp(np.arange(STEPS), [499, 509, 519], [0, 8 / 1023, 0])
    found = turned(codes(dent, dent, dent), codes(RISING, RISING, RISING))
    lightness = cie_lab(codes(dent, dent, dent))[:, 0]
    assert found.lightness == pytest.approx((np.maximum.accumulate(lightness) - lightness).max())


def test_what_the_exact_chain_does_is_no_reversal() -> None:
    wave = 0.5 + 0.3 * np.sin(np.linspace(0, 20, STEPS))
    same = codes(wave, RISING, 0.0)
    assert (turned(same, same).steps, turned(same, same).codes) == (0, 0)


def test_where_the_exact_chain_rests_a_lattice_may_move() -> None:
    moving = codes(0.01 * np.sin(RISING * 99) ** 2, RISING, RISING)
    assert turned(moving, codes(0.0, RISING, RISING)).codes == 0


def test_steps_of_rounding_do_not_count() -> None:
    noisy = RISING + np.random.default_rng(0).uniform(-4e-7, 4e-7, STEPS)
    flat = codes(np.where(RISING > 0.5, RISING, 0.5), RISING, RISING)
    assert turned(codes(noisy, RISING, RISING), codes(RISING, RISING, RISING)).codes < 1e-3
    assert turned(flat, codes(RISING, RISING, RISING)).steps == 0  # it rests where it should rise: not back


def polar(lightness: Any, chroma: Any, hue: Any) -> Any:
    angle = np.radians(hue)
    return np.stack(np.broadcast_arrays(lightness, chroma * np.cos(angle), chroma * np.sin(angle)), axis=-1)


@pytest.mark.parametrize("hue", [358.0, 90.0])
def test_a_drift_of_hue_counts_where_there_is_a_color(hue: float) -> None:
    lightness, chroma = np.linspace(1, 99, STEPS), np.linspace(0, 40, STEPS)
    assert drifted(polar(lightness, chroma, hue + 5), polar(lightness, chroma, hue)).hue == pytest.approx(5)
    assert drifted(polar(lightness, 9.0, hue + 90), polar(lightness, 9.0, hue)).hue == 0


def test_a_fall_of_lightness_counts_where_the_exact_chain_has_none() -> None:
    rising = np.linspace(1, 99, STEPS)
    fallen, level = rising.copy(), np.minimum(rising, 60)
    fallen[500:520] -= np.linspace(0, 4, 20)
    depth = np.maximum.accumulate(fallen) - fallen
    assert drifted(polar(fallen, 20.0, 30), polar(rising, 20.0, 30)).fall == pytest.approx(depth.max())
    assert drifted(polar(fallen, 20.0, 30), polar(level, 20.0, 30)).fall == pytest.approx(depth.max())
    assert drifted(polar(fallen[::-1], 20.0, 30), polar(rising[::-1], 20.0, 30)).fall == 0
