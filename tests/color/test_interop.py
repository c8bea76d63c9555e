"""Interop IDs: which are scene-linear light, and what the others are called."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lattice.color.interop import DISPLAYS, ENCODED, OLDER_NAMES, SCENE_LINEAR, full_id, is_listed, scene_primaries
from lattice.color.primaries import convert, rgb_to_xyz
from lattice.types import LatticeError

OF_ADAPTATION = 0.006  # OpenColorIO adapts white by Bradford, lattice by CAT02


def test_every_scene_linear_id_has_primaries() -> None:
    forum = ("ap0", "ap1", "rec709", "p3d65", "rec2020", "adobergb", "ciexyzd65")
    assert {f"lin_{gamut}_scene" for gamut in forum} == SCENE_LINEAR.keys()
    for name, primaries in SCENE_LINEAR.items():
        assert scene_primaries(name) == scene_primaries(name.removesuffix("_scene")) == primaries
        rgb_to_xyz(primaries)
    assert {full_id(name) for name in OLDER_NAMES} <= {*SCENE_LINEAR, *ENCODED}


def test_the_lists_are_those_of_opencolorio(ocio: Any) -> None:
    config = ocio.Config.CreateFromBuiltinConfig("studio-config-latest")
    theirs = {
        space.getInteropID()
        for space in config.getColorSpaces(ocio.SEARCH_REFERENCE_SPACE_ALL, ocio.COLORSPACE_ALL)
        if ":" not in space.getInteropID()
    } - {""}
    assert {name for name in theirs if not is_listed(name)} == set()
    for name, primaries in SCENE_LINEAR.items():
        processor = config.getProcessor(name, "ACES2065-1").getOptimizedCPUProcessor(ocio.OPTIMIZATION_NONE)
        columns = [processor.applyRGB(row) for row in np.eye(3).tolist()]
        np.testing.assert_allclose(np.transpose(columns), convert(primaries, "ACES2065-1"), atol=OF_ADAPTATION)


def test_no_name_is_none() -> None:
    assert scene_primaries("") is scene_primaries("unknown") is None


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("data", "which is no color"),
        *((name, "which a curve encodes") for name in ("srgb_rec709_scene", "sRGB", "g22_ap1", "g18_rec709_scene")),
        *((name, "a picture for a display") for name in sorted(DISPLAYS)),
        ("ocio:lin_awg4_scene", "linear light of primaries that lattice does not have"),
        ("ocio:lin_sgamut3cine_scene", "linear light of primaries that lattice does not have"),
        ("ocio:lin_ciexyzd65_display", "a picture for a display"),
        ("ocio:slog3_sgamut3_scene", "a name that lattice does not know"),
        ("studio:show_cam", "a name that lattice does not know"),
        ("LIN_AP1_SCENE", "a name that lattice does not know"),
        ("\x1b[31m", "a name that lattice does not know"),
    ],
)
def test_what_is_not_scene_linear_is_refused_with_its_meaning(name: str, why: str) -> None:
    with pytest.raises(LatticeError, match=why) as error:
        scene_primaries(name)
    assert str(error.value) == f"expected scene-linear light, got {name!a}, {why}"
