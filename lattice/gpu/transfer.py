"""Pictures of the CPU's memory through the GPU: tiles of rows, one on its way in while another is on its way out."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import LifoQueue

import numpy as np

from lattice.gpu.engine import OutOfMemory, allocate, allocate_pinned, cupy, launch, limits, told
from lattice.gpu.kernel import OnGPU, Picture
from lattice.types import Interpolation, Pixels, SDevData

TILE = 1 << 25  # bytes of a tile on either side: PCIe is at full speed far below, and several fit any GPU
LEAST = 4096  # pixels of a tile where memory is short
LANES = 2  # a picture's tiles take turns
PICTURES = 2  # that are on their way at a time: with more, the bus is the queue


class _Lane:
    """A stream and a tile's memory at both ends of the bus."""

    def __init__(self) -> None:
        self.stream = cupy().cuda.Stream(non_blocking=True)
        self.waiting: tuple[OnGPU, OnGPU] | None = None
        self.memory: dict[str, tuple[OnGPU, int]] = {}

    def room(self, what: str, size: int, take: Callable[[int], OnGPU]) -> OnGPU:
        """Memory of at least `size` bytes, a power of two; more than was asked for before is taken anew."""
        size = 1 << (size - 1).bit_length()  # few sizes: frames that differ a little take nothing anew
        held = self.memory.get(what)
        if held is None or held[1] < size:
            held = self.memory[what] = None, 0  # the old one goes before there is a new one
            held = self.memory[what] = take(size), size
        return held[0]

    def pinned(self, what: str, like: Pixels) -> Pixels:
        """A packed NumPy array of the shape and type of `like` in memory that the bus reads by itself."""
        memory = self.room(f"pinned {what}", like.nbytes, allocate_pinned)
        return np.frombuffer(memory, like.dtype, like.size).reshape(like.shape)

    def send(self, device: SDevData, image: Pixels, out: Pixels, interpolation: Interpolation) -> None:
        """Start a tile on its way through. `take` ends it."""
        runtime, stream = cupy().cuda.runtime, self.stream
        with told():
            source, shown = self.pinned("in", image), self.pinned("out", out)
            there, back = (self.room(what, array.nbytes, allocate).ptr
                           for what, array in (("in", image), ("out", out)))
        np.copyto(source, image)
        with told(), stream:
            runtime.memcpyAsync(there, source.ctypes.data, source.nbytes, runtime.memcpyHostToDevice, stream.ptr)
            launch(device, _packed(image, there), _packed(out, back), interpolation)
            runtime.memcpyAsync(shown.ctypes.data, back, shown.nbytes, runtime.memcpyDeviceToHost, stream.ptr)
        self.waiting = (out, shown)

    def take(self) -> None:
        """Wait for the tile that is on its way, and put it where it belongs."""
        self.stream.synchronize()
        if self.waiting is not None:
            (out, shown), self.waiting = self.waiting, None
            np.copyto(out, shown)


def _packed(array: Pixels, address: int) -> Picture:
    height, width, channels = array.shape
    return Picture(address, width * channels * array.dtype.itemsize, height, width, channels,
                   array.dtype == np.float16)


_queues: dict[int, LifoQueue[list[_Lane]]] = {}
_lock = threading.Lock()


def _queue(number: int) -> LifoQueue[list[_Lane]]:
    """The lanes of GPU `number`, as many pictures' as may be on their way."""
    with _lock:
        if number not in _queues:
            _queues[number] = LifoQueue()
            for _ in range(PICTURES):
                _queues[number].put([])
        return _queues[number]


@contextmanager
def _lanes() -> Iterator[list[_Lane]]:
    """A picture's lanes, for as long as it is on its way; waits until there are some."""
    queue, lanes = _queue(cupy().cuda.runtime.getDevice()), None
    try:
        lanes = queue.get()
        lanes += [_Lane() for _ in range(LANES - len(lanes))]
        yield lanes
    except BaseException:
        lost, lanes = lanes or [], None if lanes is None else []
        for lane in lost:
            lane.waiting = None
        for lane in lost:  # what is on its way ends before its memory goes
            with suppress(Exception):
                lane.stream.synchronize()
        raise
    finally:
        if lanes is not None:
            queue.put(lanes)


Area = tuple[slice, slice]  # rows, columns


def _areas(rows: range, columns: range, most: int) -> Iterator[Area]:
    """Parts of at most `most` pixels, whole rows where one holds no more."""
    height, width = max(1, most // len(columns)), min(most, len(columns))
    for top in range(rows.start, rows.stop, height):
        for left in range(columns.start, columns.stop, width):
            yield slice(top, min(top + height, rows.stop)), slice(left, min(left + width, columns.stop))


def run(device: SDevData, image: Pixels, out: Pixels, interpolation: Interpolation) -> None:
    """Run a device over a picture of the CPU's memory, on the current GPU; returns when `out` is whole.

    image: (H, W, 3 or 4) float16 or float32, any strides. out: the same shape, float16 or float32; may be `image`
    itself. At most 4 tiles of 32 MiB a side are pinned, and on the GPU, whatever the pictures and threads; where the
    GPU has no room for one, tiles are halved. Raises LatticeError where not even 4096 pixels fit, or CUDA fails.
    """
    limits()
    if not image.size:
        return
    with told(), _lanes() as lanes:
        pixel = image.shape[2] * max(image.itemsize, out.itemsize)
        most = TILE // pixel
        areas = deque(_areas(range(image.shape[0]), range(image.shape[1]), most))
        turn = 0
        while areas:
            lane = lanes[turn % LANES]
            lane.take()
            full = ""
            try:
                lane.send(device, image[areas[0]], out[areas[0]], interpolation)
                areas.popleft()
                turn += 1
            except OutOfMemory as error:
                full = error.why  # and no more: its traceback holds what the tile had
            if full:
                most //= 2
                if most < LEAST:
                    raise OutOfMemory(full)
                _make_room(lanes)
                areas = deque(part for rows, columns in areas for part in _areas(
                    range(rows.start, rows.stop), range(columns.start, columns.stop), most))
        for k in range(LANES):
            lanes[(turn + k) % LANES].take()


def _make_room(lanes: list[_Lane]) -> None:
    for lane in lanes:
        lane.take()
        lane.memory.clear()
