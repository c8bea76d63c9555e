"""The register of displays: OpenColorIO shows the same, names are found, PQ and HLG are where their standards say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from basics import one_line, require

import lattice
from lattice.color import displays
from lattice.color.displays import DISPLAYS, Encoding, find, from_xyz
from lattice.color.primaries import PRIMARIES, WHITES, rgb_to_xyz
from lattice.types import Display

FLAT = 1e-5  # of code
# OpenColorIO's builtin of each display; its containers of HDR hold white at 100 nits.
BUILTINS = {
    "sRGB": "sRGB",
    "Rec.1886": "REC.1886-REC.709",
    "gamma 2.2": "G2.2-REC.709",
    "Rec.2020": "REC.1886-REC.2020",
    "Display P3": "DisplayP3",
    "P3-D65": "G2.6-P3-D65",
    "P3-DCI": "G2.6-P3-DCI-BFD",
    "DCDM": "DCDM-D65",
    "PQ": "REC.2100-PQ",
    "PQ P3-D65": "ST2084-P3-D65",
    "HLG": "REC.2100-HLG-1000nit",
}


def test_every_display_has_a_builtin_to_be_held_to() -> None:
    assert set(BUILTINS) == set(DISPLAYS)


@pytest.mark.parametrize("name", DISPLAYS)
def test_opencolorio_shows_the_same(name: str) -> None:
    try:
        import PyOpenColorIO as ocio
    except ImportError:
        require("ocio", "OpenColorIO is not installed")
    shown = DISPLAYS[name].shown
    # Light of the display from 1/200 of white up: nearer black the curves are steeper than float32 of XYZ is fine.
    light = np.random.default_rng(3).uniform(0.005, 1, (4000, 3)) * PRIMARIES[shown.primaries].white_light
    xyz = light @ np.linalg.inv(from_xyz(shown.primaries, None)).T
    transform = ocio.BuiltinTransform(f"DISPLAY - CIE-XYZ-D65_to_{BUILTINS[name]}")
    theirs = ocio.Config.CreateRaw().getProcessor(transform).getOptimizedCPUProcessor(ocio.OPTIMIZATION_LOSSLESS)
    wanted = xyz.astype(np.float32)
    theirs.applyRGB(wanted)
    found = Display(1.0, from_xyz(shown.primaries, None), shown.gamma, shown.peak or 100.0).encode(light)
    assert np.abs(found - wanted).max() < FLAT


# Source: BT.2408-7, table 1, prints 203 nits of PQ as 58 % and of HLG as 75 %.
@pytest.mark.parametrize(
    ("name", "code"),
    [("pq@48", 0.4364), ("pq", 0.5081), ("pq@203", 0.5807), ("hlg@100", 0.6296), ("hlg@203", 0.7499), ("hlg@1000", 1)],
)
def test_white_is_where_the_standards_put_it(name: str, code: float) -> None:
    shown = find(name).shown
    assert shown.peak is not None
    white = Display(1.0, np.eye(3), shown.gamma, shown.peak).encode(np.ones(3))
    assert white == pytest.approx(np.full(3, code), abs=5e-5)


def test_white_of_dcdm_leaves_room_above() -> None:
    white = Display(1.0, from_xyz("CIE XYZ-D65", None), 2.6).encode(
        from_xyz("CIE XYZ-D65", None) @ rgb_to_xyz("Rec.709").sum(axis=1)
    )
    assert white == pytest.approx([0.948, 0.967, 0.999], abs=2e-3)


@pytest.mark.parametrize("gamma", ["sRGB", 2.4, "PQ", "HLG"])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("axis", [0, -1])
def test_codes_decode_to_the_light_they_came_from(gamma: Any, dtype: Any, axis: int) -> None:
    display = Display(1.0, np.eye(3), gamma)
    light = np.moveaxis(np.random.default_rng(1).uniform(0, 1, (5, 7, 3)) ** 3, -1, axis).astype(dtype)
    codes = display.encode(light, axis)
    assert codes.dtype == dtype
    assert codes.shape == light.shape
    light.flat[:3] = 0
    codes = display.encode(light, axis)
    bound = {np.float16: 2e-2, np.float32: 3e-5, np.float64: 1e-12}[dtype]
    assert np.abs(display.decode(codes, axis).astype(np.float64) - light).max() < bound


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *((each, each) for each in DISPLAYS if DISPLAYS[each].shown.peak is None),
        ("p3 dci", "P3-DCI"),
        ("DCI-P3", "P3-DCI"),
        ("REC1886", "Rec.1886"),
        ("bt.2020", "Rec.2020"),
        ("Rec.2100-PQ - Display", "PQ@100"),
        ("pq@203", "PQ@203"),
        ("hdr10@203nits", "PQ@203"),
        ("pq@203 nit", "PQ@203"),
        ("pq p3@1000", "PQ P3-D65@1000"),
        ("HLG@203", "HLG@203"),
        ("x'y'z'", "DCDM"),
    ],
)
def test_names_are_found_in_any_spelling(text: str, name: str) -> None:
    assert find(text).name == name
    assert find(find(text).name) == find(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("p3-dcii", "no display is named 'p3-dcii'; did you mean 'P3-DCI'? lattice displays lists all"),
        ("p3", "did you mean 'P3-D65'"),
        ("pq203", "did you mean 'PQ@203'"),
        ("", "no display is named ''; lattice displays lists all"),
        ("srgb@100", "sRGB is as bright as it is: leave out @100"),
        ("hlg@1001", "expected white at 1 to 1000 nits, up to three decimals, such as HLG@203, got 'hlg@1001'"),
        ("pq@0", "expected white at 1 to 10000 nits"),
        ("pq@1e3", "expected white at 1 to 10000 nits"),
        ("pq@-5", "expected white at 1 to 10000 nits"),
        ("pq@nan", "expected white at 1 to 10000 nits"),
        ("pq@\u0661\u0660\u0660", "expected white at 1 to 10000 nits"),
        ("x" * 1000, "no display is named 'xxx"),
    ],
)
def test_other_names_are_refused_in_a_line(text: str, told: str) -> None:
    one_line(lambda: find(text), told)


def test_names_mean_one_display_each() -> None:
    spelled = [displays.folded(name) for each in DISPLAYS.values() for name in (each.name, *each.aliases)]
    assert len(set(spelled)) == len({*displays.NAMES})
    assert set(displays.NAMES.values()) == set(DISPLAYS)
    for each in DISPLAYS.values():
        assert displays.NAMES[displays.folded(each.name)] == each.name


@pytest.mark.parametrize("white", WHITES)
@pytest.mark.parametrize("primaries", [name for name, each in PRIMARIES.items() if each.is_display])
def test_a_white_of_the_look_is_shown_in_its_color_as_bright_as_it_can_be(primaries: str, white: str) -> None:
    d65 = rgb_to_xyz("Rec.709").sum(axis=1)
    shown = from_xyz(primaries, white) @ d65
    record = PRIMARIES[primaries]
    own = from_xyz(primaries, None) @ d65
    assert shown.max() == pytest.approx(own.max())
    if record.neutral is None:
        xyz = rgb_to_xyz(primaries) @ shown
        assert xyz[:2] / xyz.sum() == pytest.approx(WHITES[white], abs=1e-6)


@pytest.mark.parametrize(
    ("name", "id", "cicp"),
    [
        ("sRGB", "srgb_rec709_display", (1, 13, 0, 1)),
        ("P3-D65", "g26_p3d65_display", None),
        ("DCDM", "g26_xyzd65_display", None),
        ("PQ", "pq_rec2020_display", (9, 16, 0, 1)),
        ("PQ P3-D65", "pq_p3d65_display", (12, 16, 0, 1)),
        ("HLG", "hlg_rec2020_display", (9, 18, 0, 1)),
    ],
)
def test_files_name_them(name: str, id: str, cicp: Any) -> None:
    shown = DISPLAYS[name].shown
    encoding = Encoding(PRIMARIES[shown.primaries].xy, shown.gamma)
    assert encoding.interop_id == id
    assert encoding.cicp == cicp


def test_a_look_is_the_same_whichever_way_it_gets_to_a_display() -> None:
    premier = lattice.load("premier")
    for name in ("P3-DCI", "pq@203", "hlg@203", "dcdm", "rec1886"):
        through_a_profile = lattice.looks.load_profile("premier").replace(display=name).sdev()
        shown = premier.with_display(name)
        assert shown == through_a_profile
        assert shown.provenance == through_a_profile.provenance
        assert shown.lattice is premier.lattice
        assert shown.with_display(name) == shown
        assert np.abs(shown.with_display("srgb").display.matrix - premier.display.matrix).max() < 1e-12
