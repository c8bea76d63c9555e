"""The tests of the kernel can fail: each of these changes to its text is caught where it runs on the host."""

from __future__ import annotations

import faulthandler
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import halves, require
from compiling import Kinds, build_kernels
from gpu_samples import by_gpu, by_native, differing, pitched, random_picture, sdev_of, staged_devices
from host_cupy import LIBRARIES, in_place_of_cupy, ndarray
from native_samples import METHOD, only_inside, sets_here, small_devices

pytestmark = pytest.mark.slow

TYPES = (np.float32, np.float16)


def pictures(kinds: Kinds) -> tuple[Any, ...]:
    """Every half in order, a row of white, and rows of an odd length."""
    channels, half_in, _ = kinds
    every = np.resize(halves(), (1, 65536, channels))
    with np.errstate(over="ignore", invalid="ignore"):
        return tuple(
            each.astype(TYPES[half_in])
            for each in (every, np.ones((1, 9, channels)), random_picture((7, 61, channels), np.float32))
        )


def bits_are_the_cpus(kinds: Kinds) -> None:
    for device in (*small_devices(), *staged_devices()):
        for image in pictures(kinds):
            out_type = TYPES[kinds[2]]
            assert differing(by_gpu(device, image, out_type), by_native(device, image, out_type)) == 0


def in_place_each_pixel_is_shaded_once(kinds: Kinds) -> None:
    for shape in ((1, 60_001, kinds[0]), (20, 61, kinds[0])):
        image = random_picture(shape, TYPES[kinds[1]])
        view, _ = pitched(image, gap=4)
        sdev_of().apply(ndarray(view), ndarray(view), METHOD)
        assert differing(view, by_native(small_devices()[-1], image)) == 0


def nothing_else_is_written(kinds: Kinds) -> None:
    for width in (61, 64):
        image = random_picture((20, width, kinds[0]), TYPES[kinds[1]])
        wanted = by_native(small_devices()[-1], image, TYPES[kinds[2]])
        for gap, out_gap in ((0, 16), (32, 4), (4, 0)):
            view, _ = pitched(image, 0, gap)
            out, room = pitched(np.full(image.shape, 7, TYPES[kinds[2]]), 0, out_gap)
            found = only_inside(out, room, sdev_of().apply, ndarray(view), ndarray(out), METHOD)
            assert differing(found, wanted) == 0


CHECKS = (bits_are_the_cpus, in_place_each_pixel_is_shaded_once, nothing_else_is_written)


@dataclass(frozen=True)
class Mutant:
    """One change to kernel.cu, the check that must see it, and the pixels it is looked for in."""

    old: str
    new: str
    check: Callable[[Kinds], None] = bits_are_the_cpus
    kinds: Kinds = (3, 1, 1)


