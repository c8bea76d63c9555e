"""A scene that is some stops brighter: exact in every engine, by Python, on the command line, in tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line
from exr_samples import save

from lattice.files.exr import file as exr
from lattice.inspect.graded import read_grades
from lattice.regrade import plan, regrade
from lattice.regrade.frame.request import Request
from lattice.regrade.options import Options


def picture(seed: int = 4) -> Any:
    """Half pixels that twice the light still fits: (40, 50, 3)."""
    random = np.random.default_rng(seed)
    return (0.18 * 2.0 ** (random.uniform(-6, 5, (40, 50, 1)) + random.normal(0, 1, (40, 50, 3)))).astype(np.float16)


@pytest.mark.parametrize("name", ["vision", "vision-scan", "vision-5219"])
def test_a_brighter_look_is_that_of_brighter_pixels_bit_for_bit(name: str, built: Any) -> None:
    sdev, scene = built(name), picture()
    for dtype in (np.float16, np.float32):
        brighter = sdev.with_exposure(1).apply(scene.astype(dtype))
        assert brighter.tobytes() == sdev.apply((2 * scene).astype(dtype)).tobytes()
    assert np.abs(sdev.with_exposure(0.5).apply(scene) - sdev.apply(scene)).max() > 0.05


def test_exposures_add_up_and_go_with_other_inputs(built: Any) -> None:
    sdev = built("vision")
    assert sdev.with_exposure(0) is sdev
    assert sdev.with_exposure(2).with_exposure(-2).sha256 == sdev.sha256
    assert sdev.with_exposure(0.5).with_exposure(0.25).provenance["exposure"] == "0.75"
    both = sdev.with_exposure(1).with_input("ACEScg"), sdev.with_input("ACEScg").with_exposure(1)
    assert both[0].sha256 == both[1].sha256


@pytest.mark.parametrize("wrong", [21, -20.5, float("nan"), "1", True, None])
def test_other_exposures_are_refused_in_a_line(wrong: Any, built: Any) -> None:
    one_line(lambda: built("vision").with_exposure(wrong), "exposure: expected stops from -20 to 20, got")
    one_line(lambda: Options(exposure=wrong), "exposure: expected stops from -20 to 20, got")


def test_a_whole_number_of_stops_is_the_same_request(built: Any) -> None:
    one, other = (Request.of(built("vision"), Options(exposure=stops)) for stops in (1, 1.0))
    assert one.digest == other.digest


def test_frames_are_graded_brighter_and_say_so(built: Any, tmp_path: Path) -> None:
    sdev, scene = built("vision"), picture()
    save(tmp_path / "a.exr", {c: scene[..., k].copy() for k, c in enumerate("RGB")})
    for name, options in (("b", Options(exposure=1)), ("c", Options())):
        assert [
            r.status for r in regrade(plan(sdev, tmp_path / "a.exr", tmp_path / f"{name}.exr", options=options))
        ] == ["ok"]
    found = np.stack([exr.read(tmp_path / "b.exr").channels[c] for c in "RGB"], axis=-1)
    assert found.tobytes() == sdev.apply(2 * scene).tobytes()
    assert " exposure=1" in read_grades(str(tmp_path / "b.exr"))[0].facts["options"]
    assert "exposure" not in read_grades(str(tmp_path / "c.exr"))[0].facts["options"]
    one_line(
        lambda: plan(sdev, tmp_path / "a.exr", tmp_path / "b.exr", options=Options(exposure=0.5)),
        "graded with exposure 1, not 0.5; --replace",
    )
