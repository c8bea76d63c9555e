"""The kernel as NVRTC compiles it, which needs no GPU: no warnings, no spills, and floats computed as spelled."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from compiling import by_nvrtc

from lattice.gpu.kernel import Kernel, Limits, Picture, Plan, source
from lattice.interp import shader
from lattice.types import INTERPOLATIONS, Lattice, SDevData, Table

pytestmark = pytest.mark.slow

SHARED = {75: 65536, 80: 166912, 89: 101376, 90: 232448, 100: 232448}  # bytes that a block may have, by capability
REGISTERS = 65536  # of a multiprocessor, in portions of 8 a thread. Source: CUDA C++ Programming Guide, Table 21
PORTION = 8
EVERYTHING = shader.FILM | shader.TABLE | shader.EXPONENT | shader.LIGHT | shader.FLOOR
MADE_UP = {
    "nothing": 0,
    "a root": EVERYTHING | shader.ROOT,
    "a power": EVERYTHING | shader.POWER,
    "a film stage": shader.FILM | shader.LOG | shader.CUBE | shader.LIGHT | shader.ROOT,
    "a table past the lattice": EVERYTHING | shader.ROOT | shader.SIGNED | shader.HOLD,
    "a cube": shader.TABLE | shader.CUBE | shader.FLOOR,
}
LOOKS = ("premier", "premier-5219", "premier-camera", "premier-scan")
KINDS = list(product((3, 4), (False, True), (False, True)))  # channels, half in, half out
# The compiler would rather spill up to 8 registers of a few kernels than keep 65; not of a look's on 9.0 where rows are
# whole packets.
MOST_SPILLED = 32


def kernels(stages: int) -> list[Kernel]:
    """Of every kind of pixels, both methods."""
    return [
        Kernel(13, stages, *kind, by_tetrahedra, True, True, True, bool(stages & shader.TABLE))
        for kind in KINDS
        for by_tetrahedra in (True, False)
    ]


def kernels_of(device: SDevData, shared: int, sizes: Iterable[tuple[int, int, int]] = ((1, 1, 0),)) -> set[Kernel]:
    """What a GPU with so much shared memory runs. sizes: of pictures, height, width, bytes past 16 of the address."""
    plan, found = Plan.of(device, 0, 0), set()
    for (height, width, start), (channels, *half), staged in product(sizes, KINDS, (False, True)):
        image, out = (
            Picture(start, width * channels * (2 if each else 4) + 16 * (height > 1), height, width, channels, each)
            for each in half
        )
        for method in INTERPOLATIONS:
            found.add(plan.launch(image, out, method, Limits(132, shared), staged).kernel)
    return found


def faults(kernel: Kernel, log: str) -> list[str]:
    """What a compilation's log says against it."""
    registers = int(re.findall(r"Used (\d+) registers", log)[0])
    held = -(-registers // PORTION) * PORTION * kernel.threads
    memory = re.findall(r"(\d+) bytes (stack frame|spill stores|spill loads)", log)
    assert len(memory) == 3
    return (
        [f"{size} bytes {what}" for size, what in memory if int(size)]
        + ["warning"] * ("warning" in log.lower())
        + [f"{registers} registers"] * (held > REGISTERS)
    )


def check(asked: Iterable[Kernel], architecture: int, spilled: int = 0) -> None:
    def found(kernel: Kernel) -> list[str]:
        said = faults(kernel, by_nvrtc(source(), kernel.options, f"sm_{architecture}")[1])
        return [fault for fault in said if "bytes" not in fault or int(fault.split()[0]) > spilled]

    asked = list(asked)
    by_nvrtc(source(), asked[0].options, "compute_75")  # skips in this thread where there is no compiler
    with ThreadPoolExecutor() as pool:
        said = dict(zip(asked, pool.map(found, asked), strict=True))
    assert not {kernel: words for kernel, words in said.items() if words}


@pytest.mark.parametrize("look", LOOKS)
def test_the_kernels_of_looks_fit_the_processor(look: str, built: Callable[[str], Any]) -> None:
    asked = [kernel for kernel in kernels_of(built(look), SHARED[90]) if kernel.by_tetrahedra or look == LOOKS[0]]
    has_table = isinstance(built(look).table, Table)
    assert any(kernel.table_staged for kernel in asked) == has_table
    check(asked, 90, 0 if has_table else MOST_SPILLED)


@pytest.mark.parametrize("architecture", [each for each in SHARED if each != 90])
def test_the_kernels_of_a_look_fit_other_processors(architecture: int, premier: Any) -> None:
    check(kernels_of(premier, SHARED[architecture]), architecture, MOST_SPILLED)


@pytest.mark.parametrize("architecture", SHARED)
def test_the_kernels_of_any_display_fit_the_processor(architecture: int) -> None:
    asked = [kernel for stages in MADE_UP.values() for kernel in kernels(stages)]
    check(asked[::2] if architecture == 90 else asked[::5], architecture, MOST_SPILLED)


def test_a_kernel_fits_wherever_pictures_lie(premier: Any) -> None:
    asked = kernels_of(premier, SHARED[90], ((2, 16, 0), (2, 17, 0), (2, 16, 2)))
    assert {(kernel.wide, kernel.whole) for kernel in asked} == {(False, False), (True, False), (True, True)}
    check((kernel for kernel in asked if kernel.by_tetrahedra and not kernel.whole), 90, MOST_SPILLED)


@pytest.mark.parametrize("size", [33, 65])
def test_the_kernels_of_large_lattices_fit_the_processor(size: int, premier: Any) -> None:
    nodes = np.random.default_rng(size).uniform(0, 1, (size, size, size, 3))
    asked = kernels_of(replace(premier, lattice=Lattice(nodes, "trilinear")), SHARED[90])
    assert not any(kernel.nodes_staged for kernel in asked)
    check(asked, 90)


def not_as_spelled(ptx: str) -> list[str]:
    """Instructions that flush denormals, are only near the exact result, or may be joined to others."""
    return re.findall(r"\w[\w.]*\.(?:ftz|approx)\b\S*|\b(?:mul|add|sub)\.f32\b", ptx)


@pytest.mark.parametrize("stages", MADE_UP.values(), ids=MADE_UP)
def test_floats_are_computed_as_they_are_spelled(stages: int) -> None:
    for kernel in kernels(stages)[::5]:
        assert {"--fmad=false", "--ftz=false"} <= set(kernel.options)
        ptx = by_nvrtc(source(), kernel.options, "compute_90")[0]
        assert "fma.rn.f32" in ptx
        assert not not_as_spelled(ptx)


FAST = {
    "denormals flushed": ("--ftz=false", "--ftz=true", ".ftz"),
    "everything fast": ("--ftz=false", "--use_fast_math", ".ftz"),
    "products joined to sums": ("--fmad=false", "--fmad=true", "mul.f32"),
}


@pytest.mark.parametrize(("old", "new", "says"), FAST.values(), ids=FAST)
def test_floats_that_are_not_are_caught(old: str, new: str, says: str) -> None:
    kernel = kernels(MADE_UP["a root"])[0]
    options = [new if option == old else option for option in kernel.options]
    assert any(says in word for word in not_as_spelled(by_nvrtc(source(), options, "compute_90")[0]))


def test_a_warning_and_a_spill_are_caught(premier: Any) -> None:
    kernel = Kernel(13, shader.stages(premier), 3, False, True, True, True, True, True, True)
    log = by_nvrtc("#warning made up\n" + source(), kernel.options, "sm_90")[1]
    assert "warning" in faults(kernel, log)
    crowded = [*kernel.options, "--maxrregcount=32"]
    options = [option.replace("-DTHREADS=512", "-DTHREADS=1024") for option in crowded]
    assert any("spill" in fault for fault in faults(kernel, by_nvrtc(source(), options, "sm_90")[1]))
    assert faults(
        replace(kernel, channels=4), "0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads\nUsed 65 registers"
    ) == ["65 registers"]


def test_a_broken_text_is_refused() -> None:
    with pytest.raises(AssertionError, match="expected"):
        by_nvrtc(source().replace("int far = r + g + 1;", "int far = r + g + 1"), kernels(0)[0].options, "compute_90")


@pytest.mark.parametrize("architecture", [75, 80, 90])
def test_halves_are_held_to_the_part_of_the_table_that_is_staged(architecture: int) -> None:
    kernel = Kernel(13, MADE_UP["a cube"], 3, True, True, True, True, True, True, True)
    held = "hold_halves(scene.words[i], low, high)"
    assert held in source()
    ptx, not_held = (
        by_nvrtc(text, kernel.options, f"compute_{architecture}")[0]
        for text in (source(), source().replace(held, "scene.words[i]"))
    )
    assert re.findall(r"\bm(?:ax|in)\.\S+", ptx) != re.findall(r"\bm(?:ax|in)\.\S+", not_held)
