"""Apply an SDev on the GPU to images in CPU memory, in tiles of rows: one tile uploads while another downloads."""

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

TILE = 1 << 25  # bytes per tile and direction: PCIe reaches full speed with far less, and several fit any GPU
LEAST = 4096  # pixels: the smallest tile when memory is short
LANES = 2  # per image; its tiles alternate between them
PICTURES = 2  # in transfer at a time; more would only queue for the bus


class _Lane:
    """A CUDA stream, with the buffers of one tile in GPU memory and in pinned host memory."""

    def __init__(self) -> None:
        self.stream = cupy().cuda.Stream(non_blocking=True)
        self.waiting: tuple[OnGPU, OnGPU] | None = None
        self.memory: dict[str, tuple[OnGPU, int]] = {}

    def room(self, what: str, size: int, take: Callable[[int], OnGPU]) -> OnGPU:
        """Return buffer `what`, of at least `size` bytes, a power of two; `take` allocates a larger one if needed."""
        size = 1 << (size - 1).bit_length()  # few sizes, so that slightly different frames reuse it
        held = self.memory.get(what)
        if held is None or held[1] < size:
            held = self.memory[what] = None, 0  # free the old buffer before allocating the new one
            held = self.memory[what] = take(size), size
        return held[0]

    def pinned(self, what: str, like: Pixels) -> Pixels:
        """Return a C-ordered NumPy array in pinned memory, with the shape and dtype of `like`."""
        memory = self.room(f"pinned {what}", like.nbytes, allocate_pinned)
        return np.frombuffer(memory, like.dtype, like.size).reshape(like.shape)

    def send(self, device: SDevData, image: Pixels, out: Pixels, interpolation: Interpolation) -> None:
        """Queue a tile: upload, kernel, download. `take` finishes it."""
        runtime, stream = cupy().cuda.runtime, self.stream
        with told():
            source, shown = self.pinned("in", image), self.pinned("out", out)
            there, back = (self.room(what, array.nbytes, allocate).ptr for what, array in (("in", image), ("out", out)))
        np.copyto(source, image)
        with told(), stream:
            runtime.memcpyAsync(there, source.ctypes.data, source.nbytes, runtime.memcpyHostToDevice, stream.ptr)
            launch(device, _packed(image, there), _packed(out, back), interpolation)
            runtime.memcpyAsync(shown.ctypes.data, back, shown.nbytes, runtime.memcpyDeviceToHost, stream.ptr)
        self.waiting = (out, shown)

    def take(self) -> None:
        """Wait for the tile in flight, if there is one, and copy it to its place in the output."""
        self.stream.synchronize()
        if self.waiting is not None:
            (out, shown), self.waiting = self.waiting, None
            np.copyto(out, shown)


def _packed(array: Pixels, address: int) -> Picture:
    height, width, channels = array.shape
    return Picture(address, width * channels * array.dtype.itemsize, height, width, channels, array.dtype == np.float16)


_queues: dict[int, LifoQueue[list[_Lane]]] = {}
_lock = threading.Lock()


def _queue(number: int) -> LifoQueue[list[_Lane]]:
    """Return the queue of GPU `number`: a list of lanes for each image that may be in transfer."""
    with _lock:
        if number not in _queues:
            _queues[number] = LifoQueue()
            for _ in range(PICTURES):
                _queues[number].put([])
        return _queues[number]


@contextmanager
def _lanes() -> Iterator[list[_Lane]]:
    """Yield the lanes of one image for its transfer on the current GPU; wait until some are free."""
    queue, lanes = _queue(cupy().cuda.runtime.getDevice()), None
    try:
        lanes = queue.get()
        lanes += [_Lane() for _ in range(LANES - len(lanes))]
        yield lanes
    except BaseException:
        lost, lanes = lanes or [], None if lanes is None else []
        for lane in lost:
            lane.waiting = None
        for lane in lost:  # copies in flight must end before their buffers are freed
            with suppress(Exception):
                lane.stream.synchronize()
        raise
    finally:
        if lanes is not None:
            queue.put(lanes)


Area = tuple[slice, slice]  # rows, columns


def _areas(rows: range, columns: range, most: int) -> Iterator[Area]:
    """Yield areas of at most `most` pixels; whole rows if one row is not larger."""
    height, width = max(1, most // len(columns)), min(most, len(columns))
    for top in range(rows.start, rows.stop, height):
        for left in range(columns.start, columns.stop, width):
            yield slice(top, min(top + height, rows.stop)), slice(left, min(left + width, columns.stop))


def run(device: SDevData, image: Pixels, out: Pixels, interpolation: Interpolation) -> None:
    """Apply an SDev on the current GPU to an image in CPU memory; return when `out` is complete.

    image: (H, W, 3 or 4) float16 or float32, any strides. out: the same shape, float16 or float32; may be `image`
    itself. At most 4 tiles of 32 MiB per direction are pinned, and on the GPU, for all images and threads together; if
    a tile does not fit, tiles are halved. Raises NoGPU if there is no GPU, LatticeError if tiles of 4096 pixels do not
    fit, or CUDA fails.
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
                full = error.why  # keep only the text: the traceback holds the tile's buffers
            if full:
                most //= 2
                if most < LEAST:
                    raise OutOfMemory(full)
                _make_room(lanes)
                areas = deque(
                    part
                    for rows, columns in areas
                    for part in _areas(range(rows.start, rows.stop), range(columns.start, columns.stop), most)
                )
        for k in range(LANES):
            lanes[(turn + k) % LANES].take()


def _make_room(lanes: list[_Lane]) -> None:
    for lane in lanes:
        lane.take()
        lane.memory.clear()
