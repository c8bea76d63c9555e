"""Images that are no EXR: what they are seen as, what is written of them, and each kind that is refused."""

from __future__ import annotations

import os
import re
import sys

import numpy as np
import pytest
from image_samples import KINDS, NOTE, SOURCES, WRITTEN, codes_for, codes_in, named, note_in, save_by_oiio, save_source

from lattice.color.transfer import TRANSFERS
from lattice.files.images import file as images
from lattice.files.images.file import JPEG_DIFFERENCE, says, write
from lattice.files.images.formats import REGISTER, format_of, suffixes
from lattice.files.images.spec import EncodedImage
from lattice.files.source import read_headers, read_parts
from lattice.files.storage.read import read_bytes
from lattice.regrade.frame.header import exr_header
from lattice.types import LatticeError

pytestmark = pytest.mark.usefixtures("oiio")
TIFF, DPX = KINDS["TIFF"], KINDS["DPX"]


@pytest.fixture
def tiff(tmp_path):
    path = tmp_path / "a.tif"
    write(path, TIFF, EncodedImage(codes_for(TIFF, (9, 7))))
    return path


def test_names_say_the_format_and_exr_is_none_of_them():
    assert format_of("a/b.DPX") is DPX
    assert format_of("a.exr") is None
    assert format_of("a") is None
    assert suffixes() == (".exr", ".dpx", ".cin", ".tif", ".tiff", ".png", ".jpg", ".jpeg")
    assert len({suffix for kind in REGISTER for suffix in kind.suffixes}) == sum(len(k.suffixes) for k in REGISTER)


@pytest.mark.parametrize(
    ("kind", "bits", "alpha"),
    [(kind, bits, alpha) for kind in WRITTEN for bits in kind.bits for alpha in (False, kind.alpha != "none")],
)
@pytest.mark.parametrize("shape", [(1, 1), (5, 7), (16, 16), (3, 1025)])
def test_what_is_written_comes_back(tmp_path, kind, bits, alpha, shape):
    path = tmp_path / f"a{kind.suffixes[0]}"
    codes = codes_for(kind, shape, bits, alpha) if kind.pack else np.full((*shape, 3), 99, np.uint8)
    write(path, kind, EncodedImage(codes, NOTE))
    assert os.listdir(tmp_path) == [path.name]
    assert note_in(path, kind) == NOTE
    assert says(path, NOTE)
    assert not says(path, NOTE[:-1] + "e")
    data = path.read_bytes()
    facts = kind.look(path, data, len(data), "")
    for again in [images._codes(path, kind, facts, "", data)] + ([] if alpha else [codes_in(path, kind)]):
        np.testing.assert_array_equal(again, codes)


@pytest.mark.parametrize("kind", [TIFF, KINDS["PNG"]], ids=named)
def test_large_noise_that_no_codec_makes_smaller(tmp_path, kind):
    codes = codes_for(kind, (700, 800))
    write(tmp_path / "a", kind, EncodedImage(codes))
    np.testing.assert_array_equal(codes_in(tmp_path / "a", kind), codes)


def test_the_noisiest_jpeg_is_close_enough(tmp_path):
    codes = codes_for(KINDS["JPEG"], (64, 64))
    write(tmp_path / "a.jpg", KINDS["JPEG"], EncodedImage(codes))
    off = np.abs(codes_in(tmp_path / "a.jpg", KINDS["JPEG"]).astype(int) - codes).mean()
    assert off < 4 < JPEG_DIFFERENCE


