"""DPX and Cineon of other programs: every depth, packing and line length read as those read it, odd headers refused."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from basics import require
from image_samples import KINDS, NOTE, codes_in, save_by_oiio

from lattice.files.images.cineon import cineon_spec, pack_cineon, unpack_cineon
from lattice.files.images.dpx import dpx_spec, pack_dpx, unpack_dpx
from lattice.files.images.spec import EncodedImage
from lattice.types import LatticeError

WIDTHS = (1, 5, 6, 7, 8)
NONE = b"\xff" * 4


@pytest.fixture
def av():
    try:
        import av
    except ImportError:
        require("dailies", "PyAV is not installed")
    return av


def codes(bits, width, channels=3, height=4):
    random = np.random.default_rng(width)
    return random.integers(0, 2**bits, (height, width, channels)).astype("u1" if bits == 8 else "u2")


def by_ffmpeg(av, pixels, form):
    """The bytes of a DPX by FFmpeg's own encoder."""
    height, width, _ = pixels.shape
    frame = av.VideoFrame(width, height, form)
    order = ">" if form.endswith("be") else "<"
    stored = pixels.astype(pixels.dtype.newbyteorder(order))
    planes = [stored[..., k] for k in (1, 2, 0)] if form.startswith("gbr") else [stored]
    for plane, lines in zip(frame.planes, planes, strict=True):
        packed = np.zeros((height, plane.line_size), np.uint8)
        given = np.ascontiguousarray(lines.reshape(height, -1)).view(np.uint8)
        packed[:, : given.shape[1]] = given
        plane.update(packed.tobytes())
    encoder = av.CodecContext.create("dpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = width, height, form, Fraction(1, 24)
    return b"".join(bytes(packet) for packet in (*encoder.encode(frame), *encoder.encode(None)))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("form", "bits", "channels"),
    [
        ("gray", 8, 1),
        ("gray16le", 16, 1),
        ("gray16be", 16, 1),
        ("rgb24", 8, 3),
        ("rgba", 8, 4),
        ("gbrp10le", 10, 3),
        ("gbrp10be", 10, 3),
        ("gbrp12le", 12, 3),
        ("gbrp12be", 12, 3),
        ("rgb48le", 16, 3),
        ("rgb48be", 16, 3),
        ("rgba64le", 16, 4),
        ("rgba64be", 16, 4),
    ],
)
def test_ffmpegs_files(av, form, bits, channels, width):
    given = codes(bits, width, channels)
    data = by_ffmpeg(av, given, form)
    facts = dpx_spec(Path(), data[: 2**16], len(data), "")
    assert (facts.size, facts.channels, facts.bits) == ((width, 4), channels, bits)
    assert facts.timecode is None, "its picture begins at 1664, where others have a time code"
    np.testing.assert_array_equal(unpack_dpx(data, ""), given)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("packing", ["Packed", "Filled, method A", "Filled, method B"])
@pytest.mark.parametrize("bits", [8, 10, 12, 16])
@pytest.mark.parametrize("endian", ["big", "little"])
@pytest.mark.parametrize("channels", [1, 3])
def test_openimageios_files(tmp_path, oiio, width, packing, bits, endian, channels):
    given = codes(bits, width, channels)
    stored = given.astype(int) if bits == 8 else (given.astype(int) << 16 - bits | given.astype(int) >> 2 * bits - 16)
    path = tmp_path / "a.dpx"
    save_by_oiio(
        oiio,
        path,
        "dpx",
        stored.astype(given.dtype),
        "uint8" if bits == 8 else "uint16",
        oiio__BitsPerSample=bits,
        dpx__Packing=packing,
        oiio__Endian=endian,
    )
    data = path.read_bytes()
    assert data[:4] == (b"SDPX" if endian == "big" else b"XPDS")
    np.testing.assert_array_equal(codes_in(path, KINDS["DPX"]), given)
    np.testing.assert_array_equal(unpack_dpx(data, ""), given)


def by_hand(bits, lines, width, packing=0, told=None, padding=0, descriptor=50):
    """A big-endian DPX of lines of bytes, whose picture follows the shortest header."""
    body = b"".join(lines)
    data = bytearray(1664)
    struct.pack_into(">4sI", data, 0, b"SDPX", 1664)
    struct.pack_into(">I", data, 16, 1664 + len(body) if told is None else told)
    struct.pack_into(">HHII", data, 768, 0, 1, width, len(lines))
    struct.pack_into(">4BHHII", data, 800, descriptor, 2, 0, bits, packing, 0, 1664, padding)
    return bytes(data) + body


