"""Measured patches as a reference: round trips through every format, whites, scales, and every contradiction a line."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from match_samples import REC1886, difference, measured, natural, patches
from measured_samples import WHITE, cgats, csv, cxf, text_of, ti3, xyz_of

from lattice.build.seen import cie_lab
from lattice.color.inputs import find
from lattice.color.primaries import adaptation, convert, rgb_to_xyz
from lattice.errors import LatticeError
from lattice.files.measured.register import read
from lattice.inspect import spectra
from lattice.inspect.truth import camera
from lattice.looks import load_profile
from lattice.looks.display import DisplaySpec
from lattice.match import Reference, of_patches
from lattice.match.reference import group_of
from lattice.match.white import ILLUMINANTS

LOOK = load_profile("vision")
GRAYS = 0.18 * 2.0 ** np.arange(-4.0, 5)[:, None] * np.ones(3)
LIGHT = np.concatenate([GRAYS, patches(LOOK.input), natural(20, 5)])
TRUE = measured(LOOK, LIGHT, 7)
NAMES = tuple(f"p{at}" for at in range(len(LIGHT)))
XYZ = xyz_of(TRUE.lab)
D50 = np.array([0.34567, 0.35851, 1 - 0.34567 - 0.35851]) / 0.35851


def given(folder: Path, text: str, name: str = "a.csv", encoding: str = LOOK.input, **asked: Any) -> Reference:
    path = folder / name
    path.write_text(text)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return of_patches(read(path), REC1886, encoding, **asked)


def far(found: Reference, light: Any = LIGHT, lab: Any = TRUE.lab) -> float:
    """The largest CIEDE2000 from what was measured; the light must be the same."""
    assert found.light == pytest.approx(light, rel=1e-9)
    return float(difference(found.lab, lab).max())


def refusal(folder: Path, text: str, name: str = "a.csv", **asked: Any) -> str:
    with pytest.raises(LatticeError) as caught:
        given(folder, text, name, **asked)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("suffix", [".csv", ".cgats", ".ti3"])
@pytest.mark.parametrize("kind", ["XYZ", "Lab"])
def test_a_looks_colors_come_back_from_every_format(tmp_path: Path, suffix: str, kind: str) -> None:
    if (suffix, kind) == (".ti3", "Lab"):  # which is over D50 there
        over = adaptation(WHITE, D50)
        text = ti3(NAMES, LIGHT, cie_lab(XYZ / 100 @ over.T / D50), kind)
    else:
        text = text_of(TRUE, suffix, kind)
    found = given(tmp_path, text, f"a{suffix}")
    assert far(found) < 1e-4
    assert found.names == NAMES
    assert found.primaries == LOOK.input
    assert (found.display, found.is_clipped, found.groups) == (REC1886, True, group_of(LIGHT))
    assert (found.noise == 0.5).all()
    assert found.about == f"a{suffix}"
    assert found.notes[0] == f"{len(LIGHT)} colors of {len(LIGHT)} rows"
    assert found.notes[1].startswith("r, g, b are ")


@pytest.mark.parametrize("kind", ["XYZ", "Lab"])
def test_a_looks_colors_come_back_from_cxf_whose_rgb_are_whole_codes(tmp_path: Path, kind: str) -> None:
    space = find("LogC4/Rec.709")
    codes = np.round(65535 * space.encode(LIGHT))
    values = XYZ if kind == "XYZ" else TRUE.lab
    found = given(tmp_path, cxf(NAMES, codes, values, kind), "a.cxf", "LogC4/Rec.709")
    assert far(found, space.decode(codes / 65535)) < 1e-4


@pytest.mark.parametrize("scale", [1, 100, 255, 1023, 4095, 65535])
@pytest.mark.parametrize("name", ["ARRI LogC3 EI800", "ACEScct", "S-Log3 S-Gamut3.Cine@legal"])
def test_codes_are_over_the_smallest_full_scale_that_holds_them(tmp_path: Path, scale: int, name: str) -> None:
    space = find(name)
    bits = {255: 8, 4095: 12, 65535: 16}.get(scale, 10)
    brightest = GRAYS[-1:] * 8
    light = np.concatenate([LIGHT, brightest])
    codes = space.encode(light, bits) * scale
    lab = np.concatenate([TRUE.lab, [[100, 0, 0]]])
    text = csv([*NAMES, "top"], codes, xyz_of(lab))
    found = given(tmp_path, text, encoding=name)
    assert far(found, light, lab) < 1e-4
    assert ("over" in found.notes[1]) == (scale != 1)
    assert far(given(tmp_path, text, encoding=name, scale=scale), light, lab) < 1e-4


def test_light_is_taken_as_written_unless_scale_says_otherwise(tmp_path: Path) -> None:
    assert far(given(tmp_path, csv(NAMES, LIGHT * 4, XYZ), scale=4)) < 1e-4
    assert "--scale" in refusal(tmp_path, csv(NAMES, LIGHT * 255, XYZ))
    assert "scale: expected a number above 0" in refusal(tmp_path, csv(NAMES, LIGHT, XYZ), scale=0)
    assert "scale: expected a number above 0" in refusal(tmp_path, csv(NAMES, LIGHT, XYZ), scale=float("nan"))
    too_large = refusal(tmp_path, csv(NAMES, 65536 + LIGHT, XYZ), encoding="ACEScct")
    assert too_large.endswith("expected codes up to 65535, got 65541.3: type --scale")


def test_xyz_of_white_1_is_the_same(tmp_path: Path) -> None:
    assert far(given(tmp_path, csv(NAMES, LIGHT, XYZ / 100))) < 1e-4


@pytest.mark.parametrize("nits", [48, 203, 1000])
def test_absolute_colors_need_a_white(tmp_path: Path, nits: int) -> None:
    """By its patch, which is no color then, by numbers, by a file's word."""
    values = np.concatenate([XYZ * nits / 100, [WHITE * nits]])
    text = csv([*NAMES, "screen white"], np.concatenate([LIGHT, np.ones((1, 3))]), values)
    assert "cd/m2?: type --white NAME" in refusal(tmp_path, csv(NAMES, LIGHT, XYZ * nits / 100))
    found = given(tmp_path, text, white="screen white")
    assert far(found) < 1e-4
    assert "screen white" not in found.names
    assert "the patch screen white" in found.notes[2]
    by_numbers = given(tmp_path, csv(NAMES, LIGHT, values[:-1]), white=",".join(map(str, WHITE * nits)))
    assert far(by_numbers) < 1e-4
    said = ti3(NAMES, LIGHT, values[:-1], white=WHITE * nits).replace('100 "YES"', '100 "NO"')
    assert far(given(tmp_path, said, "a.ti3")) < 1e-4
    assert far(given(tmp_path, ti3(NAMES, LIGHT, XYZ, white=WHITE * nits), "a.ti3")) < 1e-4


