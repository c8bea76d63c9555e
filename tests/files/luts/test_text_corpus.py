"""Text LUTs of others, against OpenColorIO's exact pixels, and colour-science where OpenColorIO refuses."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from basics import one_line
from text_lut_samples import FORMATS, corpus, difference, format_of, ran, through_colour

from lattice.process_list import Knots, ProcessList

ERROR = 2e-5  # of two float32 evaluations whose positions in a table differ by their rounding
METHODS = {"linear": "trilinear", "tetrahedral": "tetrahedral"}
PRELUT_SAMPLES = 65536  # evenly spaced, to which OpenColorIO samples the points of a .csp again
CUBIC = ("cinespace_Uncommon_3x1D_With_Pre_Lut.csp",)
# What OpenColorIO refuses, for TITLE is beside ranges or a shaper; colour-science reads it.
BY_COLOUR = ("resolve_cube_Demo.cube", "resolve_cube_LogC_Video.cube", "resolve_cube_eotf_sRGB_3D.cube")
REFUSED = {
    "cinespace_Explicit_Domain.csp": "line 19: expected three equal sizes, got '2 3 4'",
    "error_truncated_file.3dl": "expected the rows of a cube",
    "error_truncated_file.lut": "line 82: expected row 80 of 768",
    "legacy_flmlk_desat.lut": "line 1: expected LUT:",
    "sony_spi1d_Exception_Raising.spi1d": "line 2: expected From and 2 words",
}
SAME = (
    "1DLUT.cube",
    "3DLUT.cube",
    "Test_12to16fp.lut",
    "cinespace_ACES_Proxy_10_to_ACES.csp",
    "cinespace_Colour_Correct.csp",
    "cinespace_Demo.csp",
    "cinespace_Ragged_Domain.csp",
    "cinespace_Three_Dimensional_Table.csp",
    "cinespace_Unit.csp",
    "discreet-3d-lut.3dl",
    "houdini.lut",
    "iridas_1d.cube",
    "iridas_3d.cube",
    "iridas_3d.itx",
    "iridas_cube_ACES_Proxy_10_to_ACES.cube",
    "iridas_cube_Demo.cube",
    "iridas_cube_Three_Dimensional_Table.cube",
    "iridas_cube_eotf_sRGB_3D.cube",
    "lustre_33x33x33.3dl",
    "lut1d_1.spi1d",
    "lut1d_2.spi1d",
    "lut3d_arbitrary.csp",
    "lut3d_bizarre.spi3d",
    "lut3d_red-only.csp",
    "nuke_3d.vf",
    "pandora_3d.m3d",
    "sRGB_OETF.spi1d",
    "sRGB_to_linear.spi1d",
    "sony_spi1d_eotf_sRGB_1D.spi1d",
    "sony_spi1d_eotf_sRGB_3x1D.spi1d",
    "sony_spi3d_Colour_Correct.spi3d",
    "sony_spi3d_Colour_Correct_Unordered.spi3d",
    "sony_spimtx_Matrix_Offset.spimtx",
    "sony_spimtx_p3_to_xyz16.spimtx",
)


@cache
def expected() -> dict[str, Any]:
    with np.load(corpus() / "expected.npz") as found:
        return dict(found)


def read(name: str) -> ProcessList:
    path = corpus() / name
    return format_of(path).parse(path.read_bytes())


def test_every_file_is_in_a_list() -> None:
    suffixes = {suffix for form in FORMATS.values() for suffix in form.suffixes}
    there = {path.name for path in corpus().iterdir() if path.suffix in suffixes}
    assert there == {*SAME, *CUBIC, *BY_COLOUR, *REFUSED}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", SAME)
def test_pixels_are_those_of_ocio(name: str, method: str) -> None:
    got = ran(read(name), expected()["input"], METHODS[method])
    assert difference(got, expected()[f"{name}|{method}"]) <= ERROR


@pytest.mark.parametrize("name", CUBIC)
def test_points_that_ocio_joins_by_a_cubic(name: str) -> None:
    """With OpenColorIO's cubic in place of the straight lines, sampled as it does, the pixels are the same."""
    held = read(name)
    points = held.nodes[0]
    assert isinstance(points, Knots)
    cubic = ProcessList("", (_resampled(points), *held.nodes[1:]))
    wanted = expected()[f"{name}|linear"]
    assert difference(ran(cubic, expected()["input"]), wanted) <= ERROR
    assert difference(ran(held, expected()["input"]), wanted) > 0.1


def _resampled(points: Knots) -> Knots:
    """Points sampled evenly from a cubic with the slope of the neighbours' chord at each inner point."""
    x = [np.linspace(at[0], at[-1], PRELUT_SAMPLES) for at in points.x]
    y = [_cubic(at, to, sampled) for at, to, sampled in zip(points.x, points.y, x, strict=True)]
    return Knots((x[0], x[1], x[2]), (y[0], y[1], y[2]))


def _cubic(at: Any, to: Any, x: Any) -> Any:
    slopes = np.empty_like(to)
    slopes[1:-1] = (to[2:] - to[:-2]) / (at[2:] - at[:-2])
    chords = np.diff(to) / np.diff(at)
    slopes[0], slopes[-1] = 2 * chords[0] - slopes[1], 2 * chords[-1] - slopes[-2]  # parabolas at the ends
    k = np.clip(np.searchsorted(at, x, side="right") - 1, 0, len(at) - 2)
    width = np.diff(at)[k]
    t = (x - at[k]) / width
    start, end = slopes[k] * width, slopes[k + 1] * width
    rise = to[k + 1] - to[k]
    return to[k] + t * (start + t * (3 * rise - 2 * start - end + t * (start + end - 2 * rise)))


@pytest.mark.parametrize("name", BY_COLOUR)
def test_pixels_are_those_of_colour_science(name: str) -> None:
    pixels = np.random.default_rng(5).uniform(0, 1, (300, 3)).astype(np.float32)
    held = read(name)
    assert difference(ran(held, pixels, "trilinear"), through_colour(corpus() / name, pixels)) <= ERROR
    assert held.name


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_broken_is_refused(name: str) -> None:
    one_line(lambda: read(name), REFUSED[name])


def test_what_a_file_says_of_itself_is_kept() -> None:
    held = read("1DLUT.cube")
    assert held.name == "1D Identity Cube LUT"
    assert held.provenance["comments"].startswith(
        "Copyright: (C) Copyright 2020 by Diego In\u00e1cio\n1D Cube LUT test\n"
    )
    assert read("cinespace_Demo.csp").provenance["comments"] == "Demo\nComments are ignored by most parsers"
