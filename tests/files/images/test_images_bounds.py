"""Images that are no EXR at their bounds: numbers and sizes that headers may say, alpha, and damage that is noticed."""

from __future__ import annotations

import sys
import time
from dataclasses import replace

import numpy as np
import pytest
from exr_samples import save, smooth
from image_samples import KINDS, NOTE, ShownSDev, codes_for, codes_in, go, named, save_source

from lattice.channels.plan import plan_parts
from lattice.color.transfer import TRANSFERS
from lattice.files.exr.header import Attribute
from lattice.files.images import file as images
from lattice.files.images.file import check_size, says, write
from lattice.files.images.oiio import read_codes
from lattice.files.images.oiio_specs import PRIMARIES
from lattice.files.images.spec import EncodedImage, ImageSpec
from lattice.files.source import read_headers, read_parts
from lattice.regrade import plan, regrade
from lattice.regrade.frame import still as stills
from lattice.regrade.frame.alpha import divided
from lattice.regrade.frame.header import exr_header
from lattice.regrade.process import memory_budget
from lattice.types import Display, LatticeError

pytestmark = pytest.mark.usefixtures("oiio")
TIFF, HDR = KINDS["TIFF"], KINDS["Radiance HDR"]


def hdr_that_says(oiio, path, line):
    save_source(oiio, path, HDR)
    path.write_bytes(path.read_bytes().replace(b"\n\n", b"\n" + line + b"\n\n", 1))
    return path


@pytest.mark.parametrize(
    "line",
    [
        b"PRIMARIES= 1e39 0 0 1 0 0 .3 .3",
        b"PRIMARIES= 0 0 0 1 0 0 .3 -1e999",
        b"PIXASPECT= 1e-39",
        b"PIXASPECT=1e39",
        b"PIXASPECT=1e999",
    ],
)
def test_numbers_that_no_float_holds_are_refused(tmp_path, oiio, line):
    path = hdr_that_says(oiio, tmp_path / "a.hdr", line)
    with pytest.raises(LatticeError, match=rf"^{path}: P[A-Z]*: expected numbers up to 3.403e\+38, got [-+0-9.einf]*$"):
        read_headers(path)


@pytest.mark.parametrize(("said", "aspect"), [(b"2.0", 0.5), (b".5", 2), (b"4.", 0.25), (b"0", 1), (b"-1", 1)])
def test_the_aspect_of_an_hdr_is_height_over_width(tmp_path, oiio, said, aspect):
    path = hdr_that_says(oiio, tmp_path / "a.hdr", b"PIXASPECT= " + said)
    assert read_headers(path)[0].pixel_aspect == aspect


def test_no_line_of_numbers_takes_long():
    start = time.perf_counter()
    assert PRIMARIES.search("PRIMARIES= " + "1" * 50_000 + "x") is None
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize("size", [(1, 100_000), (64, 20_000), (6000, 6000)])
def test_a_black_tiff_packs_well(tmp_path, size):
    (tmp_path / "a.tif").write_bytes(b"".join(TIFF.pack(EncodedImage(np.zeros((*size[::-1], 3), np.uint16)))))
    assert read_headers(tmp_path / "a.tif")[0].spec.size == size


