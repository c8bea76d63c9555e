"""A regrade from and to images that are no EXR: what comes out, and that all a regrade promises holds for them."""

from __future__ import annotations

import numpy as np
import pytest
from exr_samples import save, smooth
from image_samples import GAMMA, KINDS, SOURCES, WRITTEN, ShownSDev, codes_for, codes_in, go, named, save_source
from regrade_samples import curve, production_frame

from lattice.color.transfer import TRANSFERS
from lattice.files.exr import file as exr
from lattice.files.exr.header import Attribute
from lattice.files.images.file import write
from lattice.files.images.spec import EncodedImage
from lattice.files.source import read_parts
from lattice.regrade import Options, plan
from lattice.types import LatticeError

pytestmark = pytest.mark.usefixtures("oiio")
TIFF, DPX, PNG = KINDS["TIFF"], KINDS["DPX"], KINDS["PNG"]


def graded(source):
    """Display code values in float64, (H, W, 3)."""
    channels = exr.read(source).channels
    return curve(np.stack([channels[name] for name in "RGB"], axis=-1)).astype(np.float64)


@pytest.mark.parametrize("kind", WRITTEN, ids=named)
def test_an_exr_becomes_code_values(scene, kind):
    target = scene.with_name(f"g{kind.suffixes[0]}")
    go(scene, target)
    shown = graded(scene)
    if kind.log:  # as printing density of the display's light: so does Nuke read it, and a viewer show it
        shown = TRANSFERS["cineon"].encode(shown**GAMMA)
    expected = np.rint(shown * (2 ** kind.bits[0] - 1))
    off = 0 if kind.pack else 12
    np.testing.assert_allclose(codes_in(target, kind), expected, atol=off)


def test_film_codes_show_the_picture_through_nukes_curve(scene):
    go(scene, scene.with_name("g.dpx"))
    light = TRANSFERS["cineon"].decode(codes_in(scene.with_name("g.dpx"), DPX) / 1023)
    np.testing.assert_allclose(np.maximum(light, 0) ** (1 / GAMMA), graded(scene), atol=0.5 / 255)


@pytest.mark.parametrize("kind", SOURCES, ids=named)
@pytest.mark.parametrize("suffix", [".exr", ".tif", ".dpx"])
def test_every_source_is_graded_from_its_light(folder, oiio, kind, suffix):
    source = save_source(oiio, folder / f"s{kind.suffixes[0]}", kind)
    target = folder / f"g{suffix}"
    go(source, target)
    light = read_parts(source)[0].channels
    expected = curve(np.stack([light[name] for name in "RGB"], axis=-1))
    if suffix == ".exr":
        frame = exr.read(target)
        for k, name in enumerate("RGB"):
            np.testing.assert_array_equal(frame.channels[name], expected[..., k])
        assert frame.header.text("sdev:transfer") == read_parts(source)[0].header.transfer
        assert frame.header.text("sdev:source_sha256") == exr.digest(source)
    elif suffix == ".tif" and kind is KINDS["Radiance HDR"]:
        np.testing.assert_array_equal(codes_in(target, TIFF), expected.astype(np.float32))
    else:
        assert codes_in(target, KINDS["DPX" if suffix == ".dpx" else "TIFF"]).dtype == np.uint16


@pytest.mark.parametrize(
    ("kind", "bits", "straight"),
    [(DPX, 10, False), *((TIFF, bits, straight) for bits in (8, 16, 32) for straight in (False, True))],
)
def test_alpha_survives(folder, kind, bits, straight):
    source, target = folder / f"s{kind.suffixes[0]}", folder / f"g{kind.suffixes[0]}"
    codes = codes_for(kind, bits=bits, alpha=True)
    write(source, kind, EncodedImage(codes, straight=straight))
    go(source, target)
    (back,) = read_parts(target)
    np.testing.assert_array_equal(back.channels["A"], read_parts(source)[0].channels["A"])
    assert back.header.spec.straight is straight
    if bits == 8:
        np.testing.assert_array_equal(codes_in(target, TIFF)[..., 3], codes[..., 3].astype(int) * 257)


def test_straight_color_is_graded_whole_and_premultiplied_for_an_exr(folder):
    codes = codes_for(TIFF, alpha=True)
    codes[0, 0, 3] = 0  # nothing covers it: the color is there
    write(folder / "s.tif", TIFF, EncodedImage(codes, straight=True))
    light = TRANSFERS["srgb"].decode(codes[..., :3] / 65535).astype(np.float32)
    alpha = (codes[..., 3] / 65535).astype(np.float32)
    go(folder / "s.tif", folder / "g.tif")
    np.testing.assert_array_equal(
        codes_in(folder / "g.tif", TIFF)[..., :3], np.rint(curve(light).astype(np.float64) * 65535)
    )
    go(folder / "s.tif", folder / "g.exr")
    np.testing.assert_array_equal(exr.read(folder / "g.exr").channels["G"], curve(light)[..., 1] * alpha)
    assert exr.read(folder / "g.exr").channels["G"][0, 0] == 0
    go(folder / "s.tif", folder / "g.dpx")
    shown = (curve(light) * alpha[..., None]).astype(np.float64) ** GAMMA
    (film,) = read_parts(folder / "g.dpx", "linear")
    np.testing.assert_allclose(film.channels["G"], TRANSFERS["cineon"].encode(shown)[..., 1], atol=0.501 / 1023)


