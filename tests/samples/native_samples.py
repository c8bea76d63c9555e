"""What the tests of the native engine share: odd pixels, made-up devices, and windows into larger memory."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import ENGINES, halves, make_device, plain_table, random_device, require
from stage_samples import lifting_stage, staged_by_film
from truths import SRGB

from lattice.interp import native
from lattice.types import Display, SDevData, Table

METHOD = "tetrahedral"  # of a test that holds whatever the interpolation
# Every test of it runs on each instruction set that is here, and on the GPU's kernels.
EVERY_SET = pytest.mark.parametrize(
    "engine", ENGINES[1:], indirect=True, ids=lambda engine: engine.instruction_set or engine.fixture
)
CHECKED = "asan" in os.environ.get("LD_PRELOAD", "")  # the sanitizers' own memory and speed hide the engine's

SIZES = (3, 13, 17, 33)
# Exponent and gamma of each display: every stage there and left out, powers above and below 1.
SHOWS: tuple[tuple[float, Any], ...] = (
    (3, "sRGB"),
    (3, 2.4),
    (1, 1),
    (1, 0.5),
    (2.2, 8),
    (0.4, "sRGB"),
    (3, 1),
    (2.2, 1),
    (0.4, 2.4),
    (1, "sRGB"),
    (3, "PQ"),
    (1, "HLG"),
)


def sets_here() -> list[str]:
    """The instruction sets that this processor has, two at least: one alone would agree with itself."""
    if (reason := native.unavailable_reason()) is not None:
        require("native", reason)
    names = [name for name, is_here in native.instruction_sets().items() if is_here]
    if len(names) < 2:
        require("native", f"this processor has no instruction set to compare with {names[0]}")
    return names


def devices_shown(exponent: float, gamma: Any) -> Iterable[SDevData]:
    """Devices of one display: random nodes around [0, 1]; with and without input matrix, table and display matrix."""
    for i in range(4):
        size = SIZES[(i + SHOWS.index((exponent, gamma))) % len(SIZES)]
        random = np.random.default_rng(size)
        yield make_device(
            random.uniform(-0.2, 1.2, (size, size, size, 3)),
            METHOD,
            random_table() if i % 2 else plain_table(),
            Display(exponent, SRGB.matrix if i in (0, 3) else np.eye(3), gamma),
            np.array([[0.7, 0.4, -0.1], [0.1, 0.8, 0.1], [-0.3, 0.2, 1.1]]) if i // 2 else None,
        )


@cache
def random_table() -> Any:
    return random_device(METHOD, 3).table


@cache
def every_half() -> Any:
    """Each half as a gray, then each in a mixed pixel, with each as alpha: (512, 256, 4) float16."""
    random = np.random.default_rng(0)
    gray = np.repeat(halves()[:, None], 4, axis=1)
    mixed = np.stack([random.permutation(halves()) for _ in range(4)], axis=1)
    return np.concatenate([gray, mixed]).reshape(512, 256, 4)


@cache
def odd_floats() -> Any:
    """Floats over the whole range, as grays and mixed: (256, 256, 4) float32."""
    random, limit = np.random.default_rng(1), 6000
    finite = halves()[:0x7C00].astype(np.float32)
    near_largest = (np.float32(65504).view(np.int32) + np.arange(-500, 500, dtype=np.int32)).view(np.float32)
    values = np.concatenate(
        [
            np.asarray(part, np.float32)
            for part in (  # one by one: signalling NaN stay so
                random.integers(0, 1 << 32, limit, dtype=np.uint32).view(np.float32),  # NaN and denormals among them
                2.0 ** random.uniform(-150, 128, limit),
                random.uniform(-1, 2, limit),
                2.0 ** random.uniform(-26, -13, limit),
                finite[:3000],
                random.choice(finite, limit),
                (finite[1:] + finite[:-1]) / 2,
                near_largest,
                [
                    -0.0,
                    np.nan,
                    np.inf,
                    -np.inf,
                    1,
                    -1,
                    65504,
                    65505,
                    65519.99,
                    65520,
                    65536,
                    2.0**-14,
                    2.0**-24,
                    2.0**-25,
                ],
            )
        ]
    )
    gray = np.repeat(random.permutation(values)[: 128 * 256, None], 4, axis=1)
    mixed = np.stack([random.choice(values, 128 * 256) for _ in range(4)], axis=1)
    return np.concatenate([gray, mixed]).reshape(256, 256, 4)


def bits(image: Any) -> Any:
    """A picture's bits as whole numbers, so that NaN equals itself and 0 differs from -0."""
    return np.ascontiguousarray(image).view(f"u{image.dtype.itemsize}")


