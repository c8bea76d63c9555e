"""TIFFs that are a part of a larger picture keep their place in it."""

from __future__ import annotations

import shutil
import subprocess

import numpy as np
import pytest
from exr_samples import save, smooth
from image_samples import KINDS, ShownSDev, codes_for, codes_in, go
from tiff_samples import logluv, logluv_codes, tiff

from lattice.files.exr import file as exr
from lattice.files.source import read_headers
from lattice.regrade import plan
from lattice.types import LatticeError

pytestmark = pytest.mark.usefixtures("oiio")
TIFF = KINDS["TIFF"]


def by_oiio(oiio, path, place, full, codes=None, **attributes):
    codes = codes_for(TIFF, (16, 20)) if codes is None else codes
    spec = oiio.ImageSpec(codes.shape[1], codes.shape[0], codes.shape[2], "uint16")
    spec.x, spec.y = place
    spec.full_width, spec.full_height = full
    for name, value in attributes.items():
        spec.attribute(name, value)
    out = oiio.ImageOutput.create("tiff")
    assert out.open(str(path), spec)
    assert out.write_image(codes)
    out.close()
    return codes


def by_hand(path, more):
    tags = {256: (4, [4]), 257: (4, [2]), 258: (3, [8] * 3), 259: (3, [1]), 262: (3, [2]), 277: (3, [3]), **more}
    path.write_bytes(tiff([bytes(tags[256][1][0] * 6)], tags))
    return read_headers(path)[0]


def test_a_crop_keeps_its_windows_in_an_exr(folder, oiio):
    by_oiio(oiio, folder / "a.tif", (20, 10), (200, 100))
    go(folder / "a.tif", folder / "a.exr")
    header = exr.read_header(folder / "a.exr")
    assert header.window == (20, 10, 39, 25)
    assert header.display == (0, 0, 199, 99)
    tool = shutil.which("oiiotool")
    if tool:
        subprocess.run([tool, folder / "a.tif", "-o", folder / "b.exr"], check=True)
        assert exr.read_header(folder / "b.exr").window == header.window


@pytest.mark.parametrize("suffix", [".tif", ".dpx"])
def test_other_images_show_the_whole_picture(folder, oiio, suffix):
    by_oiio(oiio, folder / "a.tif", (20, 10), (200, 100))
    go(folder / "a.tif", folder / f"b{suffix}")
    codes = codes_in(folder / f"b{suffix}", KINDS["TIFF" if suffix == ".tif" else "DPX"])
    assert codes.shape == (100, 200, 3)
    inside = codes[10:26, 20:40].copy()
    codes[10:26, 20:40] = codes[0, 0]
    assert (codes == codes[0, 0]).all()
    assert inside.std() > 0


def test_a_position_is_in_units_of_its_resolution(tmp_path):
    inches = {282: (5, [100, 1]), 283: (5, [200, 1]), 296: (3, [2]), 286: (5, [1, 2]), 287: (5, [1, 4])}
    header = by_hand(tmp_path / "a.tif", {**inches, 33300: (4, [64]), 33301: (4, [60])})
    assert header.window == (50, 50, 53, 51)
    assert header.display == (0, 0, 63, 59)
    page = by_hand(tmp_path / "a.tif", inches)  # of an unknown size
    assert page.window == page.display == (50, 50, 53, 51)
    whole = by_hand(tmp_path / "a.tif", {33300: (4, [4]), 33301: (4, [2])})
    assert whole.spec.place is None
    assert whole.window == whole.display == (0, 0, 3, 1)


def test_logluv_has_a_place_too(tmp_path):
    more = {286: (5, [3, 1]), 287: (5, [2, 1]), 33300: (4, [64]), 33301: (4, [60])}
    (tmp_path / "a.tif").write_bytes(logluv(logluv_codes(np.ones((4, 5, 3))), more=more))
    (header,) = read_headers(tmp_path / "a.tif")
    assert (header.window, header.display) == ((3, 2, 7, 5), (0, 0, 63, 59))


@pytest.mark.parametrize(
    ("more", "match"),
    [
        ({33300: (4, [60_000]), 33301: (4, [60_000])}, "full size: expected at most 1073741824 bytes"),
        (
            {256: (4, [100]), 286: (5, [2**30 - 64, 1]), 287: (5, [0, 1])},
            "windows: expected pixels up to 1073741824, got",
        ),
    ],
)
def test_a_place_that_no_picture_has_is_refused(tmp_path, more, match):
    with pytest.raises(LatticeError, match=match):
        by_hand(tmp_path / "a.tif", more)


def test_what_is_outside_the_display_window_is_said(folder, oiio):
    by_oiio(oiio, folder / "a.tif", (190, 95), (200, 100))
    save(folder / "a.exr", {name: smooth((4, 4)) for name in "RGB"}, origin=(-1, 2), display=(0, 0, 5, 4))
    said = "left out, for it is outside the display window: "
    for source, line in (("a.tif", f"{said}270 of 320 pixels"), ("a.exr", f"{said}7 of 16 pixels")):
        assert line in plan(ShownSDev(), folder / source, folder / "b.tif").notes
        assert not [note for note in plan(ShownSDev(), folder / source, folder / "b.exr").notes if said in note]
    go(folder / "a.tif", folder / "b.exr")
    assert exr.read_header(folder / "b.exr").window == (190, 95, 209, 110)


def test_memory_is_that_of_the_whole_picture(folder):
    by_hand(folder / "a.tif", {33300: (4, [6000]), 33301: (4, [4000])})
    save(folder / "a.exr", {name: smooth((4, 4)) for name in "RGB"}, display=(0, 0, 5999, 3999))
    for source in ("a.tif", "a.exr"):
        report = go(folder / source, folder / "b.dpx", "failed", memory=100 << 20)
        assert "expected a frame that fits in 100 MiB of memory, got one that takes about 16" in report.why
        go(folder / source, folder / "b.exr", memory=100 << 20)