def test_lines_begin_at_words_where_the_file_has_room():
    lines = [bytes([1, 2, 3]), bytes([4, 5, 6])]
    wanted = [[[1, 2, 3]], [[4, 5, 6]]]
    for padding, fill in ((0, 1), (0, 0), (5, 6), (5, 5), (2**32 - 1, 1)):
        data = by_hand(8, [line + bytes(fill) for line in lines], 1, padding=padding)
        np.testing.assert_array_equal(unpack_dpx(data, ""), wanted)
    data = by_hand(8, [lines[0] + bytes(5), lines[1]], 1, padding=5)  # none after the last line
    np.testing.assert_array_equal(unpack_dpx(data, ""), wanted)
    whole = by_hand(8, [line + b"\0" for line in lines], 1, told=0)
    with pytest.raises(LatticeError, match=r"^a: expected 1672 bytes, got a file cut short at byte 1671"):
        unpack_dpx(whole[:-1], "a")  # nobody can tell how its lines lie
    np.testing.assert_array_equal(unpack_dpx(by_hand(8, lines, 1, told=0), ""), wanted)


@pytest.mark.parametrize(
    ("bits", "packing", "line"),
    [(8, 1, 8), (16, 1, 12), (12, 1, 12), (12, 2, 12), (12, 0, 12), (10, 1, 8), (10, 2, 8), (10, 0, 8)],
)
def test_a_byte_of_each_depth_that_is_missing_is_missed(bits, packing, line):
    data = by_hand(bits, [bytes(line)] * 3, 2, packing)
    assert unpack_dpx(data, "").shape == (3, 2, 3)
    with pytest.raises(LatticeError, match=f"expected {1664 + 3 * line} bytes"):
        unpack_dpx(by_hand(bits, [bytes(line)] * 3, 2, packing, told=0)[:-1], "")


def test_words_by_hand():
    word = struct.pack(">I", 1 << 20 | 2 << 10 | 3)
    assert unpack_dpx(by_hand(10, [word], 1, 2), "").tolist() == [[[1, 2, 3]]]
    word = struct.pack(">I", 1 | 2 << 10 | 3 << 20)  # from the lowest bit up
    assert unpack_dpx(by_hand(10, [word], 1, 0), "").tolist() == [[[1, 2, 3]]]
    words = struct.pack(">II", 1 | 2 << 12 | (0x345 & 0xFF) << 24, 0x345 >> 8)
    assert unpack_dpx(by_hand(12, [words], 1, 0), "").tolist() == [[[1, 2, 0x345]]]


PIXELS = np.arange(18, dtype=np.uint16).reshape(2, 3, 3)
DPX, CINEON = (
    b"".join(pack(EncodedImage(PIXELS, NOTE, timecode=7 if pack is pack_dpx else None)))
    for pack in (pack_dpx, pack_cineon)
)


def changed(data, *places):
    data = bytearray(data)
    for offset, value in places:
        data[offset : offset + len(value)] = value
    return bytes(data)


@pytest.mark.parametrize(
    ("offset", "value", "match"),
    [
        (4, bytes(4), r"picture: expected it to begin at a byte from 2048 to 2072, got 0"),
        (4, struct.pack(">I", 2047), "begin at a byte from 2048 to 2072, got 2047"),
        (4, NONE, "got 4294967295"),
        (16, b"\x7f\0\0\0", "begin at a byte from 2130708480 to 2072, got 2048"),
        (193, b"\4", r"channels: expected 3 \(R, G, B\), got 4"),
        (198, b"\x08", "bits of element 1: expected 10, got 8"),
        (226, b"\x20", "bits of element 2: expected 10, got 32"),
        (254, b"\x20", "bits of element 3: expected 10, got 32"),
        (228, b"\0\0\0\4", "width of element 2: expected 3, got 4"),
        (260, b"\0\0\0\4", "height of element 3: expected 2, got 4"),
        (680, b"\1", r"interleave: expected 0 \(by pixel\), got 1"),
        (681, b"\2", r"packing: expected 5 \(32-bit words\), got 2"),
        (682, b"\1", r"data sign: expected 0 \(unsigned\), got 1"),
        (683, b"\1", r"image sense: expected 0 \(positive\), got 1"),
        (192, b"\1", r"orientation: expected 0 \(top left\), got 1"),
    ],
)
def test_odd_cineons_are_refused(offset, value, match):
    with pytest.raises(LatticeError, match=match):
        cineon_spec(Path(), changed(CINEON, (offset, value)), len(CINEON), "a")


