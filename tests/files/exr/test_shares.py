"""Several threads on one image: the same file, byte for byte, and the same pixels and refusals as by one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from exr_samples import header_of, noise, real_files, same_bits, save, smooth

from lattice.files.exr import file as exr
from lattice.files.exr import openexr, shares
from lattice.files.exr.codecs import CODECS
from lattice.types import LatticeError

THREADS = (1, 2, 3, 7, 64)
LAYOUTS: dict[str, dict[str, Any]] = {
    "lines": {},
    "decreasing": {"order": 1},
    "off the origin": {"origin": (-5, 13), "display": (0, 0, 9, 9)},
    "tiles": {"tile": (16, 16)},
}


def arrays(height: int) -> dict[str, Any]:
    return {
        "B": smooth((height, 37), seed=1),
        "G": smooth((height, 37), "float32", seed=2),
        "id": noise((height, 37), "uint32"),
    }


@pytest.mark.parametrize("codec", [codec.name for codec in CODECS])
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("height", [1, 31, 33, 300])
def test_a_file_and_its_pixels_do_not_depend_on_threads(codec: str, layout: Any, height: int, tmp_path: Path) -> None:
    given = arrays(height)
    header = header_of(given, codec=codec, **layout)
    try:
        alone = openexr.encode([header], [[given]], "a.exr")
    except LatticeError as error:
        pytest.skip(f"the package does not write it: {error}")
    exr.write(tmp_path / "a.exr", exr.Frame(tmp_path, header, given))
    found = exr.read(tmp_path / "a.exr")
    for threads in THREADS:
        packed = openexr.encode([header], [[given]], "a.exr", threads)
        assert b"".join(packed.pieces) == b"".join(alone.pieces)
        assert [each.tolist() for each in packed.places] == [each.tolist() for each in alone.places]
        again = exr.read(tmp_path / "a.exr", threads=threads)
        for name, plane in found.channels.items():
            assert same_bits(again.channels[name], plane)
            assert not again.channels[name].flags.writeable
            assert again.channels[name].flags.c_contiguous


def test_every_share_is_whole_chunks_once() -> None:
    for height in (2, 16, 17, 500, 1080):
        header = header_of({"R": np.zeros((height, 3), "float16")})
        for threads in (2, 3, 16):
            parted = shares.shares(header, threads)
            rows = [shares.rows(header, share) for share in parted]
            assert bool(parted) == (height > 16)
            found = [row for each in rows for row in range(each.start, each.stop)]
            assert found == list(range(height if parted else 0))
            assert all(each.start % 16 == 0 for each in rows)
    assert len(shares.shares(header, 2)) > 2


@pytest.mark.parametrize("path", real_files(), ids=lambda path: path.name)
def test_real_files_are_read_alike(path: Path, images: Path) -> None:
    def read(threads: int) -> Any:
        try:
            return exr.read_parts(path, threads)
        except LatticeError as error:
            return str(error)

    one, many = read(0), read(3)
    if isinstance(one, str):
        assert many == one
        return
    for part, other in zip(one, many, strict=True):
        assert (part.header, part.sha256) == (other.header, other.sha256)
        for level, same in zip(part.levels, other.levels, strict=True):
            assert all(same_bits(level[name], same[name]) for name in level)


def test_a_damaged_chunk_is_refused_in_the_same_words(tmp_path: Path) -> None:
    save(tmp_path / "a.exr", {"R": smooth((300, 40)), "Z": noise((300, 40), "float32")})
    data = bytearray((tmp_path / "a.exr").read_bytes())
    data[len(data) // 2 : len(data) // 2 + 40] = bytes(40)
    (tmp_path / "a.exr").write_bytes(data)
    said = []
    for threads in (0, 2):
        with pytest.raises(LatticeError) as caught:
            exr.read(tmp_path / "a.exr", threads=threads)
        said.append(str(caught.value))
    assert said[0] == said[1]


def test_without_more_threads_it_is_done_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = save(tmp_path / "a.exr", {"R": smooth((300, 40))}).channels["R"]

    def refuse(self: Any, *words: Any) -> Any:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("concurrent.futures.ThreadPoolExecutor.submit", refuse)
    assert same_bits(exr.read(tmp_path / "a.exr", threads=4).channels["R"], wanted)
