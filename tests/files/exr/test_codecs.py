"""Codecs: each keeps what its record says, by the bits."""

from __future__ import annotations

import os

import OpenEXR
import pytest
from exr_samples import by_library, noise, same_bits, save, smooth

from lattice.files.exr import file as exr
from lattice.files.exr.codecs import CODECS
from lattice.files.exr.header import Attribute
from lattice.types import LatticeError

TYPES = ("float16", "float32", "uint32")


@pytest.mark.parametrize("codec", [codec.name for codec in CODECS])
@pytest.mark.parametrize("shape", [(1, 1), (67, 131), (257, 3)])
def test_every_codec_keeps_what_the_register_says(tmp_path, codec, shape):
    record = next(c for c in CODECS if c.name == codec)
    arrays = {
        f"{layer}.{name}": noise(shape, dtype, i)
        for i, dtype in enumerate(TYPES)
        for layer in (dtype,)
        for name in ("R", "G", "Y", "Z", "A", "red")
    }
    kept = [name for name in arrays if not record.changes(name, str(arrays[name].dtype))]
    frame = save(tmp_path / "a.exr", arrays, passing=kept, codec=codec)
    again = exr.read(tmp_path / "a.exr")
    assert again.header == frame.header
    theirs = by_library(tmp_path / "a.exr")
    assert all(same_bits(again.channels[name], theirs[name]) for name in arrays)
    assert all(same_bits(again.channels[name], arrays[name]) for name in kept)
    assert kept if codec != "none" else len(kept) == len(arrays)


@pytest.mark.parametrize("codec", [codec.name for codec in CODECS if codec.lossy and codec.settles])
def test_codecs_that_settle_write_back_what_was_read(tmp_path, codec):
    for dtype in ("float16", "float32"):
        save(
            tmp_path / "a.exr",
            {"A": smooth((67, 131), dtype), "R": smooth((67, 131), dtype, 1)},
            codec=codec,
            passing=(),
        )
        first = exr.read(tmp_path / "a.exr")
        exr.write(tmp_path / "b.exr", first, passing=["A", "R"])


@pytest.mark.parametrize("codec", ["DWAA", "DWAB"])
def test_dwa_is_lossy_by_name_only(tmp_path, codec):
    record = next(c for c in CODECS if c.name == codec)
    for name in ("R", "x.B", "x.Y", "RY"):
        assert record.ruins(name, "float16")
        assert record.ruins(name, "float32")
        assert not record.ruins(name, "uint32")
        with pytest.raises(LatticeError, match=f"channel {name}: expected it bit for bit, got .* changed pixels"):
            save(tmp_path / "a.exr", {name: smooth((40, 40))}, codec=codec)
    assert os.listdir(tmp_path) == []


def test_dwa_level_is_kept_and_used(tmp_path):
    sizes = []
    for level in (5.0, 45.0, 500.0):
        save(
            tmp_path / "a.exr",
            {n: smooth((128, 128), seed=i) for i, n in enumerate("BGR")},
            {"dwaCompressionLevel": Attribute.floats("float", level)},
            passing=(),
            codec="DWAA",
        )
        assert OpenEXR.File(str(tmp_path / "a.exr")).header()["dwaCompressionLevel"] == level
        sizes.append((tmp_path / "a.exr").stat().st_size)
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == 3