# How a picture lies in memory: the axes from the slowest to the fastest, and the step along rows, columns, channels.
LAYOUTS: dict[str, tuple[tuple[int, int, int], tuple[int, int, int]]] = {
    "packed": ((0, 1, 2), (1, 1, 1)),
    "planar": ((2, 0, 1), (1, 1, 1)),
    "fortran": ((2, 1, 0), (1, 1, 1)),
    "transposed": ((1, 0, 2), (1, 1, 1)),
    "flipped": ((0, 1, 2), (-1, -1, 1)),
    "bgr": ((0, 1, 2), (1, 1, -1)),
    "every other": ((0, 1, 2), (2, 3, 1)),
    "channels apart": ((0, 1, 2), (1, 1, 2)),
    "all backwards": ((1, 2, 0), (-2, -1, -1)),
}


def window(shape: Any, dtype: Any, layout: str, margins: tuple[int, int, int] = (2, 3, 0), shift: int = 0) -> Any:
    """A view (H, W, C) into more memory than it needs, and all of that memory as bytes.

    margins: elements around it along each axis. shift: bytes before the first element; odd ones are unaligned.
    """
    order, steps = LAYOUTS[layout]
    extents = [length * abs(step) + 2 * margin for length, step, margin in zip(shape, steps, margins, strict=True)]
    room = np.empty(math.prod(extents) * np.dtype(dtype).itemsize + shift, np.uint8)
    array = np.ndarray([extents[axis] for axis in order], dtype, room, shift)
    array = array.transpose([order.index(axis) for axis in range(3)])
    inside = tuple(
        slice(margin, margin + length * abs(step), abs(step))
        for length, step, margin in zip(shape, steps, margins, strict=True)
    )
    return array[inside][tuple(slice(None, None, -1 if step < 0 else 1) for step in steps)], room


MARKS = np.resize(np.arange(256, dtype=np.uint8), 1 << 22)  # as many as the largest window has bytes


def fill(view: Any, room: Any, image: Any) -> None:
    """Put a picture into a window, marks all around it."""
    room[:] = MARKS[: len(room)]
    view[...] = image


def only_inside(view: Any, room: Any, call: Callable[..., object], *arguments: Any) -> Any:
    """What the call writes into a window: it may write nothing else. The memory is as before afterwards."""
    before, pixels = room.copy(), view.copy()
    call(*arguments)
    found = view.copy()
    view[...] = pixels
    assert np.array_equal(room, before), f"{np.count_nonzero(room != before)} bytes written beside the picture"
    return found


def small_devices() -> tuple[SDevData, ...]:
    """One that shows its lattice's values as they are, and where grays lie in a tie; one with a table; one with a film
    stage; one with a stage whose curves are lines in part; one whose table goes past an even lattice; one with a table
    and all around it."""
    bare, tabled = random_device(METHOD, 3), random_device(METHOD, 5, SRGB)
    even, past = np.random.default_rng(4).uniform(0, 1, (4, 4, 4, 3)), Table(3 * random_table().values - 1)
    return (
        make_device(bare.lattice.nodes, METHOD),
        tabled,
        staged_by_film(),
        make_device(tabled.lattice.nodes, METHOD, lifting_stage(), SRGB, SRGB.matrix),
        make_device(even, METHOD, past),
        make_device(tabled.lattice.nodes, METHOD, tabled.table, SRGB, SRGB.matrix),
    )


START = """
import os, sys
import numpy as np
from basics import random_device
from truths import SRGB
from lattice.sdev import SDev
sdev = SDev.from_device(random_device("tetrahedral", display=SRGB))
"""


def run_script(script: str) -> str:
    """What a fresh Python prints that has an `sdev`; it must end well, and soon."""
    done = subprocess.run(
        [sys.executable, "-c", START + script],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