def test_a_screen_of_another_white_is_adapted_by_cat02(tmp_path: Path) -> None:
    native = np.array([0.93, 1, 1.25])
    values = 90 * (XYZ / 100 @ adaptation(WHITE, native).T)
    assert far(given(tmp_path, ti3(NAMES, LIGHT, values / 0.9, white=native * 90), "a.ti3")) < 1e-4
    white = csv(["white", *NAMES], np.concatenate([np.ones((1, 3)), LIGHT]), np.concatenate([[90 * native], values]))
    assert far(given(tmp_path, white, white="white")) < 1e-4


@pytest.mark.parametrize("name", ["A", "C", "D50", "D55", "D75", "E"])
def test_colors_at_another_illuminant_are_refused_and_taken_when_it_is_named(tmp_path: Path, name: str) -> None:
    x, y = ILLUMINANTS[name]
    other = np.array([x, y, 1 - x - y]) / y
    text = csv(NAMES, LIGHT, XYZ @ adaptation(WHITE, other).T)
    assert far(given(tmp_path, text, white=name.lower())) < 1e-4
    if name == "D50":
        assert "got one at D50: type --white D50, or --white D65 if the look tints it so" in refusal(tmp_path, text)
    assert far(given(tmp_path, cgats(NAMES, LIGHT, XYZ, keywords=f'ILLUMINANT "{name}"'), "a.txt")) < 1e-4


