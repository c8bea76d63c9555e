"""Pictures of the CPU's memory through the GPU in tiles: any layout, bounded memory, and what ends a picture early."""

from __future__ import annotations

import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from basics import one_line
from gpu_samples import TYPES, by_native, differing, raised_by, random_picture, sdev_of
from host_cupy import NUMBER, Stream
from host_memory import GPU, CUDARuntimeError
from native_samples import LAYOUTS, METHOD, fill, only_inside, sets_here, small_devices, window

from lattice.gpu import transfer
from lattice.gpu.engine import OutOfMemory
from lattice.sdev import SDev
from lattice.types import LatticeError

pytestmark = pytest.mark.slow

TILE = 1 << 14  # bytes
SOON = 30  # seconds: what takes longer hangs
ON_THEIR_WAY = transfer.PICTURES * transfer.LANES * 2  # tiles, in and out
DEVICE = small_devices()[-1]


@pytest.fixture(autouse=True)
def _small_tiles(host_gpu: None, monkeypatch: pytest.MonkeyPatch) -> None:
    sets_here()
    monkeypatch.setattr(transfer, "TILE", TILE)
    monkeypatch.setattr(transfer, "LEAST", 16)


@pytest.fixture
def sdev() -> SDev:
    """A device that is on the GPU."""
    found = sdev_of()
    found.prepare("cuda")
    return found


def is_right(sdev: SDev, image: Any, out_type: Any = None) -> bool:
    out = np.full(image.shape, 7, out_type or image.dtype)
    assert sdev.apply(image, out, METHOD, engine="cuda") is out
    return differing(out, by_native(sdev, image, out_type)) == 0


def soon(call: Callable[[], Any]) -> Any:
    """What a call returns in another thread, which must not hang."""
    pool = ThreadPoolExecutor(1)
    try:
        return pool.submit(call).result(SOON)
    finally:
        pool.shutdown(wait=False)


def uploaded() -> int:
    return sum(piece.size for piece in GPU.memory.pieces)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_layout_gives_the_bits_and_nothing_else_is_written(layout: str, sdev: SDev) -> None:
    for dtype, out_type, shape in (
        (np.float16, np.float32, (70, 67, 4)),
        (np.float32, np.float16, (5, 1801, 3)),
        (np.float32, np.float32, (1, 7001, 3)),
        (np.float16, np.float16, (3000, 2, 4)),
    ):
        image = random_picture(shape, dtype)
        wanted = by_native(sdev, image, out_type)
        (view, room), (out, out_room) = window(shape, dtype, layout), window(shape, out_type, layout, (1, 2, 1), 1)
        fill(view, room, image)
        fill(out, out_room, 7)
        count = len(GPU.launches)
        assert differing(only_inside(out, out_room, sdev.apply, view, out, METHOD, "cuda"), wanted) == 0
        assert len(GPU.launches) - count >= 3  # tiles
        if dtype is out_type:
            assert differing(only_inside(view, room, sdev.apply, view, view, METHOD, "cuda"), wanted) == 0


def test_tiles_cover_a_picture_once() -> None:
    for height, width, most in ((1, 1, 1), (7, 9, 1), (7, 9, 4), (7, 9, 9), (7, 9, 20), (7, 9, 1000), (1, 50, 7)):
        seen = np.zeros((height, width), int)
        for rows, columns in transfer._areas(range(height), range(width), most):
            assert 0 < seen[rows, columns].size <= most
            seen[rows, columns] += 1
        assert (seen == 1).all()


def test_a_picture_whose_end_is_not_waited_for_is_seen(sdev: SDev, monkeypatch: pytest.MonkeyPatch) -> None:
    image = random_picture((300, 70, 3))
    assert is_right(sdev, image)
    monkeypatch.setattr(Stream, "synchronize", lambda stream: stream.work.clear())  # it comes too late
    assert not is_right(sdev, image)


def test_memory_is_bounded_whatever_the_pictures_and_threads(sdev: SDev) -> None:
    before = uploaded()
    images = [random_picture((64 + 31 * i, 64, 4), TYPES[i % 2], i) for i in range(8)]  # no lane grows
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda image: is_right(sdev, image), images * 3))
    for peak in (GPU.memory.peak - before, GPU.pinned.peak):
        assert ON_THEIR_WAY * TILE // 4 < peak <= ON_THEIR_WAY * TILE


def test_memory_that_grows_goes_before_the_larger_comes(sdev: SDev) -> None:
    before = uploaded()
    for height in (40, 50, 60, 400):  # two tiles a picture at most, of 90 pixels a row
        assert is_right(sdev, random_picture((height, 90, 3)))
        for room, others in ((GPU.memory, before), (GPU.pinned, 0)):
            assert room.peak == room.held <= others + transfer.LANES * 2 * TILE


