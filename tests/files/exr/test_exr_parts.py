"""Multi-part files: every part as the OpenEXR package reads it, written back in order, or refused in a line."""

from __future__ import annotations

import struct

import numpy as np
import OpenEXR
import pytest
from exr_samples import noise, same_bits, save, smooth
from part_samples import DISPLAY, part_of, save_parts, views_file
from regrade_samples import FakeSDev, curve, refused, stack

from lattice.files.exr import check
from lattice.files.exr import file as exr
from lattice.files.exr.header import Attribute
from lattice.regrade import Options, plan, regrade
from lattice.types import LatticeError


def mixed(path):
    """Parts that share no more than they must: codec, window, line order, tiles, types."""
    return save_parts(
        path,
        ("rgba", {n: smooth((30, 40), seed=k) for k, n in enumerate("RGBA")}, DISPLAY),
        ("depth", {"Z": noise((21, 7), "float32")}, {"codec": "ZIPS", "origin": (-3, 8), "order": 1, **DISPLAY}),
        ("ids" + "x" * 40, {"id": noise((33, 17), "uint32")}, {"codec": "PIZ", "tile": (8, 5), "order": 2, **DISPLAY}),
        ("one", {"mask.a": noise((1, 1), "float16")}, {"codec": "none", "linear": ("mask.a",), **DISPLAY}),
    )


def test_parts_come_back_whole_and_the_library_reads_the_same(tmp_path):
    frames = mixed(tmp_path / "a.exr")
    again = exr.read_parts(tmp_path / "a.exr")
    assert [part.header for part in again] == [frame.header for frame in frames]
    assert len({part.sha256 for part in again}) == 1
    theirs = OpenEXR.File(str(tmp_path / "a.exr"), separate_channels=True).parts
    for part, frame, their in zip(again, frames, theirs, strict=True):
        assert their.name() == frame.header.text("name")
        for name, array in frame.channels.items():
            assert same_bits(array, part.channels[name])
            assert same_bits(array, their.channels[name].pixels)
    assert exr.read_whole_headers(tmp_path / "a.exr") == exr.read_headers(tmp_path / "a.exr")


def test_what_the_library_writes_is_read_the_same(tmp_path):
    arrays = [noise((19, 11), "float32", k) for k in range(3)]
    about = {"type": OpenEXR.scanlineimage, "compression": OpenEXR.ZIP_COMPRESSION}
    parts = [OpenEXR.Part(dict(about), {"Z": array}, f"p{k}") for k, array in enumerate(arrays)]
    OpenEXR.File(parts).write(str(tmp_path / "a.exr"))
    assert all(
        same_bits(part.channels["Z"], array)
        for part, array in zip(exr.read_parts(tmp_path / "a.exr"), arrays, strict=True)
    )


def test_a_file_of_one_part_keeps_its_flag(tmp_path):
    save_parts(tmp_path / "a.exr", ("only", {"R": smooth((4, 4))}, {}))
    (part,) = exr.read_parts(tmp_path / "a.exr")
    assert part.header.part == 0
    with pytest.raises(LatticeError, match="expected a single-part image, got a multi-part file"):
        exr.read(tmp_path / "a.exr")
    with pytest.raises(LatticeError, match="expected a single-part image, got a multi-part file"):
        exr.read_header(tmp_path / "a.exr")