@pytest.mark.parametrize(
    ("places", "match"),
    [
        ([(808, b"\0\0\6\x7f"), (4, b"\0\0\6\x7f")], "begin at a byte from 2048 to 2072, got 1663"),
        ([(24, bytes(12)), (808, b"\0\0\6\x7f"), (4, b"\0\0\6\x7f")], "from 1664 to 2072, got 1663"),
        ([(808, bytes(4)), (4, bytes(4))], "got 0"),
        ([(808, NONE), (4, NONE)], "got 4294967295"),
        ([(32, b"\x7f\0\0\0")], "from 2130708480 to 2072, got 2048"),
        ([(808, struct.pack(">I", 2073)), (4, struct.pack(">I", 2073))], "got 2073"),
        ([(780, b"\0\0\0\1")], r"data sign: expected 0 \(unsigned\), got 1"),
        ([(804, b"\0\3")], "packing: expected 0 .* got 3"),
    ],
)
def test_odd_dpx_are_refused(places, match):
    with pytest.raises(LatticeError, match=match):
        dpx_spec(Path(), changed(DPX, *places), len(DPX), "a")


@pytest.mark.parametrize("nothing", [bytes(4), NONE])
def test_a_dpx_that_says_nothing_of_its_data_begins_where_its_picture_does(nothing):
    np.testing.assert_array_equal(unpack_dpx(changed(DPX, (808, nothing)), ""), PIXELS)


def test_parts_of_a_header_that_nobody_counts():
    for offsets, data, unpack in (((24, 28, 32), DPX, unpack_dpx), ((8, 12, 16), CINEON, unpack_cineon)):
        np.testing.assert_array_equal(unpack(changed(data, *((offset, NONE) for offset in offsets)), ""), PIXELS)


def test_pixels_and_the_users_bytes_are_no_time_code():
    assert dpx_spec(Path(), DPX, len(DPX), "").timecode == 7
    user = changed(DPX, (28, bytes(4)), (32, struct.pack(">I", 384)))
    assert dpx_spec(Path(), user, len(DPX), "").timecode is None
    shortest = changed(DPX, (4, struct.pack(">I", 1664)), (28, bytes(4)), (808, struct.pack(">I", 1664)))
    assert dpx_spec(Path(), shortest, len(DPX), "").timecode is None
    tiny = by_hand(16, [bytes(8)], 1)
    assert dpx_spec(Path(), tiny, len(tiny), "").timecode is None


def test_line_padding_of_a_cineon():
    lines = [CINEON[2048:2060], CINEON[2060:]]
    padded = changed(CINEON[:2048], (684, b"\0\0\0\5"), (20, bytes(4))) + lines[0] + bytes(5) + lines[1]
    np.testing.assert_array_equal(unpack_cineon(padded, ""), PIXELS)
    with pytest.raises(LatticeError, match="expected 2077 bytes, got a file cut short at byte 2076"):
        unpack_cineon(padded[:-1], "")


@pytest.mark.parametrize(
    ("data", "places"),
    [
        (CINEON, [(420, 452), (712, 720), (972, 984), (1024, 1027), (1028, 1036), (1068, 1076)]),
        (DPX, [(660, 664), (1408, 1432), (1620, 1628), (1636, 1644), (1712, 1732), (1924, 1928), (1932, 1972)]),
    ],
)
def test_numbers_that_nobody_gives(data, places):
    for start, end in places:
        assert data[start:end] == b"\xff" * (end - start)
    others = {k for k in range(2048) if data[k] == 0xFF and not any(start <= k < end for start, end in places)}
    assert others == ({795} if data is DPX else set()), "of code 1023"


def test_openimageio_is_told_no_number_that_nobody_gave(tmp_path, oiio):
    (tmp_path / "a").write_bytes(CINEON)
    file = oiio.ImageInput.open(str(tmp_path / "a"))
    said = {each.name.removeprefix("cineon:"): each.value for each in file.spec().extra_attribs}
    file.close()
    for name in (
        "WhitePoint",
        "RedPrimary",
        "GreenPrimary",
        "BluePrimary",
        "XDevicePitch",
        "YDevicePitch",
        "FrameRate",
    ):
        assert np.isnan(said[name]).all()
    assert {"Packing", "LabelText", "Version", "BitDepth"} <= set(said)
    assert not {"Gamma", "FramePosition", "FilmEdgeCode", "InputDeviceSerialNumber", "DeviceSerialNumber"} & set(said)