@pytest.mark.parametrize("room", ["memory", "pinned"])
def test_tiles_are_halved_until_they_fit(room: str, sdev: SDev) -> None:
    image, start = random_picture((100, 70, 3), np.float32), getattr(GPU, room)
    for most in (TILE, TILE // 2, TILE // 3, TILE // 50):
        transfer._queues.clear()
        start.refuses = lambda number, size, most=most: size > most
        count = len(GPU.launches)
        assert soon(lambda: is_right(sdev, image))
        assert len(GPU.launches) - count >= image.nbytes // most


@pytest.mark.parametrize("room", ["memory", "pinned"])
def test_what_a_pool_holds_unused_is_room(room: str, sdev: SDev) -> None:
    found = getattr(GPU, room)
    found.left, found.pooled = 0, 1 << 20
    assert soon(lambda: is_right(sdev, random_picture((100, 70, 3))))
    assert found.pooled == 0


@pytest.mark.parametrize("room", ["memory", "pinned"])
def test_any_allocation_may_fail(room: str, sdev: SDev) -> None:
    image = random_picture((100, 70, 4))
    for n in range(1, 12):
        transfer._queues.clear()
        start = getattr(GPU, room).count
        getattr(GPU, room).refuses = lambda number, size, n=n, start=start: start + n <= number <= start + n + 1
        assert soon(lambda: is_right(sdev, image))
    assert getattr(GPU, room).count - start < 11  # the last one was past all that is taken


def test_a_device_that_finds_no_room_beside_tiles_gets_it() -> None:
    image, sdev = random_picture((100, 70, 4)), sdev_of()
    GPU.memory.left = 65536 * 3 * 4 + 200 * 16 + TILE
    assert soon(lambda: is_right(sdev, image))


@pytest.mark.parametrize("room", ["memory", "pinned"])
def test_where_nothing_fits_a_line_says_so_and_the_next_picture_works(room: str, sdev: SDev) -> None:
    image = random_picture((100, 70, 3))
    for _ in range(2 * transfer.PICTURES):
        getattr(GPU, room).refuses = lambda number, size: True
        one_line(lambda: soon(lambda: sdev.apply(image, engine="cuda")), "out of GPU memory", "no room for")
        assert isinstance(raised_by(lambda: sdev.apply(image, engine="cuda")), OutOfMemory)
        gc.collect()  # what pytest kept of the exceptions
        assert GPU.pinned.held == 0
        getattr(GPU, room).refuses = lambda number, size: False
    assert soon(lambda: is_right(sdev, image))


def test_what_a_failed_tile_held_is_free_when_room_is_made(sdev: SDev, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []

    def noted(lanes: Any, make_room: Any = transfer._make_room) -> None:
        make_room(lanes)
        held.append(GPU.pinned.held)

    monkeypatch.setattr(transfer, "_make_room", noted)
    start = GPU.memory.count
    GPU.memory.refuses = lambda number, size: number in (start + 2, start + 3)  # a second try, too
    assert is_right(sdev, random_picture((100, 70, 3)))
    assert held == [0]


ENDS: dict[str, Callable[[], BaseException]] = {
    "an interrupt": KeyboardInterrupt,
    "another error": lambda: ZeroDivisionError("made up"),
    "an error of CUDA's": lambda: CUDARuntimeError(700, "cudaErrorIllegalAddress"),
}


@pytest.mark.parametrize("lasts", [False, True])
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_whatever_ends_a_picture_the_next_one_works(end: Any, lasts: bool, sdev: SDev) -> None:
    image, error = random_picture((60, 70, 3), np.float32), end()
    kind = LatticeError if isinstance(error, CUDARuntimeError) else type(error)
    for first in range(1000):
        GPU.calls, GPU.fails = 0, lambda number, k=first: error if number == k or (lasts and number > k) else None
        told = raised_by(lambda: soon(lambda: sdev.apply(image, engine="cuda")))
        GPU.fails = lambda number: None
        if told is None:
            break
        assert type(told) is kind
        assert transfer._queue(NUMBER).qsize() == transfer.PICTURES
        if first % 3 == 0:
            assert soon(lambda: is_right(sdev, image))
    assert 30 < first < 1000


def test_a_picture_that_fails_disturbs_no_other(sdev: SDev) -> None:
    images = [random_picture((60, 70, 3 + i % 2), seed=i) for i in range(24)]
    GPU.fails = lambda number: CUDARuntimeError(700, "made up") if number % 101 == 50 else None
    with ThreadPoolExecutor(8) as pool:
        waiting = [
            pool.submit(lambda image=image: raised_by(lambda: is_right(sdev, image) or 1 / 0)) for image in images
        ]
        told = [each.result(SOON) for each in waiting]
    assert {type(each) for each in told} == {type(None), LatticeError}
    GPU.fails = lambda number: None
    assert all(soon(lambda image=image: is_right(sdev, image)) for image in images[:4])