def test_a_file_cut_at_any_byte_is_refused(tmp_path):
    save_parts(
        tmp_path / "a.exr",
        ("a", {"R": noise((9, 9), "float16")}, {"codec": "ZIPS"}),
        ("b", {"Z": noise((9, 9), "float32")}, {"tile": (4, 4)}),
    )
    whole = (tmp_path / "a.exr").read_bytes()
    for length in range(len(whole)):
        (tmp_path / "cut.exr").write_bytes(whole[:length])
        with pytest.raises(LatticeError, match=r"cut\.exr: .*(cut short|empty file|chunks, got a file)"):
            exr.read_parts(tmp_path / "cut.exr")
        with pytest.raises(LatticeError):
            exr.read_whole_headers(tmp_path / "cut.exr")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b"name\0string\0\1\0\0\0b", b"name\0string\0\1\0\0\0a", "name: expected one for each part, got "),
        (b"type\0string\0\r\0\0\0scanlineimage", b"type\0string\0\x0c\0\0\0deepscanline", "got deep pixels"),
        (
            b"type\0string\0\r\0\0\0scanlineimage",
            b"type\0string\0\r\0\0\0scanlineimagX",
            "type: expected scanlineimage or",
        ),
        (b"type\0string\0", b"tipe\0string\0", "type: expected this attribute, got none"),
        (b"chunkCount\0int\0\4\0\0\0\2\0\0\0", b"chunkCount\0int\0\4\0\0\0\3\0\0\0", "chunkCount: expected 2, got 3"),
        (b"chunkCount\0", b"chunkcount\0", "chunkCount: expected 2, got None"),
    ],
)
def test_headers_that_break_the_format(tmp_path, old, new, why):
    save_parts(tmp_path / "a.exr", *((name, {"R": smooth((20, 4))}, {}) for name in "ab"))
    raw = (tmp_path / "a.exr").read_bytes()
    assert old in raw
    (tmp_path / "b.exr").write_bytes(raw.replace(old, new))
    with pytest.raises(LatticeError, match=rf"b\.exr: .*{why}"):
        exr.read_parts(tmp_path / "b.exr")


def test_what_all_parts_share_must_be_the_same(tmp_path):
    frames = [part_of(k, name, {"R": smooth((4, 4))}, display=(0, 0, k, 9)) for k, name in enumerate("ab")]
    with pytest.raises(LatticeError, match="displayWindow: expected the same in every part"):
        exr.write_parts(tmp_path / "a.exr", frames, [(), ()])
    assert not list(tmp_path.iterdir())


def test_a_block_of_another_part_is_refused(tmp_path):
    save_parts(tmp_path / "a.exr", *((name, {"R": noise((20, 4), "float16")}, {}) for name in "ab"))
    raw = (tmp_path / "a.exr").read_bytes()
    one, two = (header.length for header in exr.read_headers(tmp_path / "a.exr"))
    (tmp_path / "b.exr").write_bytes(raw[:one] + raw[two : two + 16] + raw[two:])
    with pytest.raises(LatticeError, match=r"b\.exr: part 0 'a': expected chunks of part 0, got one of part 1"):
        exr.read_parts(tmp_path / "b.exr")


def test_many_parts_declare_no_more_than_one_may(tmp_path):
    save_parts(
        tmp_path / "a.exr", *((f"p{k}", {"R": np.zeros((4, 4), np.float16)}, {"codec": "none"}) for k in range(3))
    )
    raw = (tmp_path / "a.exr").read_bytes()
    window = b"dataWindow\0box2i\0\x10\0\0\0" + struct.pack("<4i", 0, 0, 3, 3)
    wide = b"dataWindow\0box2i\0\x10\0\0\0" + struct.pack("<4i", 0, 0, 2**26 - 1, 3)  # half a GiB each
    (tmp_path / "b.exr").write_bytes(raw.replace(window, wide))
    with pytest.raises(LatticeError, match=r"b\.exr: dataWindow: expected at most 1073741824 bytes"):
        exr.read_parts(tmp_path / "b.exr")


def test_regrading_touches_the_color_alone(folder):
    frames = mixed(folder / "a.exr")
    (report,) = regrade(plan(FakeSDev(), folder / "a.exr", folder / "b.exr"))
    assert report.status == "ok", report.why
    got = exr.read_parts(folder / "b.exr")
    source = frames[0].channels
    covered = source["A"] > 0
    alpha = source["A"][covered][:, None].astype(np.float32)
    meant = (curve(stack(source)[covered] / alpha) * alpha).astype(np.float16)
    assert np.array_equal(stack(got[0].channels, dtype=np.float16)[covered], meant)
    assert same_bits(got[0].channels["A"], source["A"])
    for frame, part in zip(frames[1:], got[1:], strict=True):
        assert all(same_bits(array, part.channels[name]) for name, array in frame.channels.items())
    assert {part.header.text("sdev:layers") for part in got} == {"rgba:R,G,B"}
    assert len({part.header.attributes["chromaticities"] for part in got}) == 1
    assert regrade(plan(FakeSDev(), folder / "a.exr", folder / "b.exr"))[0].status == "skipped"
    assert "not graded yet" in refused(folder / "b.exr", folder / "c.exr")


