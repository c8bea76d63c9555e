"""A graded still as the reference: what it shows of a grade, what lies over it, and pairs that are none."""

from __future__ import annotations

import numpy as np
import pytest
from basics import SHARED
from match_samples import REC1886, changed, difference, shown
from still_samples import HEIGHT, OCCLUDERS, WIDTH, graded, occluded, save_plate, save_still, scene, twisted

from lattice.encodings import encode_srgb
from lattice.errors import LatticeError
from lattice.files.images.file import read_codes
from lattice.looks import load_profile
from lattice.looks.display import DisplaySpec
from lattice.match.freedoms import freedoms
from lattice.match.occluded import evenly
from lattice.match.plate import read_codes as read_still
from lattice.match.plate import read_plate
from lattice.match.reference import MOST_FITTED
from lattice.match.solve import solve
from lattice.match.still import of_still, where

LOOK = changed("premier", 3)
# CIEDE2000 of a block's average of 8 bits against the look of its average light: mean, and the worst of a hundred.
MEAN, NINETY_NINTH = 0.25, 1.0
GOAL = 1.2  # CIEDE2000, mean over held-out colors


@pytest.fixture(scope="module")
def picture():
    light = scene()
    return light, graded(LOOK, light)


@pytest.fixture(scope="module")
def plate(tmp_path_factory, picture):
    return save_plate(tmp_path_factory.mktemp("plate") / "plate.exr", picture[0])


def pair(plate, tmp_path, codes, name="still.png", **layout):
    return of_still(plate, save_still(tmp_path / name, codes, **layout), None, REC1886)


def missed(reference, look=LOOK):
    return difference(shown(look, reference.light), reference.lab)


def test_blocks_show_the_grade(plate, tmp_path, picture):
    fitted, tested = pair(plate, tmp_path, picture[1])
    assert fitted.primaries == "Rec.709"
    assert fitted.about == "still.png beside plate.exr"
    assert fitted.notes == ()
    for reference in (fitted, tested):
        assert 1000 < len(reference.light) <= MOST_FITTED
        assert missed(reference).mean() < MEAN
        assert np.quantile(missed(reference), 0.99) < NINETY_NINTH
    assert not {*map(tuple, fitted.light)} & {*map(tuple, tested.light)}
    assert {"natural", "gray", "dark"} <= set(fitted.groups)
    assert fitted.groups.count("clipped") <= 0.06 * len(fitted.groups)


def test_the_same_pair_gives_the_same_reference(plate, tmp_path, picture):
    first, again = (pair(plate, tmp_path, picture[1])[0] for _ in range(2))
    assert first.light.tobytes() == again.light.tobytes()
    assert first.lab.tobytes() == again.lab.tobytes()


@pytest.mark.parametrize("kind", OCCLUDERS)
def test_what_lies_over_the_still_is_left_out(plate, tmp_path, picture, kind):
    fitted, tested = pair(plate, tmp_path, occluded(kind, picture[1], picture[0]))
    for reference in (fitted, tested):
        assert missed(reference).mean() < MEAN
        assert np.mean(missed(reference) > 2) < 0.005
    [note] = [note for note in fitted.notes if "left out" in note]
    assert 20 <= int(note.partition("%")[0]) <= 42


def test_a_note_says_where(plate, tmp_path, picture):
    fitted, _ = pair(plate, tmp_path, occluded("wipe", picture[1], picture[0]))
    assert "of it at the right, 7" in fitted.notes[0]
    assert "% to 100% across and 0% to 100% down" in fitted.notes[0]
    region = np.zeros((100, 100), bool)
    region[60:90, 5:30] = True
    assert where(region) == "all of it at the bottom left, 5% to 30% across and 60% to 90% down"
    region[:] = False
    region[40:60, 40:60] = region[0, 0] = True
    assert where(region) == "most of it at the middle, 40% to 60% across and 40% to 60% down"


