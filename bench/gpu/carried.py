"""Frames of the CPU's memory through the card and back, beside the bus alone; and one small frame's way from Python."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from gpu import card
from gpu.stack import Stack
from timing import ROUNDS

from lattice.gpu import engine
from lattice.interp import native
from lattice.interp.threads import cores
from lattice.sdev import SDev

FRAMES = 8  # a round, for each thread
CALLS = 200
NUMPY_SHARE = 8  # NumPy does the first of so many parts of the rows; the time is scaled
ONE = "one small frame"
BUS_COPIES = 8  # between two events


def _frames_a_second(apply: Callable[[Any, Any], object], pictures: list[tuple[Any, Any]], threads: int) -> float:
    """Median over rounds. pictures: in and out, a pair for each thread; each thread does its own again and again."""

    def work(pair: tuple[Any, Any]) -> None:
        for _ in range(FRAMES):
            apply(*pair)

    spent = []
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, pictures[:threads]))  # what is done once
        for _ in range(ROUNDS):
            start = time.perf_counter()
            list(pool.map(work, pictures[:threads]))
            spent.append(time.perf_counter() - start)
    return threads * FRAMES / statistics.median(spent)


def carried(sdev: SDev, picture: Any) -> dict[str, float]:
    """Frames a second by engine. picture: (H, W, 4) half. Ends the program where the engines differ too much."""
    pairs = [(picture.copy(), np.full_like(picture, np.nan)) for _ in range(2)]
    found = {}
    for threads in (1, 2):
        name = f'engine="cuda", {threads} thread{"s" if threads > 1 else ""} of Python'
        found[name] = _frames_a_second(lambda image, out: sdev.apply(image, out, engine="cuda"), pairs, threads)
    if pairs[0][1].tobytes() != pairs[1][1].tobytes():
        sys.exit("carried: two threads got different pictures")
    shown = _on_card(sdev, picture)
    if pairs[0][1].tobytes() != shown.tobytes():
        sys.exit("carried: other bits than those of the same frame on the card")
    if native.unavailable_reason() is None:
        for threads in sorted({1, cores()}):
            name = f'engine="native", {threads} of {cores()} cores'
            found[name] = _frames_a_second(
                lambda image, out, n=threads: sdev.apply(image, out, None, "native", n), pairs, 1
            )
    rows = max(1, len(picture) // NUMPY_SHARE)
    start = time.perf_counter()
    sdev.apply(picture[:rows], engine="numpy")
    found[f'engine="numpy", {cores()} cores, the first 1/{NUMPY_SHARE} of the rows'] = (
        rows / len(picture) / (time.perf_counter() - start)
    )
    return found


def _array(memory: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    cupy = engine.cupy()
    return cupy.ndarray(shape, dtype, cupy.cuda.MemoryPointer(memory, 0))


def _on_card(sdev: SDev, picture: Any) -> Any:
    """What `apply` makes of a frame that lies on the card, a CuPy array."""
    source, target = card.allocate(picture.nbytes), card.allocate(picture.nbytes)
    card.upload(source.ptr, picture)
    card.poison(target.ptr, picture.nbytes)
    sdev.apply(_array(source, picture.shape, picture.dtype), _array(target, picture.shape, picture.dtype))
    return card.download(target.ptr, picture.shape, picture.dtype)


def bus(size: int) -> dict[str, float]:
    """Seconds for `size` bytes up, down, and both at once, from and to pinned memory."""
    cuda = engine.cupy().cuda
    runtime, streams = cuda.runtime, [cuda.Stream(non_blocking=True) for _ in range(2)]
    pinned = [cuda.alloc_pinned_memory(size) for _ in range(2)]
    hosts = [np.frombuffer(memory, np.uint8, size) for memory in pinned]
    for host in hosts:
        host[:] = 0
    there = [card.allocate(size) for _ in range(2)]

    def up(stream: Any) -> None:
        runtime.memcpyAsync(there[0].ptr, hosts[0].ctypes.data, size, runtime.memcpyHostToDevice, stream.ptr)

    def down(stream: Any) -> None:
        runtime.memcpyAsync(hosts[1].ctypes.data, there[1].ptr, size, runtime.memcpyDeviceToHost, stream.ptr)

    def both() -> None:
        for _ in range(BUS_COPIES):
            up(streams[0])
            down(streams[1])

    works = {
        "up": lambda: [up(streams[0]) for _ in range(BUS_COPIES)],
        "down": lambda: [down(streams[1]) for _ in range(BUS_COPIES)],
        "up and down at once": both,
    }
    found: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            for stream in streams:
                stream.synchronize()
            found[name].append((time.perf_counter() - start) / BUS_COPIES)
    return {name: statistics.median(spent) for name, spent in found.items()}


def latency(clock: card.Clock, sdev: SDev, stack: Stack) -> dict[str, float]:
    """Seconds of one small frame. The stack's frames take turns, so that none lies in the L2."""
    cupy, method = engine.cupy(), sdev.lattice.interpolation
    turns = [stack.pictures(k, 1) for k in range(stack.frames)]

    def all_turns() -> None:
        for image, out in turns:
            engine.launch(sdev, image, out, method)

    on_card = clock.seconds({ONE: all_turns})[ONE] / stack.frames
    shape = (stack.height, stack.width, 4)
    image, out = _array(stack.source, shape, stack.dtype), _array(stack.target, shape, stack.dtype)
    wait = cupy.cuda.runtime.deviceSynchronize

    def call(work: Callable[[], object], ends: Callable[[], object]) -> float:
        spent = []
        for _ in range(CALLS):
            wait()
            start = time.perf_counter()
            work()
            ends()
            spent.append(time.perf_counter() - start)
        wait()
        return statistics.median(spent)

    def nothing() -> None: ...

    return {
        "on the card, back to back": on_card,
        "sdev.apply(array, out), until the call returns": call(lambda: sdev.apply(image, out), nothing),
        "sdev.apply(array, out), until the frame is done": call(lambda: sdev.apply(image, out), wait),
        "the launch alone, until the frame is done": call(lambda: engine.launch(sdev, *turns[0], method), wait),
    }


def small(stack: Stack, picture: Any) -> Stack:
    """The stack as frames like a small picture, filled with it."""
    found = stack.of_frames(*picture.shape[:2], picture.dtype == np.float16)
    card.tile(found.source.ptr, picture, found.frames)
    return found
