"""Interop IDs: which inputs they mean, and what the others are called."""

from __future__ import annotations

from typing import Any

import pytest

from lattice.color.inputs import INPUTS
from lattice.color.interop import DISPLAYS, ENCODED, OLDER_NAMES, SCENE_LINEAR, full_id, is_listed, scene_input
from lattice.types import LatticeError


def test_every_id_of_the_forum_has_an_input() -> None:
    linear = ("ap0", "ap1", "rec709", "p3d65", "rec2020", "adobergb", "ciexyzd65")
    assert {f"lin_{gamut}_scene" for gamut in linear} <= SCENE_LINEAR.keys()
    for name, meant in {**SCENE_LINEAR, **ENCODED}.items():
        assert scene_input(name) == scene_input(name.removesuffix("_scene")) == meant
        assert INPUTS[meant].is_encoded == (name in ENCODED)
    assert {full_id(name) for name in OLDER_NAMES} <= {*SCENE_LINEAR, *ENCODED}


def test_the_lists_are_those_of_opencolorio(ocio: Any) -> None:
    """Every space that its studio config has for a scene is an input; test_inputs.py compares their numbers."""
    config = ocio.Config.CreateFromBuiltinConfig("studio-config-latest")
    theirs = {
        space.getInteropID() for space in config.getColorSpaces(ocio.SEARCH_REFERENCE_SPACE_ALL, ocio.COLORSPACE_ALL)
    } - {"", "ocio:lin_ciexyzd65_display"}
    assert {name for name in theirs if not is_listed(name)} == set()


def test_no_name_is_none() -> None:
    assert scene_input("") is scene_input("unknown") is None


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("data", "which is no color"),
        *((name, "a picture for a display") for name in sorted(DISPLAYS)),
        ("ocio:lin_awg5_scene", "linear light of primaries that lattice does not have"),
        ("ocio:lin_ciexyzd65_display", "a picture for a display"),
        ("ocio:slog4_sgamut3_scene", "a name that lattice does not know"),
        ("studio:show_cam", "a name that lattice does not know"),
        ("LIN_AP1_SCENE", "a name that lattice does not know"),
        ("\x1b[31m", "a name that lattice does not know"),
    ],
)
def test_what_is_no_scene_is_refused_with_its_meaning(name: str, why: str) -> None:
    with pytest.raises(LatticeError, match=why) as error:
        scene_input(name)
    assert str(error.value) == f"expected light or codes of a scene, got {name!a}, {why}"