def test_cielab_of_a_d65_screen_over_d50_is_refused_and_taken_when_d50_is_named(tmp_path: Path) -> None:
    lab = cie_lab(XYZ / 100 / D50)
    assert -25 < lab[len(GRAYS) - 1, 2] < -15
    text = csv(NAMES, LIGHT, lab, "Lab")
    assert "got CIELAB over D50: type --white D50" in refusal(tmp_path, text)
    assert far(given(tmp_path, text, white="D50")) < 1e-4
    assert far(given(tmp_path, text, white=",".join(map(str, 100 * D50)))) < 1e-4
    assert far(given(tmp_path, cxf(NAMES, np.round(LIGHT * 4096), lab, "Lab", illuminant="D50"), "a.cxf", scale=4096),
               np.round(LIGHT * 4096) / 4096) < 1e-4  # fmt: skip
    adapted = cie_lab(XYZ / 100 @ adaptation(WHITE, D50).T / D50)
    assert far(given(tmp_path, csv(NAMES, LIGHT, adapted, "Lab"), white="D50")) < 1e-4
    white = np.concatenate([lab, cie_lab(WHITE / D50)[None]])
    names, light = [*NAMES, "white"], np.concatenate([LIGHT, np.ones((1, 3))])
    text = cgats(names, light, white, "Lab", keywords='ILLUMINANT "D50"')
    assert far(given(tmp_path, text, "a.txt", white="white")) < 1e-4


def test_a_dark_look_is_taken_when_the_displays_white_is_named(tmp_path: Path) -> None:
    text = csv(NAMES, LIGHT, XYZ * 0.3)
    assert "its X,Y,Z, or --white D65 if it is 100" in refusal(tmp_path, text)
    assert far(given(tmp_path, text, white="D65"), lab=cie_lab(XYZ * 0.003 / WHITE)) < 0.02


def test_a_tint_is_kept_when_the_displays_white_is_named(tmp_path: Path) -> None:
    values = XYZ @ adaptation(WHITE, D50).T
    found = given(tmp_path, csv(NAMES, LIGHT, values), white="D65")
    assert far(found, lab=cie_lab(values / 100 / WHITE)) < 0.02  # D65 is rounded otherwise in Rec.709


LINES = np.array([spectra.line(peak, 60) for peak in (610, 540, 450)])
TO_XYZ = 683 * LINES @ spectra.observer()
RADIANCE = np.clip(XYZ @ np.linalg.inv(TO_XYZ), 0, None) @ LINES
RADIANT = cie_lab(683 * RADIANCE @ spectra.observer() / 100 / WHITE)


@pytest.mark.parametrize(("step", "bound"), [(1, 1e-4), (5, 0.15), (10, 0.5)])  # of lines 60 nm wide, interpolated
def test_spectra_are_radiance_of_the_1931_observer(tmp_path: Path, step: int, bound: float) -> None:
    nm = spectra.NANOMETERS[::step]
    text = csv(NAMES, LIGHT, RADIANCE[:, ::step], "spectral", nm)
    assert far(given(tmp_path, text), lab=RADIANT) < bound
    white = WHITE @ np.linalg.inv(TO_XYZ) @ LINES
    milli = np.vstack([RADIANCE, 100 * white])[:, ::step] / 1000
    dark = csv([*NAMES, "w"], np.vstack([LIGHT, [1, 1, 1]]), milli, "spectral", nm)
    assert "type --white NAME" in refusal(tmp_path, dark)
    assert far(given(tmp_path, dark, white="w"), lab=RADIANT) < bound


