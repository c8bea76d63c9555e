"""Codecs that would change what must pass: refused, changed for ZIPS, or such channels in a part of their own."""

from __future__ import annotations

import OpenEXR
import pytest
from exr_samples import noise, same_bits, save, smooth
from part_samples import DISPLAY, save_parts, views_file
from part_samples import part_of as part_with
from regrade_samples import FakeSDev, production_frame, refused

from lattice.files.exr import file as exr
from lattice.files.exr.header import Attribute
from lattice.regrade import Options, plan, regrade
from lattice.types import LatticeError


def graded(folder, lossy, **more):
    (report,) = regrade(plan(FakeSDev(), folder / "a.exr", folder / "b.exr", options=Options(lossy=lossy, **more)))
    assert report.status == "ok", report.why
    return exr.read_parts(folder / "b.exr")


def save_dwaa(path, attributes=None, **layout):
    """A production frame whose Cryptomatte was never packed: what a renderer hands to a careless converter."""
    arrays = production_frame()
    save(path, arrays, attributes, passing=(), codec="DWAA", **layout)
    return exr.read(path)


def test_the_default_refuses_and_names_the_channel(folder):
    save_dwaa(folder / "a.exr")
    assert "channel CryptoAsset00.B: expected a codec that keeps it bit for bit, got DWAA" in refused(
        folder / "a.exr", folder / "b.exr"
    )


@pytest.mark.parametrize("layout", [{}, {"tile": (16, 8)}])
def test_zips_packs_the_whole_file(folder, layout):
    source = save_dwaa(folder / "a.exr", **layout)
    (part,) = graded(folder, "zips")
    assert part.header.codec.name == "ZIPS"
    assert part.header.part is None
    for name, array in source.channels.items():
        assert (name in "RGB") != same_bits(array, part.channels[name])
    options = Options(lossy="zips")
    assert regrade(plan(FakeSDev(), folder / "a.exr", folder / "b.exr", options=options))[0].status == "skipped"


@pytest.mark.parametrize("layout", [{}, {"tile": (16, 8), "order": 2}, {"origin": (-5, 7)}])
def test_split_keeps_the_codec_for_what_it_does_not_harm(folder, layout):
    source = save_dwaa(folder / "a.exr", {"owner": Attribute.text("me")}, **layout)
    main, other = graded(folder, "split")
    assert (main.header.codec.name, other.header.codec.name) == ("DWAA", "ZIPS")
    assert (main.header.text("name"), other.header.text("name")) == ("rgba", "rgba.lossless")
    lossy = {f"{layer}.{name}" for layer in ("CryptoAsset00", "diffuse") for name in "RGB"} | {"mask.R", "N.Y"}
    assert set(other.channels) == lossy
    assert set(main.channels) == set(source.channels) - lossy
    assert all(
        same_bits(source.channels[name], {**main.channels, **other.channels}[name])
        for name in source.channels
        if name not in "RGB"
    )
    assert {part.header.text("owner") for part in (main, other)} == {"me"}
    assert main.header.window == other.header.window == source.header.window
    theirs = OpenEXR.File(str(folder / "b.exr"), separate_channels=True).parts
    for part, their in zip((main, other), theirs, strict=True):
        assert all(same_bits(array, their.channels[name].pixels) for name, array in part.channels.items())
    options = Options(lossy="split")
    assert regrade(plan(FakeSDev(), folder / "a.exr", folder / "b.exr", options=options))[0].status == "skipped"


@pytest.mark.parametrize("lossy", ["refuse", "zips", "split"])
def test_nothing_changes_where_nothing_would_be_harmed(folder, lossy):
    save(
        folder / "a.exr",
        {**{n: smooth((40, 50), seed=k) for k, n in enumerate("RGBA")}, "Z": noise((40, 50), "float32")},
        codec="DWAA",
        passing=(),
    )
    (part,) = graded(folder, lossy)
    assert part.header.codec.name == "DWAA"
    assert "lossy" not in part.header.text("sdev:options")


def test_parts_of_a_file_are_split_each_by_itself(folder):
    three = {n: smooth((40, 50), seed=k) for k, n in enumerate("RGB")}
    frames = [
        part_with(0, "rgba", three, codec="DWAA", **DISPLAY),
        part_with(
            1,
            "crypto00",
            {f"CryptoAsset00.{n}": noise((40, 50), "float32", k) for k, n in enumerate("RGB")},
            codec="DWAB",
            **DISPLAY,
        ),
        part_with(2, "diffuse", {**three, "extra": smooth((40, 50))}, codec="DWAA", **DISPLAY),
    ]
    exr.write_parts(folder / "a.exr", frames, [(), (), ()])
    source = exr.read_parts(folder / "a.exr")
    parts = graded(folder, "split")
    assert [(part.header.text("name"), part.header.codec.name) for part in parts] == [
        ("rgba", "DWAA"),
        ("crypto00", "ZIPS"),
        ("diffuse", "DWAA"),
        ("diffuse.lossless", "ZIPS"),
    ]
    assert all(same_bits(array, parts[1].channels[name]) for name, array in source[1].channels.items())
    assert all(same_bits(source[2].channels[name], parts[3].channels[name]) for name in "RGB")


def test_codecs_that_usually_settle_are_not_tried_where_another_way_was_asked_for(folder):
    save(
        folder / "a.exr",
        {**{n: smooth((40, 50), seed=k) for k, n in enumerate("RGB")}, "Z": noise((40, 50), "float32")},
        codec="PXR24",
        passing=(),
    )
    assert graded(folder, "refuse")[0].header.codec.name == "PXR24"
    assert graded(folder, "zips", force=True)[0].header.codec.name == "ZIPS"


def test_in_place(folder):
    save_dwaa(folder / "a.exr")
    options = Options(lossy="zips", in_place=True)
    (first,), (second,) = (regrade(plan(FakeSDev(), folder / "a.exr", options=options)) for _ in range(2))
    assert (first.status, second.status) == ("ok", "skipped")
    with pytest.raises(LatticeError, match="lossy: expected refuse or zips where frames are graded in place"):
        Options(lossy="split", in_place=True)


def test_views_in_channel_names_are_not_split(folder):
    views = Attribute("stringvector", b"\4\0\0\0left\5\0\0\0right")
    save_dwaa(folder / "a.exr", {"multiView": views})
    why = refused(folder / "a.exr", folder / "b.exr", Options(lossy="split"))
    assert why.endswith("a.exr: expected a file with one view to split, got left and right")


def test_a_multi_part_file_of_lossless_codecs_stays(folder):
    views_file(folder / "a.exr")
    assert len(graded(folder, "split")) == len(exr.read_parts(folder / "a.exr"))
    save_parts(folder / "a.exr", ("x", {n: smooth((4, 4)) for n in "RGB"}, {}))
    assert len(graded(folder, "zips", force=True)) == 1