@pytest.mark.parametrize(
    ("options", "graded"),
    [
        ({}, "left.rgba:R,G,B;right.rgba:R,G,B"),
        ({"views": ("right",)}, "right.rgba:R,G,B"),
        ({"layers": ("diffuse",), "views": ("left",)}, "left.rgba:R,G,B;left.diffuse:R,G,B"),
    ],
)
def test_views_and_layers_by_the_parts_names(folder, options, graded):
    views_file(folder / "a.exr")
    (report,) = regrade(plan(FakeSDev(), folder / "a.exr", folder / "b.exr", options=Options(**options)))
    assert report.status == "ok", report.why
    parts = exr.read_parts(folder / "b.exr")
    assert parts[0].header.text("sdev:layers") == graded
    changed = {
        p.header.text("name")
        for p, q in zip(parts, exr.read_parts(folder / "a.exr"), strict=True)
        if not same_bits(p.channels["R"], q.channels["R"])
    }
    assert changed == {word.partition(":")[0] for word in graded.split(";")}


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"views": ("center",)}, "views: expected left or right, got center"),
        ({"layers": ("N",)}, "layer N: expected color, got data: n, which is never graded"),
        ({"layers": ("specular",)}, "complete layers: N, diffuse"),
    ],
)
def test_wrong_views_and_layers(folder, options, why):
    views_file(folder / "a.exr")
    assert why in refused(folder / "a.exr", folder / "b.exr", Options(**options))


def test_the_only_color_of_a_view_is_its_beauty_whatever_the_part_is_called(folder):
    three = {n: smooth((6, 6), seed=k) for k, n in enumerate("RGB")}
    save_parts(folder / "a.exr", ("shot_12", three, {}), ("depth", {"Z": noise((6, 6), "float32")}, {}))
    regrade(plan(FakeSDev(), folder / "a.exr", folder / "b.exr"))
    assert exr.read_headers(folder / "b.exr")[1].text("sdev:layers") == "shot_12:R,G,B"
    save_parts(folder / "a.exr", ("normals", three, {}), ("depth", {"Z": noise((6, 6), "float32")}, {}))
    assert "never graded is normals (data: normals)" in refused(folder / "a.exr", folder / "c.exr")


def test_the_plan_names_the_parts(folder):
    mixed(folder / "a.exr")
    lines = plan(FakeSDev(), folder / "a.exr", folder / "b.exr").lines
    assert lines[3:7] == ("part 0 rgba", "R G B: grade, premultiplied by A", "A: pass (alpha)", "part 1 depth")


def test_a_single_part_file_stays_one(folder):
    save(folder / "a.exr", {n: smooth((6, 6)) for n in "RGB"}, {"name": Attribute.text("rgba")})
    regrade(plan(FakeSDev(), folder / "a.exr", folder / "b.exr"))
    assert exr.read_header(folder / "b.exr").text("sdev:layers") == "R,G,B"


def test_another_number_of_parts_when_read_again_is_refused(tmp_path, monkeypatch):
    planes = {"R": noise((8, 8), "float16")}
    save_parts(tmp_path / "two.exr", ("a", planes, {}), ("b", planes, {}))
    two, real = exr.read_parts(tmp_path / "two.exr"), check.parse_parts
    monkeypatch.setattr(check, "parse_parts", lambda *told: real(*told)[:1])
    with pytest.raises(LatticeError, match=r"b.exr: expected 2 parts, got 1 when read again$"):
        exr.write_parts(tmp_path / "b.exr", two, [(), ()])
    assert not (tmp_path / "b.exr").exists()