@pytest.mark.parametrize(
    ("bands", "message"),
    [(slice(25, None, 5), "got 405 to 780 in steps up to 5"), (slice(0, None, 20), "got 380 to 780 in steps up to 20")],
)
def test_spectra_that_do_not_hold_all_light_are_refused(tmp_path: Path, bands: slice, message: str) -> None:
    text = csv(NAMES, LIGHT, RADIANCE[:, bands], "spectral", spectra.NANOMETERS[bands])
    assert refusal(tmp_path, text).endswith(f"expected spectra of 400 to 700 nm in steps up to 10, {message}")


def test_repeats_count_as_their_mean_and_rows_need_no_name(tmp_path: Path) -> None:
    lab = TRUE.lab.copy()
    lab[:9, 0] = np.sort(lab[:9, 0])
    off = np.array([0.5, 0.3, -0.2])
    text = csv(["", "b", ""] * len(LIGHT), np.repeat(LIGHT, 3, axis=0),
               np.repeat(lab, 3, axis=0) + np.tile([off, -off, 0 * off], (len(LIGHT), 1)), "Lab")  # fmt: skip
    assert "expected each name for one color, got 'b'" in refusal(tmp_path, text)
    found = given(tmp_path, text.replace("b,", ",").replace("r,g,,", "r,g,b,").replace("L,a,\n", "L,a,b\n"))
    assert far(found, lab=lab) < 1e-9
    assert found.names == ()
    assert f"{len(LIGHT)} colors of {3 * len(LIGHT)} rows" == found.notes[0]
    named = given(tmp_path, csv([*NAMES, "p3"], np.vstack([LIGHT, LIGHT[3]]), np.vstack([lab, lab[3]]), "Lab"))
    assert far(named, lab=lab) < 1e-9
    assert named.names == NAMES
    wild = csv([*NAMES, "again"], np.vstack([LIGHT, LIGHT[12]]), np.vstack([lab, lab[12] + [30, 0, 0]]), "Lab")
    assert "expected repeats of one r, g, b to look alike, got one that is 1" in refusal(tmp_path, wild)


def rows(values: Any = XYZ, light: Any = LIGHT, kind: str = "XYZ") -> str:
    return csv(NAMES[: len(light)], light, values, kind)


ONE = (np.arange(len(LIGHT)) == 12)[:, None]
COLORED = LIGHT[9:][LIGHT[9:].max(axis=1) > 1.1 * LIGHT[9:].min(axis=1)]
POSITIVE = np.column_stack([TRUE.lab[:9, :1], np.abs(TRUE.lab[:9, 1:])])
BAD = [
    (rows(XYZ[:3], LIGHT[:3]), "expected 12 colors or more, got 3"),
    (rows(XYZ[: len(COLORED)], COLORED), "expected grays among the colors, got none"),
    (rows(light=np.ones_like(LIGHT) * 0.18), "r, g, b that are the same on all rows"),
    (rows(TRUE.lab), "L, a, b?"),
    (rows(np.tile(POSITIVE, (2, 1)), np.vstack([GRAYS, 1.001 * GRAYS])), "expected Y over a white of"),
    (rows(XYZ, kind="Lab"), "X, Y, Z?"),
    (rows(XYZ / 100, kind="Lab"), "X, Y, Z?"),
    (rows(XYZ * 1.5), "expected Y over a white of 100, got up to"),
    (rows(XYZ * 0.02), "expected Y over a white of 100, got up to"),
    (rows(XYZ * 0), "expected measured colors of light, got black, 0, on all rows"),
    (rows(XYZ * 0, kind="Lab"), "expected measured colors of light, got black, 0, on all rows"),
    (rows(XYZ[8] * (1 - np.arange(len(LIGHT))[:, None] / 60)), "a rise of"),
    (rows(np.tile(XYZ[8], (len(LIGHT), 1))), "a rise of 0 L*"),
    (rows(XYZ * [1, 1, 0.3]), "expected a brightest gray near the display's white, got one 0."),
    (rows(XYZ * [1, 1, 1e300]), "expected a brightest gray near the display's white, got one 0."),
    (rows(XYZ - 90 * ONE), "line 14: expected X, Y, Z of 0 or more"),
    (rows(XYZ + 900 * ONE * [0, 0, 1]), "line 14: expected a color that a screen shows"),
    (rows(TRUE.lab + 900 * ONE * [0, 1, 0], kind="Lab"), "a gray near a, b of 0"),
    (rows(light=LIGHT * 1e300), "--scale"),
]


