"""The tests of the native engine can fail: each of these changes to its text is caught."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from signal import SIGABRT
from typing import Any

import numpy as np
import pytest
from basics import ENGINES, IN_PLANES, ROOT, grid, make_device, require, run
from compiling import changed_library
from native_samples import METHOD, every_half, fill, odd_floats, only_inside, small_devices, window
from stage_samples import film_stage, showing
from tolerance import POWER, node_bound, stage_error
from truths import TRUTHS
from wide_truths import WIDE_TRUTHS

from lattice.interp import native, reference
from lattice.types import INTERPOLATIONS, Display

pytestmark = pytest.mark.slow

VECTORS = tuple(name for name in ("avx2", "avx512", "neon") if native.instruction_sets().get(name))


def truths_hold(name: str) -> None:
    engines = [engine for engine in (*ENGINES, *IN_PLANES) if engine.instruction_set == name]
    for engine, truth, interpolation in product(engines, (*TRUTHS, *WIDE_TRUTHS), INTERPOLATIONS):
        truth(engine, interpolation)


def bits_are_the_same(name: str) -> None:
    for device in small_devices():
        for image in (every_half()[::7], odd_floats()[::7]):
            found = []
            for each in (name, "portable"):
                with pytest.MonkeyPatch.context() as patch:
                    patch.setenv(native.FORCE, each)
                    found.append(run(ENGINES[1], device, image, np.float32, METHOD))
            is_same = found[0].tobytes() == found[1].tobytes()  # or pytest would spell out how they differ
            assert is_same


def nothing_else_is_written(name: str) -> None:
    for dtype in (np.float16, np.float32):
        for layout in ("packed", "planar"):
            out, room = window((2, 67, 3), dtype, layout)
            fill(out, room, 7)
            image = np.zeros((3, 2, 67), dtype).transpose(1, 2, 0)
            only_inside(out, room, native.apply, small_devices()[-1], image, out, METHOD)


def powers_are_exact(name: str) -> None:
    small = 2.0 ** -np.arange(60).repeat(3)
    image = np.concatenate([small, np.linspace(0, 1, 30_000)]).astype(np.float32).reshape(1, -1, 3)
    for gamma in ("sRGB", 2.4):
        device = make_device(grid(3), METHOD, display=Display(1.0, np.eye(3), gamma))
        wanted = device.display.encode(image.astype(np.float64))
        assert np.abs(run(ENGINES[1], device, image) - wanted).max() < POWER


def film_stages_are_followed(name: str) -> None:
    picture = 2.0 ** np.random.default_rng(2).uniform(-14, 14, (1, 2000, 3)).astype(np.float32)
    for count in (1, 4):
        stage = film_stage(count)
        wanted = reference.expose(stage, picture[0].T.astype(np.float64)).T
        found = run(ENGINES[1], showing(stage), picture)[0]
        assert np.abs(found - wanted).max() <= stage_error(stage) + node_bound(showing(stage), 0.0)


CHECKS = (truths_hold, bits_are_the_same, nothing_else_is_written, powers_are_exact, film_stages_are_followed)


@dataclass(frozen=True)
class Mutant:
    """One change to one file, and the check that must see it."""

    file: str
    old: str
    new: str
    check: Callable[[str], None]

    @property
    def instruction_sets(self) -> tuple[str, ...]:
        """Which to run: block.h and its parts are the vectors' text, the rest the portable engine's."""
        if self.file.startswith("lanes_"):
            return tuple(name for name in VECTORS if self.file == f"lanes_{name}.h")
        if self.file in (FORMS, DISPLAY):  # what these lead to differs by the set
            return VECTORS
        return VECTORS[:1] if self.file in OF_VECTORS else ("portable",)


SHADER_TEXT, ENCODINGS, STRIDES = "pixel_shader.h", "encodings.h", "strides.h"
BLOCK, STAGE, DISPLAY, FORMS = OF_VECTORS = "block.h", "film_stage.h", "display.h", "forms.h"
MUTANTS = {
    "axes swapped": Mutant(
        SHADER_TEXT, "FMA(FMA(corner.r, size, corner.g)", "FMA(FMA(corner.g, size, corner.r)", truths_hold
    ),
    "far corner missed": Mutant(SHADER_TEXT, "int far = r + g + 1;", "int far = r + g;", truths_hold),
    "share cut short": Mutant(SHADER_TEXT, "HALF_MASK 8191", "HALF_MASK 8190", truths_hold),
    "toe dropped": Mutant(ENCODINGS, "x > device.toe ?", "x > 0.0f ?", truths_hold),
    "NaN goes high": Mutant(ENCODINGS, "LEAST(MOST(x, low), high)", "LEAST(MOST(low, x), high)", truths_hold),
    "a term of the power": Mutant(ENCODINGS, "EXP2_5 0.00015", "EXP2_5 0.00011", powers_are_exact),
    "a value too many": Mutant(STRIDES, "i < count - 1;", "i < count;", nothing_else_is_written),
    "least for most": Mutant(
        BLOCK, "least(most(x, splat(low)), splat(high))", "least(least(x, splat(low)), splat(high))", truths_hold
    ),
    "alpha of a neighbour": Mutant(FORMS, "codes.of[k], source + k * W)", "codes.of[k], source)", truths_hold),
    "a plane twice": Mutant(FORMS, "widen(planes[1] + W * block)", "widen(planes[0] + W * block)", truths_hold),
    "one half of a plane for all": Mutant(FORMS, ">> pixel * HALF_BITS", ">> 0 * HALF_BITS", truths_hold),
    "a plane's first block for all": Mutant(FORMS, "store(planes[k] + W * block,", "store(planes[k],", truths_hold),
    "planes not turned": Mutant(FORMS, "        turn(values);\n", "", truths_hold),
    "a plane's rest not read": Mutant(FORMS, "k < 3 && tile.is_in(room)", "k < 0 && tile.is_in(room)", truths_hold),
    "a plane past its end": Mutant(
        FORMS,
        "plane_of(out, row, column, k), planes[k], (width - column)",
        "plane_of(out, row, column, k), planes[k], (width - column + 1)",
        nothing_else_is_written,
    ),
    "the wrong octave": Mutant(DISPLAY, "splat((float)(k + 1 - OCTAVES))", "splat((float)(k - OCTAVES))", truths_hold),
    "small light by the table": Mutant(
        DISPLAY, "!any(less(least_x, splat(octaves.smallest)))", "true", powers_are_exact
    ),
    "another half of AVX2's octaves": Mutant("lanes_avx2.h", "shift_left<5>", "shift_left<6>", truths_hold),
    "AVX-512's octave by a bit too many": Mutant("lanes_avx512.h", "shift_right<23>", "shift_right<22>", truths_hold),
    "another order in a tie": Mutant(
        BLOCK,
        "choose(equal(r, large), square, choose(equal(g, large), row, one))",
        "choose(equal(b, large), one, choose(equal(g, large), row, square))",
        bits_are_the_same,
    ),
    "PQ's bend": Mutant(ENCODINGS, "PQ_BEND 0.1640625f", "PQ_BEND 0.1650625f", truths_hold),
    "luminance without blue": Mutant(ENCODINGS, "HLG_BLUE 0.0593f", "HLG_BLUE 0.0f", truths_hold),
    "HLG without its joint": Mutant(ENCODINGS, "x > HLG_JOINT ? high : low", "high", truths_hold),
    "another block's gain": Mutant(DISPLAY, "device.peak), gain.of[k]", "device.peak), gain.of[0]", truths_hold),
    "PQ without its peak": Mutant(DISPLAY, "multiply(splat(device.peak), raised.of[k])", "raised.of[k]", truths_hold),
    "a film stage's offset": Mutant(STAGE, "splat(step.offset[k])", "splat(0.0f)", bits_are_the_same),
    "a curve's share": Mutant(
        STAGE, "fma(fma(x, end, subtract(splat(middle), whole)), step, low)", "low", bits_are_the_same
    ),
    "a middle beside it": Mutant(STAGE, "step.middle[channel]", "step.middle[channel] + 0.25f", bits_are_the_same),
    "a tile straight by its last block": Mutant(STAGE, "any_is |= any", "any_is = any", bits_are_the_same),
    "a film stage's floor": Mutant(SHADER_TEXT, "hold(c.b, device.floor", "hold(c.b, 0.5f", film_stages_are_followed),
    "a curve of another": Mutant(
        SHADER_TEXT, "start + last + 1, last, device", "start, last, device", film_stages_are_followed
    ),
    "no halves below 0": Mutant(SHADER_TEXT, "BITS(scene) < 0 ? HALF_SIGN_BIT : 0", "false ? 1 : 0", truths_hold),
    "NaN as the largest half": Mutant(SHADER_TEXT, "NAN_PLACE 98304.0f", "NAN_PLACE 65504.0f", truths_hold),
    "held too low": Mutant(SHADER_TEXT, "hold(u.b, 0.0f, 1.0f)", "hold(u.b, 0.0f, 0.5f)", truths_hold),
    "a tile held too low": Mutant(BLOCK, "hold(load(u + i), 0, 1)", "hold(load(u + i), 0, 0.5f)", bits_are_the_same),
    "NaN of either sign": Mutant(BLOCK, "choose(known, side, splat(0))", "side", bits_are_the_same),
    "two roundings for one": Mutant(
        BLOCK,
        "steps = fma(spread<J>(load(places.share[1])), subtract(c2, c1), steps)",
        "steps = add(multiply(spread<J>(load(places.share[1])), subtract(c2, c1)), steps)",
        bits_are_the_same,
    ),
}
CASES = tuple((name, instruction_set) for name in MUTANTS for instruction_set in MUTANTS[name].instruction_sets)
NO_CHANGE = "no change"


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    """The library of each mutant and instruction set, and one without a change."""
    if (reason := native.unavailable_reason()) is not None:
        require("native", reason)
    if shutil.which("c++") is None:
        require("native", "no C++ compiler")

    def compiled(case: tuple[str, str]) -> Path:
        folder, (name, instruction_set) = tmp_path_factory.mktemp("mutant"), case
        vectors = None if instruction_set == "portable" else instruction_set
        if name == NO_CHANGE:
            return changed_library(folder, BLOCK, "\n#define INLINED", "\n#define INLINED", vectors)
        mutant = MUTANTS[name]
        return changed_library(folder, mutant.file, mutant.old, mutant.new, vectors)

    cases = (*((NO_CHANGE, name) for name in ("portable", *VECTORS)), *CASES)
    with ThreadPoolExecutor() as pool:
        return dict(zip(cases, pool.map(compiled, cases), strict=True))


@pytest.fixture
def take(libraries: dict[tuple[str, str], Path], monkeypatch: pytest.MonkeyPatch) -> Any:
    def library(name: str, instruction_set: str) -> None:
        monkeypatch.setenv(native.LIBRARY, str(libraries[name, instruction_set]))
        monkeypatch.setenv(native.FORCE, instruction_set)
        assert native.in_use() == instruction_set

    return library


@pytest.mark.parametrize("check", CHECKS)
def test_what_is_not_changed_passes(check: Any, take: Any) -> None:
    for name in ("portable", *VECTORS):
        take(NO_CHANGE, name)
        check(name)


@pytest.mark.parametrize(("name", "instruction_set"), CASES)
def test_a_change_is_caught(name: str, instruction_set: str, take: Any) -> None:
    take(name, instruction_set)
    with pytest.raises(AssertionError), np.errstate(all="ignore"):
        MUTANTS[name].check(instruction_set)


def fuzzed() -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "tests" / "samples" / "fuzz.py", "3000"]
    return subprocess.run(command, capture_output=True, text=True)


def test_random_calls_find_what_is_wrong(take: Any) -> None:
    take(NO_CHANGE, "portable")
    done = fuzzed()
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("3000 calls on portable")
    take("a value too many", "portable")
    done = fuzzed()
    assert "wrote beside the picture" in done.stdout or done.returncode == -SIGABRT  # of the allocator, whose it was