def test_a_png_is_straight_and_a_jpeg_lies_over_black(folder):
    color, alpha = np.full((4, 4), 0.125, np.float16), np.full((4, 4), 0.5, np.float16)
    save(folder / "s.exr", {"R": color, "G": color, "B": color, "A": alpha})
    for suffix in (".png", ".jpg"):
        go(folder / "s.exr", folder / f"g{suffix}")
    shown = float(curve(np.full((1, 1, 3), 0.25, np.float32))[0, 0, 0])
    png = codes_in(folder / "g.png", PNG)
    assert (png[0, 0] == [round(shown * 255)] * 3 + [128]).all()
    assert abs(int(codes_in(folder / "g.jpg", KINDS["JPEG"])[0, 0, 0]) - shown * 0.5 * 255) <= 2


def test_odd_values_find_an_end(folder):
    row = np.array([[np.nan, np.inf, -np.inf, -1, 60000]], np.float16)
    save(folder / "s.exr", dict.fromkeys("RGB", row))
    go(folder / "s.exr", folder / "g.tif")
    codes = codes_in(folder / "g.tif", TIFF)
    assert codes[0, 0, 0] == 0, "NaN is black"
    assert codes[0, 1, 0] == codes[0, 4, 0] >= 65500
    assert codes[0, 2, 0] == codes[0, 3, 0] == round(float(np.float16(0.1)) * 65535)


def test_a_data_window_lies_in_its_display_window(folder):
    arrays = {name: smooth((4, 4)) for name in "RGBA"}
    save(folder / "s.exr", arrays, origin=(-1, 2), display=(0, 0, 5, 4))
    go(folder / "s.exr", folder / "g.dpx")
    (frame,) = read_parts(folder / "g.dpx")
    assert frame.header.shape == (5, 6)
    assert set(frame.channels) == set("RGB"), "a DPX keeps alpha of a DPX only"
    assert not frame.channels["R"][:, 3:].any(), "black is code 95"
    go(folder / "s.exr", folder / "g.tif")
    alpha = codes_in(folder / "g.tif", TIFF)[..., 3]
    assert not alpha[:2].any()
    expected = np.rint(np.clip(arrays["A"][:3, 1:].astype(np.float64), 0, 1) * 65535)
    np.testing.assert_array_equal(alpha[2:, :3], expected)


def test_aspect_and_time_code_go_along(folder):
    arrays = {name: smooth((4, 4)) for name in "RGB"}
    save(
        folder / "s.exr",
        arrays,
        {
            "timeCode": Attribute("timecode", bytes([4, 3, 2, 1, 9, 9, 9, 9])),
            "pixelAspectRatio": Attribute.floats("float", 2.0),
        },
    )
    go(folder / "s.exr", folder / "g.dpx")
    go(folder / "g.dpx", folder / "h.exr", force=True)
    header = exr.read_header(folder / "h.exr")
    assert header.pixel_aspect == 2
    assert header.attributes["timeCode"].data == bytes([4, 3, 2, 1, 0, 0, 0, 0])


def test_what_an_image_cannot_hold_is_said(folder):
    save(folder / "s.exr", production_frame((8, 8)), codec="ZIP")
    settled = plan(ShownSDev(), folder / "s.exr", folder / "g.jpg")
    (line,) = [line for line in settled.lines if line.startswith("left out")]
    assert line in settled.notes
    assert {"A", "Z", "id", "diffuse.R", "CryptoAsset00.A"} <= set(line.partition(": ")[2].split(", "))
    assert "R G B: grade, written as 8-bit display codes" in settled.lines
    for suffix, leaves_alpha in ((".dpx", True), (".tif", False), (".png", False)):
        (line,) = plan(ShownSDev(), folder / "s.exr", folder / f"g{suffix}").notes
        assert (" A," in line) is leaves_alpha
    go(folder / "s.exr", folder / "g.jpg")