MUTANTS = {
    "no barrier": Mutant("    __syncthreads();\n", ""),
    "a barrier before the table": Mutant(
        "    if (TABLE_STAGED) {\n", "    __syncthreads();\n    if (TABLE_STAGED) {\n"
    ),
    "a node short": Mutant("i < NODES; i += THREADS) nodes[i]", "i < NODES - 1; i += THREADS) nodes[i]"),
    "an octave short": Mutant("i < OCTAVES; i += THREADS) octaves", "i < OCTAVES - 1; i += THREADS) octaves"),
    "an entry short": Mutant("i < device.span; i += THREADS", "i < device.span - 1; i += THREADS"),
    "the table one off": Mutant("+ code - device.first]", "+ code - device.first + 1]"),
    "first ignored": Mutant("+ code - device.first]", "+ code]"),
    "staged from the start": Mutant("channel * HALF_CODES + device.first + i]", "channel * HALF_CODES + i]"),
    "a channel's table for another": Mutant(
        "return __ldg(device.table + channel * HALF_CODES + code)",
        "return __ldg(device.table + (channel ^ 1) * HALF_CODES + code)",
    ),
    "halves not held": Mutant("= hold_halves(scene.words[i], low, high)", "= scene.words[i]"),
    "held too low": Mutant("(device.span - 1) * 0x10001u", "(device.span - 3) * 0x10001u"),
    "nodes over octaves": Mutant("(float4*)(octaves + OCTAVES)", "(float4*)(octaves + OCTAVES - 16)"),
    "the table over nodes": Mutant("? nodes + NODES : nodes", "? nodes + NODES - 1 : nodes"),
    "past shared memory": Mutant("? nodes + NODES : nodes", "? nodes + NODES + 1 : nodes"),
    "alpha dropped": Mutant("if (CHANNELS == 4) put_value", "if (CHANNELS == 5) put_value", kinds=(4, 1, 1)),
    "alpha not converted": Mutant("if (HALF_IN == HALF_OUT) return alpha;", "return alpha;", kinds=(4, 1, 0)),
    "alpha from what is held": Mutant("carry(value_of(in, i + 3))", "carry(value_of(scene, i + 3))", kinds=(4, 1, 1)),
    "halves of a word turned": Mutant("words[i / 2] >> (i % 2 * 16)", "words[i / 2] >> ((i + 1) % 2 * 16)"),
    "the next packet is the same": Mutant("            from += (long long)step * PIXEL_IN;\n", ""),
    "the next packet is the neighbour's": Mutant("from += (long long)step * PIXEL_IN", "from += PIXELS * PIXEL_IN"),
    "the next packet is not awaited": Mutant("scene = next;\n", "", in_place_each_pixel_is_shaded_once),
    "all over one packet": Mutant("            to += (long long)step * PIXEL_OUT;\n", ""),
    "in's pixels for out's": Mutant(
        "to += (long long)step * PIXEL_OUT", "to += (long long)step * PIXEL_IN", kinds=(3, 0, 1)
    ),
    "a step of one block": Mutant(
        "step = gridDim.x * THREADS * PIXELS", "step = THREADS * PIXELS", in_place_each_pixel_is_shaded_once
    ),
    "blocks on one another": Mutant("(blockIdx.x * THREADS + threadIdx.x) * PIXELS", "threadIdx.x * PIXELS"),
    "rows left out": Mutant("row += gridDim.y", "row += gridDim.y + 1", nothing_else_is_written),
    "every row by every block": Mutant("int row = blockIdx.y;", "int row = 0;", in_place_each_pixel_is_shaded_once),
    "the other's rows": Mutant(
        "work.in.pixels + row * work.in.row", "work.in.pixels + row * work.out.row", nothing_else_is_written
    ),
    "its own rows": Mutant(
        "work.out.pixels + row * work.out.row", "work.out.pixels + row * work.in.row", nothing_else_is_written
    ),
    "past the width": Mutant(
        "if (i / CHANNELS >= left) break;", "if (i / CHANNELS > left) break;", nothing_else_is_written
    ),
    "short of the width": Mutant("if (i / CHANNELS >= left) break;", "if (i / CHANNELS >= left - 1) break;"),
    "a pixel at the end unread": Mutant("if (i / CHANNELS < left) value", "if (i / CHANNELS < left - 1) value"),
    "a whole packet at the end": Mutant(
        "(char* to, int left, const Packet<HALF>& packet) {\n    if (WIDE && (WHOLE || left >= PIXELS)) {",
        "(char* to, int left, const Packet<HALF>& packet) {\n    if (WIDE) {",
        nothing_else_is_written,
    ),
    "16 bytes anywhere": Mutant(
        "Packet<HALF> packet;\n    if (WIDE && (", "Packet<HALF> packet;\n    if ((", nothing_else_is_written
    ),
    "the last packet left out": Mutant("left > 0; left -= step", "left >= PIXELS; left -= step"),
    "floats through the halves' way": Mutant("    if (HALF_IN && (STAGES", "    if ((STAGES", kinds=(3, 0, 1)),
    "a half's way past the 3x3": Mutant(
        "(STAGES & (STAGE_FILM | STAGE_TABLE)) == STAGE_TABLE)\n        return",
        "(STAGES & STAGE_TABLE) == STAGE_TABLE)\n        return",
    ),
    "the other method": Mutant("look_through(device, BY_TETRAHEDRA, u)", "look_through(device, !BY_TETRAHEDRA, u)"),
}
NO_CHANGE = "no change"


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[Kinds, Path]]:
    """Each mutant's library, and those without a change."""
    if shutil.which("c++") is None:
        require("native", "no C++ compiler")

    def compiled(name: str) -> dict[Kinds, Path]:
        folder = tmp_path_factory.mktemp("mutant")
        if name == NO_CHANGE:
            return build_kernels(folder, sorted({mutant.kinds for mutant in MUTANTS.values()}))
        return build_kernels(folder, [MUTANTS[name].kinds], MUTANTS[name].old, MUTANTS[name].new)

    names = (NO_CHANGE, *MUTANTS)
    with ThreadPoolExecutor() as pool:
        return dict(zip(names, pool.map(compiled, names), strict=True))


@contextmanager
def running(libraries: dict[Kinds, Path]) -> Iterator[None]:
    """The GPU runs these, and stages the table where it can."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lattice.gpu.kernel.PIXELS_TO_STAGE", 64)
        for kinds, path in libraries.items():
            patch.setitem(LIBRARIES, kinds, path)
        with in_place_of_cupy():
            yield


@pytest.mark.parametrize("check", CHECKS)
def test_what_is_not_changed_passes(check: Any, libraries: Any) -> None:
    sets_here()
    for kinds in libraries[NO_CHANGE]:
        if check is not in_place_each_pixel_is_shaded_once or kinds[1] == kinds[2]:
            with running(libraries[NO_CHANGE]):
                check(kinds)


def is_caught(mutant: Mutant, libraries: dict[Kinds, Path]) -> bool:
    """Whether the check fails, in a process of its own: what reads anywhere may crash it, and is caught then, too."""
    child = os.fork()
    if child == 0:
        faulthandler.disable()
        found = 2
        try:
            with np.errstate(all="ignore"), running(libraries):
                mutant.check(mutant.kinds)
            found = 0
        except AssertionError:
            found = 1
        finally:
            os._exit(found)
    found = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert found < 2, "another error"
    return found in (1, -signal.SIGSEGV, -signal.SIGBUS, -signal.SIGABRT)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize("name", MUTANTS)
def test_a_change_is_caught(name: str, libraries: Any) -> None:
    sets_here()
    assert not is_caught(MUTANTS[name], libraries[NO_CHANGE])
    assert is_caught(MUTANTS[name], libraries[name])
