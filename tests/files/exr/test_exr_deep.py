"""Deep files: refused, or copied byte for byte once every chunk has been decoded."""

from __future__ import annotations

import numpy as np
import OpenEXR
import pytest
from deep_samples import save_deep
from regrade_samples import FakeSDev, refused

from lattice.files.exr import chunks
from lattice.files.exr import file as exr
from lattice.regrade import Options, plan, regrade
from lattice.types import LatticeError

PASS = Options(deep="pass")


@pytest.mark.parametrize("parts", [1, 2])
@pytest.mark.parametrize("compression", [OpenEXR.ZIPS_COMPRESSION, OpenEXR.NO_COMPRESSION, OpenEXR.RLE_COMPRESSION])
def test_a_deep_file_is_refused_or_copied(folder, parts, compression):
    raw = save_deep(folder / "a.exr", parts, compression)
    assert "expected a flat image, got deep pixels" in refused(folder / "a.exr", folder / "b.exr")
    settled = plan(FakeSDev(), folder / "a.exr", folder / "b.exr", options=PASS)
    assert settled.notes == ("deep pixels are copied as they are, not graded",)
    assert regrade(settled)[0].status == "ok"
    assert (folder / "b.exr").read_bytes() == raw
    assert regrade(settled)[0].status == "skipped"
    (folder / "b.exr").write_bytes(raw[:-1])
    assert regrade(settled)[0].status == "ok"
    assert (folder / "b.exr").read_bytes() == raw


def test_deep_tiles_are_copied(tmp_path):
    raw = save_deep(tmp_path / "a.exr", kind=OpenEXR.deeptile)
    assert exr.read_headers(tmp_path / "a.exr", deep=True)[0].tile == (4, 2)
    exr.copy(tmp_path / "a.exr", tmp_path / "b.exr")
    assert (tmp_path / "b.exr").read_bytes() == raw


@pytest.mark.parametrize("kind", [OpenEXR.deepscanline, OpenEXR.deeptile])
@pytest.mark.parametrize("parts", [1, 2])
def test_samples_that_cannot_be_decoded_are_refused_in_a_line(folder, parts, kind):
    raw = bytearray(save_deep(folder / "a.exr", parts, kind=kind))
    header = exr.read_headers(folder / "a.exr", deep=True)[-1]
    found = chunks.check(bytes(raw), header, "")
    table = int(found.starts[-1]) + (16 if header.tiled else 4)
    raw[table + 24 : table + 24 + raw[table]] = b"\xff" * raw[table]  # how many samples each pixel has
    (folder / "b.exr").write_bytes(raw)
    assert "b.exr: " in (why := refused(folder / "b.exr", folder / "c.exr", PASS))
    assert "cannot be decoded: " in why
    assert ("part 1 'p1': " in why) == (parts == 2)


@pytest.mark.parametrize("count", [-1, 2**28, 2**31 - 1])
def test_wild_numbers_of_samples_are_refused(tmp_path, count):
    raw = bytearray(save_deep(tmp_path / "a.exr", compression=OpenEXR.NO_COMPRESSION))
    (header,) = exr.read_headers(tmp_path / "a.exr", deep=True)
    for start in chunks.check(bytes(raw), header, "").starts:
        raw[start + 28 : start + 56] = count.to_bytes(4, "little", signed=True) * 7
    (tmp_path / "b.exr").write_bytes(raw)
    with pytest.raises(LatticeError, match=r"b\.exr: cannot be decoded: "):
        exr.copy(tmp_path / "b.exr", tmp_path / "c.exr")


def test_all_valid_deep_files_are_copied(tmp_path, images):
    deep = [
        path
        for path in (images / "v2").rglob("*.exr")
        if any(header.deep for header in exr.read_headers(path, deep=True))
    ]
    assert deep
    for path in deep:
        exr.copy(path, tmp_path / "b.exr")
        assert (tmp_path / "b.exr").read_bytes() == path.read_bytes()


def test_a_real_deep_file(folder, images):
    path = images / "v2/LowResLeftView/Trunks.exr"
    (report,) = regrade(plan(FakeSDev(), path, folder / "b.exr", options=PASS))
    assert report.status == "ok", report.why
    assert (folder / "b.exr").read_bytes() == path.read_bytes()
    whole = path.read_bytes()
    for length in np.linspace(0, len(whole) - 1, 25, dtype=int):
        (folder / "cut.exr").write_bytes(whole[:length])
        assert "cut.exr: " in refused(folder / "cut.exr", folder / "c.exr", PASS)


@pytest.mark.parametrize("parts", [1, 2])
def test_a_deep_file_cut_at_any_byte_is_refused(tmp_path, parts):
    whole = save_deep(tmp_path / "a.exr", parts)
    for length in range(len(whole)):
        (tmp_path / "cut.exr").write_bytes(whole[:length])
        with pytest.raises(LatticeError, match=r"cut\.exr: "):
            exr.copy(tmp_path / "cut.exr", tmp_path / "b.exr")
    assert not (tmp_path / "b.exr").exists()


@pytest.mark.parametrize("size", [-1, 2**62])
def test_wild_sizes_of_chunks_are_refused(tmp_path, size):
    raw = bytearray(save_deep(tmp_path / "a.exr"))
    (header,) = exr.read_headers(tmp_path / "a.exr", deep=True)
    start = int.from_bytes(raw[header.length : header.length + 8], "little")
    for place in (4, 12):
        broken = bytearray(raw)
        broken[start + place : start + place + 8] = size.to_bytes(8, "little", signed=True)
        (tmp_path / "b.exr").write_bytes(broken)
        with pytest.raises(LatticeError, match=r"b\.exr: (offset table|chunk 0|expected 5 chunks)"):
            exr.copy(tmp_path / "b.exr", tmp_path / "c.exr")


def test_flat_files_are_graded_under_the_same_option_and_in_place_leaves_deep_ones(folder):
    raw = save_deep(folder / "a.exr")
    (report,) = regrade(plan(FakeSDev(), folder / "a.exr", options=Options(deep="pass", in_place=True)))
    assert report.status == "skipped"
    assert (folder / "a.exr").read_bytes() == raw


def test_no_black_frame_is_made_of_a_deep_one(folder):
    save_deep(folder / "s.0001.exr")
    options = Options(deep="pass", missing="black")
    reports = regrade(plan(FakeSDev(), folder / "s.####.exr", folder / "g.####.exr", "1-2", options))
    assert [report.status for report in reports] == ["ok", "failed"]
    assert "expected flat pixels to make a black frame of, got deep ones" in reports[1].why


def test_a_compression_that_deep_pixels_cannot_have(tmp_path):
    raw = save_deep(tmp_path / "a.exr")
    old = b"compression\0compression\0\1\0\0\0\2"
    assert old in raw
    (tmp_path / "b.exr").write_bytes(raw.replace(old, old[:-1] + b"\4"))
    with pytest.raises(LatticeError, match="compression: expected none or RLE or ZIPS or ZSTD for deep pixels, got PI"):
        exr.copy(tmp_path / "b.exr", tmp_path / "c.exr")
