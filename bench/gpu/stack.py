"""Whole looks over a stack of frames that lie on the card: in one launch, and frame by frame."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from gpu import card
from gpu.checks import Judged, exact, judge
from work import CHECKED_ROWS

from lattice.gpu import engine
from lattice.gpu.kernel import Picture
from lattice.interp import native
from lattice.sdev import SDev
from lattice.types import INTERPOLATIONS, Interpolation

MOST_FRAMES = 32
FEWEST_FRAMES = 2  # one of float32
MOST_BYTES = 15_000_000_000  # of the card's memory, whatever it has
SHARE = 0.8  # of what the card has left
LAUNCHES = 4  # of a whole stack between two events
COPY = "copy, device to device"


@dataclass(frozen=True)
class Run:
    """A look with one interpolation, its table in shared memory or not."""

    device: SDev
    method: Interpolation
    staged: bool

    @property
    def name(self) -> str:
        """As rows of tables call it."""
        return f"{self.device.name}, {self.method}, table {'in shared memory' if self.staged else 'through L1'}"

    def launch(self, pictures: tuple[Picture, Picture]) -> None:
        """Returns before it is done."""
        engine.launch(self.device, *pictures, self.method, self.staged)


@dataclass(frozen=True)
class Stack:
    """RGBA frames that lie one after another, where they are read and where they are written."""

    height: int
    width: int
    frames: int
    half: bool
    source: Any
    target: Any

    @property
    def frame_bytes(self) -> int:
        """Bytes of a frame."""
        return self.height * self.width * self.pixel_bytes

    @property
    def pixel_bytes(self) -> int:
        """Bytes of a pixel on one side."""
        return 8 if self.half else 16

    @property
    def dtype(self) -> Any:
        """Of the values."""
        return np.float16 if self.half else np.float32

    def pictures(self, first: int, count: int) -> tuple[Picture, Picture]:
        """`count` frames from the first on, as one tall picture: in and out."""
        start, row = first * self.frame_bytes, self.width * self.pixel_bytes
        source, target = (
            Picture(memory.ptr + start, row, self.height * count, self.width, 4, self.half)
            for memory in (self.source, self.target)
        )
        return source, target

    def frame(self, number: int) -> Any:
        """(H, W, 4) of what was written."""
        return card.download(self.target.ptr + number * self.frame_bytes, (self.height, self.width, 4), self.dtype)

    def of_frames(self, height: int, width: int, half: bool) -> Stack:
        """The same memory in frames of another size or type."""
        held = self.frames * self.frame_bytes
        frames = max(1, min(held // (height * width * (8 if half else 16)), 2 * MOST_FRAMES))
        return Stack(height, width, frames, half, self.source, self.target)


def make_stack(height: int, width: int) -> tuple[Stack, list[str]]:
    """MOST_FRAMES half frames, or as many as the card has room for, and a line where they are fewer."""
    size, frames = height * width * 8, MOST_FRAMES
    frames = max(FEWEST_FRAMES, min(frames, int(min(card.free_bytes() * SHARE, MOST_BYTES)) // (2 * size)))
    while True:
        try:
            stack = Stack(height, width, frames, True, card.allocate(frames * size), card.allocate(frames * size))
            break
        except engine.OutOfMemory:
            if frames <= FEWEST_FRAMES:
                sys.exit(f"make bench-gpu: the card has no room for {FEWEST_FRAMES} frames in and out")
            frames = max(FEWEST_FRAMES, frames // 2)
    less = [f"The card had room for {frames} frames in and out only."] if frames < MOST_FRAMES else []
    return stack, less


def runs(devices: Sequence[SDev], stack: Stack) -> list[Run]:
    """Every device with both interpolations, its table staged and not, where it can be."""
    every = [Run(device, method, staged) for device in devices for method in INTERPOLATIONS for staged in (True, False)]
    return [run for run in every if run.staged == planned(run, stack, stack.frames).kernel.table_staged]


def planned(run: Run, stack: Stack, count: int) -> Any:
    """The launch, not done."""
    return engine.plan(run.device).launch(*stack.pictures(0, count), run.method, engine.limits(), run.staged)


def check(run: Run, stack: Stack, picture: Any, per: int) -> Judged:
    """Judge some rows of the stack's first frame, `per` frames a launch; others must be that one again."""
    card.poison(stack.target.ptr, stack.frames * stack.frame_bytes)
    _all_frames(stack, per, run.launch)
    first, rows = stack.frame(0), np.unique(np.linspace(0, stack.height - 1, CHECKED_ROWS).astype(int))
    for number in {stack.frames // 2, stack.frames - 1}:
        if not np.array_equal(stack.frame(number).view(np.uint64), first.view(np.uint64)):
            sys.exit(f"{run.name}: frame {number} of {stack.frames} differs from the first")
    image = picture[rows]
    if native.unavailable_reason() is None:
        same = run.device.apply(image, None, run.method, "native")
        if same.tobytes() != first[rows].tobytes():
            sys.exit(f"{run.name}: other bits than the native engine's")
    return judge(run.device, first[rows], exact(run.device, image, run.method), image[..., 3:], run.name)


def _all_frames(stack: Stack, per: int, launch: Callable[[tuple[Picture, Picture]], None]) -> None:
    for first in range(0, stack.frames, per):
        launch(stack.pictures(first, min(per, stack.frames - first)))


def _copy(stack: Stack, per: int) -> None:
    _all_frames(stack, per, lambda two: card.copy(two[1].address, two[0].address, two[0].row * two[0].height))


def rates(clock: card.Clock, stack: Stack, every: Sequence[Run], per: int) -> dict[str, float]:
    """Pixels a second of each run and of COPY, `per` frames a launch."""
    repeats = LAUNCHES if per == stack.frames else 1
    once: dict[str, Any] = {COPY: partial(_copy, stack, per)}
    once |= {run.name: partial(_all_frames, stack, per, run.launch) for run in every}
    pixels = stack.frames * stack.height * stack.width * repeats
    works = {name: partial(_again, work, repeats) for name, work in once.items()}
    return {name: pixels / seconds for name, seconds in clock.seconds(works).items()}


def _again(work: Callable[[], None], times: int) -> None:
    for _ in range(times):
        work()


def measured(
    clock: card.Clock, stack: Stack, every: Sequence[Run], per: int, pictures: dict[str, Any]
) -> tuple[dict[str, dict[str, float]], dict[str, Judged]]:
    """By picture, pixels a second of each run and COPY; and how near each run was. pictures: (H, W, 4) of the type."""
    found: dict[str, dict[str, float]] = {}
    judged: dict[str, Judged] = {}
    for name, picture in pictures.items():
        card.tile(stack.source.ptr, picture, stack.frames)
        for run in every:
            judged[run.name] = judged.get(run.name, Judged()) + check(run, stack, picture, per)
        found[name] = rates(clock, stack, every, per)
    return found, judged


def kernels(every: Sequence[Run], stack: Stack) -> Iterator[list[str]]:
    """A line a kernel: registers, spilled bytes, threads, shared memory of a block, blocks on a multiprocessor."""
    cupy = engine.cupy()
    driver, capability, seen = cupy.cuda.driver, int(cupy.cuda.Device().compute_capability), set()
    for run in every:
        launch = planned(run, stack, stack.frames)
        if launch.kernel in seen:
            continue
        seen.add(launch.kernel)
        module = cupy.cuda.Module()
        module.load(engine.compiled(launch.kernel, capability))
        pointer = module.get_function("shade_picture").ptr
        driver.funcSetAttribute(pointer, driver.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, launch.shared)
        blocks = driver.occupancyMaxActiveBlocksPerMultiprocessor(pointer, launch.kernel.threads, launch.shared)
        counts = (
            driver.funcGetAttribute(attribute, pointer)
            for attribute in (driver.CU_FUNC_ATTRIBUTE_NUM_REGS, driver.CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES)
        )
        kind = "half" if stack.half else "float32"
        yield [f"{kind}, {run.name}", *map(str, counts), str(launch.kernel.threads), str(launch.shared), str(blocks)]
