"""LogLuv and LogL TIFFs: the light that they hold, as libtiff and the encoding's own formulas have it."""

from __future__ import annotations

import ctypes
import struct

import numpy as np
import pytest
from image_samples import ShownSDev, go
from tiff_samples import (
    LOGL,
    LOGLUV,
    PACKED_24,
    RUNS,
    logluv,
    logluv_codes,
    luminance_codes,
    read_by_libtiff,
    runs,
    save_by_libtiff,
    tiff,
)

from lattice.files.exr import file as exr
from lattice.files.images import logluv as coding
from lattice.files.images.logluv import unpack_logluv
from lattice.files.source import read_headers, read_parts
from lattice.regrade import plan
from lattice.types import LatticeError

pytestmark = pytest.mark.usefixtures("oiio")
STEP = 2 ** (1 / 512) - 1  # half a step of 16-bit luminance
COARSE = 2 ** (1 / 128) - 1  # half a step of 10-bit luminance


def light_of(shape=(13, 17), spread=2.0):
    random = np.random.default_rng(3)
    return (np.exp(random.normal(0, spread, (*shape, 1))) * random.uniform(0.7, 1.3, (*shape, 3))).astype(np.float32)


def uv(xyz):
    x, y, z = np.moveaxis(np.asarray(xyz, float), -1, 0)
    return 4 * x / (x + 15 * y + 3 * z), 9 * y / (x + 15 * y + 3 * z)


@pytest.mark.parametrize("shape", [(1, 1), (13, 17), (6, 500)])
@pytest.mark.parametrize("rows", [1, 4, 100])
@pytest.mark.parametrize(("compression", "step", "side"), [(RUNS, STEP, 0.5 / 410), (PACKED_24, COARSE, 0.00175)])
def test_libtiffs_files_hold_what_they_were_made_of(tmp_path, shape, rows, compression, step, side):
    light = light_of(shape, 0.5)
    save_by_libtiff(tmp_path / "a.tif", light, compression, LOGLUV, rows)
    read = unpack_logluv((tmp_path / "a.tif").read_bytes(), "")
    assert read.dtype == np.float32
    np.testing.assert_allclose(read[..., 1], light[..., 1], rtol=1.001 * step)
    for got, wanted in zip(uv(read), uv(light), strict=True):
        np.testing.assert_allclose(got, wanted, atol=1.001 * side)
    np.testing.assert_allclose(read, read_by_libtiff(tmp_path / "a.tif", light.shape), rtol=1e-6, atol=1e-7)


def test_libtiffs_luminance(tmp_path):
    light = light_of()[..., 1:2]
    light[0, :4, 0] = 0, -1, -1e-6, 2.0**60
    save_by_libtiff(tmp_path / "a.tif", light, RUNS, LOGL, 5)
    read = unpack_logluv((tmp_path / "a.tif").read_bytes(), "")
    np.testing.assert_allclose(read, light, rtol=1.001 * STEP)
    np.testing.assert_allclose(read, read_by_libtiff(tmp_path / "a.tif", light.shape), rtol=1e-6)


def test_every_code_of_luminance_and_color_is_libtiffs(tmp_path):
    codes = np.arange(2**15, dtype=np.uint32).reshape(128, 256) << 16 | 0x6CC2
    colors = np.arange(2**16, dtype=np.uint32).reshape(256, 256) | 0x4000_0000
    grid = np.arange(2**14, dtype=np.uint32).reshape(64, 256) | 700 << 14
    packed = np.arange(2**10, dtype=np.uint32).reshape(4, 256) << 14 | 9000
    for words, compression in ((codes, RUNS), (colors, RUNS), (grid, PACKED_24), (packed, PACKED_24)):
        data = logluv(words, 64, compression=compression)
        (tmp_path / "a.tif").write_bytes(data)
        theirs = read_by_libtiff(tmp_path / "a.tif", (*words.shape, 3))
        np.testing.assert_allclose(unpack_logluv(data, ""), theirs, rtol=2e-6, atol=2e-7 * theirs.max())


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("layout", [{"rows": 1}, {"rows": 3}, {"rows": 99}, {"tile": (16, 16)}, {"is_big": True}])
def test_strips_tiles_and_byte_orders(order, layout):
    light = light_of((21, 37))
    read = unpack_logluv(logluv(logluv_codes(light), order=order, **layout), "")
    np.testing.assert_allclose(read[..., 1], light[..., 1], rtol=1.001 * STEP)
    np.testing.assert_allclose(np.stack(uv(read)), np.stack(uv(light)), atol=0.51 / 410)


