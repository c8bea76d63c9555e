"""Mip- and rip-maps: every level as OpenImageIO reads it, graded from its own source or dropped."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from basics import require
from exr_samples import MIPPED, real_files, same_bits, smooth
from level_samples import mapped
from regrade_samples import FakeSDev, curve, refused, stack

from lattice.files.exr import file as exr
from lattice.regrade import Options, plan, regrade
from lattice.types import LatticeError

pytestmark = pytest.mark.slow

MIP, RIP, UP = 1, 2, 0x10


@pytest.fixture
def oiio():
    try:
        import OpenImageIO
    except ImportError:
        require("formats", "OpenImageIO is not installed")
    return OpenImageIO


def shapes(size, mode):
    """Sizes by the format's own words: halved, rounded, until both sides (mip) or each (rip) are 1."""

    def halved(n):
        sizes = [n]
        while sizes[-1] > 1:
            sizes.append(sizes[-1] // 2 if not mode & UP else (sizes[-1] + 1) // 2)
        return sizes

    high, wide = map(halved, size)
    if mode & 0xF == MIP:
        count = max(len(high), len(wide))
        return [((high + [1] * count)[k], (wide + [1] * count)[k]) for k in range(count)]
    return [(h, w) for h in high for w in wide]


@pytest.mark.parametrize("mode", [MIP, RIP, MIP | UP, RIP | UP])
@pytest.mark.parametrize("size", [(1, 1), (7, 13), (16, 16), (33, 4), (1, 9), (17, 31)])
def test_levels_are_those_of_the_format_and_come_back_whole(tmp_path, oiio, size, mode):
    frame = mapped(tmp_path / "a.exr", size, mode, order=2)
    assert [image.shape for image in frame.header.images] == shapes(size, mode)
    again = exr.read(tmp_path / "a.exr")
    assert again.header == frame.header
    for meant, got in zip(frame.levels, again.levels, strict=True):
        assert all(same_bits(meant[name], got[name]) for name in meant)
    if mode & 0xF == MIP:
        compare(oiio, tmp_path / "a.exr", frame)


def compare(oiio, path, frame):
    opened = oiio.ImageInput.open(str(path))
    for k, level in enumerate(frame.levels):
        spec = opened.spec(0, k)
        for name, array in level.items():
            at = spec.channelnames.index(name)
            theirs = opened.read_image(
                0, k, at, at + 1, str(array.dtype).replace("float16", "half").replace("float32", "float")
            )[..., 0]
            assert same_bits(np.ascontiguousarray(theirs), array), (k, name)
    opened.close()


@pytest.mark.usefixtures("images")
@pytest.mark.parametrize("path", real_files(lambda path: path.name.startswith(MIPPED)), ids=lambda path: path.name)
def test_real_maps(folder, oiio, path):
    source = exr.read(path)
    compare(oiio, path, source)
    assert "got a mip- or rip-map; add --mips drop or --mips rebuild" in refused(path, folder / "no.exr")
    for mips in ("rebuild", "drop"):
        (report,) = regrade(plan(FakeSDev(), path, folder / f"{mips}.exr", options=Options(mips=mips)))
        assert report.status == "ok", report.why
        compare(oiio, folder / f"{mips}.exr", exr.read(folder / f"{mips}.exr"))
    rebuilt, dropped = (exr.read(folder / f"{mips}.exr") for mips in ("rebuild", "drop"))
    assert len(rebuilt.levels) == len(source.levels)
    assert len(dropped.levels) == 1
    assert dropped.header.tiled
    assert dropped.header.tile == source.header.tile
    assert all(same_bits(rebuilt.channels[name], dropped.channels[name]) for name in dropped.channels)


def test_each_level_is_graded_from_its_own_and_the_rest_passes(folder):
    frame = mapped(folder / "a.exr", (20, 30), MIP, lambda shape, dtype, k: smooth(shape, dtype, k))
    options = Options(mips="rebuild")
    regrade(plan(FakeSDev(), folder / "a.exr", folder / "b.exr", options=options))
    for source, got in zip(frame.levels, exr.read(folder / "b.exr").levels, strict=True):
        assert np.array_equal(stack(got, dtype=np.float16), curve(stack(source, dtype=np.float16)))
        assert same_bits(source["Z"], got["Z"])
    assert regrade(plan(FakeSDev(), folder / "a.exr", folder / "b.exr", options=options))[0].status == "skipped"
    assert (
        regrade(plan(FakeSDev(), folder / "a.exr", folder / "b.exr", options=Options(mips="drop", replace=True)))[
            0
        ].status
        == "ok"
    )
    assert len(exr.read(folder / "b.exr").levels) == 1


@pytest.mark.parametrize("mips", ["drop", "rebuild"])
def test_in_place_is_done_once(folder, mips):
    mapped(folder / "a.exr", (20, 30), MIP, lambda shape, dtype, k: smooth(shape, dtype, k))
    options = Options(mips=mips, in_place=True)
    (first,), (second,) = (regrade(plan(FakeSDev(), folder / "a.exr", options=options)) for _ in range(2))
    assert (first.status, second.status) == ("ok", "skipped")


def test_a_map_cut_at_any_byte_is_refused(tmp_path):
    mapped(tmp_path / "a.exr", (9, 7), RIP)
    whole = (tmp_path / "a.exr").read_bytes()
    for length in range(len(whole)):
        (tmp_path / "cut.exr").write_bytes(whole[:length])
        with pytest.raises(LatticeError, match=r"cut\.exr: .*(cut short|empty file|chunks, got a file)"):
            exr.read(tmp_path / "cut.exr")


@pytest.mark.parametrize("mode", [3, 0xF, 0x20, 0x21])
def test_modes_that_are_none(tmp_path, mode):
    mapped(tmp_path / "a.exr", (9, 7), MIP)
    raw = (tmp_path / "a.exr").read_bytes()
    (tmp_path / "b.exr").write_bytes(raw.replace(struct.pack("<2IB", 8, 5, MIP), struct.pack("<2IB", 8, 5, mode)))
    with pytest.raises(LatticeError, match=f"tiles: expected one level, a mip-map or a rip-map, got mode {mode:#x}"):
        exr.read(tmp_path / "b.exr")
