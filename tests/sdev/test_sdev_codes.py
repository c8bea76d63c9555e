"""An SDev that takes codes: what it shows, what it equals, what it refuses."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from basics import one_line

from lattice.color.inputs import find
from lattice.color.primaries import convert
from lattice.regrade.frame.session import Session
from lattice.sdev import SDev

CODES = np.random.default_rng(9).random((70, 9, 4)).astype(np.float32)
HALF_STEP = 2.0**-12  # of a display code as a half


@pytest.mark.parametrize("name", ["logc3", "slog3-sgamut3cine@legal", "adx10"])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, ml_dtypes.bfloat16])
@pytest.mark.parametrize("threads", [1, 3])
def test_codes_are_graded_as_their_light(name: str, dtype: Any, threads: int, premier: SDev) -> None:
    image, space = CODES.astype(dtype), find(name)
    light = space.light(image[..., :3].astype(np.float16 if dtype == np.float16 else np.float32))
    wanted = premier.with_input(space.primaries).apply(light)
    got = premier.with_input(name).apply(image, threads=threads)
    assert got.dtype == image.dtype
    np.testing.assert_array_equal(got[..., 3], image[..., 3])
    np.testing.assert_array_equal(got[..., :3], wanted.astype(dtype))
    assert premier.with_input(name).apply(image, image, threads=threads) is image
    np.testing.assert_array_equal(image, got)


def test_every_engine_decodes(engine: Any, premier: SDev) -> None:
    wanted = premier.with_input("awg4").apply(find("logc4").light(CODES[..., :3]))
    got = premier.with_input("logc4").apply(CODES[..., :3], engine=engine.name)
    np.testing.assert_allclose(got, wanted, atol=1e-5)


def test_lists_and_single_colors_are_codes_too(premier: SDev) -> None:
    assert premier.with_input("logc3").apply([0.391, 0.391, 0.391]) == pytest.approx(
        premier.apply([0.18, 0.18, 0.18]), abs=1e-4
    )


def test_an_sdev_of_codes_is_another_one_and_can_be_led_back(premier: SDev, tmp_path: Path) -> None:
    log, light = premier.with_input("LogC3"), premier.with_input("awg3")
    assert log != light
    assert log.sha256 != light.sha256
    assert log == premier.with_input("arri logc3 (ei800)") == pickle.loads(pickle.dumps(log))
    assert log.with_input("LogC3") is log
    assert log.with_input("awg3") == light
    assert light.with_input("LogC3").sha256 == log.sha256
    assert log.with_input("logc3@legal") not in (log, light)
    assert log.with_input("Rec.709").matrix == pytest.approx(premier.matrix, abs=1e-12)
    assert premier.with_input("srgb").with_input("rec709") == premier
    assert premier.with_input("srgb").sha256 != premier.sha256
    assert "ARRI LogC3 EI800 -> Rec.709" in repr(log)
    assert log.codes is find("logc3")
    assert light.codes is premier.codes is None
    assert "<svg" in log._repr_html_()
    one_line(lambda: log.save(tmp_path / "a.clf"), "a CLF takes linear light, not ARRI LogC3 EI800: save")
    assert not (tmp_path / "a.clf").exists()


def test_a_session_grades_frames_by_their_own_light(premier: SDev) -> None:
    """A run that is given such an SDev asks what each frame is, as always."""
    assert Session(premier.with_input("LogC3")).sdev_for("awg3") == premier.with_input("awg3")


def test_white_is_adapted_as_asked(premier: SDev) -> None:
    bradford = premier.with_input("ACEScg", "Bradford")
    np.testing.assert_allclose(bradford.matrix, premier.matrix @ convert("ACEScg", "Rec.709", "Bradford"), atol=1e-15)
    assert bradford != premier.with_input("ACEScg") == premier.with_input("ACEScg", "CAT02")
    assert premier.with_input("awg3").provenance["input"] == "ARRI Wide Gamut 3"