def test_luminance_of_nothing_of_less_and_of_the_most():
    luminance = np.array([[0, -1, 2.0**-70, 2.0**70, -(2.0**70)]])
    read = unpack_logluv(logluv(luminance_codes(luminance), photometric=LOGL), "")[0, :, 0]
    assert read[0] == 0
    assert read[1] == pytest.approx(-1, rel=1.1 * STEP)
    assert read[2] == pytest.approx(2.0 ** (1.5 / 256 - 64))
    assert read[3] == -read[4] == pytest.approx(2.0 ** ((2**15 - 0.5) / 256 - 64))
    white = logluv_codes(np.ones((1, 1, 3)))
    read = unpack_logluv(logluv(np.array([[0x0000, 0xC000, 0x7FFF]]) << 16 | white & 0xFFFF), "")
    assert (read[0, 0] == 0).all()
    np.testing.assert_allclose(read[0, 1], -1, rtol=0.02)  # negative light, where libtiff has 0
    assert np.isfinite(read).all()


def test_a_white_point_is_one(tmp_path):
    xyz = np.full((2, 3, 3), (0.3127 / 0.3290, 1, 0.3583 / 0.3290), np.float32)
    white = {318: (5, [3127, 10000, 3290, 10000])}
    (tmp_path / "a.tif").write_bytes(logluv(logluv_codes(xyz), more=white))
    (frame,) = read_parts(tmp_path / "a.tif")
    assert frame.header.chromaticities == pytest.approx((1, 0, 0, 1, 0, 0, 0.3127, 0.3290))
    for name in "RGB":
        np.testing.assert_allclose(frame.channels[name], 1, rtol=0.02)
    for odd in ([0, 1, 1, 3], [1, 0, 1, 3], [2, 3, 1, 2]):
        (tmp_path / "a.tif").write_bytes(logluv(logluv_codes(xyz), more={318: (5, odd)}))
        with pytest.raises(LatticeError, match="WhitePoint: expected x and y above 0 with a sum below 1, got"):
            read_headers(tmp_path / "a.tif")


def test_a_gray_of_equal_energy_is_graded_gray(folder):
    grays = np.full((4, 6, 3), 0.18, np.float32)
    (folder / "s.tif").write_bytes(logluv(logluv_codes(grays)))
    settled = plan(ShownSDev(), folder / "s.tif", folder / "g.exr")
    assert "TIFF, LogLuv, taken as linear" in settled.lines
    assert "TIFF: white is x 0.3333, y 0.3333, where LogLuv has it" in settled.notes
    go(folder / "s.tif", folder / "g.exr")
    graded = exr.read(folder / "g.exr").channels
    np.testing.assert_allclose(graded["R"], graded["B"], rtol=0.02)
    report = go(folder / "s.tif", folder / "h.exr", "failed", input="ACEScg")
    assert "s.tif: input: expected none for CIE X, Y, Z, got ACEScg; leave --input out" in report.why
    report = go(folder / "s.tif", folder / "h.exr", "failed", transfer="srgb")
    assert "transfer: expected auto for LogLuv, which holds light, got srgb" in report.why
    go(folder / "s.tif", folder / "h.tif", transfer="linear")


def test_the_same_light_as_floats_of_any_primaries(folder, built):
    """As Rec.709 floats the same colors are graded the same."""
    from lattice.color.primaries import convert
    from lattice.files.images.file import write
    from lattice.files.images.formats import format_of
    from lattice.files.images.spec import EncodedImage
    from lattice.regrade import regrade

    xyz = light_of((16, 16), 0.5) * 0.2
    (folder / "l.tif").write_bytes(logluv(logluv_codes(xyz)))
    held = unpack_logluv((folder / "l.tif").read_bytes(), "").astype(float)
    rgb = held @ convert((1, 0, 0, 1, 0, 0, 1 / 3, 1 / 3), "Rec.709").T
    write(folder / "f.tif", format_of("a.tif"), EncodedImage(rgb.astype(np.float32)))
    shown = []
    for name in ("f", "l"):
        [report] = regrade(plan(built("premier"), folder / f"{name}.tif", folder / f"{name}.exr"))
        assert report.status == "ok", report.why
        shown.append(np.stack([exr.read(folder / f"{name}.exr").channels[each] for each in "RGB"]))
    np.testing.assert_allclose(shown[1], shown[0], atol=0.002)


def test_luminance_alone_is_gray(folder):
    (folder / "s.tif").write_bytes(
        logluv(luminance_codes(light_of()[..., 1]), photometric=LOGL, more={37439: (12, [179.0])})
    )
    (frame,) = read_parts(folder / "s.tif")
    assert frame.channels["R"] is frame.channels["B"]
    assert frame.header.chromaticities is None
    notes = plan(ShownSDev(), folder / "s.tif", folder / "g.exr").notes
    assert "TIFF: its STONITS, 179 cd/m2, is not applied" in notes
    go(folder / "s.tif", folder / "g.exr")