def test_one_layer_is_shown_where_it_is_named(folder):
    arrays = production_frame((8, 8))
    save(folder / "s.exr", {**arrays, **{f"spec.{name}": arrays["R"] for name in "RGB"}})
    go(folder / "s.exr", folder / "g.png", layers=("spec",))
    named = dict.fromkeys("RGB", arrays["R"])
    save(folder / "t.exr", {**named, "A": arrays["A"]})
    go(folder / "t.exr", folder / "h.png")
    np.testing.assert_array_equal(codes_in(folder / "g.png", PNG), codes_in(folder / "h.png", PNG))
    go(folder / "s.exr", folder / "g.png", replace=True)  # not the picture that is there
    assert (codes_in(folder / "g.png", PNG) != codes_in(folder / "h.png", PNG)).any()
    why = go(folder / "s.exr", folder / "i.jpg", "failed", layers=("diffuse", "spec")).why
    assert why.endswith("layers: expected one for JPEG, got diffuse and spec; --layers diffuse takes one")


def test_the_only_layer_is_the_picture(folder):
    arrays = {f"rgba.{name}": smooth((8, 8), seed=k) for k, name in enumerate("RGBA")}
    save(folder / "s.exr", arrays)
    save(folder / "t.exr", {name.removeprefix("rgba."): array for name, array in arrays.items()})
    for source, target, layers in (("s", "g", ()), ("s", "h", ("rgba",)), ("t", "i", ())):
        go(folder / f"{source}.exr", folder / f"{target}.tif", layers=layers)
    made = [codes_in(folder / f"{name}.tif", KINDS["TIFF"]) for name in "ghi"]
    np.testing.assert_array_equal(made[0], made[2])
    np.testing.assert_array_equal(made[1], made[2])
    go(folder / "s.exr", folder / "g.tif", "skipped", layers=("rgba",))


def test_one_view_is_asked_for(folder):
    names = ["R", "G", "B", "right.R", "right.G", "right.B"]
    views = Attribute("stringvector", b"".join(len(v).to_bytes(4, "little") + v for v in (b"left", b"right")))
    save(folder / "s.exr", {name: smooth((8, 8), seed=k) for k, name in enumerate(names)}, {"multiView": views})
    report = go(folder / "s.exr", folder / "g.png", "failed")
    assert "views: expected one for PNG, got left and right; --views left takes one" in report.why
    go(folder / "s.exr", folder / "g.png", views=("right",))
    right = exr.read(folder / "s.exr").channels
    shown = curve(np.stack([right[f"right.{name}"] for name in "RGB"], axis=-1)).astype(np.float64)
    np.testing.assert_array_equal(codes_in(folder / "g.png", PNG), np.rint(shown * 255))


def test_one_part_of_several_is_held(folder, images):
    source = images / "Beachball" / "multipart.0001.exr"
    settled = plan(ShownSDev(), source, folder / "g.tif", options=Options(views=("left",)))
    (line,) = settled.notes
    assert {"rgba_right:R", "depth_left:Z"} <= set(line.partition(": ")[2].split(", "))
    go(source, folder / "g.tif", views=("left",))
    go(source, folder / "g.exr", views=("left",))
    whole = next(part for part in exr.read_parts(folder / "g.exr") if part.header.text("name") == "rgba_left")
    left, top, right, bottom = whole.header.window
    codes = codes_in(folder / "g.tif", TIFF)
    assert codes.shape == (1556, 2048, 4)
    for k, name in enumerate("RGBA"):
        shown = np.rint(np.clip(whole.channels[name].astype(np.float64), 0, 1) * 65535)
        np.testing.assert_array_equal(codes[top : bottom + 1, left : right + 1, k], shown)
    assert codes[..., 3].astype(bool).sum() == np.count_nonzero(whole.channels["A"]), "nothing beside it"


def test_a_codec_that_would_change_what_is_left_out_is_no_reason_to_refuse(folder):
    arrays = {name: smooth((8, 8)) for name in "RGB"} | {"id.R": smooth((8, 8), "float32")}
    save(folder / "s.exr", arrays, passing=(), codec="B44")
    go(folder / "s.exr", folder / "g.tif")


def test_in_place_is_for_exrs(folder):
    write(folder / "s.tif", TIFF, EncodedImage(codes_for(TIFF)))
    before = (folder / "s.tif").read_bytes()
    with pytest.raises(LatticeError, match="expected an EXR to grade in place, got a TIFF"):
        plan(ShownSDev(), folder / "s.tif", None, options=Options(in_place=True))
    with pytest.raises(LatticeError, match="expected an output apart from the inputs"):
        plan(ShownSDev(), folder / "s.tif", None)
    assert (folder / "s.tif").read_bytes() == before


def test_a_deep_file_becomes_no_image(folder, images):
    deep = images / "v2" / "LowResLeftView" / "Trunks.exr"
    report = go(deep, folder / "g.dpx", "failed", deep="pass")
    assert "expected flat pixels to make a DPX of, got deep ones" in report.why
