"""DPX and Cineon, byte for byte: headers and words by hand, and the same files as other programs read them."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from basics import require
from image_samples import NOTE

from lattice.files.images.cineon import cineon_spec, pack_cineon
from lattice.files.images.dpx import dpx_spec, pack_dpx, unpack_dpx
from lattice.files.images.spec import EncodedImage
from lattice.types import LatticeError

# Two lines of three pixels: 1, 2, 3...
PIXELS = np.arange(1, 19, dtype=np.uint16).reshape(2, 3, 3)
WIDTHS = (1, 2, 3, 4, 5, 6, 7, 64)


def dpx(pixels=PIXELS, **given):
    return b"".join(pack_dpx(EncodedImage(pixels, NOTE, **given)))


def cineon(pixels=PIXELS):
    return b"".join(pack_cineon(EncodedImage(pixels, NOTE)))


def number(data, offset, kind=">I"):
    return struct.unpack_from(kind, data, offset)[0]


def test_a_dpx_byte_for_byte():
    data = dpx(aspect=2.0, timecode=0x10203004)
    assert data[:4] == b"SDPX"
    assert number(data, 4) == number(data, 808) == 2048
    assert data[8:16] == b"V2.0\0\0\0\0"
    assert number(data, 16) == len(data) == 2048 + 2 * 3 * 4
    assert (number(data, 24), number(data, 28), number(data, 32)) == (1664, 384, 0)
    assert data[136:160] == bytes(24), "a date"
    assert data[160:].startswith(b"lattice ")
    assert data[260:460].rstrip(b"\0").decode() == NOTE
    assert number(data, 660) == 2**32 - 1
    assert (number(data, 768, ">H"), number(data, 770, ">H")) == (0, 1)
    assert (number(data, 772), number(data, 776)) == (3, 2)
    assert number(data, 796, ">f") == pytest.approx(2.046)
    assert tuple(data[800:804]) == (50, 1, 1, 10)
    assert (number(data, 804, ">H"), number(data, 806, ">H")) == (1, 0)
    assert (number(data, 1628), number(data, 1632)) == (2, 1)
    assert data[1920:1924] == bytes([0x10, 0x20, 0x30, 0x04])
    assert number(dpx(), 1920) == 2**32 - 1
    for word, first in enumerate((1, 4, 7, 10, 13, 16)):
        assert number(data, 2048 + 4 * word) == first << 22 | (first + 1) << 12 | (first + 2) << 2


def test_alpha_goes_along_and_lines_begin_with_a_word():
    data = dpx(np.arange(1, 9, dtype=np.uint16).reshape(2, 1, 4))
    assert data[800] == 51
    words = struct.unpack(">4I", data[2048:])
    assert words == (1 << 22 | 2 << 12 | 3 << 2, 4 << 22, 5 << 22 | 6 << 12 | 7 << 2, 8 << 22)


def test_a_cineon_byte_for_byte():
    data = cineon()
    assert number(data, 0) == 0x802A5FD7
    assert (number(data, 4), number(data, 8), number(data, 12), number(data, 16)) == (2048, 1024, 1024, 0)
    assert number(data, 20) == len(data) == 2048 + 24
    assert data[24:32] == b"V4.5\0\0\0\0"
    assert data[132:156] == bytes(24), "a date"
    assert tuple(data[192:194]) == (0, 3)
    for k in range(3):
        assert tuple(data[196 + 28 * k : 199 + 28 * k]) == (0, k + 1, 10)
        assert (number(data, 200 + 28 * k), number(data, 204 + 28 * k)) == (3, 2)
    assert data[452:652].rstrip(b"\0").decode() == NOTE
    assert tuple(data[680:684]) == (0, 5, 0, 0)
    assert data[2048:] == dpx()[2048:]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("channels", [3, 4])
def test_ffmpeg_reads_the_same_codes(tmp_path, width, channels):
    try:
        import av
    except ImportError:
        require("dailies", "PyAV is not installed")
    pixels = np.random.default_rng(width).integers(0, 1024, (3, width, channels)).astype(np.uint16)
    (tmp_path / "a.dpx").write_bytes(dpx(pixels))
    with av.open(str(tmp_path / "a.dpx")) as file:
        frame = next(file.decode(video=0))
    assert frame.format.name in ("gbrp10le", "gbrap10le")
    planes = [np.frombuffer(bytes(plane), "<u2").reshape(plane.height, -1)[:, :width] for plane in frame.planes]
    np.testing.assert_array_equal(np.stack([planes[2], planes[0], planes[1], *planes[3:]], axis=-1), pixels)


@pytest.mark.parametrize("pack", [dpx, cineon])
def test_openimageio_reads_the_same_codes_and_words(tmp_path, oiio, pack):
    pixels = np.random.default_rng(0).integers(0, 1024, (3, 7, 3)).astype(np.uint16)
    (tmp_path / "a").write_bytes(pack(pixels))
    file = oiio.ImageInput.open(str(tmp_path / "a"))
    np.testing.assert_array_equal(file.read_image(0, 0, 0, 3, "uint16") >> 6, pixels)
    assert file.spec().get_int_attribute("oiio:BitsPerSample") == 10
    if pack is dpx:
        assert file.spec().getattribute("dpx:Transfer") == "Printing density"
        assert file.spec().getattribute("dpx:Colorimetric") == "Printing density"
        assert file.spec().getattribute("DocumentName") == NOTE
    file.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_alpha_of_every_width_is_unpacked_whole(tmp_path, oiio, width):
    pixels = np.random.default_rng(width).integers(0, 1024, (3, width, 4)).astype(np.uint16)
    np.testing.assert_array_equal(unpack_dpx(dpx(pixels), ""), pixels)
    spec = oiio.ImageSpec(width, 3, 4, "uint16")
    spec.attribute("oiio:BitsPerSample", 10)
    out = oiio.ImageOutput.create("dpx")  # little-endian, where its data begin elsewhere
    assert out.open(str(tmp_path / "a.dpx"), spec)
    assert out.write_image(pixels << 6 | pixels >> 4)
    out.close()
    data = (tmp_path / "a.dpx").read_bytes()
    assert data[:4] == b"XPDS"
    np.testing.assert_array_equal(unpack_dpx(data, ""), pixels)


def test_what_they_say_of_themselves():
    facts = dpx_spec(None, dpx(aspect=2.0, timecode=7), 2072, "a.dpx")
    assert (facts.size, facts.channels, facts.bits, facts.transfer) == ((3, 2), 3, 10, "cineon")
    assert (facts.aspect, facts.timecode, facts.note) == (2.0, 7, NOTE)
    facts = cineon_spec(None, cineon(), 2072, "a.cin")
    assert (facts.size, facts.channels, facts.bits, facts.transfer, facts.note) == ((3, 2), 3, 10, "cineon", NOTE)


@pytest.mark.parametrize(("look", "pack"), [(dpx_spec, dpx), (cineon_spec, cineon)])
def test_a_byte_that_is_missing_is_missed(look, pack):
    assert look(None, pack(), 2072, "a")
    with pytest.raises(LatticeError, match=r"^a: expected 2072 bytes, got a file cut short at byte 2071$"):
        look(None, pack(), 2071, "a")
    with pytest.raises(LatticeError, match=r"^a: header: expected .* got a file cut short at byte 500"):
        look(None, pack()[:500], 500, "a")
