"""Files in pieces are read and written as io does it, and what the package wrote is taken apart right."""

from __future__ import annotations

import io
import os
import struct

import numpy as np
import pytest

from lattice.files.exr.streams import Source, Target


def test_pieces_are_read_as_one_file() -> None:
    whole = bytes(range(60))
    source, file = Source([whole[:7], b"", memoryview(whole)[7:30], whole[30:]]), io.BytesIO(whole)
    random = np.random.default_rng(0)
    for _ in range(500):
        offset, size = int(random.integers(0, 70)), int(random.integers(-1, 70))
        assert source.seek(offset) == file.seek(offset)
        assert source.read(size) == file.read(size)
        assert source.tell() == file.tell()
    assert source.seek(-3, os.SEEK_END) == 57
    assert source.seek(1, os.SEEK_CUR) == 58
    assert source.read() == whole[58:]
    assert Source([]).read() == b""


def written(*bodies: bytes, order: tuple[int, ...]) -> Target:
    """What a package writes: a header, a table to come, chunks in `order`, the table."""
    target = Target()
    target.write(b"header")
    target.write(bytes(8 * len(bodies)))
    places = {}
    for k in order:
        places[k] = target.tell()
        target.write(struct.pack("<2i", k, len(bodies[k])))
        target.write(bodies[k])
    target.seek(6)
    for k in range(len(bodies)):
        target.write(struct.pack("<Q", places[k]))
    target.seek(0, os.SEEK_END)
    return target


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_chunks_are_found_by_the_table(order: tuple[int, ...]) -> None:
    bodies = (b"a" * 3, b"b" * 5, b"c" * 2)
    pieces, starts, ends = written(*bodies, order=order).chunks()
    joined = b"".join(pieces)
    assert len(joined) == 24 + 10
    for k, body in enumerate(bodies):
        assert joined[starts[k] : ends[k]] == struct.pack("<2i", k, len(body)) + body


def test_what_is_no_table_is_refused() -> None:
    target = Target()
    target.write(b"header and nothing else")
    with pytest.raises(ValueError, match="expected an offset table"):
        target.chunks()
    target = written(b"a", b"b", order=(0, 1))
    target.seek(6)
    target.write(struct.pack("<Q", 8))
    with pytest.raises(ValueError, match="expected an offset table"):
        target.chunks()


@pytest.mark.parametrize("cut", [12, 30], ids=["within the table", "within a chunk"])
def test_a_write_across_the_first_chunk_is_refused(cut: int) -> None:
    """Whose bytes would be taken for others' places."""
    whole = b"header" + bytes(16) + b"first chunk and the second"
    target = Target()
    for piece in (whole[:cut], whole[cut:]):
        target.write(piece)
    target.seek(6)
    target.write(struct.pack("<2Q", 22, 40))
    target.seek(0, os.SEEK_END)
    with pytest.raises(ValueError, match="expected a write that begins with the first chunk, got one across it"):
        target.chunks()
