"""Frames as pictures: the file's halves, windows and layers; what is no half, no linear light, no picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line
from exr_samples import SAID, noise, real_files, save, smooth
from image_samples import KINDS, codes_for
from level_samples import mapped
from part_samples import save_parts, views_file
from refusal_samples import is_refused
from regrade_samples import production_frame
from view_samples import loaded, shot_of

from lattice.color.inputs import find
from lattice.files.exr import file as exr
from lattice.files.exr import luma_chroma
from lattice.files.exr.header import Attribute
from lattice.files.images.file import write
from lattice.files.images.spec import EncodedImage
from lattice.regrade import plan, regrade
from lattice.regrade.options import Options
from lattice.view.frames import Loaded, frame_header, load, plan_reading
from lattice.view.shots import check_layer

HALF = 2.0**-11  # relative: half of a half's step
RGB = ("R", "G", "B")


def bits(halves: Any) -> Any:
    return np.asarray(halves).view(np.uint16)


def of_noise(names: str, shape: tuple[int, int] = (9, 14), dtype: str = "float16") -> dict[str, Any]:
    return {name: noise(shape, dtype, k) for k, name in enumerate(names)}


def holds(found: Loaded, channels: Any, names: tuple[str, ...]) -> None:
    assert found.names == names
    assert len(found.picture.planes) == len(names)
    for plane, name in zip(found.picture.planes, names, strict=True):
        assert np.array_equal(bits(plane), bits(channels[name])), name


def test_the_planes_are_the_files_halves(tmp_path: Path) -> None:
    arrays = {**of_noise("RGBA"), "Z": smooth((9, 14), "float32"), "diffuse.R": smooth((9, 14))}
    save(tmp_path / "a.exr", arrays, SAID, origin=(-3, 5), display=(0, 0, 19, 11))
    found = loaded(tmp_path / "a.exr")
    holds(found, arrays, (*RGB, "A"))
    header = frame_header(found, tmp_path / "a.exr", None, 4)
    assert header == {
        "width": 14,
        "height": 9,
        "planes": 4,
        "scale": 1,
        "data": [-3, 5, 10, 13],
        "display": [0, 0, 19, 11],
        "aspect": 1.0,
        "premultiplied": True,
        "raw": False,
        "input": 4,
        "names": ["R", "G", "B", "A"],
        "type": "float16",
        "label": "a.exr",
        "number": None,
        "notes": [],
        "graded": None,
    }


@pytest.mark.usefixtures("images")
@pytest.mark.parametrize(
    "path", real_files(lambda path: not is_refused(path)), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_real_files(path: Path) -> None:
    shot = shot_of(path)
    parts = [luma_chroma.to_rgb(part) for part in exr.read_parts(path)]
    for layer, views in shot.layers.items():
        for view in views or ("",):
            reading = plan_reading(path, layer, view, Options())
            part = parts[reading.part]
            found = load(reading)
            assert found.picture.data == part.header.window
            assert found.picture.display == part.header.display
            for plane, name in zip(found.picture.planes, reading.layer.names, strict=False):
                with np.errstate(over="ignore"):
                    assert np.array_equal(bits(plane), bits(part.channels[name].astype(np.float16)))


def test_layers_are_offered_and_data_is_not(tmp_path: Path) -> None:
    arrays = production_frame()
    save(tmp_path / "a.exr", arrays, SAID)
    shot = shot_of(tmp_path / "a.exr")
    assert shot.layers == {"": (), "diffuse": ()}
    found = loaded(tmp_path / "a.exr", "diffuse")
    holds(found, arrays, ("diffuse.R", "diffuse.G", "diffuse.B", "A"))
    one_line(lambda: loaded(tmp_path / "a.exr", "CryptoAsset00"), "Cryptomatte")
    one_line(lambda: loaded(tmp_path / "a.exr", "specular"), "layer specular", "diffuse")
    check_layer("diffuse", shot)
    one_line(lambda: check_layer("Diffuse", shot), "--layer", "the bare R, G, B, diffuse", "did you mean 'diffuse'?")


def test_a_file_without_a_beauty_shows_its_first_layer(tmp_path: Path) -> None:
    arrays = {f"{layer}.{name}": smooth((6, 7), seed=k) for k, layer in enumerate(("diffuse", "gi")) for name in RGB}
    save(tmp_path / "a.exr", arrays, SAID)
    assert list(shot_of(tmp_path / "a.exr").layers) == ["diffuse", "gi"]
    holds(loaded(tmp_path / "a.exr"), arrays, ("diffuse.R", "diffuse.G", "diffuse.B"))


def test_one_of_many_layers_is_read_and_the_others_take_no_memory(tmp_path: Path) -> None:
    arrays = {f"l{k:02}.{name}": smooth((64, 70), seed=k) for k in range(40) for name in RGB}
    save(tmp_path / "a.exr", arrays, SAID)
    shot = shot_of(tmp_path / "a.exr")
    assert len(shot.layers) == 40
    holds(loaded(tmp_path / "a.exr", "l33"), arrays, ("l33.R", "l33.G", "l33.B"))


def test_views_are_parts_or_names(tmp_path: Path) -> None:
    frames = views_file(tmp_path / "a.exr")
    shot = shot_of(tmp_path / "a.exr")
    assert shot.views == ("left", "right")
    assert shot.layers == {"": ("left", "right"), "diffuse": ("left",)}
    for view, part in (("", 0), ("left", 0), ("right", 1)):
        holds(loaded(tmp_path / "a.exr", "", view), frames[part].channels, RGB)
    one_line(lambda: loaded(tmp_path / "a.exr", "", "middle"), "views: expected left or right")


def test_alpha_may_be_in_another_part_with_another_window(tmp_path: Path) -> None:
    rgb, alpha = {name: smooth((6, 7), seed=k) for k, name in enumerate(RGB)}, {"A": smooth((4, 4), seed=9)}
    display = {"display": (0, 0, 9, 9)}
    save_parts(tmp_path / "a.exr", ("rgb_main", rgb, display), ("alpha_main", alpha, {**display, "origin": (1, 1)}))
    found = loaded(tmp_path / "a.exr")
    assert found.names == (*RGB, "A")
    assert np.array_equal(bits(found.picture.planes[3][1:5, 1:5]), bits(alpha["A"]))
    assert found.picture.planes[3].astype(bool).sum() <= 16


def test_levels_show_the_largest(tmp_path: Path) -> None:
    frame = mapped(tmp_path / "a.exr", (33, 41), 1)
    holds(loaded(tmp_path / "a.exr"), frame.channels, RGB)


def test_gray_is_three_times_its_channel(tmp_path: Path) -> None:
    arrays = of_noise("Y")
    save(tmp_path / "a.exr", arrays, SAID)
    holds(loaded(tmp_path / "a.exr"), dict.fromkeys(RGB, arrays["Y"]), RGB)


def test_floats_are_rounded_and_what_does_not_fit_is_told(tmp_path: Path) -> None:
    arrays = {name: smooth((8, 9), "float32", k) for k, name in enumerate(RGB)}
    arrays["R"][0, :3], arrays["R"][1, 0] = (65519, 65520, -1e9), np.inf
    save(tmp_path / "a.exr", arrays, SAID)
    found = loaded(tmp_path / "a.exr")
    assert found.kind == "float32"
    assert found.notes == ("2 values beyond 65504 are shown as infinite: the page holds halves",)
    with np.errstate(over="ignore"):
        assert np.array_equal(bits(found.picture.planes), bits(np.stack([arrays[n] for n in RGB]).astype(np.float16)))


@pytest.mark.parametrize("name", ["LogC3", "slog3-sgamut3cine@legal", "acescct"])
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_codes_are_decoded(name: str, dtype: str, tmp_path: Path) -> None:
    arrays = {each: np.random.default_rng(k).uniform(0.1, 0.9, (8, 9)).astype(dtype) for k, each in enumerate(RGB)}
    save(tmp_path / "a.exr", arrays)
    found = loaded(tmp_path / "a.exr", input=name)
    wanted = find(name).decode(np.stack([arrays[each] for each in RGB], axis=-1)).transpose(2, 0, 1)
    assert found.primaries == find(name).name
    assert (np.abs(found.picture.planes - wanted) <= HALF * np.abs(wanted) * 1.01 + 2.0**-25).all()


def test_codes_are_divided_by_alpha_before_they_are_decoded(tmp_path: Path) -> None:
    codes, alpha = np.full((2, 3), 0.5), np.array([[1, 0.5, 0.25], [0, 1, 0.125]])
    arrays = {name: (codes * np.where(alpha > 0, alpha, 1)).astype(np.float32) for name in RGB}
    save(tmp_path / "a.exr", {**arrays, "A": alpha.astype(np.float16)})
    picture = loaded(tmp_path / "a.exr", input="LogC3").picture
    light = find("LogC3").decode(0.5)
    assert picture.premultiplied
    wanted = light * np.where(alpha > 0, alpha, 1)
    assert np.allclose(picture.planes[:3], wanted, rtol=2 * HALF)


def test_codes_of_nothing_are_no_light(tmp_path: Path) -> None:
    """Code 0 of a camera is a little below black; transparent black stays 0, so that no look lays fog on it."""
    alpha = np.float16([[0, 0, 0, 1]])
    arrays = {name: np.float16([[0, 0.3, 0, 0]]) for name in "RG"} | {"B": np.float16([[0, 0, 0.2, 0]]), "A": alpha}
    save(tmp_path / "a.exr", arrays)
    planes = loaded(tmp_path / "a.exr", input="LogC3").picture.planes
    wanted = find("LogC3").decode(np.stack([arrays[name] for name in RGB], axis=-1)).transpose(2, 0, 1)
    assert (planes[:3, 0, 0] == 0).all()
    assert np.allclose(planes[:3, :, 1:], wanted[:, :, 1:], rtol=2 * HALF, atol=2.0**-20)
    assert (wanted[:, 0, 3] < 0).all()


def test_an_input_that_the_header_names_is_taken(tmp_path: Path) -> None:
    arrays = {name: smooth((4, 5)) for name in RGB}
    save(tmp_path / "a.exr", arrays, {"colorInteropID": Attribute.text("lin_ap1_scene")})
    save(tmp_path / "b.exr", arrays)
    assert loaded(tmp_path / "a.exr").primaries == "ACEScg"
    assert loaded(tmp_path / "a.exr").notes == ()
    assert loaded(tmp_path / "b.exr").notes == (
        "no color space named in this frame: taken as Rec.709 (--input says otherwise)",
    )
    assert loaded(tmp_path / "b.exr", input="ACEScg").primaries == "ACEScg"


def test_a_pixel_aspect_that_is_none_is_taken_as_1(tmp_path: Path) -> None:
    for aspect, shown, notes in ((2.0, 2.0, ()), (5000.0, 1.0, ("pixelAspectRatio 5000 is taken as 1",))):
        attributes = {**SAID, "pixelAspectRatio": Attribute.floats("float", aspect)}
        save(tmp_path / f"{aspect}.exr", {name: smooth((4, 5)) for name in RGB}, attributes)
        found = loaded(tmp_path / f"{aspect}.exr")
        assert (found.picture.aspect, found.notes) == (shown, notes)


@pytest.mark.usefixtures("oiio")
def test_straight_color_of_an_image_is_multiplied_by_its_alpha(tmp_path: Path) -> None:
    pixels = np.array([[[65535, 32768, 0, 65535], [65535, 65535, 65535, 32768], [9999, 9999, 9999, 0]]], np.uint16)
    write(tmp_path / "a.tif", KINDS["TIFF"], EncodedImage(pixels, straight=True))
    found = loaded(tmp_path / "a.tif", transfer="linear")
    assert found.picture.premultiplied
    assert np.allclose(found.picture.planes[:, 0, 0], [1, 0.5, 0, 1], atol=1e-3)
    assert np.allclose(found.picture.planes[:, 0, 1], 0.5, atol=1e-3)
    assert np.allclose(found.picture.planes[:, 0, 2], 0)


@pytest.mark.usefixtures("oiio")
@pytest.mark.parametrize("kind", ["TIFF", "DPX"])
def test_images_are_light(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{kind.lower()[:3]}"
    codes = codes_for(KINDS[kind])
    write(path, KINDS[kind], EncodedImage(codes))
    found = loaded(path, transfer="linear")
    largest = 2 ** KINDS[kind].bits[0] - 1
    assert np.allclose(found.picture.planes.transpose(1, 2, 0), codes / largest, rtol=HALF, atol=1e-7)
    assert shot_of(path, transfer="linear").frames == ""


def graded(folder: Path, premier: Any, target: str, **arrays: Any) -> Path:
    save(folder / "in.exr", {**{name: smooth((6, 7), seed=k) for k, name in enumerate(RGB)}, **arrays}, SAID)
    [report] = regrade(plan(premier, folder / "in.exr", folder / target))
    assert report.status == "ok", report.why
    return folder / target


def test_a_graded_exr_is_shown_as_it_is(tmp_path: Path, premier: Any) -> None:
    path = graded(tmp_path, premier, "a.exr", A=smooth((6, 7), seed=5), **{"gi.R": smooth((6, 7))})
    found, shot = loaded(path), shot_of(path)
    holds(found, exr.read(path).channels, (*RGB, "A"))
    assert found.picture.raw
    assert not found.picture.premultiplied
    label = f"premier {premier.sha256[:8]} for Rec.709 sRGB"
    assert (shot.graded, found.graded, found.notes) == (label, label, (f"graded with {label}: shown as it is",))


def test_layers_of_a_graded_exr_that_are_not_graded_are_not_offered(tmp_path: Path, premier: Any) -> None:
    layer = {f"gi.{name}": smooth((6, 7)) for name in RGB}
    assert list(shot_of(graded(tmp_path, premier, "a.exr", **layer)).layers) == [""]
    assert list(shot_of(tmp_path / "in.exr").layers) == ["", "gi"]


@pytest.mark.usefixtures("oiio")
def test_a_graded_image_is_shown_as_it_is(tmp_path: Path, premier: Any) -> None:
    path, as_exr = graded(tmp_path, premier, "a.tif"), graded(tmp_path, premier, "b.exr")
    found = loaded(path)
    assert found.picture.raw
    assert found.graded == "premier"
    assert np.abs(found.picture.planes - np.stack([exr.read(as_exr).channels[n] for n in RGB])).max() < 2e-3


@pytest.mark.usefixtures("oiio")
def test_a_graded_dpx_is_refused_in_a_line(tmp_path: Path, premier: Any) -> None:
    one_line(lambda: loaded(graded(tmp_path, premier, "a.dpx")), "a.dpx", "graded with premier", "printing density")


def test_a_file_that_changed_after_the_plan_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "a.exr", {name: smooth((4, 4)) for name in "RGB"}, SAID)
    reading = plan_reading(tmp_path / "a.exr", "", "", Options())
    save(tmp_path / "a.exr", {name: smooth((4, 5)) for name in "RGB"}, SAID)
    one_line(lambda: load(reading), "changed while it was read")
    assert replace(reading, notes=("x",)) != reading


def test_a_large_display_window_takes_no_memory(tmp_path: Path) -> None:
    save(tmp_path / "a.exr", {name: smooth((48, 64)) for name in "RGB"}, SAID, display=(0, 0, 11_999, 7_999))
    reading = plan_reading(tmp_path / "a.exr", "", "", Options())
    assert reading.bytes_needed < 2**23
    assert load(reading).picture.planes.shape == (3, 48, 64)
