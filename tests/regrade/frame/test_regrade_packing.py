"""How outputs are packed: any codec and level, tiles as scan lines; what must pass comes back bit for bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import numpy as np
import OpenEXR
import pytest
from basics import one_line
from exr_samples import noise, same_bits, save, smooth
from image_samples import KINDS, codes_for
from level_samples import mapped
from part_samples import save_parts
from regrade_samples import FakeSDev, production_frame, refused

from lattice.choices import CompressionName
from lattice.files.exr import file as exr
from lattice.files.exr.codecs import CODECS
from lattice.files.exr.header import MIP, Attribute
from lattice.files.images.file import write
from lattice.files.images.spec import EncodedImage
from lattice.regrade import Options, plan, regrade

NAMES = [name for name in get_args(CompressionName) if name != "keep"]


def go(folder: Path, source: str = "a.exr", status: str = "ok", **options: Any) -> Any:
    [report] = regrade(plan(FakeSDev(), folder / source, folder / "b.exr", options=Options(replace=True, **options)))
    assert report.status == status, report.why
    return exr.read_parts(folder / "b.exr")


def test_the_names_are_the_registers_but_for_a_quality_that_no_file_keeps() -> None:
    assert {*NAMES, "lj2k"} == {codec.name.lower() for codec in CODECS}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("layout", [{}, {"tile": (16, 8)}, {"order": 1}])
def test_every_codec_packs_what_the_library_reads(name: str, layout: dict[str, Any], folder: Path) -> None:
    arrays = {**{each: smooth((70, 60), seed=k) for k, each in enumerate("RGBA")}, "id": noise((70, 60), "uint32")}
    save(folder / "a.exr", arrays, **layout)
    [kept], [plain] = go(folder), exr.read_parts(folder / "b.exr")
    [part] = go(folder, compression=name, lossy="zips", force=True)
    would_change = name in ("b44", "b44a")  # the half alpha that passes
    assert part.header.codec.name.lower() == ("zips" if would_change else name)
    assert all(same_bits(part.channels[each], arrays[each]) for each in ("A", "id"))
    for each in "RGB":
        if not part.header.codec.changes(each, "float16"):
            assert same_bits(part.channels[each], kept.channels[each])
        np.testing.assert_allclose(part.channels[each], plain.channels[each], atol=0.02)
    theirs = OpenEXR.File(str(folder / "b.exr"), separate_channels=True).channels()
    assert all(same_bits(part.channels[each], theirs[each].pixels) for each in arrays)
    go(folder, status="skipped", compression=name, lossy="zips")


def test_a_level_is_kept_and_counts(folder: Path) -> None:
    save(folder / "a.exr", {each: smooth((300, 300), seed=k) for k, each in enumerate("RGB")})
    sizes = []
    for level in ("dwaa", "dwaa:200", "dwab:0.5"):
        [part] = go(folder, compression=level)
        name, _, number = level.partition(":")
        assert part.header.codec.name.lower() == name
        written = part.header.attributes.get("dwaCompressionLevel")
        assert written == (Attribute.floats("float", float(number)) if number else None)
        sizes.append((folder / "b.exr").stat().st_size)
        go(folder, status="skipped", compression=level)
    assert sizes[1] < sizes[0] < sizes[2]
    save(folder / "a.exr", {each: smooth((9, 9)) for each in "RGB"}, {}, (), codec="DWAA")
    [part] = go(folder, compression="dwaa:100")
    assert part.header.attributes["dwaCompressionLevel"] == Attribute.floats("float", 100)


def test_a_codec_as_in_the_source_changes_no_stamp(folder: Path) -> None:
    save(folder / "a.exr", {each: smooth((9, 9)) for each in "RGB"}, codec="PIZ")
    go(folder)
    go(folder, status="skipped", compression="piz")
    go(folder, status="skipped", tiles="scanline")
    go(folder, compression="zip")
    go(folder, status="skipped", compression="zip")
    go(folder)


@pytest.mark.parametrize("name", ["pxr24", "b44", "b44a", "dwaa", "dwab:30"])
def test_what_must_pass_is_never_harmed(name: str, folder: Path) -> None:
    arrays = {**production_frame((33, 40)), "key.R": smooth((33, 40), seed=4), "dof.Y": noise((33, 40), "float32", 5)}
    save(folder / "a.exr", arrays)
    why = refused(folder / "a.exr", folder / "b.exr", Options(compression=name))
    assert "expected a codec that keeps it bit for bit, got" in why
    assert why.endswith("; --lossy zips or split keeps it")
    for lossy in ("zips", "split"):
        parts = go(folder, compression=name, lossy=lossy, force=True)
        got = {each: array for part in parts for each, array in part.channels.items()}
        assert all(same_bits(got[each], array) for each, array in arrays.items() if each not in "RGB")
        assert parts[0].header.codec.name == ("ZIPS" if lossy == "zips" else name.partition(":")[0].upper())
        go(folder, status="skipped", compression=name, lossy=lossy)


def test_every_part_is_packed_and_each_keeps_what_it_must(folder: Path) -> None:
    color = {each: smooth((20, 30), seed=k) for k, each in enumerate("RGB")}
    normals = {each: noise((20, 30), "float16", k) for k, each in enumerate("RGB")}
    tiled = {"tile": (8, 8), "order": 2}
    save_parts(
        folder / "a.exr", ("rgba", color, tiled), ("normals", normals, {}), ("depth", {"Z": normals["R"]}, tiled)
    )
    parts = go(folder, compression="dwaa", lossy="zips", tiles="scanline")
    assert [part.header.codec.name for part in parts] == ["DWAA", "ZIPS", "DWAA"]
    assert not any(part.header.tiled or "tiles" in part.header.attributes for part in parts)
    assert [part.header.text("type") for part in parts] == ["scanlineimage"] * 3
    assert all(same_bits(parts[1].channels[each], normals[each]) for each in "RGB")
    assert same_bits(parts[2].channels["Z"], normals["R"])
    assert len(OpenEXR.File(str(folder / "b.exr"), separate_channels=True).parts) == 3
    go(folder, status="skipped", compression="dwaa", lossy="zips", tiles="scanline")


@pytest.mark.parametrize("order", [0, 1, 2])
def test_tiles_become_scan_lines(order: int, folder: Path) -> None:
    arrays = {**{each: smooth((37, 50), seed=k) for k, each in enumerate("RGB")}, "Z": noise((37, 50), "float32")}
    save(folder / "a.exr", arrays, tile=(16, 8), order=order, origin=(-3, 5), display=(0, 0, 99, 99))
    [tiles] = go(folder)
    [lines] = go(folder, tiles="scanline")
    assert (tiles.header.tiled, lines.header.tiled) == (True, False)
    assert all(same_bits(tiles.channels[each], lines.channels[each]) for each in arrays)
    assert lines.header.window == tiles.header.window
    assert lines.header.attributes["lineOrder"].data == bytes([0 if order == 2 else order])
    go(folder, status="skipped", tiles="scanline")
    go(folder)


def test_levels_become_scan_lines_only_if_they_are_dropped(folder: Path) -> None:
    mapped(folder / "a.exr", (20, 30), MIP, lambda shape, dtype, k: smooth(shape, dtype, k))
    for mips in ("refuse", "rebuild"):
        why = refused(folder / "a.exr", folder / "c.exr", Options(mips=mips, tiles="scanline"))
        assert "--mips drop" in why
    [part] = go(folder, mips="drop", tiles="scanline", compression="piz")
    assert (part.header.tiled, part.header.codec.name, len(part.levels)) == (False, "PIZ", 1)
    go(folder, status="skipped", mips="drop", tiles="scanline", compression="piz")


@pytest.mark.parametrize("name", ["piz", "dwaa", "pxr24"])
def test_an_image_becomes_an_exr_of_that_codec(name: str, folder: Path, oiio: Any) -> None:
    write(folder / "a.dpx", KINDS["DPX"], EncodedImage(codes_for(KINDS["DPX"], alpha=True)))
    [part] = go(folder, "a.dpx", compression=name, lossy="zips")
    assert part.header.codec.name.lower() == ("zips" if name == "pxr24" else name)  # alpha is of floats
    go(folder, "a.dpx", "skipped", compression=name, lossy="zips")
    if name == "pxr24":
        why = refused(folder / "a.dpx", folder / "c.exr", Options(compression=name))
        assert "channel A: expected a codec that keeps it bit for bit, got PXR24" in why


def test_in_place_a_frame_is_packed_once(folder: Path) -> None:
    save(folder / "a.exr", production_frame((20, 20)))

    def again(**options: Any) -> str:
        [report] = regrade(plan(FakeSDev(), folder / "a.exr", options=Options(in_place=True, **options)))
        return report.status

    assert [again(compression="dwaa", lossy="zips"), again(compression="dwaa", lossy="zips")] == ["ok", "skipped"]
    assert exr.read_header(folder / "a.exr").codec.name == "ZIPS"
    assert again(compression="piz") == "failed"  # it is graded and not packed so


def test_another_format_is_not_packed(folder: Path, oiio: Any) -> None:
    save(folder / "a.exr", {each: smooth((9, 9)) for each in "RGB"})
    for options, says in (
        (Options(compression="zip"), "compression: expected keep for PNG, got zip: it is of EXRs"),
        (Options(tiles="scanline"), "tiles: expected keep for PNG, got scanline: it is of EXRs"),
        (Options(lossy="split"), "lossy: expected refuse for PNG, got split: it is of EXRs"),
    ):
        [report] = regrade(plan(FakeSDev(), folder / "a.exr", folder / "b.png", options=options))
        assert says in report.why


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("zap", "expected keep or none or rle or zips or zip"),
        ("dwa", "did you mean 'dwa"),
        ("", "expected keep or none"),
        ("DWAA", "did you mean 'dwaa'"),
        ("zip:4", "expected a level after dwaa or dwab alone, got 'zip:4'"),
        ("keep:4", "expected a level after dwaa or dwab alone, got 'keep:4'"),
        *(
            (f"dwaa:{level}", "expected a level of 0 or more, such as dwaa:45")
            for level in ("", "x", "-1", "nan", "inf")
        ),
    ],
)
def test_a_wrong_codec_is_told(text: str, says: str) -> None:
    one_line(lambda: Options(compression=text), says)
