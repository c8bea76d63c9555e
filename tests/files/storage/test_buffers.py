"""Memory that is handed on is never in use; files read into it, and compared with what they were made of."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from lattice.files.storage import buffers, written
from lattice.files.storage.buffers import LEAST, Buffers, fresh, read_into
from lattice.types import LatticeError

SIZE = 3 * LEAST


def place(array: np.ndarray) -> int:
    return int(array.ctypes.data)


def test_memory_is_given_again_once_no_view_of_it_is_left() -> None:
    room = Buffers()
    first = room(SIZE)
    at, views = place(first), [first[5:].view()[1:], first.data[7:], np.frombuffer(first.data, "<f2", 9, 2)]
    views += [np.lib.stride_tricks.as_strided(first[:4], (2,), (2,))]
    del first
    while views:
        assert place(room(SIZE)) != at, f"{len(views)} views are left"
        views.pop()
    again = room(SIZE)
    assert place(again) == at
    assert again.size == SIZE


def test_sizes_that_are_near_share_memory_and_others_free_it() -> None:
    room = Buffers()
    first, second = room(SIZE), room(SIZE)
    held = room.bytes_kept
    del first
    assert room(SIZE - SIZE // 20).size == SIZE - SIZE // 20
    assert room.bytes_kept == held
    other = room(2 * SIZE)
    assert other.size == 2 * SIZE
    assert 3 * SIZE <= room.bytes_kept < 3.2 * SIZE, "the first is freed, the second is in use"
    del other, second
    room.drop()
    assert room.bytes_kept == 0


def test_small_arrays_are_not_kept() -> None:
    room = Buffers()
    room(LEAST - 1)
    assert room.bytes_kept == 0


def test_threads_never_share_an_array() -> None:
    room, wrong = Buffers(), []

    def work(number: int) -> None:
        for _ in range(200):
            array = room(LEAST)
            array[::4096] = number
            if (array[::4096] != number).any():
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert room.bytes_kept <= 4 * 1.1 * LEAST


@pytest.mark.parametrize("lead", [0, 3])
@pytest.mark.parametrize("at_once", [buffers.AT_ONCE, 100])
def test_a_file_is_read_behind_the_bytes_that_align_it(
    lead: int, at_once: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buffers, "AT_ONCE", at_once)
    data, made = bytes(range(250)) * 4, []
    (tmp_path / "a").write_bytes(data)
    assert read_into(tmp_path / "a", lambda size: made.append(fresh(size)) or made[-1], lead) == data
    assert bytes(made[0][lead:]) == data
    (tmp_path / "a").write_bytes(b"")
    assert read_into(tmp_path / "a", fresh, lead) == b""
    with pytest.raises(LatticeError, match="b: expected a file, got none"):
        read_into(tmp_path / "b", fresh)


@pytest.mark.parametrize("block", [written.BLOCK, 7])
def test_a_file_is_made_of_these_pieces_or_of_others(
    block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(written, "BLOCK", block)
    pieces = [b"front", b"", memoryview(bytes(range(100))), b"end"]
    whole = b"".join(pieces)
    (tmp_path / "a").write_bytes(whole)
    assert written.is_made_of(tmp_path / "a", pieces)
    for k in (0, 5, 60, len(whole) - 1):
        (tmp_path / "a").write_bytes(whole[:k] + bytes([whole[k] ^ 1]) + whole[k + 1 :])
        assert not written.is_made_of(tmp_path / "a", pieces), k
    for other in (whole[:-1], whole + b"x", b""):
        (tmp_path / "a").write_bytes(other)
        assert not written.is_made_of(tmp_path / "a", pieces)