@pytest.mark.parametrize("name", ["still.tif", "still.jpg", "still.exr"])
def test_every_format_shows_the_same(plate, tmp_path, picture, name):
    if name.endswith("exr"):
        path = save_plate(tmp_path / name, picture[1], "g24_rec709_display")
    else:
        path = save_still(tmp_path / name, picture[1], bits=16 if name.endswith("tif") else 8)
    fitted, _ = of_still(plate, path, None, REC1886)
    assert missed(fitted).mean() < 2 * MEAN


def test_codes_of_sixteen_bits_are_not_of_eight(tmp_path, picture):
    spec, codes = read_codes(save_still(tmp_path / "still.tif", picture[1], bits=16))
    assert spec.bits == 16
    assert codes.shape == (HEIGHT, WIDTH, 3)
    held = read_still(tmp_path / "still.tif").rows(slice(0, 2))
    np.testing.assert_allclose(np.moveaxis(held, 0, -1), picture[1][:2], atol=1 / 65535)


def test_a_still_of_another_size(plate, tmp_path, picture):
    half = picture[1].reshape(HEIGHT // 2, 2, WIDTH // 2, 2, 3).mean(axis=(1, 3))
    assert missed(pair(plate, tmp_path, half)[0]).mean() < 2 * MEAN
    with pytest.raises(LatticeError, match=r"still.png: target: .* 768x432, .* got 768x400; crop"):
        pair(plate, tmp_path, picture[1][:400])


def test_a_data_window_is_respected(tmp_path, picture):
    light, codes = picture
    layout = {"origin": (30, 50), "display": (0, 0, WIDTH - 1, HEIGHT - 1)}
    plate = save_plate(tmp_path / "cut.exr", light[50:400, 30:700], **layout)
    fitted, _ = pair(plate, tmp_path, codes)
    bright = missed(fitted)[fitted.light.max(axis=1) > 0]
    assert bright.mean() < MEAN


@pytest.mark.parametrize("shift", [(3, -2), (-12, 7)])
def test_a_shift_is_found(plate, tmp_path, picture, shift):
    fitted, _ = pair(plate, tmp_path, np.roll(picture[1], shift[::-1], (0, 1)))
    [note] = [note for note in fitted.notes if "shifted" in note]
    right, down = (int(number) for number in note.split(" pixels")[0].rpartition("by ")[2].split(", "))
    assert abs(right - shift[0]) <= 1
    assert abs(down - shift[1]) <= 1
    assert missed(fitted).mean() < 2 * MEAN


def test_a_vignette_is_told(plate, tmp_path, picture):
    rows, columns = np.meshgrid(*(np.linspace(-1, 1, size) for size in (HEIGHT, WIDTH)), indexing="ij")
    darker = picture[1] * (1 - 0.06 * (rows**2 + columns**2))[..., None]
    [note] = [note for note in pair(plate, tmp_path, darker)[0].notes if "place" in note]
    assert "L* darker" in note
    assert not [note for note in pair(plate, tmp_path, picture[1])[0].notes if "place" in note]


def refused(plate, tmp_path, codes, words, **given):
    with pytest.raises(LatticeError, match=words) as caught:
        of_still(plate, save_still(tmp_path / "still.png", codes), given.get("named"), given.get("display", REC1886))
    assert "\n" not in str(caught.value)


def test_other_pictures_are_refused(plate, tmp_path, picture):
    refused(plate, tmp_path, graded(LOOK, scene(seed=5)), "expected the same picture before and after a grade")
    refused(plate, tmp_path, np.full((HEIGHT, WIDTH, 3), 0.5), "got a gray one")
    gray = np.repeat(picture[1].mean(axis=-1, keepdims=True), 3, axis=-1)
    refused(plate, tmp_path, gray, "expected a picture in color, got a gray one")


def test_a_plate_that_holds_no_light_is_refused(tmp_path, picture):
    light, codes = picture
    holes = save_plate(tmp_path / "nan.exr", np.full_like(light, np.nan))
    refused(holes, tmp_path, codes, "nan.exr: source: expected finite, opaque pixels, got none")
    coded = save_still(tmp_path / "plate.tif", codes, bits=16)
    refused(coded, tmp_path, codes, "source: expected scene light, got codes of TIFF .* such as --input sRGB")
    refused(tmp_path / "still.png", tmp_path, codes, "got PNG")


def test_a_plate_of_codes_that_are_named(tmp_path, picture):
    light = np.clip(picture[0], 0, 1)
    coded = save_still(tmp_path / "plate.tif", encode_srgb(light), bits=16)
    still = save_still(tmp_path / "still.png", graded(LOOK, light))
    fitted, _ = of_still(coded, still, "sRGB", REC1886)
    assert missed(fitted).mean() < MEAN


def test_displays_and_small_pictures_are_refused(plate, tmp_path, picture):
    refused(plate, tmp_path, picture[1], "display: expected one without PQ", display=DisplaySpec.model_validate("PQ"))
    small = save_plate(tmp_path / "small.exr", picture[0][:20, :30])
    refused(small, tmp_path, picture[1][:20, :30], "even parts of the picture or more, got")


def test_holes_in_a_plate_are_left_out(tmp_path, picture):
    light, codes = picture[0].copy(), picture[1]
    light[:100] = np.nan
    light[100:110] = np.inf
    fitted, _ = pair(save_plate(tmp_path / "holes.exr", light), tmp_path, codes)
    assert missed(fitted).mean() < MEAN


def test_as_many_of_each_cell():
    cell = np.repeat([0, 1, 2], [1000, 10, 50])
    some = evenly(cell, 70, np.random.default_rng(0))
    assert np.bincount(cell[some]).tolist() == [30, 10, 30]


@pytest.mark.slow
@pytest.mark.parametrize("start", ["premier", "vision"])
def test_a_look_under_a_logo_is_found(plate, tmp_path, picture, start):
    fitted, tested = pair(plate, tmp_path, occluded("logo", picture[1], picture[0]))
    found = solve(load_profile(start), freedoms(load_profile(start)), fitted)
    assert missed(tested, found.profile).mean() < GOAL < missed(tested, load_profile("vision")).mean()


@pytest.mark.slow
def test_a_grade_that_is_no_film_is_found(plate, tmp_path, picture):
    fitted, tested = pair(plate, tmp_path, occluded("wipe", twisted(picture[1]), picture[0]))
    start = load_profile("vision-scan")
    free = freedoms(start, ["lights", "exposure", "silver", "flash", "flare", "interimage", "matrix", "curves"])
    assert missed(tested, solve(start, free, fitted).profile).mean() < GOAL < missed(tested, start).mean()


def test_a_still_that_is_flat_over_the_plate_is_refused(tmp_path, picture):
    light, codes = np.zeros_like(picture[0]), picture[1].copy()
    light[100:300, 200:500] = picture[0][100:300, 200:500]
    codes[...] = 0.0
    codes[90:310, 190:510] = 0.85, 0.1, 0.12
    with pytest.raises(LatticeError, match=r"still\.png beside hidden\.exr: .* brighter where the source is"):
        pair(save_plate(tmp_path / "hidden.exr", light), tmp_path, codes)


@pytest.mark.usefixtures("images")
@pytest.mark.parametrize("name", ["ScanLines/Desk.exr", "Tiles/GoldenGate.exr", "ScanLines/Cannon.exr"])
def test_real_pictures(tmp_path, name):
    path = SHARED / "images" / name
    plate = read_plate(path, None)
    light = np.moveaxis(plate.rows(slice(None)), 0, -1).astype(float)
    codes = graded(LOOK, light)
    height, width, _ = codes.shape
    codes[: height // 2, width // 2 :] = 0.4
    fitted, _ = of_still(path, save_still(tmp_path / "still.png", codes), None, REC1886)
    assert missed(fitted).mean() < 2 * MEAN
