"""DPX files that say odd things: two places of a picture, fields left undefined, gray, floats, ADX."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from basics import require
from dpx_samples import UNDEFINED, dpx, words
from image_samples import ShownSDev, go

from lattice.color.adx import decode_adx
from lattice.color.primaries import PRIMARIES
from lattice.files.exr import file as exr
from lattice.files.images.cineon import cineon_spec, pack_cineon
from lattice.files.images.dpx import dpx_spec, unpack_dpx
from lattice.files.images.spec import EncodedImage
from lattice.files.source import read_headers, read_parts
from lattice.regrade import plan
from lattice.types import LatticeError

pytestmark = pytest.mark.usefixtures("oiio")
COLOR = np.arange(1, 31).reshape(2, 15)  # 5 x 2 pixels
BODY = words(COLOR)
WANTED = COLOR.reshape(2, 5, 3)


def spec_of(data):
    return dpx_spec(Path(), data[: 2**16], len(data), "a.dpx")


# element, file, bytes after the picture that lies at 4096: which place is taken, and why
@pytest.mark.parametrize(
    ("element", "whole", "after", "why"),
    [
        (4096, 4096, 0, None),
        (0, 4096, 0, None),
        (2**32 - 1, 4096, 7, None),
        (2048, 4096, 0, "where the picture ends with the file"),
        (4096, 2048, 0, "where the picture ends with the file"),
        (8192, 4096, 0, "where the picture ends with the file"),
        (99_999, 4096, 9, "where the picture fits"),
        (4096, 99_999, 9, "where the picture fits"),
        (4100, 4096, 0, "where the picture ends with the file"),
        (1664, 4096, 9, "where the picture fits"),
        (4096, 0, 0, "where the picture ends with the file"),
    ],
)
def test_of_two_places_the_one_that_can_be(element, whole, after, why):
    data = dpx(BODY, (5, 2), start=4096, after=bytes(after), data=element, offset=whole)
    np.testing.assert_array_equal(unpack_dpx(data, ""), WANTED)
    said = f"picture taken from byte 4096, {why}; its element says {element}, the file {whole}"
    assert spec_of(data).notes == ((said,) if why else ())


def test_two_places_that_can_be_are_refused():
    data = dpx(BODY, (5, 2), start=4096, after=bytes(100), data=2048)
    with pytest.raises(LatticeError, match=r"^a.dpx: offset: expected one place .* 2048 by its element .* and 4096 by"):
        spec_of(data)


def test_a_length_that_counts_from_the_wrong_place_is_no_cut():
    """As a scanner wrote them (RAWcooked's issue 233): the element's place is wrong, and the length with it."""
    data = dpx(BODY, (5, 2), start=2480, data=8192, file_size=8192 + len(BODY))
    np.testing.assert_array_equal(unpack_dpx(data, ""), WANTED)
    with pytest.raises(LatticeError, match="picture: expected it to begin at a byte from 2048 to 2519, got 8192"):
        unpack_dpx(data[:-1], "")


def test_the_note_of_two_places_is_told(folder):
    (folder / "a.dpx").write_bytes(dpx(BODY, (5, 2), start=4096, data=2048))
    (note,) = plan(ShownSDev(), folder / "a.dpx", folder / "g.exr").notes
    assert note.startswith("DPX: picture taken from byte 4096, ")
    go(folder / "a.dpx", folder / "g.exr")


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("names", [("orientation",), ("encoding",), ("sign",), ("packing",), "all"])
def test_undefined_fields_are_the_usual_ones(order, names):
    names = ("orientation", "encoding", "sign", "packing") if names == "all" else names
    data = dpx(words(COLOR, order), (5, 2), order, **dict.fromkeys(names))
    np.testing.assert_array_equal(unpack_dpx(data, ""), WANTED)


@pytest.mark.parametrize("at", [192, 680, 681, 682, 683])
def test_undefined_fields_of_a_cineon_too(at):
    data = bytearray(b"".join(pack_cineon(EncodedImage(WANTED.astype(np.uint16)))))
    data[at] = UNDEFINED["B"]
    assert cineon_spec(Path(), bytes(data), len(data), "").size == (5, 2)
    data[at] = 99
    with pytest.raises(LatticeError, match="got 99"):
        cineon_spec(Path(), bytes(data), len(data), "")


def by_ffmpeg(path):
    """The codes as FFmpeg reads them."""
    try:
        import av
    except ImportError:
        require("dailies", "PyAV is not installed")
    with av.open(str(path)) as file:
        frame = next(file.decode(video=0))
    assert frame.format.name == "gray10le"
    return np.frombuffer(bytes(frame.planes[0]), "<u2").reshape(frame.height, -1)[:, : frame.width]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("width", [4, 5, 6])
@pytest.mark.parametrize(("bits", "packing"), [(8, 0), (10, 0), (10, 1), (10, 2), (12, 1), (12, 2), (16, 0)])
def test_gray_of_every_depth(tmp_path, order, width, bits, packing):
    codes = np.random.default_rng(width).integers(0, 2**bits, (3, width))
    if bits == 10 and packing:
        body = words(codes, order, True, 2 if packing == 1 else 0)
    elif bits == 10:
        lines = [sum(int(code) << 10 * k for k, code in enumerate(line)) for line in codes]
        count = -(-width * 10 // 32)
        body = b"".join(
            struct.pack(f"{order}{count}I", *(n >> 32 * k & 2**32 - 1 for k in range(count))) for n in lines
        )
    else:
        stored = codes << 4 if packing == 1 else codes
        line = stored.astype("u1" if bits == 8 else order + "u2")
        padding = -line[0].nbytes % 4
        body = b"".join(each.tobytes() + bytes(padding) for each in line)
    data = dpx(body, (width, 3), order, bits=bits, packing=packing, descriptor=6)
    assert (spec_of(data).channels, spec_of(data).is_gray) == (1, True)
    np.testing.assert_array_equal(unpack_dpx(data, "")[..., 0], codes)
    if bits == 10 and packing == 1:
        (tmp_path / "a.dpx").write_bytes(data)
        np.testing.assert_array_equal(by_ffmpeg(tmp_path / "a.dpx"), codes)


@pytest.mark.parametrize("given", [{}, {"device": b"Scanity"}, {"creator": b"Lasergraphics Inc."}])
def test_gray_whose_lines_begin_within_words(tmp_path, given):
    codes = np.random.default_rng(1).integers(0, 1024, (6, 4))
    body = words(codes.reshape(1, -1), reverse=True)
    after = bytes(8 if given else 0)  # where the length tells nothing, the scanner does
    data = dpx(body, (4, 6), descriptor=6, after=after, file_size=0, **given)
    np.testing.assert_array_equal(unpack_dpx(data, "")[..., 0], codes)
    if given:
        (tmp_path / "a.dpx").write_bytes(data)
        np.testing.assert_array_equal(by_ffmpeg(tmp_path / "a.dpx"), codes)
    with pytest.raises(LatticeError, match="cut short"):
        unpack_dpx(data[: 2048 + len(body) - 1], "")


def test_a_gray_dpx_is_graded_as_r_g_and_b(folder):
    codes = np.random.default_rng(2).integers(0, 1024, (4, 6))
    (folder / "y.dpx").write_bytes(dpx(words(codes, reverse=True), (6, 4), descriptor=6, transfer=1))
    (folder / "c.dpx").write_bytes(dpx(words(np.repeat(codes, 3, axis=1)), (6, 4), transfer=1))
    assert "gray is graded as R = G = B" in plan(ShownSDev(), folder / "y.dpx", folder / "g.exr").notes
    for name in "yc":
        go(folder / f"{name}.dpx", folder / f"{name}.exr")
        go(folder / f"{name}.dpx", folder / f"{name}.g.dpx")
    gray, color = (exr.read(folder / f"{name}.exr").channels for name in "yc")
    assert all((gray[name] == color[name]).all() for name in "RGB")
    gray, color = (unpack_dpx((folder / f"{name}.g.dpx").read_bytes(), "") for name in "yc")
    np.testing.assert_array_equal(gray, color)
    assert "--gray rgb" in go(folder / "y.dpx", folder / "h.exr", "failed", gray="refuse").why


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_floats(tmp_path, oiio, order, channels):
    light = np.random.default_rng(3).normal(0.5, 2, (3, 5, channels)).astype(np.float32)
    light[0, 0, 0] = 1e6
    body = light.astype(order + "f4").tobytes()
    data = dpx(body, (5, 3), order, bits=32, packing=0, descriptor={1: 6, 3: 50, 4: 51}[channels])
    np.testing.assert_array_equal(unpack_dpx(data, ""), light)
    (tmp_path / "a.dpx").write_bytes(data)
    (frame,) = read_parts(tmp_path / "a.dpx")
    assert frame.header.holds_floats
    for k, name in enumerate("RGBA"[: max(3, channels)]):
        np.testing.assert_array_equal(frame.channels[name], light[..., min(k, channels - 1)])
    file = oiio.ImageInput.open(str(tmp_path / "a.dpx"))
    np.testing.assert_array_equal(file.read_image(0, 0, 0, channels, "float").reshape(light.shape), light)
    file.close()


@pytest.mark.parametrize(
    ("said", "taken"), [(2, "linear"), (255, "linear"), (6, "rec709"), (1, None), (3, None), (0, None), (4, None)]
)
def test_floats_are_light_where_nothing_else_is_said(tmp_path, said, taken):
    path = tmp_path / "a.dpx"
    path.write_bytes(dpx(bytes(4 * 9), (3, 1), bits=32, transfer=said))
    if taken:
        assert read_headers(path)[0].transfer == taken
    else:
        with pytest.raises(LatticeError, match=f"transfer {said}: expected code values of a known encoding: add"):
            read_headers(path)
        assert read_headers(path, "linear")[0].transfer == "linear"


@pytest.mark.parametrize("bits", [10, 16])
def test_adx_is_aces_light(folder, bits):
    body = BODY if bits == 10 else COLOR.astype(">u2").tobytes()
    (folder / "a.dpx").write_bytes(dpx(body, (5, 2), bits=bits, transfer=13))
    (frame,) = read_parts(folder / "a.dpx")
    assert frame.header.line == f"DPX, {bits} bits, taken as adx"
    assert frame.header.chromaticities == PRIMARIES["ACES2065-1"].xy
    light = np.stack([frame.channels[name] for name in "RGB"], axis=-1)
    np.testing.assert_allclose(light, decode_adx(WANTED, bits), rtol=1e-6)
    assert light.dtype == np.float32
    go(folder / "a.dpx", folder / "g.exr")
    go(folder / "a.dpx", folder / "n.exr", input="ACES2065-1")
    report = go(folder / "a.dpx", folder / "h.exr", "failed", input="Rec.709")
    assert "input: expected none for ACES2065-1, got Rec.709; leave --input out" in report.why
    go(folder / "a.dpx", folder / "h.exr", transfer="cineon", input="Rec.709")


def test_adx_that_no_file_names_may_be_asked_for(tmp_path):
    path = tmp_path / "a.dpx"
    path.write_bytes(dpx(BODY, (5, 2), transfer=1))
    assert read_headers(path, "adx")[0].chromaticities == PRIMARIES["ACES2065-1"].xy
    path.write_bytes(dpx(bytes(32), (5, 2), bits=8, transfer=13))
    with pytest.raises(
        LatticeError, match="transfer: expected adx for a DPX or Cineon of 10 or 16 bits alone, got DPX"
    ):
        read_headers(path)
    assert read_headers(path, "cineon")
