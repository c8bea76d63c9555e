"""Offset tables that were never written: filled where every chunk is there, as the OpenEXR package does."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest
from deep_samples import save_deep
from exr_samples import by_library, header_of, noise, same_bits, save, smooth
from level_samples import mapped
from part_samples import views_file
from regrade_samples import FakeSDev, run

from lattice.files.exr import chunk_table
from lattice.files.exr import file as exr
from lattice.files.exr.codecs import CODECS
from lattice.files.exr.header import MIP, RIP, Attribute, Header, chunk_count, pack
from lattice.regrade import Options, plan, regrade
from lattice.types import LatticeError


def table_of(path: Path) -> tuple[int, int]:
    """Where the tables of all parts begin, and how many entries they have."""
    headers = exr.read_headers(path, deep=True)
    return headers[0].length, sum(map(chunk_count, headers))


def without_table(path: Path, every: int = 1) -> Path:
    """A copy in which every so many entries of the table are 0."""
    start, count = table_of(path)
    raw = bytearray(path.read_bytes())
    for k in range(0, count, every):
        raw[start + 8 * k : start + 8 * k + 8] = bytes(8)
    emptied = path.with_stem(path.stem + "_emptied")
    emptied.write_bytes(raw)
    return emptied


def same_parts(one: Path, other: Path) -> None:
    for meant, got in zip(exr.read_parts(one), exr.read_parts(other), strict=True):
        assert meant.header == got.header
        for before, after in zip(meant.levels, got.levels, strict=True):
            assert all(same_bits(before[name], after[name]) for name in before)


@pytest.mark.parametrize("every", [1, 2, 3])
@pytest.mark.parametrize("layout", [{}, {"order": 1}, {"tile": (8, 5)}, {"tile": (8, 5), "order": 1}])
@pytest.mark.parametrize("codec", [codec.name for codec in CODECS])
def test_a_table_is_filled_for_every_codec_and_layout(
    codec: str, layout: dict[str, Any], every: int, tmp_path: Path
) -> None:
    arrays = {"R": smooth((70, 30)), "Z": noise((70, 30), "uint32")}
    save(tmp_path / "a.exr", arrays, None, (), codec=codec, origin=(3, -7), **layout)
    emptied = without_table(tmp_path / "a.exr", every)
    same_parts(tmp_path / "a.exr", emptied)
    if every == 1 or not layout.get("order"):  # the library gives others up
        theirs = by_library(emptied)
        assert all(same_bits(theirs[name], array) for name, array in exr.read(emptied).channels.items())


@pytest.mark.parametrize("mode", [MIP, RIP, MIP | 0x10])
def test_a_table_of_levels_is_filled(mode: int, tmp_path: Path) -> None:
    mapped(tmp_path / "a.exr", (20, 30), mode)
    same_parts(tmp_path / "a.exr", without_table(tmp_path / "a.exr"))


@pytest.mark.parametrize("every", [1, 2])
def test_the_tables_of_parts_are_filled(every: int, tmp_path: Path) -> None:
    views_file(tmp_path / "a.exr")
    same_parts(tmp_path / "a.exr", without_table(tmp_path / "a.exr", every))


@pytest.mark.parametrize("kind", [OpenEXR.deepscanline, OpenEXR.deeptile])
def test_a_deep_file_is_copied_as_it_is(kind: Any, tmp_path: Path) -> None:
    save_deep(tmp_path / "a.exr", 2, kind=kind)
    emptied = without_table(tmp_path / "a.exr")
    exr.copy(emptied, tmp_path / "b.exr")
    assert (tmp_path / "b.exr").read_bytes() == emptied.read_bytes()


def test_what_is_graded_has_a_whole_table_and_is_done(folder: Path) -> None:
    save(folder / "a.exr", {name: smooth((40, 30), seed=k) for k, name in enumerate("RGB")})
    emptied = without_table(folder / "a.exr")
    _, graded = run(emptied, folder / "b.exr")
    _, wanted = run(folder / "a.exr", folder / "c.exr")
    assert all(same_bits(graded.channels[name], wanted.channels[name]) for name in "RGB")
    start, count = table_of(folder / "b.exr")
    assert np.frombuffer((folder / "b.exr").read_bytes(), "<u8", count, start).all()
    [report] = regrade(plan(FakeSDev(), emptied, folder / "b.exr", options=Options()))
    assert report.status == "skipped"
    (folder / "b.exr").write_bytes(without_table(folder / "b.exr").read_bytes())
    [report] = regrade(plan(FakeSDev(), emptied, folder / "b.exr", options=Options()))
    assert report.status == "ok"  # an output of ours is whole or not done


@pytest.mark.parametrize("left", [0, 1, 2])
def test_an_unfinished_file_is_refused_with_what_is_missing(left: int, tmp_path: Path) -> None:
    save(tmp_path / "a.exr", {"R": noise((40, 9), "float16")})
    emptied, (start, _) = without_table(tmp_path / "a.exr"), table_of(tmp_path / "a.exr")
    places = struct.unpack_from("<3Q", (tmp_path / "a.exr").read_bytes(), start)
    emptied.write_bytes(emptied.read_bytes()[: places[left] + 7])
    with pytest.raises(LatticeError, match=rf"expected 3 chunks, got an unfinished file: {3 - left} never written$"):
        exr.read(emptied)


def test_garbage_after_an_empty_table_takes_no_time_and_no_memory(tmp_path: Path) -> None:
    header = header_of({"R": np.zeros((2**20, 1), np.float16)}, codec="ZIPS")
    front, random = pack(header), np.random.default_rng(0)
    for body in (bytes(2**21), random.bytes(2**21), struct.pack("<iiB", 0, 1, 0) * 2**18):
        (tmp_path / "a.exr").write_bytes(front + bytes(8 * 2**20) + body)
        with pytest.raises(LatticeError, match="an unfinished file"):
            exr.read(tmp_path / "a.exr")


def test_a_table_beyond_the_file_is_left(tmp_path: Path) -> None:
    header = header_of({"R": np.zeros((40, 9), np.float16)})
    data = pack(header)
    whole = Header(header.attributes, False, len(data))
    assert chunk_table.filled(data, (whole,)) is data
    assert chunk_table.filled(data + b"\1" * 24, (whole,)) == data + b"\1" * 24


@pytest.mark.parametrize("pixels", ["gbrpf32le", "gbrapf32le"])
def test_what_ffmpeg_writes_is_read(pixels: str, folder: Path) -> None:
    av = pytest.importorskip("av")
    from fractions import Fraction

    codec = av.CodecContext.create("exr", "w")
    codec.width, codec.height, codec.pix_fmt, codec.time_base = 64, 36, pixels, Fraction(1, 24)
    frame = av.VideoFrame(64, 36, pixels)
    for plane in frame.planes:
        plane.update(np.full((36, plane.line_size // 4), 0.5, np.float32).tobytes())
    (folder / "f.exr").write_bytes(b"".join(bytes(packet) for packet in codec.encode(frame) + codec.encode(None)))
    assert b"pixelAspectRatio" not in (folder / "f.exr").read_bytes()
    _, graded = run(folder / "f.exr", folder / "g.exr")
    assert graded.header.pixel_aspect == 1
    assert graded.header.attributes["screenWindowWidth"] == Attribute.floats("float", 1.0)


@pytest.mark.parametrize("codec", ["none", "ZIP"])
def test_a_file_in_memory_of_ours_is_filled_in_place(codec: str, tmp_path: Path) -> None:
    arrays = {"R": noise((400, 300), "float32"), "Z": noise((400, 300), "uint32")}
    save(tmp_path / "a.exr", arrays, codec=codec)
    emptied, rooms = without_table(tmp_path / "a.exr"), []

    def room(size: int) -> Any:
        rooms.append(np.empty(size, np.uint8))
        return rooms[-1]

    data = memoryview(bytearray(emptied.read_bytes()))
    assert chunk_table.filled(data, exr.read_headers(emptied)) is data
    assert bytes(data) == (tmp_path / "a.exr").read_bytes()
    [part] = exr.read_parts(emptied, room=room)
    assert part.sha256 == hashlib.sha256(emptied.read_bytes()).hexdigest() == exr.digest(emptied)
    assert len(rooms) == 1
    for name, array in arrays.items():
        assert same_bits(part.channels[name], array)
        assert np.shares_memory(part.channels[name], rooms[0]) == (codec == "none")
    [alone] = exr.read_parts(emptied)
    assert (alone.sha256, alone.header) == (part.sha256, part.header)
