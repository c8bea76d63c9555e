"""ZIP and ZIPS chunks of our own packing, by the OpenEXR package's own reading."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from exr_samples import by_library, header_of, noise, same_bits, save, smooth

from lattice.files.exr import file as exr

TYPES = {"B": "float16", "G": "float16", "R": "float16", "Z": "float32", "id": "uint32", "é.x": "float16"}


@pytest.mark.parametrize("make", [noise, lambda shape, dtype, seed: np.full(shape, seed).astype(dtype)])
@pytest.mark.parametrize("codec", ["ZIP", "ZIPS"])
@pytest.mark.parametrize(
    ("shape", "layout"),
    [
        ((1, 1), {}),
        ((16, 1), {}),
        ((17, 31), {"order": 1}),
        ((33, 5), {"origin": (-9, -20)}),
        ((40, 50), {"tile": (16, 8)}),
        ((9, 7), {"tile": (64, 64), "order": 1}),
        ((31, 33), {"tile": (1, 31), "order": 2}),
    ],
)
def test_the_library_reads_what_was_packed(tmp_path, shape, layout, codec, make):
    arrays = {name: make(shape, dtype, k) for k, (name, dtype) in enumerate(TYPES.items())}
    save(tmp_path / "a.exr", arrays, codec=codec, **layout)
    theirs = by_library(tmp_path / "a.exr")
    assert all(same_bits(array, theirs[name]) for name, array in arrays.items())


def test_lines_in_decreasing_order_lie_so_in_the_file(tmp_path):
    save(tmp_path / "a.exr", {"R": smooth((40, 9))}, order=1)
    table = exr.read_header(tmp_path / "a.exr").length
    starts = np.frombuffer((tmp_path / "a.exr").read_bytes(), "<u8", 3, table)
    assert (np.diff(starts.astype(np.int64)) < 0).all()


def test_what_does_not_shrink_stays_as_it_is(tmp_path):
    array = noise((16, 64), "float16")
    save(tmp_path / "a.exr", {"R": array})
    header = exr.read_header(tmp_path / "a.exr")
    assert (tmp_path / "a.exr").read_bytes()[header.length + 8 + 8 :] == array.tobytes()


def test_files_are_at_most_a_tenth_larger_than_by_zlib(tmp_path):
    array = smooth((160, 400))
    save(tmp_path / "a.exr", {"R": array})
    header = exr.read_header(tmp_path / "a.exr")
    raw = array.reshape(10, -1).view(np.uint8)
    apart = np.concatenate([raw[:, ::2], raw[:, 1::2]], axis=1)
    apart[:, 1:] -= apart[:, :-1] + np.uint8(128)
    bound = 1.1 * sum(len(zlib.compress(chunk.tobytes(), 6)) for chunk in apart)
    assert (tmp_path / "a.exr").stat().st_size - header.length < bound


def test_the_channels_are_sorted_whatever_order_they_come_in(tmp_path):
    arrays = {name: noise((20, 9), "float16", k) for k, name in enumerate(("R", "B.x", "B", "a"))}
    header = header_of(dict(reversed(arrays.items())))
    exr.write(tmp_path / "a.exr", exr.Frame(tmp_path, header, arrays))
    assert [channel.name for channel in exr.read_header(tmp_path / "a.exr").channels] == ["B", "B.x", "R", "a"]