@pytest.mark.parametrize("kind", WRITTEN, ids=named)
def test_an_output_that_is_cut_short_is_not_whole(tmp_path, kind):
    path = tmp_path / f"a{kind.suffixes[0]}"
    write(path, kind, EncodedImage(codes_for(kind) * 0, NOTE))
    whole = path.read_bytes()
    for lost in (1, 9, len(whole) // 2):
        path.write_bytes(whole[:-lost])
        with pytest.raises(LatticeError, match="^" + re.escape(str(path))):
            says(path, NOTE)


@pytest.mark.parametrize("kind", [kind for kind in WRITTEN if kind.pack], ids=named)
def test_the_same_codes_make_the_same_bytes(tmp_path, kind):
    for name in "ab":
        write(tmp_path / name, kind, EncodedImage(codes_for(kind), NOTE))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("kind", SOURCES, ids=named)
def test_a_source_is_seen_as_a_linear_exr(tmp_path, oiio, kind):
    path = save_source(oiio, tmp_path / f"a{kind.suffixes[0]}", kind)
    (header,), (frame,) = read_headers(path), read_parts(path)
    assert frame.header == header
    assert header.shape == (5, 7)
    assert header.window == header.display
    assert {channel.name for channel in header.channels} == set("RGB") == set(frame.channels)
    for channel in header.channels:
        assert frame.channels[channel.name].dtype == channel.dtype
        assert not frame.channels[channel.name].flags.writeable
    assert len(frame.sha256) == 64


@pytest.mark.parametrize("transfer", TRANSFERS)
def test_codes_become_light_by_the_transfer_that_is_told(tmp_path, transfer):
    path, codes = tmp_path / "a.dpx", codes_for(DPX)
    write(path, DPX, EncodedImage(codes))
    (frame,) = read_parts(path, transfer)
    expected = TRANSFERS[transfer].decode(codes / 1023)
    for k, name in enumerate("RGB"):
        np.testing.assert_array_equal(frame.channels[name], expected[..., k].astype(np.float16))


@pytest.mark.parametrize(
    ("field", "transfer"),
    [(0, "cineon"), (1, "cineon"), (2, "linear"), (3, "cineon"), (5, "rec709"), (6, "rec709"), (255, "cineon")],
)
def test_a_dpx_goes_by_its_transfer_field(tmp_path, field, transfer):
    path = tmp_path / "a.dpx"
    write(path, DPX, EncodedImage(codes_for(DPX)))
    data = bytearray(path.read_bytes())
    data[801] = field
    path.write_bytes(data)
    assert read_headers(path)[0].transfer == transfer
    data[801] = 4  # "unspecified video": nobody can know
    path.write_bytes(data)
    with pytest.raises(
        LatticeError, match=r"transfer 4: expected .*: add --transfer linear\|cineon\|srgb\|rec709\|adx$"
    ):
        read_headers(path)
    assert read_headers(path, "srgb")[0].transfer == "srgb"


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
@pytest.mark.parametrize("channels", [3, 4])
def test_dpx_of_every_depth_gives_its_codes(tmp_path, oiio, bits, channels):
    codes = np.random.default_rng(bits).integers(0, 2**bits, (4, 7, channels))
    stored = (codes * (65535 / (2**bits - 1))).round().astype(np.uint16)
    save_by_oiio(oiio, tmp_path / "a.dpx", "dpx", stored, "uint8" if bits == 8 else "uint16", oiio__BitsPerSample=bits)
    (frame,) = read_parts(tmp_path / "a.dpx", "linear")
    for k, name in enumerate("RGBA"[:channels]):
        share = codes[..., k] / (2**bits - 1)
        np.testing.assert_array_equal(frame.channels[name], share.astype(frame.channels[name].dtype))


def test_a_tiff_of_halves_is_linear(tmp_path):
    halves = np.random.default_rng(0).normal(size=(5, 7, 3)).astype(np.float16)
    (tmp_path / "a.tif").write_bytes(b"".join(TIFF.pack(EncodedImage(halves))))
    (frame,) = read_parts(tmp_path / "a.tif")
    np.testing.assert_array_equal(frame.channels["R"], halves[..., 0])


def test_film_gray_and_white(tmp_path):
    path = tmp_path / "a.dpx"
    write(path, DPX, EncodedImage(np.array([[[95, 468, 685]]], np.uint16)))
    red, green, blue = (read_parts(path)[0].channels[name][0, 0] for name in "RGB")
    assert (red, blue) == (0, 1)
    assert green == pytest.approx(0.18, rel=0.01)


@pytest.mark.parametrize(("kind", "bits"), [("uint8", 8), ("uint16", 16)])
def test_integer_tiffs_are_srgb_and_floats_linear(tmp_path, oiio, kind, bits):
    codes = np.arange(24).reshape(2, 3, 4).astype(kind) * np.array(10, kind)
    save_by_oiio(oiio, tmp_path / "a.tif", "tiff", codes, kind, oiio__UnassociatedAlpha=1)
    (frame,) = read_parts(tmp_path / "a.tif")
    assert frame.header.transfer == "srgb"
    expected = TRANSFERS["srgb"].decode(codes / (2**bits - 1))
    dtype = "float16" if bits == 8 else "float32"
    assert frame.channels["A"].dtype == np.float32
    np.testing.assert_array_equal(frame.channels["G"], expected[..., 1].astype(dtype))
    np.testing.assert_array_equal(np.rint(frame.channels["A"].astype(np.float64) * (2**bits - 1)), codes[..., 3])
    floats = codes_for(TIFF, bits=32)
    write(tmp_path / "f.tif", TIFF, EncodedImage(floats))
    (frame,) = read_parts(tmp_path / "f.tif")
    np.testing.assert_array_equal(frame.channels["B"], floats[..., 2])


def test_aspect_and_time_code_are_an_exrs(tmp_path):
    write(tmp_path / "a.dpx", DPX, EncodedImage(codes_for(DPX), aspect=2.0, timecode=0x01020304))
    (header,) = read_headers(tmp_path / "a.dpx")
    assert header.pixel_aspect == 2
    assert header.time_code == 0x01020304
    written = exr_header(header)
    assert written.attributes["timeCode"].data == bytes([4, 3, 2, 1, 0, 0, 0, 0])
    assert (written.window, written.pixel_aspect, written.time_code) == (header.window, 2, header.time_code)
    assert not header.attributes
    for kind in (TIFF, KINDS["PNG"]):
        path = tmp_path / f"a{kind.suffixes[0]}"
        write(path, kind, EncodedImage(codes_for(kind), aspect=2.0))
        assert kind.look(path, path.read_bytes(), 0, "").aspect == pytest.approx(2, rel=1e-6)


def test_an_hdr_may_name_its_primaries(tmp_path, oiio):
    path = save_source(oiio, tmp_path / "a.hdr", KINDS["Radiance HDR"])
    assert read_headers(path)[0].chromaticities is None
    words = b"PRIMARIES= 0.680 0.320 0.265 0.690 0.150 0.060 0.3127 0.3290\n\n"
    path.write_bytes(path.read_bytes().replace(b"\n\n", b"\n" + words, 1))
    assert read_headers(path)[0].chromaticities == pytest.approx((0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.3127, 0.329))


def test_the_exposure_of_an_hdr_is_not_undone(tmp_path, oiio):
    path = save_source(oiio, tmp_path / "a.hdr", KINDS["Radiance HDR"])
    before = read_parts(path)[0].channels["G"]
    path.write_bytes(path.read_bytes().replace(b"\n\n", b"\nEXPOSURE=2.0\n\n", 1))
    np.testing.assert_array_equal(read_parts(path)[0].channels["G"], before)


@pytest.mark.parametrize("given", [{"planarconfig": "separate"}, {"compression": "lzw"}, {"tiff__bigtiff": 1}])
@pytest.mark.parametrize("tile", [0, 16])
def test_however_a_tiff_is_laid_out_it_is_read(tmp_path, oiio, given, tile):
    codes = codes_for(TIFF, (40, 50))
    spec = oiio.ImageSpec(50, 40, 3, "uint16")
    spec.tile_width = spec.tile_height = tile
    for name, value in given.items():
        spec.attribute(name.replace("__", ":"), value)
    out = oiio.ImageOutput.create("tiff")
    assert out.open(str(tmp_path / "a.tif"), spec)
    assert out.write_image(codes)
    out.close()
    out.geterror()
    np.testing.assert_array_equal(
        read_parts(tmp_path / "a.tif", "linear")[0].channels["B"], (codes[..., 2] / 65535).astype(np.float32)
    )


def test_straight_alpha_is_told_from_premultiplied(tmp_path):
    for straight in (False, True):
        write(tmp_path / "a.tif", TIFF, EncodedImage(codes_for(TIFF, alpha=True), straight=straight))
        assert read_headers(tmp_path / "a.tif")[0].spec.straight is straight


def test_our_own_output_is_known(tmp_path):
    for kind in (kind for kind in SOURCES if kind.bits):
        path = tmp_path / f"a{kind.suffixes[0]}"
        write(path, kind, EncodedImage(codes_for(kind), NOTE))
        assert read_headers(path)[0].graded_by == "premier"


@pytest.mark.parametrize("kind", WRITTEN, ids=named)
def test_damage_on_the_way_to_the_disk_is_noticed(tmp_path, monkeypatch, kind):
    path = tmp_path / f"a{kind.suffixes[0]}"
    path.write_bytes(b"the old file")
    real = images._codes
    monkeypatch.setattr(images, "_codes", lambda *given: real(*given) ^ 64)
    with pytest.raises(LatticeError, match=r"expected the (codes|picture) as given, got"):
        write(path, kind, EncodedImage(np.full((4, 4, 3), 99, np.uint8 if kind.bits == (8,) else np.uint16)))
    assert os.listdir(tmp_path) == [path.name]
    assert path.read_bytes() == b"the old file"


def test_a_file_that_changes_while_it_is_read_is_refused(tiff, monkeypatch):
    def changing(path, most=-1):
        data = read_bytes(path, most)
        if most < 0:
            tiff.write_bytes(data + b"more")
        return data

    monkeypatch.setattr(images, "read_bytes", changing)
    with pytest.raises(LatticeError, match="changed while it was read"):
        read_parts(tiff)


def test_without_openimageio_one_line_says_what_to_install(tiff, monkeypatch):
    monkeypatch.setitem(sys.modules, "OpenImageIO", None)
    with pytest.raises(LatticeError, match=r"pip install '\.\[images\]'"):
        read_headers(tiff)