@pytest.mark.parametrize(("text", "message"), BAD)
def test_contradictions_are_refused_in_a_line(tmp_path: Path, text: str, message: str) -> None:
    found = refusal(tmp_path, text)
    assert message in found
    assert found.startswith(f"{tmp_path / 'a.csv'}: ")


@pytest.mark.parametrize("white", ["p4O", "1,2", "1,2,x", "0,1,0", "nan,1,1", "", "F11"])
def test_a_white_that_is_none(tmp_path: Path, white: str) -> None:
    assert "white: expected a patch's name, X,Y,Z above 0, or one of A, C" in refusal(tmp_path, rows(), white=white)


def test_colors_brighter_than_white_and_whites_without_light(tmp_path: Path) -> None:
    assert "expected colors up to the Y of white, 10 (white 9,10,11)" in refusal(tmp_path, rows(), white="9,10,11")
    assert "expected Y over a white of 100" in refusal(tmp_path, rows(XYZ * 3), white="D65")
    dark = csv([*NAMES, "w"], np.vstack([LIGHT, [9, 9, 9]]), np.vstack([XYZ, [0, 0, 0]]))
    assert "expected a patch with Y above 0, got 0 of w" in refusal(tmp_path, dark, white="w")


@pytest.mark.parametrize("white", [(1e9, 100, 1e-9), (100, 1, 100), (1, 100, 1)])
def test_a_white_that_no_screen_has(tmp_path: Path, white: tuple[float, float, float]) -> None:
    says = "a.ti3: white: expected X, Y, Z of a screen's white, got "
    assert says in refusal(tmp_path, ti3(NAMES, LIGHT, XYZ, white=white), "a.ti3")
    said = ",".join(f"{each:g}" for each in white)
    assert says.replace("ti3", "csv") in refusal(tmp_path, rows(), white=said)
    named = csv([*NAMES, "w"], np.vstack([LIGHT, [9, 9, 9]]), np.vstack([XYZ, white]))
    assert says.replace("ti3", "csv") in refusal(tmp_path, named, white="w")


def test_a_display_has_its_own_white(tmp_path: Path) -> None:
    display, own = DisplaySpec(primaries="P3-DCI", gamma=2.6), rgb_to_xyz("P3-DCI").sum(axis=1)
    values, path = XYZ @ adaptation(WHITE, own).T, tmp_path / "a.csv"
    path.write_text(rows(values))
    assert far(of_patches(read(path), display, LOOK.input), lab=cie_lab(values / 100 / own)) < 1e-4
    path.write_text(rows())
    with pytest.raises(LatticeError, match="got one at D65: type --white D65, or --white DCI if the look"):
        of_patches(read(path), display, LOOK.input)
    assert far(of_patches(read(path), display, LOOK.input, "D65"), lab=cie_lab(values / 100 / own)) < 0.02


def test_groups() -> None:
    light = [[0.2, 0.19, 0.2], [1e-4] * 3, [0.01, 0.002, 0.004], [0.5, 0.36, 0.26], [0.5, 0.1, 0.4], [0.5, 0.3, 0.4]]
    assert group_of(np.array(light)) == ("gray", "gray", "dark", "skin", "saturated", "natural")
    skin = spectra.skin() * spectra.balance_lights()[1]
    for primaries in ("Rec.709", "ACEScg", "ARRI Wide Gamut 4", "S-Gamut3.Cine"):
        pixels = skin @ camera(spectra.balance_lights()[1]).T @ convert("ACEScg", primaries).T
        assert set(group_of(pixels)) == {"skin"}
