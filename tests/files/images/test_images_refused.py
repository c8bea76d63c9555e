"""Images that are no EXR and are refused, each in one line: cut short, mislabelled, of a kind that is not read."""

from __future__ import annotations

import os

import numpy as np
import pytest
from image_samples import KINDS, SOURCES, codes_for, named, save_by_oiio, save_source

from lattice.files.images.file import write
from lattice.files.images.formats import REGISTER
from lattice.files.images.spec import EncodedImage
from lattice.files.source import read_headers, read_parts
from lattice.types import LatticeError

pytestmark = pytest.mark.usefixtures("oiio")
TIFF, DPX = KINDS["TIFF"], KINDS["DPX"]


def refused(path, match, transfer="auto"):
    for read in (read_headers, read_parts):
        with pytest.raises(LatticeError, match=match) as caught:
            read(path, transfer)
        assert str(caught.value).startswith(str(path))
        assert "\n" not in str(caught.value)


def cut(path, end):
    path.write_bytes(path.read_bytes()[:end])
    return path


@pytest.fixture
def tiff(tmp_path):
    path = tmp_path / "a.tif"
    write(path, TIFF, EncodedImage(codes_for(TIFF, (9, 7))))
    return path


@pytest.mark.parametrize("kind", SOURCES, ids=named)
@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.99])
def test_a_file_cut_short_is_refused(tmp_path, oiio, kind, share):
    path = save_source(oiio, tmp_path / f"a{kind.suffixes[0]}", kind, (40, 50))
    cut(path, int(share * path.stat().st_size))
    with pytest.raises(LatticeError, match=r"cut short|cannot be|expected") as caught:
        read_parts(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("compression", ["lzw", "zip", "packbits"])
def test_a_tiff_cut_short_is_refused_whatever_packs_it(tmp_path, oiio, compression):
    path = tmp_path / "a.tif"
    save_by_oiio(oiio, path, "tiff", codes_for(TIFF, (90, 70)), "uint16", compression=compression)
    data = bytearray(path.read_bytes())
    directory = int.from_bytes(data[4:8], "little")
    if directory > 1000:  # the pixels come first: their end is what is lost, the directory is kept
        data[4:8] = (directory - 400).to_bytes(4, "little")
    path.write_bytes(data[: directory - 400] + data[directory:])
    with pytest.raises(LatticeError):
        read_parts(path)


@pytest.mark.parametrize("kind", REGISTER, ids=named)
def test_what_is_not_what_its_name_says_is_refused(tmp_path, kind):
    path = tmp_path / f"a{kind.suffixes[0]}"
    path.write_bytes(b"\x76\x2f\x31\x01 an EXR " * 9)
    refused(path, "expected")


@pytest.mark.parametrize("kind", [kind for kind in REGISTER if not kind.is_source], ids=named)
def test_previews_are_no_source(tmp_path, kind):
    path = tmp_path / f"a{kind.suffixes[0]}"
    write(path, kind, EncodedImage(codes_for(kind) * 0))
    refused(path, f"expected EXR, DPX, Cineon, Radiance HDR, TIFF, got {kind.name}, which is only written")


def test_odd_tiffs_are_refused(tmp_path, oiio, tiff):
    from PIL import Image

    gray = Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8))
    color = gray.convert("RGB")
    for mode, why in {"P": "a palette", "CMYK": "CMYK", "LAB": "Lab", "YCbCr": "YCbCr"}.items():
        image = Image.new("LAB", (8, 8)) if mode == "LAB" else color.convert(mode)
        image.save(tmp_path / "odd.tif")
        refused(tmp_path / "odd.tif", f"expected a TIFF of RGB, gray or LogLuv, got {why}")
    gray.convert("1").save(tmp_path / "odd.tif")
    refused(tmp_path / "odd.tif", r"bits: expected 8, 16 or floats, got 1 \(uint8\)")
    color.save(tmp_path / "pages.tif", save_all=True, append_images=[color])
    refused(tmp_path / "pages.tif", "pages: expected 1, got more")
    save_by_oiio(oiio, tmp_path / "b.tif", "tiff", np.zeros((4, 4, 3)), "double")
    refused(tmp_path / "b.tif", "bits: expected 8, 16 or floats, got 64")
    save_by_oiio(oiio, tmp_path / "o.tif", "tiff", np.zeros((4, 4, 3), np.uint8), "uint8", Orientation=6)
    refused(tmp_path / "o.tif", r"orientation: expected 1 \(top left\), got 6")