def test_a_size_that_no_file_holds():
    large = ImageSpec((20_000, 20_000), 3, 16, "srgb")
    check_size(large, 20_000 * 20_000 * 6 // 1032, "a")
    check_size(ImageSpec((12_000, 12_000), 3, 8, "srgb"), 9, "a")
    for facts, size in ((large, 1000), (ImageSpec((60_000, 60_000), 3, 16, "srgb"), 2**40)):
        with pytest.raises(
            LatticeError,
            match=rf"^a: size: expected at most {2**30 if size == 1000 else 2**34} bytes "
            rf"of code values in a file of {size}, got \d+x\d+ with 3 channels of",
        ):
            check_size(facts, size, "a")


def tiff_of(path, alpha=False, straight=False, shape=(5, 7)):
    write(path, TIFF, EncodedImage(codes_for(TIFF, shape, alpha=alpha), NOTE, straight))
    return path


def with_tag(path, tag, old, new):
    entry = tag.to_bytes(2, "little") + b"\3\0\1\0\0\0"
    data = path.read_bytes()
    assert data.count(entry + old.to_bytes(4, "little")) == 1
    path.write_bytes(data.replace(entry + old.to_bytes(4, "little"), entry + new.to_bytes(4, "little")))


def test_an_output_is_not_decoded_that_is_too_large_to_be_true_or_says_another_thing(tmp_path, monkeypatch):
    path = tiff_of(tmp_path / "a.tif")
    monkeypatch.setattr(images, "_codes", lambda *given: pytest.fail("decoded"))
    assert not says(path, "another")
    real = TIFF.look
    monkeypatch.setattr(
        images, "format_of", lambda path: replace(TIFF, look=lambda *given: replace(real(*given), size=(2**16, 2**16)))
    )
    for look in (lambda: says(path, NOTE), lambda: read_headers(path)):
        with pytest.raises(LatticeError, match="size: expected at most"):
            look()


def test_what_changed_since_it_was_looked_at_is_not_decoded(tmp_path, monkeypatch):
    path = tiff_of(tmp_path / "a.tif")
    facts = read_headers(path)[0].spec
    assert read_codes(path, "tiff", facts, "").shape == (5, 7, 3)
    for other in ({"size": (7, 6)}, {"channels": 4}, {"bits": 8}, {"is_float": True}):
        with pytest.raises(LatticeError, match="expected width, height, channels, type"):
            read_codes(path, "tiff", replace(facts, **other), "")
    monkeypatch.setattr(images, "_codes", lambda *given: np.zeros((5, 6, 3), np.uint16))
    with pytest.raises(LatticeError, match=r"size: expected \(5, 7\) with 3 channels, got \(5, 6, 3\)"):
        read_parts(path)


def test_an_icc_profile_is_not_used_and_that_is_said(folder):
    from PIL import Image, ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(codes_for(TIFF, bits=8)).save(folder / "a.tif", icc_profile=profile)
    assert (
        "TIFF, 8 bits, taken as srgb; its ICC profile is not used"
        in plan(ShownSDev(), folder / "a.tif", folder / "b.exr").lines
    )
    assert read_headers(tiff_of(folder / "c.tif"))[0].line == "TIFF, 16 bits, taken as srgb"


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("transfer", TRANSFERS)
def test_the_same_picture_is_the_same_light_straight_and_premultiplied(tmp_path, bits, transfer):
    most = 2**bits - 1
    alpha = np.array([[0, most // 3, most // 5 * 4, most]])
    shown = np.array([[most // 2, most // 5 * 4, most // 7 * 3, most // 3]])
    times = np.array([[1, alpha[0, 1] / most, alpha[0, 2] / most, 1]])
    light = []
    for straight in (False, True):
        stored = shown if straight else np.rint(shown * times)
        codes = np.stack([stored] * 3 + [alpha], axis=-1).astype(np.uint8 if bits == 8 else np.uint16)
        write(tmp_path / "a.tif", TIFF, EncodedImage(codes, straight=straight))
        (frame,) = read_parts(tmp_path / "a.tif", transfer)
        light.append(frame.channels["G"].astype(float) * (times if straight else 1))
        assert frame.channels["G"].dtype == (np.float16 if straight and bits == 8 else np.float32)
    np.testing.assert_allclose(light[0], light[1], rtol=0.04 if bits == 8 else 1e-3)
    assert light[0][0, 0] == pytest.approx(TRANSFERS[transfer].decode(shown[0, 0] / most)), "taken as it is"


def test_the_same_picture_is_graded_the_same_straight_and_premultiplied(folder):
    codes = codes_for(TIFF, (40, 50), alpha=True)
    codes[..., 3] = np.maximum(codes[..., 3], 6000)
    share = codes[..., 3:] / 65535
    write(folder / "s.tif", TIFF, EncodedImage(codes, straight=True))
    write(
        folder / "p.tif",
        TIFF,
        EncodedImage(np.concatenate([np.rint(codes[..., :3] * share), codes[..., 3:]], axis=-1).astype(np.uint16)),
    )
    for name in "sp":
        go(folder / f"{name}.tif", folder / f"{name}.g.tif")
    straight, premultiplied = (codes_in(folder / f"{name}.g.tif", TIFF).astype(float) for name in "sp")
    np.testing.assert_allclose(premultiplied[..., :3], straight[..., :3] * share, atol=3)


def test_printing_density_of_a_dpx_is_of_multiplied_light(tmp_path):
    codes = codes_for(KINDS["DPX"], alpha=True)
    write(tmp_path / "a.dpx", KINDS["DPX"], EncodedImage(codes))
    green = read_parts(tmp_path / "a.dpx")[0].channels["G"]
    np.testing.assert_array_equal(green, TRANSFERS["cineon"].decode(codes[..., 1] / 1023).astype(np.float16))


def test_color_is_not_divided_by_an_alpha_that_covers_nothing():
    alpha = np.array([[0, 0.5, np.inf, np.nan, -1]], np.float32)
    assert divided(np.ones((1, 5), np.float32), alpha).tolist() == [[1, 2, 1, 1, 1]]


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.bits and kind.pack], ids=named)
def test_a_flipped_bit_is_done_again(scene, kind):
    target = scene.with_name(f"g{kind.suffixes[0]}")
    go(scene, target)
    whole = target.read_bytes()
    place = 2048 + 400 if kind.log else 300
    target.write_bytes(whole[:place] + bytes([whole[place] ^ 16]) + whole[place + 1 :])
    go(scene, target)
    assert target.read_bytes() == whole
    go(scene, target, "skipped")


def test_a_long_name_of_several_lines_is_one_line_that_fits(scene):
    sdev = ShownSDev(name="night\n\0 of  the\u2028" + "x" * 300 + "\u00e9")
    text = stills.note({"name": sdev.name, "version": "0.1.0"}, "00" * 32, "1a2b3c4d")
    assert text.startswith("lattice 0.1.0 night of the xxx")
    assert len(text) + 9 <= 200
    for suffix in (".dpx", ".cin", ".tif"):
        once = scene.with_name(f"g{suffix}")
        assert regrade(plan(sdev, scene, once))[0].status == "ok"
        assert "got one graded with night of the xxx" in go(once, scene.with_name("h.exr"), "failed").why


@pytest.mark.parametrize("odd", [Attribute("int", bytes(8)), Attribute("timecode", bytes(4)), Attribute("v2i", b"")])
def test_only_a_time_code_is_a_time_code(folder, odd):
    header = exr_header(read_headers(tiff_of(folder / "a.tif"))[0])
    (frame,) = read_parts(folder / "a.tif")
    (channel_plan,) = plan_parts((header,), (), (), "")
    still = stills.Still(KINDS["DPX"], 0, channel_plan.rgb_layers[0], None, ())
    display = Display(1.0, np.eye(3), 2.2)
    for attribute, expected in ((odd, None), (Attribute("timecode", bytes([1, 0, 0, 0] * 2)), 1)):
        timed = header.with_attributes({**header.attributes, "timeCode": attribute})
        assert stills.codes_of(still, timed, frame.channels, frame.channels, display, "").timecode == expected


def test_memory_of_an_image_is_more_than_an_exrs(tmp_path):
    header = read_headers(tiff_of(tmp_path / "a.tif"))[0]
    exrs = memory_budget.needed((exr_header(header),), 1000)
    assert memory_budget.needed((exr_header(header),), 1000, True) == exrs + 5 * 7 * 32
    assert memory_budget.needed((header,), 1000) == exrs + 5 * 7 * 32


def test_without_openimageio_no_source_is_begun(folder, monkeypatch):
    write(folder / "a.dpx", KINDS["DPX"], EncodedImage(codes_for(KINDS["DPX"])))
    save(folder / "a.exr", {name: smooth((4, 4)) for name in "RGB"})
    monkeypatch.setitem(sys.modules, "OpenImageIO", None)
    with pytest.raises(LatticeError, match=r"pip install '\.\[images\]'"):
        plan(ShownSDev(), folder / "a.dpx", folder / "b.exr")
    assert not plan(ShownSDev(), folder / "a.exr", folder / "b.exr").refused