def test_stonits_by_libtiff(tmp_path):
    save_by_libtiff(tmp_path / "a.tif", light_of(), RUNS, LOGLUV, 4, {37439: ctypes.c_double(179)})
    assert read_headers(tmp_path / "a.tif")[0].notes[1] == "TIFF: its STONITS, 179 cd/m2, is not applied"


WHOLE = logluv(logluv_codes(light_of((8, 30))), rows=4)


@pytest.mark.parametrize(
    ("tag", "value", "match"),
    [
        (259, 1, r"compression: expected 34676 \(run lengths\) or 34677 \(24 bits\), got 1"),
        (277, 4, r"samples: expected 1 \(LogL\) or 3 \(LogLuv\), got 4"),
        (284, 2, r"planar configuration: expected 1 \(by pixel\), got 2"),
        (278, 0, "tag 278: expected a number above 0, got 0"),
        (278, 1, "strips: expected 8, got 2"),
        (257, 9, "strips: expected 3, got 2"),
        (256, 60_000, r"strip 1: expected \d+ bytes or more, got \d+ from byte 8 in a file of"),
        (256, 31, "strip 1: expected (runs that end with each line of 31 pixels|16 lines of runs)"),
    ],
)
def test_odd_files_are_refused_in_a_line(tag, value, match):
    at = next(k for k in range(len(WHOLE)) if WHOLE[k : k + 2] == tag.to_bytes(2, "little") and WHOLE[k + 2] in (3, 4))
    odd = WHOLE[: at + 8] + value.to_bytes(4, "little") + WHOLE[at + 12 :]
    with pytest.raises(LatticeError, match="^a.tif: " + match) as caught:
        unpack_logluv(odd, "a.tif")
    assert "\n" not in str(caught.value)


def test_runs_that_are_cut_short_or_run_on_are_refused():
    layout = {256: (4, [30]), 257: (4, [1]), 259: (3, [RUNS]), 262: (3, [LOGL]), 277: (3, [1])}
    line = runs(np.full((1, 30), 0x4000, np.uint32), 2)
    assert unpack_logluv(tiff([line], layout), "").shape == (1, 30, 1)
    assert unpack_logluv(tiff([line + b"\0\0junk"], layout), "").shape == (1, 30, 1)
    for odd, match in (
        (line[:-1], "a: strip 1: expected 4 bytes or more, got 3 from byte 8 in a file of"),
        (bytes(60), "a: strip 1: expected 2 lines of runs, got bytes cut short"),
        (b"\x7f" + bytes(20), "a: strip 1: expected 2 lines of runs, got bytes cut short"),
        (b"\xff" * 40, "a: strip 1: expected runs that end with each line of 30 pixels, got a longer one"),
    ):
        with pytest.raises(LatticeError, match=match):
            unpack_logluv(tiff([odd], layout), "a")


@pytest.mark.parametrize("end", range(0, len(WHOLE) - 60, 37))
def test_a_file_cut_short_is_refused(tmp_path, end):
    (tmp_path / "a.tif").write_bytes(WHOLE[:end])
    with pytest.raises(LatticeError, match=r"a\.tif: ") as caught:
        read_parts(tmp_path / "a.tif")
    assert "\n" not in str(caught.value)
    with pytest.raises(LatticeError, match=r"^b: "):
        unpack_logluv(WHOLE[:end], "b")


def test_what_no_file_of_its_size_can_hold_allocates_nothing(monkeypatch):
    monkeypatch.setattr(coding, "_words", lambda *given: pytest.fail("decoded"))
    layout = {256: (4, [60_000]), 257: (4, [60_000]), 259: (3, [RUNS]), 262: (3, [LOGLUV]), 277: (3, [3])}
    for tags in (layout, {**layout, 322: (4, [2**30]), 323: (4, [2**30])}):
        with pytest.raises(LatticeError, match=r"a: (strip|tile) 1: expected \d+ bytes or more, got 4000"):
            unpack_logluv(tiff([bytes(4000)], tags), "a")
    one = tiff([bytes(4000)], {**layout, 257: (4, [50]), 256: (4, [1000]), 278: (4, [1])})
    with pytest.raises(LatticeError, match="strips: expected 50, got 1"):
        unpack_logluv(one, "a")
    shared = {**layout, 256: (4, [100]), 257: (4, [50]), 278: (4, [1])}
    data = bytearray(tiff([bytes(80)] * 50, shared))
    lengths = data.index(struct.pack("<I", 80) * 50)
    data[lengths : lengths + 200] = struct.pack("<I", 4000) * 50
    with pytest.raises(LatticeError, match=r"strip 1: expected pixels that a file|strip .* bytes or more"):
        unpack_logluv(bytes(data), "a")