def test_a_plain_tiff_cut_short_is_refused(tmp_path):
    from PIL import Image

    path = tmp_path / "a.tif"
    Image.fromarray(codes_for(TIFF, (90, 70), 8)).save(path)  # what it says comes first, the pixels last
    cut(path, path.stat().st_size - 1)
    with pytest.raises(LatticeError, match="cannot be decoded"):
        read_parts(path)


def test_an_hdr_of_xyz_is_refused(tmp_path, oiio):
    path = save_source(oiio, tmp_path / "a.hdr", KINDS["Radiance HDR"])
    path.write_bytes(path.read_bytes().replace(b"rle_rgbe", b"rle_xyze"))
    refused(path, "FORMAT: expected 32-bit_rle_rgbe, got 32-bit_rle_xyze")


@pytest.mark.parametrize(
    ("offset", "value", "match"),
    [
        (770, b"\0\2", r"image elements: expected 1, got 2"),
        (800, b"\7", r"descriptor: expected 6 \(gray\) or 50 \(R, G, B\) or 51 \(R, G, B, A\), got 7"),
        (803, b"\100", r"bits: expected 8 or 10 or 12 or 16 or 32 \(floats\), got 64"),
        (803, b"\40", "expected 2468 bytes, got a file cut short at byte 2188"),
        (806, b"\0\1", r"encoding: expected 0 \(none\), got 1"),
        (768, b"\0\1", r"orientation: expected 0 \(top left\), got 1"),
        (772, bytes(4), "size: expected 1x1 or more, got 0x5"),
        (776, b"\0\1\0\0", "got a file cut short at byte"),
        (772, b"\xff\xff\0\0", "got a file cut short at byte"),
        (16, b"\0\1\0\0", "expected 65536 bytes, got a file cut short at byte"),
    ],
)
def test_odd_dpx_are_refused(tmp_path, offset, value, match):
    path = tmp_path / "a.dpx"
    write(path, DPX, EncodedImage(codes_for(DPX)))
    data = bytearray(path.read_bytes())
    data[offset : offset + len(value)] = value
    path.write_bytes(data)
    refused(path, match)


def test_what_is_too_large_to_be_true_is_refused(tiff):
    data = tiff.read_bytes()
    for tag in (256, 257):
        entry = tag.to_bytes(2, "little") + b"\4\0\1\0\0\0"
        at = data.index(entry) + len(entry)
        data = data[:at] + (60_000).to_bytes(4, "little") + data[at + 4 :]
    tiff.write_bytes(data)
    refused(tiff, "size: expected at most .* bytes of code values in a file of|cannot be read")


def test_no_file_a_folder_a_pipe(tmp_path):
    refused(tmp_path / "none.dpx", "expected a file, got none")
    (tmp_path / "folder.tif").mkdir()
    refused(tmp_path / "folder.tif", "got a folder")
    os.mkfifo(tmp_path / "pipe.hdr")
    refused(tmp_path / "pipe.hdr", "got a pipe or a device")


def test_a_name_that_is_no_text(tmp_path, tiff):
    path = tmp_path / os.fsdecode(b"\xff.tif")
    tiff.rename(path)
    refused(path, "expected a name in UTF-8")


def test_an_exr_is_linear(tmp_path):
    from exr_samples import save, smooth

    save(tmp_path / "a.exr", {name: smooth((4, 4)) for name in "RGB"})
    assert read_headers(tmp_path / "a.exr")
    with pytest.raises(LatticeError, match="transfer: expected auto for an EXR, which holds linear light, got srgb"):
        read_headers(tmp_path / "a.exr", "srgb")
