"""A regrade from and to images that are no EXR: what comes out, and that all a regrade promises holds for them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from exr_samples import save, smooth
from image_samples import NOTE, SOURCES, WRITTEN, codes_for, oiio, save_by_oiio, save_source  # noqa: F401
from regrade_samples import FakeSDev, curve, folder, production_frame  # noqa: F401

from lattice.files import exr, openimageio
from lattice.files.facts import Codes
from lattice.files.formats import REGISTER
from lattice.files.header import Attribute
from lattice.files.images import note_of, read_parts, write
from lattice.files.transfer import TRANSFERS
from lattice.regrade import Options, plan, regrade
from lattice.types import Display, LatticeError

pytestmark = pytest.mark.usefixtures("oiio")
KINDS = {kind.name: kind for kind in REGISTER}
TIFF, DPX, PNG = KINDS["TIFF"], KINDS["DPX"], KINDS["PNG"]
GAMMA = 2.2


@dataclass(frozen=True)
class ShownSDev(FakeSDev):
    """The made-up device, with a display."""

    display: Display = field(default_factory=lambda: Display(1.0, np.eye(3), GAMMA))


def named(kind):
    return kind.name


def go(source, target, status="ok", **options):
    """Regrade one file; the report."""
    (report,) = regrade(plan(ShownSDev(), source, target, options=Options(**options)))
    assert report.status == status, report.why
    assert "\n" not in report.why
    return report


def codes_in(path, kind, bits=None):
    return openimageio.read_codes(path, kind.plugin, bits or kind.bits[0], str(path))


@pytest.fixture
def scene(folder):  # noqa: F811
    save(folder / "s.exr", {name: smooth((16, 16), seed=k) for k, name in enumerate("RGB")})
    return folder / "s.exr"


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
        shown = TRANSFERS["cineon"].encode(shown ** GAMMA)
    expected = np.rint(shown * (2**kind.bits[0] - 1))
    off = 0 if kind.pack else 12
    np.testing.assert_allclose(codes_in(target, kind), expected, atol=off)


def test_film_codes_show_the_picture_through_nukes_curve(scene):
    go(scene, scene.with_name("g.dpx"))
    light = TRANSFERS["cineon"].decode(codes_in(scene.with_name("g.dpx"), DPX) / 1023)
    np.testing.assert_allclose(np.maximum(light, 0) ** (1 / GAMMA), graded(scene), atol=0.5 / 255)


@pytest.mark.parametrize("kind", SOURCES, ids=named)
@pytest.mark.parametrize("suffix", [".exr", ".tif", ".dpx"])
def test_every_source_is_graded_from_its_light(folder, oiio, kind, suffix):  # noqa: F811
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
        np.testing.assert_array_equal(codes_in(target, TIFF, 32), expected.astype(np.float32))
    else:
        assert codes_in(target, KINDS["DPX" if suffix == ".dpx" else "TIFF"]).dtype == np.uint16


@pytest.mark.parametrize("kind", WRITTEN, ids=named)
def test_what_is_done_is_skipped_by_content(scene, kind):
    target = scene.with_name(f"g{kind.suffixes[0]}")
    go(scene, target)
    before = target.read_bytes()
    os.utime(scene)
    go(scene, target, "skipped")
    go(scene, target, force=True)
    assert target.read_bytes() == before or not kind.pack
    go(scene, target, transparent="zero")
    assert note_of(target) != note_in(before, kind, scene)
    go(scene, target)
    target.write_bytes(target.read_bytes()[:-9])  # cut short
    go(scene, target)
    go(scene, target, "skipped")
    save(scene, {name: smooth((16, 16), seed=7) for name in "RGB"})
    go(scene, target)
    again = regrade(plan(ShownSDev(sha256="00" * 32), scene, target))
    assert again[0].status == "ok"


def note_in(data, kind, beside):
    path = beside.with_name(f"before{kind.suffixes[0]}")
    path.write_bytes(data)
    return note_of(path)


@pytest.mark.parametrize("kind", [kind for kind in SOURCES if kind.bits], ids=named)
def test_a_source_of_another_transfer_is_done_again(folder, oiio, kind):  # noqa: F811
    source = save_source(oiio, folder / f"s{kind.suffixes[0]}", kind)
    for target in (folder / "g.exr", folder / "g.tif"):
        go(source, target)
        go(source, target, "skipped")
        go(source, target, transfer="linear")
        go(source, target, "skipped", transfer="linear")


@pytest.mark.parametrize("kind", [kind for kind in SOURCES if kind.bits], ids=named)
def test_what_was_graded_is_not_graded_again(scene, kind):
    once = scene.with_name(f"g{kind.suffixes[0]}")
    go(scene, once)
    for twice in (scene.with_name("twice.exr"), scene.with_name("twice.tif")):
        report = go(once, twice, "failed")
        assert "expected a frame that is not graded yet, got one graded with premier" in report.why
        assert not twice.exists()
        go(once, twice, force=True)


@pytest.mark.parametrize(("kind", "bits", "straight"), [
    (DPX, 10, False), *((TIFF, bits, straight) for bits in (8, 16, 32) for straight in (False, True))])
def test_alpha_survives(folder, kind, bits, straight):  # noqa: F811
    source, target = folder / f"s{kind.suffixes[0]}", folder / f"g{kind.suffixes[0]}"
    codes = codes_for(kind, bits=bits, alpha=True)
    write(source, kind, Codes(codes, straight=straight))
    go(source, target)
    (back,) = read_parts(target)
    np.testing.assert_array_equal(back.channels["A"], read_parts(source)[0].channels["A"])
    assert back.header.facts.straight is straight
    if bits == 8:
        np.testing.assert_array_equal(codes_in(target, TIFF)[..., 3], codes[..., 3].astype(int) * 257)


def test_straight_color_is_graded_whole_and_premultiplied_for_an_exr(folder):  # noqa: F811
    codes = codes_for(TIFF, alpha=True)
    codes[0, 0, 3] = 0  # nothing covers it: the color is there
    write(folder / "s.tif", TIFF, Codes(codes, straight=True))
    light = TRANSFERS["srgb"].decode(codes[..., :3] / 65535).astype(np.float32)
    alpha = (codes[..., 3] / 65535).astype(np.float32)
    go(folder / "s.tif", folder / "g.tif")
    np.testing.assert_array_equal(codes_in(folder / "g.tif", TIFF)[..., :3],
                                  np.rint(curve(light).astype(np.float64) * 65535))
    go(folder / "s.tif", folder / "g.exr")
    np.testing.assert_array_equal(exr.read(folder / "g.exr").channels["G"], curve(light)[..., 1] * alpha)
    assert exr.read(folder / "g.exr").channels["G"][0, 0] == 0


def test_a_png_is_straight_and_a_jpeg_lies_over_black(folder):  # noqa: F811
    color, alpha = np.full((4, 4), 0.125, np.float16), np.full((4, 4), 0.5, np.float16)
    save(folder / "s.exr", {"R": color, "G": color, "B": color, "A": alpha})
    for suffix in (".png", ".jpg"):
        go(folder / "s.exr", folder / f"g{suffix}")
    shown = float(curve(np.full((1, 1, 3), 0.25, np.float32))[0, 0, 0])
    png = codes_in(folder / "g.png", PNG)
    assert (png[0, 0] == [round(shown * 255)] * 3 + [128]).all()
    assert abs(int(codes_in(folder / "g.jpg", KINDS["JPEG"])[0, 0, 0]) - shown * 0.5 * 255) <= 2


def test_odd_values_find_an_end(folder):  # noqa: F811
    row = np.array([[np.nan, np.inf, -np.inf, -1, 60000]], np.float16)
    save(folder / "s.exr", dict.fromkeys("RGB", row))
    go(folder / "s.exr", folder / "g.tif")
    codes = codes_in(folder / "g.tif", TIFF)
    assert codes[0, 0, 0] == 0, "NaN is black"
    assert codes[0, 1, 0] == codes[0, 4, 0] >= 65500
    assert codes[0, 2, 0] == codes[0, 3, 0] == round(float(np.float16(0.1)) * 65535)


def test_a_data_window_lies_in_its_display_window(folder):  # noqa: F811
    arrays = {name: smooth((4, 4)) for name in "RGBA"}
    save(folder / "s.exr", arrays, origin=(-1, 2), display=(0, 0, 5, 4))
    go(folder / "s.exr", folder / "g.dpx")
    (frame,) = read_parts(folder / "g.dpx")
    assert frame.header.shape == (5, 6)
    assert not frame.channels["A"][:2].any()
    assert not frame.channels["R"][:, 3:].any(), "black is code 95"
    expected = np.rint(np.clip(arrays["A"][:3, 1:].astype(np.float64), 0, 1) * 1023) / 1023
    np.testing.assert_array_equal(frame.channels["A"][2:, :3], expected.astype(np.float32))


def test_aspect_and_time_code_go_along(folder):  # noqa: F811
    arrays = {name: smooth((4, 4)) for name in "RGB"}
    save(folder / "s.exr", arrays, {"timeCode": Attribute("timecode", bytes([4, 3, 2, 1, 9, 9, 9, 9])),
                                    "pixelAspectRatio": Attribute.floats("float", 2.0)})
    go(folder / "s.exr", folder / "g.dpx")
    go(folder / "g.dpx", folder / "h.exr", force=True)
    header = exr.read_header(folder / "h.exr")
    assert header.pixel_aspect == 2
    assert header.attributes["timeCode"].data == bytes([4, 3, 2, 1, 0, 0, 0, 0])


def test_what_an_image_cannot_hold_is_said(folder):  # noqa: F811
    save(folder / "s.exr", production_frame((8, 8)), codec="ZIP")
    settled = plan(ShownSDev(), folder / "s.exr", folder / "g.jpg")
    (line,) = [line for line in settled.lines if line.startswith("left out")]
    assert line in settled.notes
    assert {"A", "Z", "id", "diffuse.R", "CryptoAsset00.A"} <= set(line.partition(": ")[2].split(", "))
    assert "R G B: grade, written as 8-bit display codes" in settled.lines
    (line,) = plan(ShownSDev(), folder / "s.exr", folder / "g.dpx").notes
    assert " A," not in line
    go(folder / "s.exr", folder / "g.jpg")
    with pytest.raises(LatticeError, match="layers: expected none for JPEG, which holds one color, got diffuse"):
        raise LatticeError(go(folder / "s.exr", folder / "h.jpg", "failed", layers=("diffuse",)).why)


def test_one_view_is_asked_for(folder):  # noqa: F811
    names = ["R", "G", "B", "right.R", "right.G", "right.B"]
    views = Attribute("stringvector", b"".join(len(v).to_bytes(4, "little") + v for v in (b"left", b"right")))
    save(folder / "s.exr", {name: smooth((8, 8), seed=k) for k, name in enumerate(names)}, {"multiView": views})
    report = go(folder / "s.exr", folder / "g.png", "failed")
    assert "views: expected one for PNG, got left and right; views names one" in report.why
    go(folder / "s.exr", folder / "g.png", views=("right",))
    right = exr.read(folder / "s.exr").channels
    shown = curve(np.stack([right[f"right.{name}"] for name in "RGB"], axis=-1)).astype(np.float64)
    np.testing.assert_array_equal(codes_in(folder / "g.png", PNG), np.rint(shown * 255))


def test_a_codec_that_would_change_what_is_left_out_is_no_reason_to_refuse(folder):  # noqa: F811
    arrays = {name: smooth((8, 8)) for name in "RGB"} | {"id.R": smooth((8, 8), "float32")}
    save(folder / "s.exr", arrays, passing=(), codec="B44")
    go(folder / "s.exr", folder / "g.tif")


def test_in_place_is_for_exrs(folder):  # noqa: F811
    write(folder / "s.tif", TIFF, Codes(codes_for(TIFF)))
    before = (folder / "s.tif").read_bytes()
    with pytest.raises(LatticeError, match="expected an EXR to grade in place, got a TIFF"):
        plan(ShownSDev(), folder / "s.tif", None, options=Options(in_place=True))
    with pytest.raises(LatticeError, match="expected an output apart from the inputs"):
        plan(ShownSDev(), folder / "s.tif", None)
    assert (folder / "s.tif").read_bytes() == before


def test_a_deep_file_becomes_no_image(folder, images):  # noqa: F811
    deep = images / "v2" / "LowResLeftView" / "Trunks.exr"
    report = go(deep, folder / "g.dpx", "failed", deep="pass")
    assert "expected flat pixels to make a DPX of, got deep ones" in report.why


def test_a_sequence_with_gaps_and_a_bad_frame(folder):  # noqa: F811
    for frame in (1, 3, 4):
        write(folder / f"s.{frame:04d}.dpx", DPX, Codes(codes_for(DPX, seed=frame)))
    (folder / "s.0003.dpx").write_bytes((folder / "s.0003.dpx").read_bytes()[:-1])
    settled = plan(ShownSDev(), folder / "s.####.dpx", folder / "g.####.tif", options=Options(missing="black"))
    reports = regrade(settled)
    assert [report.status for report in reports] == ["ok", "ok", "failed", "ok"]
    assert "s.0003.dpx: expected 2188 bytes, got a file cut short at byte 2187" in reports[2].why
    assert not codes_in(folder / "g.0002.tif", TIFF).any()
    assert not (folder / "g.0003.tif").exists()
    lines = [json.loads(line) for line in (folder / "g.sdev.jsonl").read_text().splitlines()]
    assert sorted(line["frame"] for line in lines) == [1, 2, 3, 4]
    assert [r.status for r in regrade(settled)] == ["skipped", "skipped", "failed", "skipped"]


def test_memory_is_counted(folder):  # noqa: F811
    write(folder / "s.tif", TIFF, Codes(codes_for(TIFF, (1000, 1000))))
    report = go(folder / "s.tif", folder / "g.dpx", "failed", memory=40 << 20)
    assert "expected a frame that fits in 40 MiB of memory, got one that takes about" in report.why
    go(folder / "s.tif", folder / "g.dpx", memory=200 << 20)


def test_a_disk_that_breaks_leaves_the_old_file(scene, monkeypatch):
    target = scene.with_name("g.dpx")
    target.write_bytes(b"the old file")

    def full(descriptor, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lattice.files.atomic.os.write", full)
    report = go(scene, target, "failed")
    assert f"{target}: cannot be written: No space left on device" in report.why
    assert target.read_bytes() == b"the old file"
    assert sorted(os.listdir(scene.parent)) == ["g.dpx", "s.exr"]


def test_without_openimageio_nothing_is_begun(scene, monkeypatch):
    monkeypatch.setitem(sys.modules, "OpenImageIO", None)
    with pytest.raises(LatticeError, match=r"pip install 'lattice\[images\]'"):
        plan(ShownSDev(), scene, scene.with_name("g.dpx"))
    assert plan(ShownSDev(), scene, scene.with_name("g.exr")).lines


def test_a_hdr_brings_its_primaries(folder, oiio):  # noqa: F811
    source = save_source(oiio, folder / "s.hdr", KINDS["Radiance HDR"])
    words = b"PRIMARIES= 0.680 0.320 0.265 0.690 0.150 0.060 0.3127 0.3290\n\n"
    source.write_bytes(source.read_bytes().replace(b"\n\n", b"\n" + words, 1))
    assert plan(ShownSDev(), source, folder / "g.exr").lines[1].startswith("input 0.68 0.32 0.265")
    assert plan(ShownSDev(), source, folder / "g.exr", options=Options(input="ACEScg")).lines[1].startswith(
        "input ACEScg")


def lattice(*words, cwd):
    done = subprocess.run([sys.executable, "-m", "lattice.cli", *map(str, words)], cwd=cwd, capture_output=True,
                          text=True)
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture(scope="module")
def look(tmp_path_factory):
    from conftest import random_device

    from lattice.sdev import SDev

    device = random_device("tetrahedral", 3, Display(1.0, np.eye(3), "sRGB"))
    path = tmp_path_factory.mktemp("look") / "look.clf"
    SDev(device.name, device.matrix, device.table, device.lattice, device.display, {"input": "Rec.709"}).save(path)
    return path


def test_the_command_from_dpx_to_exr_and_tiff(folder, look):  # noqa: F811
    for frame in (1, 2):
        write(folder / f"s.{frame:04d}.dpx", DPX, Codes(codes_for(DPX, (16, 16), seed=frame)))
    words = ("regrade", "s.####.dpx", "g.####.exr", "--sdev", look)
    told = lattice(*words, "--dry-run", cwd=folder)
    assert told.returncode == 0
    assert "DPX, 10 bits, taken as cineon" in told.stdout
    assert "DPX, 10 bits, taken as linear" in lattice(*words, "--dry-run", "--transfer", "linear", cwd=folder).stdout
    told = lattice(*words, "--json", cwd=folder)
    assert told.returncode == 0, told.stderr
    assert [json.loads(line).get("status") for line in told.stdout.splitlines()] == ["ok", "ok", None]
    assert lattice(*words, cwd=folder).stdout.count("skipped") == 2
    wrong = lattice("regrade", "g.####.exr", "h.####.tif", "--sdev", look, "--transfer", "cineon", cwd=folder)
    assert wrong.returncode == 1
    assert "transfer: expected auto for an EXR, which holds linear light, got cineon" in wrong.stderr
    told = lattice("apply", "s.0001.dpx", "one.jpg", "--sdev", look, cwd=folder)
    assert told.returncode == 0
    wrong = lattice("apply", "one.jpg", "two.jpg", "--sdev", look, cwd=folder)
    assert wrong.returncode == 1
    assert "got JPEG, which is only written" in wrong.stderr
    assert sorted(path.suffix for path in Path(folder).iterdir() if path.suffix == ".jpg") == [".jpg"]
    assert NOTE not in note_of(folder / "one.jpg")
