"""Tags of a TIFF that OpenImageIO does not give: of odd types, of absurd counts, and those that say the primaries."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from cli_samples import DONE
from image_samples import ShownSDev
from regrade_samples import FakeSDev
from tiff_samples import LOGLUV, RUNS, tiff

from lattice.color.primaries import PRIMARIES
from lattice.files.images import tiff_spec
from lattice.files.images.icc import profile
from lattice.files.images.tiff_tags import MOST
from lattice.files.source import read_headers
from lattice.regrade import Options, plan, regrade
from lattice.regrade.frame.header import display_encoding
from lattice.regrade.frame.input import assumptions
from lattice.types import LatticeError

pytestmark = pytest.mark.usefixtures("oiio")
BASE = {256: (4, [4]), 257: (4, [2]), 258: (3, [8] * 3), 259: (3, [1]), 262: (3, [2]), 277: (3, [3])}
NAN, INF = float("nan"), float("inf")


def of_codes(path, tags=()):
    path.write_bytes(tiff([bytes(range(24))], {**BASE, **dict(tags)}))
    return path


@pytest.mark.parametrize("kind", [11, 12])
@pytest.mark.parametrize("number", [NAN, INF, -INF, 2.0])
@pytest.mark.parametrize("tag", [262, 338])
def test_a_float_where_a_whole_number_belongs_is_refused(folder, tag, number, kind):
    with pytest.raises(LatticeError, match=rf"a\.tif: (tag {tag}: expected whole numbers, got type {kind}$|cannot)"):
        read_headers(of_codes(folder / "a.tif", {tag: (kind, [number])}))


@pytest.mark.parametrize("tag", [256, 257, 259, 277, 278, 284])
def test_the_tags_of_logluv_are_whole_numbers(folder, tag):
    layout = {**BASE, 259: (3, [RUNS]), 262: (3, [LOGLUV]), 278: (4, [2]), tag: (11, [NAN])}
    (folder / "a.tif").write_bytes(tiff([bytes(99)], layout))
    with pytest.raises(LatticeError, match=r"^[^\n]*a\.tif: [^\n]+$"):
        read_headers(folder / "a.tif")


def test_a_file_with_one_fails_alone(folder, run, monkeypatch):
    of_codes(folder / "s.1.tif", {262: (11, [NAN])})
    of_codes(folder / "s.2.tif")
    reports = regrade(plan(FakeSDev(), folder / "s.#.tif", folder / "g.#.exr"))
    assert [each.status for each in reports] == ["failed", "ok"]
    assert (
        run("info", folder / "s.1.tif").err
        == f"lattice: {folder}/s.1.tif: tag 262: expected whole numbers, got type 11\n"
    )
    real = tiff_spec.tiff_tags.read_tags

    def odd(file, wanted, where):
        if "s.1" in where:
            raise ZeroDivisionError("a reader's own\nfault")
        return real(file, wanted, where)

    monkeypatch.setattr(tiff_spec.tiff_tags, "read_tags", odd)
    made = plan(FakeSDev(), folder / "s.#.tif", folder / "h.#.exr")
    why = f"{folder / 's.1.tif'}: ZeroDivisionError: a reader's own fault"
    assert (made.refused, made.lines[0]) == (True, f"refused: {why}")
    assert [(each.status, each.why) for each in regrade(made)] == [("failed", why), ("ok", "")]


def test_an_output_that_no_reader_understands_stops_no_other_frame(folder, monkeypatch):
    for frame in (1, 2):
        of_codes(folder / f"s.{frame}.tif")
    of_codes(folder / "g.1.tif", {262: (11, [NAN])})
    with pytest.raises(LatticeError, match=r"frame 1 was not made by lattice; --overwrite replaces it"):
        plan(ShownSDev(), folder / "s.#.tif", folder / "g.#.tif")
    options = Options(overwrite=True)
    reports = regrade(plan(ShownSDev(), folder / "s.#.tif", folder / "g.#.tif", options=options))
    assert [each.status for each in reports] == ["ok", "ok"]


@pytest.mark.parametrize("tag", [262, 318])
def test_a_count_that_no_picture_has_is_refused_before_it_is_read(folder, tag):
    data = bytearray(of_codes(folder / "a.tif", {tag: (3, [2])}).read_bytes())
    (directory,) = struct.unpack_from("<I", data, 4)
    (many,) = struct.unpack_from("<H", data, directory)
    place = next(
        p for p in range(directory + 2, directory + 2 + 12 * many, 12) if data[p : p + 2] == struct.pack("<H", tag)
    )
    struct.pack_into("<HII", data, place + 2, 3, MOST + 1, len(data))
    (folder / "a.tif").write_bytes(data + bytes(2 * (MOST + 1)))
    with pytest.raises(LatticeError, match=rf"tag {tag}: expected {MOST} numbers or fewer, got {MOST + 1}$"):
        read_headers(folder / "a.tif")


def rationals(numbers):
    return 5, [whole for number in numbers for whole in (round(number * 10**5), 10**5)]


@pytest.mark.parametrize("bits", [8, 32])
def test_primaries_and_a_white_point_are_believed(bits, folder):
    xy = PRIMARIES["ACEScg"].xy
    tags = {258: (3, [bits] * 3), 339: (3, [1 if bits == 8 else 3] * 3)}
    stored = tiff([bytes(3 * bits)], {**BASE, **tags, 318: rationals(xy[6:]), 319: rationals(xy[:6])})
    (folder / "a.tif").write_bytes(stored)
    (header,) = read_headers(folder / "a.tif")
    assert header.chromaticities == pytest.approx(xy, abs=1e-9)
    [report] = regrade(plan(FakeSDev(), folder / "a.tif", folder / "a.exr"))
    assert report.assumed == {"transfer": "srgb" if bits == 8 else "linear"}
    assert assumptions([report])[0].startswith("no encoding named in 1 frame: taken as ")


@pytest.mark.parametrize(
    "tags", [{318: rationals((0.3, 0.3))}, {319: rationals((0.3,) * 6)}, {318: (3, [1]), 319: (3, [1])}]
)
def test_half_of_them_says_nothing(tags, folder):
    assert read_headers(of_codes(folder / "a.tif", tags))[0].chromaticities is None


@pytest.mark.parametrize("number", [NAN, INF, 1e300])
def test_primaries_that_are_no_color_are_refused_unless_others_are_named(number, folder):
    of_codes(folder / "s.1.tif", {318: (12, [0.3, number]), 319: (12, [number] * 6)})
    files = folder / "s.#.tif", folder / "g.#.exr"
    [refused] = regrade(plan(ShownSDev(), *files))
    assert "chromaticities: expected finite numbers" in refused.why
    [report] = regrade(plan(ShownSDev(), *files, options=Options(input="ACEScg")))
    assert report.status == "ok", report.why


def test_every_run_says_that_a_profile_is_not_used(folder, run):
    icc = profile(display_encoding(ShownSDev()))
    for frame in (1, 2):
        of_codes(folder / f"s.{frame}.tif", {34675: (7, icc)})
    says = "taken as sRGB codes, Rec.709 primaries (--transfer and --input say otherwise)\n"
    line = f"lattice: the ICC profile of 2 frames is not used: {says}"
    files = folder / "s.#.tif", folder / "g.#.exr"
    for _ in ("graded", "skipped"):
        result = run("regrade", *files, "--sdev", "premier")
        assert (result.code, result.err) == (DONE, line)
    assert (
        "the ICC profile of s.1.tif is not used: " + says
        in run("regrade", *files, "--sdev", "premier", "--dry-run").out
    )
    says = "taken as sRGB codes (--transfer says otherwise)\n"
    words = ("--sdev", "premier", "--input", "AdobeRGB")
    assert (
        run("regrade", files[0], folder / "h.#.exr", *words).err
        == f"lattice: the ICC profile of 2 frames is not used: {says}"
    )
    assert run("regrade", files[0], folder / "i.#.exr", *words, "--transfer", "srgb").err == ""


def test_numbers_of_either_byte_order_are_the_same(folder):
    for order in "<>":
        (folder / "a.tif").write_bytes(
            tiff([bytes(24)], {**BASE, 318: rationals((0.3, 0.4)), 319: rationals(np.arange(6) / 7)}, order)
        )
        assert read_headers(folder / "a.tif")[0].chromaticities == pytest.approx(
            (*np.arange(6) / 7, 0.3, 0.4), abs=1e-5
        )
